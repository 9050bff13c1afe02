"""Every message that the server sends is what PyPI's lsprotocol says it is.

A session that asks for everything, with a client that says it can do everything; each answer, request
and notification is structured by lsprotocol, which refuses what is not in the protocol.
"""

import json
import queue
import subprocess
import threading

import pytest
from lsprotocol import converters, types as lsp

from program import BINARY

BLOCKS = "## A block.\ndefine Block(units) { Dense(units) -> x Dense(units) Add(x) }\n"
MAIN = """import Block from "blocks.neural"
# https://arxiv.org/abs/1512.03385
network Main {
  loss: "mse"
  input: (height, 28, 3)
  layers:
    conv2D(32, 3, activation="relu") -> unused
    GlobalAveragePooling2D()
    Block(units=8)
    Dense("10") @ "cuda:0"
}
"""
EVERYTHING = {
    "general": {"positionEncodings": ["utf-8"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}, "showMessage": {}},
    "workspace": {
        "applyEdit": True, "workspaceFolders": True, "configuration": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "fileOperations": {"willRename": True},
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename"]},
        "inlayHint": {"refreshSupport": True}, "codeLens": {"refreshSupport": True},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True, "tagSupport": {"valueSet": [1, 2]},
            "codeDescriptionSupport": True, "dataSupport": True},
        "hover": {"contentFormat": ["markdown"]},
        "completion": {"completionItem": {
            "snippetSupport": True, "documentationFormat": ["markdown"],
            "resolveSupport": {"properties": ["documentation"]}}},
        "inlayHint": {"resolveSupport": {"properties": ["tooltip"]}},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": [""]}},
            "isPreferredSupport": True, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
        "rename": {"prepareSupport": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "documentLink": {"tooltipSupport": True},
        "semanticTokens": {"requests": {"range": True, "full": {"delta": True}}},
    },
}


class Wire:
    """A client that keeps what it gets and answers what it is asked."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [str(BINARY), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={"XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")})
        self.arrived, self.count = queue.Queue(), 0
        self.methods, self.all = {}, []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while line := self.process.stdout.readline():
            length = int(line.removeprefix(b"Content-Length: "))
            self.process.stdout.readline()
            self.arrived.put(json.loads(self.process.stdout.read(length)))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def next(self):
        message = self.arrived.get(timeout=20)
        self.all.append(message)
        if "id" in message and "method" in message:
            section = message["method"] == "workspace/configuration"
            applied = message["method"] == "workspace/applyEdit"
            self.send({"id": message["id"], "result": [None] if section else {"applied": True} if applied else None})
        return message

    def request(self, method, params):
        self.count += 1
        self.methods[self.count] = method
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.next()
            if message.get("id") == self.count and "method" not in message:
                assert "error" not in message, f"{method}: {message}"
                return message["result"]

    def until(self, method):
        while self.next().get("method") != method:
            pass


def session(folder, capabilities):
    """All that the server said, with the method that each answer is to."""
    (folder / "blocks.neural").write_text(BLOCKS)
    (folder / "main.neural").write_text(MAIN)
    wire = Wire(folder)
    uri, root = (folder / "main.neural").as_uri(), folder.as_uri()
    result = wire.request("initialize", {
        "processId": None, "rootUri": root, "capabilities": capabilities,
        "workspaceFolders": [{"uri": root, "name": "here"}]})
    wire.notify("initialized", {})
    wire.notify("textDocument/didOpen", {
        "textDocument": {"uri": uri, "languageId": "neural", "version": 1, "text": MAIN}})
    if "diagnosticProvider" not in result["capabilities"]:
        wire.until("textDocument/publishDiagnostics")
    document = {"textDocument": {"uri": uri}}

    def at(word, method, more=None, offset=1):
        line = next(i for i, text in enumerate(MAIN.splitlines()) if word in text)
        position = {"line": line, "character": MAIN.splitlines()[line].index(word) + offset}
        return wire.request(method, document | {"position": position} | (more or {}))

    whole = document | {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}}
    options = {"options": {"tabSize": 2, "insertSpaces": True}}
    for word in ("Block(units", "unused", "conv2D", "height", "activation", "cuda", "mse", "units=8"):
        for method in ("hover", "definition", "declaration", "typeDefinition", "documentHighlight",
                       "completion", "signatureHelp", "linkedEditingRange"):
            at(word, f"textDocument/{method}")
        at(word, "textDocument/references", {"context": {"includeDeclaration": True}})
    at("unused", "textDocument/prepareRename")
    at("unused", "textDocument/rename", {"newName": "used"})
    at("Block from", "textDocument/rename", {"newName": "Stage"})
    for item in at("32", "textDocument/completion", offset=0)["items"][:3]:
        if "data" in item:
            wire.request("completionItem/resolve", item)
    for hint in wire.request("textDocument/inlayHint", whole):
        if "data" in hint:
            wire.request("inlayHint/resolve", hint)
    for action in wire.request("textDocument/codeAction", whole | {"context": {"diagnostics": []}}):
        if "data" in action:
            wire.request("codeAction/resolve", action)
    for item in at("Block(units", "textDocument/prepareCallHierarchy"):
        wire.request("callHierarchy/incomingCalls", {"item": item})
        wire.request("callHierarchy/outgoingCalls", {"item": item})
    for method in ("documentSymbol", "foldingRange", "documentLink", "codeLens"):
        wire.request(f"textDocument/{method}", document)
    wire.request("textDocument/selectionRange", document | {"positions": [{"line": 7, "character": 6}]})
    if "semanticTokensProvider" in result["capabilities"]:
        tokens = wire.request("textDocument/semanticTokens/full", document)
        wire.request("textDocument/semanticTokens/full/delta", document | {"previousResultId": tokens["resultId"]})
        wire.request("textDocument/semanticTokens/range", whole)
    wire.request("textDocument/formatting", document | options)
    wire.request("textDocument/rangeFormatting", whole | options)
    wire.request("textDocument/onTypeFormatting",
                 document | options | {"position": {"line": 6, "character": 0}, "ch": "\n"})
    wire.request("workspace/symbol", {"query": "b"})
    wire.request("workspace/willRenameFiles", {"files": [
        {"oldUri": (folder / "blocks.neural").as_uri(), "newUri": (folder / "parts/blocks.neural").as_uri()}]})
    if "diagnosticProvider" in result["capabilities"]:
        report = wire.request("textDocument/diagnostic", document)
        wire.request("textDocument/diagnostic", document | {"previousResultId": report["resultId"]})
        reports = wire.request("workspace/diagnostic", {"previousResultIds": []})["items"]
        wire.request("workspace/diagnostic", {
            "previousResultIds": [{"uri": one["uri"], "value": one["resultId"]} for one in reports]})
    good = MAIN.replace('"10") @ "cuda:0"', "10)")
    wire.notify("textDocument/didChange", {
        "textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": good}]})
    wire.request("workspace/executeCommand", {
        "command": "neural.generate", "arguments": [{"uri": uri, "target": "pytorch"}]})
    if capabilities:
        assert any(message.get("method") == "workspace/applyEdit" for message in wire.all)
    wire.notify("workspace/didChangeConfiguration", {"settings": {"neural": {"codeLenses": False}}})
    wire.notify("textDocument/didSave", document)
    wire.notify("textDocument/didClose", document)
    wire.request("shutdown", None)
    wire.notify("exit", None)
    assert wire.process.wait(20) == 0
    while not wire.arrived.empty():
        wire.all.append(wire.arrived.get())
    return wire


@pytest.mark.parametrize("able", ["everything", "pulling", "nothing"])
def test_every_message_is_the_protocols(tmp_path, able):
    capabilities = {} if able == "nothing" else json.loads(json.dumps(EVERYTHING))
    if able == "pulling":
        capabilities["textDocument"]["diagnostic"] = {}
    wire = session(tmp_path, capabilities)
    converter = converters.get_converter()
    # lsprotocol takes every answer with a `command` for a Command, code actions too.
    converter.register_structure_hook(
        lsp.Command | lsp.CodeAction,
        lambda answer, _: converter.structure(
            answer, lsp.Command if isinstance(answer.get("command"), str) else lsp.CodeAction))
    kinds = set()
    for message in wire.all:
        method = message.get("method") or wire.methods[message["id"]]
        kind = lsp.METHOD_TO_TYPES[method][0 if "method" in message else 1]
        try:
            converter.structure(message, kind)
        except Exception as error:
            raise AssertionError(f"{method}: {json.dumps(message)[:600]}") from error
        kinds.add(method)
    assert len(kinds) > 30
