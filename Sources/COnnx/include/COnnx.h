// libonnx behind a plain C interface: its checker, its shape inference and its version.
#ifndef CONNX_H
#define CONNX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What is told while a model is checked. Texts end with a zero byte and live until the call returns.
typedef struct {
  void *context;
  // Something that libonnx refuses; the node's name is empty where it is none's.
  void (*error)(void *context, const char *node, const char *message);
  // A tensor's type as TensorProto numbers it, and its sizes: -1 for what is not known, with the symbol's
  // name where it has one.
  void (*shape)(void *context, const char *tensor, int32_t type, size_t rank, const int64_t *sizes,
                const char *const *symbols);
} connx_observer;

// Checks a model by libonnx's checker and infers the shapes of all its tensors. Nothing is thrown; what
// libonnx aborts for ends the process.
void connx_check(const uint8_t *bytes, size_t count, connx_observer observer);

// The newest operator set that this libonnx knows.
int32_t connx_newest_opset(void);

#ifdef __cplusplus
}
#endif

#endif
