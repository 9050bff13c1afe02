#pragma once

#include <stddef.h>

/// A file that is compiled into the program.
struct embedded_page {
  const char *name;
  const unsigned char *bytes;
  size_t count;
};

/// The pages of Docs/diagnostics, by code; writes their number to `count`.
const struct embedded_page *diagnostic_pages(size_t *count);

/// The JSON Schemas of what the program reads and writes, by name.
const struct embedded_page *json_schemas(size_t *count);
