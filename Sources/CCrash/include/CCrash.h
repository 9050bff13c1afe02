// A report of what the program was doing when the system ends it: nothing here allocates, so that
// it works in a process that is broken.
#ifndef CCRASH_H
#define CCRASH_H
#include <stddef.h>

// From now on a fatal signal writes `path`, which is made then: `header`, a line without its end,
// a line with the signal, and the lines that were noted last. Both are copied.
void crash_watch(const char *path, const char *header);

// Remembers a line, of which the end is added. Whoever calls it on several threads at once sees to
// it that one at a time does.
void crash_note(const void *bytes, size_t count);
#endif
