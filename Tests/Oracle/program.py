"""The program under test, called as a user calls it."""

import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXAMPLES = ROOT / "Docs" / "examples"
SCHEMAS = ROOT / "Schemas"
BINARY = Path(os.environ.get("NEURAL_LSP") or ROOT / ".build" / "debug" / "neural-lsp")


class Failed(AssertionError):
    """The program said no, or crashed."""


class Program:
    def __init__(self, binary):
        self.binary = binary

    def __call__(self, *arguments, input=None, timeout=120):
        """Runs it; text in and out, undecodable bytes kept."""
        assert self.binary.is_file(), f"{self.binary} is missing: build it or set NEURAL_LSP"
        result = subprocess.run(
            [self.binary, *map(str, arguments)],
            input=input, capture_output=True, timeout=timeout, env={**os.environ, "NO_COLOR": "1"},
        )
        assert result.returncode in (0, 1, 2), (
            f"{arguments}: ended with {result.returncode}: {result.stderr[-2000:]!r}"
        )
        return result

    def json(self, *arguments, **options):
        result = self(*arguments, **options)
        if result.returncode == 2 or not result.stdout:
            raise Failed(f"{arguments}: {result.stderr.decode(errors='replace')}")
        return result.returncode, json.loads(result.stdout)

    def check(self, *paths, **options):
        return self.json("check", *paths, "--format", "json", **options)

    def summary(self, path, network=None):
        """The summary of one network."""
        extra = ["--network", network] if network else []
        status, answer = self.json("summary", path, *extra, "--format", "json")
        if status != 0:
            raise Failed(f"summary of {path} ends with {status}: {json.dumps(answer)[:2000]}")
        assert answer["version"] == 1
        validate(answer, "summary")
        found = [n for n in answer["networks"] if network in (None, n["name"])]
        assert len(found) == 1, f"{path}: networks {[n['name'] for n in answer['networks']]}"
        return found[0]

    def generate(self, path, folder, network):
        """The module generated for PyTorch, imported."""
        output = Path(folder) / f"generated_{next(counter)}.py"
        result = self("generate", path, "--target", "pytorch", "--network", network, "-o", output)
        if result.returncode != 0:
            raise Failed((result.stderr + result.stdout).decode(errors="replace"))
        return load(output)


counter = itertools.count()


def load(path):
    """Imports a file under a name of its own."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # torch and dataclasses look modules up by name.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def validate(answer, schema):
    """Against Schemas/<schema>.schema.json, where the checkout has it."""
    import jsonschema

    path = SCHEMAS / f"{schema}.schema.json"
    if path.exists():
        jsonschema.validate(answer, json.loads(path.read_text()))


NAME = re.compile(r"[A-Za-z_]\w*")


def value(size, symbols):
    """A size or count of the summary as an integer: it may be an expression over `symbols`."""
    if isinstance(size, int):
        return size
    text = str(size).replace("·", "*").replace("×", "*").replace("²", "**2").replace("^", "**")
    unknown = set(NAME.findall(text)) - set(symbols) - {"min", "max"}
    assert not unknown, f"{size}: {unknown} is not a symbol"
    assert re.fullmatch(r"[\w\s+\-*/(),]*", text), f"{size} is not an expression"
    result = eval(text, {"__builtins__": {}}, {"min": min, "max": max, **symbols})
    assert int(result) == result, f"{size} at {symbols} is {result}"
    return int(result)


def shape(entries, symbols):
    return tuple(value(entry, symbols) for entry in entries)


def random_input(entry, symbols, generator):
    """A batch for one input of the summary, in the layout that it declares."""
    size = shape(entry["shape"], symbols)
    if entry["dtype"].startswith("int"):
        # Small enough for every embedding of the tests.
        return torch.randint(0, 10, size, generator=generator, dtype=torch.int32)
    return torch.randn(size, generator=generator)


def tensors(result, names=None):
    """What a forward returned, as a flat list of tensors in the order of the outputs."""
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, dict):
        assert names is None or set(result) == set(names), f"{set(result)}, not {names}"
        return [t for name in names or result for t in tensors(result[name])]
    if isinstance(result, (tuple, list)):
        return [t for item in result for t in tensors(item)]
    return []
