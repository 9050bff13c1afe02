// Compares trees of the two parsers, as tree-dump.c and syntax-dump write them, by way of
// Syntax/kinds.json.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const kinds = JSON.parse(fs.readFileSync(path.join(__dirname, '../../Syntax/kinds.json'), 'utf8'));
const COMMENTS = new Set(['comment', 'documentation']);

/** A dump as pieces: `kind start end` of a leaf; `kind (` and `)` of what has children. */
function pieces(line, nameOf) {
  const words = line.split(' ');
  const result = { tree: [], comments: [] };
  const around = [];
  for (let index = 0; index < words.length - 1;) {
    if (words[index] === ')') {
      if (around.pop().name) result.tree.push(')');
      index++;
      continue;
    }
    const [word, start, end] = [words[index], words[index + 1], words[index + 2]];
    index += 3;
    const hasChildren = words[index] === '(';
    const { name, isLeaf, kind } = nameOf(word, around.at(-1)?.kind);
    if (hasChildren && !isLeaf) {
      if (name) result.tree.push(`${name} (`);
      around.push({ kind, name });
      index++;
      continue;
    }
    (COMMENTS.has(name) ? result.comments : result.tree).push(`${name} ${start} ${end}`);
    if (!hasChildren) {
      if (!isLeaf && name) result.tree.splice(-1, 1, `${name} (`, ')');
      continue;
    }
    for (let depth = 0; ;) {
      const next = words[index++];
      if (next === '(') depth++;
      if (next === ')' && --depth === 0) break;
    }
  }
  return result;
}

function treeSitterName(word, around) {
  const colon = word.indexOf(':');
  const field = word.slice(0, colon);
  const kind = word.slice(colon + 1);
  const exception = kinds.exceptions[`${around}/${field}:`] ?? kinds.exceptions[`${around}/${kind}`];
  if (kind[0] === "'") {
    const literal = kind.slice(1);
    return { kind, name: kinds.signs[literal] ?? kinds.words, isLeaf: true };
  }
  const isLeaf = kind in kinds.leaves;
  const name = exception ?? kinds.nodes[kind] ?? kinds.leaves[kind] ?? `${kind}?`;
  return { kind, name, isLeaf };
}

const ownLeaves = new Set([
  ...Object.values(kinds.leaves), ...Object.values(kinds.signs), kinds.words, 'skipped', 'missing', 'unknown', 'dot',
  'unterminatedString', 'malformedNumber',
]);

function ownName(kind) {
  return { kind, name: kinds.same[kind] ?? kind, isLeaf: ownLeaves.has(kind) };
}

/** What two dumps of a text differ in: undefined, or a place and what stands there. */
function difference(theirs, ours) {
  const a = pieces(theirs, treeSitterName);
  const b = pieces(ours, ownName);
  return firstDifference(a.tree, b.tree) ?? firstDifference(a.comments, b.comments);
}

function firstDifference(a, b) {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    if (a[index] === b[index]) continue;
    const numbers = `${a.slice(index).join(' ')}`.match(/\d+/);
    return { place: Number(numbers?.[0] ?? 0), theirs: a[index] ?? 'the end', ours: b[index] ?? 'the end' };
  }
  return undefined;
}

module.exports = { difference };
