#include "CCrash.h"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The lines that were noted last, in a ring. Pages that nothing was written to cost nothing.
enum { ring_size = 4 << 20 };
static char ring[ring_size];
static size_t noted;

static char report_path[4096];
static char report_header[1024];
static char handler_stack[64 << 10];

void crash_note(const void *bytes, size_t count) {
  const char *from = bytes;
  if (count >= ring_size) {
    // Only its end would be left, which is no line.
    from = "";
    count = 0;
  }
  size_t start = noted % ring_size;
  size_t first = count < ring_size - start ? count : ring_size - start;
  memcpy(ring + start, from, first);
  memcpy(ring, from + first, count - first);
  ring[(noted + count) % ring_size] = '\n';
  noted += count + 1;
}

static void put(int file, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(file, bytes, count);
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

static void put_text(int file, const char *text) { put(file, text, strlen(text)); }

// The ring from its first whole line on.
static void put_ring(int file) {
  size_t count = noted < ring_size ? noted : ring_size;
  size_t start = noted - count;
  if (count < noted) {
    while (count > 0 && ring[start % ring_size] != '\n') {
      start++;
      count--;
    }
    if (count > 0) {
      start++;
      count--;
    }
  }
  start %= ring_size;
  size_t first = count < ring_size - start ? count : ring_size - start;
  put(file, ring + start, first);
  put(file, ring, count - first);
}

static void report(int number) {
  int file = open(report_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0) {
    put_text(file, report_header);
    char line[] = "\n{\"signal\":  }\n";
    char *digits = strchr(line, ':') + 1;
    digits[0] = (char)(number >= 10 ? '0' + number / 10 % 10 : ' ');
    digits[1] = (char)('0' + number % 10);
    put_text(file, line);
    put_ring(file);
    close(file);
    put_text(STDERR_FILENO, "neural-lsp: The server has crashed. What it was doing is in ");
    put_text(STDERR_FILENO, report_path);
    put_text(STDERR_FILENO, "\n");
  }
  void *frames[64];
  backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
  // The handler was for one time: what comes now is what would have come without it.
  raise(number);
}

void crash_watch(const char *path, const char *header) {
  if (strlen(path) >= sizeof report_path || strlen(header) >= sizeof report_header) return;
  strcpy(report_path, path);
  strcpy(report_header, header);
  stack_t stack = {.ss_sp = handler_stack, .ss_size = sizeof handler_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = report,
                             .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER)};
  sigemptyset(&action.sa_mask);
  const int fatal[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
  for (size_t index = 0; index < sizeof fatal / sizeof fatal[0]; index++) {
    sigaction(fatal[index], &action, NULL);
  }
  // Loading what walks the stack allocates: now, not in the handler.
  void *frame[1];
  backtrace(frame, 1);
}
