/* A stand-in for NVIDIA's driver library, for tests. The variable STANDIN_CUDA says what it does:
 *   two       two devices (the default); STANDIN_NAME replaces the name of the first
 *   mig       two MIG instances of one board
 *   none      works, and has no device
 *   error N   cuInit answers N
 *   hang      cuInit never returns, and ignores polite signals
 *   crash     cuInit ends the process with SIGSEGV
 *   exit      cuInit ends the process with status 7
 *   flaky     the second device answers with an error
 *   stuck     the second device never answers
 *   child     cuInit starts a program that keeps running, writes its number to STANDIN_CHILD_FILE, and hangs
 *   bytes     the first device's name is not UTF-8
 *   noisy     prints on both standard streams, and has two devices
 *   silent    knows no error names; cuInit answers 999
 * As the real one, it honours CUDA_VISIBLE_DEVICES (numbers only). Compiled with -DOLD, it lacks what came with CUDA 9.2
 * and later; with -DBROKEN, cuDeviceGetCount. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "Declarations.h"

static int visible[2] = {0, 1};
static int count = 2;

static const char *behaviour(void) {
  const char *value = getenv("STANDIN_CUDA");
  return value ? value : "two";
}

static int is(const char *word) { return strncmp(behaviour(), word, strlen(word)) == 0; }

static void hang(void) {
  for (;;) pause();
}

static void read_visible_devices(void) {
  const char *list = getenv("CUDA_VISIBLE_DEVICES");
  if (!list) return;
  count = 0;
  while (*list && count < 2) {
    char *end;
    long ordinal = strtol(list, &end, 10);
    /* An entry that is no device ends the list. */
    if (end == list || ordinal < 0 || ordinal > 1) return;
    visible[count++] = (int)ordinal;
    list = *end == ',' ? end + 1 : end;
  }
}

CCudaResult cuInit(unsigned int flags) {
  (void)flags;
  if (is("hang") || is("child")) {
    if (is("child")) {
      pid_t child = fork();
      if (child == 0) execlp("sleep", "sleep", "600", (char *)NULL);
      FILE *file = fopen(getenv("STANDIN_CHILD_FILE"), "w");
      fprintf(file, "%d", child);
      fclose(file);
    }
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    hang();
  }
  if (is("crash")) {
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
  }
  if (is("exit")) exit(7);
  if (is("error")) return (CCudaResult)atoi(behaviour() + strlen("error "));
  if (is("silent")) return 999;
  if (is("noisy")) {
    printf("end\nwelcome to the stand-in\n");
    fflush(stdout);
    fprintf(stderr, "end\n");
  }
  read_visible_devices();
  if (is("none") || count == 0) return 100;
  return 0;
}

CCudaResult cuDriverGetVersion(int *version) {
  *version = 12020;
  return 0;
}

#ifndef BROKEN
CCudaResult cuDeviceGetCount(int *answer) {
  *answer = count;
  return 0;
}
#endif

CCudaResult cuDeviceGet(CCudaDevice *device, int ordinal) {
  if (ordinal < 0 || ordinal >= count) return 101;
  if (ordinal == 1 && is("flaky")) return 46;
  if (ordinal == 1 && is("stuck")) hang();
  /* Not the ordinal, so that nobody takes one for the other. */
  *device = 40 + visible[ordinal];
  return 0;
}

CCudaResult cuDeviceGetName(char *name, int capacity, CCudaDevice device) {
  const char *given = getenv("STANDIN_NAME");
  const char *text = device == 40 ? "Stand-in A100" : "Stand-in H100";
  if (is("mig")) text = device == 40 ? "Stand-in A100 MIG 1g.5gb" : "Stand-in A100 MIG 2g.10gb";
  if (is("bytes") && device == 40) text = "\xffGPU\x80";
  if (given && device == 40) text = given;
  /* As strncpy does: no zero where there is no room for one. */
  strncpy(name, text, (size_t)capacity);
  return 0;
}

CCudaResult cuDeviceTotalMem_v2(size_t *bytes, CCudaDevice device) {
  *bytes = device == 40 ? 42ull << 30 : 80ull << 30;
  return 0;
}

CCudaResult cuDeviceGetAttribute(int *value, CCudaAttribute attribute, CCudaDevice device) {
  switch (attribute) {
    case 16: *value = device == 40 ? 108 : 132; return 0;
    case 75: *value = device == 40 ? 8 : 9; return 0;
    case 76: *value = 0; return 0;
    default: return 1;
  }
}

#ifndef OLD
static CCudaResult uuid(CCudaUuid *uuid, CCudaDevice device, int first) {
  for (int i = 0; i < 16; i++) uuid->bytes[i] = (char)(first + i + (device - 40) * 0x10);
  return 0;
}

/* What the second version says of a MIG instance is its own, what the first says is the board's. */
CCudaResult cuDeviceGetUuid(CCudaUuid *answer, CCudaDevice device) { return uuid(answer, device, 0); }

CCudaResult cuDeviceGetUuid_v2(CCudaUuid *answer, CCudaDevice device) { return uuid(answer, device, 0xa0); }

CCudaResult cuDeviceGetPCIBusId(char *text, int capacity, CCudaDevice device) {
  snprintf(text, (size_t)capacity, "0000:%02X:00.0", device == 40 || is("mig") ? 7 : 10);
  return 0;
}
#endif

CCudaResult cuGetErrorName(CCudaResult result, const char **name) {
  *name = result == 999 ? "CUDA_ERROR_UNKNOWN" : result == 46 ? "CUDA_ERROR_DEVICE_UNAVAILABLE" : NULL;
  return *name && !is("silent") ? 0 : 1;
}

CCudaResult cuGetErrorString(CCudaResult result, const char **text) {
  *text = result == 999 ? "unknown error" : result == 46 ? "CUDA-capable device(s) is/are busy or unavailable" : NULL;
  return *text && !is("silent") ? 0 : 1;
}
