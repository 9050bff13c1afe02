// Every named node of the grammar occurs in an expected tree of Syntax/test/corpus, and so does
// every field. Those that only group others (`_expression`) are never seen.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const syntax = path.join(__dirname, '../../Syntax');
const corpus = fs.readdirSync(path.join(syntax, 'test/corpus'))
  .map((file) => fs.readFileSync(path.join(syntax, 'test/corpus', file), 'utf8')).join('\n');
const types = JSON.parse(fs.readFileSync(path.join(syntax, 'src/node-types.json'), 'utf8'));

const missing = types.filter(({ type, named, subtypes }) => named && !subtypes && !corpus.includes(`(${type}`))
  .map(({ type }) => type);
const fields = new Set(types.flatMap(({ fields = {} }) => Object.keys(fields)));
// A field whose token has no name of its own is not printed in an expected tree.
const printed = (field) => types.some(({ fields = {} }) => fields[field]?.types.some(({ named }) => named));
missing.push(...[...fields].filter((field) => printed(field) && !corpus.includes(`${field}: (`)).map((field) => `${field}:`));
if (missing.length > 0) {
  console.error(`not in the corpus: ${missing.join(', ')}`);
  process.exitCode = 1;
}
