"""Docs/support.md, made of what the shape cells compare, and the lists of what differs from Keras."""

import json
import re
from pathlib import Path

import cells as numbers
from declarations import LAYERS, TRANSLATIONS

# Keras's arguments that no layer here reads: they say how Keras computes, not what.
NOT_READ = {
    "stateful", "unroll", "use_cudnn", "lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size",
    "flash_attention", "weights", "synchronized", "zero_output_for_mask",
}
# Keras's arguments that are left out, by layer.
LEFT_OUT = {
    "BatchNormalization": {"renorm", "renorm_clipping", "renorm_momentum"},
    "MultiHeadAttention": {"attention_axes", "sliding_window", "seed"},
    "GroupedQueryAttention": {"sliding_window"},
    "Lambda": {"mask", "arguments"},
}
# Parameters of ours that stand between Keras's.
ADDED_BETWEEN = {}
# Defaults that the design states otherwise than Keras.
OWN_DEFAULT = {
    "MultiHeadAttention": ("key_dim",), "Dropout": ("rate",), "AveragePooling1D": ("pool_size",),
    "AveragePooling2D": ("pool_size",), "AveragePooling3D": ("pool_size",), "Lambda": ("output_shape",),
}
# Parameters that change neither shape nor count and have no cell.
UNCOVERED = {"Resizing": {"fill_mode"}}


def same_default(ours, theirs):
    """Whether a default as it is declared is Keras's; one number stands for all entries of a tuple."""
    value = eval(ours, {"none": None, "true": True, "false": False})
    if isinstance(theirs, (tuple, list)) and not isinstance(value, (tuple, list)):
        return all(same_default(ours, entry) for entry in theirs)
    return value == theirs or isinstance(theirs, (tuple, list)) and list(value) == list(theirs)


# Layers whose generated code is compared with the framework, number by number, by target.
COMPARED = {
    target: {name for cell in numbers.CELLS if target in cell.targets for name in re.findall(r"\b[A-Z]\w*", cell.text)}
    for target in numbers.TARGETS
}


def table(rows):
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


# What the closing run of random models saw (random_compare.py --json).
SEEN = json.loads((Path(__file__).parent / "random_seen.json").read_text())


def page(cells, rejections):
    parts = [
        "# What is supported, and how it was checked",
        "",
        "Made from the cells of `Tests/Oracle` (`NEURAL_WRITE_SUPPORT=1 Tests/Oracle/run test_shapes.py`); a test fails where it",
        "is out of date.",
        "",
        "## Layers",
        "",
        "*Cells* are calls whose shape, parameters, trained parameters and multiply-accumulates equal those of the framework;",
        "*rejected* are calls that both refuse, and in brackets those that we alone refuse, listed below. Keras is 3 on its",
        "PyTorch backend; *paper* is the formula of the source that the layer's documentation names. Code is compared",
        "where `generate` writes the layer and its numbers equal the framework's; what it does not write it refuses, at its place.",
        "*Random* is in how many random models the layer stood that the frameworks take and agree with in shape, counts and work.",
        "",
        f"The last closing run (`Tests/Oracle/run-random`) compared {SEEN['valid']:,} random models, {SEEN['structured']:,} of them with",
        f"branches, several inputs, symbols or definitions, and ran the generated code of {SEEN['generated']:,}; and {SEEN['invalid']:,}",
        "near misses that both refuse.",
        "",
    ]
    for family in dict.fromkeys(layer.family for layer in LAYERS.values()):
        rows = [("layer", "against", "cells", "rejected", "random", "PyTorch code", "TensorFlow code", "JAX code", "ONNX"),
                ("---", "---", "---:", "---:", "---:", "---", "---", "---", "---")]
        for name, layer in LAYERS.items():
            if layer.family != family:
                continue
            mine = [c for c in cells if c.layer == name]
            refused = [r for r in rejections if r.layer == name]
            alone = sum(r.call is None for r in refused)
            rows.append((f"`{name}`", ", ".join(sorted({c.against for c in mine})), str(len(mine)),
                         f"{len(refused) - alone}" + (f" ({alone})" if alone else ""), str(SEEN["layers"].get(name, 0)),
                         *("compared" if name in COMPARED[target] else "" for target in numbers.TARGETS)))
        parts += [f"### {family.capitalize()}", "", table(rows), ""]
    parts += ["## PyTorch's spellings", "", "Each is read with PyTorch's parameters and compared with PyTorch's own module.", ""]
    rows = [("spelling", "cells", "rejected"), ("---", "---:", "---:")]
    for name in TRANSLATIONS:
        refused = [r for r in rejections if r.layer == f"nn.{name}"]
        alone = sum(r.call is None for r in refused)
        rows.append((f"`nn.{name}`", str(sum(c.layer == f"nn.{name}" for c in cells)),
                     f"{len(refused) - alone}" + (f" ({alone})" if alone else "")))
    parts += [table(rows), "", "PyTorch's LSTM, GRU and RNN have a second bias for each gate, which adds nothing; the layers here have",
              "Keras's counts.", "", "## What we reject and the framework takes", ""]
    rows = [("call", "on", "why"), ("---", "---", "---")]
    # Which module was imported first makes no difference.
    order = {name: place for place, name in enumerate(LAYERS)}
    for r in sorted(rejections, key=lambda r: (order.get(r.layer, len(order)), r.layer, r.text, str(r.shapes))):
        if r.call is None:
            rows.append(("`" + r.text.replace("|", "\\|") + "`", " and ".join(f"`{s}`" for s in r.shapes), r.reason))
    parts += [table(rows), "", "## Where random models differ", "",
              "How often the verdict was not the frameworks', and why (`random_differences.py`):", ""]
    rows = [("times", "why"), ("---:", "---")]
    rows += [(str(times), reason) for reason, times in sorted(SEEN["differences"].items(), key=lambda r: (-r[1], r[0]))]
    parts += [table(rows), "", "## Arguments of Keras that are not read", "",
              "They say how Keras computes, not what: " + ", ".join(f"`{n}`" for n in sorted(NOT_READ)) + ".", ""]
    rows = [("layer", "left out"), ("---", "---")]
    rows += [(f"`{name}`", ", ".join(f"`{n}`" for n in sorted(left))) for name, left in LEFT_OUT.items()]
    parts += [table(rows), ""]
    return "\n".join(parts)
