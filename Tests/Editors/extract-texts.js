// Writes the texts that stand in other files as files of their own: both sides of Tests/Formatting's
// pairs, and the tests of tree-sitter's corpus.
//
//   node extract-texts.js FORMATTING CORPUS FOLDER
//
// In FOLDER, layouts/ are texts as the formatter leaves them, written/ the same before it, corpus/
// the tests. The paths are printed.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** Titles between lines of `=`, and what stands behind each. */
function* sections(file) {
  const parts = fs.readFileSync(file, 'utf8').split(/^={4,}\n((?:.*\n)+?)={4,}\n/m).slice(1);
  for (let index = 0; index < parts.length; index += 2) yield [parts[index].trim(), parts[index + 1]];
}

/** The tests of a corpus: a title and a text each. */
function* corpus(folder) {
  for (const file of fs.readdirSync(folder).sort()) {
    for (const [title, body] of sections(path.join(folder, file))) {
      yield { kind: 'corpus', name: `${file}: ${title.split('\n')[0]}`, text: body.split(/^-{3,}\n/m)[0].slice(1, -1) };
    }
  }
}

/** Both texts of each pair of layouts. */
function* layouts(folder) {
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.txt')).sort()) {
    for (const [title, body] of sections(path.join(folder, file))) {
      const name = `${file}: ${title}`;
      const [written, laidOut] = body.split(/^----\n/m);
      if (laidOut !== undefined) yield { kind: 'written', name, text: written };
      yield { kind: 'layouts', name, text: laidOut ?? written };
    }
  }
}

const [formatting, tests, folder] = process.argv.slice(2);
let count = 0;
for (const { kind, name, text } of [...layouts(formatting), ...corpus(tests)]) {
  count += 1;
  fs.mkdirSync(path.join(folder, kind), { recursive: true });
  const title = name.replace(/\W+/g, '-').slice(0, 60);
  const file = path.join(folder, kind, `${String(count).padStart(3, '0')}-${title}.neural`);
  fs.writeFileSync(file, text);
  console.log(file);
}
