/* What is used of NVIDIA's driver and management libraries, declared here so that neither headers nor libraries of
 * theirs are needed to build. Names of functions are theirs, names of types are ours: the two can be read in one
 * translation unit, which is how Tests/check-cuda-header compares each line of this file with cuda.h and nvml.h. */
#pragma once
#include <stddef.h>

typedef unsigned int CCudaResult;    /* CUresult, an enum */
typedef int CCudaDevice;             /* CUdevice */
typedef unsigned int CCudaAttribute; /* CUdevice_attribute, an enum */
typedef struct {
  char bytes[16];
} CCudaUuid; /* CUuuid */

typedef unsigned int CNvmlResult;       /* nvmlReturn_t, an enum */
typedef struct CNvmlDevice *CNvmlDevice; /* nvmlDevice_t */
typedef struct {
  unsigned long long total, free, used; /* bytes */
} CNvmlMemory;                          /* nvmlMemory_t */

/* X(our suffix, NVIDIA's name, value) */
#define CCUDA_CONSTANTS(X)                                              \
  X(ATTRIBUTE_MULTIPROCESSORS, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 16) \
  X(ATTRIBUTE_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 75)  \
  X(ATTRIBUTE_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 76)

/* Results that are named even where the library cannot name them itself: X(name, value, what it means). */
#define CCUDA_RESULTS(X)                                                                           \
  X(CUDA_SUCCESS, 0, "no error")                                                                   \
  X(CUDA_ERROR_INVALID_VALUE, 1, "invalid argument")                                               \
  X(CUDA_ERROR_OUT_OF_MEMORY, 2, "out of memory")                                                  \
  X(CUDA_ERROR_NOT_INITIALIZED, 3, "initialization error")                                         \
  X(CUDA_ERROR_DEINITIALIZED, 4, "the driver is shutting down")                                    \
  X(CUDA_ERROR_STUB_LIBRARY, 34, "the library is a stub for linking, not a driver")                \
  X(CUDA_ERROR_DEVICE_UNAVAILABLE, 46, "the device is busy or unavailable")                        \
  X(CUDA_ERROR_NO_DEVICE, 100, "no CUDA-capable device is detected")                               \
  X(CUDA_ERROR_INVALID_DEVICE, 101, "invalid device ordinal")                                      \
  X(CUDA_ERROR_OPERATING_SYSTEM, 304, "an operating system call failed")                           \
  X(CUDA_ERROR_NOT_PERMITTED, 800, "operation not permitted")                                      \
  X(CUDA_ERROR_NOT_SUPPORTED, 801, "operation not supported")                                      \
  X(CUDA_ERROR_SYSTEM_NOT_READY, 802, "the system is not yet initialized")                         \
  X(CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, 803, "the kernel module and libcuda differ in version")     \
  X(CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE, 804, "forward compatibility is not supported here") \
  X(CUDA_ERROR_UNKNOWN, 999, "unknown error")

/* X(name, parameters…); all return CCudaResult. Without one of these a library is no CUDA driver. */
#define CCUDA_REQUIRED(X)                                        \
  X(cuInit, unsigned int)                                        \
  X(cuDeviceGetCount, int *)                                     \
  X(cuDeviceGet, CCudaDevice *, int)                             \
  X(cuDeviceGetName, char *, int, CCudaDevice)                   \
  X(cuDeviceTotalMem_v2, size_t *, CCudaDevice)                  \
  X(cuDeviceGetAttribute, int *, CCudaAttribute, CCudaDevice)

/* Older drivers lack some of these: cuDeviceGetUuid came with 9.2, its second version (MIG) with 11.4. */
#define CCUDA_OPTIONAL(X)                         \
  X(cuDriverGetVersion, int *)                    \
  X(cuDeviceGetUuid, CCudaUuid *, CCudaDevice)    \
  X(cuDeviceGetUuid_v2, CCudaUuid *, CCudaDevice) \
  X(cuDeviceGetPCIBusId, char *, int, CCudaDevice) \
  X(cuGetErrorName, CCudaResult, const char **)   \
  X(cuGetErrorString, CCudaResult, const char **)

/* X(name, parameters…); all return CNvmlResult, 0 for success. */
#define CNVML_FUNCTIONS(X)                                             \
  X(nvmlInit_v2, void)                                                 \
  X(nvmlSystemGetDriverVersion, char *, unsigned int)                  \
  X(nvmlDeviceGetHandleByUUID, const char *, CNvmlDevice *)            \
  X(nvmlDeviceGetHandleByPciBusId_v2, const char *, CNvmlDevice *)     \
  X(nvmlDeviceGetMemoryInfo, CNvmlDevice, CNvmlMemory *)
