// Both parsers as processes that turn texts into dumps of trees: tree-dump and syntax-dump.
'use strict';

const { spawn } = require('node:child_process');

const COMPLETE = 2;

/** Starts a parser; `dump(text)` gives the two lines that it writes for a text. */
function parser(command) {
  const child = spawn(command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = [];
  let lines = [];
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (data) => {
    const parts = (rest + data).split('\n');
    rest = parts.pop();
    for (const line of parts) {
      lines.push(line);
      if (lines.length < COMPLETE) continue;
      const [error, nodes] = lines;
      lines = [];
      waiting.shift().resolve({ error: error === '-' ? undefined : error, nodes });
    }
  });
  child.on('close', (code) => {
    for (const { reject } of waiting) reject(new Error(`${command} ended with ${code}`));
  });
  return {
    dump(text) {
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${text.length}\n`);
        child.stdin.write(text);
      });
    },
    end() {
      child.stdin.end();
    },
  };
}

module.exports = { parser };
