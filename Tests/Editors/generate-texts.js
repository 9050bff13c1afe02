// Texts of the language, made from a seed: every construct of Docs/language.md, words as names,
// comments and line breaks wherever they may stand.
'use strict';

const WORDS = [
  'import', 'from', 'define', 'network', 'layer', 'research', 'activation', 'loss', 'metric', 'optimizer',
  'schedule', 'initializer', 'regularizer', 'constraint', 'settings', 'input', 'data_format', 'layers', 'outputs',
  'metrics', 'train', 'execution', 'execute', 'search_method', 'let', 'for', 'in', 'if', 'else', 'and', 'or', 'not',
  'where', 'output', 'require', 'as', 'weights', 'state', 'when', 'macs', 'body', 'branch', 'shortcut', 'int32',
  'string', 'float16', 'range', 'dim', 'HPO', 'nn',
];
const PLAIN = ['x', 'y', 'units', 'filters', '_', 'a1', 'Dense', 'ReLU', 'LSTM', 'Conv2D', 'N', 'stem', 'truely', 'nonesuch', 'True_', 'i'];
const LITERAL_WORDS = ['true', 'False', 'none', 'NONE', 'TRUE', 'None'];
const DTYPES = ['int32', 'float16', 'bfloat16', 'string', 'bool', 'complex64', 'uint8'];
const DECLARATION_WORDS = ['layer', 'activation', 'loss', 'metric', 'optimizer', 'schedule', 'initializer', 'regularizer', 'constraint', 'settings'];

/** After these, outside brackets, a line that is a statement of its own is one. */
const WAITING = new Set([
  '=', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '//', '%', '**', '@', 'and', 'or', 'not', 'in', 'if', 'require', ':',
]);
const DECLARATIONS = new Set(['import', 'define', 'network', 'research', ...DECLARATION_WORDS]);

/** A generator of numbers from 0 to 1 for a seed (FNV-1a, then mulberry32). */
function random(seed) {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

/** How a token stands to the one before it. */
const FREE = 0;       // anything may stand between
const SAME_LINE = 1;  // blanks only
const NEW_LINE = 2;   // a line break at least
const STATEMENT = 3;  // anything; a line break where the text is laid out

class Writer {
  constructor(seed) {
    this.random = random(seed);
    this.tokens = [];
    this.depth = 0;
    this.needsLine = false;
    this.budget = 20 + this.below(160);
  }

  below(count) { return Math.floor(this.random() * count); }
  chance(share) { return this.random() < share; }
  pick(list) { return list[this.below(list.length)]; }

  emit(text, place = FREE) {
    // What follows a comma on its line would be one more value.
    this.tokens.push({ text, place: place === STATEMENT && this.needsLine ? NEW_LINE : place, depth: this.depth });
    this.needsLine = false;
  }

  /** One of the rules, by weight; the first ones are short, and the only ones when room is out. */
  choose(short, long) {
    const room = this.tokens.length < this.budget && this.depth < 12;
    const rules = room && this.chance(0.6) ? long : short;
    this.depth++;
    this.pick(rules).call(this);
    this.depth--;
  }

  many(minimum, maximum, rule, separator) {
    const count = this.tokens.length < this.budget ? minimum + this.below(maximum - minimum + 1) : minimum;
    for (let index = 0; index < count; index++) {
      if (index > 0 && separator) separator();
      rule(index);
    }
    return count;
  }

  list(open, close, rule, { minimum = 0, maximum = 3, place = FREE } = {}) {
    this.emit(open, place);
    const count = this.many(minimum, maximum, rule, () => this.emit(','));
    if (count > 0 && this.chance(0.15)) this.emit(',');
    this.emit(close);
  }

  // Names

  /** Where the parsers expect a name and nothing else. */
  declaredName(place = FREE) {
    const name = this.pick(this.chance(0.15) ? LITERAL_WORDS : this.chance(0.4) ? WORDS : PLAIN);
    this.emit(name, place);
  }

  /** A name that begins an entry: behind a value, no word that would go on with it. */
  entryName() {
    let name = this.pick(this.chance(0.3) ? WORDS : PLAIN);
    while (['and', 'or', 'not', 'in', 'when', 'where', 'as'].includes(name)) name = this.pick(LITERAL_WORDS);
    this.emit(name, STATEMENT);
  }

  /** A name that is read: not one that begins something else in an expression. */
  readName(place = FREE) {
    const name = this.pick(this.chance(0.25) ? WORDS : PLAIN);
    this.emit(name === 'not' ? 'nor' : name, place);
  }

  dotted(place = FREE) { this.emit(this.pick(['nn.Linear', 'torch.nn.ReLU', 'a.b.c', 'nn.not', 'if.x']), place); }

  // Expressions

  literal() {
    const kind = this.below(4);
    if (kind === 0) return this.emit(this.pick(['0', '1', '64', '1_000', '007', '50257']));
    if (kind === 1) return this.emit(this.pick(['.5', '5.', '1e-4', '1E+5', '1_0.5e3', '0.0', '3.e2']));
    if (kind === 2) return this.string();
    return this.emit(this.pick(LITERAL_WORDS));
  }

  string() {
    this.emit(this.pick([
      '"relu"', "'same'", '""', "''", '"a # b"', "'\"'", '"\\n\\t\\\\\\"\\\'\\u{1F600}"', '"{x} -> {y}"', '"ünï"', "'## no'",
    ]));
  }

  expression(inBrackets) {
    this.choose(
      [() => this.literal(), () => this.readName()],
      [
        () => this.binary(inBrackets), () => this.binary(inBrackets), () => this.comparison(inBrackets),
        () => { this.emit('not'); this.operand(inBrackets); },
        () => { this.operand(inBrackets); this.emit(this.pick(['and', 'or'])); this.operand(inBrackets); },
        () => this.primary(), () => this.primary(), () => this.primary(),
      ]);
  }

  /** An expression that binds tighter than any operator that takes words. */
  operand(inBrackets) {
    this.choose([() => this.literal(), () => this.readName()], [
      () => this.primary(), () => this.binary(inBrackets), () => { this.emit(this.pick(['-', '+'])); this.primary(); },
    ]);
  }

  binary() {
    this.many(2, 4, () => { if (this.chance(0.1)) this.emit('-'); this.primary(); },
      () => this.emit(this.pick(['+', '-', '*', '/', '//', '%', '**'])));
  }

  comparison() {
    this.many(2, 3, () => this.primary(), () => {
      if (this.chance(0.1)) { this.emit('not'); this.emit('in'); return; }
      if (this.chance(0.15)) { this.emit('in'); return; }
      this.emit(this.pick(['==', '!=', '<', '<=', '>', '>=']));
    });
  }

  element() {
    if (this.chance(0.08)) return this.spread();
    this.expression(true);
    while (this.chance(0.08)) {
      this.emit('if');
      this.expression(true);
      this.emit('else');
      this.expression(true);
    }
    return undefined;
  }

  spread() {
    this.emit('...');
    if (this.chance(0.7)) this.readName();
  }

  primary() {
    this.choose(
      [() => this.literal(), () => this.readName()],
      [
        () => this.readName(), () => this.dotted(), () => this.call(), () => this.call(), () => this.subscript(),
        () => { this.emit('('); this.element(); this.emit(')'); },
        () => this.tuple(), () => this.list('[', ']', () => this.element()),
      ]);
  }

  tuple() {
    const count = this.below(4);
    this.emit('(');
    this.many(count, count, () => { this.element(); if (count === 1) this.emit(','); }, () => this.emit(','));
    this.emit(')');
  }

  call() {
    if (this.chance(0.15)) this.dotted(); else this.readName();
    this.argumentList();
  }

  argumentList() { this.list('(', ')', () => this.argument(), { place: SAME_LINE, maximum: 4 }); }

  argument() {
    if (this.chance(0.4)) {
      this.declaredName();
      this.emit(this.chance(0.85) ? '=' : ':');
    }
    this.element();
  }

  subscript() {
    this.choose([() => this.readName()], [() => this.readName(), () => this.primary()]);
    this.index();
  }

  index() {
    this.emit('[');
    if (this.chance(0.4)) {
      if (this.chance(0.6)) this.expression(true);
      this.emit(':');
      if (this.chance(0.6)) this.expression(true);
    } else {
      this.expression(true);
    }
    this.emit(']');
  }

  // Statements

  statements(minimum, isSection) {
    this.many(minimum, 4, () => {
      if (this.chance(0.1)) this.emit(';', FREE);
      this.statement(isSection);
    });
  }

  block(isEmptyAllowed = true) {
    this.emit('{');
    this.depth++;
    this.statements(isEmptyAllowed ? 0 : 1, false);
    if (this.chance(0.05)) this.emit(';');
    this.depth--;
    this.emit('}', STATEMENT);
  }

  /** The first name of a statement: after an expression no word that would go on with it. */
  statementName() {
    let name = this.pick(this.chance(0.3) ? WORDS : PLAIN);
    while (['let', 'for', 'if', 'else', 'and', 'or', 'not', 'in'].includes(name)) name = this.pick(PLAIN);
    this.emit(name, STATEMENT);
  }

  statement(isSection) {
    this.choose(
      [() => this.flow(isSection)],
      [
        () => this.flow(isSection), () => this.flow(isSection), () => this.flow(isSection),
        () => { this.emit('let', STATEMENT); this.declaredName(); this.emit('='); this.expression(false); },
        () => this.loop(), () => this.conditional(),
      ]);
    if (this.chance(0.1)) this.emit(';');
  }

  loop() {
    this.emit('for', STATEMENT);
    if (this.chance(0.3)) {
      this.list('(', ')', () => this.declaredName(), { minimum: 1 });
    } else {
      this.declaredName();
    }
    this.emit('in');
    this.expression(false);
    this.block();
  }

  conditional() {
    this.emit('if', STATEMENT);
    this.expression(false);
    this.block();
    while (this.chance(0.25)) {
      this.emit('else');
      this.emit('if');
      this.expression(false);
      this.block();
    }
    if (this.chance(0.3)) {
      this.emit('else');
      this.block();
    }
  }

  flow(isSection) {
    const first = this.below(10);
    if (first === 0) {
      this.emit(this.pick(['let', 'if', 'for']), STATEMENT);
      this.emit('->');
      this.flowElement();
    } else if (first === 1) {
      this.values(NEW_LINE);
    } else {
      this.statementName();
      this.afterName(isSection);
    }
    this.many(0, 3, () => { this.emit('->'); this.flowElement(); });
  }

  flowElement() {
    const kind = this.below(8);
    if (kind === 0) return this.values(FREE);
    if (kind === 1) this.dotted(); else this.readName();
    return this.afterName(false);
  }

  values(place) { this.list('(', ')', () => this.element(), { minimum: 1, place }); }

  /** Behind the name of a step: an index, or arguments and suffixes. */
  afterName(isSection) {
    const name = this.tokens.at(-1).text;
    if (this.chance(0.08)) return this.many(1, 2, () => this.index());
    if (this.chance(0.6)) this.argumentList();
    const isBare = this.tokens.at(-1).text !== ')';
    const suffixes = [
      () => { this.emit('*'); this.count(); },
      () => { this.emit('@'); this.count(); },
      () => { this.block(); },
    ].filter((_, index) => this.chance(0.15) && !(index === 2 && isBare && isSection && /^(train|execution|execute)$/.test(name)));
    while (suffixes.length > 0) suffixes.splice(this.below(suffixes.length), 1)[0]();
    return undefined;
  }

  count() {
    this.choose([() => this.emit('3'), () => this.readName()], [
      () => this.readName(), () => { this.emit('('); this.expression(true); this.emit(')'); }, () => { this.readName(); this.argumentList(); },
      () => { this.readName(); this.index(); },
    ]);
  }

  // Declarations

  parameters() {
    this.list('(', ')', () => {
      this.declaredName();
      while (this.chance(0.1)) { this.emit('|'); this.declaredName(); }
      if (this.chance(0.5)) { this.emit(':'); this.type(); }
      if (this.chance(0.4)) { this.emit('='); this.element(); }
    });
  }

  type() { this.many(1, 3, () => this.singleType(), () => this.emit('|')); }

  singleType() {
    this.plainType();
    const kind = this.below(8);
    if (kind === 0) {
      this.emit(this.pick(['==', '!=', '<', '<=', '>', '>=']));
      this.binary();
    } else if (kind === 1) {
      this.emit('in');
      this.emit(this.pick(['[', '(']));
      this.binary();
      this.emit(',');
      this.primary();
      this.emit(this.pick([']', ')']));
    } else if (kind === 2) {
      this.emit('in');
      this.declaredName();
    }
  }

  plainType() {
    this.choose([
      () => this.emit(this.pick(['int', 'float', 'shape', 'none', 'value', 'None', 'Any'])),
      () => this.emit(this.pick(['layer', 'activation'])),
    ], [
      () => this.string(), () => this.emit(this.pick(['1', '0.5', 'true', 'False'])),
      () => { this.emit('-'); this.emit('1'); },
      () => { this.emit('('); this.many(1, 3, () => this.type(), () => this.emit(',')); this.emit(')'); },
      () => { this.emit('('); this.type(); this.emit(','); this.emit(')'); },
      () => this.list('[', ']', () => this.type(), { minimum: 1, maximum: 2 }),
    ]);
  }

  shape() {
    if (this.chance(0.2)) { this.emit('('); this.element(); this.emit(')'); return; }
    this.tuple();
  }

  section() {
    const kind = this.below(7);
    if (kind === 0) {
      this.emit('input', STATEMENT); this.emit(':');
      if (this.chance(0.3)) this.inputGroup(); else this.commas(() => this.input());
      if (this.chance(0.3)) { this.emit('where'); this.commas(() => this.expression(false)); }
    } else if (kind < 4) {
      this.emit('layers', STATEMENT); this.emit(':');
      if (this.chance(0.1)) { this.block(); } else { this.depth++; this.statements(0, true); this.depth--; }
    } else if (kind === 4) {
      this.emit(this.pick(['train', 'execution', 'execute']), STATEMENT);
      if (this.chance(0.2)) this.emit(':');
      this.settings();
    } else {
      this.emit(this.pick(['outputs', 'data_format', 'loss', 'optimizer', 'metrics', 'search_method']), STATEMENT); this.emit(':');
      if (this.chance(0.2)) this.settings(); else this.commas(() => this.expression(false));
    }
    if (this.chance(0.15)) this.emit(kind > 0 && kind < 4 ? ';' : this.pick([';', ',']));
  }

  commas(rule) {
    this.many(1, 3, rule, () => this.emit(','));
    if (this.chance(0.1)) {
      this.emit(',');
      this.needsLine = true;
    }
  }

  input() {
    if (this.chance(0.3)) { this.emit(this.pick([...DTYPES, ...PLAIN])); }
    this.shape();
  }

  inputGroup() {
    this.emit('{');
    this.depth++;
    this.many(0, 3, () => {
      this.entryName(); this.emit(':'); this.input();
      if (this.chance(0.5)) this.emit(this.pick([',', ';']));
    });
    this.depth--;
    this.emit('}');
  }

  settings() {
    this.emit('{');
    this.depth++;
    this.many(0, 4, () => {
      this.entryName();
      if (this.chance(0.15)) {
        if (this.chance(0.5)) this.emit(':');
        this.settings();
      } else {
        this.emit(':');
        this.expression(false);
      }
      if (this.chance(0.5)) this.emit(this.pick([',', ';']));
    });
    this.depth--;
    this.emit('}', STATEMENT);
  }

  layerItem() {
    this.choose([() => this.entry()], [
      () => this.entry(), () => this.entry(),
      () => { this.emit('input', STATEMENT); this.emit(':'); this.many(1, 3, () => this.inputPattern(), () => this.emit(',')); },
      () => { this.emit('output', STATEMENT); this.emit(':'); this.outputs(); },
      () => { this.emit('let', STATEMENT); this.declaredName(); this.emit('='); this.expression(false); },
      () => this.requirement(), () => this.layerConditional(), () => this.weights(),
      () => { this.emit('body', STATEMENT); this.block(); },
    ]);
    if (this.chance(0.1)) this.emit(';');
  }

  entry() {
    let name = this.pick(['category', 'aliases', 'macs', 'pytorch', 'import_pytorch', 'rule', 'traits', 'let', 'if', 'require', 'layers', 'network']);
    this.emit(name, STATEMENT);
    this.emit(':');
    this.outputs();
  }

  /** Without a comma at the end: words that begin the next entry would be one more value. */
  outputs() {
    this.expression(false);
    while (this.chance(0.3)) {
      this.emit(',');
      if (this.chance(0.2)) this.emit(this.pick(['state', 'weights', 'x'])); else this.shape();
    }
  }

  inputPattern() {
    if (this.chance(0.15)) {
      this.emit('...');
      this.readName();
      if (this.chance(0.5)) this.shape();
    } else {
      if (this.chance(0.3)) this.emit(this.pick(DTYPES));
      if (this.chance(0.5)) this.emit(this.pick(PLAIN));
      this.shape();
    }
    if (this.chance(0.2)) { this.emit('='); this.expression(false); }
  }

  requirement() {
    this.emit('require', STATEMENT);
    this.expression(false);
    if (this.chance(0.5)) { this.emit(','); this.string(); }
    if (this.chance(0.3)) { this.emit('as'); this.emit(this.pick(['rank-mismatch', 'code', 'not-divisible', 'a_b-c2'])); }
  }

  layerConditional() {
    this.emit('if', STATEMENT);
    this.expression(false);
    this.layerBody();
    while (this.chance(0.2)) { this.emit('else'); this.emit('if'); this.expression(false); this.layerBody(); }
    if (this.chance(0.3)) { this.emit('else'); this.layerBody(); }
  }

  layerBody() {
    this.emit('{');
    this.depth++;
    this.many(0, 4, () => this.layerItem());
    this.depth--;
    this.emit('}', STATEMENT);
  }

  weights() {
    this.emit(this.pick(['weights', 'state']), STATEMENT);
    this.emit('{');
    this.depth++;
    this.many(0, 3, () => {
      this.entryName(); this.emit(':');
      if (this.chance(0.2)) this.primary(); else this.shape();
      if (this.chance(0.3)) { this.emit('='); this.expression(false); }
      if (this.chance(0.3)) { this.emit('when'); this.expression(false); }
      if (this.chance(0.2)) this.emit(this.pick([',', ';']));
    });
    this.depth--;
    this.emit('}', STATEMENT);
  }

  declaration() {
    const kind = this.below(6);
    if (kind === 0) {
      this.emit('import', STATEMENT);
      if (this.chance(0.5)) { this.many(1, 3, () => this.declaredName(), () => this.emit(',')); this.emit('from'); }
      this.string();
    } else if (kind === 1) {
      this.emit('define', STATEMENT); this.declaredName();
      if (this.chance(0.7)) this.parameters();
      this.block();
    } else if (kind < 4) {
      this.emit('network', STATEMENT); this.declaredName();
      if (this.chance(0.3)) this.parameters();
      this.emit('{'); this.depth++;
      this.many(0, 4, () => this.section());
      this.depth--; this.emit('}', STATEMENT);
    } else if (kind === 4) {
      this.emit(this.pick(DECLARATION_WORDS), STATEMENT); this.declaredName();
      if (this.chance(0.7)) this.parameters();
      this.layerBody();
    } else {
      this.emit('research', STATEMENT);
      if (this.chance(0.7)) this.declaredName();
      this.settings();
    }
    if (this.chance(0.1)) this.emit(this.pick([';', ',']));
  }

  // Layout

  text() {
    const isWild = this.chance(0.3);
    const lineBreak = this.pick(['\n', '\n', '\n', '\r\n', '\r']);
    let text = this.chance(0.05) ? '\ufeff' : '';
    let last = '';
    let brackets = 0;
    for (const [index, { text: token, place, depth }] of this.tokens.entries()) {
      const waits = last === '->' || (brackets === 0 && WAITING.has(last));
      const kept = place === FREE && waits && this.isStatement(index, last) ? SAME_LINE : place;
      text += this.between(last, token, kept, depth, isWild, lineBreak) + token;
      if (/^[(\[]$/.test(token)) brackets++;
      if (/^[)\]]$/.test(token)) brackets--;
      last = token;
    }
    return text + (this.chance(0.8) ? lineBreak : '');
  }

  /** Whether a line that starts with a token is a statement of its own (Docs/language.md, "Lines"). */
  isStatement(index, last) {
    const [word, next] = [this.tokens[index].text, this.tokens[index + 1]?.text];
    if (word === '(') return this.tokens[this.closer(index) + 1]?.text === '->';
    if (!/^[A-Za-z_]/.test(word)) return false;
    if (next === ':' || (next === '{' && /^(train|execution|execute)$/.test(word))) return true;
    if (/^(let|for|if|require)$/.test(word) && /^[\w"'.(\[]/.test(next) && next !== '...') return true;
    if (last === ':') return false;
    if (DECLARATIONS.has(word) && /^[\w"'{]/.test(next)) return true;
    if (last !== '->' && /^[A-Z]/.test(word) && next === '(') return true;
    return /^[a-z_]/.test(word) && (next === '[' ? this.tokens[this.closer(index + 1) + 1]?.text : next) === '->';
  }

  /** The token that closes a bracket. */
  closer(index) {
    for (let depth = 0; index < this.tokens.length; index++) {
      if (/^[(\[]$/.test(this.tokens[index].text)) depth++;
      if (/^[)\]]$/.test(this.tokens[index].text) && --depth === 0) break;
    }
    return index;
  }

  between(last, token, place, depth, isWild, lineBreak) {
    // Indentation means nothing, but people go on with a statement further in than its start.
    const goesOn = place === FREE || place === SAME_LINE;
    const indentation = () => '  '.repeat(depth) + ' '.repeat(goesOn ? 1 + this.below(5) : 0);
    const comment = () => this.pick(['# a comment', '## Documentation.', '#', '##', '### three', '# "', '## {']);
    const newLine = () => (this.chance(0.06) ? ` ${comment()}` : '') + lineBreak + (this.chance(0.1) ? lineBreak : '') +
      (this.chance(0.04) ? indentation() + comment() + lineBreak : '') + indentation();
    const isGlued = last === '' || /[(\[{,;)\]}]$/.test(last) || /^[(\[{,;)\]}]/.test(token);
    const blank = () => (isGlued && this.chance(0.5) ? '' : this.pick([' ', ' ', ' ', '  ', '\t', '\f']));
    if (place === NEW_LINE) return last === '' ? '' : newLine();
    if (place === SAME_LINE) return token === '(' && this.chance(0.9) ? '' : blank();
    if (place === STATEMENT && !isWild) return this.chance(0.9) ? newLine() : blank();
    return this.chance(isWild ? 0.15 : 0.01) ? newLine() : blank();
  }
}

function write(seed) {
  const writer = new Writer(seed);
  writer.many(1, 4, () => writer.declaration());
  return writer;
}

/** A text in which nothing is wrong. */
function validText(seed) { return write(seed).text(); }

/** The same with a token left out, doubled, swapped with the next or put in. */
function brokenText(seed) {
  const writer = write(seed);
  const { tokens } = writer;
  const index = writer.below(tokens.length);
  const other = { ...writer.pick(tokens), place: FREE };
  const kind = writer.below(4);
  if (kind === 0) tokens.splice(index, 1);
  else if (kind === 1) tokens.splice(index, 0, other);
  else if (kind === 2 && index + 1 < tokens.length) tokens.splice(index, 2, tokens[index + 1], tokens[index]);
  else tokens[index] = { ...other, place: tokens[index].place };
  return writer.text();
}

module.exports = { validText, brokenText };
