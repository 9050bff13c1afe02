"""Shape cells: a layer call, its input, and the shape, counts and work that a framework makes of it.

Every declared layer has cells with each of its parameters off the default, and with the combinations
that a rule couples. They run in bulk: one file holds all of them, so that thousands take seconds.
Sizes are all different, odd and even. Arguments are Keras's where Keras has the layer, so the same
keywords make the text and the layer; else the cell brings a PyTorch module, or the formula of the paper
that the catalogue names.
"""

import inspect
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Callable

import keras
import torch
import torch.nn.functional as F
from keras import layers as K
from torch import nn

from cells import literal, written


@dataclass
class ShapeCell:
    layer: str
    parameters: frozenset  # those off their default
    text: str
    shapes: list
    make: Callable  # -> (layers with weights, call)
    against: str  # Keras, PyTorch or paper
    macs: int = None  # where the framework does more than is needed, or another kind of work
    counts: tuple = None  # (total, trainable), where no framework has the layer
    outputs: tuple = None  # shapes without the batch, likewise
    channels_first: bool = False
    integers: bool = False
    names: tuple = ()

    @property
    def title(self):
        first = " first" if self.channels_first else ""
        return f"{self.text} on {' '.join(map(str, self.shapes))}{first}"


@dataclass
class Rejection:
    layer: str
    text: str
    shapes: list
    call: Callable  # raises in the framework; None where the framework is silent
    code: str
    reason: str = ""  # why we reject what the framework takes
    channels_first: bool = False
    integers: bool = False

    @property
    def title(self):
        return f"{self.text} on {' '.join(map(str, self.shapes))}"


CELLS: list[ShapeCell] = []
REJECTIONS: list[Rejection] = []


def listed(shapes):
    return shapes if isinstance(shapes, list) else [shapes]


def source(cell, name):
    """The network of one cell; its inputs are called a, b, c."""
    kind = "int32 " if cell.integers else ""
    if len(cell.shapes) == 1:
        inputs = kind + literal(cell.shapes[0])
    else:
        inputs = "{ " + ", ".join(f"{n}: {kind}{literal(s)}" for n, s in zip("abcde", cell.shapes)) + " }"
    first = '  data_format: "channels_first"\n' if cell.channels_first else ""
    return f"network {name} {{\n  input: {inputs}\n{first}  layers:\n    {cell.text}\n}}\n"


def flow(call, count):
    return call if count == 1 else f"({', '.join('abcde'[:count])}) -> {call}"


def add(layer, text, shapes, make, against="PyTorch", parameters=(), **options):
    shapes = listed(shapes)
    CELLS.append(ShapeCell(layer, frozenset(parameters), flow(text, len(shapes)), shapes, make, against, **options))


def plain(call):
    """A function without weights."""
    return lambda: ([], call)


def module(build, call=None):
    """A PyTorch module, or several."""

    def make():
        built = build()
        parts = list(built) if isinstance(built, (tuple, list)) else [built]
        for part in parts:
            part.eval()
        return parts, (lambda *i: call(*parts, *i)) if call else parts[0]

    return make


def last():
    """A PyTorch module that wants the channels second, called on values that have them last."""
    return lambda m, x: m(x.movedim(-1, 1)).movedim(1, -1)


def k(layer, shapes, positional=(), keras_name=None, keras_arguments=None, call=None, text=None, extra=(),
      channels_first=False, **arguments):
    """A cell against the Keras layer with the same arguments."""
    options = {n: arguments.pop(n) for n in ("macs", "integers", "outputs") if n in arguments}
    given = {**arguments, **(keras_arguments or {})}
    kind = getattr(K, keras_name or layer)
    if channels_first:
        if "data_format" in inspect.signature(kind.__init__).parameters:
            given.setdefault("data_format", "channels_first")
        elif "axis" in inspect.signature(kind.__init__).parameters and len(listed(shapes)[0]) > 1:
            given.setdefault("axis", 1)

    def make():
        built = kind(*positional, **given)

        def apply(*inputs):
            if call:
                return call(built, *inputs)
            return built(inputs[0] if len(inputs) == 1 else list(inputs))

        return [built], apply

    own = [n for n in inspect.signature(kind.__init__).parameters if n not in ("self", "data_format")]
    off = {*arguments, *own[: len(positional)], *extra}
    add(layer, text or written(layer, arguments, positional), shapes, make, "Keras",
        channels_first=channels_first, parameters=off, **options)


def paper(layer, text, shapes, outputs, total, macs, parameters=(), trainable=None, against="paper", **options):
    """A cell against the numbers of a formula, written here a second time."""
    outputs = outputs if isinstance(outputs, list) else [outputs]
    add(layer, text, shapes, None, against, parameters, counts=(total, total if trainable is None else trainable),
        outputs=tuple(outputs), macs=macs, **options)


def reject(layer, text, shapes, call, code, reason="", **options):
    shapes = listed(shapes)
    REJECTIONS.append(Rejection(layer, flow(text, len(shapes)), shapes, call, code, reason, **options))


def reject_keras(layer, shapes, code, positional=(), keras_name=None, reason="", text=None, silent=False, **arguments):
    """What the Keras layer with the same arguments rejects too."""
    def call(*inputs):
        getattr(K, keras_name or layer)(*positional, **arguments)(inputs[0] if len(inputs) == 1 else list(inputs))

    reject(layer, text or written(layer, arguments, positional), shapes, None if silent else call, code, reason)
