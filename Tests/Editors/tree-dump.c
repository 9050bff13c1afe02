// Writes tree-sitter's trees of many texts, as syntax-dump (Tests/SyntaxDump) writes neural-lsp's.
//
// From standard input, each text stands behind its length in bytes and a line break. For each, two
// lines are written: `-`, or the place of its first error and what it is; and its nodes in the order
// of the text, `field:kind start end` each, those of a node between `(` and `)` behind it. Literal
// tokens have a `'` before them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tree_sitter/api.h>

#include "tree-sitter-neural.h"

static bool write_error(TSNode node) {
  if (!ts_node_has_error(node)) return false;
  if (ts_node_is_error(node) || ts_node_is_missing(node)) {
    printf("%u %s %s\n", ts_node_start_byte(node), ts_node_is_missing(node) ? "missing" : "error",
           ts_node_type(node));
    return true;
  }
  for (uint32_t i = 0; i < ts_node_child_count(node); i++) {
    if (write_error(ts_node_child(node, i))) return true;
  }
  return false;
}

static void write_nodes(TSTreeCursor *cursor) {
  do {
    TSNode node = ts_tree_cursor_current_node(cursor);
    const char *field = ts_tree_cursor_current_field_name(cursor);
    printf("%s:%s%s %u %u ", field ? field : "", ts_node_is_named(node) ? "" : "'", ts_node_type(node),
           ts_node_start_byte(node), ts_node_end_byte(node));
    if (ts_tree_cursor_goto_first_child(cursor)) {
      fputs("( ", stdout);
      write_nodes(cursor);
      fputs(") ", stdout);
      ts_tree_cursor_goto_parent(cursor);
    }
  } while (ts_tree_cursor_goto_next_sibling(cursor));
}

int main(void) {
  TSParser *parser = ts_parser_new();
  if (!ts_parser_set_language(parser, tree_sitter_neural())) return 2;
  unsigned long length;
  while (scanf("%lu", &length) == 1 && getchar() == '\n') {
    char *text = malloc(length + 1);
    if (!text || fread(text, 1, length, stdin) != length) return 1;
    TSTree *tree = ts_parser_parse_string(parser, NULL, text, (uint32_t)length);
    TSNode root = ts_tree_root_node(tree);
    if (!write_error(root)) puts("-");
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    write_nodes(&cursor);
    putchar('\n');
    fflush(stdout);
    ts_tree_cursor_delete(&cursor);
    ts_tree_delete(tree);
    free(text);
  }
  ts_parser_delete(parser);
  return 0;
}
