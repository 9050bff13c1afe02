// What the extension asks the server for on behalf of VS Code: a provider for each feature that the
// server offers.
'use strict';

const vscode = require('vscode');
const convert = require('./convert.js');

const LANGUAGE = 'neural';
/** The settings of a folder, which the server checks and completes too. */
const PROJECT = ['json', 'jsonc'].map((language) => ({ language, pattern: '**/neural.json' }));

/** Whether the server is told of a document. */
const isOurs = ({ languageId, uri }) => languageId === LANGUAGE
  || (PROJECT.some(({ language }) => language === languageId) && uri.toString().endsWith('/neural.json'));

/** What the server is told that this client can do. */
const capabilities = {
  general: { positionEncodings: ['utf-16'] },
  workspace: {
    applyEdit: true,
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: {},
    didChangeWatchedFiles: { dynamicRegistration: true },
    fileOperations: { willRename: true },
    symbol: {},
    inlayHint: { refreshSupport: true },
    codeLens: { refreshSupport: true },
    workspaceEdit: {
      documentChanges: true,
      resourceOperations: ['create', 'rename', 'delete'],
      failureHandling: 'abort',
    },
  },
  window: { workDoneProgress: true, showDocument: { support: true }, showMessage: {} },
  textDocument: {
    synchronization: { didSave: true },
    publishDiagnostics: {
      relatedInformation: true, versionSupport: true, codeDescriptionSupport: true,
      dataSupport: true, tagSupport: { valueSet: [1, 2] },
    },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    completion: {
      completionItem: {
        snippetSupport: true, documentationFormat: ['markdown', 'plaintext'],
        insertReplaceSupport: true, labelDetailsSupport: true, preselectSupport: true,
        commitCharactersSupport: true,
        resolveSupport: { properties: ['documentation', 'detail', 'additionalTextEdits'] },
      },
    },
    codeAction: {
      codeActionLiteralSupport: {
        codeActionKind: { valueSet: ['', 'quickfix', 'refactor', 'source', 'source.fixAll'] },
      },
      isPreferredSupport: true, disabledSupport: true, dataSupport: true,
      resolveSupport: { properties: ['edit', 'command'] },
    },
    inlayHint: { resolveSupport: { properties: ['tooltip'] } },
    semanticTokens: {
      requests: { range: true, full: { delta: true } },
      formats: ['relative'],
      tokenTypes: [
        'namespace', 'type', 'class', 'enum', 'interface', 'struct', 'typeParameter', 'parameter', 'variable',
        'property', 'enumMember', 'event', 'function', 'method', 'macro', 'keyword', 'modifier', 'comment', 'string',
        'number', 'regexp', 'operator', 'decorator',
      ],
      tokenModifiers: [
        'declaration', 'definition', 'readonly', 'static', 'deprecated', 'abstract', 'async', 'modification',
        'documentation', 'defaultLibrary',
      ],
      multilineTokenSupport: false, overlappingTokenSupport: false, augmentsSyntaxTokens: true,
    },
    signatureHelp: {
      signatureInformation: {
        documentationFormat: ['markdown', 'plaintext'], parameterInformation: { labelOffsetSupport: true },
      },
    },
    documentSymbol: { hierarchicalDocumentSymbolSupport: true },
    foldingRange: { lineFoldingOnly: true },
    selectionRange: {},
    documentHighlight: {},
    definition: {},
    declaration: {},
    typeDefinition: {},
    documentLink: { tooltipSupport: true },
    codeLens: {},
    references: {},
    formatting: {},
    rangeFormatting: {},
    onTypeFormatting: {},
    linkedEditingRange: {},
    callHierarchy: {},
    rename: { prepareSupport: true },
  },
};

/**
 * Registers a provider for each feature among the server's capabilities; what is returned ends them.
 * `ask` answers with undefined where the server fails, `request` says why.
 */
function register(capabilities, { ask, request, inlayHintsChanged, codeLensesChanged }) {
  const { languages } = vscode;
  const providers = [];
  const selector = { language: LANGUAGE };
  const at = (document, position) => ({
    textDocument: { uri: document.uri.toString() },
    ...(position && { position: convert.plainPosition(position) }),
  });
  const add = (provider) => providers.push(provider);

  if (capabilities.hoverProvider) {
    add(languages.registerHoverProvider(selector, {
      provideHover: async (document, position, token) => {
        const hover = await ask('textDocument/hover', at(document, position), token);
        return hover && new vscode.Hover(convert.markdown(hover.contents), hover.range && convert.range(hover.range));
      },
    }));
  }

  if (capabilities.completionProvider) {
    const { triggerCharacters = [], resolveProvider } = capabilities.completionProvider;
    add(languages.registerCompletionItemProvider([selector, ...PROJECT], {
      provideCompletionItems: async (document, position, token, context) => {
        const list = await ask('textDocument/completion', {
          ...at(document, position),
          context: { triggerKind: context.triggerKind + 1, triggerCharacter: context.triggerCharacter },
        }, token);
        const items = (Array.isArray(list) ? list : list?.items ?? []).map(convert.completionItem);
        return new vscode.CompletionList(items, list?.isIncomplete ?? false);
      },
      ...(resolveProvider && {
        resolveCompletionItem: async (item, token) => {
          const full = await ask('completionItem/resolve', item.plain, token);
          return full ? convert.completionItem(full) : item;
        },
      }),
    }, ...triggerCharacters));
  }

  if (capabilities.signatureHelpProvider) {
    const { triggerCharacters = [], retriggerCharacters = [] } = capabilities.signatureHelpProvider;
    add(languages.registerSignatureHelpProvider(selector, {
      provideSignatureHelp: async (document, position, token) => {
        const help = await ask('textDocument/signatureHelp', at(document, position), token);
        return help && convert.signatureHelp(help);
      },
    }, { triggerCharacters, retriggerCharacters }));
  }

  if (capabilities.inlayHintProvider) {
    add(languages.registerInlayHintsProvider(selector, {
      onDidChangeInlayHints: inlayHintsChanged,
      provideInlayHints: async (document, range, token) => {
        const hints = await ask('textDocument/inlayHint',
          { ...at(document), range: convert.plainRange(range) }, token);
        return hints?.map(convert.inlayHint);
      },
      ...(capabilities.inlayHintProvider.resolveProvider && {
        resolveInlayHint: async (hint, token) => {
          const full = hint.plain && await ask('inlayHint/resolve', hint.plain, token);
          return full ? convert.inlayHint(full) : hint;
        },
      }),
    }));
  }

  if (capabilities.semanticTokensProvider) {
    const { legend, full, range } = capabilities.semanticTokensProvider;
    const names = new vscode.SemanticTokensLegend(legend.tokenTypes, legend.tokenModifiers);
    if (full) {
      add(languages.registerDocumentSemanticTokensProvider(selector, {
        provideDocumentSemanticTokens: async (document, token) =>
          convert.semanticTokens(await ask('textDocument/semanticTokens/full', at(document), token)),
        ...(full.delta && {
          provideDocumentSemanticTokensEdits: async (document, previousResultId, token) =>
            convert.semanticTokens(await ask('textDocument/semanticTokens/full/delta',
              { ...at(document), previousResultId }, token)),
        }),
      }, names));
    }
    if (range) {
      add(languages.registerDocumentRangeSemanticTokensProvider(selector, {
        provideDocumentRangeSemanticTokens: async (document, part, token) =>
          convert.semanticTokens(await ask('textDocument/semanticTokens/range',
            { ...at(document), range: convert.plainRange(part) }, token)),
      }, names));
    }
  }

  if (capabilities.codeActionProvider) {
    add(languages.registerCodeActionsProvider(selector, {
      provideCodeActions: async (document, range, context, token) => {
        const actions = await ask('textDocument/codeAction', {
          ...at(document),
          range: convert.plainRange(range),
          context: {
            diagnostics: context.diagnostics.map(convert.plainDiagnostic),
            only: context.only && [context.only.value],
            triggerKind: context.triggerKind,
          },
        }, token);
        return actions?.map(convert.codeAction);
      },
      ...(capabilities.codeActionProvider.resolveProvider && {
        resolveCodeAction: async (action, token) => {
          const full = action.plain && await ask('codeAction/resolve', action.plain, token);
          return full ? convert.codeAction(full) : action;
        },
      }),
    }));
  }

  for (const command of capabilities.executeCommandProvider?.commands ?? []) {
    add(vscode.commands.registerCommand(command, (...args) =>
      ask('workspace/executeCommand', { command, arguments: args })));
  }

  for (const what of ['Definition', 'Declaration', 'TypeDefinition']) {
    const name = what[0].toLowerCase() + what.slice(1);
    if (!capabilities[`${name}Provider`]) continue;
    add(languages[`register${what}Provider`](selector, {
      [`provide${what}`]: async (document, position, token) => {
        const found = await ask(`textDocument/${name}`, at(document, position), token);
        return found && [found].flat().map(convert.location);
      },
    }));
  }

  if (capabilities.documentLinkProvider) {
    add(languages.registerDocumentLinkProvider(selector, {
      provideDocumentLinks: async (document, token) =>
        (await ask('textDocument/documentLink', at(document), token))?.map(convert.documentLink),
    }));
  }

  if (capabilities.codeLensProvider) {
    add(languages.registerCodeLensProvider(selector, {
      onDidChangeCodeLenses: codeLensesChanged,
      provideCodeLenses: async (document, token) =>
        (await ask('textDocument/codeLens', at(document), token))?.map(({ range, command }) =>
          new vscode.CodeLens(convert.range(range), command)),
    }));
  }

  if (capabilities.referencesProvider) {
    add(languages.registerReferenceProvider(selector, {
      provideReferences: async (document, position, { includeDeclaration }, token) => {
        const found = await ask('textDocument/references',
          { ...at(document, position), context: { includeDeclaration } }, token);
        return found?.map(convert.location);
      },
    }));
  }

  if (capabilities.documentHighlightProvider) {
    add(languages.registerDocumentHighlightProvider(selector, {
      provideDocumentHighlights: async (document, position, token) => {
        const found = await ask('textDocument/documentHighlight', at(document, position), token);
        // VS Code counts the kinds from 0.
        return found?.map(({ range, kind }) => new vscode.DocumentHighlight(convert.range(range), kind - 1));
      },
    }));
  }

  if (capabilities.documentSymbolProvider) {
    add(languages.registerDocumentSymbolProvider(selector, {
      provideDocumentSymbols: async (document, token) =>
        (await ask('textDocument/documentSymbol', at(document), token))?.map(convert.documentSymbol),
    }));
  }

  if (capabilities.foldingRangeProvider) {
    add(languages.registerFoldingRangeProvider(selector, {
      provideFoldingRanges: async (document, context, token) =>
        (await ask('textDocument/foldingRange', at(document), token))?.map(({ startLine, endLine, kind }) =>
          new vscode.FoldingRange(startLine, endLine, convert.foldingKind(kind))),
    }));
  }

  if (capabilities.selectionRangeProvider) {
    add(languages.registerSelectionRangeProvider(selector, {
      provideSelectionRanges: async (document, positions, token) => {
        const found = await ask('textDocument/selectionRange',
          { ...at(document), positions: positions.map(convert.plainPosition) }, token);
        return found?.map(convert.selectionRange);
      },
    }));
  }

  if (capabilities.documentFormattingProvider) {
    add(languages.registerDocumentFormattingEditProvider(selector, {
      provideDocumentFormattingEdits: async (document, options, token) => {
        const edits = await ask('textDocument/formatting', {
          ...at(document),
          options: { tabSize: options.tabSize, insertSpaces: options.insertSpaces },
        }, token);
        return edits?.map(convert.textEdit);
      },
    }));
  }

  if (capabilities.documentRangeFormattingProvider) {
    add(languages.registerDocumentRangeFormattingEditProvider(selector, {
      provideDocumentRangeFormattingEdits: async (document, range, options, token) => {
        const edits = await ask('textDocument/rangeFormatting', {
          ...at(document),
          range: convert.plainRange(range),
          options: { tabSize: options.tabSize, insertSpaces: options.insertSpaces },
        }, token);
        return edits?.map(convert.textEdit);
      },
    }));
  }

  if (capabilities.documentOnTypeFormattingProvider) {
    const { firstTriggerCharacter, moreTriggerCharacter = [] } = capabilities.documentOnTypeFormattingProvider;
    add(languages.registerOnTypeFormattingEditProvider(selector, {
      provideOnTypeFormattingEdits: async (document, position, ch, options, token) => {
        const edits = await ask('textDocument/onTypeFormatting', {
          ...at(document, position),
          ch,
          options: { tabSize: options.tabSize, insertSpaces: options.insertSpaces },
        }, token);
        return edits?.map(convert.textEdit);
      },
    }, firstTriggerCharacter, ...moreTriggerCharacter));
  }

  if (capabilities.linkedEditingRangeProvider) {
    add(languages.registerLinkedEditingRangeProvider(selector, {
      provideLinkedEditingRanges: async (document, position, token) => {
        const linked = await ask('textDocument/linkedEditingRange', at(document, position), token);
        return linked && new vscode.LinkedEditingRanges(
          linked.ranges.map(convert.range), linked.wordPattern && new RegExp(linked.wordPattern));
      },
    }));
  }

  if (capabilities.workspaceSymbolProvider) {
    add(languages.registerWorkspaceSymbolProvider({
      provideWorkspaceSymbols: async (query, token) =>
        (await ask('workspace/symbol', { query }, token))?.map(convert.symbolInformation),
    }));
  }

  if (capabilities.callHierarchyProvider) {
    const places = (ranges) => ranges.map(convert.range);
    add(languages.registerCallHierarchyProvider(selector, {
      prepareCallHierarchy: async (document, position, token) =>
        (await ask('textDocument/prepareCallHierarchy', at(document, position), token))?.map(convert.callItem),
      provideCallHierarchyIncomingCalls: async ({ plain }, token) =>
        (await ask('callHierarchy/incomingCalls', { item: plain }, token))?.map(({ from, fromRanges }) =>
          new vscode.CallHierarchyIncomingCall(convert.callItem(from), places(fromRanges))),
      provideCallHierarchyOutgoingCalls: async ({ plain }, token) =>
        (await ask('callHierarchy/outgoingCalls', { item: plain }, token))?.map(({ to, fromRanges }) =>
          new vscode.CallHierarchyOutgoingCall(convert.callItem(to), places(fromRanges))),
    }));
  }

  if (capabilities.workspace?.fileOperations?.willRename) {
    add(vscode.workspace.onWillRenameFiles((event) => {
      const files = event.files.map(({ oldUri, newUri }) => ({ oldUri: oldUri.toString(), newUri: newUri.toString() }));
      event.waitUntil(ask('workspace/willRenameFiles', { files }).then((edit) => edit && convert.workspaceEdit(edit)));
    }));
  }

  if (capabilities.renameProvider) {
    add(languages.registerRenameProvider(selector, {
      // Why a name cannot be given is for the user to read: no `ask` here.
      provideRenameEdits: async (document, position, newName, token) => {
        const edit = await request(
          'textDocument/rename', { ...at(document, position), newName }, token);
        return edit && convert.workspaceEdit(edit);
      },
      ...(capabilities.renameProvider.prepareProvider && {
        prepareRename: async (document, position, token) => {
          const { range, placeholder } = await request('textDocument/prepareRename', at(document, position), token);
          return { range: convert.range(range), placeholder };
        },
      }),
    }));
  }

  return providers;
}

module.exports = { LANGUAGE, isOurs, capabilities, register };
