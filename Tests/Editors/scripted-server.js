#!/usr/bin/env node
// A language server that knows three answers. With it the editors' clients are tested for themselves:
// what fails with neural-lsp and not with it is neural-lsp's.
//
// Any step on the line after `Flatten()` is a `rank-mismatch`; hover says one shape; `Generate
// PyTorch` writes a file beside the source through `workspace/applyEdit`, as neural-lsp does.
'use strict';

const { MessageReader, frame } = require('../../EditorClients/vscode/connection.js');

const texts = new Map();
const waiting = new Map();
let nextId = 1;

const send = (message) => process.stdout.write(frame({ jsonrpc: '2.0', ...message }));
const offset = (text, { line, character }) =>
  text.split('\n').slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;

function findings(text) {
  const lines = text.split('\n');
  return lines.flatMap((line, row) => {
    const step = /^\s*(?=\S)/.exec(line);
    if (!/Flatten\(\)$/.test(lines[row - 1] ?? '') || !/Conv2D/.test(line)) return [];
    return [{
      range: { start: { line: row, character: step[0].length }, end: { line: row, character: line.length } },
      severity: 1, source: 'neural', code: 'rank-mismatch', data: { row },
      message: 'Conv2D expects (batch, height, width, channels)',
      relatedInformation: [{
        location: { uri: 'file:///elsewhere.neural', range: { start: { line: row - 1, character: 4 }, end: { line: row - 1, character: 13 } } },
        message: 'gives (batch, 21632)',
      }],
    }];
  });
}

function publish(uri, version) {
  send({ method: 'textDocument/publishDiagnostics', params: { uri, version, diagnostics: findings(texts.get(uri)) } });
}

const LEGEND = { tokenTypes: ['class', 'parameter', 'variable'], tokenModifiers: ['declaration', 'defaultLibrary'] };
/** The names in digits.neural. */
const TOKENS = [1, 8, 6, 0, 1, 0, 7, 7, 1, 1, 3, 4, 6, 0, 2, 2, 10, 7, 1, 0, 0, 12, 6, 2, 1];

const handlers = {
  initialize: () => ({
    capabilities: {
      textDocumentSync: { openClose: true, change: 2 },
      hoverProvider: true,
      completionProvider: { triggerCharacters: ['('], resolveProvider: true },
      inlayHintProvider: true,
      semanticTokensProvider: { legend: LEGEND, range: true, full: { delta: true } },
      codeActionProvider: { resolveProvider: true },
      executeCommandProvider: { commands: ['neural.generate'] },
      definitionProvider: true,
      documentFormattingProvider: true,
      renameProvider: true,
    },
  }),
  shutdown: () => null,
  'textDocument/hover': ({ position }) => ({
    contents: { kind: 'markdown', value: `\`\`\`neural\nConv2D(filters: int >= 1)\n\`\`\`\n\n(batch, 28, 28, 1) → (batch, 26, 26, 32)` },
    range: { start: { ...position, character: 4 }, end: { ...position, character: 10 } },
  }),
  'textDocument/completion': ({ position }) => ({
    isIncomplete: false,
    items: [
      { label: 'Dense', kind: 7, insertTextFormat: 2, textEdit: { newText: 'Dense(${1:units})', range: { start: position, end: position } } },
      { label: 'filters', kind: 5 },
    ],
  }),
  'completionItem/resolve': (item) => ({ ...item, documentation: { kind: 'markdown', value: `about ${item.label}` } }),
  'textDocument/inlayHint': () => [{ position: { line: 4, character: 36 }, label: '(batch, 26, 26, 32)', paddingLeft: true }],
  'textDocument/semanticTokens/full': () => ({ resultId: '1', data: TOKENS }),
  'textDocument/semanticTokens/full/delta': () => ({ resultId: '1', edits: [] }),
  'textDocument/semanticTokens/range': () => ({ data: TOKENS.slice(10, 15) }),
  'textDocument/codeAction': ({ textDocument, context }) => [
    ...context.diagnostics.filter(({ data }) => data).map((diagnostic) => ({
      title: 'Remove Flatten', kind: 'quickfix', diagnostics: [diagnostic],
      edit: {
        changes: {
          [textDocument.uri]: [{
            range: { start: { line: diagnostic.data.row - 1, character: 0 }, end: { line: diagnostic.data.row, character: 0 } },
            newText: '',
          }],
        },
      },
    })),
    {
      title: 'Generate PyTorch', kind: 'source',
      command: { title: 'Generate PyTorch', command: 'neural.generate', arguments: [textDocument.uri, 'pytorch'] },
    },
    { title: 'Resolve me', kind: 'refactor', data: textDocument.uri },
  ],
  // Neovim has every action resolved that brings no edit, those with a command too.
  'codeAction/resolve': (action) => ({
    ...action,
    ...(action.data && { edit: { changes: { [action.data]: [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, newText: '# resolved\n' }] } } }),
  }),
  'workspace/executeCommand': async ({ arguments: [uri] }) => {
    const target = uri.replace(/\.neural$/, '.py');
    const start = { line: 0, character: 0 };
    const { applied } = await ask('workspace/applyEdit', {
      label: 'Generate PyTorch',
      edit: {
        documentChanges: [
          { kind: 'create', uri: target, options: { overwrite: true } },
          { textDocument: { uri: target, version: null }, edits: [{ range: { start, end: start }, newText: 'import torch\n' }] },
        ],
      },
    });
    if (!applied) throw new Error('the edit was refused');
    return null;
  },
  'textDocument/definition': ({ textDocument }) => ({ uri: textDocument.uri, range: { start: { line: 1, character: 8 }, end: { line: 1, character: 14 } } }),
  'textDocument/formatting': () => [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, newText: '# formatted\n' }],
  'textDocument/rename': ({ newName }) => {
    throw new Error(`${newName} is taken`);
  },
  initialized() {},
  exit: () => process.exit(0),
  'textDocument/didOpen'({ textDocument: { uri, version, text } }) {
    texts.set(uri, text);
    publish(uri, version);
  },
  'textDocument/didChange'({ textDocument: { uri, version }, contentChanges }) {
    for (const { range, text } of contentChanges) {
      const old = texts.get(uri);
      texts.set(uri, range ? old.slice(0, offset(old, range.start)) + text + old.slice(offset(old, range.end)) : text);
    }
    if (texts.get(uri).includes('# crash')) process.exit(3);
    publish(uri, version);
  },
  'textDocument/didClose'({ textDocument: { uri } }) {
    texts.delete(uri);
    send({ method: 'textDocument/publishDiagnostics', params: { uri, diagnostics: [] } });
  },
};

function ask(method, params) {
  const id = nextId++;
  send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}

async function receive({ id, method, params, result, error }) {
  if (method === undefined) {
    waiting.get(id)?.(result ?? { applied: false, error });
    waiting.delete(id);
  } else if (id === undefined) {
    handlers[method]?.(params);
  } else {
    try {
      if (!handlers[method]) return send({ id, error: { code: -32601, message: `${method} is unknown` } });
      send({ id, result: await handlers[method](params) });
    } catch (failure) {
      send({ id, error: { code: -32803, message: failure.message } });
    }
  }
}

const reader = new MessageReader(receive);
process.stdin.on('data', (chunk) => reader.write(chunk));
process.stdin.on('end', () => process.exit(0));
