#include "CPages.h"

// One entry for each file of Docs/diagnostics and Schemas; a test compares the lists with the folders.

static const unsigned char page_batch_reading[] = {
#embed "../../Docs/diagnostics/batch-reading.md"
};
static const unsigned char page_channel_order[] = {
#embed "../../Docs/diagnostics/channel-order.md"
};
static const unsigned char page_degenerate_activation[] = {
#embed "../../Docs/diagnostics/degenerate-activation.md"
};
static const unsigned char page_device_memory[] = {
#embed "../../Docs/diagnostics/device-memory.md"
};
static const unsigned char page_double_softmax[] = {
#embed "../../Docs/diagnostics/double-softmax.md"
};
static const unsigned char page_dtype_mismatch[] = {
#embed "../../Docs/diagnostics/dtype-mismatch.md"
};
static const unsigned char page_duplicate_argument[] = {
#embed "../../Docs/diagnostics/duplicate-argument.md"
};
static const unsigned char page_duplicate_name[] = {
#embed "../../Docs/diagnostics/duplicate-name.md"
};
static const unsigned char page_duplicate_section[] = {
#embed "../../Docs/diagnostics/duplicate-section.md"
};
static const unsigned char page_empty_search_space[] = {
#embed "../../Docs/diagnostics/empty-search-space.md"
};
static const unsigned char page_expansion_limit[] = {
#embed "../../Docs/diagnostics/expansion-limit.md"
};
static const unsigned char page_implicit_broadcast[] = {
#embed "../../Docs/diagnostics/implicit-broadcast.md"
};
static const unsigned char page_implicit_conversion[] = {
#embed "../../Docs/diagnostics/implicit-conversion.md"
};
static const unsigned char page_import_cycle[] = {
#embed "../../Docs/diagnostics/import-cycle.md"
};
static const unsigned char page_import_not_found[] = {
#embed "../../Docs/diagnostics/import-not-found.md"
};
static const unsigned char page_input_count[] = {
#embed "../../Docs/diagnostics/input-count.md"
};
static const unsigned char page_integer_overflow[] = {
#embed "../../Docs/diagnostics/integer-overflow.md"
};
static const unsigned char page_invalid_argument[] = {
#embed "../../Docs/diagnostics/invalid-argument.md"
};
static const unsigned char page_invalid_setting[] = {
#embed "../../Docs/diagnostics/invalid-setting.md"
};
static const unsigned char page_invalid_utf8[] = {
#embed "../../Docs/diagnostics/invalid-utf8.md"
};
static const unsigned char page_label_mismatch[] = {
#embed "../../Docs/diagnostics/label-mismatch.md"
};
static const unsigned char page_layer_spelling[] = {
#embed "../../Docs/diagnostics/layer-spelling.md"
};
static const unsigned char page_loss_mismatch[] = {
#embed "../../Docs/diagnostics/loss-mismatch.md"
};
static const unsigned char page_missing_argument[] = {
#embed "../../Docs/diagnostics/missing-argument.md"
};
static const unsigned char page_missing_section[] = {
#embed "../../Docs/diagnostics/missing-section.md"
};
static const unsigned char page_no_current_value[] = {
#embed "../../Docs/diagnostics/no-current-value.md"
};
static const unsigned char page_not_constant[] = {
#embed "../../Docs/diagnostics/not-constant.md"
};
static const unsigned char page_not_divisible[] = {
#embed "../../Docs/diagnostics/not-divisible.md"
};
static const unsigned char page_old_form[] = {
#embed "../../Docs/diagnostics/old-form.md"
};
static const unsigned char page_onnx_check[] = {
#embed "../../Docs/diagnostics/onnx-check.md"
};
static const unsigned char page_rank_mismatch[] = {
#embed "../../Docs/diagnostics/rank-mismatch.md"
};
static const unsigned char page_recursive_definition[] = {
#embed "../../Docs/diagnostics/recursive-definition.md"
};
static const unsigned char page_search_space_error[] = {
#embed "../../Docs/diagnostics/search-space-error.md"
};
static const unsigned char page_self_merge[] = {
#embed "../../Docs/diagnostics/self-merge.md"
};
static const unsigned char page_shape_mismatch[] = {
#embed "../../Docs/diagnostics/shape-mismatch.md"
};
static const unsigned char page_size_too_small[] = {
#embed "../../Docs/diagnostics/size-too-small.md"
};
static const unsigned char page_syntax_error[] = {
#embed "../../Docs/diagnostics/syntax-error.md"
};
static const unsigned char page_too_many_arguments[] = {
#embed "../../Docs/diagnostics/too-many-arguments.md"
};
static const unsigned char page_undefined_name[] = {
#embed "../../Docs/diagnostics/undefined-name.md"
};
static const unsigned char page_unknown_argument[] = {
#embed "../../Docs/diagnostics/unknown-argument.md"
};
static const unsigned char page_unknown_device[] = {
#embed "../../Docs/diagnostics/unknown-device.md"
};
static const unsigned char page_unknown_layer[] = {
#embed "../../Docs/diagnostics/unknown-layer.md"
};
static const unsigned char page_unknown_loss[] = {
#embed "../../Docs/diagnostics/unknown-loss.md"
};
static const unsigned char page_unknown_metric[] = {
#embed "../../Docs/diagnostics/unknown-metric.md"
};
static const unsigned char page_unknown_optimizer[] = {
#embed "../../Docs/diagnostics/unknown-optimizer.md"
};
static const unsigned char page_unprovable_shape[] = {
#embed "../../Docs/diagnostics/unprovable-shape.md"
};
static const unsigned char page_unsupported_by_target[] = {
#embed "../../Docs/diagnostics/unsupported-by-target.md"
};
static const unsigned char page_unterminated_string[] = {
#embed "../../Docs/diagnostics/unterminated-string.md"
};
static const unsigned char page_unused_allow[] = {
#embed "../../Docs/diagnostics/unused-allow.md"
};
static const unsigned char page_unused_definition[] = {
#embed "../../Docs/diagnostics/unused-definition.md"
};
static const unsigned char page_unused_search_method[] = {
#embed "../../Docs/diagnostics/unused-search-method.md"
};
static const unsigned char page_unused_value[] = {
#embed "../../Docs/diagnostics/unused-value.md"
};
static const unsigned char schema_check[] = {
#embed "../../Schemas/check.schema.json"
};
static const unsigned char schema_devices[] = {
#embed "../../Schemas/devices.schema.json"
};
static const unsigned char schema_project[] = {
#embed "../../Schemas/project.schema.json"
};
static const unsigned char schema_settings[] = {
#embed "../../Schemas/settings.schema.json"
};
static const unsigned char schema_summary[] = {
#embed "../../Schemas/summary.schema.json"
};

const struct embedded_page *diagnostic_pages(size_t *count) {
  static const struct embedded_page entries[] = {
      {"batch-reading", page_batch_reading, sizeof page_batch_reading},
      {"channel-order", page_channel_order, sizeof page_channel_order},
      {"degenerate-activation", page_degenerate_activation, sizeof page_degenerate_activation},
      {"device-memory", page_device_memory, sizeof page_device_memory},
      {"double-softmax", page_double_softmax, sizeof page_double_softmax},
      {"dtype-mismatch", page_dtype_mismatch, sizeof page_dtype_mismatch},
      {"duplicate-argument", page_duplicate_argument, sizeof page_duplicate_argument},
      {"duplicate-name", page_duplicate_name, sizeof page_duplicate_name},
      {"duplicate-section", page_duplicate_section, sizeof page_duplicate_section},
      {"empty-search-space", page_empty_search_space, sizeof page_empty_search_space},
      {"expansion-limit", page_expansion_limit, sizeof page_expansion_limit},
      {"implicit-broadcast", page_implicit_broadcast, sizeof page_implicit_broadcast},
      {"implicit-conversion", page_implicit_conversion, sizeof page_implicit_conversion},
      {"import-cycle", page_import_cycle, sizeof page_import_cycle},
      {"import-not-found", page_import_not_found, sizeof page_import_not_found},
      {"input-count", page_input_count, sizeof page_input_count},
      {"integer-overflow", page_integer_overflow, sizeof page_integer_overflow},
      {"invalid-argument", page_invalid_argument, sizeof page_invalid_argument},
      {"invalid-setting", page_invalid_setting, sizeof page_invalid_setting},
      {"invalid-utf8", page_invalid_utf8, sizeof page_invalid_utf8},
      {"label-mismatch", page_label_mismatch, sizeof page_label_mismatch},
      {"layer-spelling", page_layer_spelling, sizeof page_layer_spelling},
      {"loss-mismatch", page_loss_mismatch, sizeof page_loss_mismatch},
      {"missing-argument", page_missing_argument, sizeof page_missing_argument},
      {"missing-section", page_missing_section, sizeof page_missing_section},
      {"no-current-value", page_no_current_value, sizeof page_no_current_value},
      {"not-constant", page_not_constant, sizeof page_not_constant},
      {"not-divisible", page_not_divisible, sizeof page_not_divisible},
      {"old-form", page_old_form, sizeof page_old_form},
      {"onnx-check", page_onnx_check, sizeof page_onnx_check},
      {"rank-mismatch", page_rank_mismatch, sizeof page_rank_mismatch},
      {"recursive-definition", page_recursive_definition, sizeof page_recursive_definition},
      {"search-space-error", page_search_space_error, sizeof page_search_space_error},
      {"self-merge", page_self_merge, sizeof page_self_merge},
      {"shape-mismatch", page_shape_mismatch, sizeof page_shape_mismatch},
      {"size-too-small", page_size_too_small, sizeof page_size_too_small},
      {"syntax-error", page_syntax_error, sizeof page_syntax_error},
      {"too-many-arguments", page_too_many_arguments, sizeof page_too_many_arguments},
      {"undefined-name", page_undefined_name, sizeof page_undefined_name},
      {"unknown-argument", page_unknown_argument, sizeof page_unknown_argument},
      {"unknown-device", page_unknown_device, sizeof page_unknown_device},
      {"unknown-layer", page_unknown_layer, sizeof page_unknown_layer},
      {"unknown-loss", page_unknown_loss, sizeof page_unknown_loss},
      {"unknown-metric", page_unknown_metric, sizeof page_unknown_metric},
      {"unknown-optimizer", page_unknown_optimizer, sizeof page_unknown_optimizer},
      {"unprovable-shape", page_unprovable_shape, sizeof page_unprovable_shape},
      {"unsupported-by-target", page_unsupported_by_target, sizeof page_unsupported_by_target},
      {"unterminated-string", page_unterminated_string, sizeof page_unterminated_string},
      {"unused-allow", page_unused_allow, sizeof page_unused_allow},
      {"unused-definition", page_unused_definition, sizeof page_unused_definition},
      {"unused-search-method", page_unused_search_method, sizeof page_unused_search_method},
      {"unused-value", page_unused_value, sizeof page_unused_value},
  };
  *count = sizeof entries / sizeof entries[0];
  return entries;
}

const struct embedded_page *json_schemas(size_t *count) {
  static const struct embedded_page entries[] = {
      {"check", schema_check, sizeof schema_check},
      {"devices", schema_devices, sizeof schema_devices},
      {"project", schema_project, sizeof schema_project},
      {"settings", schema_settings, sizeof schema_settings},
      {"summary", schema_summary, sizeof schema_summary},
  };
  *count = sizeof entries / sizeof entries[0];
  return entries;
}
