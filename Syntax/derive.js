#!/usr/bin/env node
// Writes what editors need and is already said elsewhere: their copies of the queries; VS Code's
// TextMate grammar (textmate.js); and the settings in VS Code's manifest, which are those of ../Schemas/settings.schema.json and the client's own two.
//
//   node Syntax/derive.js            writes the files
//   node Syntax/derive.js --check    says which are out of date, and fails if one is
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const here = __dirname;
const clients = path.join(here, '..', 'EditorClients');
const read = (file) => fs.readFileSync(path.join(here, file), 'utf8');

const textmate = require('./textmate.js');

const files = { 'vscode/syntaxes/neural.tmLanguage.json': `${JSON.stringify(textmate, null, 2)}\n` };

// Which queries an editor reads, and what it calls their captures.
const SHARED = ['highlights', 'locals', 'injections', 'indents', 'textobjects'];
for (const query of [...SHARED, 'folds']) {
  files[`neovim/queries/neural/${query}.scm`] = copy(query);
}
for (const query of SHARED) {
  files[`helix/queries/neural/${query}.scm`] = forHelix(query, copy(query));
}

function copy(query) {
  return `; Copied from Syntax/queries by Syntax/derive.js: change it there.\n\n${read(`queries/${query}.scm`)}`;
}

/** Helix has names of its own for captures; its themes and commands know no others. */
function forHelix(query, text) {
  const names = {
    highlights: {
      comment: 'comment.line',
      'comment.documentation': 'comment.block.documentation',
      string: 'string',
      'string.escape': 'constant.character.escape',
      number: 'constant.numeric.integer',
      'number.float': 'constant.numeric.float',
      boolean: 'constant.builtin.boolean',
      constant: 'constant',
      'constant.builtin': 'constant.builtin',
      keyword: 'keyword',
      'keyword.import': 'keyword.control.import',
      'keyword.repeat': 'keyword.control.repeat',
      'keyword.conditional': 'keyword.control.conditional',
      'keyword.operator': 'keyword.operator',
      type: 'type',
      'type.builtin': 'type.builtin',
      function: 'function',
      variable: 'variable',
      'variable.parameter': 'variable.parameter',
      property: 'variable.other.member',
      operator: 'operator',
      'punctuation.bracket': 'punctuation.bracket',
      'punctuation.delimiter': 'punctuation.delimiter',
    },
    indents: { 'indent.begin': 'indent', 'indent.end': 'outdent', extend: 'extend' },
    textobjects: Object.fromEntries(['function', 'class', 'parameter', 'entry', 'comment'].flatMap((object) => [
      [`${object}.inner`, `${object}.inside`], [`${object}.outer`, `${object}.around`],
    ])),
  }[query];
  if (query === 'injections') return text.replace('"markdown_inline"', '"markdown.inline"');
  if (!names) return text;
  // It selects no more objects than these.
  return paragraphs(text).filter((pattern) => query !== 'textobjects' || pattern.startsWith(';') ||
    captures(pattern).every((capture) => names[capture])).map((pattern) => pattern.replace(/^(?!;).*$/gm,
    (line) => line.replace(/@([a-z][a-z._]*)/g, (_, capture) => {
      if (!names[capture]) throw new Error(`@${capture} has no name in Helix yet`);
      return `@${names[capture]}`;
    }))).join('');
}

/** The patterns and comments of a query, each with the blank lines behind it. */
function paragraphs(text) {
  return text.split(/(?<=\n)(?=[(["';])/);
}

function captures(pattern) {
  return [...pattern.matchAll(/@([a-z][a-z._]*)/g)].map(([, capture]) => capture);
}

const manifest = JSON.parse(fs.readFileSync(path.join(clients, 'vscode/package.json'), 'utf8'));
const schema = path.join(here, '..', 'Schemas', 'settings.schema.json');
const configuration = manifest.contributes.configuration;
configuration.properties = {
  'neural.server.path': configuration.properties['neural.server.path'],
  'neural.trace': configuration.properties['neural.trace'],
  ...(fs.existsSync(schema) && JSON.parse(fs.readFileSync(schema, 'utf8')).properties),
};
files['vscode/package.json'] = `${JSON.stringify(manifest, null, 2)}\n`;

let stale = 0;
for (const [file, text] of Object.entries(files)) {
  const target = path.join(clients, file);
  const current = fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : undefined;
  if (current === text) continue;
  if (process.argv.includes('--check')) {
    console.error(`EditorClients/${file} is not what Syntax/derive.js writes`);
    stale++;
  } else {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
