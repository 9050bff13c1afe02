// What takes more than one token of lookahead; the lexer that is generated from grammar.js does the
// rest. All that is remembered is how far in the `layers:` stands whose statements are read.

#include "tree_sitter/parser.h"

#include <stdlib.h>
#include <string.h>

enum TokenType {
  OPEN,           // the `(` of an argument list, on its name's line
  INPUT_WORD,     // `input` before `:`
  LAYERS_WORD,    // `layers` before `:`
  SETTINGS_WORD,  // `train`, `execution`, `execute` before `{` or `:`
  VALUE_WORD,     // the other section words before `:`
  OUTPUT_WORD,    // `output` before `:`, in a layer's declaration
  LABEL,          // any other name before `:`
  OTHER_SECTION,  // the same where a section can stand: one that there is not
  BRANCH_WORD,    // `branch` and `shortcut` before `{`
  WEIGHTS_WORD,   // `weights`, `state` and `body` before `{`, in a layer's declaration
  STATE_WORD,
  BODY_WORD,
  TYPE_NAME,      // a capitalised name without dots that is no literal
};

// Long enough for every section word; a longer name is none.
enum { MAXIMUM_WORD = 16 };

enum { COLON = 1, BRACE = 2 };

// Words that are more than names before one of these.
static const struct {
  const char *text;
  enum TokenType type;
  int before;
} words[] = {
    {"input", INPUT_WORD, COLON},
    {"layers", LAYERS_WORD, COLON},
    {"train", SETTINGS_WORD, COLON | BRACE},
    {"execution", SETTINGS_WORD, COLON | BRACE},
    {"execute", SETTINGS_WORD, COLON | BRACE},
    {"outputs", VALUE_WORD, COLON},
    {"data_format", VALUE_WORD, COLON},
    {"loss", VALUE_WORD, COLON},
    {"optimizer", VALUE_WORD, COLON},
    {"metrics", VALUE_WORD, COLON},
    {"search_method", VALUE_WORD, COLON},
    {"output", OUTPUT_WORD, COLON},
    {"branch", BRANCH_WORD, BRACE},
    {"shortcut", BRANCH_WORD, BRACE},
    {"weights", WEIGHTS_WORD, BRACE},
    {"state", STATE_WORD, BRACE},
    {"body", BODY_WORD, BRACE},
};

typedef struct {
  uint16_t indent;
} Scanner;

void *tree_sitter_neural_external_scanner_create(void) { return calloc(1, sizeof(Scanner)); }

void tree_sitter_neural_external_scanner_destroy(void *payload) { free(payload); }

unsigned tree_sitter_neural_external_scanner_serialize(void *payload, char *buffer) {
  memcpy(buffer, payload, sizeof(Scanner));
  return sizeof(Scanner);
}

void tree_sitter_neural_external_scanner_deserialize(void *payload, const char *buffer,
                                                     unsigned length) {
  memset(payload, 0, sizeof(Scanner));
  if (length == sizeof(Scanner)) memcpy(payload, buffer, length);
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

static bool scan_word(Scanner *scanner, TSLexer *lexer, const bool *valid_symbols, bool same_line) {
  // Statements go on up to a label that stands no further in than their section. Elsewhere a label
  // is a section wherever one can stand.
  bool in_statements = valid_symbols[BRANCH_WORD];
  uint32_t column = 0;
  if (!same_line && (valid_symbols[LAYERS_WORD] || in_statements)) column = lexer->get_column(lexer);
  bool can_be_section =
      valid_symbols[OTHER_SECTION] && (!in_statements || (!same_line && column <= scanner->indent));

  char word[MAXIMUM_WORD + 1] = "";
  unsigned length = 0;
  for (; is_name_part(lexer->lookahead); lexer->advance(lexer, false)) {
    if (length < MAXIMUM_WORD) word[length] = (char)lexer->lookahead;
    length++;
  }
  lexer->mark_end(lexer);
  bool is_dotted = lexer->lookahead == '.';
  skip_ahead(lexer);

  int before = lexer->lookahead == ':' ? COLON : lexer->lookahead == '{' ? BRACE : 0;
  for (unsigned i = 0; length <= MAXIMUM_WORD && i < sizeof words / sizeof *words; i++) {
    enum TokenType type = words[i].type;
    if (!(words[i].before & before) || !valid_symbols[type] || strcmp(word, words[i].text) != 0) continue;
    if (type == LAYERS_WORD) scanner->indent = (uint16_t)column;
    lexer->result_symbol = (TSSymbol)type;
    return true;
  }
  if (before == COLON && valid_symbols[LABEL]) {
    lexer->result_symbol = LABEL;
  } else if (before == COLON && can_be_section) {
    lexer->result_symbol = OTHER_SECTION;
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
  return is_name_start(lexer->lookahead) && scan_word(payload, lexer, valid_symbols, same_line);
}
