"""What a TextMate tokenizer makes of files, in the words of highlights.scm's captures.

    python textmate.py FILE…

For each file one line of JSON: its path, and `[line, start, end, capture]` for what stands there, lines
and bytes counted from 0. Syntax/scopes.json says which scopes belong to which capture.
"""

import json
import logging
import pathlib
import re
import sys

from textmate_grammar.parsers.base import LanguageParser

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCOPES = {
    scope: capture
    for capture, scopes in json.loads((ROOT / "Syntax/scopes.json").read_text()).items()
    if capture != "about"
    for scope in scopes
}


def capture_of(scopes):
    """The capture to which the innermost of these scopes belongs."""
    for scope in reversed(scopes):
        parts = scope.split(".")
        for end in range(len(parts), 0, -1):
            if (capture := SCOPES.get(".".join(parts[:end]))) is not None:
                return capture
    return None


def captures(parser, text):
    """What each character of each line is by the TextMate grammar."""
    lines = text.split("\n")
    found = [[None] * len(line) for line in lines]
    element = parser.parse_string(text)
    for (row, column), content, names in element.flatten() if element else []:
        capture = capture_of(names)
        for part in content.split("\n"):
            if row < len(lines):
                for place in range(column, min(column + len(part), len(lines[row]))):
                    found[row][place] = capture
            row, column = row + 1, 0
    return lines, found


def runs(lines, found, mark):
    """Where captures stand, in bytes; `mark` is the length of what was taken off the first line."""
    for row, (line, row_found) in enumerate(zip(lines, found)):
        start = place = mark if row == 0 else 0
        for column, character in enumerate(line):
            place += len(character.encode())
            if column + 1 == len(line) or row_found[column + 1] != row_found[column]:
                if row_found[column] is not None:
                    yield [row, start, place, row_found[column]]
                start = place


def main(paths):
    logging.disable(logging.CRITICAL)
    grammar = json.loads((ROOT / "EditorClients/vscode/syntaxes/neural.tmLanguage.json").read_text())
    parser = LanguageParser(grammar)
    for path in paths:
        text = pathlib.Path(path).read_bytes().decode(errors="replace")
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        text = re.sub("\r\n?", "\n", text[len(mark):])
        lines, found = captures(parser, text)
        print(json.dumps({"file": path, "runs": list(runs(lines, found, len(mark.encode())))}))


main(sys.argv[1:])
