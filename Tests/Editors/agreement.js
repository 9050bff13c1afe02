// What three highlighters say of each token: tree-sitter, the TextMate grammar and the server. They
// have to agree, up to the refinements below: the text alone does not say what a name means, and a
// TextMate grammar sees one line.
//
//   node agreement.js LIST ERRORS TEXTMATE [SERVER]
//
// LIST names files under files/, ERRORS those in which tree-sitter found an error, which are left out;
// TEXTMATE is what textmate.py writes of the files. Without a server, the other two are compared.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const [list, errors, textMate, server] = process.argv.slice(2);
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
const broken = new Set(lines(errors));
const files = lines(list).filter((file) => !broken.has(file));

/** What the server may say instead of what the capture stands for, and why. */
const REFINEMENTS = {
  type: {
    variable: 'a value that begins with a capital letter',
    function: 'a definition; HPO, which is a function; an activation that is declared or called',
  },
  function: {
    class: 'a layer, loss, optimizer or schedule that is not written in capitals',
    variable: 'a layer that a let names',
  },
  variable: {
    typeParameter: 'a size that an input names',
    parameter: 'a parameter that is read',
    class: 'a layer or optimizer without parentheses, an older form',
  },
};

/** Where the TextMate grammar may say something else, and why. */
const TEXTMATE_REFINEMENTS = [
  {
    why: 'what makes it a word stands on a line below',
    holds: (capture, rest) => capture === 'keyword' && /^\s*(#.*)?$/.test(rest),
  },
];

/** The protocol's type of each capture; none for what the server leaves out. */
const types = new Map(Object.entries(JSON.parse(fs.readFileSync('Syntax/captures.json', 'utf8')))
  .map(([capture, words]) => [capture, words.split(' ')[0] || undefined]));

/** For each file the capture of each byte; of captures that overlap, the innermost. */
function treeSitter() {
  fs.writeFileSync('paths.txt', files.map((file) => `../files/${file}\n`).join(''));
  const run = spawnSync('tree-sitter',
    ['query', '--captures', '--paths', '../paths.txt', 'queries/highlights.scm'],
    { cwd: 'Syntax', encoding: 'utf8', maxBuffer: 1 << 30 });
  if (run.status !== 0) throw new Error(`tree-sitter query ends with ${run.status}: ${run.stderr}`);
  const captures = new Map();
  let current;
  for (const line of run.stdout.split('\n')) {
    const match = line.match(/^ +pattern: *\d+, capture: \d+ - (\S+), start: \((\d+), (\d+)\), end: \((\d+), (\d+)\)/);
    if (match) {
      const [, name, ...numbers] = match;
      const [startRow, startColumn, endRow, endColumn] = numbers.map(Number);
      if (startRow !== endRow) throw new Error(`a capture spans lines: ${line}`);
      current.push({ line: startRow, start: startColumn, end: endColumn, name });
    } else if (line.startsWith('../files/')) {
      current = [];
      captures.set(line.slice('../files/'.length), current);
    }
  }
  for (const found of captures.values()) found.sort((a, b) => (b.end - b.start) - (a.end - a.start));
  return captures;
}

/** The same by the TextMate grammar, whose scopes textmate.py has put in these words. */
function textMateCaptures() {
  return new Map(lines(textMate).map((line) => JSON.parse(line)).map(({ file, runs }) =>
    [file.replace(/^.*?files\//, ''), runs.map(([line, start, end, name]) => ({ line, start, end, name }))]));
}

/** The server's tokens of each file. */
async function semanticTokens() {
  const child = spawn(server, ['--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map();
  let input = Buffer.alloc(0);
  child.stdout.on('data', (data) => {
    input = Buffer.concat([input, data]);
    for (;;) {
      const end = input.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(input.subarray(0, end).toString())[1]);
      if (input.length < end + 4 + length) return;
      const message = JSON.parse(input.subarray(end + 4, end + 4 + length).toString());
      input = input.subarray(end + 4 + length);
      waiting.get(message.id)?.(message);
    }
  });
  const send = (message) => {
    const text = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    child.stdin.write(`Content-Length: ${text.length}\r\n\r\n`);
    child.stdin.write(text);
  };
  let id = 0;
  const ask = (method, params) => new Promise((resolve, reject) => {
    id += 1;
    waiting.set(id, (message) => (message.error ? reject(new Error(message.error.message)) : resolve(message.result)));
    send({ id, method, params });
  });
  const { capabilities } = await ask('initialize', {
    processId: null,
    capabilities: {
      general: { positionEncodings: ['utf-8'] },
      textDocument: {
        semanticTokens: {
          requests: { full: true }, formats: ['relative'], tokenTypes: [], tokenModifiers: [],
        },
      },
    },
  });
  send({ method: 'initialized', params: {} });
  const { tokenTypes } = capabilities.semanticTokensProvider.legend;
  const result = new Map();
  for (const file of files) {
    const uri = `file:///files/${encodeURI(file)}`;
    const text = fs.readFileSync(path.join('files', file), 'utf8');
    send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'neural', version: 1, text } } });
    const { data } = await ask('textDocument/semanticTokens/full', { textDocument: { uri } });
    let [line, start] = [0, 0];
    const tokens = [];
    for (let index = 0; index < data.length; index += 5) {
      line += data[index];
      start = data[index] > 0 ? data[index + 1] : start + data[index + 1];
      tokens.push({ line, start, end: start + data[index + 2], name: tokenTypes[data[index + 3]] });
    }
    result.set(file, tokens);
    send({ method: 'textDocument/didClose', params: { textDocument: { uri } } });
  }
  await ask('shutdown');
  send({ method: 'exit' });
  return result;
}

/** The names of tokens by their lines, byte by byte. */
function paint(text, tokens) {
  const canvas = text.map((line) => new Array(line.length).fill(undefined));
  for (const { line, start, end, name } of tokens) canvas[line]?.fill(name, start, end);
  return canvas;
}

const isAllowed = (capture, type) =>
  types.get(capture) === type || REFINEMENTS[capture]?.[type] !== undefined;

/** Compares what is said of a file, token by token; what is found goes into `result`. */
function compare(file, captures, scopes, tokens, result) {
  const text = fs.readFileSync(path.join('files', file), 'latin1').split(/\r\n|\n|\r/);
  const byTree = paint(text, captures);
  const byLine = paint(text, scopes);
  const byServer = tokens && paint(text, tokens);
  text.forEach((line, row) => {
    for (let column = 0; column < line.length; column++) {
      const [capture, scope, type] = [byTree[row][column], byLine[row][column], byServer?.[row][column]];
      const start = column;
      while (column + 1 < line.length && byTree[row][column + 1] === capture
        && byLine[row][column + 1] === scope && byServer?.[row][column + 1] === type) column++;
      const part = Buffer.from(line.slice(start, column + 1), 'latin1').toString();
      if (part.trim() === '') continue;
      result.tokens += 1;
      if (byServer && types.get(capture) !== type) result.used.add(`${capture} ${type}`);
      const refinement = scope !== capture
        && TEXTMATE_REFINEMENTS.findIndex(({ holds }) => holds(capture, line.slice(column + 1)));
      if (refinement >= 0 && refinement !== false) result.used.add(`TextMate ${refinement}`);
      const said = [];
      if (refinement === -1) said.push(`${scope ?? 'nothing'} by the TextMate grammar`);
      if (byServer && !isAllowed(capture, type)) said.push(`${type ?? 'nothing'} by the server`);
      if (said.length > 0) {
        result.differences.push(
          `${file}:${row + 1}:${start + 1}: \`${part}\` is ${capture ?? 'nothing'} by tree-sitter, ${said.join(', ')}`);
      }
    }
  });
}

(async () => {
  const captures = treeSitter();
  const scopes = textMateCaptures();
  const tokens = server ? await semanticTokens() : undefined;
  const result = { tokens: 0, used: new Set(), differences: [] };
  for (const file of files) {
    if (!captures.has(file)) result.differences.push(`${file}: tree-sitter says nothing of it`);
    else if (!scopes.has(file)) result.differences.push(`${file}: the TextMate grammar says nothing of it`);
    else compare(file, captures.get(file), scopes.get(file), tokens?.get(file), result);
  }
  const who = server ? 'tree-sitter, the TextMate grammar and the server' : 'tree-sitter and the TextMate grammar';
  if (result.differences.length > 0 || files.length === 0) {
    console.log(`FAIL  colours: ${who} differ in ${result.differences.length} of ${result.tokens} tokens`);
    for (const line of result.differences.slice(0, 40)) console.log(`        ${line}`);
    return;
  }
  console.log(`ok    ${who} colour ${result.tokens} tokens of ${files.length} files alike, but for what is refined`);
  const pairs = server
    ? Object.entries(REFINEMENTS).flatMap(([capture, allowed]) => Object.keys(allowed).map((type) => `${capture} ${type}`))
    : [];
  const idle = [...pairs, ...TEXTMATE_REFINEMENTS.map((_, index) => `TextMate ${index}`)]
    .filter((pair) => !result.used.has(pair));
  console.log(idle.length === 0
    ? 'ok    each refinement of colours occurs'
    : `FAIL  refinements of colours that never occur: ${idle.join(', ')}`);
})().catch((error) => {
  console.log(`FAIL  colours: ${error.message}`);
});
