/* NVIDIA's driver (libcuda) and management library (NVML), opened at run time.
 *
 * A call that the library lacks answers CCUDA_MISSING. Strings are ended by a zero and cut to the capacity given. Any
 * of these calls may hang or end the process, as the driver likes: only a helper process makes them. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* No result of CUDA or NVML is negative. */
#define CCUDA_MISSING (-1)
/* CUDA_ERROR_NO_DEVICE: the driver works and finds no device, or CUDA_VISIBLE_DEVICES hides them all. */
#define CCUDA_NO_DEVICE 100

typedef struct CCudaDriver CCudaDriver;
typedef struct CNvml CNvml;

/* Opens the library, which is never closed again: drivers do not survive that. On failure the loader's message, or
 * the name of the function that is missing, is in `message`. */
CCudaDriver *ccuda_open(const char *path, char *message, int capacity);

int ccuda_init(const CCudaDriver *driver);
/* 12020 for CUDA 12.2. */
int ccuda_driver_version(const CCudaDriver *driver, int *version);
int ccuda_device_count(const CCudaDriver *driver, int *count);
int ccuda_device_get(const CCudaDriver *driver, int ordinal, int *device);
int ccuda_device_name(const CCudaDriver *driver, int device, char *name, int capacity);
/* 16 bytes. */
int ccuda_device_uuid(const CCudaDriver *driver, int device, uint8_t *bytes);
/* In bytes. */
int ccuda_device_memory(const CCudaDriver *driver, int device, uint64_t *total);
int ccuda_device_capability(const CCudaDriver *driver, int device, int *major, int *minor);
int ccuda_device_multiprocessors(const CCudaDriver *driver, int device, int *count);
/* domain:bus:device.function in hexadecimal digits. */
int ccuda_device_bus_id(const CCudaDriver *driver, int device, char *text, int capacity);

/* The name of a result and what it means, from the driver or, where that cannot say, from a table; NULL if unknown. */
const char *ccuda_result_name(const CCudaDriver *driver, int result);
const char *ccuda_result_text(const CCudaDriver *driver, int result);

CNvml *cnvml_open(const char *path, char *message, int capacity);
int cnvml_init(const CNvml *nvml);
int cnvml_driver_version(const CNvml *nvml, char *version, int capacity);
/* In bytes, of the device or MIG instance with this UUID ("GPU-…" or "MIG-…"). */
int cnvml_memory_of_uuid(const CNvml *nvml, const char *uuid, uint64_t *total, uint64_t *free);
/* In bytes, of the whole board in this place. */
int cnvml_memory_of_bus_id(const CNvml *nvml, const char *bus_id, uint64_t *total, uint64_t *free);

/* Starts a program that writes on descriptor 3, of which `output` becomes the other end; its standard input and output
 * are /dev/null, it has no other descriptor of ours, its signals are as for a new program, and it leads a process group.
 * Both lists end with NULL. Answers 0 or an errno. */
int ccuda_start_helper(
    const char *executable, char *const *arguments, char *const *environment, int32_t *process, int32_t *output);

/* What the helper does before it touches a driver: no core file, however the driver ends; `descriptor` not passed on to
 * programs that the driver starts (nvidia-modprobe); and an end after `seconds` should nobody be left to end it. Answers
 * false if the descriptor is not open. */
bool ccuda_prepare_helper(int descriptor, unsigned int seconds);

/* `environ`, which Swift cannot name safely. */
char *const *ccuda_environment(void);
/* "No such file or directory" for ENOENT; NULL if unknown. */
const char *ccuda_error_description(int code);
/* "SEGV" for SIGSEGV; NULL if unknown. */
const char *ccuda_signal_abbreviation(int signal);
