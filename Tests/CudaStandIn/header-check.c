/* Compiled, never run: NVIDIA's headers and our declarations in one translation unit. See Tests/check-cuda-header. */
#include <cuda.h>
#include <nvml.h>

#include "Declarations.h"

#define SAME_SIZE(ours, theirs)                                            \
  _Static_assert(sizeof(ours) == sizeof(theirs), "size of " #theirs);      \
  _Static_assert(_Alignof(ours) == _Alignof(theirs), "alignment of " #theirs)
#define SAME_PLACE(ours, theirs, member)                                                                        \
  _Static_assert(offsetof(ours, member) == offsetof(theirs, member), "place of " #theirs "." #member);          \
  _Static_assert(sizeof(((ours *)0)->member) == sizeof(((theirs *)0)->member), "size of " #theirs "." #member)

#ifdef BEND_SIZE
typedef struct {
  unsigned long long total;
} BentMemory;
#define CNvmlMemory BentMemory
#endif

SAME_SIZE(CCudaResult, CUresult);
SAME_SIZE(CCudaDevice, CUdevice);
SAME_SIZE(CCudaAttribute, CUdevice_attribute);
SAME_SIZE(CCudaUuid, CUuuid);
SAME_PLACE(CCudaUuid, CUuuid, bytes);
SAME_SIZE(CNvmlResult, nvmlReturn_t);
SAME_SIZE(CNvmlDevice, nvmlDevice_t);
SAME_SIZE(CNvmlMemory, nvmlMemory_t);
#ifndef BEND_SIZE
SAME_PLACE(CNvmlMemory, nvmlMemory_t, total);
SAME_PLACE(CNvmlMemory, nvmlMemory_t, free);
SAME_PLACE(CNvmlMemory, nvmlMemory_t, used);
#endif

#define SAME_NUMBER(ours, theirs, value) _Static_assert((theirs) == (value), #theirs);
CCUDA_CONSTANTS(SAME_NUMBER)
#define SAME_RESULT(name, value, text) _Static_assert((name) == (value), #name);
CCUDA_RESULTS(SAME_RESULT)
_Static_assert(NVML_SUCCESS == 0, "NVML_SUCCESS");
#ifdef BEND_NUMBER
SAME_NUMBER(, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 17)
#endif

/* Two structures of different names are never the same type, however alike. Their sizes and places are compared
 * above, so that below their names stand for ours. */
#undef CNvmlMemory
#define CCudaUuid CUuuid
#define CNvmlDevice nvmlDevice_t
#define CNvmlMemory nvmlMemory_t
#define SAME_CUDA_FUNCTION(name, ...) \
  _Static_assert(_Generic(&name, CCudaResult(*)(__VA_ARGS__): 1, default: 0), "type of " #name);
#define SAME_NVML_FUNCTION(name, ...) \
  _Static_assert(_Generic(&name, CNvmlResult(*)(__VA_ARGS__): 1, default: 0), "type of " #name);
CCUDA_REQUIRED(SAME_CUDA_FUNCTION)
CCUDA_OPTIONAL(SAME_CUDA_FUNCTION)
CNVML_FUNCTIONS(SAME_NVML_FUNCTION)
#ifdef BEND_SIGNATURE
SAME_CUDA_FUNCTION(cuDeviceGetName, char *, long, CCudaDevice)
#endif
