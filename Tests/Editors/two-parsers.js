// The grammar and the program's parser read the same language: over many texts, the trees have the
// same shape, and one of them finds an error exactly where the other does.
//
//   node two-parsers.js THEIRS OURS files LIST         the files that LIST names
//   node two-parsers.js THEIRS OURS valid COUNT [SEED]     generated files, in which neither finds one
//   node two-parsers.js THEIRS OURS broken COUNT [SEED]    the same with a token out of place
//
// THEIRS and OURS are tree-dump and syntax-dump, built. VERBOSE=1 shows the texts that differ.
'use strict';

const fs = require('node:fs');
const { difference } = require('./compare-trees.js');
const { parser } = require('./dumps.js');
const { validText, brokenText } = require('./generate-texts.js');

const [theirCommand, ourCommand, mode, argument, seed = '1'] = process.argv.slice(2);
const TOGETHER = 64;
const SHOWN = Number(process.env.SHOWN ?? 10);

function* texts() {
  if (mode === 'files') {
    for (const file of fs.readFileSync(argument, 'utf8').split('\n').filter(Boolean)) {
      yield { name: file, text: fs.readFileSync(file) };
    }
  } else {
    const generate = mode === 'valid' ? validText : brokenText;
    for (let index = 0; index < Number(argument); index++) {
      yield { name: `${seed}.${index}`, text: Buffer.from(generate(`${seed}.${index}`)), isValid: mode === 'valid' };
    }
  }
}

async function main() {
  const theirs = parser(theirCommand);
  const ours = parser(ourCommand);
  let count = 0;
  let bytes = 0;
  let broken = 0;
  const failures = [];
  async function compare({ name, text, isValid }) {
    const [a, b] = await Promise.all([theirs.dump(text), ours.dump(text)]);
    count++;
    bytes += text.length;
    const fail = (what, place) => failures.push({ name, what, text: text.toString(), place });
    if (isValid && (a.error || b.error)) {
      fail(`meant to be valid; tree-sitter: ${a.error ?? 'valid'}; neural-lsp: ${b.error ?? 'valid'}`, parseInt(a.error ?? b.error, 10));
    } else if (!a.error !== !b.error) {
      fail(`tree-sitter: ${a.error ?? 'valid'}; neural-lsp: ${b.error ?? 'valid'}`, parseInt(a.error ?? b.error, 10));
    } else if (a.error) {
      broken++;
    } else {
      const found = difference(a.nodes, b.nodes);
      if (found) fail(`tree-sitter has ${found.theirs}, neural-lsp ${found.ours}`, found.place);
    }
  }
  let running = [];
  for (const one of texts()) {
    running.push(compare(one));
    if (running.length === TOGETHER) {
      await Promise.all(running);
      running = [];
    }
  }
  await Promise.all(running);
  theirs.end();
  ours.end();

  const said = `two parsers: ${count} ${{ files: 'files', valid: 'generated files', broken: 'files with a token out of place' }[mode]}`;
  if (failures.length === 0) {
    console.log(`ok    ${said}, the same trees${mode === 'valid' ? '' : ` or both an error (${broken})`}`);
  } else {
    console.log(`FAIL  ${said}, ${failures.length} read differently`);
    for (const { name, what, text, place } of failures.slice(0, SHOWN)) {
      console.log(`        ${name}: ${what}: ${JSON.stringify(Buffer.from(text).subarray(Math.max(0, place - 60), place + 40).toString())}`);
      if (process.env.VERBOSE) console.log(text);
    }
  }
  if (bytes === 0) console.log('FAIL  two parsers: nothing was compared');
}

main();
