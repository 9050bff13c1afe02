"""The TextMate grammar gives every token the scope that belongs to its capture in highlights.scm.

    python textmate.py FILE…

Both are asked here: tree-sitter by the grammar's Python binding, and a TextMate tokenizer.
Syntax/scopes.json says which scopes belong to which capture.
"""

import json
import logging
import pathlib
import sys

import tree_sitter
import tree_sitter_neural
from textmate_grammar.parsers.base import LanguageParser

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCOPES = {
    scope: capture
    for capture, scopes in json.loads((ROOT / "Syntax/scopes.json").read_text()).items()
    if capture != "about"
    for scope in scopes
}
SHOWN = 20


def captures(language, query, text):
    """What each byte of a text is, by the innermost capture there; none between tokens."""
    tree = tree_sitter.Parser(language).parse(text)
    if tree.root_node.has_error:
        return None
    found = [None] * len(text)
    nodes = [
        (node, name)
        for name, nodes in tree_sitter.QueryCursor(query).captures(tree.root_node).items()
        for node in nodes
    ]
    for node, name in sorted(nodes, key=lambda pair: pair[0].start_byte - pair[0].end_byte):
        for place in range(node.start_byte, node.end_byte):
            found[place] = name
    return found


def capture_of(scopes):
    """The capture to which the innermost of these scopes belongs."""
    for scope in reversed(scopes):
        parts = scope.split(".")
        for end in range(len(parts), 0, -1):
            if (capture := SCOPES.get(".".join(parts[:end]))) is not None:
                return capture
    return None


def scopes(parser, text):
    """What each byte is by the TextMate grammar."""
    found = []
    lines = text.split("\n")
    per_line = [[None] * len(line) for line in lines]
    element = parser.parse_string(text)
    for (row, column), content, names in element.flatten() if element else []:
        capture = capture_of(names)
        for part in content.split("\n"):
            if row < len(lines):
                for place in range(column, min(column + len(part), len(lines[row]))):
                    per_line[row][place] = capture
            row, column = row + 1, 0
    for line, row in zip(lines, per_line):
        for character, capture in zip(line, row):
            found += [capture] * len(character.encode())
        found.append(None)
    return found[:-1]


def main(paths):
    logging.disable(logging.CRITICAL)
    language = tree_sitter.Language(tree_sitter_neural.language())
    query = tree_sitter.Query(language, (ROOT / "Syntax/queries/highlights.scm").read_text())
    grammar = json.loads((ROOT / "EditorClients/vscode/syntaxes/neural.tmLanguage.json").read_text())
    parser = LanguageParser(grammar)
    tokens, files, apart, differences = 0, 0, 0, []
    for path in paths:
        text = pathlib.Path(path).read_text().lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        data = text.encode()
        expected = captures(language, query, data)
        if expected is None:
            continue
        files += 1
        actual = scopes(parser, text)
        start = 0
        while start < len(data):
            end = start + 1
            while end < len(data) and expected[end] == expected[start] and data[end : end + 1].strip():
                end += 1
            if expected[start] is not None and data[start : start + 1].strip():
                tokens += 1
                rest = data[end:].split(b"\n", 1)[0].split(b"#", 1)[0].strip()
                if expected[start] == "keyword" and not rest:
                    # What makes it a word stands on another line, and a TextMate grammar sees one.
                    apart += 1
                elif any(capture != expected[start] for capture in actual[start:end]):
                    row = data.count(b"\n", 0, start) + 1
                    line = text.split("\n")[row - 1].strip()
                    differences.append(
                        f"{path}:{row}: {data[start:end].decode(errors='replace')} is {actual[start]}, not {expected[start]}: {line}"
                    )
            start = end
    if not differences and tokens > 0:
        print(f"ok    TextMate: {tokens} tokens of {files} files have the scopes of tree-sitter's captures, but {apart} that lines part from their sign")
    else:
        print(f"FAIL  TextMate: {len(differences)} of {tokens} tokens of {files} files have other scopes than tree-sitter's captures")
        for difference in differences[:SHOWN]:
            print(f"        {difference}")


main(sys.argv[1:])
