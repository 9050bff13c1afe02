// What takes more than one token of lookahead; the lexer that is generated from grammar.js does the
// rest. All that is remembered is how far in the `layers:` stands whose statements are read, and the
// last `let`.

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
  ARROW,          // `->`, unless the line below is a flow or statement of its own
  ELSE_WORD,      // `else` behind the block of an `if`
  LET_WORD,       // `let` before a name
  OPERAND_MARK,   // valid where an operator, `*`, `@` or a word waits for something
  BINDING_MARK,   // valid where the `=` of a `let` does
  ENTRY_MARK,     // valid where the `:` of a layer's entry does
  STATEMENT_MARK, // valid where a statement can start
  NOT_HERE,       // a word that cannot stand here; valid nowhere but after an error
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
  uint16_t let_column;
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

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }

// Past blanks, line breaks and comments; whether there was a line break. What it reads is not part
// of the token.
static bool skip_ahead(TSLexer *lexer) {
  bool is_below = false;
  while (!lexer->eof(lexer)) {
    if (is_blank(lexer->lookahead) || is_line_break(lexer->lookahead)) {
      if (is_line_break(lexer->lookahead)) is_below = true;
      lexer->advance(lexer, false);
    } else if (lexer->lookahead == '#') {
      while (!lexer->eof(lexer) && !is_line_break(lexer->lookahead)) {
        lexer->advance(lexer, false);
      }
    } else {
      break;
    }
  }
  return is_below;
}

// How many tokens are looked at, as in the program's parser.
enum { SCAN_LIMIT = 256 };

// Past one token that is neither a bracket nor ends a statement; false at one that does.
static bool skip_token(TSLexer *lexer) {
  int32_t c = lexer->lookahead;
  if (lexer->eof(lexer) || c == '{' || c == '}' || c == ';') return false;
  lexer->advance(lexer, false);
  if (is_name_part(c)) {
    while (is_name_part(lexer->lookahead) || lexer->lookahead == '.') lexer->advance(lexer, false);
  } else if (c == '"' || c == '\'') {
    while (!lexer->eof(lexer) && !is_line_break(lexer->lookahead) && lexer->lookahead != c) {
      if (lexer->lookahead == '\\') lexer->advance(lexer, false);
      if (!is_line_break(lexer->lookahead)) lexer->advance(lexer, false);
    }
    if (lexer->lookahead == c) lexer->advance(lexer, false);
  } else if (c == '-' && lexer->lookahead == '>') {
    return false;
  }
  return true;
}

// Past brackets that are closed from here on, `depth` of them open; whether they are.
static bool skip_brackets(TSLexer *lexer, unsigned depth) {
  for (unsigned i = 0; i < SCAN_LIMIT; i++) {
    skip_ahead(lexer);
    int32_t c = lexer->lookahead;
    if (c == '(' || c == '[') depth++;
    if (!skip_token(lexer)) return false;
    if ((c == ')' || c == ']') && --depth == 0) return true;
  }
  return false;
}

// Whether `->` comes next on the line.
static bool arrow_follows(TSLexer *lexer) {
  if (skip_ahead(lexer) || lexer->lookahead != '-') return false;
  lexer->advance(lexer, false);
  return lexer->lookahead == '>';
}

// Whether a line that starts with `(` is a flow of its own: `(a, b) -> …`.
static bool is_flow_of_values(TSLexer *lexer) {
  return skip_brackets(lexer, 0) && arrow_follows(lexer);
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

static bool is_one_of(const char *word, const char *const *words) {
  for (; *words; words++) {
    if (strcmp(word, *words) == 0) return true;
  }
  return false;
}

typedef struct {
  char text[MAXIMUM_WORD + 1];
  unsigned length;
  bool is_dotted;
} Word;

// Reads a name up to its first dot.
static Word read_word(TSLexer *lexer) {
  Word word = {.text = ""};
  for (; is_name_part(lexer->lookahead); lexer->advance(lexer, false)) {
    if (word.length < MAXIMUM_WORD) word.text[word.length] = (char)lexer->lookahead;
    word.length++;
  }
  word.is_dotted = lexer->lookahead == '.';
  return word;
}

static void skip_dotted(TSLexer *lexer) {
  while (is_name_part(lexer->lookahead) || lexer->lookahead == '.') lexer->advance(lexer, false);
}

// Whether a declaration starts with `word`, at the start of a line; what follows on the line is next.
static bool is_declaration(TSLexer *lexer, const Word *word, uint32_t column) {
  static const char *const all[] = {
      "import", "define", "network", "research", "layer", "activation", "loss", "metric", "optimizer",
      "schedule", "initializer", "regularizer", "constraint", "settings", NULL};
  static const char *const half_typed[] = {"network", "define", "layer", NULL};
  if (!is_one_of(word->text, all)) return false;
  int32_t c = lexer->lookahead;
  if (strcmp(word->text, "import") == 0) return c == '"' || c == '\'' || is_name_start(c);
  if (strcmp(word->text, "research") == 0 && c == '{') return true;
  if (!is_name_start(c)) return false;
  skip_dotted(lexer);
  bool is_below = skip_ahead(lexer);
  if (lexer->lookahead == '{') return true;
  if (lexer->lookahead == '(') return !is_below;
  return is_below && column == 0 && is_one_of(word->text, half_typed);
}

// Whether `let`, `for`, `if` or `require` has been read, and what belongs to it is next.
static bool begins_statement(TSLexer *lexer, const Word *word) {
  static const char *const begin[] = {"let", "for", "if", "require", NULL};
  int32_t c = lexer->lookahead;
  if (word->is_dotted || !is_one_of(word->text, begin)) return false;
  if (c == '.') {
    lexer->advance(lexer, false);
    return is_digit(lexer->lookahead);
  }
  return is_name_part(c) || c == '"' || c == '\'' || c == '(' || c == '[';
}

// Whether a line is a statement of its own although the one before waits for something. Its first
// word has been read, and what follows it is next, `is_below` on another line. Docs/language.md,
// "Lines", says the same.
static bool is_statement(TSLexer *lexer, const Word *word, uint32_t column, bool is_below) {
  static const char *const braced[] = {"train", "execution", "execute", NULL};
  int32_t c = lexer->lookahead;
  if (c == ':' || (c == '{' && is_one_of(word->text, braced) && !word->is_dotted)) return true;
  if (!is_below && (begins_statement(lexer, word) || (!word->is_dotted && is_declaration(lexer, word, column)))) {
    return true;
  }
  char first = word->text[0];
  if (first != '_' && (first < 'a' || first > 'z')) return false;
  if (c == '[') return skip_brackets(lexer, 0) && arrow_follows(lexer);
  return !is_below && c == '-' && arrow_follows(lexer);
}

// Whether a token goes on with a name, so that it is a step or a value: an arrow, arguments, an index,
// `*` or `@`.
static bool goes_on(TSLexer *lexer, int32_t next) {
  if (next == '(' || next == '[' || next == '*' || next == '@') return true;
  return next == '-' && arrow_follows(lexer);
}

// Whether a word that has been read, and what follows it, is a mistake here.
static bool cannot_stand(const Scanner *scanner, TSLexer *lexer, const bool *valid_symbols,
                         const Word *word, uint32_t column, bool same_line, bool is_below) {
  static const char *const foreign[] = {"elif", "elsif", "elseif", NULL};
  int32_t next = lexer->lookahead;
  if (valid_symbols[OPERAND_MARK] || valid_symbols[BINDING_MARK]) {
    bool is_call = next == '(' && !is_below && word->text[0] >= 'A' && word->text[0] <= 'Z';
    // A literal takes no arguments, and behind it on its line there is no statement `(…)`.
    if (next == '(' && !is_below && !word->is_dotted && is_literal(word->text)) return true;
    // A layer that stands further in than `let` is what it names.
    if (is_call && valid_symbols[BINDING_MARK] && column > scanner->let_column) return false;
    // Between brackets nothing is a statement.
    return !same_line && (is_call || is_statement(lexer, word, column, is_below)) &&
           !skip_brackets(lexer, 1);
  }
  if (valid_symbols[ENTRY_MARK]) return !same_line && !is_below && begins_statement(lexer, word);
  if (!valid_symbols[STATEMENT_MARK] || word->is_dotted) return false;
  if (valid_symbols[ELSE_WORD]) {
    return !is_below && is_one_of(word->text, foreign) && next != '{' && next != ';' &&
           !goes_on(lexer, next);
  }
  if (strcmp(word->text, "else") != 0) return false;
  if (next == '{') return true;
  return is_name_start(next) && strcmp(read_word(lexer).text, "if") == 0;
}

// `->`, where what follows can go on with the flow.
static bool scan_arrow(TSLexer *lexer, bool is_recovering) {
  lexer->advance(lexer, false);
  if (lexer->lookahead != '>') return false;
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  lexer->result_symbol = ARROW;
  if (is_recovering || !skip_ahead(lexer)) return true;
  bool is_own;
  if (lexer->lookahead == '(') {
    is_own = is_flow_of_values(lexer);
  } else if (is_name_start(lexer->lookahead)) {
    uint32_t column = lexer->get_column(lexer);
    Word word = read_word(lexer);
    if (word.is_dotted) skip_dotted(lexer);
    bool is_below = skip_ahead(lexer);
    is_own = is_statement(lexer, &word, column, is_below);
  } else {
    is_own = false;
  }
  if (is_own) lexer->result_symbol = NOT_HERE;
  return true;
}

static bool scan_word(Scanner *scanner, TSLexer *lexer, const bool *valid_symbols, bool same_line) {
  // Statements go on up to a label that stands no further in than their section. Elsewhere a label
  // is a section wherever one can stand.
  bool in_statements = valid_symbols[BRANCH_WORD];
  uint32_t column = 0;
  if (!same_line && (valid_symbols[LAYERS_WORD] || in_statements)) column = lexer->get_column(lexer);
  bool can_be_section =
      valid_symbols[OTHER_SECTION] && (!in_statements || (!same_line && column <= scanner->indent));

  uint32_t start = lexer->get_column(lexer);
  Word word = read_word(lexer);
  lexer->mark_end(lexer);
  if (word.is_dotted) skip_dotted(lexer);
  bool is_below = skip_ahead(lexer);

  int32_t next = lexer->lookahead;
  int before = word.is_dotted ? 0 : next == ':' ? COLON : next == '{' ? BRACE : 0;
  if (!valid_symbols[NOT_HERE]) {
    if (cannot_stand(scanner, lexer, valid_symbols, &word, start, same_line, is_below)) {
      lexer->result_symbol = NOT_HERE;
      return true;
    }
    if (valid_symbols[LET_WORD] && strcmp(word.text, "let") == 0 && !word.is_dotted &&
        !(before == COLON && valid_symbols[LABEL]) && !(next == '-' && arrow_follows(lexer))) {
      scanner->let_column = (uint16_t)start;
      lexer->result_symbol = LET_WORD;
      return true;
    }
    if (valid_symbols[ELSE_WORD] && strcmp(word.text, "else") == 0 && !word.is_dotted &&
        !(before == COLON && valid_symbols[LABEL]) && !goes_on(lexer, next)) {
      lexer->result_symbol = ELSE_WORD;
      return true;
    }
  }
  for (unsigned i = 0; word.length <= MAXIMUM_WORD && i < sizeof words / sizeof *words; i++) {
    enum TokenType type = words[i].type;
    if (!(words[i].before & before) || !valid_symbols[type] || strcmp(word.text, words[i].text) != 0) continue;
    if (type == LAYERS_WORD) scanner->indent = (uint16_t)column;
    lexer->result_symbol = (TSSymbol)type;
    return true;
  }
  if (before == COLON && valid_symbols[LABEL]) {
    lexer->result_symbol = LABEL;
  } else if (before == COLON && can_be_section) {
    lexer->result_symbol = OTHER_SECTION;
  } else if (valid_symbols[TYPE_NAME] && word.text[0] >= 'A' && word.text[0] <= 'Z' &&
             !word.is_dotted && !is_literal(word.text)) {
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
  if (lexer->lookahead == '-' && valid_symbols[ARROW]) return scan_arrow(lexer, valid_symbols[NOT_HERE]);
  if (lexer->lookahead == '(' && !same_line && (valid_symbols[OPERAND_MARK] || valid_symbols[BINDING_MARK]) &&
      !valid_symbols[NOT_HERE]) {
    lexer->mark_end(lexer);
    lexer->result_symbol = NOT_HERE;
    return is_flow_of_values(lexer);
  }
  return is_name_start(lexer->lookahead) && scan_word(payload, lexer, valid_symbols, same_line);
}
