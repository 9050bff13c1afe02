// Between the protocol's plain values and VS Code's.
'use strict';

const vscode = require('vscode');

const position = ({ line, character }) => new vscode.Position(line, character);
const range = ({ start, end }) => new vscode.Range(position(start), position(end));
const plainPosition = ({ line, character }) => ({ line, character });
const plainRange = ({ start, end }) => ({ start: plainPosition(start), end: plainPosition(end) });
const textEdit = (edit) => new vscode.TextEdit(range(edit.range), edit.newText);
const location = ({ uri, range: where }) => new vscode.Location(vscode.Uri.parse(uri), range(where));

const markdown = (content) => {
  const parts = (Array.isArray(content) ? content : [content]).map((part) => {
    if (typeof part === 'string') return part;
    return part.language ? `\`\`\`${part.language}\n${part.value}\n\`\`\`` : part.value;
  });
  return new vscode.MarkdownString(parts.join('\n\n'));
};

const documentation = (content) =>
  content === undefined || typeof content === 'string' ? content : markdown(content);

/** The protocol counts severities from 1, VS Code from 0; the order is the same. */
function diagnostic(plain) {
  const result = new vscode.Diagnostic(range(plain.range), plain.message, (plain.severity ?? 1) - 1);
  result.source = plain.source;
  result.code = plain.codeDescription
    ? { value: plain.code, target: vscode.Uri.parse(plain.codeDescription.href) }
    : plain.code;
  result.tags = plain.tags;
  result.relatedInformation = plain.relatedInformation?.map((related) =>
    new vscode.DiagnosticRelatedInformation(location(related.location), related.message));
  // Code actions are asked for with the diagnostic as the server sent it, its `data` included.
  result.plain = plain;
  return result;
}

function plainDiagnostic(diagnostic) {
  return diagnostic.plain ?? {
    range: plainRange(diagnostic.range),
    severity: diagnostic.severity + 1,
    code: typeof diagnostic.code === 'object' ? diagnostic.code?.value : diagnostic.code,
    source: diagnostic.source,
    message: diagnostic.message,
  };
}

/** Created, renamed and deleted files keep their place among the edits. */
function workspaceEdit(plain) {
  const result = new vscode.WorkspaceEdit();
  for (const change of plain.documentChanges ?? []) {
    if (change.kind === 'create') {
      result.createFile(vscode.Uri.parse(change.uri), change.options);
    } else if (change.kind === 'rename') {
      result.renameFile(vscode.Uri.parse(change.oldUri), vscode.Uri.parse(change.newUri), change.options);
    } else if (change.kind === 'delete') {
      result.deleteFile(vscode.Uri.parse(change.uri), change.options);
    } else {
      for (const edit of change.edits) {
        result.replace(vscode.Uri.parse(change.textDocument.uri), range(edit.range), edit.newText);
      }
    }
  }
  if (!plain.documentChanges) {
    for (const [uri, edits] of Object.entries(plain.changes ?? {})) {
      for (const edit of edits) result.replace(vscode.Uri.parse(uri), range(edit.range), edit.newText);
    }
  }
  return result;
}

function completionItem(plain) {
  // The protocol counts kinds from 1, VS Code from 0.
  const result = new vscode.CompletionItem(
    plain.labelDetails ? { label: plain.label, ...plain.labelDetails } : plain.label,
    plain.kind === undefined ? undefined : plain.kind - 1);
  result.detail = plain.detail;
  result.documentation = documentation(plain.documentation);
  result.sortText = plain.sortText;
  result.filterText = plain.filterText;
  result.preselect = plain.preselect;
  result.commitCharacters = plain.commitCharacters;
  result.tags = plain.tags;
  const text = plain.textEdit?.newText ?? plain.insertText ?? plain.label;
  result.insertText = plain.insertTextFormat === 2 ? new vscode.SnippetString(text) : text;
  if (plain.textEdit?.range) {
    result.range = range(plain.textEdit.range);
  } else if (plain.textEdit) {
    result.range = { inserting: range(plain.textEdit.insert), replacing: range(plain.textEdit.replace) };
  }
  result.additionalTextEdits = plain.additionalTextEdits?.map(textEdit);
  result.command = plain.command;
  result.plain = plain;
  return result;
}

function inlayHint(plain) {
  const label = typeof plain.label === 'string' ? plain.label : plain.label.map((part) => {
    const result = new vscode.InlayHintLabelPart(part.value);
    result.tooltip = documentation(part.tooltip);
    if (part.location) result.location = location(part.location);
    return result;
  });
  const result = new vscode.InlayHint(position(plain.position), label, plain.kind);
  result.paddingLeft = plain.paddingLeft;
  result.paddingRight = plain.paddingRight;
  result.tooltip = documentation(plain.tooltip);
  result.textEdits = plain.textEdits?.map(textEdit);
  result.plain = plain;
  return result;
}

/** Tokens, or the edits that make them of an earlier answer. */
function semanticTokens(plain) {
  if (!plain) return undefined;
  if (!plain.edits) return new vscode.SemanticTokens(new Uint32Array(plain.data), plain.resultId);
  const edits = plain.edits.map(({ start, deleteCount, data }) =>
    new vscode.SemanticTokensEdit(start, deleteCount, data && new Uint32Array(data)));
  return new vscode.SemanticTokensEdits(edits, plain.resultId);
}

/** A code action, or the bare command that older servers send in its place. */
function codeAction(plain) {
  if (typeof plain.command === 'string') return plain;
  const kind = plain.kind === undefined ? undefined : vscode.CodeActionKind.Empty.append(plain.kind);
  const result = new vscode.CodeAction(plain.title, kind);
  result.diagnostics = plain.diagnostics?.map(diagnostic);
  result.isPreferred = plain.isPreferred;
  result.disabled = plain.disabled;
  if (plain.edit) result.edit = workspaceEdit(plain.edit);
  result.command = plain.command;
  result.plain = plain;
  return result;
}

function signatureHelp(plain) {
  const result = new vscode.SignatureHelp();
  result.signatures = plain.signatures.map((signature) => {
    const converted = new vscode.SignatureInformation(signature.label, documentation(signature.documentation));
    converted.parameters = signature.parameters.map((parameter) =>
      new vscode.ParameterInformation(parameter.label, documentation(parameter.documentation)));
    return converted;
  });
  result.activeSignature = plain.activeSignature;
  result.activeParameter = plain.activeParameter;
  return result;
}

function documentSymbol(plain) {
  // VS Code counts the kinds from 0.
  const result = new vscode.DocumentSymbol(
    plain.name, plain.detail ?? '', plain.kind - 1, range(plain.range), range(plain.selectionRange));
  result.children = plain.children?.map(documentSymbol) ?? [];
  return result;
}

function documentLink(plain) {
  const result = new vscode.DocumentLink(range(plain.range), vscode.Uri.parse(plain.target));
  result.tooltip = plain.tooltip;
  return result;
}

// VS Code counts the kinds of symbols from 0.
const symbolInformation = ({ name, kind, containerName, location: where }) =>
  new vscode.SymbolInformation(name, kind - 1, containerName ?? '', location(where));

function callItem(plain) {
  const result = new vscode.CallHierarchyItem(
    plain.kind - 1, plain.name, plain.detail ?? '', vscode.Uri.parse(plain.uri), range(plain.range),
    range(plain.selectionRange));
  result.plain = plain;
  return result;
}

const foldingKind = (kind) =>
  ({ comment: vscode.FoldingRangeKind.Comment, imports: vscode.FoldingRangeKind.Imports })[kind];

const selectionRange = (plain) =>
  new vscode.SelectionRange(range(plain.range), plain.parent && selectionRange(plain.parent));

module.exports = {
  position, range, plainPosition, plainRange, textEdit, location, markdown, diagnostic,
  plainDiagnostic, workspaceEdit, completionItem, inlayHint, semanticTokens, codeAction,
  signatureHelp, documentSymbol, documentLink, symbolInformation, callItem, foldingKind, selectionRange,
};
