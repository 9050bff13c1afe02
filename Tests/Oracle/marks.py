"""The marks of Tests/Mistakes/README.md."""

import re
from dataclasses import dataclass, field

# Severities that are not error: language.md, section 12.
SEVERITIES = {
    "warning": """unused-value implicit-conversion implicit-broadcast self-merge channel-order
        double-softmax degenerate-activation unused-search-method unknown-device device-memory
        unused-allow""".split(),
    "information": ["unprovable-shape"],
    "hint": "unused-definition batch-reading old-form layer-spelling".split(),
}
CODES = """syntax-error unterminated-string invalid-utf8 duplicate-section missing-section
    expansion-limit unknown-layer undefined-name duplicate-name unused-value unused-definition
    import-not-found import-cycle recursive-definition missing-argument unknown-argument
    too-many-arguments duplicate-argument invalid-argument implicit-conversion not-constant
    integer-overflow rank-mismatch shape-mismatch input-count no-current-value size-too-small
    not-divisible dtype-mismatch implicit-broadcast self-merge channel-order batch-reading
    unprovable-shape loss-mismatch label-mismatch double-softmax degenerate-activation
    invalid-setting unknown-optimizer unknown-loss unknown-metric search-space-error
    empty-search-space unused-search-method unsupported-by-target onnx-check unknown-device
    device-memory old-form layer-spelling unused-allow""".split()


def severity(code):
    return next((s for s, codes in SEVERITIES.items() if code in codes), "error")


@dataclass
class Expected:
    kind: str  # "exact", "near" (`?`), "after" (`$`)
    code: str
    text: str
    line: int  # from 1
    columns: tuple = None  # from 1, the end excluded
    next_line: int = None
    fixes: list = field(default_factory=list)


MARK = re.compile(r"^\s*#\s*(\^+|[?$])\s*([a-z0-9-]+)(?::\s*(.*?))?\s*$")
FIX = re.compile(r"^\s*#\s+fix:\s*(.*?)\s*$")


def parse(text):
    """The expected findings of a file and its related places [(line, columns, text)]."""
    expected, related = [], []
    source_line = 0
    for number, line in enumerate(text.splitlines(), 1):
        fix, mark = FIX.match(line), MARK.match(line)
        if fix:
            assert expected, f"line {number}: a fix without a finding"
            expected[-1].fixes.append(fix[1])
        elif mark:
            carets, code, message = mark[1], mark[2], mark[3] or ""
            columns = (mark.start(1) + 1, mark.end(1) + 1) if carets[0] == "^" else None
            if columns:
                marked = text.splitlines()[source_line - 1]
                assert columns[1] - 1 <= len(marked), f"line {number}: carets past the line's end"
                word = marked[columns[0] - 1 : columns[1] - 1]
                assert word == word.strip(), f"line {number}: carets begin or end at a blank"
            if code == "related":
                assert columns, f"line {number}: related needs carets"
                related.append((source_line, columns, message))
                continue
            assert code in CODES, f"line {number}: {code} is no code"
            kind = {"^": "exact", "?": "near", "$": "after"}[carets[0]]
            expected.append(Expected(kind, code, message, source_line, columns))
        else:
            for earlier in expected:
                if earlier.next_line is None:
                    earlier.next_line = number
            source_line = number
    return expected, related


def fits(expected, finding):
    start, end = finding["range"]["start"], finding["range"]["end"]
    if finding["code"] != expected.code or expected.text not in finding["message"]:
        return False
    if expected.kind == "exact":
        return (start["line"], start["column"], end["line"], end["column"]) == (
            expected.line, expected.columns[0], expected.line, expected.columns[1]
        )
    if expected.kind == "near":
        return expected.line <= start["line"] <= (expected.next_line or start["line"])
    return start["line"] >= expected.line


def offset(text, position):
    """The index into `text` of a line and column from 1, columns in Unicode scalars."""
    lines = text.splitlines(keepends=True)
    before = sum(map(len, lines[: position["line"] - 1]))
    return before + position["column"] - 1


def apply(text, edits):
    """The text after edits of `check --format json`, all of them in this file."""
    for edit in sorted(edits, key=lambda e: offset(text, e["range"]["start"]), reverse=True):
        start, end = (offset(text, edit["range"][side]) for side in ("start", "end"))
        text = text[:start] + edit["text"] + text[end:]
    return text
