// The TextMate grammar, for editors without tree-sitter. Its words are those of src/grammar.json and
// src/scanner.c, its scopes those of scopes.json, and the layers it knows those of ../Schemas.
//
// Its regions follow the grammar: a file has declarations; a declaration its parameters and a body of
// sections, statements, settings or entries; and in brackets there are expressions.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const read = (file) => fs.readFileSync(path.join(__dirname, file), 'utf8');
const { rules } = JSON.parse(read('src/grammar.json'));
const scopes = JSON.parse(read('scopes.json'));

// Words

/** Every literal token in a rule. */
function strings(rule) {
  if (rule.type === 'STRING') return [rule.value];
  return [...(rule.members ?? []), ...(rule.content ? [rule.content] : [])].flatMap(strings);
}

/** The literal tokens that become a node of this name. */
function aliased(rule, name) {
  if (rule.type === 'ALIAS' && rule.named && rule.value === name) return strings(rule.content);
  return [...(rule.members ?? []), ...(rule.content ? [rule.content] : [])].flatMap((inner) => aliased(inner, name));
}

/** The words of src/scanner.c that are of these types. */
function scanned(...types) {
  return [...read('src/scanner.c').matchAll(/\{"(\w+)", (\w+)_WORD, [A-Z |]+\}/g)]
    .filter(([, , type]) => types.includes(type)).map(([, word]) => word);
}

/** Names of what the catalogue declares: layers, optimizers and the like, and their other names. */
function declared() {
  const folder = path.join(__dirname, '..', 'Schemas', 'layers');
  const words = aliased(rules.layer_declaration, 'declaration_word').filter((word) => word !== 'settings');
  return fs.readdirSync(folder).filter((file) => file.endsWith('.neural')).flatMap((file) => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    return [
      ...[...text.matchAll(new RegExp(`^(?:${words.join('|')}) (\\w+)`, 'gm'))].map(([, name]) => name),
      ...[...text.matchAll(/^ *aliases: *([\w, ]+)/gm)].flatMap(([, names]) => names.split(/[, ]+/)),
    ];
  }).filter((name) => /^[A-Z]/.test(name));
}

const anyOf = (list) => {
  if (list.length === 0) throw new Error('the grammar has no such words any more: mend textmate.js');
  return `(?:${[...new Set(list)].sort().join('|')})`;
};
const declarationWords = anyOf(aliased(rules.layer_declaration, 'declaration_word'));
const operatorWords = anyOf(['or_expression', 'and_expression', 'not_expression', 'comparison']
  .flatMap((rule) => strings(rules[rule])).filter((word) => /^[a-z]+$/.test(word)));
const settingsWords = anyOf(scanned('SETTINGS'));
const sectionWords = anyOf(scanned('INPUT', 'LAYERS', 'SETTINGS', 'VALUE'));
const valueWords = anyOf(scanned('VALUE'));
const weightsWords = anyOf(scanned('WEIGHTS', 'STATE'));
const [bodyWord] = scanned('BODY');
const itemWords = anyOf(scanned('INPUT', 'OUTPUT'));
const branchWords = anyOf(scanned('BRANCH'));
const dtypes = anyOf(strings(rules.dtype));
const catalogue = anyOf(declared());

// Pieces

const NAME = '[A-Za-z_][A-Za-z0-9_]*';
const DOTTED = `${NAME}(?:\\.${NAME})+`;
const CAPITALIZED = '[A-Z][A-Za-z0-9_]*';
const CALLED = '(?=[ \\t]*\\()';

const scope = (capture, rest = '', index = 0) => `${scopes[capture][index]}${rest}.neural`;
const include = (...names) => names.map((name) => ({ include: `#${name}` }));
const one = (capture, match, rest) => ({ name: scope(capture, rest), match });
const captured = (...list) => Object.fromEntries(
  list.flatMap((name, index) => (name ? [[String(index + 1), { name: scope(...[name].flat()) }]] : [])));
const several = (match, ...list) => ({ match, captures: captured(...list) });

/** What stands between two signs. */
const between = (kind, open, close, ...patterns) => ({
  begin: open,
  end: close,
  beginCaptures: { 0: { name: scope('punctuation.bracket', `.${kind}.begin`) } },
  endCaptures: { 0: { name: scope('punctuation.bracket', `.${kind}.end`) } },
  patterns: include(...patterns),
});
const braces = (...patterns) => between('braces', '\\{', '\\}', ...patterns);

/** What stands from a head to the `}` behind it; the head's parts are captured. */
const headed = (begin, captures, ...patterns) => ({
  begin, end: '\\}', beginCaptures: captured(...captures),
  endCaptures: { 0: { name: scope('punctuation.bracket', '.braces.end') } },
  patterns: include(...patterns),
});

const declaration = (begin, captures, ...patterns) => ({
  begin, end: '(?<=\\})', beginCaptures: captured(...captures), patterns: include('comment', ...patterns),
});

/** A value on the line of what begins it; its brackets may go on over more lines. */
const line = (begin, captures, ...patterns) => ({
  begin, end: '(?=$|[;}])', beginCaptures: captured(...captures), patterns: include(...patterns),
});

/** The same, up to the next section. */
const value = (...parts) => ({ ...line(...parts), end: `(?=$|[;}]|\\b${sectionWords}\\s*[:{])` });

const string = (quote, kind) => ({
  name: scope('string', `.${kind}`),
  begin: quote,
  end: `${quote}|$`,
  patterns: [one('string.escape', '\\\\(?:[nt\\\\"\']|u\\{[0-9A-Fa-f]+\\})')],
});

/** A name that stands for a layer or the like, with what follows it. */
const types = (follows) => [
  { name: scope('type', '', 1), match: `\\b${catalogue}\\b${follows}` },
  one('type', `\\b(?:${DOTTED}|${CAPITALIZED})\\b(?!\\.)${follows}`),
];

const digits = '[0-9](?:_?[0-9])*';
const exponent = `[eE][+-]?${digits}`;

const repository = {
  comment: {
    patterns: [one('comment.documentation', '##(?!#).*$'), one('comment', '#.*$')],
  },
  string: { patterns: [string('"', 'double'), string("'", 'single')] },
  literal: {
    patterns: [
      one('number.float', `(?<![A-Za-z0-9_])(?:${digits}(?:\\.(?!\\.)(?:${digits})?(?:${exponent})?|${exponent})|\\.${digits}(?:${exponent})?)`),
      one('number', `(?<![A-Za-z0-9_])${digits}`),
      one('boolean', '\\b(?i:true|false)\\b'),
      one('constant.builtin', '\\b(?i:none)\\b'),
    ],
  },
  sign: {
    patterns: [
      one('operator', '->|\\.\\.\\.|\\*\\*|//|[=!<>]=|[-+*/%<>=|@]'),
      one('punctuation.delimiter', '[,:;]'),
    ],
  },

  // Expressions

  brackets: { patterns: [between('parens', '\\(', '\\)', 'element'), between('brackets', '\\[', '\\]', 'index')] },
  // In brackets a name before `=` or `:` is an argument's, and `if` begins no statement.
  element: {
    patterns: [
      one('variable.parameter', `\\b${NAME}(?=\\s*(?::|=(?!=)))`),
      ...include('index'),
    ],
  },
  index: { patterns: [one('keyword.conditional', '\\b(?:if|else)\\b'), ...include('expression')] },
  operand: {
    patterns: [
      ...include('comment', 'string', 'brackets', 'literal'),
      one('keyword.operator', `\\b${operatorWords}\\b`),
    ],
  },
  expression: {
    patterns: [
      ...include('operand'),
      ...types(CALLED),
      one('function', `\\b${NAME}${CALLED}`),
      one('variable', `\\b${NAME}(?:\\.${NAME})*`),
      ...include('sign'),
    ],
  },

  // Statements

  statement: {
    patterns: [
      one('variable', '\\b(?:let|for|if)(?=\\s*->)'),
      several('(->)\\s*(let|for|if|else)\\b', 'operator', 'variable'),
      line(`\\b(let)\\s+(${NAME})\\s*(=)`, ['keyword', 'variable', 'operator'], 'expression'),
      {
        begin: `\\b(for)\\s+(?=${NAME}\\s+in\\b|\\()`, end: '(?=\\{)', beginCaptures: captured('keyword.repeat'),
        patterns: include('expression'),
      },
      { begin: '\\b(if)\\b', end: '(?=\\{)', beginCaptures: captured('keyword.conditional'), patterns: include('expression') },
      one('keyword.conditional', '\\belse\\b'),
      one('keyword', `\\b${branchWords}(?=\\s*\\{)`, '.branch'),
      several(`([*@])\\s*(${NAME})(?![A-Za-z0-9_.]|[ \\t]*\\()`, 'operator', 'variable'),
      ...include('block', 'step'),
    ],
  },
  step: {
    patterns: [
      ...include('comment', 'string', 'brackets'),
      one('variable', `\\b${NAME}(?=\\s*\\[)`),
      ...types(''),
      one('function', `\\b${NAME}(?=[ \\t]*\\(|\\s*\\{|\\s*\\*|\\s*@)`),
      one('variable', `\\b${NAME}`),
      ...include('literal', 'sign'),
    ],
  },

  // Settings: names with values or more settings

  settings: {
    patterns: [
      ...include('group'),
      one('property', `\\b${NAME}(?=\\s*:)`),
      ...include('expression'),
    ],
  },

  group: headed(`\\b(${NAME})\\s*(:)?\\s*(\\{)`,
    ['property', 'punctuation.delimiter', ['punctuation.bracket', '.braces.begin']], 'settings'),

  // Networks

  section: {
    patterns: [
      headed(`\\b(${settingsWords}|${valueWords}(?=\\s*:))\\s*(:)?\\s*(\\{)`,
        [['keyword', '.section'], 'punctuation.delimiter', ['punctuation.bracket', '.braces.begin']], 'settings'),
      headed('\\b(input)\\s*(:)\\s*(\\{)',
        [['keyword', '.section'], 'punctuation.delimiter', ['punctuation.bracket', '.braces.begin']], 'inputs'),
      value('\\b(input)\\s*(:)', [['keyword', '.section'], 'punctuation.delimiter'], 'input'),
      value(`\\b(${valueWords})\\s*(:)`, [['keyword', '.section'], 'punctuation.delimiter'], 'expression'),
      one('keyword', `\\b${sectionWords}(?=\\s*:)`, '.section'),
      value('\\b(where)\\b', ['keyword.conditional'], 'expression'),
      ...include('statement'),
    ],
  },
  input: {
    patterns: [
      one('keyword.conditional', '\\bwhere\\b'),
      one('type.builtin', `\\b${NAME}(?=\\s*\\()`),
      ...include('expression'),
    ],
  },
  inputs: { patterns: [one('variable', `\\b${NAME}(?=\\s*:)`), ...include('input')] },

  // Declarations

  import: {
    begin: '\\b(import)\\b', end: '(?<=["\'])', beginCaptures: captured('keyword.import'),
    patterns: [
      ...include('comment', 'string'),
      one('keyword.import', '\\bfrom(?=\\s*["\'])'),
      one('type', `\\b${NAME}`),
      ...include('sign'),
    ],
  },
  definition: declaration(`\\b(define)\\s+(${NAME})`, [['keyword', '.declaration'], 'type'], 'parameters', 'block'),
  block: braces('statement'),
  network: declaration(`\\b(network)\\s+(${NAME})`, [['keyword', '.declaration'], 'type'], 'parameters', 'sections'),
  sections: braces('section'),
  research: declaration(`\\b(research)(?:\\s+(${NAME}))?`, [['keyword', '.declaration'], 'type'], 'notes'),
  notes: braces('settings'),
  layer: declaration(`\\b(${declarationWords})\\s+(${NAME})`, [['keyword', '.declaration'], 'type'], 'parameters', 'items'),
  items: braces('item'),
  item: {
    patterns: [
      headed(`\\b(${weightsWords})\\s*(\\{)`, [['keyword', '.section'], ['punctuation.bracket', '.braces.begin']], 'weight'),
      headed(`\\b(${bodyWord})\\s*(\\{)`, [['keyword', '.section'], ['punctuation.bracket', '.braces.begin']], 'statement'),
      line('\\b(input)\\s*(:)', [['keyword', '.section'], 'punctuation.delimiter'], 'pattern'),
      one('keyword', `\\b${itemWords}(?=\\s*:)`, '.section'),
      one('property', `\\b${NAME}(?=\\s*:)`),
      several(`\\b(let)\\s+(${NAME})\\s*(=)`, 'keyword', 'variable', 'operator'),
      one('keyword', '\\brequire\\b'),
      several('\\b(as)\\s+([A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z_][A-Za-z0-9_]*)*)', 'keyword', 'constant'),
      one('keyword.conditional', '\\b(?:if|else)\\b'),
      ...include('items', 'expression'),
    ],
  },
  weight: {
    patterns: [
      one('property', `\\b${NAME}(?=\\s*:)`),
      one('keyword.conditional', '\\bwhen\\b'),
      ...include('expression'),
    ],
  },
  // What flows into a layer: a dtype, a name and a shape.
  pattern: {
    patterns: [
      one('type.builtin', `\\b${dtypes}(?=\\s*(?:${NAME}\\s*)?\\()`),
      one('type.builtin', `\\b${NAME}(?=[ \\t]+${NAME}\\s*\\()`),
      one('variable', `\\b${NAME}(?=\\s*\\()`),
      ...include('expression'),
    ],
  },

  // Parameters and their types

  parameters: between('parens', '\\(', '\\)', 'parameter'),
  parameter: {
    patterns: [
      ...include('comment'),
      {
        begin: ':', end: '(?=[,)]|(?<![<>=!])=(?!=))', beginCaptures: { 0: { name: scope('punctuation.delimiter') } },
        patterns: include('type'),
      },
      { begin: '=', end: '(?=[,)])', beginCaptures: { 0: { name: scope('operator') } }, patterns: include('index') },
      one('variable.parameter', `\\b${NAME}`),
      ...include('sign'),
    ],
  },
  type: {
    patterns: [
      ...include('comment', 'string'),
      // The ends of an interval may be of either kind.
      {
        begin: '\\b(in)\\s*([\\[(])', end: '[\\])]', beginCaptures: captured('keyword.operator', 'punctuation.bracket'),
        endCaptures: { 0: { name: scope('punctuation.bracket') } }, patterns: include('expression'),
      },
      several(`\\b(in)\\s+(${NAME})`, 'keyword.operator', 'constant'),
      several(`([<>=!]=|[<>])\\s*(${NAME})`, 'operator', 'variable'),
      ...include('typeBrackets'),
      one('boolean', '\\b(?i:true|false)\\b'),
      one('type.builtin', `\\b${NAME}`),
      ...include('literal', 'sign'),
    ],
  },
  typeBrackets: { patterns: [between('parens', '\\(', '\\)', 'type'), between('brackets', '\\[', '\\]', 'type')] },
};

module.exports = {
  $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
  information_for_contributors: 'Generated by Syntax/derive.js: change Syntax/textmate.js.',
  name: 'Neural',
  scopeName: 'source.neural',
  fileTypes: JSON.parse(read('tree-sitter.json')).grammars[0]['file-types'],
  patterns: include('comment', 'import', 'definition', 'network', 'research', 'layer', 'sign'),
  repository,
};
