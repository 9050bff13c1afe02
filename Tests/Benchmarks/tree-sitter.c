// Measures tree-sitter's runtime with the grammar in Syntax/ on a text, as neural-benchmarks does
// with the program's own parser: the same edits at the same places.
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tree_sitter/api.h>

const TSLanguage *tree_sitter_neural(void);

static uint64_t state = 7;

// SplitMix64.
static uint64_t below(uint64_t bound) {
  state += 0x9E3779B97F4A7C15u;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return (z ^ (z >> 31)) % bound;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

static TSPoint point(const char *text, uint32_t offset) {
  TSPoint point = {0, 0};
  for (uint32_t index = 0; index < offset; index++) {
    if (text[index] == '\n') point.row++, point.column = 0;
    else point.column++;
  }
  return point;
}

int main(int count, char **arguments) {
  FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
  if (!file) return 2;
  fseek(file, 0, SEEK_END);
  uint32_t length = (uint32_t)ftell(file);
  rewind(file);
  char *text = malloc(length + 2);
  if (!text || fread(text, 1, length, file) != length) return 2;
  fclose(file);

  TSParser *parser = ts_parser_new();
  if (!ts_parser_set_language(parser, tree_sitter_neural())) return 2;
  size_t before = mallinfo2().uordblks;
  TSTree *tree = ts_parser_parse_string(parser, NULL, text, length);
  printf("memory_bytes %zu\n", mallinfo2().uordblks - before);
  printf("errors %d\n", ts_node_has_error(ts_tree_root_node(tree)));
  double best = 1e12;
  for (int round = 0; round < 5; round++) {
    double start = now();
    TSTree *again = ts_parser_parse_string(parser, NULL, text, length);
    double took = now() - start;
    if (took < best) best = took;
    ts_tree_delete(again);
  }
  printf("parse_us %f\n", best);

  enum { rounds = 200 };
  static double times[2 * rounds];
  for (int round = 0; round < rounds; round++) {
    uint32_t place = (uint32_t)below(length);
    for (;; place = (place + 1) % length) {
      unsigned char byte = (unsigned char)text[place];
      if ((byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')) break;
    }
    TSPoint start = point(text, place);
    TSPoint end = {start.row, start.column + 1};
    for (int removes = 0; removes < 2; removes++) {
      TSInputEdit edit = {place, place + removes, place + 1 - removes,
                          start, removes ? end : start, removes ? start : end};
      // The text changes before time is taken: a client of tree-sitter keeps it elsewhere.
      if (removes) memmove(text + place, text + place + 1, length - place - 1);
      else memmove(text + place + 1, text + place, length - place);
      length += removes ? -1 : 1;
      double from = now();
      ts_tree_edit(tree, &edit);
      TSTree *next = ts_parser_parse_string(parser, tree, text, length);
      times[2 * round + removes] = now() - from;
      ts_tree_delete(tree);
      tree = next;
    }
  }
  qsort(times, 2 * rounds, sizeof *times, compare);
  printf("edit_median_us %f\n", times[rounds]);
  printf("edit_p99_us %f\n", times[2 * rounds * 99 / 100]);
  ts_tree_delete(tree);
  ts_parser_delete(parser);
  free(text);
  return 0;
}
