#!/usr/bin/env python3
"""Makes the tables of Docs/benchmarks.md from what the programs have measured, and prints them.

Usage: report.py FOLDER PAGE   FOLDER holds <program>-<size>-<run>.txt, lines of `name value`
"""

import pathlib
import sys

folder, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
end = "<!-- end -->"


def figures(program, size):
    """The best of all runs, for each name."""
    runs = [
        dict((name, float(value)) for name, value in map(str.split, path.read_text().splitlines()))
        for path in sorted(folder.glob(f"{program}-{size}-*.txt"))
    ]
    return {name: min(run[name] for run in runs) for name in runs[0]}


ours, theirs = figures("neural", "1MB"), figures("tree-sitter", "1MB")
large, large_theirs = figures("neural", "10MB"), figures("tree-sitter", "10MB")
size = (folder / "1MB.neural").stat().st_size
if ours["errors"] or theirs["errors"]:
    sys.exit("the text of the benchmarks has errors")


def row(what, own, peer, ratio, goal):
    return f"| {what} | {own} | {peer} | {ratio} | {goal} |"


def milliseconds(value):
    return f"{value / 1000:.2f} ms"


def microseconds(value):
    return f"{value:.1f} µs"


lines = [
    "| what | here | tree-sitter | ratio | to reach |",
    "| --- | --- | --- | --- | --- |",
    row(
        "1 MB from nothing",
        milliseconds(ours["parse_us"]),
        milliseconds(theirs["parse_us"]),
        f"{theirs['parse_us'] / ours['parse_us']:.1f} × faster",
        "10 × faster",
    ),
    row(
        "10 MB from nothing",
        milliseconds(large["parse_us"]),
        milliseconds(large_theirs["parse_us"]),
        f"{large_theirs['parse_us'] / large['parse_us']:.1f} × faster",
        "",
    ),
    row(
        "one character in 1 MB, median",
        microseconds(ours["edit_median_us"]),
        microseconds(theirs["edit_median_us"]),
        f"{theirs['edit_median_us'] / ours['edit_median_us']:.1f} × faster",
        "20 × faster, 50 µs",
    ),
    row(
        "the same, 99th of a hundred",
        microseconds(ours["edit_p99_us"]),
        microseconds(theirs["edit_p99_us"]),
        f"{theirs['edit_p99_us'] / ours['edit_p99_us']:.1f} × faster",
        "",
    ),
    row(
        "one character in 10 MB, median",
        microseconds(large["edit_median_us"]),
        microseconds(large_theirs["edit_median_us"]),
        f"{large['edit_median_us'] / ours['edit_median_us']:.2f} × the time at 1 MB",
        "1.5 × the time at 1 MB",
    ),
    row(
        "lexed again for one character, most",
        f"{max(ours['lexed_bytes_most'], large['lexed_bytes_most']):.0f} bytes",
        "",
        "",
        "4096 bytes",
    ),
    row("chunks reused, least", f"{ours['reused_least'] * 100:.1f} %", "", "", "95 %"),
    row(
        "memory for the tree of 1 MB, its text included",
        f"{ours['memory_bytes'] / size:.1f} × the text",
        f"{theirs['memory_bytes'] / size:.1f} × the text",
        f"{theirs['memory_bytes'] / ours['memory_bytes']:.1f} × less",
        "4 × the text",
    ),
]

def write(name, lines):
    """Replaces the table of a section."""
    table = "\n".join(lines)
    print(table)
    begin = f"<!-- {name}: written by Tests/Benchmarks/run -->"
    before, found, rest = page.read_text().partition(begin)
    if not found:
        sys.exit(f"{page} has no place for {name}")
    page.write_text(f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}")


write("syntax", lines)
written = figures("generate", "resnet50")
targets = [name.removesuffix("_bytes") for name in written if name.endswith("_bytes")]
if not all(written[f"{target}_bytes"] for target in targets):
    sys.exit("a target does not write ResNet-50")
lines = ["| target | time | written | to reach |", "| --- | --- | --- | --- |"]
for target in targets:
    goal = "20 ms" if target == "onnx" else "5 ms"
    time, count = milliseconds(written[f"{target}_us"]), written[f"{target}_bytes"]
    lines.append(f"| {target} | {time} | {count:.0f} bytes | {goal} |")
write("generation", lines)
