"""Random networks written twice: with definitions, loops, conditions and repetition, and flat.

Both texts mean the same network, so the modules generated for them must compute the same function
with the same weights, and the summaries must have the same totals. What is generated is also what a
careful author would hand in: `ruff format` changes nothing and `ruff check` finds nothing.
"""

import os
import random
import subprocess
import sys

import pytest
import torch

from program import shape

SEEDS = range(int(os.environ.get("NEURAL_RANDOM_MODELS", "40")))
ACTIVATIONS = ["relu", "gelu", "tanh", "elu"]


class Writer:
    """Writes one random network; `structured` and `flat` are its two texts, line by line."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.definitions = []
        self.structured = []
        self.flat = []
        self.halvings = 3

    def choose(self, *choices):
        return self.random.choice(choices)

    def halves(self, depth):
        """Whether the size is halved here: at the top only, and not until nothing is left."""
        if depth < 2 or self.halvings == 0 or self.random.random() < 0.5:
            return False
        self.halvings -= 1
        return True

    # A piece is (structured lines, flat lines, channels after it). `names` maps the parameters
    # that may be written instead of numbers to their values in each of the uses.

    def number(self, names, value):
        """How a number is written: by a parameter with that value where there is one."""
        for name, known in names.items():
            if known == value:
                return name
            if known * 2 == value:
                return f"2 * {name}"
        return str(value)

    def layers(self, names, channels, depth, filters=None):
        structured, flat = [], []
        for _ in range(self.random.randint(1, 3)):
            more = self.piece(names, channels, depth, filters)
            structured += more[0]
            flat += more[1]
            channels = more[2]
        return structured, flat, channels

    def piece(self, names, channels, depth, filters):
        kinds = ["convolution", "convolution", "norm", "activation", "repeat"]
        if depth > 0:
            kinds += ["residual", "branches", "loop", "follows"]
            if not names:
                kinds += ["call", "call", "call"]
        return getattr(self, self.choose(*kinds))(names, channels, depth, filters)

    def convolution(self, names, channels, depth, filters):
        count = filters or self.choose(4, 6, 8)
        kernel = self.choose(1, 2, 3)
        extra = self.choose("", ', activation="relu"', ", use_bias=false")
        text = 'Conv2D({}, %d, padding="same"%s)' % (kernel, extra)
        return [text.format(self.number(names, count))], [text.format(count)], count

    def norm(self, names, channels, depth, filters):
        text = self.choose("BatchNormalization()", "BatchNormalization(epsilon=1e-5, scale=false)",
                           "LayerNormalization()")
        return [text], [text], channels

    def activation(self, names, channels, depth, filters):
        text = self.choose("ReLU()", 'Activation("gelu")', "Softmax()", "Dropout(0.5)", "LeakyReLU(0.1)")
        return [text], [text], channels

    def repeat(self, names, channels, depth, filters):
        inner = self.convolution(names, channels, depth, filters)
        count = self.random.randint(1, 3)
        return [f"{inner[0][0]} * {count}"], inner[1] * count, inner[2]

    def follows(self, names, channels, depth, filters):
        head = self.convolution(names, channels, 0, filters)
        rest = self.layers(names, head[2], 0, head[2])
        if self.random.random() < 0.5:
            count = self.random.randint(1, 3)
            rest = (rest[0], rest[1], rest[2])
            return [f"{head[0][0]} {{", *rest[0], f"}} * {count}"], (head[1] + rest[1]) * count, rest[2]
        return [f"{head[0][0]} {{", *rest[0], "}"], head[1] + rest[1], rest[2]

    def residual(self, names, channels, depth, filters):
        target = self.choose(channels, filters or channels)
        body = self.layers(names, channels, depth - 1, target)
        last = self.convolution(names, body[2], 0, target)
        structured, flat = body[0] + last[0], body[1] + last[1]
        shortcut_s, shortcut_f = [], []
        if target != channels:
            written = self.number(names, target)
            shortcut_s = [f"if dim(-1) != {written} {{", "shortcut {", f"Conv2D({written}, 1)", "}", "}"]
            shortcut_f = ["shortcut {", f"Conv2D({target}, 1)", "}"]
            return (["Residual {", *shortcut_s, *structured, "}"],
                    ["Residual {", *shortcut_f, *flat, "}"], target)
        return ["Residual {", *structured, "}"], ["Residual {", *flat, "}"], target

    def branches(self, names, channels, depth, filters):
        merge = self.choose("Add", "Concatenate", "Multiply")
        structured, flat, total = [f"{merge} {{"], [f"{merge} {{"], 0
        size = filters or self.choose(4, 8)
        for _ in range(self.random.randint(2, 3)):
            inner = self.layers(names, channels, depth - 1, size)
            last = self.convolution(names, inner[2], 0, size)
            structured += ["branch {", *inner[0], *last[0], "}"]
            flat += ["branch {", *inner[1], *last[1], "}"]
            total += size
        return structured + ["}"], flat + ["}"], total if merge == "Concatenate" else size

    def loop(self, names, channels, depth, filters):
        sizes = [self.choose(4, 6, 8) for _ in range(self.random.randint(1, 3))]
        kernel = self.choose(1, 3)
        text = 'Conv2D({}, %d, padding="same")' % kernel
        entries = ", ".join(map(str, sizes)) + ("," if len(sizes) == 1 else "")
        return ([f"for size in ({entries}) {{", text.format("size"), "}"],
                [text.format(size) for size in sizes], sizes[-1])

    def call(self, names, channels, depth, filters):
        """Calls of one definition with different arguments; its body is written once."""
        name = f"Block{len(self.definitions) + 1}"
        self.definitions.append(None)
        place = len(self.definitions) - 1
        state = self.random.getstate()
        structured, flat = [], []
        body = None
        calls = [(self.choose(4, 6, 8), 2 if self.halves(depth) else 1) for _ in range(self.random.randint(1, 3))]
        for count, strides in calls:
            # The same choices for each call: only the numbers differ.
            outer, self.random = self.random, random.Random(hash((place, state[1][:3])))
            head = 'Conv2D({}, 3, strides={}, padding=1)'
            wanted = {"filters": count}
            inner = self.layers(wanted, count, min(depth - 1, 1), count)
            self.random = outer
            skip = strides == 1 and channels == count
            lines = [
                "Residual {", "shortcut {", "if strides != 1 or dim(-1) != filters {",
                "Conv2D(filters, 1, strides=strides)", "}", "}", head.format("filters", "strides"),
                "}", *inner[0],
            ]
            plain = ["Residual {", "shortcut {",
                     *([] if skip else [f"Conv2D({count}, 1, strides={strides})"]), "}",
                     head.format(count, strides), "}", *inner[1]]
            if body is None:
                body = lines
            if lines != body:
                # The body came out differently for these numbers: leave this call out.
                continue
            structured.append(f"{name}({count}, strides={strides})" if strides != 1 else f"{name}({count})")
            flat += plain
            channels = inner[2]
        self.definitions[place] = [f"define {name}(filters, strides=1) {{", *body, "}"]
        return structured, flat, channels

    def write(self):
        structured, flat, channels = [], [], 3
        for _ in range(self.random.randint(2, 4)):
            more = self.layers({}, channels, 2)
            structured += more[0]
            flat += more[1]
            channels = more[2]
            if self.halves(2):
                structured.append("MaxPooling2D()")
                flat.append("MaxPooling2D()")
        head = self.choose(["GlobalAveragePooling2D()"], ["Flatten()"], [])
        structured += head
        flat += head
        if head:
            structured.append("Dense(5)")
            flat.append("Dense(5)")
        top = ["network Net {", "input: (32, 24, 3)", "layers:"]
        definitions = [line for lines in self.definitions for line in lines]
        return ("\n".join(definitions + top + structured + ["}"]) + "\n",
                "\n".join(top + flat + ["}"]) + "\n")


def randomize(module, generator):
    """Random weights and moving statistics, in the order in which they are made."""
    with torch.no_grad():
        for tensor in [*module.parameters(), *module.buffers()]:
            if tensor.dtype.is_floating_point:
                tensor.copy_(torch.rand(tensor.shape, generator=generator) * 0.2 - 0.1)
        for tensor in module.buffers():
            if tensor.dtype.is_floating_point:
                tensor.abs_().add_(0.5)


def ruff(folder):
    """What ruff says of the style and the sense of generated code."""
    said = []
    for arguments in (["format", "--check", "--diff"], ["check", "--select", "E,F,I,B,UP", "--ignore", "E501"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--isolated", folder],
            capture_output=True, text=True)
        if result.returncode != 0:
            said.append(result.stdout + result.stderr)
    return "\n".join(said)


@pytest.mark.parametrize("seed", SEEDS)
def test_structure_means_what_it_expands_to(program, tmp_path, seed):
    texts = Writer(seed).write()
    modules, summaries = [], []
    for name, text in zip(("structured", "flat"), texts):
        path = tmp_path / f"{name}.neural"
        path.write_text(text)
        summaries.append(program.summary(path, "Net"))
        modules.append(program.generate(path, tmp_path, "Net").Net())
    for key in ("parameters", "trainable", "macs"):
        assert summaries[0][key] == summaries[1][key], key
    sizes = [[tuple(p.shape) for p in module.parameters()] for module in modules]
    assert sizes[0] == sizes[1]
    results = []
    for module in modules:
        randomize(module, torch.Generator().manual_seed(seed))
        module.eval()
        x = torch.randn((2, 32, 24, 3), generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            results.append(module(x))
    assert tuple(results[0].shape) == shape(summaries[0]["outputs"][0]["shape"], {"batch": 2})
    assert torch.isfinite(results[0]).all()
    scale = results[1].abs().max().clamp(min=1e-6)
    assert (results[0] - results[1]).abs().max() / scale <= 1e-5
    assert ruff(tmp_path) == ""
