// What tree-sitter's highlighting says of each token and what the server says have to agree, up to
// the refinements below: the text alone does not say what a name means.
//
//   node agreement.js SERVER LIST ERRORS    LIST names files under files/, ERRORS those in which
//                                           tree-sitter found one, which are left out
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const [server, list, errors] = process.argv.slice(2);
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

function compare(file, captures, tokens, used) {
  const text = fs.readFileSync(path.join('files', file), 'latin1').split(/\r\n|\n|\r/);
  const theirs = paint(text, captures);
  const ours = paint(text, tokens);
  const differences = [];
  text.forEach((line, row) => {
    for (let column = 0; column < line.length; column++) {
      const [capture, type] = [theirs[row][column], ours[row][column]];
      if (types.get(capture) !== type) used.add(`${capture} ${type}`);
      if (isAllowed(capture, type)) continue;
      const start = column;
      while (theirs[row][column + 1] === capture && ours[row][column + 1] === type) column++;
      const part = Buffer.from(line.slice(start, column + 1), 'latin1').toString();
      if (part.trim() === '') continue;
      differences.push(`${file}:${row + 1}:${start + 1}: \`${part}\` is ${capture ?? 'nothing'} by tree-sitter, `
        + `${type ?? 'nothing'} by the server`);
    }
  });
  return differences;
}

(async () => {
  const captures = treeSitter();
  const tokens = await semanticTokens();
  const used = new Set();
  const differences = files.flatMap((file) => {
    if (!captures.has(file)) return [`${file}: tree-sitter says nothing of it`];
    return compare(file, captures.get(file), tokens.get(file), used);
  });
  if (differences.length > 0) {
    console.log(`FAIL  colours: tree-sitter and the server differ in ${differences.length} places`);
    for (const line of differences.slice(0, 40)) console.log(`        ${line}`);
    return;
  }
  console.log(`ok    tree-sitter and the server colour ${files.length} files alike, but for what names mean`);
  const idle = Object.entries(REFINEMENTS).flatMap(([capture, allowed]) =>
    Object.keys(allowed).map((type) => `${capture} ${type}`)).filter((pair) => !used.has(pair));
  console.log(idle.length === 0
    ? 'ok    each refinement of colours occurs'
    : `FAIL  refinements of colours that never occur: ${idle.join(', ')}`);
})().catch((error) => {
  console.log(`FAIL  colours: ${error.message}`);
});
