#!/usr/bin/env python3
"""Makes the tables of Docs/benchmarks.md from what the programs have measured, and prints them.

Usage: report.py FOLDER PAGE SECTION…   FOLDER holds <program>-<size>-<run>.txt, lines of `name value`
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


def row(what, own, peer, ratio, goal):
    return f"| {what} | {own} | {peer} | {ratio} | {goal} |"


def milliseconds(value):
    return f"{value / 1000:.2f} ms"


def microseconds(value):
    return f"{value:.1f} µs"


def write(name, lines):
    """Replaces the table of a section."""
    table = "\n".join(lines)
    print(table)
    begin = f"<!-- {name}: written by Tests/Benchmarks/run -->"
    before, found, rest = page.read_text().partition(begin)
    if not found:
        sys.exit(f"{page} has no place for {name}")
    page.write_text(f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}")


def syntax():
    ours, theirs = figures("neural", "1MB"), figures("tree-sitter", "1MB")
    large, large_theirs = figures("neural", "10MB"), figures("tree-sitter", "10MB")
    size = (folder / "1MB.neural").stat().st_size
    if ours["errors"] or theirs["errors"]:
        sys.exit("the text of the benchmarks has errors")
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
    write("syntax", lines)


def generation():
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


def shapes():
    lines = [
        "| what | here | the first time | ONNX | ratio | to reach |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for model, name in [("resnet50", "ResNet-50"), ("efficientnet_b7", "EfficientNet-B7")]:
        own, peer = figures("shapes", model), figures("onnx", model)
        if own["findings"]:
            sys.exit(f"{model} has findings")
        ratio = peer["infer_us"] / own["analyse_us"]
        lines.append(
            f"| {name}, {own['nodes']:.0f} layers, {peer['nodes']:.0f} operators "
            f"| {milliseconds(own['analyse_us'])} | {milliseconds(own['first_us'])} "
            f"| {milliseconds(peer['infer_us'])} | {ratio:.2f} × as fast | 4 × faster |"
        )
    deep = figures("shapes", "deep")
    plain, searched = figures("shapes", "plain"), figures("shapes", "searched")
    if deep["nodes"] != 100_000 or deep["findings"] or searched["findings"]:
        sys.exit("a text of the shape benchmarks has findings")
    lines.append(
        f"| 100,000 layers | {milliseconds(deep['analyse_us'])} "
        f"| {milliseconds(deep['first_us'])} | | | 1 s |"
    )
    times = searched["analyse_us"] / plain["analyse_us"]
    lines.append(
        f"| 8 layers | {milliseconds(plain['analyse_us'])} | {milliseconds(plain['first_us'])} | | | |"
    )
    lines.append(
        f"| the same with 10 × 10 × 10 configurations | {milliseconds(searched['analyse_us'])} "
        f"| {milliseconds(searched['first_us'])} | | {times:.1f} × the time of one | 10 × the time |"
    )
    write("shapes", lines)


for section in sys.argv[3:]:
    {"syntax": syntax, "generation": generation, "shapes": shapes}[section]()
