// As much of VS Code's API as the extension uses, with documents in memory and files on disk. What
// is asked of it and not there is an error, so that the extension cannot lean on what nobody checks.
'use strict';

const fs = require('node:fs');
const { pathToFileURL, fileURLToPath } = require('node:url');

class Position {
  constructor(line, character) {
    if (!(line >= 0 && character >= 0)) throw new Error(`no position: ${line}, ${character}`);
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(start, end) {
    if (!(start instanceof Position && end instanceof Position)) throw new Error('a range of what is no position');
    Object.assign(this, { start, end });
  }
}

class Uri {
  constructor(text) { this.text = text; }
  static parse(text) { return new Uri(text); }
  static file(path) { return new Uri(pathToFileURL(path).href); }
  get fsPath() { return fileURLToPath(this.text); }
  toString() { return this.text; }
}

class Location { constructor(uri, range) { Object.assign(this, { uri, range }); } }
class MarkdownString { constructor(value) { this.value = value; } }
class SnippetString { constructor(value) { this.value = value; } }
class Hover { constructor(contents, range) { Object.assign(this, { contents, range }); } }
class TextEdit { constructor(range, newText) { Object.assign(this, { range, newText }); } }
class CompletionItem { constructor(label, kind) { Object.assign(this, { label, kind }); } }
class CompletionList { constructor(items, isIncomplete) { Object.assign(this, { items, isIncomplete }); } }
class InlayHint { constructor(position, label, kind) { Object.assign(this, { position, label, kind }); } }
class InlayHintLabelPart { constructor(value) { this.value = value; } }
class CodeLens { constructor(range, command) { Object.assign(this, { range, command }); } }
class DocumentLink { constructor(range, target) { Object.assign(this, { range, target }); } }
class DocumentHighlight { constructor(range, kind) { Object.assign(this, { range, kind }); } }
class DocumentSymbol {
  constructor(name, detail, kind, range, selectionRange) {
    if (!name) throw new Error('a symbol without a name');
    Object.assign(this, { name, detail, kind, range, selectionRange, children: [] });
  }
}
class SymbolInformation {
  constructor(name, kind, containerName, location) { Object.assign(this, { name, kind, containerName, location }); }
}
class CallHierarchyItem {
  constructor(kind, name, detail, uri, range, selectionRange) {
    Object.assign(this, { kind, name, detail, uri, range, selectionRange });
  }
}
class CallHierarchyIncomingCall { constructor(from, fromRanges) { Object.assign(this, { from, fromRanges }); } }
class CallHierarchyOutgoingCall { constructor(to, fromRanges) { Object.assign(this, { to, fromRanges }); } }
class LinkedEditingRanges { constructor(ranges, wordPattern) { Object.assign(this, { ranges, wordPattern }); } }
const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };
const ViewColumn = { Active: -1, Beside: -2 };
class FoldingRange { constructor(start, end, kind) { Object.assign(this, { start, end, kind }); } }
const FoldingRangeKind = { Comment: 1, Imports: 2, Region: 3 };
class SelectionRange { constructor(range, parent) { Object.assign(this, { range, parent }); } }
class SignatureHelp {}
class SignatureInformation { constructor(label, documentation) { Object.assign(this, { label, documentation }); } }
class ParameterInformation { constructor(label, documentation) { Object.assign(this, { label, documentation }); } }
class SemanticTokensLegend { constructor(types, modifiers) { Object.assign(this, { types, modifiers }); } }
class SemanticTokens {
  constructor(data, resultId) {
    if (!(data instanceof Uint32Array)) throw new Error('tokens that are no Uint32Array');
    Object.assign(this, { data, resultId });
  }
}
class SemanticTokensEdit { constructor(start, deleteCount, data) { Object.assign(this, { start, deleteCount, data }); } }
class SemanticTokensEdits { constructor(edits, resultId) { Object.assign(this, { edits, resultId }); } }
class CodeAction { constructor(title, kind) { Object.assign(this, { title, kind }); } }
class CodeActionKind {
  constructor(value) { this.value = value; }
  append(part) { return new CodeActionKind(this.value ? `${this.value}.${part}` : part); }
}
CodeActionKind.Empty = new CodeActionKind('');
class Diagnostic {
  constructor(range, message, severity) {
    if (!(range instanceof Range)) throw new Error('a diagnostic without a range');
    Object.assign(this, { range, message, severity });
  }
}
class DiagnosticRelatedInformation { constructor(location, message) { Object.assign(this, { location, message }); } }
class WorkspaceEdit {
  constructor() { this.steps = []; }
  createFile(uri, options) { this.steps.push({ create: uri, options }); }
  renameFile(from, to, options) { this.steps.push({ rename: from, to, options }); }
  deleteFile(uri, options) { this.steps.push({ delete: uri, options }); }
  replace(uri, range, newText) { this.steps.push({ replace: uri, range, newText }); }
}
class EventEmitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener) => {
      this.listeners.add(listener);
      return { dispose: () => this.listeners.delete(listener) };
    };
  }
  fire(value) { for (const listener of [...this.listeners]) listener(value); }
  dispose() { this.listeners.clear(); }
}

const offset = (text, { line, character }) =>
  text.split('\n').slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;

class TextDocument {
  constructor(uri, languageId, text) { Object.assign(this, { uri, languageId, text, version: 1 }); }
  getText() { return this.text; }
}

const opened = new EventEmitter();
const changed = new EventEmitter();
const savedEvent = new EventEmitter();
const closed = new EventEmitter();
const configured = new EventEmitter();
const foldersChanged = new EventEmitter();
const willRename = new EventEmitter();
const settings = new Map();
const documents = [];
const providers = new Map();
const commands = new Map();
const collections = new Map();

/** What a test sees and does that an extension cannot. */
const driver = {
  settings, documents, providers, commands, collections,
  messages: [], output: [], shown: [], watchers: [], progress: [],
  /** What the user chooses of a list. */
  choice: undefined,
  /** Files get other names: the edits that belong to that. */
  async rename(files) {
    const edits = [];
    willRename.fire({ files, waitUntil: (edit) => edits.push(edit) });
    return (await Promise.all(edits)).filter(Boolean);
  },
  open(uri, languageId, text) {
    const document = new TextDocument(uri, languageId, text);
    documents.push(document);
    opened.fire(document);
    return document;
  },
  /** Several edits at once, each in terms of the text before them, as VS Code reports them. */
  edit(document, edits) {
    const sorted = [...edits].sort((a, b) => offset(document.text, b.range.start) - offset(document.text, a.range.start));
    for (const { range, text } of sorted) {
      document.text = document.text.slice(0, offset(document.text, range.start)) + text
        + document.text.slice(offset(document.text, range.end));
    }
    document.version++;
    changed.fire({ document, contentChanges: sorted });
  },
  close(document) {
    documents.splice(documents.indexOf(document), 1);
    closed.fire(document);
  },
  configure(name, value) {
    settings.set(name, value);
    configured.fire({ affectsConfiguration: (section) => name === section || name.startsWith(`${section}.`) });
  },
  provider(kind) {
    const found = providers.get(kind);
    if (!found) throw new Error(`no ${kind} provider is registered`);
    return found;
  },
};

const lookUp = (name) => {
  if (settings.has(name)) return settings.get(name);
  const under = [...settings].filter(([key]) => key.startsWith(`${name}.`));
  if (under.length === 0) return undefined;
  return Object.fromEntries(under.map(([key, value]) => [key.slice(name.length + 1), value]));
};

const register = (kind) => (selector, provider, ...more) => {
  // Only the settings of a folder are no text of the language.
  const isKnown = ({ language, pattern }) => language === 'neural' || pattern === '**/neural.json';
  if (![selector].flat().every(isKnown)) throw new Error(`a provider for ${JSON.stringify(selector)}`);
  providers.set(kind, Object.assign(provider, { more }));
  return { dispose: () => providers.delete(kind) };
};

const show = (severity) => async (message) => {
  driver.messages.push({ severity, message });
  return undefined;
};

const api = {
  Position, Range, Uri, Location, MarkdownString, SnippetString, Hover, TextEdit, CompletionItem,
  CompletionList, InlayHint, InlayHintLabelPart, CodeAction, CodeActionKind, Diagnostic,
  DiagnosticRelatedInformation, WorkspaceEdit, EventEmitter,
  SignatureHelp, SignatureInformation, ParameterInformation, CodeLens, DocumentLink, DocumentHighlight, DocumentSymbol, FoldingRange, FoldingRangeKind, SelectionRange,
  SymbolInformation, CallHierarchyItem, CallHierarchyIncomingCall, CallHierarchyOutgoingCall, LinkedEditingRanges,
  ProgressLocation, ViewColumn,
  SemanticTokensLegend, SemanticTokens, SemanticTokensEdit, SemanticTokensEdits,
  version: '1.75.0',
  env: strict('env', { language: 'en' }),
  commands: strict('commands', {
    registerCommand(name, action) {
      if (commands.has(name)) throw new Error(`${name} is registered twice`);
      commands.set(name, action);
      return { dispose: () => commands.delete(name) };
    },
    executeCommand: async (name, ...args) => commands.get(name)(...args),
  }),
  languages: strict('languages', {
    createDiagnosticCollection(name) {
      const entries = new Map();
      collections.set(name, entries);
      return {
        set: (uri, list) => entries.set(uri.toString(), list),
        clear: () => entries.clear(),
        dispose: () => collections.delete(name),
      };
    },
    registerHoverProvider: register('hover'),
    registerCompletionItemProvider: register('completion'),
    registerSignatureHelpProvider: register('signature'),
    registerInlayHintsProvider: register('inlayHint'),
    registerDocumentSemanticTokensProvider: register('semanticTokens'),
    registerDocumentRangeSemanticTokensProvider: register('semanticTokensRange'),
    registerCodeActionsProvider: register('codeAction'),
    registerDefinitionProvider: register('definition'),
    registerDeclarationProvider: register('declaration'),
    registerTypeDefinitionProvider: register('typeDefinition'),
    registerDocumentLinkProvider: register('link'),
    registerCodeLensProvider: register('lens'),
    registerReferenceProvider: register('references'),
    registerDocumentHighlightProvider: register('highlight'),
    registerDocumentSymbolProvider: register('symbol'),
    registerFoldingRangeProvider: register('folding'),
    registerSelectionRangeProvider: register('selection'),
    registerDocumentFormattingEditProvider: register('formatting'),
    registerRenameProvider: register('rename'),
    registerDocumentRangeFormattingEditProvider: register('rangeFormatting'),
    registerOnTypeFormattingEditProvider: register('onTypeFormatting'),
    registerLinkedEditingRangeProvider: register('linkedEditing'),
    registerCallHierarchyProvider: register('calls'),
    registerWorkspaceSymbolProvider: (provider) => register('workspaceSymbol')({ language: 'neural' }, provider),
  }),
  window: strict('window', {
    createOutputChannel: () => ({
      append: (text) => driver.output.push(text),
      appendLine: (text) => driver.output.push(`${text}\n`),
      show() {},
      dispose() {},
    }),
    showErrorMessage: show('error'),
    showWarningMessage: show('warning'),
    showInformationMessage: show('information'),
    showTextDocument: async (shown) => {
      driver.shown.push((shown.uri ?? shown).toString());
    },
    get activeTextEditor() { return driver.active && { document: driver.active }; },
    showQuickPick: async (items) => items.find((item) => item === driver.choice),
    withProgress(options, task) {
      const shown = { options, reports: [] };
      driver.progress.push(shown);
      const cancelled = new EventEmitter();
      shown.cancel = () => cancelled.fire();
      return task({ report: (value) => shown.reports.push(value) }, { onCancellationRequested: cancelled.event })
        .then(() => { shown.ended = true; });
    },
  }),
  workspace: strict('workspace', {
    textDocuments: documents,
    workspaceFolders: undefined,
    onDidOpenTextDocument: opened.event,
    onDidChangeTextDocument: changed.event,
    onDidSaveTextDocument: savedEvent.event,
    onDidCloseTextDocument: closed.event,
    onDidChangeConfiguration: configured.event,
    onDidChangeWorkspaceFolders: foldersChanged.event,
    onWillRenameFiles: willRename.event,
    createFileSystemWatcher(pattern) {
      const [created, changed, deleted] = [new EventEmitter(), new EventEmitter(), new EventEmitter()];
      const watcher = {
        pattern, onDidCreate: created.event, onDidChange: changed.event, onDidDelete: deleted.event,
        created: (uri) => created.fire(uri), dispose: () => driver.watchers.splice(driver.watchers.indexOf(watcher), 1),
      };
      driver.watchers.push(watcher);
      return watcher;
    },
    openTextDocument: async ({ language, content }) =>
      driver.open(new Uri(`untitled:${documents.length}`), language, content),
    getConfiguration: (section) => ({
      get: (name) => lookUp(section ? `${section}.${name}` : name),
    }),
    async applyEdit(edit) {
      for (const step of edit.steps) {
        if (step.create) {
          if (fs.existsSync(step.create.fsPath) && !step.options?.overwrite && !step.options?.ignoreIfExists) return false;
          fs.writeFileSync(step.create.fsPath, '');
        } else if (step.replace) {
          const document = documents.find(({ uri }) => uri.toString() === step.replace.toString());
          if (document) {
            driver.edit(document, [{ range: step.range, text: step.newText }]);
          } else {
            const text = fs.readFileSync(step.replace.fsPath, 'utf8');
            fs.writeFileSync(step.replace.fsPath,
              text.slice(0, offset(text, step.range.start)) + step.newText + text.slice(offset(text, step.range.end)));
          }
        } else {
          throw new Error('this stand-in neither renames nor deletes files');
        }
      }
      return true;
    },
  }),
};

function strict(name, members) {
  return new Proxy(members, {
    get(target, key) {
      if (!(key in target)) throw new Error(`vscode.${name ? `${name}.` : ''}${String(key)} is not in this stand-in`);
      return target[key];
    },
  });
}

module.exports = { api: strict('', api), driver };
