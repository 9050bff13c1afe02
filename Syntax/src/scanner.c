// What takes more than one token of lookahead; the lexer that is generated from grammar.js does the
// rest. Nothing is remembered from one call to the next.

#include "tree_sitter/parser.h"

#include <string.h>

enum TokenType {
  OPEN,           // the `(` of an argument list, on its name's line
  INPUT_WORD,     // `input` before `:`
  LAYERS_WORD,    // `layers` before `:`
  SETTINGS_WORD,  // `train`, `execution`, `execute` before `{` or `:`
  VALUE_WORD,     // the other section words before `:`
  OUTPUT_WORD,    // `output` before `:`, in a layer's declaration
  LABEL,          // any other name before `:`
  LINE_LABEL,     // the same at the start of a line: a section that there is not
  BRANCH_WORD,    // `branch` and `shortcut` before `{`
  TYPE_NAME,      // a capitalised name without dots that is no literal
};

// Long enough for every section word; a longer name is none.
enum { MAXIMUM_WORD = 16 };

static const struct {
  const char *text;
  enum TokenType type;
} section_words[] = {
    {"input", INPUT_WORD},         {"layers", LAYERS_WORD},   {"train", SETTINGS_WORD},
    {"execution", SETTINGS_WORD},  {"execute", SETTINGS_WORD}, {"outputs", VALUE_WORD},
    {"data_format", VALUE_WORD},   {"loss", VALUE_WORD},      {"optimizer", VALUE_WORD},
    {"metrics", VALUE_WORD},        {"search_method", VALUE_WORD}, {"output", OUTPUT_WORD},
    {"branch", BRANCH_WORD},        {"shortcut", BRANCH_WORD},
};

void *tree_sitter_neural_external_scanner_create(void) { return NULL; }

void tree_sitter_neural_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_neural_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_neural_external_scanner_deserialize(void *payload, const char *buffer,
                                                     unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

static bool is_line_break(int32_t c) { return c == '\n' || c == '\r'; }

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; }

static bool is_name_start(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_part(int32_t c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

// Past blanks, line breaks and comments. What it reads is not part of the token.
static void skip_ahead(TSLexer *lexer) {
  while (!lexer->eof(lexer)) {
    if (is_blank(lexer->lookahead) || is_line_break(lexer->lookahead)) {
      lexer->advance(lexer, false);
    } else if (lexer->lookahead == '#') {
      while (!lexer->eof(lexer) && !is_line_break(lexer->lookahead)) {
        lexer->advance(lexer, false);
      }
    } else {
      return;
    }
  }
}

// `true`, `false` and `none` in any mixture of cases.
static bool is_literal(const char *word) {
  static const char *const literals[] = {"true", "false", "none"};
  for (unsigned i = 0; i < sizeof literals / sizeof *literals; i++) {
    const char *a = word, *b = literals[i];
    while (*b && (*a | 0x20) == *b) a++, b++;
    if (!*a && !*b) return true;
  }
  return false;
}

static bool scan_word(TSLexer *lexer, const bool *valid_symbols, bool same_line) {
  char word[MAXIMUM_WORD + 1] = "";
  unsigned length = 0;
  for (; is_name_part(lexer->lookahead); lexer->advance(lexer, false)) {
    if (length < MAXIMUM_WORD) word[length] = (char)lexer->lookahead;
    length++;
  }
  lexer->mark_end(lexer);
  bool is_dotted = lexer->lookahead == '.';
  skip_ahead(lexer);

  for (unsigned i = 0; length <= MAXIMUM_WORD && i < sizeof section_words / sizeof *section_words; i++) {
    enum TokenType type = section_words[i].type;
    if (!valid_symbols[type] || strcmp(word, section_words[i].text) != 0) continue;
    bool follows = type == BRANCH_WORD     ? lexer->lookahead == '{'
                   : type == SETTINGS_WORD ? lexer->lookahead == '{' || lexer->lookahead == ':'
                                           : lexer->lookahead == ':';
    if (!follows) break;
    lexer->result_symbol = (TSSymbol)type;
    return true;
  }
  bool is_label = lexer->lookahead == ':';
  if (is_label && valid_symbols[LABEL]) {
    lexer->result_symbol = LABEL;
  } else if (is_label && valid_symbols[LINE_LABEL] && !same_line) {
    lexer->result_symbol = LINE_LABEL;
  } else if (valid_symbols[TYPE_NAME] && word[0] >= 'A' && word[0] <= 'Z' && !is_dotted &&
             !is_literal(word)) {
    lexer->result_symbol = TYPE_NAME;
  } else {
    return false;
  }
  return true;
}

bool tree_sitter_neural_external_scanner_scan(void *payload, TSLexer *lexer,
                                              const bool *valid_symbols) {
  (void)payload;
  bool same_line = true;
  while (is_blank(lexer->lookahead) || is_line_break(lexer->lookahead)) {
    if (is_line_break(lexer->lookahead)) same_line = false;
    lexer->advance(lexer, true);
  }
  if (lexer->lookahead == '(' && same_line && valid_symbols[OPEN]) {
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    lexer->result_symbol = OPEN;
    return true;
  }
  return is_name_start(lexer->lookahead) && scan_word(lexer, valid_symbols, same_line);
}
