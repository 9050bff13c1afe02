/* A stand-in for NVML, for tests. It belongs to the stand-in of libcuda, and does not know CUDA_VISIBLE_DEVICES. The
 * variable STANDIN_NVML says what it does:
 *   works     the default
 *   uninit    nvmlInit fails
 *   hang      never tells how much memory is free
 *   crash     ends the process with SIGSEGV when asked for it
 *   places    knows devices by their place only
 *   nonsense  has more memory free than there is */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "Declarations.h"

struct CNvmlDevice {
  const char *uuid, *place;
  unsigned long long free;
};

static struct CNvmlDevice devices[] = {
    {"GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf", "0000:07:00.0", 40ull << 30},
    {"GPU-b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf", "0000:0A:00.0", 79ull << 30},
    {"MIG-b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf", "", 5ull << 30},
};

static int is(const char *word) {
  const char *value = getenv("STANDIN_NVML");
  return strcmp(value ? value : "works", word) == 0;
}

CNvmlResult nvmlInit_v2(void) { return is("uninit") ? 9 : 0; }

CNvmlResult nvmlSystemGetDriverVersion(char *version, unsigned int capacity) {
  snprintf(version, capacity, "535.129.03");
  return 0;
}

CNvmlResult nvmlDeviceGetHandleByUUID(const char *uuid, CNvmlDevice *device) {
  for (size_t i = 0; i < 3 && !is("places"); i++)
    if (strcmp(devices[i].uuid, uuid) == 0) {
      *device = &devices[i];
      return 0;
    }
  return 6;
}

CNvmlResult nvmlDeviceGetHandleByPciBusId_v2(const char *place, CNvmlDevice *device) {
  for (size_t i = 0; i < 2; i++)
    if (strcmp(devices[i].place, place) == 0) {
      *device = &devices[i];
      return 0;
    }
  return 6;
}

CNvmlResult nvmlDeviceGetMemoryInfo(CNvmlDevice device, CNvmlMemory *memory) {
  if (is("hang"))
    for (;;) pause();
  if (is("crash")) {
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  }
  memory->total = 80ull << 30;
  memory->free = is("nonsense") ? 1ull << 60 : device->free;
  memory->used = memory->total - device->free;
  return 0;
}
