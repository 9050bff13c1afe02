// Drives the extension of EditorClients/vscode against a server, with vscode.js for VS Code.
//
//   node test.js SERVER LABEL FOLDER     LABEL `scripted` adds what only scripted-server.js answers
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { api: vscode, driver } = require('./vscode.js');

const [server, label, folder] = process.argv.slice(2);
const client = path.join(__dirname, '../../../EditorClients/vscode');
const samples = path.join(__dirname, '../samples');
const scripted = label === 'scripted';

const load = Module._load;
Module._load = (request, ...rest) => (request === 'vscode' ? vscode : load(request, ...rest));
const extension = require(path.join(client, 'extension.js'));

let failures = 0;
async function check(what, test) {
  try {
    await test();
    console.log(`ok    VS Code, ${label}: ${what}`);
  } catch (error) {
    failures++;
    console.log(`FAIL  VS Code, ${label}: ${what}: ${error.message.split('\n').join(' ')}`);
  }
}

async function until(what, condition, seconds = 10) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const token = { onCancellationRequested: () => ({ dispose() {} }) };
const at = (document, text) => {
  const lines = document.getText().split('\n');
  const line = lines.findIndex((one) => one.includes(text));
  return new vscode.Position(line, lines[line].indexOf(text));
};
const open = (name) => {
  const file = path.join(folder, name);
  fs.copyFileSync(path.join(samples, name), file);
  return driver.open(vscode.Uri.file(file), 'neural', fs.readFileSync(file, 'utf8'));
};
const found = (document) => driver.collections.get('neural')?.get(document.uri.toString());
const actions = (document, range, diagnostics = []) => driver.provider('codeAction')
  .provideCodeActions(document, range, { diagnostics, only: undefined, triggerKind: 1 }, token);

async function manifest() {
  const read = (file) => JSON.parse(fs.readFileSync(path.join(client, file), 'utf8'));
  const { contributes, main } = read('package.json');
  await check('the manifest names files that are there', () => {
    for (const file of [main, contributes.grammars[0].path, contributes.languages[0].configuration]) {
      assert.ok(fs.existsSync(path.join(client, file)), file);
    }
  });
  await check('the file types are the grammar’s', () => {
    const { grammars } = JSON.parse(fs.readFileSync(path.join(client, '../../Syntax/tree-sitter.json'), 'utf8'));
    assert.deepStrictEqual(contributes.languages[0].extensions, grammars[0]['file-types'].map((type) => `.${type}`));
  });
  await check('indentation follows brackets', () => {
    const { indentationRules } = read('language-configuration.json');
    const more = new RegExp(indentationRules.increaseIndentPattern);
    const less = new RegExp(indentationRules.decreaseIndentPattern);
    assert.ok(more.test('network A {') && more.test('  layers:') && more.test('  Residual { # why'));
    assert.ok(!more.test('  Residual { }') && !more.test('# network {') && !more.test('  loss: "a {"'));
    assert.ok(less.test('  }') && !less.test('  x }'));
  });
}

/** A setting of the server, as an editor shows it: what it is and what it says. */
async function settings() {
  const read = (file) => JSON.parse(fs.readFileSync(path.join(client, file), 'utf8'));
  const { properties } = read('../../Schemas/settings.schema.json');
  const own = read('package.json').contributes.configuration.properties;
  await check('every setting of the server can be set', () => {
    for (const [name, schema] of Object.entries(properties)) assert.deepStrictEqual(own[name], schema, name);
    // The two others are the client's.
    assert.deepStrictEqual(Object.keys(own).filter((name) => !(name in properties)), ['neural.server.path', 'neural.trace']);
  });
}

async function session() {
  driver.settings.set('neural.server.path', server);
  driver.settings.set('neural.trace', 'messages');
  await extension.activate({ subscriptions: [] });

  const digits = open('digits.neural');
  const rank = open('rank.neural');

  await check('a finding arrives with its code and place', async () => {
    const [first] = await until('a diagnostic', () => found(rank)?.some(({ code }) => (code.value ?? code) === 'rank-mismatch') && found(rank));
    assert.strictEqual(first.code.value ?? first.code, 'rank-mismatch');
    assert.strictEqual(first.severity, 0);
    assert.strictEqual(first.range.start.line, at(rank, 'Conv2D(64').line);
  });
  await check('a sound file has no error', async () => {
    const list = await until('an answer', () => found(digits));
    assert.deepStrictEqual(list.filter(({ severity }) => severity === 0).map(({ message }) => message), []);
  });
  await check('hover says the shape', async () => {
    const hover = await driver.provider('hover').provideHover(digits, at(digits, 'Conv2D'), token);
    assert.match(hover.contents.value, /\(batch, 26, 26, 32\)/);
  });
  await check('an inlay hint says the shape', async () => {
    const whole = new vscode.Range(new vscode.Position(0, 0), new vscode.Position(11, 0));
    const hints = await driver.provider('inlayHint').provideInlayHints(digits, whole, token);
    const text = hints.map((hint) => (typeof hint.label === 'string' ? hint.label : hint.label.map(({ value }) => value).join('')));
    assert.ok(text.some((one) => /26, 26, 32/.test(one)), JSON.stringify(text));
  });
  await check('completion offers layers', async () => {
    const end = at(digits, 'Flatten');
    const list = await driver.provider('completion').provideCompletionItems(digits, end, token, { triggerKind: 0 });
    const dense = list.items.find(({ label }) => (label.label ?? label) === 'Dense');
    assert.ok(dense, 'Dense is not among them');
  });
  await check('semantic tokens say what names mean', async () => {
    const provider = driver.provider('semanticTokens');
    const [{ types, modifiers }] = provider.more;
    const all = await provider.provideDocumentSemanticTokens(digits, token);
    let [line, start] = [0, 0];
    const found = new Map();
    for (let index = 0; index < all.data.length; index += 5) {
      const [lines, columns, length, type, bits] = all.data.slice(index, index + 5);
      line += lines;
      start = lines > 0 ? columns : start + columns;
      const name = digits.getText().split('\n')[line].slice(start, start + length);
      if (!found.has(name)) found.set(name, [types[type], ...modifiers.filter((_, bit) => bits >> bit & 1)].join(' '));
    }
    const expected = { Digits: 'class declaration', Conv2D: 'class defaultLibrary', logits: 'variable declaration' };
    for (const [name, what] of Object.entries(expected)) assert.strictEqual(found.get(name), what, name);
    const same = await provider.provideDocumentSemanticTokensEdits(digits, all.resultId, token);
    assert.deepStrictEqual(same.edits, []);
    const part = new vscode.Range(at(digits, 'Conv2D'), at(digits, 'Flatten'));
    const few = await driver.provider('semanticTokensRange').provideDocumentRangeSemanticTokens(digits, part, token);
    assert.ok(few.data.length > 0 && few.data.length < all.data.length);
  });
  await check('an edit moves the finding', async () => {
    driver.edit(rank, [
      { range: new vscode.Range(new vscode.Position(0, 0), new vscode.Position(0, 0)), text: '# “é”\n' },
      { range: new vscode.Range(new vscode.Position(3, 17), new vscode.Position(3, 17)), text: '\n    ReLU()' },
    ]);
    await until('the finding at its new line', () => found(rank)?.some(({ range }) => range.start.line === at(rank, 'Conv2D(64').line));
  });
  await check('Generate PyTorch writes the file and shows it', async () => {
    const place = at(digits, 'Conv2D');
    const action = (await actions(digits, new vscode.Range(place, place))).find(({ title }) => title === 'Generate PyTorch');
    assert.ok(action, 'the action is not offered');
    const full = action.edit || action.command ? action : await driver.provider('codeAction').resolveCodeAction(action, token);
    if (full.edit) assert.ok(await vscode.workspace.applyEdit(full.edit));
    if (full.command) await vscode.commands.executeCommand(full.command.command, ...(full.command.arguments ?? []));
    const written = () => fs.readdirSync(folder).find((name) => name.endsWith('.py'));
    const file = await until('the file', written);
    await until('its text', () => /import torch/.test(fs.readFileSync(path.join(folder, file), 'utf8')));
    if (full.command) await until('the file in front', () => driver.shown.some((uri) => uri.endsWith(`/${file}`)));
  });

  if (scripted) await only(digits, rank);
  else {
    await whatNamesMean(digits);
    await projects();
    await overFiles();
  }

  await check('the traffic is traced where that is asked for', () => {
    assert.ok(driver.output.some((line) => /→ textDocument\/didOpen/.test(line)), driver.output.slice(0, 5).join(''));
  });
  await check('a closed file has no findings', async () => {
    driver.close(rank);
    await until('no findings', () => !(found(rank)?.length > 0));
  });
  await check('the end is orderly', async () => {
    await extension.deactivate();
    assert.strictEqual(driver.providers.size, 0);
    assert.strictEqual(driver.collections.size, 0);
    assert.deepStrictEqual(driver.messages.filter(({ severity }) => severity === 'error'), []);
  });
}

/** What takes an understanding of the file. */
async function whatNamesMean(digits) {
  await check('the outline has the layers with their shapes', async () => {
    const [network] = await driver.provider('symbol').provideDocumentSymbols(digits, token);
    assert.strictEqual(network.name, 'Digits');
    const layer = network.children.find(({ name }) => name === 'Conv2D');
    assert.strictEqual(layer.detail, '(batch, 26, 26, 32)');
  });
  await check('the parameter that is given stands out', async () => {
    const place = at(digits, '3, activation');
    const help = await driver.provider('signature').provideSignatureHelp(digits, place, token);
    const [{ label, parameters }] = help.signatures;
    assert.match(label.slice(...parameters[help.activeParameter].label), /^kernel_size/);
  });
  await check('a network can be folded, and a selection grown', async () => {
    const folds = await driver.provider('folding').provideFoldingRanges(digits, {}, token);
    assert.ok(folds.some(({ start }) => start === at(digits, 'network').line));
    const [selection] = await driver.provider('selection').provideSelectionRanges(digits, [at(digits, 'Conv2D')], token);
    assert.ok(selection.parent.parent);
  });
  await check('a name is found, lit up and changed in all its places', async () => {
    const place = at(digits, 'logits');
    const [definition] = await driver.provider('definition').provideDefinition(digits, place, token);
    assert.deepStrictEqual(definition.range.start, place);
    assert.strictEqual((await driver.provider('highlight').provideDocumentHighlights(digits, place, token)).length, 2);
    const all = await driver.provider('references').provideReferences(digits, place, { includeDeclaration: true }, token);
    assert.strictEqual(all.length, 2);
    const rename = driver.provider('rename');
    assert.strictEqual((await rename.prepareRename(digits, place, token)).placeholder, 'logits');
    await assert.rejects(rename.prepareRename(digits, at(digits, 'Conv2D'), token), /declared by the program/);
    const edit = await rename.provideRenameEdits(digits, place, 'scores', token);
    assert.strictEqual(edit.steps.length, 2);
  });
  await check('a layer opens where it is declared', async () => {
    const place = at(digits, 'Conv2D');
    for (const [kind, method] of [
      ['definition', 'provideDefinition'], ['declaration', 'provideDeclaration'],
      ['typeDefinition', 'provideTypeDefinition'],
    ]) {
      const [found] = await driver.provider(kind)[method](digits, place, token);
      assert.match(found.uri.toString(), /\/layers\/convolution\.neural$/);
    }
  });
  await check('totals and what can be generated stand above a network', async () => {
    const [totals, generate] = await driver.provider('lens').provideCodeLenses(digits, token);
    assert.match(totals.command.title, /parameters · .* MACs/);
    assert.strictEqual(generate.command.command, 'neural.generate');
    assert.deepStrictEqual(await driver.provider('link').provideDocumentLinks(digits, token), []);
  });
}

/** `neural.json` is no text of the language, and still the server's. */
async function projects() {
  const uri = vscode.Uri.file(path.join(folder, 'neural.json'));
  const project = driver.open(uri, 'json', '{ "levels": { "rank-mismatch": "grave" } }\n');
  await check('what is wrong with neural.json is shown in it', async () => {
    const [wrong] = await until('a finding', () => found(project)?.length > 0 && found(project));
    assert.strictEqual(wrong.code.value ?? wrong.code, 'invalid-setting');
  });
  await check('neural.json is completed', async () => {
    const place = at(project, 'grave');
    const list = await driver.provider('completion').provideCompletionItems(project, place, token, { triggerKind: 0 });
    assert.ok(list.items.some(({ label }) => label === 'hint'), JSON.stringify(list.items.map(({ label }) => label)));
  });
  driver.close(project);
  const other = driver.open(vscode.Uri.file(path.join(folder, 'other.json')), 'json', '{ nonsense');
  await check('other JSON is left alone', () => {
    assert.ok(!driver.output.some((line) => line.includes('other.json')));
  });
  driver.close(other);
}

/** What goes over several files, and what the user asks for by a command. */
async function overFiles() {
  const write = (name, text) => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, text);
    return driver.open(vscode.Uri.file(file), 'neural', text);
  };
  const blocks = write('blocks.neural', 'define Block(n) { Dense(n) }\n');
  const user = write('user.neural', 'import Block from "blocks.neural"\nnetwork User {\n  input: (4)\n  layers: Block(3)\n}\n');
  await check('calls lead from one file to another', async () => {
    const calls = driver.provider('calls');
    const [item] = await calls.prepareCallHierarchy(user, at(user, 'Block(3)'), token);
    assert.strictEqual(item.name, 'Block');
    const [call] = await calls.provideCallHierarchyIncomingCalls(item, token);
    assert.strictEqual(call.from.name, 'User');
    assert.deepStrictEqual(call.fromRanges[0].start, at(user, 'Block(3)'));
    assert.deepStrictEqual(await calls.provideCallHierarchyOutgoingCalls(item, token), []);
  });
  await check('a name is typed at all its places', async () => {
    const { ranges } = await driver.provider('linkedEditing').provideLinkedEditingRanges(blocks, at(blocks, 'n)'), token);
    assert.strictEqual(ranges.length, 2);
  });
  await check('imports follow files that move', async () => {
    const moved = vscode.Uri.file(path.join(folder, 'parts.neural'));
    const [edit] = await driver.rename([{ oldUri: blocks.uri, newUri: moved }]);
    assert.deepStrictEqual(edit.steps.map(({ newText }) => newText), ['"parts.neural"']);
  });
  await check('files on the disk are watched', () => {
    const [watcher] = driver.watchers;
    assert.match(watcher.pattern, /neural\.json/);
    watcher.created(vscode.Uri.file(path.join(folder, 'new.neural')));
    assert.ok(driver.output.some((line) => /→ workspace\/didChangeWatchedFiles/.test(line)));
  });
  await check('a selection is laid out, and a line that ends', async () => {
    const all = new vscode.Range(new vscode.Position(0, 0), new vscode.Position(5, 0));
    const options = { tabSize: 2, insertSpaces: true };
    assert.deepStrictEqual(
      await driver.provider('rangeFormatting').provideDocumentRangeFormattingEdits(user, all, options, token), []);
    const typing = driver.provider('onTypeFormatting');
    assert.ok(typing.more.includes('}'));
    assert.deepStrictEqual(
      await typing.provideOnTypeFormattingEdits(user, new vscode.Position(4, 1), '}', options, token), []);
  });
  await check('a hint is explained when it is asked for', async () => {
    const all = new vscode.Range(new vscode.Position(0, 0), new vscode.Position(5, 0));
    const provider = driver.provider('inlayHint');
    const hints = await provider.provideInlayHints(user, all, token);
    const hint = hints.find(({ label }) => label === 'n:');
    assert.strictEqual(hint.tooltip, undefined);
    assert.match((await provider.resolveInlayHint(hint, token)).tooltip.value, /^\*\*n\*\*/);
  });
  await check('code is previewed beside the source', async () => {
    Object.assign(driver, { active: user, choice: 'JAX' });
    await vscode.commands.executeCommand('neural.preview');
    const shown = driver.documents.find(({ languageId }) => languageId === 'python');
    assert.match(shown.getText(), /class User\(nnx\.Module\)/);
    driver.close(shown);
  });
  await check('code is generated by a command', async () => {
    driver.choice = 'TensorFlow';
    await vscode.commands.executeCommand('neural.generateFile');
    await until('the file', () => fs.existsSync(path.join(folder, 'user_tensorflow.py')));
  });
  await check('devices are written to the output', async () => {
    await vscode.commands.executeCommand('neural.devices');
    assert.ok(driver.output.some((line) => /"devices"/.test(line)));
  });
  driver.close(user);
  driver.close(blocks);
}

/** What only the scripted server is sure to do. */
async function only(digits, rank) {
  await check('an edit is sent as what has changed', async () => {
    driver.settings.set('neural.trace', 'verbose');
    driver.edit(rank, [{ range: new vscode.Range(new vscode.Position(0, 0), new vscode.Position(0, 1)), text: '##' }]);
    driver.settings.set('neural.trace', 'messages');
    const { params } = JSON.parse(driver.output.findLast((line) => line.includes('didChange')).replace('→ ', ''));
    assert.deepStrictEqual(params.contentChanges,
      [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } }, text: '##' }]);
  });
  await check('a related place is passed on', () => {
    assert.match(found(rank)[0].relatedInformation[0].message, /21632/);
  });
  await check('a quick fix gets back the data of its finding', async () => {
    const [diagnostic] = found(rank);
    const [fix] = await actions(rank, diagnostic.range, [diagnostic]);
    assert.strictEqual(fix.title, 'Remove Flatten');
    await vscode.workspace.applyEdit(fix.edit);
    assert.ok(!rank.getText().includes('Flatten'));
    await until('no finding', () => found(rank).length === 0);
  });
  await check('an action is resolved', async () => {
    const place = at(digits, 'Conv2D');
    const action = (await actions(digits, new vscode.Range(place, place))).find(({ title }) => title === 'Resolve me');
    const full = await driver.provider('codeAction').resolveCodeAction(action, token);
    assert.strictEqual(full.edit.steps[0].newText, '# resolved\n');
  });
  await check('completion keeps snippets, kinds and triggers', async () => {
    const provider = driver.provider('completion');
    assert.deepStrictEqual(provider.more, ['(']);
    const { items: [dense, filters] } = await provider.provideCompletionItems(digits, at(digits, 'Dense'), token, { triggerKind: 0 });
    assert.ok(dense.insertText instanceof vscode.SnippetString && dense.range instanceof vscode.Range);
    assert.strictEqual(dense.kind, 6);
    assert.strictEqual(filters.insertText, 'filters');
    const full = await provider.resolveCompletionItem(dense, token);
    assert.strictEqual(full.documentation.value, 'about Dense');
  });
  await check('definitions and formatting are passed on', async () => {
    const [place] = await driver.provider('definition').provideDefinition(digits, at(digits, 'Dense'), token);
    assert.strictEqual(place.range.start.line, 1);
    const [edit] = await driver.provider('formatting').provideDocumentFormattingEdits(digits, { tabSize: 2, insertSpaces: true }, token);
    assert.strictEqual(edit.newText, '# formatted\n');
  });
  await check('why a name cannot be given reaches the user', async () => {
    await assert.rejects(driver.provider('rename').provideRenameEdits(digits, at(digits, 'Dense'), 'Flatten', token), /taken/);
  });
  await check('what is cancelled has no answer', async () => {
    let cancel;
    const cancelled = { onCancellationRequested: (listener) => ({ dispose() {}, listener: (cancel = listener) }) };
    const answer = driver.provider('hover').provideHover(digits, at(digits, 'Conv2D'), cancelled);
    cancel();
    assert.strictEqual(await answer, undefined);
    assert.ok(driver.output.some((line) => line.includes('→ $/cancelRequest')), 'the server is not told');
  });
  await check('other languages’ files stay with them', async () => {
    const other = driver.open(vscode.Uri.parse('file:///other.py'), 'python', 'Flatten()\nConv2D()');
    driver.edit(other, []);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.strictEqual(found(other), undefined);
  });
  await check('a server that dies is started again, with the open files', async () => {
    const broken = open('rank.neural');
    await until('the finding', () => found(broken)?.length > 0);
    driver.edit(digits, [{ range: new vscode.Range(new vscode.Position(0, 0), new vscode.Position(0, 0)), text: '# crash\n' }]);
    await until('no findings', () => !found(broken));
    digits.text = digits.text.replace('# crash\n', '');
    await until('the finding again', () => found(broken)?.length > 0);
    driver.close(broken);
  });
}

async function withoutServer() {
  await check('a server that is not there is said to be missing', async () => {
    driver.settings.set('neural.server.path', path.join(folder, 'no-such-server'));
    driver.messages.length = 0;
    await extension.activate({ subscriptions: [] });
    const { message } = await until('a message', () => driver.messages.find(({ severity }) => severity === 'error'));
    assert.match(message, /no-such-server cannot be run/);
    await extension.deactivate();
  });
}

(async () => {
  if (scripted) {
    await manifest();
    await settings();
  }
  await session();
  driver.commands.clear();
  if (scripted) await withoutServer();
  process.exit(failures > 0 ? 1 : 0);
})();
