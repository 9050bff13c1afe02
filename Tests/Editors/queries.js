// The queries that no editor here reads, and what tags there are, by tree-sitter's command line.
'use strict';

const { spawnSync } = require('node:child_process');
const assert = require('node:assert');

const sample = 'Tests/Editors/samples/nested.neural';

function run(...argv) {
  const { status, stdout, stderr } = spawnSync('tree-sitter', argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The texts of a query's captures, by their names. */
function captured(query) {
  const found = {};
  const output = run('query', `Syntax/queries/${query}.scm`, sample);
  for (const [, name, text] of output.matchAll(/capture: \d+ - ([\w.]+), .*?text: `([^`]*)`/g)) {
    (found[name] ??= []).push(text);
  }
  return found;
}

function check(what, test) {
  try {
    test();
    console.log(`ok    tree-sitter: ${what}`);
  } catch (error) {
    console.log(`FAIL  tree-sitter: ${what}: ${error.message.replaceAll('\n', ' ')}`);
  }
}

check('an outline names what a file declares, and its parts', () => {
  const { context, name } = captured('outline');
  assert.deepStrictEqual(name, [
    '"blocks.neural"', 'Block', 'Net', 'input', 'layers', 'outputs', 'train', 'Gated', 'input', 'output', 'output', 'weights',
  ]);
  assert.deepStrictEqual(context, ['import', 'define', 'network', 'layer']);
});

check('every bracket has its other one', () => {
  const { open, close } = captured('brackets');
  const text = require('node:fs').readFileSync(sample, 'utf8').replace(/^#.*$/gm, '').replace(/"[^"]*"/g, '""');
  assert.strictEqual(open.length, text.match(/[([{]/g).length + text.match(/"/g).length / 2);
  assert.strictEqual(close.length, open.length);
});

check('tags tell declarations, with their documentation, from uses', () => {
  const tags = run('tags', sample).split('\n').filter(Boolean)
    .map((line) => line.split('\t').map((part) => part.trim()))
    .map(([name, kind, place, documentation]) => [name, kind.replace('| ', ''), place.slice(0, 3), documentation]);
  const declared = tags.filter(([, , place]) => place === 'def');
  assert.deepStrictEqual(declared, [
    ['Block', 'function', 'def', '"A block.\\n\\n- with **Markdown**"'],
    ['Net', 'class', 'def', undefined],
    ['Gated', 'class', 'def', undefined],
  ]);
  const used = tags.filter(([, , place]) => place === 'ref').map(([name, kind]) => `${name} ${kind}`);
  assert.deepStrictEqual(used, [
    'Residual class', 'Conv2D class', 'ReLU class', 'Dense class', 'Dense class', 'Block class', 'range call', 'Dense class',
  ]);
});
