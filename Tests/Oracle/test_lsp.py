"""The language server over stdio, driven by a client that knows the protocol.

pytest-lsp checks every answer against what this client said it can do; a deviation is an error
(pytest.ini).
"""

import ast
import asyncio

import pytest
import pytest_asyncio
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import register_lsp_features

from program import BINARY

GOOD = """network Digits {
  input: (28, 28, 1)
  layers:
    Conv2D(32, 3, activation="relu")
    MaxPooling2D(2)
    Flatten()
    Dense(10, activation="softmax")
}
"""
BAD = GOOD.replace("    Flatten()\n", "")
PATIENCE = 20  # seconds; a debug build on a busy machine


def capabilities(apply_edit=True, pull=False, markup=lsp.MarkupKind.Markdown):
    document = lsp.TextDocumentClientCapabilities(
        synchronization=lsp.TextDocumentSyncClientCapabilities(),
        publish_diagnostics=lsp.PublishDiagnosticsClientCapabilities(
            version_support=True, related_information=True, code_description_support=True),
        hover=lsp.HoverClientCapabilities(content_format=[markup]),
        completion=lsp.CompletionClientCapabilities(
            completion_item=lsp.ClientCompletionItemOptions(
                snippet_support=True, commit_characters_support=True, documentation_format=[markup],
                resolve_support=lsp.ClientCompletionItemResolveOptions(properties=["documentation"]))),
        inlay_hint=lsp.InlayHintClientCapabilities(
            resolve_support=lsp.ClientInlayHintResolveOptions(properties=["tooltip"])),
        document_symbol=lsp.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
        folding_range=lsp.FoldingRangeClientCapabilities(),
        selection_range=lsp.SelectionRangeClientCapabilities(),
        document_highlight=lsp.DocumentHighlightClientCapabilities(),
        definition=lsp.DefinitionClientCapabilities(),
        references=lsp.ReferenceClientCapabilities(),
        rename=lsp.RenameClientCapabilities(prepare_support=True),
        semantic_tokens=lsp.SemanticTokensClientCapabilities(
            requests=lsp.ClientSemanticTokensRequestOptions(
                range=True, full=lsp.ClientSemanticTokensRequestFullDelta(delta=True)),
            token_types=[kind.value for kind in lsp.SemanticTokenTypes],
            token_modifiers=[modifier.value for modifier in lsp.SemanticTokenModifiers],
            formats=[lsp.TokenFormat.Relative]),
        formatting=lsp.DocumentFormattingClientCapabilities(),
        range_formatting=lsp.DocumentRangeFormattingClientCapabilities(),
        on_type_formatting=lsp.DocumentOnTypeFormattingClientCapabilities(),
        code_action=lsp.CodeActionClientCapabilities(
            code_action_literal_support=lsp.ClientCodeActionLiteralOptions(
                code_action_kind=lsp.ClientCodeActionKindOptions(value_set=["", "quickfix", "refactor", "source"])),
            is_preferred_support=True,
            data_support=True,
            resolve_support=lsp.ClientCodeActionResolveOptions(properties=["edit", "command"])),
        diagnostic=lsp.DiagnosticClientCapabilities() if pull else None,
    )
    workspace = lsp.WorkspaceClientCapabilities(
        apply_edit=apply_edit or None,
        workspace_edit=lsp.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[lsp.ResourceOperationKind.Create]) if apply_edit else None,
    )
    return lsp.ClientCapabilities(text_document=document, workspace=workspace)


class Editor:
    """One open document, as an editor would keep it."""

    def __init__(self, client, path):
        self.client, self.path = client, path
        self.uri, self.version, self.text = path.as_uri(), 0, ""
        self.document = lsp.TextDocumentIdentifier(uri=self.uri)

    def open(self, text):
        self.path.write_text(text)
        self.text, self.version = text, 1
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(
            text_document=lsp.TextDocumentItem(uri=self.uri, language_id="neural", version=1, text=text)))

    def insert(self, line, character, text):
        """An incremental edit; the position is in UTF-16, here ASCII."""
        self.version += 1
        at = lsp.Position(line, character)
        lines = self.text.splitlines(keepends=True)
        lines[line] = lines[line][:character] + text + lines[line][character:]
        self.text = "".join(lines)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(
            text_document=lsp.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version),
            content_changes=[lsp.TextDocumentContentChangePartial(range=lsp.Range(at, at), text=text)]))

    async def diagnostics(self):
        """The diagnostics of exactly this version."""

        async def wait():
            while True:
                for params in self.client.published:
                    if params.uri == self.uri and params.version == self.version:
                        return list(params.diagnostics)
                await asyncio.sleep(0.005)

        return await asyncio.wait_for(wait(), PATIENCE)

    def apply(self, edit):
        """The text of this document after a workspace edit."""
        edits = list((edit.changes or {}).get(self.uri, []))
        for change in edit.document_changes or []:
            if isinstance(change, lsp.TextDocumentEdit) and change.text_document.uri == self.uri:
                assert change.text_document.version in (None, self.version)
                edits += change.edits
        assert edits, f"nothing for this document: {edit}"
        lines = self.text.splitlines(keepends=True)
        index = lambda p: sum(map(len, lines[: p.line])) + p.character
        text = self.text
        for one in sorted(edits, key=lambda e: index(e.range.start), reverse=True):
            text = text[: index(one.range.start)] + one.new_text + text[index(one.range.end) :]
        return text

    async def actions(self, line, character, diagnostics=()):
        at = lsp.Position(line, character)
        found = await self.client.text_document_code_action_async(lsp.CodeActionParams(
            text_document=self.document, range=lsp.Range(at, at),
            context=lsp.CodeActionContext(diagnostics=list(diagnostics))))
        return found or []


def make_converter():
    """lsprotocol takes every answer with a `command` for a Command, code actions too."""
    converter = default_converter()
    converter.register_structure_hook(
        lsp.Command | lsp.CodeAction,
        lambda answer, _: converter.structure(
            answer, lsp.Command if isinstance(answer.get("command"), str) else lsp.CodeAction))
    return converter


def make_client():
    client = LanguageClient(converter_factory=make_converter)
    client.published, client.applied = [], []
    register_lsp_features(client)
    # Only an entry of a dictionary: the last one registered counts.
    features = client.protocol.fm.features
    for method in (lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, lsp.WORKSPACE_APPLY_EDIT, lsp.CLIENT_REGISTER_CAPABILITY):
        features.pop(method, None)

    @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def publish(params: lsp.PublishDiagnosticsParams):
        client.published.append(params)

    @client.feature(lsp.WORKSPACE_APPLY_EDIT)
    def apply(params: lsp.ApplyWorkspaceEditParams):
        client.applied.append(params.edit)
        return lsp.ApplyWorkspaceEditResult(applied=True)

    @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
    def register(params: lsp.RegistrationParams):
        return None

    return client


async def session(tmp_path, able):
    assert BINARY.is_file(), f"{BINARY} is missing: build it, or name it in NEURAL_LSP"
    client = make_client()
    await client.start_io(str(BINARY), "--stdio")
    client.result = await asyncio.wait_for(client.initialize_session(lsp.InitializeParams(
        capabilities=able, root_uri=tmp_path.as_uri(),
        workspace_folders=[lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="here")])), PATIENCE)
    return client


async def end(client):
    await asyncio.wait_for(client.shutdown_session(), PATIENCE)
    status = client._server.returncode
    await client.stop()
    assert status == 0, f"after shutdown and exit the server ends with {status}"


@pytest_asyncio.fixture
async def editor(tmp_path):
    client = await session(tmp_path, capabilities())
    yield Editor(client, tmp_path / "digits.neural")
    await end(client)


async def test_a_mistake_is_published_and_mended(editor):
    editor.open(BAD)
    (found,) = await editor.diagnostics()
    assert found.code == "rank-mismatch"
    assert found.severity == lsp.DiagnosticSeverity.Error
    assert found.source
    assert found.range == lsp.Range(lsp.Position(5, 4), lsp.Position(5, 9))
    editor.insert(5, 4, "Flatten()\n    ")
    assert await editor.diagnostics() == []
    # And again, one character.
    editor.insert(6, 4, "x")
    (found,) = await editor.diagnostics()
    assert found.code == "unknown-layer"
    assert found.range == lsp.Range(lsp.Position(6, 4), lsp.Position(6, 10))


async def test_every_character_typed(editor):
    """A file typed from nothing ends as the file opened whole does."""
    editor.open("")
    line = character = 0
    editor.text = "\n"
    editor.open("\n")
    for letter in BAD:
        editor.insert(line, character, letter)
        line, character = (line + 1, 0) if letter == "\n" else (line, character + 1)
    (found,) = await editor.diagnostics()
    assert (found.code, found.range.start) == ("rank-mismatch", lsp.Position(5, 4))


async def test_positions_are_utf16(editor):
    editor.open(GOOD.replace("Flatten()", 'Flatten(name="\U0001d6fc") -> Desne(3)'))
    (found,) = await editor.diagnostics()
    assert found.code == "unknown-layer"
    # Two units for the one letter: 4 + len('Flatten(name="α") -> ') + 1.
    start = 4 + len('Flatten(name="a") -> ') + 1
    assert (found.range.start.character, found.range.end.character) == (start, start + 5)


async def test_hover(editor):
    editor.open(GOOD)
    answer = await editor.client.text_document_hover_async(lsp.HoverParams(editor.document, lsp.Position(3, 6)))
    assert isinstance(answer.contents, lsp.MarkupContent)
    text = answer.contents.value
    assert "(batch, 26, 26, 32)" in text and "(batch, 28, 28, 1)" in text
    # (3 * 3 * 1 + 1) * 32 parameters and 26 * 26 * 3 * 3 * 32 multiply-accumulates.
    digits = "".join(c for c in text if c not in ", _\u2009\u202f\u00a0")
    assert "320" in digits and "194688" in digits
    at = answer.range
    assert at is None or (at.start.line, at.start.character) == (3, 4)


LINES = """self.conv2d_1 = nn.Conv2d(1, 32, 3)
x = F.relu(self.conv2d_1(x.movedim(-1, 1)))
"""


@pytest.mark.parametrize("markup", list(lsp.MarkupKind))
async def test_hover_shows_the_line_of_pytorch(tmp_path, markup):
    """In a fence for those who show Markdown, as it is for the others."""
    client = await session(tmp_path, capabilities(markup=markup))
    editor = Editor(client, tmp_path / "digits.neural")
    editor.open(GOOD)
    answer = await client.text_document_hover_async(lsp.HoverParams(editor.document, lsp.Position(3, 6)))
    assert answer.contents.kind == markup
    text = answer.contents.value
    assert (f"```python\n{LINES}```" if markup == lsp.MarkupKind.Markdown else LINES) in text
    assert markup == lsp.MarkupKind.Markdown or "`" not in text
    await end(client)


async def test_hover_on_nothing(editor):
    editor.open(GOOD)
    assert await editor.client.text_document_hover_async(lsp.HoverParams(editor.document, lsp.Position(3, 0))) is None
    await editor.client.text_document_hover_async(lsp.HoverParams(editor.document, lsp.Position(999, 999)))


def label(hint):
    return hint.label if isinstance(hint.label, str) else "".join(part.value for part in hint.label)


async def test_inlay_hints(editor):
    editor.open(GOOD)
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(8, 0))
    hints = await editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(
        text_document=editor.document, range=whole))
    at = lambda line: [label(h) for h in hints if h.position.line == line]
    for line, size in (3, "26, 26, 32"), (4, "13, 13, 32"), (5, "5408"), (6, "10"):
        assert any(size in text for text in at(line)), (line, at(line))


async def test_hints_are_explained_when_they_are_asked_for(editor):
    editor.open(GOOD)
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(8, 0))
    hints = await editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(
        text_document=editor.document, range=whole))
    assert all(hint.tooltip is None for hint in hints)
    told = {}
    for hint in hints:
        resolved = await editor.client.inlay_hint_resolve_async(hint)
        assert label(resolved) == label(hint)
        told[label(hint)] = resolved.tooltip.value
    assert told["filters:"].startswith("**filters**")
    assert "194,688 MACs" in told["(batch, 26, 26, 32)"]


def read_tokens(editor, data):
    """Each token's text, type and modifiers, by the legend that the server gave."""
    legend = editor.client.result.capabilities.semantic_tokens_provider.legend
    lines = [line.encode("utf-16-le") for line in editor.text.splitlines()]
    line = start = 0
    found = []
    for index in range(0, len(data), 5):
        down, right, length, kind, bits = data[index : index + 5]
        line, start = line + down, right if down else start + right
        text = lines[line][2 * start : 2 * (start + length)].decode("utf-16-le")
        modifiers = [name for bit, name in enumerate(legend.token_modifiers) if bits >> bit & 1]
        found.append((text, legend.token_types[kind], *modifiers))
    return found


async def test_semantic_tokens(editor):
    editor.open(GOOD.replace("Flatten()", 'Flatten(name="\U0001d6fc") -> flat'))
    full = await editor.client.text_document_semantic_tokens_full_async(
        lsp.SemanticTokensParams(editor.document))
    tokens = read_tokens(editor, full.data)
    for expected in (
        ("network", "keyword"), ("Digits", "class", "declaration"), ("32", "number"),
        ("Conv2D", "class", "defaultLibrary"), ("activation", "parameter"), ('"\U0001d6fc"', "string"),
        ("->", "operator"), ("flat", "variable", "declaration")):
        assert expected in tokens, expected
    # A range is a part of it, and a delta makes the new whole of the old one.
    part = await editor.client.text_document_semantic_tokens_range_async(lsp.SemanticTokensRangeParams(
        text_document=editor.document, range=lsp.Range(lsp.Position(3, 0), lsp.Position(4, 0))))
    few = read_tokens(editor, part.data)
    first = tokens.index(("Conv2D", "class", "defaultLibrary"))
    assert few == tokens[first : first + len(few)] and few[-1] == ('"relu"', "string")
    editor.insert(5, 4, "ReLU() -> ")
    delta = await editor.client.text_document_semantic_tokens_full_delta_async(
        lsp.SemanticTokensDeltaParams(text_document=editor.document, previous_result_id=full.result_id))
    assert isinstance(delta, lsp.SemanticTokensDelta)
    data = list(full.data)
    for edit in delta.edits:
        data[edit.start : edit.start + edit.delete_count] = edit.data or []
    again = await editor.client.text_document_semantic_tokens_full_async(lsp.SemanticTokensParams(editor.document))
    assert data == list(again.data)
    assert ("ReLU", "class", "defaultLibrary") in read_tokens(editor, data)


async def test_outline_folds_and_selection(editor):
    editor.open(GOOD)
    (network,) = await editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(editor.document))
    assert (network.name, network.kind) == ("Digits", lsp.SymbolKind.Module)
    layers = {child.name: child.detail for child in network.children}
    assert layers["Conv2D"] == "(batch, 26, 26, 32)" and layers["Dense"] == "(batch, 10)"
    folds = await editor.client.text_document_folding_range_async(lsp.FoldingRangeParams(editor.document))
    assert [(fold.start_line, fold.end_line) for fold in folds] == [(0, 7), (2, 6)]
    (selection,) = await editor.client.text_document_selection_range_async(lsp.SelectionRangeParams(
        text_document=editor.document, positions=[lsp.Position(3, 6)]))
    widths = []
    while selection:
        widths.append((selection.range.start, selection.range.end))
        selection = selection.parent
    assert widths[0] == (lsp.Position(3, 4), lsp.Position(3, 10))
    assert widths[-1] == (lsp.Position(0, 0), lsp.Position(8, 0))


async def test_names(editor):
    editor.open(GOOD.replace("Flatten()", "Flatten() -> flat\n    flat"))
    place = lsp.Position(6, 5)
    (definition,) = await editor.client.text_document_definition_async(lsp.DefinitionParams(editor.document, place))
    assert definition.range == lsp.Range(lsp.Position(5, 17), lsp.Position(5, 21))
    references = await editor.client.text_document_references_async(lsp.ReferenceParams(
        text_document=editor.document, position=place, context=lsp.ReferenceContext(include_declaration=False)))
    assert [reference.range.start for reference in references] == [lsp.Position(6, 4)]
    highlights = await editor.client.text_document_document_highlight_async(
        lsp.DocumentHighlightParams(editor.document, place))
    assert [one.kind for one in highlights] == [lsp.DocumentHighlightKind.Write, lsp.DocumentHighlightKind.Read]
    prepared = await editor.client.text_document_prepare_rename_async(
        lsp.PrepareRenameParams(editor.document, place))
    assert prepared.placeholder == "flat"
    edit = await editor.client.text_document_rename_async(lsp.RenameParams(
        text_document=editor.document, position=place, new_name="vector"))
    assert editor.apply(edit) == editor.text.replace("flat\n", "vector\n")
    with pytest.raises(JsonRpcException, match="is no name"):
        await editor.client.text_document_rename_async(lsp.RenameParams(
            text_document=editor.document, position=place, new_name="1"))


async def complete(editor, line, character):
    answer = await editor.client.text_document_completion_async(lsp.CompletionParams(
        text_document=editor.document, position=lsp.Position(line, character)))
    items = answer.items if isinstance(answer, lsp.CompletionList) else answer or []
    return {item.label: item for item in items}


async def test_completion_of_layers(editor):
    editor.open(GOOD.replace("    Flatten()\n", "    Conv\n"))
    items = await complete(editor, 5, 8)
    assert "Conv2D" in items and items["Conv2D"].documentation or items["Conv2D"].detail
    # In a good file too, on an empty line.
    editor.insert(5, 8, "2D(8, 3)\n    ")
    assert "Flatten" in await complete(editor, 6, 4)


async def test_completion_of_arguments(editor):
    editor.open(GOOD.replace("    Flatten()\n", "    Conv2D()\n"))
    items = await complete(editor, 5, 11)
    assert any(name.startswith("filters") for name in items), list(items)[:20]
    chosen = next(item for name, item in items.items() if name.startswith("filters"))
    text = (chosen.text_edit.new_text if chosen.text_edit else None) or chosen.insert_text or chosen.label
    assert text.startswith("filters=")
    # What is given already is not offered again.
    editor.insert(5, 11, "filters=8, ")
    items = await complete(editor, 5, 22)
    assert not any(name.startswith("filters") for name in items)
    assert any(name.startswith("kernel_size") for name in items)


async def test_completion_says_what_does_not_fit(editor):
    editor.open(GOOD.replace("Dense(10", "Con\n    Dense(10"))
    items = await complete(editor, 6, 7)
    conv = items["Conv2D"]
    assert conv.detail.startswith("does not fit: `Conv2D` expects (batch, height, width, channels)")
    assert "(batch, 5408)" in conv.detail
    fitting = [item.sort_text for item in items.values() if " → " in (item.detail or "")]
    assert max(fitting) < conv.sort_text
    assert conv.documentation is None
    resolved = await editor.client.completion_item_resolve_async(conv)
    assert "Convolution over images" in resolved.documentation.value


async def test_completion_of_values_is_chosen_by_what_follows(editor):
    editor.open(GOOD.replace("Flatten()", "Flatten() -> Dense(8, use_bias=)"))
    items = await complete(editor, 5, len("    Flatten() -> Dense(8, use_bias="))
    assert list(items["true"].commit_characters) == [",", ")", "]"]
    items = await complete(editor, 5, len("    Flatten() -> Dense(8, "))
    assert items["activation="].commit_characters is None


async def test_completion_of_imports(editor, tmp_path):
    """Files and folders as they lie on the disk, and files that are not saved yet."""
    (tmp_path / "parts" / "deep").mkdir(parents=True)
    (tmp_path / "parts" / "conv.neural").write_text("define Conv(n) { Conv2D(n, 3) }\n")
    (tmp_path / "blocks.neural").write_text(BLOCKS)
    (tmp_path / "notes.txt").write_text("no source")
    (tmp_path / ".hidden").mkdir()
    editor.client.text_document_did_open(lsp.DidOpenTextDocumentParams(text_document=lsp.TextDocumentItem(
        uri=(tmp_path / "unsaved.neural").as_uri(), language_id="neural", version=1, text=BLOCKS)))
    editor.open('import ""\n')
    items = await complete(editor, 0, 8)
    assert sorted(items) == ["../", "blocks.neural", "parts/", "unsaved.neural"]
    assert (items["parts/"].kind, items["blocks.neural"].kind) == (
        lsp.CompletionItemKind.Folder, lsp.CompletionItemKind.File)
    editor.insert(0, 8, "parts/")
    assert sorted(await complete(editor, 0, 14)) == ["conv.neural", "deep/"]
    editor.insert(0, 14, "conv.neural")
    editor.insert(0, 7, " from ")
    items = await complete(editor, 0, 7)
    assert sorted(items) == ["Conv"]


async def test_quick_fix(editor):
    editor.open(BAD)
    diagnostics = await editor.diagnostics()
    actions = await editor.actions(5, 5, diagnostics)
    fixes = [a for a in actions if isinstance(a, lsp.CodeAction) and a.kind == lsp.CodeActionKind.QuickFix]
    assert fixes, [a.title for a in actions]
    fix = next((a for a in fixes if a.is_preferred), fixes[0])
    if fix.edit is None:
        fix = await editor.client.code_action_resolve_async(fix)
    assert editor.apply(fix.edit) == GOOD


async def run(editor, action):
    """Does what an editor does on a chosen action: resolve, apply, execute."""
    client = editor.client
    if isinstance(action, lsp.CodeAction) and action.edit is None and action.command is None:
        action = await client.code_action_resolve_async(action)
    if isinstance(action, lsp.CodeAction) and action.edit is not None:
        client.applied.append(action.edit)
    command = action.command if isinstance(action, lsp.CodeAction) else action
    if command is not None:
        await client.workspace_execute_command_async(lsp.ExecuteCommandParams(
            command=command.command, arguments=command.arguments))


async def generate_action(editor):
    found = [a for a in await editor.actions(0, 9) if "Generate PyTorch" in a.title]
    assert found, "no action Generate PyTorch"
    return found[0]


async def test_generate_pytorch(editor):
    editor.open(GOOD)
    assert await editor.diagnostics() == []
    await asyncio.wait_for(run(editor, await generate_action(editor)), PATIENCE)
    (edit,) = editor.client.applied
    changes = edit.document_changes
    creates = [c for c in changes if isinstance(c, lsp.CreateFile)]
    texts = [c for c in changes if isinstance(c, lsp.TextDocumentEdit)]
    assert len(creates) == 1 and creates[0].uri.endswith(".py")
    assert creates[0].uri.rsplit("/", 1)[0] == editor.uri.rsplit("/", 1)[0], "beside the source"
    assert changes.index(creates[0]) < changes.index(texts[0])
    assert texts[0].text_document.uri == creates[0].uri
    code = "".join(one.new_text for one in texts[0].edits)
    classes = [n.name for n in ast.parse(code).body if isinstance(n, ast.ClassDef)]
    assert "Digits" in classes
    assert not list(editor.path.parent.glob("*.py")), "the client writes it, not the server"


async def test_generate_for_a_client_without_edits(tmp_path):
    client = await session(tmp_path, capabilities(apply_edit=False))
    editor = Editor(client, tmp_path / "digits.neural")
    editor.open(GOOD)
    await asyncio.wait_for(run(editor, await generate_action(editor)), PATIENCE)
    (written,) = tmp_path.glob("*.py")
    assert "class Digits" in written.read_text()
    assert any(written.name in message.message for message in client.messages)
    assert not client.applied
    await end(client)


async def test_pulled_diagnostics(tmp_path):
    client = await session(tmp_path, capabilities(pull=True))
    assert client.result.capabilities.diagnostic_provider
    editor = Editor(client, tmp_path / "digits.neural")
    editor.open(BAD)
    report = await client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(text_document=editor.document))
    assert report.kind == "full" and [d.code for d in report.items] == ["rank-mismatch"]
    await end(client)


async def test_closing_forgets(editor):
    editor.open(BAD)
    assert await editor.diagnostics()
    editor.client.text_document_did_close(lsp.DidCloseTextDocumentParams(editor.document))
    editor.open(GOOD)
    editor.client.published.clear()
    editor.insert(0, 0, " ")
    assert await editor.diagnostics() == []


OPTIONS = lsp.FormattingOptions(tab_size=8, insert_spaces=False)


async def test_formatting(editor):
    untidy = "".join(" " + line.replace("(", "( ") for line in GOOD.splitlines(keepends=True))
    editor.open(untidy)
    edits = await editor.client.text_document_formatting_async(
        lsp.DocumentFormattingParams(text_document=editor.document, options=OPTIONS))
    assert editor.apply(lsp.WorkspaceEdit(changes={editor.uri: edits})) == GOOD
    assert len(edits) > 7, "only what differs changes, so that cursors stay"


async def test_range_formatting(editor):
    lines = [" " + line for line in GOOD.splitlines(keepends=True)]
    editor.open("".join(lines))
    edits = await editor.client.text_document_range_formatting_async(
        lsp.DocumentRangeFormattingParams(
            text_document=editor.document, options=OPTIONS, range=lsp.Range(lsp.Position(3, 2), lsp.Position(5, 0))))
    expected = lines[:3] + GOOD.splitlines(keepends=True)[3:5] + lines[5:]
    assert editor.apply(lsp.WorkspaceEdit(changes={editor.uri: edits})) == "".join(expected)


async def test_formatting_while_typing(editor):
    editor.open(GOOD)
    editor.insert(4, len("    MaxPooling2D(2)"), "\n")
    edits = await editor.client.text_document_on_type_formatting_async(
        lsp.DocumentOnTypeFormattingParams(
            text_document=editor.document, options=OPTIONS, position=lsp.Position(5, 0), ch="\n"))
    assert [(e.range.start, e.range.end, e.new_text) for e in edits] == [
        (lsp.Position(5, 0), lsp.Position(5, 0), "    ")]


BLOCKS = "define Block(units) { Dense(units) -> x Dense(units) -> Add(x) }\n"
USER = """import Block from "blocks.neural"
network User {
  input: (4)
  layers: Block(units=3) -> Dense(2)
}
"""


async def test_names_over_files(editor, tmp_path):
    """A definition that another file uses: where it is declared, all its places, another name."""
    (tmp_path / "blocks.neural").write_text(BLOCKS)
    editor.open(USER)
    assert await editor.diagnostics() == []
    at = lsp.Position(3, 12)
    (place,) = await editor.client.text_document_definition_async(
        lsp.DefinitionParams(text_document=editor.document, position=at))
    blocks = (tmp_path / "blocks.neural").as_uri()
    assert (place.uri, place.range.start) == (blocks, lsp.Position(0, 7))
    places = await editor.client.text_document_references_async(lsp.ReferenceParams(
        text_document=editor.document, position=at, context=lsp.ReferenceContext(include_declaration=True)))
    assert [one.uri for one in places] == [editor.uri, editor.uri, blocks]
    edit = await editor.client.text_document_rename_async(
        lsp.RenameParams(text_document=editor.document, position=at, new_name="Stage"))
    assert editor.apply(edit) == USER.replace("Block", "Stage")
    symbols = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams(query="blo"))
    assert [(one.name, one.location.uri) for one in symbols] == [("Block", blocks)]


async def test_refactoring(editor):
    """From the menu, resolved, applied: the text is as good as before."""
    editor.open(BLOCKS + USER.split("\n", 1)[1])
    assert await editor.diagnostics() == []
    action = next(one for one in await editor.actions(3, 12) if one.title.startswith("Write out"))
    assert action.edit is None and action.data, "edits come when they are asked for"
    action = await editor.client.code_action_resolve_async(action)
    editor.open(editor.apply(action.edit))
    assert "Sequential { Dense(3) -> x Dense(3) -> Add(x) } -> Dense(2)" in editor.text
    editor.client.published.clear()
    editor.insert(0, 0, " ")
    assert [one.code for one in await editor.diagnostics()] == ["unused-definition"]


async def test_pulled_workspace_diagnostics(tmp_path):
    (tmp_path / "bad.neural").write_text(BAD)
    client = await session(tmp_path, capabilities(pull=True))
    report = await client.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams(previous_result_ids=[]))
    (one,) = report.items
    assert [d.code for d in one.items] == ["rank-mismatch"] and one.version is None
    again = await client.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams(
        previous_result_ids=[lsp.PreviousResultId(uri=one.uri, value=one.result_id)]))
    assert [same.kind for same in again.items] == ["unchanged"]
    await end(client)


async def test_a_project_of_the_folder(editor, tmp_path):
    (tmp_path / "neural.json").write_text('{"levels": {"rank-mismatch": "hint"}}')
    editor.open(BAD)
    (found,) = await editor.diagnostics()
    assert found.severity == lsp.DiagnosticSeverity.Hint


async def test_workspace_diagnostics_in_parts(tmp_path):
    """Under the client's token come parts, and the answer has what is left: nothing."""
    for number in range(70):
        (tmp_path / f"{number}.neural").write_text(BAD if number == 0 else GOOD)
    client = await session(tmp_path, capabilities(pull=True))
    parts = []
    client.protocol.fm.features.pop(lsp.PROGRESS, None)

    @client.feature(lsp.PROGRESS)
    def progress(params: lsp.ProgressParams):
        parts.append((params.token, params.value))

    answer = await client.workspace_diagnostic_async(lsp.WorkspaceDiagnosticParams(
        previous_result_ids=[], partial_result_token="part"))
    assert not answer.items
    assert {token for token, _ in parts} == {"part"} and len(parts) > 1
    items = [item for _, value in parts for item in value["items"]]
    assert len(items) == 70
    assert [item["uri"] for item in items if item["items"]] == [(tmp_path / "0.neural").as_uri()]
    await end(client)
