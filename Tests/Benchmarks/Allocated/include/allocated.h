#include <malloc.h>
#include <stddef.h>

/// The bytes that malloc has given out and not got back, with what rounding up costs.
static inline size_t allocatedBytes(void) {
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}
