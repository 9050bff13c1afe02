// Neural in VS Code: runs neural-lsp over its standard streams and passes on what it says. It has no
// dependencies, so that a checkout can be installed as it is.
'use strict';

const vscode = require('vscode');
const { Connection } = require('./connection.js');
const convert = require('./convert.js');
const features = require('./features.js');

const { LANGUAGE } = features;
/** What can be generated, by the server's name for it. */
const TARGETS = { pytorch: 'PyTorch', tensorflow: 'TensorFlow', jax: 'JAX', onnx: 'ONNX' };
/** A server that has ended by itself more often than this is left alone. */
const MAXIMUM_RESTARTS = 4;

let client;

class Client {
  constructor() {
    this.output = vscode.window.createOutputChannel('Neural');
    this.diagnostics = vscode.languages.createDiagnosticCollection(LANGUAGE);
    this.inlayHintsChanged = new vscode.EventEmitter();
    this.codeLensesChanged = new vscode.EventEmitter();
    /** What the server shows of its work, by its token: how it is told on, and how it ends. */
    this.progress = new Map();
    /** What the server wants to be told of files on the disk. */
    this.watchers = [];
    this.restarts = 0;
    this.stopping = false;
    this.connection = undefined;
    /** What the server offers; providers are registered once it is known. */
    this.providers = [];
    this.listeners = [
      vscode.workspace.onDidOpenTextDocument((document) => this.opened(document)),
      vscode.workspace.onDidChangeTextDocument((event) => this.changed(event)),
      vscode.workspace.onDidSaveTextDocument((document) => this.saved(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.closed(document)),
      vscode.workspace.onDidChangeConfiguration((event) => this.configured(event)),
      vscode.workspace.onDidChangeWorkspaceFolders((event) => this.foldersChanged(event)),
    ];
  }

  setting(name) {
    return vscode.workspace.getConfiguration('neural').get(name);
  }

  async start() {
    this.stopping = false;
    this.ready = false;
    const connection = new Connection(this.setting('server.path') || 'neural-lsp', ['--stdio'], {
      onRequest: (method, params) => this.request(method, params),
      onNotification: (method, params) => this.notification(method, params),
      onTrace: (direction, message) => this.trace(direction, message),
      onErrorText: (text) => this.output.append(text),
      onClose: (reason) => this.ended(connection, reason),
    });
    this.connection = connection;
    try {
      const result = await connection.request('initialize', this.initializeParams());
      if (connection !== this.connection) return;
      this.capabilities = result.capabilities;
      connection.notify('initialized', {});
      this.ready = true;
      this.register(result.capabilities);
      for (const document of vscode.workspace.textDocuments) this.opened(document);
    } catch (error) {
      if (!connection.closed) this.report(`neural-lsp did not start: ${error.message}`);
    }
  }

  initializeParams() {
    const folders = vscode.workspace.workspaceFolders?.map(({ uri, name }) => ({ uri: uri.toString(), name }));
    return {
      processId: process.pid,
      clientInfo: { name: 'Visual Studio Code', version: vscode.version },
      locale: vscode.env.language,
      rootUri: folders?.[0]?.uri ?? null,
      workspaceFolders: folders ?? null,
      initializationOptions: vscode.workspace.getConfiguration().get('neural') ?? {},
      capabilities: features.capabilities,
    };
  }

  // Documents

  isOurs(document) {
    return this.ready && features.isOurs(document);
  }

  opened(document) {
    if (!this.isOurs(document)) return;
    this.connection.notify('textDocument/didOpen', {
      textDocument: {
        uri: document.uri.toString(), languageId: document.languageId, version: document.version,
        text: document.getText(),
      },
    });
  }

  changed({ document, contentChanges }) {
    if (!this.isOurs(document) || contentChanges.length === 0) return;
    const sync = this.capabilities.textDocumentSync;
    const incremental = (typeof sync === 'object' ? sync.change : sync) === 2;
    this.connection.notify('textDocument/didChange', {
      textDocument: { uri: document.uri.toString(), version: document.version },
      // VS Code gives the changes from the last to the first of the document, each in terms of the
      // text before all of them: in this order none moves the place of another.
      contentChanges: incremental
        ? contentChanges.map(({ range, text }) => ({ range: convert.plainRange(range), text }))
        : [{ text: document.getText() }],
    });
  }

  saved(document) {
    if (!this.isOurs(document)) return;
    this.connection.notify('textDocument/didSave', { textDocument: { uri: document.uri.toString() } });
  }

  closed(document) {
    if (!this.isOurs(document)) return;
    this.connection.notify('textDocument/didClose', { textDocument: { uri: document.uri.toString() } });
  }

  configured(event) {
    if (!event.affectsConfiguration('neural')) return;
    if (event.affectsConfiguration('neural.server.path')) {
      this.restart();
    } else if (this.ready) {
      this.connection.notify('workspace/didChangeConfiguration', {
        settings: { neural: vscode.workspace.getConfiguration().get('neural') ?? {} },
      });
    }
  }

  foldersChanged({ added, removed }) {
    if (!this.ready) return;
    const plain = (folders) => folders.map(({ uri, name }) => ({ uri: uri.toString(), name }));
    this.connection.notify('workspace/didChangeWorkspaceFolders',
      { event: { added: plain(added), removed: plain(removed) } });
  }

  /** Of what the server registers later, only files have to be looked at: settings are sent anyway. */
  watch({ registrations }) {
    for (const { method, registerOptions } of registrations) {
      if (method !== 'workspace/didChangeWatchedFiles') continue;
      for (const { globPattern } of registerOptions.watchers) {
        const watcher = vscode.workspace.createFileSystemWatcher(globPattern);
        const tell = (type) => (uri) => this.ready && this.connection.notify(
          'workspace/didChangeWatchedFiles', { changes: [{ uri: uri.toString(), type }] });
        watcher.onDidCreate(tell(1));
        watcher.onDidChange(tell(2));
        watcher.onDidDelete(tell(3));
        this.watchers.push(watcher);
      }
    }
  }

  /** Work that takes long is shown until it ends, and can be cancelled there. */
  progressed({ token, value }) {
    if (value.kind === 'begin') {
      const options = {
        location: vscode.ProgressLocation[value.cancellable ? 'Notification' : 'Window'],
        title: `Neural: ${value.title}`, cancellable: value.cancellable ?? false,
      };
      // VS Code may begin to show it after it has ended.
      const work = { message: value.message };
      const ended = new Promise((end) => { work.end = end; });
      this.progress.set(token, work);
      vscode.window.withProgress(options, (progress, cancellation) => {
        cancellation.onCancellationRequested(() =>
          this.connection.notify('window/workDoneProgress/cancel', { token }));
        work.report = (message) => progress.report({ message });
        if (work.message) work.report(work.message);
        return ended;
      });
    } else if (value.kind === 'report') {
      const work = this.progress.get(token);
      if (work) work.message = value.message;
      work?.report?.(value.message);
    } else if (value.kind === 'end') {
      this.progress.get(token)?.end();
      this.progress.delete(token);
    }
  }

  // What the server asks for and says

  async request(method, params) {
    switch (method) {
      case 'workspace/applyEdit': {
        const applied = await vscode.workspace.applyEdit(convert.workspaceEdit(params.edit));
        if (applied) await this.showCreated(params.edit);
        return { applied };
      }
      case 'workspace/configuration':
        return params.items.map(({ section }) =>
          vscode.workspace.getConfiguration().get(section ?? 'neural') ?? null);
      case 'workspace/workspaceFolders':
        return vscode.workspace.workspaceFolders?.map(
          ({ uri, name }) => ({ uri: uri.toString(), name })) ?? null;
      case 'workspace/inlayHint/refresh':
        this.inlayHintsChanged.fire();
        return null;
      case 'workspace/codeLens/refresh':
        this.codeLensesChanged.fire();
        return null;
      case 'window/showDocument': {
        const uri = vscode.Uri.parse(params.uri);
        if (params.external) return { success: await vscode.env.openExternal(uri) };
        await vscode.window.showTextDocument(uri, {
          preserveFocus: params.takeFocus === false,
          selection: params.selection && convert.range(params.selection),
        });
        return { success: true };
      }
      case 'window/showMessageRequest': {
        const titles = (params.actions ?? []).map(({ title }) => title);
        const chosen = await this.showMessage(params, ...titles);
        return params.actions?.find(({ title }) => title === chosen) ?? null;
      }
      case 'client/registerCapability':
        this.watch(params);
        return null;
      case 'client/unregisterCapability':
      case 'window/workDoneProgress/create':
        return null;
      default:
        return undefined;
    }
  }

  notification(method, params) {
    switch (method) {
      case 'textDocument/publishDiagnostics':
        this.diagnostics.set(vscode.Uri.parse(params.uri), params.diagnostics.map(convert.diagnostic));
        break;
      case 'window/showMessage':
        this.showMessage(params);
        break;
      case 'window/logMessage':
        this.output.appendLine(params.message);
        break;
      case '$/progress':
        this.progressed(params);
        break;
    }
  }

  showMessage({ type, message }, ...titles) {
    if (type === 1) return vscode.window.showErrorMessage(message, ...titles);
    if (type === 2) return vscode.window.showWarningMessage(message, ...titles);
    return vscode.window.showInformationMessage(message, ...titles);
  }

  /** A file that an edit has made is what the user asked for: it comes to the front. */
  async showCreated(edit) {
    const created = edit.documentChanges?.find(({ kind }) => kind === 'create');
    if (created) await vscode.window.showTextDocument(vscode.Uri.parse(created.uri), { preview: false });
  }

  trace(direction, message) {
    const level = this.setting('trace');
    if (level === 'messages') {
      this.output.appendLine(`${direction} ${message.method ?? 'answer'} ${message.id ?? ''}`);
    } else if (level === 'verbose') {
      this.output.appendLine(`${direction} ${JSON.stringify(message)}`);
    }
  }

  // Features

  /** Asks about a place; a server that fails leaves the editor without an answer, not with an error. */
  async ask(method, params, token) {
    try {
      return await this.connection.request(method, params, token);
    } catch (error) {
      this.output.appendLine(`${method}: ${error.message}`);
      return undefined;
    }
  }

  register(capabilities) {
    this.unregister();
    this.providers = features.register(capabilities, {
      ask: (method, params, token) => this.ask(method, params, token),
      request: (method, params, token) => this.connection.request(method, params, token),
      inlayHintsChanged: this.inlayHintsChanged.event,
      codeLensesChanged: this.codeLensesChanged.event,
    });
  }

  unregister() {
    for (const provider of this.providers.splice(0)) provider.dispose();
    for (const watcher of this.watchers.splice(0)) watcher.dispose();
    for (const { end } of this.progress.values()) end();
    this.progress.clear();
  }

  // Commands

  /** The file in front and a target to choose; nothing where there is no such file. */
  async fileAndTarget(targets) {
    const document = vscode.window.activeTextEditor?.document;
    if (!this.ready || document?.languageId !== LANGUAGE) {
      vscode.window.showInformationMessage('Neural: there is no .neural file in front.');
      return undefined;
    }
    const chosen = await vscode.window.showQuickPick(targets.map((target) => TARGETS[target]));
    const target = targets.find((one) => TARGETS[one] === chosen);
    return target && { uri: document.uri.toString(), target };
  }

  /** Asks, and tells the user why there is no answer. */
  async run(method, params) {
    try {
      return await this.connection.request(method, params);
    } catch (error) {
      vscode.window.showErrorMessage(`Neural: ${error.message}`);
      return undefined;
    }
  }

  async generate() {
    const chosen = await this.fileAndTarget(Object.keys(TARGETS));
    if (chosen) await this.run('workspace/executeCommand', { command: 'neural.generate', arguments: [chosen] });
  }

  /** What generating would write, in an editor beside the source; nothing is written. */
  async preview() {
    const chosen = await this.fileAndTarget(Object.keys(TARGETS).filter((target) => target !== 'onnx'));
    if (!chosen) return;
    const answer = await this.run('neural/preview', { textDocument: { uri: chosen.uri }, target: chosen.target });
    for (const { language, text } of answer?.files ?? []) {
      const document = await vscode.workspace.openTextDocument({ language, content: text });
      await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    }
  }

  /** What can be computed on here, in the output channel. */
  async devices() {
    const report = this.ready && await this.run('neural/devices', {});
    if (!report) return;
    this.output.appendLine(JSON.stringify(report, undefined, 2));
    this.output.show();
  }

  // From start to end

  ended(connection, reason) {
    if (connection !== this.connection) return;
    this.ready = false;
    this.unregister();
    this.diagnostics.clear();
    if (this.stopping) return;
    this.output.appendLine(reason);
    // One that never came to life would not the next time either.
    if (!this.capabilities || this.restarts >= MAXIMUM_RESTARTS) {
      this.report(`neural-lsp: ${reason}`);
      return;
    }
    this.restarts++;
    this.start();
  }

  async report(message) {
    this.output.appendLine(message);
    const open = 'Open settings';
    if (await vscode.window.showErrorMessage(message, open) === open) {
      vscode.commands.executeCommand('workbench.action.openSettings', 'neural.server.path');
    }
  }

  async stop() {
    this.stopping = true;
    this.ready = false;
    this.unregister();
    this.diagnostics.clear();
    await this.connection?.shutdown();
  }

  async restart() {
    await this.stop();
    this.restarts = 0;
    await this.start();
  }

  async dispose() {
    for (const listener of this.listeners.splice(0)) listener.dispose();
    await this.stop();
    this.diagnostics.dispose();
    this.inlayHintsChanged.dispose();
    this.codeLensesChanged.dispose();
    this.output.dispose();
  }
}

async function activate(context) {
  client = new Client();
  context.subscriptions.push(
    vscode.commands.registerCommand('neural.restart', () => client.restart()),
    vscode.commands.registerCommand('neural.generateFile', () => client.generate()),
    vscode.commands.registerCommand('neural.preview', () => client.preview()),
    vscode.commands.registerCommand('neural.devices', () => client.devices()));
  await client.start();
}

async function deactivate() {
  await client?.dispose();
  client = undefined;
}

module.exports = { activate, deactivate };
