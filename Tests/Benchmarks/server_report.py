#!/usr/bin/env python3
"""Makes the table of servers in Docs/benchmarks.md from what was measured, and prints it.

Usage: server_report.py FOLDER PAGE   FOLDER holds <server>-<lines>-<run>.txt, lines of `name value`
"""

import pathlib
import sys

folder, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
begin, end = "<!-- server: written by Tests/Benchmarks/server -->", "<!-- end -->"
SERVERS = ["neural", "ty", "pyrefly", "clangd", "null"]
TITLES = {"neural": "here", "ty": "ty", "pyrefly": "pyrefly", "clangd": "clangd", "null": "null server"}


def read(path):
    return {name: float(value) for name, value in map(str.split, path.read_text().splitlines())}


def figures(server, lines):
    """The best of all runs, for each name; nothing for what the server does not offer."""
    runs = [read(path) for path in sorted(folder.glob(f"{server}-{lines}-*.txt"))]
    return {name: min(run[name] for run in runs) for name in runs[0] if all(name in run for run in runs)}


def time(value):
    if value is None:
        return "–"
    return f"{value / 1000:.2f} ms" if value < 1e5 else f"{value / 1000:.0f} ms"


measured = {(server, lines): figures(server, lines) for server in SERVERS for lines in (1000, 10000)}
ROWS = [
    ("edit to findings, median", "edit_median_us", 1000, ""),
    ("edit to findings, 99th of a hundred", "edit_p99_us", 1000, "1 ms"),
    ("edit to findings, median", "edit_median_us", 10000, ""),
    ("edit to findings, 99th of a hundred", "edit_p99_us", 10000, "5 ms"),
    ("hover, 99th of a hundred", "hover_p99_us", 10000, "1 ms"),
    ("completion, 99th of a hundred", "completion_p99_us", 10000, "1 ms"),
    ("all semantic tokens", "tokens_full_median_us", 10000, "20 ms"),
    ("tokens after an edit", "tokens_delta_median_us", 10000, "1 ms"),
    ("start to first findings", "start_us", 1000, "15 ms"),
]
lines = [
    "| what | lines | " + " | ".join(TITLES[server] for server in SERVERS) + " | to reach | against the fastest peer |",
    "| --- | --- |" + " --- |" * (len(SERVERS) + 2),
]
for what, name, count, goal in ROWS:
    values = [measured[server, count].get(name) for server in SERVERS]
    peers = [value for value in values[1:-1] if value is not None]
    ratio = f"{min(peers) / values[0]:.1f} × faster" if peers and min(peers) >= values[0] else (
        f"{values[0] / min(peers):.1f} × slower" if peers else "")
    lines.append(f"| {what} | {count:,} | " + " | ".join(map(time, values)) + f" | {goal} | {ratio} |")
memory = read(folder / "memory.txt")
lines += [
    "",
    f"Resident memory with ten files open: {memory['memory_files_bytes'] / 1e6:.0f} MB (to reach: 40 MB); after 1,000 edits of one "
    f"{memory['memory_warm_bytes'] / 1e6:.0f} MB, after 100,000 {memory['memory_edited_bytes'] / 1e6:.0f} MB.",
]
table = "\n".join(lines)
print(table)
text = page.read_text()
before, _, rest = text.partition(begin)
page.write_text(f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}")
