#include "CCuda.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Declarations.h"

#define CUDA_MEMBER(name, ...) CCudaResult (*name)(__VA_ARGS__);
#define NVML_MEMBER(name, ...) CNvmlResult (*name)(__VA_ARGS__);

struct CCudaDriver {
  CCUDA_REQUIRED(CUDA_MEMBER)
  CCUDA_OPTIONAL(CUDA_MEMBER)
};

struct CNvml {
  CNVML_FUNCTIONS(NVML_MEMBER)
};

enum {
#define CONSTANT(suffix, theirs, value) CCUDA_##suffix = value,
  CCUDA_CONSTANTS(CONSTANT)
#undef CONSTANT
};

static void say(char *message, int capacity, const char *text) {
  if (capacity > 0) snprintf(message, (size_t)capacity, "%s", text ? text : "unknown reason");
}

/* ISO C has no conversion from an object pointer to a function pointer; POSIX promises that the bits are the same. */
#define LOAD(name, ...)                            \
  do {                                             \
    void *symbol = dlsym(library, #name);          \
    memcpy(&table->name, &symbol, sizeof symbol);  \
  } while (0);

#define REQUIRE(name, ...) \
  if (!table->name && !lacking) lacking = #name;

CCudaDriver *ccuda_open(const char *path, char *message, int capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    say(message, capacity, dlerror());
    return NULL;
  }
  CCudaDriver *table = calloc(1, sizeof *table);
  if (!table) {
    say(message, capacity, "out of memory");
    return NULL;
  }
  CCUDA_REQUIRED(LOAD)
  CCUDA_OPTIONAL(LOAD)
  const char *lacking = NULL;
  CCUDA_REQUIRED(REQUIRE)
  if (lacking) {
    if (capacity > 0) snprintf(message, (size_t)capacity, "%s: no CUDA driver, it lacks %s", path, lacking);
    free(table);
    return NULL;
  }
  return table;
}

CNvml *cnvml_open(const char *path, char *message, int capacity) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    say(message, capacity, dlerror());
    return NULL;
  }
  CNvml *table = calloc(1, sizeof *table);
  if (!table) {
    say(message, capacity, "out of memory");
    return NULL;
  }
  CNVML_FUNCTIONS(LOAD)
  if (!table->nvmlInit_v2) {
    if (capacity > 0) snprintf(message, (size_t)capacity, "%s: not NVML, it lacks nvmlInit_v2", path);
    free(table);
    return NULL;
  }
  return table;
}

/* A result that does not fit cannot be told from an unknown one, and never from success. */
static int result(unsigned int code) { return code > 0x7fffffff ? 0x7fffffff : (int)code; }

int ccuda_init(const CCudaDriver *driver) { return result(driver->cuInit(0)); }

int ccuda_driver_version(const CCudaDriver *driver, int *version) {
  return driver->cuDriverGetVersion ? result(driver->cuDriverGetVersion(version)) : CCUDA_MISSING;
}

int ccuda_device_count(const CCudaDriver *driver, int *count) { return result(driver->cuDeviceGetCount(count)); }

int ccuda_device_get(const CCudaDriver *driver, int ordinal, int *device) {
  return result(driver->cuDeviceGet(device, ordinal));
}

int ccuda_device_name(const CCudaDriver *driver, int device, char *name, int capacity) {
  if (capacity < 1) return CCUDA_MISSING;
  memset(name, 0, (size_t)capacity);
  int code = result(driver->cuDeviceGetName(name, capacity, device));
  name[capacity - 1] = 0;
  return code;
}

int ccuda_device_uuid(const CCudaDriver *driver, int device, uint8_t *bytes) {
  CCudaUuid uuid = {{0}};
  int code = CCUDA_MISSING;
  if (driver->cuDeviceGetUuid_v2) code = result(driver->cuDeviceGetUuid_v2(&uuid, device));
  if (code != 0 && driver->cuDeviceGetUuid) code = result(driver->cuDeviceGetUuid(&uuid, device));
  memcpy(bytes, uuid.bytes, sizeof uuid.bytes);
  return code;
}

int ccuda_device_memory(const CCudaDriver *driver, int device, uint64_t *total) {
  size_t bytes = 0;
  int code = result(driver->cuDeviceTotalMem_v2(&bytes, device));
  *total = bytes;
  return code;
}

int ccuda_device_capability(const CCudaDriver *driver, int device, int *major, int *minor) {
  int code = result(driver->cuDeviceGetAttribute(major, CCUDA_ATTRIBUTE_MAJOR, device));
  return code ? code : result(driver->cuDeviceGetAttribute(minor, CCUDA_ATTRIBUTE_MINOR, device));
}

int ccuda_device_multiprocessors(const CCudaDriver *driver, int device, int *count) {
  return result(driver->cuDeviceGetAttribute(count, CCUDA_ATTRIBUTE_MULTIPROCESSORS, device));
}

int ccuda_device_bus_id(const CCudaDriver *driver, int device, char *text, int capacity) {
  if (!driver->cuDeviceGetPCIBusId || capacity < 1) return CCUDA_MISSING;
  memset(text, 0, (size_t)capacity);
  int code = result(driver->cuDeviceGetPCIBusId(text, capacity, device));
  text[capacity - 1] = 0;
  return code;
}

const char *ccuda_result_name(const CCudaDriver *driver, int code) {
  const char *name = NULL;
  if (code >= 0 && driver->cuGetErrorName && driver->cuGetErrorName((CCudaResult)code, &name) == 0 && name) return name;
  switch (code) {
#define NAME(name, value, text) case value: return #name;
    CCUDA_RESULTS(NAME)
#undef NAME
  }
  return NULL;
}

const char *ccuda_result_text(const CCudaDriver *driver, int code) {
  const char *text = NULL;
  if (code >= 0 && driver->cuGetErrorString && driver->cuGetErrorString((CCudaResult)code, &text) == 0 && text)
    return text;
  switch (code) {
#define TEXT(name, value, text) case value: return text;
    CCUDA_RESULTS(TEXT)
#undef TEXT
  }
  return NULL;
}

int cnvml_init(const CNvml *nvml) { return result(nvml->nvmlInit_v2()); }

int cnvml_driver_version(const CNvml *nvml, char *version, int capacity) {
  if (!nvml->nvmlSystemGetDriverVersion || capacity < 1) return CCUDA_MISSING;
  memset(version, 0, (size_t)capacity);
  int code = result(nvml->nvmlSystemGetDriverVersion(version, (unsigned int)capacity));
  version[capacity - 1] = 0;
  return code;
}

static int memory(const CNvml *nvml, CNvmlDevice device, uint64_t *total, uint64_t *free) {
  if (!nvml->nvmlDeviceGetMemoryInfo) return CCUDA_MISSING;
  CNvmlMemory bytes = {0, 0, 0};
  int code = result(nvml->nvmlDeviceGetMemoryInfo(device, &bytes));
  *total = bytes.total;
  *free = bytes.free;
  return code;
}

int cnvml_memory_of_uuid(const CNvml *nvml, const char *uuid, uint64_t *total, uint64_t *free) {
  if (!nvml->nvmlDeviceGetHandleByUUID) return CCUDA_MISSING;
  CNvmlDevice device = NULL;
  int code = result(nvml->nvmlDeviceGetHandleByUUID(uuid, &device));
  return code ? code : memory(nvml, device, total, free);
}

int cnvml_memory_of_bus_id(const CNvml *nvml, const char *bus_id, uint64_t *total, uint64_t *free) {
  if (!nvml->nvmlDeviceGetHandleByPciBusId_v2) return CCUDA_MISSING;
  CNvmlDevice device = NULL;
  int code = result(nvml->nvmlDeviceGetHandleByPciBusId_v2(bus_id, &device));
  return code ? code : memory(nvml, device, total, free);
}
