/// <reference types="tree-sitter-cli/dsl" />
// @ts-check
//
// The grammar of Neural: Docs/language.md is what it follows, section by section.
//
// Nodes are called as the parser in Sources/NeuralSyntax calls them, so that the two trees can be
// compared. No word is reserved. Most keywords are told from names by what the parser expects
// (`word` below); at the start of a statement, where both can stand, the next token decides. What
// takes more than one token of lookahead is in src/scanner.c: a section word or an entry's name,
// which are that only before their `:` or `{`; the `(` of an argument list, which stands on its
// name's line; capitalised names, where they can be a layer's; and a line that is a statement of its
// own although the line before waits for something.

const DECLARATION_WORDS = [
  'layer', 'activation', 'loss', 'metric', 'optimizer', 'schedule', 'initializer', 'regularizer',
  'constraint', 'settings',
];

const DTYPES = [
  'bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16',
  'bfloat16', 'float32', 'float64', 'complex64', 'complex128', 'string',
];

const PRECEDENCE = {
  or: 1, and: 2, not: 3, comparison: 4, sum: 5, product: 6, sign: 7, power: 8, postfix: 9,
};

/** One or more, with commas between them and perhaps after the last. */
const list1 = (rule) => seq(rule, repeat(seq(',', rule)), optional(','));

/** The same where a comma may also separate what follows: the list takes it. */
const series = (rule, first = rule) =>
  prec.right(seq(first, repeat(seq(',', rule)), optional(',')));

/** Braces around entries, which commas or semicolons may separate. */
const entries = (rule) => seq('{', repeat(choice(rule, ',', ';')), '}');

/** Each of the rules at most once, in any order. */
const inAnyOrder = (rules) => choice(
  ...rules.map((rule, index) => {
    const others = rules.filter((_, other) => other !== index);
    return others.length === 0 ? rule : seq(rule, optional(inAnyOrder(others)));
  }));

/** What an operator or `=` waits for: not a line that is a statement of its own. */
const operand = ($, rule) => choice(rule, $._operand_mark);

/** The values of a layer's entry: not a line that is one of its own. */
const entryValues = ($, rule) =>
  series(field('value', rule), choice(field('value', rule), $._entry_mark));

const arrow = ($) => alias($._arrow, '->');

/** A Unicode scalar value in at most eight hexadecimal digits. */
const scalar = choice(
  /0{0,4}([0-9a-fA-F]{1,3}|[0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})/,
  /0{0,3}[1-9a-fA-F][0-9a-fA-F]{4}/,
  /0{0,2}10[0-9a-fA-F]{4}/,
);

/** A word in any mixture of cases. */
const anyCase = (word) =>
  new RegExp([...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join(''));

module.exports = grammar({
  name: 'neural',

  word: $ => $.identifier,

  externals: $ => [
    $._open,
    $._input_word,
    $._layers_word,
    $._settings_word,
    $._value_word,
    $._output_word,
    $._label,
    $._other_section,
    $._branch_word,
    $._weights_word,
    $._state_word,
    $._body_word,
    $.type_identifier,
    $._arrow,
    $._else_word,
    $._let_word,
    // These are in no text. The first four tell the scanner what can stand here; the last is what it
    // makes of a word that cannot.
    $._operand_mark,
    $._binding_mark,
    $._entry_mark,
    $._statement_mark,
    $._not_here,
  ],

  inline: $ => [$._name, $._any_name, $._loop_name],

  extras: $ => [/[ \t\r\n\f\v]/, $.documentation_comment, $.comment],

  supertypes: $ => [$._declaration, $._statement, $._expression, $._primary, $._type],

  rules: {
    source_file: $ => repeat(choice($._declaration, ',', ';')),

    _declaration: $ => choice(
      $.import_declaration,
      $.definition_declaration,
      $.network_declaration,
      $.layer_declaration,
      $.research_declaration,
    ),

    // Declarations

    import_declaration: $ => seq(
      'import',
      optional(seq(list1(field('name', choice($._name, alias('from', $.identifier)))), 'from')),
      field('path', $.string),
    ),

    definition_declaration: $ => seq(
      'define',
      field('name', $._name),
      optional(field('parameters', $.parameters)),
      field('body', $.block),
    ),

    network_declaration: $ => seq(
      'network',
      field('name', $._name),
      optional(field('parameters', $.parameters)),
      '{',
      repeat(','),
      repeat(choice(seq(choice($.section, ';'), repeat(',')), alias($._layers_section, $.section))),
      '}',
    ),

    layer_declaration: $ => seq(
      field('keyword', alias(choice(...DECLARATION_WORDS), $.declaration_word)),
      field('name', $._name),
      optional(field('parameters', $.parameters)),
      field('body', $.layer_body),
    ),

    research_declaration: $ => seq(
      'research',
      optional(field('name', $._name)),
      field('entries', $.settings),
    ),

    // Parameters and their types

    parameters: $ => seq('(', optional(list1($.parameter)), ')'),

    parameter: $ => seq(
      field('name', $._name),
      repeat(seq('|', field('alias', $._name))),
      optional(seq(':', field('type', $._type))),
      optional(seq('=', field('default', $._element))),
    ),

    _type: $ => choice($.union_type, $._single_type),

    union_type: $ => prec.left(seq($._single_type, repeat1(seq('|', $._single_type)))),

    _single_type: $ => choice(
      $._plain_type, $.refined_type, $.interval_type, $.member_type),

    _plain_type: $ => choice(
      alias(choice($.identifier, $.type_identifier), $.type_name),
      $.literal_type,
      $.grouped_type,
      $.tuple_type,
      $.list_type,
    ),

    literal_type: $ => choice(
      $.string, $.integer, $.float, $.true, $.false, alias($._signed_number, $.unary_expression)),

    _signed_number: $ => seq(
      field('operator', choice('-', '+')), field('operand', choice($.integer, $.float))),

    grouped_type: $ => seq('(', $._type, ')'),

    tuple_type: $ => choice(
      seq('(', optional(seq($._type, ',')), ')'),
      seq('(', $._type, repeat1(seq(',', $._type)), optional(','), ')'),
    ),

    list_type: $ => seq('[', list1($._type), ']'),

    refined_type: $ => seq(
      field('type', $._plain_type),
      field('operator', choice('==', '!=', '<', '<=', '>', '>=')),
      field('bound', $._arithmetic),
    ),

    interval_type: $ => seq(
      field('type', $._plain_type),
      'in',
      choice('[', '('),
      field('lower', $._arithmetic),
      ',',
      field('upper', $._arithmetic),
      choice(']', ')'),
    ),

    member_type: $ => seq(field('type', $._plain_type), 'in', field('category', $._name)),

    // Sections of a network

    section: $ => choice(
      seq(
        field('keyword', alias($._input_word, $.section_word)), ':',
        choice($._inputs, field('value', $.input_group)),
        optional(field('conditions', $.conditions)),
      ),
      seq(
        field('keyword', alias($._layers_word, $.section_word)), ':',
        field('value', $.block),
      ),
      seq(
        field('keyword', alias($._settings_word, $.section_word)), optional(':'),
        field('value', $.settings),
      ),
      seq(
        field('keyword', alias(choice($._value_word, $._other_section), $.section_word)), ':',
        choice(field('value', $.settings), series(field('value', $._expression))),
      ),
    ),

    // Apart from the others, as no comma follows its statements.
    _layers_section: $ => prec.right(seq(
      field('keyword', alias($._layers_word, $.section_word)), ':',
      optional(field('value', $.statements)),
    )),

    _inputs: $ => series(field('value', $.input)),

    input_group: $ => entries(alias($._named_input, $.input)),

    input: $ => seq(
      optional(field('dtype', choice($.dtype, $._name))),
      field('shape', $._shape),
    ),

    _named_input: $ => seq(
      field('name', choice($._name, alias($._label, $.identifier))), ':',
      optional(field('dtype', choice($.dtype, $._name))),
      field('shape', $._shape),
    ),

    dtype: _ => choice(...DTYPES),

    _shape: $ => choice($.tuple, $.parenthesized_expression),

    conditions: $ => seq('where', series($._expression)),

    settings: $ => entries($.setting),

    setting: $ => choice(
      seq(
        field('name', alias($._label, $.identifier)), ':',
        field('value', choice($._expression, $.settings)),
      ),
      seq(field('name', $._name), field('value', $.settings)),
    ),

    // Statements

    statements: $ => prec.right(repeat1(choice($._statement, ';', $._statement_mark))),

    block: $ => seq('{', repeat(choice($._statement, ';', $._statement_mark)), '}'),

    _statement: $ => choice($.flow, $.binding, $.loop, $.conditional),

    binding: $ => prec(1, seq(
      alias($._let_word, 'let'),
      field('name', $._name),
      '=',
      field('value', choice($._expression, $._binding_mark)),
    )),

    loop: $ => prec(1, seq(
      'for',
      choice(
        field('variable', $._loop_name),
        $.loop_variables,
      ),
      'in',
      field('sequence', operand($, $._expression)),
      field('body', $.block),
    )),

    _loop_name: $ => choice($._name, alias(choice('let', 'for', 'if'), $.identifier)),

    loop_variables: $ => seq('(', list1(field('variable', $._loop_name)), ')'),

    conditional: $ => prec.right(1, seq(
      'if',
      field('condition', operand($, $._expression)),
      field('body', $.block),
      optional(seq(
        alias($._else_word, 'else'), field('otherwise', choice($.block, $.conditional)))),
    )),

    flow: $ => seq(
      choice(
        $._flow_element,
        seq(alias($._word_step, $.step), arrow($), $._flow_element),
      ),
      repeat(seq(arrow($), $._flow_element)),
    ),

    _flow_element: $ => choice(
      $.step,
      alias($._value_subscript, $.subscript),
      alias($._value_slice, $.slice),
      $.parenthesized_expression,
      alias($._values, $.tuple),
    ),

    _value_subscript: $ => seq(
      field('value', choice(
        $._variable, alias($._value_subscript, $.subscript), alias($._value_slice, $.slice))),
      '[', field('index', $._element), ']',
    ),

    _value_slice: $ => seq(
      field('value', choice(
        $._variable, alias($._value_subscript, $.subscript), alias($._value_slice, $.slice))),
      $._bounds,
    ),

    // What is called is a layer, and so is a capitalised name; any other name is a layer where it is
    // repeated, placed or has a block, and a value where it stands alone.
    step: $ => choice(
      seq(
        field('name', choice($.identifier, $.type_identifier, $.dotted_name)),
        field('arguments', $.arguments),
        optional($._suffixes),
      ),
      seq(field('name', choice($.type_identifier, $.dotted_name)), optional($._suffixes)),
      seq(field('name', $.identifier), $._suffixes),
      seq(field('keyword', alias($._branch_word, $.branch_word)), $._suffixes),
      field('value', alias($.identifier, $.variable)),
    ),

    _suffixes: $ => inAnyOrder([
      field('block', $.block),
      field('repetition', $.repetition),
      field('device', $.device),
    ]),

    repetition: $ => seq('*', operand($, $._primary)),

    device: $ => seq('@', operand($, $._primary)),

    // A value that is called as a word that begins statements, at a statement's start: `if -> x`.
    // Where the word can begin a statement, it does.
    _word_step: $ => field('value', alias(choice('let', 'if', 'for'), $.variable)),

    // Expressions

    // What may stand between brackets, where `if` cannot begin a statement.
    _element: $ => choice(
      $._expression,
      $.conditional_expression,
      $.spread,
      // Alone it is a name like any other.
      alias('not', $.variable),
    ),

    _expression: $ => choice(
      $._arithmetic,
      $.not_expression,
      $.and_expression,
      $.or_expression,
      $.comparison,
    ),

    or_expression: $ => prec.left(PRECEDENCE.or, seq(
      field('left', $._expression), field('operator', 'or'), field('right', operand($, $._expression)))),

    and_expression: $ => prec.left(PRECEDENCE.and, seq(
      field('left', $._expression), field('operator', 'and'), field('right', operand($, $._expression)))),

    not_expression: $ => prec(PRECEDENCE.not, seq(
      field('operator', 'not'), field('operand', operand($, $._expression)))),

    comparison: $ => prec.left(PRECEDENCE.comparison, seq(
      $._arithmetic,
      repeat1(seq(
        field('operator', choice('==', '!=', '<', '<=', '>', '>=', 'in', seq('not', 'in'))),
        operand($, $._arithmetic),
      )),
    )),

    _arithmetic: $ => choice($.binary_expression, $.unary_expression, $._primary),

    binary_expression: $ => choice(
      ...[
        [prec.left, PRECEDENCE.sum, choice('+', '-')],
        [prec.left, PRECEDENCE.product, choice('*', '/', '//', '%')],
        [prec.right, PRECEDENCE.power, '**'],
      ].map(([associativity, precedence, operator]) => associativity(precedence, seq(
        field('left', $._arithmetic),
        field('operator', operator),
        field('right', operand($, $._arithmetic)),
      ))),
    ),

    unary_expression: $ => prec(PRECEDENCE.sign, seq(
      field('operator', choice('-', '+')), field('operand', operand($, $._arithmetic)))),

    _primary: $ => choice(
      $.integer,
      $.float,
      $.string,
      $.true,
      $.false,
      $.none,
      $._variable,
      $.call,
      $.subscript,
      $.slice,
      $.parenthesized_expression,
      $.tuple,
      $.list,
    ),

    _variable: $ => alias(choice($.identifier, $.type_identifier, $.dotted_name), $.variable),

    call: $ => prec(PRECEDENCE.postfix, seq(
      field('name', choice($.identifier, $.type_identifier, $.dotted_name)),
      field('arguments', $.arguments),
    )),

    arguments: $ => seq(alias($._open, '('), optional(list1($.argument)), ')'),

    argument: $ => choice(
      seq(field('name', $._any_name), choice('=', ':'), field('value', $._element)),
      field('value', $._element),
    ),

    subscript: $ => prec(PRECEDENCE.postfix, seq(
      field('value', $._primary),
      '[', field('index', $._element), ']',
    )),

    slice: $ => prec(PRECEDENCE.postfix, seq(field('value', $._primary), $._bounds)),

    _bounds: $ => seq(
      '[', optional(field('lower', $._element)), ':', optional(field('upper', $._element)), ']'),

    parenthesized_expression: $ => seq('(', $._element, ')'),

    tuple: $ => choice(seq('(', ')'), $._values),

    _values: $ => choice(
      seq('(', $._element, ',', ')'),
      seq('(', $._element, repeat1(seq(',', $._element)), optional(','), ')'),
    ),

    list: $ => seq('[', optional(list1($._element)), ']'),

    conditional_expression: $ => prec.right(seq(
      field('then', $._expression),
      'if',
      field('condition', $._expression),
      'else',
      field('otherwise', choice(
        $._expression, $.conditional_expression, alias('not', $.variable))),
    )),

    spread: $ => seq('...', optional(choice(
      $._variable, $.call, $.subscript, $.slice, $.parenthesized_expression, $.tuple))),

    // The body of a layer's declaration

    layer_body: $ => entries($._layer_item),

    _layer_item: $ => choice(
      $.input_item,
      $.output_item,
      $.binding,
      $.require_item,
      alias($.layer_conditional, $.conditional),
      $.weights_item,
      $.state_item,
      $.body_item,
      $.entry,
    ),

    input_item: $ => seq(
      alias($._input_word, 'input'), ':',
      entryValues($, alias($._input_pattern, $.input)),
    ),

    // `x (batch, d)` names the input, `int32 (batch, d)` types it.
    _input_pattern: $ => seq(
      choice(
        seq(
          optional(field('dtype', $.dtype)),
          optional(field('name', $._name)),
          field('shape', $._shape),
        ),
        seq(field('dtype', $._name), field('name', $._name), field('shape', $._shape)),
        seq('...', field('name', $._name), optional(field('shape', $._shape))),
      ),
      optional(seq('=', field('default', $._expression))),
    ),

    output_item: $ => seq(alias($._output_word, 'output'), ':', entryValues($, $._expression)),

    require_item: $ => prec.right(seq(
      'require',
      field('condition', operand($, $._expression)),
      optional(seq(',', field('message', $.string))),
      optional(seq('as', field('code', $.code))),
    )),

    // A diagnostic's code, `rank-mismatch`: only here is `-` part of a word.
    code: _ => /[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z_][A-Za-z0-9_]*)*/,

    layer_conditional: $ => seq(
      'if',
      field('condition', operand($, $._expression)),
      field('body', $.layer_body),
      optional(seq(
        alias($._else_word, 'else'), field('otherwise', choice($.layer_body, alias($.layer_conditional, $.conditional))))),
    ),

    weights_item: $ => seq(alias($._weights_word, 'weights'), entries($.weight_entry)),

    state_item: $ => seq(alias($._state_word, 'state'), entries($.weight_entry)),

    weight_entry: $ => seq(
      field('name', alias($._label, $.identifier)), ':',
      field('shape', $._expression),
      optional(seq('=', field('value', $._expression))),
      optional(seq('when', field('condition', $._expression))),
    ),

    body_item: $ => seq(alias($._body_word, 'body'), field('value', $.block)),

    // `category: core`, `aliases: A, B`, `macs: …`, `pytorch: "…"`.
    entry: $ => seq(
      field('name', alias($._label, $.identifier)), ':', entryValues($, $._expression)),

    // Tokens. The literals stand before `identifier`: of two tokens of the same length the earlier
    // one wins.

    true: _ => anyCase('true'),
    false: _ => anyCase('false'),
    none: _ => anyCase('none'),

    identifier: _ => /[A-Za-z_][A-Za-z0-9_]*/,

    // Wherever a name of either case is no layer's.
    _name: $ => choice($.identifier, alias($.type_identifier, $.identifier)),

    // The same where a literal or `not` could stand too, before the sign that makes it a name.
    _any_name: $ => choice(
      $._name, alias(choice($.true, $.false, $.none, 'not'), $.identifier)),

    // PyTorch's `nn.Linear`.
    dotted_name: _ => /[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+/,

    integer: _ => /[0-9](_?[0-9])*/,

    float: _ => {
      const digits = /[0-9](_?[0-9])*/;
      const exponent = /[eE][+-]?[0-9](_?[0-9])*/;
      return token(choice(
        seq(digits, '.', optional(digits), optional(exponent)),
        seq('.', digits, optional(exponent)),
        seq(digits, exponent),
      ));
    },

    string: $ => choice(
      seq('"', repeat(choice(
        alias(token.immediate(prec(1, /[^"\\\r\n]+/)), $.string_content), $.escape_sequence)),
        token.immediate('"')),
      seq('\'', repeat(choice(
        alias(token.immediate(prec(1, /[^'\\\r\n]+/)), $.string_content), $.escape_sequence)),
        token.immediate('\'')),
    ),

    escape_sequence: _ => token.immediate(seq('\\', choice(
      /[nt\\"']/,
      seq('u{', scalar, '}'),
    ))),

    documentation_comment: _ => token(/##([^#\r\n][^\r\n]*)?/),

    comment: _ => token(/#([^#\r\n][^\r\n]*)?|###[^\r\n]*/),
  },
});
