#pragma once

#include <stddef.h>

/// One file of Schemas/layers, embedded by the compiler.
struct catalogue_file {
  const char *name;
  const unsigned char *bytes;
  size_t count;
};

/// The embedded files; writes their number to `count`.
const struct catalogue_file *catalogue_files(size_t *count);
