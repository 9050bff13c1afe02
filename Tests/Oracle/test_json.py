"""What `check`, `devices` and the exit status say, against the marks in the files."""

import json
import re
import shutil

import pytest

from marks import CODES, apply, fits, parse, severity
from program import ROOT, validate

TESTS = ROOT / "Tests"
FILES = sorted((TESTS / "Mistakes").glob("*.neural")) + sorted((TESTS / "OldForms").glob("*.neural"))
PAGES = ROOT / "Docs" / "diagnostics"


def findings(program, path, name=None):
    """The exit status and the findings of one file, the envelope checked."""
    status, answer = program.check(path)
    validate(answer, "check")
    assert answer["version"] == 1
    assert [file["path"] for file in answer["files"]] == [str(path)]
    found = answer["files"][0]["diagnostics"]
    for severe in ("error", "warning"):
        assert answer[severe + "s"] == sum(f["severity"] == severe for f in found)
    assert status == (1 if answer["errors"] else 0)
    return found


def show(found):
    return "\n".join(
        "{}:{}-{}:{} {} {}".format(
            f["range"]["start"]["line"], f["range"]["start"]["column"],
            f["range"]["end"]["line"], f["range"]["end"]["column"], f["code"], f["message"])
        for f in found
    ) or "nothing"


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_marks(program, path):
    text = path.read_text()
    expected, related = parse(text)
    found = findings(program, path)
    left = list(found)
    missing = []
    for mark in expected:
        hit = next((f for f in left if fits(mark, f)), None)
        if hit is None:
            missing.append(mark)
            continue
        left.remove(hit)
        assert hit["severity"] == severity(mark.code), hit
    assert not missing and not left, (
        f"not found: {missing}\nfound beside what is marked:\n{show(left)}\nall:\n{show(found)}"
    )
    places = [
        (r["range"]["start"]["line"], r["range"]["start"]["column"], r["range"]["end"]["column"],
         r["message"])
        for f in found for r in f["related"]
    ]
    for line, columns, message in related:
        assert any(p[:3] == (line, *columns) and message in p[3] for p in places), (
            f"no related place at line {line}, columns {columns}: {places}"
        )


FIXES = [(p, m) for p in FILES for m in parse(p.read_text())[0] if m.fixes]


@pytest.mark.parametrize("path, mark", FIXES, ids=lambda v: getattr(v, "stem", None) or f"{v.line}-{v.code}")
def test_fix(program, tmp_path, path, mark):
    """The first fix does what is marked, and its finding and no other is gone."""
    text = path.read_text()
    found = findings(program, path)
    hit = next((f for f in found if fits(mark, f)), None)
    assert hit, f"{mark} is not found at all:\n{show(found)}"
    assert hit["fixes"], f"no fix: {hit}"
    fixed = apply(text, hit["fixes"][0]["edits"])
    for wanted in mark.fixes:
        # The mark itself is in the file too, in a comment.
        bare = lambda t: "\n".join(l for l in t.splitlines() if not l.lstrip().startswith("#"))
        assert bare(fixed).count(wanted) > bare(text).count(wanted), bare(fixed)
    again = tmp_path / path.name
    again.write_text(fixed)
    if (path.parent / "parts").exists():
        shutil.copytree(path.parent / "parts", tmp_path / "parts")
    rest = findings(program, again)
    assert sorted(f["code"] for f in rest) == sorted(f["code"] for f in found if f is not hit), show(rest)


# Pages of diagnostics: the first ```neural fence of a page has the finding and no other, every
# `neural silent` has none at all. `neural unchecked` cannot be shown by checking a file in UTF-8.
# `neural file name.neural` is another file beside them.
FENCE = re.compile(r"^```(neural[^\n]*)\n(.*?)^```$", re.M | re.S)
UNCHECKED = {"invalid-utf8", "unsupported-by-target", "onnx-check", "device-memory"}
# What this version does not do yet; the test that begins to pass says so, and its line goes.
LATER_SHOWN = {}
LATER_SILENT = {}
# Beside the hint stands the error of the shape as it was read.
ALSO = {"batch-reading": {"rank-mismatch"}}


def fences(code, kind):
    return [body for k, body in FENCE.findall((PAGES / f"{code}.md").read_text()) if k == kind]


def write_others(code, folder):
    for kind, body in FENCE.findall((PAGES / f"{code}.md").read_text()):
        if kind.startswith("neural file "):
            (folder / kind.removeprefix("neural file ")).write_text(body)


def test_every_code_has_its_page():
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} == set(CODES)
    for code in CODES:
        assert len(fences(code, "neural unchecked")) == (code in UNCHECKED), code
        assert len(fences(code, "neural")) == (code not in UNCHECKED), code
        assert fences(code, "neural silent"), code


def codes(known, later):
    return [
        pytest.param(code, marks=pytest.mark.xfail(reason=later[code], strict=True))
        if code in later else code
        for code in known
    ]


@pytest.mark.parametrize("code", codes(sorted(set(CODES) - UNCHECKED), LATER_SHOWN))
def test_page_shows_its_code(program, tmp_path, code):
    path = tmp_path / "page.neural"
    path.write_text(fences(code, "neural")[0])
    write_others(code, tmp_path)
    found = findings(program, path)
    codes = [f["code"] for f in found]
    assert codes.count(code) == 1, show(found)
    assert set(codes) - {code} <= ALSO.get(code, set()), show(found)


@pytest.mark.parametrize("code", codes(CODES, LATER_SILENT))
def test_page_stays_silent(program, tmp_path, code):
    path = tmp_path / "page.neural"
    write_others(code, tmp_path)
    for body in fences(code, "neural silent"):
        path.write_text(body)
        found = findings(program, path)
        assert not found, show(found)


def test_explain(program):
    for code in CODES:
        result = program("explain", code)
        assert result.returncode == 0 and code in result.stdout.decode(), code
    assert program("explain", "no-such-code").returncode == 2


def test_schema(program):
    files = sorted((ROOT / "Schemas").glob("*.schema.json"))
    assert files
    for file in files:
        result = program("schema", file.name.removesuffix(".schema.json"))
        assert result.returncode == 0 and result.stdout == file.read_bytes(), file
    assert program("schema", "no-such-schema").returncode == 2


def test_devices(program):
    status, answer = program.json("devices", "--format", "json")
    assert status == 0
    validate(answer, "devices")
    assert "cpu" in json.dumps(answer).lower()


@pytest.mark.parametrize(
    "arguments",
    [["chekc"], ["check"], ["check", "--format", "yaml", "x.neural"], ["check", "no-such-file.neural"],
     ["summary"], ["generate", "x.neural", "--target", "cobol"], ["--no-such-option"]],
    ids=" ".join,
)
def test_bad_usage(program, arguments):
    result = program(*arguments)
    assert result.returncode == 2
    message = result.stderr.decode()
    assert message.strip() and message.count("\n") <= 1, message
    assert not result.stdout


def test_help_and_version(program):
    for arguments in ([], ["--help"], ["check", "--help"], ["--version"]):
        result = program(*arguments)
        assert result.returncode == 0 and result.stdout and not result.stderr, arguments


def test_empty_file(program, tmp_path):
    path = tmp_path / "empty.neural"
    path.write_text("")
    assert findings(program, path) == []


def test_standard_input(program):
    status, answer = program.check("-", input=b"network A {\n  input: (8)\n  layers:\n    Desne(4)\n}\n")
    assert status == 1
    (finding,) = answer["files"][0]["diagnostics"]
    assert finding["code"] == "unknown-layer" and finding["range"]["start"] == {"line": 4, "column": 5}


def test_columns_are_unicode_scalars(program, tmp_path):
    path = tmp_path / "wide.neural"
    # A letter outside the basic plane and a combining accent: one and two scalars.
    path.write_text('network A {\n  input: (8)\n  layers:\n    Dense(4, name="\U0001d6fce\u0301") -> Desne(4)\n}\n')
    found = findings(program, path)
    (finding,) = [f for f in found if f["code"] == "unknown-layer"]
    line = path.read_text().splitlines()[3]
    assert finding["range"]["start"] == {"line": 4, "column": line.index("Desne") + 1}
    assert finding["range"]["end"] == {"line": 4, "column": line.index("Desne") + 6}


def test_line_ends(program, tmp_path):
    text = "network A {\n  input: (8)\n  layers:\n    Desne(4)\n}\n"
    for end in ("\n", "\r\n", "\r"):
        path = tmp_path / "ends.neural"
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
        (finding,) = findings(program, path)
        assert finding["range"]["start"] == {"line": 4, "column": 5}, repr(end)


def test_invalid_utf8(program, tmp_path):
    path = tmp_path / "bytes.neural"
    path.write_bytes(b"network A {\n  input: (8)\n  layers:\n    # \xff\xfe\n    Desne(4)\n}\n")
    found = findings(program, path)
    # One for the run of bad bytes, and the rest is still checked.
    assert sorted(f["code"] for f in found) == ["invalid-utf8", "unknown-layer"]


def test_binary_file(program, tmp_path):
    path = tmp_path / "binary.neural"
    path.write_bytes(bytes(range(256)) * 64)
    assert findings(program, path)


def test_large_file(program, tmp_path):
    block = "".join(f"  Dense({n % 200 + 8}, activation=\"relu\")\n" for n in range(200))
    count = 10_000_000 // len(block) + 1
    path = tmp_path / "large.neural"
    with path.open("w") as file:
        for index in range(count):
            file.write(f"network N{index} {{\n  input: (16)\n  layers:\n{block}}}\n")
    assert path.stat().st_size > 10_000_000
    _, answer = program.check(path, timeout=300)
    # Answered, or refused with a diagnostic.
    assert {f["code"] for f in answer["files"][0]["diagnostics"]} <= {"expansion-limit"}


def test_deep_nesting(program, tmp_path):
    depth = 10_000
    path = tmp_path / "deep.neural"
    opening, closing = "Sequential {\n" * depth, "}\n" * depth
    path.write_text(f"network Deep {{\n  input: (8)\n  layers:\n{opening}Dense(4)\n{closing}}}\n")
    _, answer = program.check(path, timeout=120)
    assert {f["code"] for f in answer["files"][0]["diagnostics"]} <= {"expansion-limit", "syntax-error"}


def test_deep_parentheses(program, tmp_path):
    path = tmp_path / "deep.neural"
    path.write_text(f"network A {{\n  input: (8)\n  layers:\n    Dense({'(' * 10_000}4{')' * 10_000})\n}}\n")
    program.check(path)


def test_folder(program, tmp_path):
    for name in ("a.neural", "b.nr", "c.rnr", "d.txt"):
        (tmp_path / name).write_text("network A {\n  input: (8)\n  layers:\n    Dense(4)\n}\n")
    _, answer = program.check(tmp_path)
    assert sorted(f["path"].rsplit("/", 1)[-1] for f in answer["files"]) == ["a.neural", "b.nr", "c.rnr"]


def test_errors_of_imported_files(program, tmp_path):
    """What a file imports is broken: so is what is asked for. Nothing but errors is said of others."""
    main = tmp_path / "main.neural"
    main.write_text(
        'import Block from "parts/blocks.neural"\n'
        "network A {\n  input: (8)\n  layers:\n    Block()\n    Output(2)\n}\n")
    (tmp_path / "parts").mkdir()
    blocks = tmp_path / "parts" / "blocks.neural"
    blocks.write_text(
        "define Block() {\n  Dense(4)\n}\n"
        "network Other {\n  input: (8)\n  layers:\n    Dense(3) -> unused\n    Dens(3)\n}\n")
    status, answer = program.check(main)
    validate(answer, "check")
    assert status == 1 and answer["errors"] == 1 and answer["warnings"] == 0
    assert [file["path"] for file in answer["files"]] == [str(main), str(blocks)]
    assert [[f["code"] for f in file["diagnostics"]] for file in answer["files"]] == [[], ["unknown-layer"]]
    # Named itself, it is reported once, with everything.
    status, answer = program.check(main, blocks)
    assert [[f["code"] for f in file["diagnostics"]] for file in answer["files"]] == [
        [], ["unused-definition", "unused-value", "unknown-layer"]]
    blocks.write_text("define Block() {\n  Dense(4)\n}\n")
    assert program.check(main)[0] == 0


def test_deny_and_max_warnings(program, tmp_path):
    path = tmp_path / "warning.neural"
    path.write_text("network A {\n  input: (8)\n  layers:\n    Dense(4.0)\n}\n")
    assert program("check", path).returncode == 0
    assert program("check", path, "--deny", "implicit-conversion").returncode == 1
    assert program("check", path, "--max-warnings", "0").returncode == 1
    assert program("check", path, "--max-warnings", "1").returncode == 0


def test_allow(program, tmp_path):
    path = tmp_path / "allow.neural"
    path.write_text("network A {\n  input: (8)\n  layers:\n    Dense(4.0) # neural: allow(implicit-conversion)\n}\n")
    assert findings(program, path) == []


def test_examples_are_clean(program):
    status, answer = program.check(ROOT / "Docs" / "examples")
    assert status == 0
    for file in answer["files"]:
        assert not file["diagnostics"], f"{file['path']}:\n{show(file['diagnostics'])}"
    assert len(answer["files"]) >= 15
