// The grammar and neural-lsp have to agree on which files are well formed.
//
//   node two-parsers.js SERVER LIST ERRORS    LIST names files under files/, ERRORS those in which
//                                             tree-sitter found one
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

const [server, list, errors] = process.argv.slice(2);
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
const refused = new Set(lines(errors));

/** The codes that say that a text is not of the language. */
const SYNTAX = new Set(['syntax-error', 'unterminated-string', 'invalid-utf8']);

const files = lines(list);
const run = spawnSync(server, ['check', '--format', 'json', ...files.map((file) => `files/${file}`)],
  { encoding: 'utf8', maxBuffer: 1 << 28 });
let report;
try {
  report = JSON.parse(run.stdout);
} catch (error) {
  console.log(`FAIL  two parsers: check gives no JSON (status ${run.status}): ${error.message}`);
  process.exit(1);
}
const found = new Map(report.files.map((file) => [file.path.replace(/^files\//, ''), file.diagnostics]));

const disagreements = files.flatMap((file) => {
  const first = (found.get(file) ?? []).find(({ code }) => SYNTAX.has(code));
  if (Boolean(first) === refused.has(file)) return [];
  return [first
    ? `${file}:${first.range.start.line}: neural-lsp says ${first.message}; tree-sitter accepts it`
    : `${file}: tree-sitter finds an error; neural-lsp none`];
});
if (disagreements.length === 0) {
  console.log(`ok    two parsers agree on ${files.length} files`);
} else {
  console.log(`FAIL  two parsers disagree on ${disagreements.length} of ${files.length} files`);
  for (const line of disagreements.slice(0, 20)) console.log(`        ${line}`);
}
