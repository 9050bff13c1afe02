/* The helper process: what of starting one Swift does not see of glibc. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "CCuda.h"

enum { HELPER_OUTPUT = 3 };

static int set_up(posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes, int output) {
  /* The pipe first: its number may be one of those that are opened anew. */
  int code = posix_spawn_file_actions_adddup2(actions, output, HELPER_OUTPUT);
  for (int standard = 0; standard < 3 && !code; standard++)
    code = posix_spawn_file_actions_addopen(actions, standard, "/dev/null", O_RDWR, 0);
  if (!code) code = posix_spawn_file_actions_addclosefrom_np(actions, HELPER_OUTPUT + 1);

  sigset_t signals;
  sigemptyset(&signals);
  if (!code) code = posix_spawnattr_setsigmask(attributes, &signals);
  sigfillset(&signals);
  if (!code) code = posix_spawnattr_setsigdefault(attributes, &signals);
  /* A group of its own, so that what a driver starts (nvidia-modprobe) ends with it. */
  if (!code) code = posix_spawnattr_setpgroup(attributes, 0);
  if (!code)
    code = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  return code;
}

int ccuda_start_helper(
    const char *executable, char *const *arguments, char *const *environment, int32_t *process, int32_t *output) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&actions);
  if (!code) {
    code = posix_spawnattr_init(&attributes);
    if (!code) {
      pid_t child = 0;
      code = set_up(&actions, &attributes, ends[1]);
      if (!code) code = posix_spawn(&child, executable, &actions, &attributes, arguments, environment);
      *process = child;
      posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  close(ends[1]);
  if (code) {
    close(ends[0]);
    return code;
  }
  *output = ends[0];
  return 0;
}

bool ccuda_prepare_helper(int descriptor, unsigned int seconds) {
  if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return false;
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  alarm(seconds);
  return true;
}

char *const *ccuda_environment(void) { return environ; }

const char *ccuda_error_description(int code) { return strerrordesc_np(code); }

const char *ccuda_signal_abbreviation(int signal) { return sigabbrev_np(signal); }
