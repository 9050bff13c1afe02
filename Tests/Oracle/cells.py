"""The cells: a layer call, its input, and what a framework makes of it.

Arguments are Keras's, so most cells are one line: the same keywords make the text and the Keras
layer. Where Keras lacks the thing the cell brings a reference of its own.
"""

import re
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Callable

import keras
import numpy as np
import torch
import torch.nn.functional as F
from keras import layers as K
from torch import nn


TARGETS = ("pytorch", "tensorflow", "jax", "onnx")
# What the generated JAX does not have yet; every other cell is compared there too.
NOT_JAX = re.compile(
    r"\b(ActivityRegularization|CenterCrop|ConvLSTM\dD|CustomShape|Random\w+|Resizing|SpectralNormalization"
    r"|(?:hard|soft|tanh)_shrink|threshold|kernel_constraint)\b|strides=2, padding=1"
    r"|LayerScale\(.*axis=1|UnitNormalization\(axis=\(1")
# The same of ONNX.
NOT_ONNX = re.compile(
    r"RandomCrop\(height=8|LocalResponseNormalization\(size=4|AxialAttention|PrimaryCapsules|SpatialTransformer|ConvGRU2D")
# And of TensorFlow.
NOT_TENSORFLOW = re.compile("SpatialTransformer|ConvGRU2D")


@dataclass
class Cell:
    name: str
    text: str  # the statements of `layers:`
    shapes: list  # of the inputs, without the batch
    layers: list  # those with weights
    call: Callable  # tensors -> tensor or tensors
    macs: int = None  # where the framework does more than is needed
    channels_first: bool = False
    integers: bool = False
    targets: tuple = TARGETS

    def source(self):
        if len(self.shapes) == 1:
            inputs = literal(self.shapes[0])
        else:
            inputs = "{ " + ", ".join(f"{n}: {literal(s)}" for n, s in zip("qvk", self.shapes)) + " }"
        first = '  data_format: "channels_first"\n' if self.channels_first else ""
        return f"network Cell {{\n  input: {inputs}\n{first}  layers:\n    {self.text}\n}}\n"


def literal(value):
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "none"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (tuple, list)):
        inside = ", ".join(map(literal, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def written(layer, arguments, positional=()):
    return f"{layer}({', '.join([*map(literal, positional), *(f'{k}={literal(v)}' for k, v in arguments.items())])})"


CELLS = []


def add(text, shapes, layers, call, **options):
    shapes = shapes if isinstance(shapes, list) else [shapes]
    name = f"{text} on {' '.join(map(str, shapes))}" + (" first" if options.get("channels_first") else "")
    targets = tuple(t for t in options.pop("targets", TARGETS) if t != "jax")
    if not NOT_JAX.search(text):
        targets += ("jax",)
    if NOT_ONNX.search(text):
        targets = tuple(t for t in targets if t != "onnx")
    if NOT_TENSORFLOW.search(text):
        targets = tuple(t for t in targets if t != "tensorflow")
    CELLS.append(Cell(name, text, shapes, layers, call, targets=targets, **options))


class Build:
    """A Keras layer that is made when its cell runs, and called then."""

    def __init__(self, make):
        self.make, self.made = make, None

    def layer(self):
        if self.made is None:
            self.made = self.make()
        return self.made

    def __call__(self, *inputs, **options):
        return self.layer()(inputs[0] if len(inputs) == 1 else list(inputs), **options)


def keras_cell(layer, shapes, keras_name=None, keras_arguments=None, positional=(), prefix="", call=None,
               channels_first=False, integers=False, macs=None, targets=TARGETS, **arguments):
    """One cell whose reference is the Keras layer with the same arguments."""
    given = {**arguments, **(keras_arguments or {})}
    if channels_first and layer.startswith(("Conv", "Max", "Average", "Global", "Flatten", "ZeroPadding")):
        given["data_format"] = "channels_first"
    build = Build(lambda: getattr(K, keras_name or layer)(*positional, **given))
    shapes = shapes if isinstance(shapes, list) else [shapes]
    # Called outside of fit, Keras's layers are in evaluation mode.
    add(prefix + written(layer, arguments, positional), shapes, [build],
        (lambda *i: call(build.layer(), *i)) if call else build,
        channels_first=channels_first, integers=integers, macs=macs, targets=targets)


# core

for shape in (7,), (6, 5), (3, 4, 5):
    keras_cell("Dense", shape, units=9)
    keras_cell("Dense", shape, units=9, use_bias=False)
NAMES = ("relu relu6 leaky_relu elu selu celu gelu silu swish mish sigmoid tanh softmax log_softmax "
         "softplus softsign hard_sigmoid hard_swish hard_tanh exponential linear").split()
for name in NAMES:
    keras_cell("Dense", (6, 5), units=9, activation=name)
    keras_cell("Activation", (6, 5), positional=(name,))
add('Dense(9, activation="gelu_tanh")', (6, 5), [d := Build(lambda: K.Dense(9))],
    lambda x, d=d: F.gelu(d(x), approximate="tanh"))
keras_cell("Dense", (7,), positional=(9, "relu"))
keras_cell("Output", (7,), "Dense", positional=(9, "softmax"))
for shape in (6,), (5, 4):
    keras_cell("Embedding", shape, positional=(11, 7), integers=True)

for equation, shape, arguments in (
    ("ab,bc->ac", (7,), {"output_shape": 9}),
    ("abc,cd->abd", (6, 5), {"output_shape": (None, 9), "bias_axes": "d"}),
    ("abc,cde->abde", (6, 5), {"output_shape": (None, 3, 4), "bias_axes": "de", "activation": "relu"}),
    ("abcd,cde->abe", (6, 5, 4), {"output_shape": (None, 7), "bias_axes": "e"}),
    ("abcd,cde->abce", (6, 5, 4), {"output_shape": (None, 5, 7), "bias_axes": "ce"}),
    ("...x,xy->...y", (3, 6, 5), {"output_shape": 9, "bias_axes": "y"}),
):
    keras_cell("EinsumDense", shape, equation=equation, **arguments)

# activations

add("ReLU()", (6, 5), [], F.relu)
keras_cell("ReLU", (6, 5), max_value=0.5, negative_slope=0.1, threshold=0.2)
keras_cell("ReLU", (6, 5), max_value=6)
keras_cell("ReLU", (6, 5), negative_slope=0.3)
keras_cell("ReLU", (6, 5), threshold=0.4)
keras_cell("LeakyReLU", (6, 5))
keras_cell("LeakyReLU", (6, 5), negative_slope=0.07)
keras_cell("ELU", (6, 5))
keras_cell("ELU", (6, 5), alpha=0.6)
keras_cell("Softmax", (4, 6, 5))
keras_cell("Softmax", (4, 6, 5), axis=1)
keras_cell("Softmax", (4, 6, 5), axis=-2)
keras_cell("Softmax", (4, 6, 5), channels_first=True, keras_arguments={"axis": 1})
for layer, function in {
    "SELU": F.selu, "GELU": F.gelu, "SiLU": F.silu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh,
    "Softplus": F.softplus, "Softsign": F.softsign, "Mish": F.mish,
    "LogSoftmax": lambda x: F.log_softmax(x, -1),
}.items():
    add(f"{layer}()", (4, 6, 5), [], function)

for layer, function in {
    "HardSigmoid": F.hardsigmoid, "HardSwish": F.hardswish, "HardTanh": F.hardtanh, "Exponential": torch.exp,
}.items():
    add(f"{layer}()", (4, 6, 5), [], function)
add("CELU(alpha=0.6)", (6, 5), [], lambda x: F.celu(x, 0.6))
add("GLU()", (6, 8), [], lambda x: F.glu(x, -1))
add("GLU(axis=1)", (6, 5), [], lambda x: F.glu(x, 1))
add("GLU()", (4, 6, 5), [], lambda x: F.glu(x, 1), channels_first=True)
for name in "log_sigmoid", "hard_shrink", "soft_shrink", "tanh_shrink":
    keras_cell("Activation", (6, 5), positional=(name,))
add("Activation(hard_shrink(threshold=0.2))", (6, 5), [], lambda x: F.hardshrink(x, 0.2))

# convolution

PADDINGS = ("valid", "same", 1, (2, 1), ((0, 2), (1, 0)))


def padded_convolution(rank, padding, channels_first=False, **arguments):
    """An integer padding is zeros around, then Keras's convolution without padding."""
    layer = Build(lambda: getattr(K, f"Conv{rank}D")(
        padding="valid", data_format="channels_first" if channels_first else None, **arguments))
    pairs = [padding] * rank if isinstance(padding, int) else list(padding)
    pairs = [(p, p) if isinstance(p, int) else p for p in pairs]
    zero = [0, 0]

    def call(x):
        axes = [n for p in reversed(pairs) for n in p]
        # F.pad begins with the last axis.
        return layer(F.pad(x, axes if channels_first else zero + axes))

    return [layer], call


def convolution(rank, shape, channels_first=False, **arguments):
    padding = arguments.pop("padding", "valid")
    stated = {**arguments, "padding": padding}
    if stated.get("strides") == 1:
        del stated["strides"]
    if padding == "valid":
        del stated["padding"]
    if isinstance(padding, str):
        keras_cell(f"Conv{rank}D", shape, channels_first=channels_first, **stated)
    else:
        layers, call = padded_convolution(rank, padding, channels_first, **arguments)
        add(written(f"Conv{rank}D", stated), shape, layers, call, channels_first=channels_first)


for kernel, padding, strides, shape in product(
    (2, 3, (4, 3)), PADDINGS, (1, 2, 3, (2, 1)), ((9, 12, 5), (8, 11, 5))
):
    convolution(2, shape, filters=7, kernel_size=kernel, padding=padding, strides=strides)
for kernel, padding, dilation in product((2, 3, (1, 4)), PADDINGS, (2, (1, 3))):
    convolution(2, (13, 10, 5), filters=7, kernel_size=kernel, padding=padding, dilation_rate=dilation)
for groups, padding in product((2, 3, 6), ("valid", "same", 1)):
    convolution(2, (8, 7, 6), filters=12, kernel_size=3, padding=padding, groups=groups)
convolution(2, (8, 7, 6), filters=4, kernel_size=3, use_bias=False)
convolution(2, (8, 7, 6), filters=4, kernel_size=3, activation="tanh")
convolution(2, (8, 7, 6), filters=4, kernel_size=1)
for padding, strides in product(PADDINGS, (1, 2)):
    convolution(2, (5, 9, 12), True, filters=7, kernel_size=3, padding=padding, strides=strides)
keras_cell("Conv2D", (9, 12, 5), positional=(7, 3, 2, "same"))
for kernel, padding, strides, size in product((2, 3), ("valid", "same", "causal", 1), (1, 2, 3), (11, 12)):
    if isinstance(padding, str):
        convolution(1, (size, 5), filters=7, kernel_size=kernel, padding=padding, strides=strides)
    else:
        layers, call = padded_convolution(1, padding, filters=7, kernel_size=kernel, strides=strides)
        add(written("Conv1D", dict(filters=7, kernel_size=kernel, padding=padding, strides=strides)),
            (size, 5), layers, call)
for padding, dilation in product(("valid", "same", "causal"), (2, 3)):
    convolution(1, (11, 5), filters=7, kernel_size=3, padding=padding, dilation_rate=dilation)
convolution(1, (11, 6), filters=4, kernel_size=3, groups=2, use_bias=False)
convolution(1, (5, 11), True, filters=4, kernel_size=3, padding="same", strides=2)

# pooling


def pairs_of(value):
    return value if isinstance(value, tuple) else (value, value)


def pool(layer, size, strides=None, padding="valid", ceil_mode=False, channels_first=False):
    """Pools by TensorFlow's rule for `same`, and by PyTorch's for integers and ceil_mode.

    Not by Keras: on PyTorch its `same` average counts the border where it is unequal, as it does
    on no other backend. Everywhere else the two agree.
    """
    kernel = pairs_of(size)
    step = kernel if strides is None else pairs_of(strides)
    largest = layer == "MaxPooling2D"

    def call(x):
        x = x if channels_first else x.permute(0, 3, 1, 2)
        if padding == "same":
            total = [max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(x.shape[2:], kernel, step)]
            (h0, h1), (w0, w1) = ((t // 2, t - t // 2) for t in total)
            if largest:
                y = F.max_pool2d(F.pad(x, (w0, w1, h0, h1), value=float("-inf")), kernel, step)
            else:
                # The padding is not counted: sum of values over number of values.
                area = kernel[0] * kernel[1]
                total = F.avg_pool2d(F.pad(x, (w0, w1, h0, h1)), kernel, step) * area
                y = total / (F.avg_pool2d(F.pad(torch.ones_like(x), (w0, w1, h0, h1)), kernel, step) * area)
        else:
            border = 0 if padding == "valid" else padding
            if largest:
                y = F.max_pool2d(x, kernel, step, border, ceil_mode=ceil_mode)
            else:
                y = F.avg_pool2d(x, kernel, step, border, ceil_mode=ceil_mode, count_include_pad=False)
        return y if channels_first else y.permute(0, 2, 3, 1)

    return call


def pool_cell(layer, shape, channels_first=False, **arguments):
    call = pool(layer, arguments.get("pool_size", 2), arguments.get("strides"),
                arguments.get("padding", "valid"), arguments.get("ceil_mode", False), channels_first)
    add(written(layer, arguments), shape, [], call, channels_first=channels_first)


for layer in "MaxPooling2D", "AveragePooling2D":
    pool_cell(layer, (9, 12, 5))
    for size, strides, padding, shape in product(
        (2, 3, (3, 2)), (None, 1, 2, 3), ("valid", "same", 1), ((9, 12, 5), (8, 11, 5))
    ):
        arguments = dict(pool_size=size, padding=padding)
        if strides is not None:
            arguments["strides"] = strides
        pool_cell(layer, shape, **arguments)
    for size, strides, padding in product((2, 3), (2, 3), ("valid", 1)):
        pool_cell(layer, (10, 7, 5), pool_size=size, strides=strides, padding=padding, ceil_mode=True)
    for padding in "valid", "same", 1:
        pool_cell(layer, (5, 9, 12), True, pool_size=3, strides=2, padding=padding)


def pool_over_time(layer, shape, channels_first=False, **arguments):
    """The same over one axis: an image one high."""
    size = arguments.get("pool_size", 2)
    strides = arguments.get("strides")
    padding = arguments.get("padding", "valid")
    image = pool(layer.replace("1D", "2D"), (1, size), None if strides is None else (1, strides),
                 padding if isinstance(padding, str) else (0, padding),
                 arguments.get("ceil_mode", False), channels_first)
    axis = 2 if channels_first else 1
    add(written(layer, arguments), shape, [], lambda x: image(x.unsqueeze(axis)).squeeze(axis),
        channels_first=channels_first)


for layer in "MaxPooling1D", "AveragePooling1D":
    pool_over_time(layer, (9, 5))
    for size, strides, padding, time in product((2, 3), (None, 1, 2, 3), ("valid", "same", 1), (11, 12)):
        arguments = dict(pool_size=size, padding=padding)
        if strides is not None:
            arguments["strides"] = strides
        pool_over_time(layer, (time, 5), **arguments)
    for size, strides, padding in product((2, 3), (2, 3), ("valid", 1)):
        pool_over_time(layer, (10, 5), pool_size=size, strides=strides, padding=padding, ceil_mode=True)
    pool_over_time(layer, (5, 9), True, pool_size=3, strides=2, padding="same")
for text, function in ("Average", lambda x, **o: x.mean(1, **o)), ("Max", lambda x, **o: x.amax(1, **o)):
    add(f"Global{text}Pooling1D()", (6, 5), [], function)
    add(f"Global{text}Pooling1D(keepdims=true)", (6, 5), [], lambda x, f=function: f(x, keepdim=True))
    add(f"Global{text}Pooling1D()", (5, 6), [], lambda x, f=function: f(x.transpose(1, 2)), channels_first=True)
add("GlobalAveragePooling2D()", (6, 7, 5), [], lambda x: x.mean((1, 2)))
add("GlobalAveragePooling2D(keepdims=true)", (6, 7, 5), [], lambda x: x.mean((1, 2), keepdim=True))
add("GlobalAveragePooling2D()", (5, 6, 7), [], lambda x: x.mean((2, 3)), channels_first=True)

# volumes

for padding, strides in product(("valid", "same", 1, ((0, 2), (1, 0), (1, 1))), (1, 2)):
    convolution(3, (7, 6, 8, 3), filters=5, kernel_size=3, padding=padding, strides=strides)
convolution(3, (3, 7, 6, 8), channels_first=True, filters=5, kernel_size=2, padding="same", strides=2)
convolution(3, (7, 6, 8, 4), filters=6, kernel_size=2, groups=2, dilation_rate=2, activation="relu", use_bias=False)


def average_volumes(size, strides, padding, channels_first=False):
    """Sum over count: Keras's PyTorch backend counts what it pads on one side only."""

    def call(x):
        x = x if channels_first else x.movedim(-1, 1)
        total = [max((-(-n // strides) - 1) * strides + size - n, 0) if padding == "same" else 0 for n in x.shape[:1:-1]]
        amounts = [half for t in total for half in (t // 2, t - t // 2)]
        sums, counts = (F.avg_pool3d(F.pad(v, amounts), size, strides) for v in (x, torch.ones_like(x)))
        return sums / counts if channels_first else (sums / counts).movedim(1, -1)

    return call


for size, strides, padding in product((2, 3), (1, 2), ("valid", "same")):
    arguments = dict(pool_size=size, strides=strides, padding=padding)
    keras_cell("MaxPooling3D", (7, 6, 8, 3), **arguments)
    add(written("AveragePooling3D", arguments), (7, 6, 8, 3), [], average_volumes(size, strides, padding))
keras_cell("MaxPooling3D", (3, 7, 6, 8), channels_first=True, pool_size=3, strides=2, padding="same")
add('AveragePooling3D(3, strides=2, padding="same")', (3, 7, 6, 8), [], average_volumes(3, 2, "same", True), channels_first=True)
for text in "Average", "Max":
    for keepdims in False, True:
        keras_cell(f"Global{text}Pooling3D", (4, 6, 7, 5), keepdims=keepdims)
        keras_cell(f"Global{text}Pooling3D", (5, 4, 6, 7), channels_first=True, keepdims=keepdims)
keras_cell("GlobalMaxPooling2D", (6, 7, 5))

# a channel by itself

for rank, shape in (1, (11, 4)), (2, (9, 8, 4)):
    first = (shape[-1], *shape[:-1])
    for options in ({}, {"padding": "same", "strides": 2}, {"depth_multiplier": 3, "use_bias": False}, {"dilation_rate": 2, "activation": "relu"}):
        keras_cell(f"DepthwiseConv{rank}D", shape, kernel_size=3, **options)
        keras_cell(f"SeparableConv{rank}D", shape, filters=7, kernel_size=3, **options)
        for layer, filters in (f"DepthwiseConv{rank}D", {}), (f"SeparableConv{rank}D", {"filters": 7}):
            keras_cell(layer, first, channels_first=True, keras_arguments={"data_format": "channels_first"}, **filters, kernel_size=3, **options)

for rank, shape in (1, (11, 4)), (2, (9, 8, 4)), (3, (5, 4, 6, 3)):
    layer, first = f"Conv{rank}DTranspose", (shape[-1], *shape[:-1])
    for options in ({"kernel_size": 3}, {"kernel_size": 2, "strides": 2, "use_bias": False}, {"kernel_size": 2, "strides": 3},
                    {"kernel_size": 4, "strides": 2, "padding": "same", "activation": "relu"}, {"kernel_size": 3, "dilation_rate": 2}):
        keras_cell(layer, shape, filters=7, **options)
        keras_cell(layer, first, channels_first=True, filters=7, **options)
transposed = Build(lambda: nn.ConvTranspose2d(4, 7, 3, 2, 1, 1))
add("Conv2DTranspose(7, 3, strides=2, padding=1, output_padding=1)", (9, 8, 4), [transposed],
    lambda x: transposed(x.movedim(-1, 1)).movedim(1, -1), targets=("pytorch",))

# cuts and orders

add("Take(1)", (6, 5), [], lambda x: x[:, 1])
add("Take(-2, axis=2)", (4, 6, 5), [], lambda x: x[:, :, -2])
add("Split(2, axis=1) -> (a, b)\n  outputs: a, b", (6, 5), [], lambda x: x.chunk(2, 1))
add("Split((1, 3)) -> (a, b)\n  outputs: a, b", (4, 6, 4), [], lambda x: x.split((1, 3), -1))
add("Conv2D(6, 1) -> Split(3) -> (a, b, c)\n  outputs: a, b, c", (5, 4, 3), [split := Build(lambda: K.Conv2D(6, 1))],
    lambda x: split(x).chunk(3, -1))
add("ChannelShuffle(3)", (4, 5, 6), [], lambda x: F.channel_shuffle(x.movedim(-1, 1), 3).movedim(1, -1))
add("ChannelShuffle(2)", (6, 4, 5), [], lambda x: F.channel_shuffle(x, 2), channels_first=True)
for amounts in 1, ((1, 0), (2, 1)), ((0, 0), (0, 3)):
    keras_cell("Cropping2D", (6, 7, 5), cropping=amounts)
keras_cell("Cropping2D", (5, 6, 7), cropping=1, channels_first=True, keras_arguments={"data_format": "channels_first"})


class Token(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x):
        return torch.cat([self.token.expand(len(x), -1, -1), x], 1)


class Positions(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.embeddings = nn.Parameter(torch.zeros(length, width))

    def forward(self, x):
        return x + self.embeddings[: x.shape[1]]


add("ClassToken()", (6, 5), [token := Build(lambda: Token(5))], lambda x: token(x))
for text, length in ("PositionEmbedding()", 6), ("PositionEmbedding(9)", 9):
    positions = Build(lambda length=length: Positions(length, 5))
    add(text, (6, 5), [positions], lambda x, p=positions: p(x))

# normalization

for shape in (7,), (6, 5), (4, 6, 5):
    for arguments in ({}, {"momentum": 0.9, "epsilon": 1e-5}, {"center": False}, {"scale": False},
                      {"center": False, "scale": False}):
        keras_cell("BatchNormalization", shape, **arguments)
        if "momentum" not in arguments:
            keras_cell("LayerNormalization", shape, **arguments)
keras_cell("BatchNormalization", (4, 6, 5), axis=1)
keras_cell("BatchNormalization", (4, 6, 5), axis=2)
keras_cell("BatchNormalization", (4, 6, 5), channels_first=True, keras_arguments={"axis": 1})
# Over the channels where they are first; Keras's own PyTorch backend fails at axis=1.
for text, first in ("LayerNormalization(axis=1)", False), ("LayerNormalization()", True):
    norm = Build(lambda: K.LayerNormalization())
    add(text, (4, 6, 5), [norm], lambda x, n=norm: n(x.transpose(1, -1)).transpose(1, -1), channels_first=first)
keras_cell("LayerNormalization", (4, 6, 5), epsilon=0.1)
for arguments in ({}, {"axis": 1}, {"axis": (1, 3)}, {"axis": None}, {"mean": 0.2, "variance": 1.7},
                  {"mean": [0.1, 0.2, 0.3, 0.4, 0.5], "variance": [1.1, 1.2, 0.3, 1.4, 1.5], "invert": True}):
    keras_cell("Normalization", (4, 6, 5), **arguments)

# regularization: nothing happens in evaluation

add("StochasticDepth(0.3)", (4, 6, 5), [], lambda x: x)
add('StochasticDepth(0.3, mode="batch")', (6, 5), [], lambda x: x)
add("Dropout(0.5)", (4, 5), [], lambda x: x)
add("Dropout(rate=0)", (4, 5), [], lambda x: x)
add("AlphaDropout(0.5)", (4, 5), [], lambda x: x)
add("Conv2D(5, 2) -> SpatialDropout2D(0.5)", (4, 6, 3), [c := Build(lambda: K.Conv2D(5, 2))], c)
add("SpatialDropout3D(0.5)", (4, 6, 5, 3), [], lambda x: x)

# recurrent

for layer in "LSTM", "GRU":
    for arguments in ({}, {"return_sequences": True}, {"return_state": True},
                      {"return_sequences": True, "return_state": True}, {"go_backwards": True},
                      {"go_backwards": True, "return_sequences": True}, {"use_bias": False},
                      {"activation": "relu"}, {"recurrent_activation": "hard_sigmoid"},
                      {"dropout": 0.3}):
        keras_cell(layer, (7, 5), units=6, **arguments)
    # Keras runs one step more here, to learn the shape of the mask.
    gates = {"LSTM": 4, "GRU": 3}[layer]
    keras_cell(layer, (7, 5), units=6, recurrent_dropout=0.2, macs=7 * gates * 6 * (5 + 6))
    for merge, sequences in product(("concat", "sum", "mul", "ave"), (False, True)):
        inner = written(layer, {"units": 6, "return_sequences": sequences})
        build = Build(lambda layer=layer, sequences=sequences, merge=merge: K.Bidirectional(
            getattr(K, layer)(6, return_sequences=sequences), merge_mode=merge))
        add(f'Bidirectional({inner}, merge_mode="{merge}")', (7, 5), [build], build)
for sequences in False, True:
    build = Build(lambda s=sequences: K.LSTM(6, return_state=True, return_sequences=s))
    add(f"LSTM(6, return_state=true, return_sequences={literal(sequences)}) -> (y, h, c)\n  outputs: y, h, c",
        (7, 5), [build], build)
    build = Build(lambda s=sequences: K.GRU(6, return_state=True, return_sequences=s))
    add(f"GRU(6, return_state=true, return_sequences={literal(sequences)}) -> (y, h)\n  outputs: y, h",
        (7, 5), [build], build)
# Keras multiplies more than once here; counted are steps × gates × units × (features + units).
keras_cell("GRU", (7, 5), units=6, reset_after=False, macs=7 * 3 * 6 * (5 + 6))
keras_cell("GRU", (7, 5), units=6, reset_after=False, return_sequences=True, macs=7 * 3 * 6 * (5 + 6))

# attention


def attend(layer, *inputs):
    q = inputs[0]
    value = inputs[1] if len(inputs) > 1 else q
    return layer(q, value, *inputs[2:])


for shapes, prefix in (
    ([(6, 10)], ""), ([(6, 10), (4, 7)], "(q, v) -> "), ([(6, 10), (4, 7), (4, 9)], "(q, v, k) -> ")
):
    for arguments in ({"key_dim": 3}, {"key_dim": 3, "value_dim": 4}, {"key_dim": 5, "use_bias": False}):
        keras_cell("MultiHeadAttention", shapes, prefix=prefix, call=attend, num_heads=2, **arguments)
keras_cell("MultiHeadAttention", (6, 10), call=attend, num_heads=2, keras_arguments={"key_dim": 5})
keras_cell("MultiHeadAttention", (6, 10), call=attend, num_heads=5, dropout=0.2, keras_arguments={"key_dim": 2})
causal_heads = Build(lambda: K.MultiHeadAttention(2, 3))
add("MultiHeadAttention(num_heads=2, key_dim=3, causal=true)", (6, 10), [causal_heads],
    lambda x: causal_heads.layer()(x, x, use_causal_mask=True))


def encoder(text, causal=False, **arguments):
    layer = Build(lambda: nn.TransformerEncoderLayer(10, batch_first=True, **arguments).eval())

    def call(x):
        # With gradients PyTorch takes the plain path, not the fused one.
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if causal else None
        with torch.enable_grad():
            return layer.layer()(x, src_mask=mask, is_causal=causal)

    add(text, (6, 10), [layer], call)


encoder("TransformerEncoder(2, ff_dim=23)", nhead=2, dim_feedforward=23)
encoder("TransformerEncoder(num_heads=5)", nhead=5)
encoder('TransformerEncoder(2, ff_dim=23, activation="gelu")', nhead=2, dim_feedforward=23, activation="gelu")
encoder("TransformerEncoder(2, ff_dim=23, norm_first=true)", nhead=2, dim_feedforward=23, norm_first=True)
encoder("TransformerEncoder(2, ff_dim=23, epsilon=0.01)", nhead=2, dim_feedforward=23, layer_norm_eps=0.01)
encoder("TransformerEncoder(2, ff_dim=23, dropout=0.4)", nhead=2, dim_feedforward=23, dropout=0.4)
encoder("TransformerEncoder(2, ff_dim=23, causal=true)", causal=True, nhead=2, dim_feedforward=23)

# merging

add("(q, v) -> Add()", [(6, 5), (6, 5)], [], lambda a, b: a + b)
add("(q, v, k) -> Add()", [(6, 5)] * 3, [], lambda a, b, c: a + b + c)
add("(q, v) -> Multiply()", [(6, 5), (6, 5)], [], lambda a, b: a * b)
add("(q, v) -> Multiply()", [(6, 7, 5), (1, 1, 5)], [], lambda a, b: a * b)
for layer in "Subtract", "Average", "Maximum", "Minimum":
    keras_cell(layer, [(6, 5), (6, 5)], prefix="(q, v) -> ")
add("(q, v) -> Concatenate()", [(6, 5), (6, 4)], [], lambda a, b: torch.cat([a, b], -1))
add("(q, v) -> Concatenate(axis=1)", [(6, 5), (4, 5)], [], lambda a, b: torch.cat([a, b], 1))
add("(q, v) -> Concatenate(axis=-2)", [(6, 5), (4, 5)], [], lambda a, b: torch.cat([a, b], 1))
add("(q, v) -> Concatenate()", [(6, 5, 7), (4, 5, 7)], [], lambda a, b: torch.cat([a, b], 1), channels_first=True)
one, two = Build(lambda: K.Dense(5)), Build(lambda: K.Dense(5, use_bias=False))
add("Residual { Dense(5) }", (6, 5), [one], lambda x: x + one(x))
three, four = Build(lambda: K.Dense(9)), Build(lambda: K.Dense(9, use_bias=False))
add("Residual { Dense(9) shortcut { Dense(9, use_bias=false) } }", (6, 5), [three, four],
    lambda x: three(x) + four(x))
five, six = Build(lambda: K.Dense(8)), Build(lambda: K.Dense(9))
add("Concatenate { branch { Dense(8) } branch { Dense(9) } branch { } }", (6, 5), [five, six],
    lambda x: torch.cat([five(x), six(x), x], -1))
stack = [Build(lambda: K.Dense(5, activation="tanh")) for _ in range(3)]
add('Sequential { Dense(5, activation="tanh") } * 3', (6, 5), stack,
    lambda x: stack[2](stack[1](stack[0](x))))
shared = Build(lambda: K.Dense(5, activation="tanh"))
add('let same = Dense(5, activation="tanh")\n    same() -> same()', (6, 5), [shared], lambda x: shared(shared(x)))

# reshaping

add("Flatten()", (4, 6, 5), [], lambda x: x.flatten(1))
add("Flatten()", (7,), [], lambda x: x)
# Channels-first data are flattened as they are stored: Keras would move the channels last first.
add("Flatten()", (5, 4, 6), [], lambda x: x.flatten(1), channels_first=True)
for target in (24, 5), (5, 24), (-1, 10), (2, 3, -1), (120,):
    shape = tuple(d if d != -1 else 120 // -int(np.prod(target)) for d in target)
    add(f"Reshape({literal(target)})", (4, 6, 5), [], lambda x, s=shape: x.reshape(-1, *s))
keras_cell("Permute", (4, 6, 5), dims=(3, 1, 2))
for padding in 1, (1, 2), ((0, 1), (3, 2)):
    keras_cell("ZeroPadding2D", (4, 6, 5), padding=padding)
keras_cell("ZeroPadding2D", (5, 4, 6), channels_first=True, padding=((0, 1), (3, 2)))


keras_cell("RepeatVector", (7,), n=4)
keras_cell("UpSampling1D", (6, 5), size=3)
keras_cell("UpSampling2D", (4, 6, 5), size=(2, 3))
keras_cell("Identity", (6, 5))
keras_cell("Rescaling", (4, 6, 5), scale=0.5, offset=-1.0)


# What the frameworks have no layer for: the formula of the source.


class Factors(nn.Module):
    """A factor for each channel."""

    def __init__(self, width, axis):
        super().__init__()
        self.gamma, self.axis = nn.Parameter(torch.ones(width)), axis

    def forward(self, x):
        return (x.movedim(self.axis, -1) * self.gamma).movedim(-1, self.axis)


def sinusoids(x, wavelength=10000.0):
    place, feature = torch.arange(x.shape[1])[:, None], torch.arange(x.shape[2])
    angle = place / wavelength ** (2 * (feature // 2) / x.shape[2])
    return x + torch.where(feature % 2 == 0, angle.sin(), angle.cos())


def rotated(x, wavelength=10000.0):
    """Pairs as complex numbers, multiplied by turns of one."""
    angle = torch.arange(x.shape[1])[:, None] / wavelength ** (torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    turns = torch.polar(torch.ones_like(angle), angle)
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(pairs * (turns if x.ndim == 3 else turns[:, None])).flatten(-2)


for text, axis, width in ("LayerScale()", -1, 5), ("LayerScale(0.1, axis=1)", 1, 6):
    factors = Build(lambda axis=axis, width=width: Factors(width, axis))
    add(text, (6, 4, 5), [factors], factors)
add("SinusoidalPositionEncoding()", (6, 5), [], sinusoids)
add("SinusoidalPositionEncoding(max_wavelength=50.0)", (6, 8), [], lambda x: sinusoids(x, 50.0))
add("RotaryEmbedding()", (6, 8), [], rotated)
add("RotaryEmbedding(max_wavelength=50.0)", (6, 3, 4), [], lambda x: rotated(x, 50.0))
add("Slice(1, 5, 2)", (6, 5), [], lambda x: x[:, 1:5:2])
add("Slice(-3)", (6, 5), [], lambda x: x[:, -3:])
add("Slice(end=-1, axis=-2)", (4, 6, 5), [], lambda x: x[:, :, :-1])
for layer, function, shape in ("DepthToSpace", F.pixel_shuffle, (4, 6, 12)), ("SpaceToDepth", F.pixel_unshuffle, (4, 6, 3)):
    first = (shape[-1], *shape[:-1])
    add(f"{layer}(2)", shape, [], lambda x, f=function: f(x.movedim(-1, 1), 2).movedim(1, -1))
    add(f"{layer}(2)", first, [], lambda x, f=function: f(x, 2), channels_first=True)


# By Keras's own layers; some are not written for PyTorch yet.


ONLY_TENSORFLOW = re.compile(r"ConvLSTM|ActivityRegularization|MultiHead")


def own_cell(layer, shapes, **options):
    alone = ONLY_TENSORFLOW.match(layer) or options.pop("alone", False)
    keras_cell(layer, shapes, targets=("tensorflow", "onnx") if alone else TARGETS, **options)


def joined(layer, *inputs):
    return layer(list(inputs))


def doubled(layer, *inputs):
    """A layer for a query and a value, which may be the same."""
    return layer(list(inputs) if len(inputs) > 1 else [inputs[0]] * 2)


for name in "threshold(0.2, 0.5)", "squareplus(3)", "sparse_plus", "sparse_sigmoid":
    function, *numbers = name.replace("(", ",").rstrip(")").split(",")
    numbers = [float(n) for n in numbers]
    written_name = name if numbers else literal(name)
    add(f"Activation({written_name})", (6, 5), [],
        lambda x, f=getattr(keras.activations, function), n=numbers: f(x, *n), targets=("tensorflow", "onnx"))
own_cell("PReLU", (4, 5))
own_cell("PReLU", (4, 6, 5), shared_axes=(1, 2))
for rank, shape in (1, (7, 5)), (2, (7, 6, 5)), (3, (4, 3, 5, 2)):
    layer = f"Conv{rank}DTranspose"
    own_cell(layer, shape, alone=True, filters=4, kernel_size=3)
    for padding in "valid", "same":
        own_cell(layer, shape, alone=True, filters=4, kernel_size=3, strides=2, padding=padding, activation="relu")
    own_cell(layer, shape, alone=True, filters=4, kernel_size=2, strides=3, output_padding=1, use_bias=False)
for shapes, prefix in ([(6, 5)], ""), ([(6, 5), (4, 5)], "(q, v) -> "), ([(6, 5), (4, 7), (4, 5)], "(q, v, k) -> "):
    for layer in "Attention", "AdditiveAttention":
        for scaled in False, True:
            own_cell(layer, shapes, prefix=prefix, call=doubled, use_scale=scaled)
own_cell("Attention", (6, 5), call=doubled, score_mode="concat")
causal_attention = Build(lambda: K.Attention())
add("Attention(causal=true)", (6, 5), [causal_attention],
    lambda x: causal_attention.layer()([x, x], use_causal_mask=True))
own_cell("GroupedQueryAttention", (6, 10), keras_name="GroupQueryAttention", call=attend, head_dim=3,
         num_query_heads=4, num_key_value_heads=2)
own_cell("MultiHeadAttention", (6, 10), call=attend, num_heads=2, key_dim=3, output_shape=7)
for arguments in ({}, {"return_sequences": True}, {"go_backwards": True, "use_bias": False}, {"activation": "relu"},
                  {"activation": "hard_sigmoid"}, {"dropout": 0.3, "recurrent_dropout": 0.2}):
    # Keras runs one step more here, as above.
    own_cell("SimpleRNN", (7, 5), units=6, macs=7 * 6 * (5 + 6), **arguments)
for merge, sequences in product(("concat", "sum", "mul", "ave"), (False, True)):
    build = Build(lambda s=sequences, m=merge: K.Bidirectional(K.SimpleRNN(6, return_sequences=s), merge_mode=m))
    add(f'Bidirectional(SimpleRNN(6, return_sequences={literal(sequences)}), merge_mode="{merge}")', (7, 5), [build], build,
        macs=2 * 7 * 6 * (5 + 6))
build = Build(lambda: K.SimpleRNN(6, return_state=True, return_sequences=True))
add("SimpleRNN(6, return_state=true, return_sequences=true) -> (y, h)\n  outputs: y, h", (7, 5), [build], build,
    macs=7 * 6 * (5 + 6))
for (inner, gates), sequences in product((("LSTM", 4), ("GRU", 3), ("SimpleRNN", 1)), (False, True)):
    build = Build(lambda inner=inner, s=sequences: getattr(K, inner)(6, dropout=0.3, return_sequences=s))
    add(f"{inner}DropoutWrapper(6, 0.3, return_sequences={literal(sequences)})", (7, 5), [build], build,
        macs=7 * gates * 6 * (5 + 6))
for inner, gates in ("LSTM", 4), ("GRU", 3), ("SimpleRNN", 1):
    build = Build(lambda inner=inner: K.RNN(getattr(K, inner + "Cell")(6), return_sequences=True))
    add(f"RNN({inner}Cell(6), return_sequences=true)", (7, 5), [build], build, macs=7 * gates * 6 * (5 + 6))
build = Build(lambda: K.RNN([K.LSTMCell(6), K.GRUCell(4, activation="relu"), K.SimpleRNNCell(3)], go_backwards=True, return_state=True))
add('RNN([LSTMCell(6), GRUCell(4, activation="relu"), SimpleRNNCell(3)], go_backwards=true, return_state=true) -> (y, h, c, g, s)\n'
    "  outputs: y, h, c, g, s", (7, 5), [build], build, macs=7 * (4 * 6 * (5 + 6) + 3 * 4 * (6 + 4) + 3 * (4 + 3)))
build = Build(lambda: K.RNN([K.SimpleRNNCell(6, use_bias=False), K.LSTMCell(4)], return_sequences=True))
add("RNN([SimpleRNNCell(6, use_bias=false), LSTMCell(4)], return_sequences=true)", (7, 5), [build], build,
    macs=7 * (6 * (5 + 6) + 4 * 4 * (6 + 4)))
build_time = Build(lambda: K.TimeDistributed(K.Dense(4, activation="relu")))
add('TimeDistributed(Dense(4, activation="relu"))', (6, 3, 5), [build_time], build_time)
build_images = Build(lambda: K.TimeDistributed(K.Conv2D(4, 3, padding="same")))
add('TimeDistributed { Conv2D(4, 3, padding="same") }', (2, 6, 5, 3), [build_images], build_images)
for rank, shape in (1, (3, 8, 2)), (2, (3, 8, 7, 2)), (3, (2, 4, 5, 3, 2)):
    steps, size = shape[0], shape[1:-1]
    for kernel, padding in (3, "same"), (2, "valid"):
        places = int(np.prod([n if padding == "same" else n - kernel + 1 for n in size]))
        own_cell(f"ConvLSTM{rank}D", shape, filters=4, kernel_size=kernel, padding=padding, return_sequences=kernel == 2,
                 macs=steps * places * kernel**rank * 4 * 4 * (2 + 4))
for layer in "GroupNormalization", "RMSNormalization", "UnitNormalization":
    own_cell(layer, (4, 6, 6), **({"groups": 3} if layer.startswith("Group") else {}))
own_cell("GroupNormalization", (4, 6, 6), groups=-1, epsilon=0.01, center=False)
own_cell("RMSNormalization", (4, 6), epsilon=0.1)
# Keras's own PyTorch backend fails at axes that are not the last.
over_places = Build(lambda: K.LayerNormalization(axis=[-1]))
add("LayerNormalization(axis=[2])", (4, 6), [over_places], over_places)
for kind in "Average", "Max":
    own_cell(f"Adaptive{kind}Pooling1D", (9, 4), output_size=3)
    own_cell(f"Adaptive{kind}Pooling2D", (9, 7, 4), output_size=(3, 2))
    own_cell(f"Adaptive{kind}Pooling3D", (5, 4, 7, 2), output_size=(2, 3, 4))
    # Keras's layers keep no size as it is; PyTorch's do.
    for rank, sizes, shape in (2, (None, 3), (9, 7, 4)), (3, (2, None, None), (5, 4, 7, 2)), (3, (None,) * 3, (3, 4, 2, 5)):
        kept = getattr(nn, f"Adaptive{kind[:3].replace('Ave', 'Avg')}Pool{rank}d")(sizes)
        add(written(f"Adaptive{kind}Pooling{rank}D", {"output_size": sizes}), shape, [],
            lambda x, k=kept: k(x.movedim(-1, 1)).movedim(1, -1), targets=("pytorch", "onnx"))
for layer, arguments, shape in (
    ("SpatialDropout1D", {"rate": 0.5}, (4, 5)), ("GaussianDropout", {"rate": 0.5}, (4, 5)),
    ("GaussianNoise", {"stddev": 0.5}, (4, 5)), ("ActivityRegularization", {"l1": 0.5}, (4, 5)),
    ("Cropping1D", {"cropping": (1, 2)}, (7, 4)), ("Cropping2D", {"cropping": ((1, 2), (0, 1))}, (7, 6, 4)),
    ("Cropping2D", {"cropping": ((1, 2), (1, 2))}, (7, 6, 4)),
    ("Cropping3D", {"cropping": ((1, 2), (0, 1), (1, 1))}, (7, 6, 5, 4)), ("ZeroPadding1D", {"padding": (1, 2)}, (7, 4)),
    ("ZeroPadding3D", {"padding": ((1, 2), (0, 1), (1, 1))}, (4, 3, 5, 2)), ("UpSampling3D", {"size": (2, 1, 3)}, (4, 3, 5, 2)),
    ("UpSampling2D", {"size": 2, "interpolation": "bilinear"}, (4, 3, 5)), ("Masking", {"mask_value": 0.5}, (4, 5)),
    ("CenterCrop", {"height": 2, "width": 3}, (4, 6, 3)), ("Resizing", {"height": 3, "width": 9}, (4, 6, 3)),
    ("Resizing", {"height": 8, "width": 5, "interpolation": "nearest"}, (4, 6, 3)),
):
    own_cell(layer, shape, **arguments)
for text in "RandomRotation(0.2)", "RandomTranslation(0.2, 0.1)", "RandomZoom(0.2)":
    add(text, (4, 6, 3), [], lambda x: x, targets=("tensorflow", "onnx"))
for text in 'RandomFlip("horizontal")', "RandomContrast(0.2)", "RandomBrightness(0.2)":
    add(text, (4, 6, 3), [], lambda x: x)
own_cell("Dot", [(6, 5), (6, 4)], prefix="(q, v) -> ", call=joined, axes=(1, 1))
own_cell("Dot", [(6, 5), (4, 5)], prefix="(q, v) -> ", call=joined, axes=2, normalize=True)
# Weights that say how they begin and what holds for them.
own_cell("Dense", (7,), alone=True, units=4, kernel_initializer="he_normal", bias_initializer="ones", kernel_regularizer="l2",
         kernel_constraint="max_norm")
frozen = Build(lambda: K.Conv2D(4, 3, trainable=False))
add("Conv2D(4, 3, trainable=false)", (6, 5, 3), [frozen], frozen, targets=("tensorflow", "onnx"))
own_cell("GroupNormalization", (6, 5), groups=3, axis=1)
own_cell("GroupNormalization", (4, 5, 6), groups=2, center=False, scale=False)
own_cell("UnitNormalization", (4, 6, 6), axis=(1, 3))
own_cell("Cropping3D", (5, 7, 6, 4), channels_first=True, cropping=((1, 2), (0, 1), (1, 1)), keras_arguments={"data_format": "channels_first"})
own_cell("ZeroPadding1D", (5, 7), channels_first=True, padding=(1, 2))
own_cell("ZeroPadding3D", (3, 4, 5, 2), channels_first=True, padding=1)
own_cell("AdaptiveAveragePooling2D", (4, 9, 7), channels_first=True, output_size=(3, 2), keras_arguments={"data_format": "channels_first"})
own_cell("Dot", [(5,), (5,)], prefix="(q, v) -> ", call=joined, axes=1)
own_cell("PReLU", (5, 4))
own_cell("AdditiveAttention", (6, 5), call=doubled, dropout=0.3)
causal_additive = Build(lambda: K.AdditiveAttention())
add("AdditiveAttention(causal=true)", (6, 5), [causal_additive],
    lambda x: causal_additive.layer()([x, x], use_causal_mask=True))
causal_scaled = Build(lambda: K.Attention(use_scale=True))
add("Attention(use_scale=true, causal=true, dropout=0.2)", (6, 5), [causal_scaled],
    lambda x: causal_scaled.layer()([x, x], use_causal_mask=True))
for width, targets in (10, TARGETS), (7, ("pytorch", "onnx")):
    grouped = Build(lambda: K.GroupQueryAttention(4, 4, 2, use_bias=False))
    add("(q, v) -> GroupedQueryAttention(4, 4, 2, use_bias=false, causal=true)", [(6, 10), (8, width)], [grouped],
        lambda q, v, g=grouped: g.layer()(q, v, use_causal_mask=True), targets=targets)
for rank, shape in (1, (7, 5)), (2, (4, 6, 5)), (3, (3, 4, 2, 5)):
    for affine in False, True:
        instance = Build(lambda rank=rank, affine=affine: getattr(nn, f"InstanceNorm{rank}d")(5, affine=affine))
        add(f"InstanceNormalization(affine={literal(affine)})", shape, [instance] if affine else [],
            lambda x, i=instance: i(x.movedim(-1, 1)).movedim(1, -1))

for size, rest in (3, {"alpha": 0.1, "beta": 0.5, "k": 2.0}), (4, {}), (5, {"alpha": 0.3}):
    response = nn.LocalResponseNorm(size, **rest)
    text = written("LocalResponseNormalization", {"size": size, **rest})
    add(text, (4, 6, 5), [], lambda x, r=response: r(x.movedim(-1, 1)).movedim(1, -1))
    add(text, (5, 4, 6), [], response, channels_first=True)
for size in {"height": 2, "width": 3}, {"height": 8, "width": 9}:
    # Outside of training Keras's RandomCrop gives the whole image.
    own_cell("RandomCrop", (4, 6, 3), keras_name="CenterCrop", alone=size["height"] == 8, **size)
# Where the channels stand second, as a convolution leaves them.
scaled_convolution = [Build(lambda: K.Conv2D(5, 2)), Build(lambda: Factors(5, -1))]
add("Conv2D(5, 2) LayerScale()", (6, 4, 3), scaled_convolution,
    lambda x: scaled_convolution[1](scaled_convolution[0](x)))


# Blocks whose parts are layers: the paper's steps, one after the other.


def gate(x):
    return x * excite(squeeze(x.mean((1, 2), keepdim=True)))


squeeze, excite = Build(lambda: K.Conv2D(3, 1, activation="relu")), Build(lambda: K.Conv2D(6, 1, activation="sigmoid"))
add("SqueezeExcitation(2)", (4, 5, 6), [squeeze, excite], gate)
patches = Build(lambda: K.Conv2D(7, (2, 3), strides=(2, 3)))
add("PatchEmbedding((2, 3), 7)", (4, 6, 5), [patches], lambda x: patches(x).flatten(1, 2))
wide = [Build(lambda f=f, k=k: K.Conv2D(f, k, padding="same", activation="relu")) for f, k in ((2, 1), (3, 1), (4, 3), (2, 1), (3, 5), (5, 1))]
add("Inception(2, 3, 4, 2, 3, 5)", (6, 7, 3), wide, lambda x: torch.cat([
    wide[0](x), wide[2](wide[1](x)), wide[4](wide[3](x)),
    wide[5](F.max_pool2d(x.movedim(-1, 1), 3, 1, 1).movedim(1, -1))], -1))
places = [Build(lambda n=n: K.Dense(n)) for n in (3, 3, 3, 6)]


def non_local(x):
    flat = x.flatten(1, 2)
    query, key, values = (part(flat) for part in places[:3])
    return x + places[3](torch.softmax(query @ key.transpose(1, 2), -1) @ values).reshape(x.shape)


add("NonLocalBlock()", (4, 5, 6), places, non_local)


class Decoder(nn.TransformerDecoderLayer):
    def forward(self, x, memory):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        with torch.enable_grad():
            return super().forward(x, memory, tgt_mask=mask)


class Whole(nn.Transformer):
    def forward(self, source, target):
        mask = self.generate_square_subsequent_mask(target.shape[1])
        with torch.enable_grad():
            return super().forward(source, target, tgt_mask=mask)


for before in False, True:
    decoder = Build(lambda before=before: Decoder(10, 2, 23, batch_first=True, norm_first=before).eval())
    add(f"(q, v) -> TransformerDecoder(2, ff_dim=23, norm_first={literal(before)})", [(6, 10), (4, 10)], [decoder],
        lambda x, m, d=decoder: d.layer()(x, m))
whole = Build(lambda: Whole(10, 2, 2, 2, 23, batch_first=True).eval())
add("(q, v) -> Transformer(2, 2, 2, ff_dim=23)", [(5, 10), (6, 10)], [whole], lambda s, t: whole.layer()(s, t))


for text, causal in ("SelfAttention(4)", False), ("SelfAttention(4, causal=true)", True):
    heads = [Build(lambda: K.Dense(4)) for _ in range(3)]
    add(text, (6, 5), heads, lambda x, h=heads, c=causal: F.scaled_dot_product_attention(*(p(x) for p in h), is_causal=c))


# Blocks whose formulas are papers': the weights by the declarations' names.


class Weights(nn.Module):
    def __init__(self, **shapes):
        super().__init__()
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter(torch.zeros(shape)))


def weights(**shapes):
    return Build(lambda: Weights(**shapes))


def squash(x):
    squared = (x * x).sum(-1, keepdim=True)
    return squared / (1 + squared) * x / (squared + 1e-7).sqrt()


def axial(heights, widths, x):
    rows, columns = x.flatten(0, 1), x.transpose(1, 2).flatten(0, 1)
    columns = heights.layer()(columns, columns).view_as(x.transpose(1, 2)).transpose(1, 2)
    return columns + widths.layer()(rows, rows).view_as(x)


for arguments, size in ({}, 5), ({"key_dim": 3, "use_bias": False}, 3):
    pair = [Build(lambda a=arguments, s=size: K.MultiHeadAttention(2, **{"key_dim": s, **a})) for _ in range(2)]
    add(written("AxialAttention", {"num_heads": 2, **arguments}), (6, 7, 10), pair, lambda x, p=pair: axial(*p, x))
for options in {}, {"kernel_size": 3, "strides": 1}, {"kernel_size": 3, "padding": "same"}:
    capsules = Build(lambda o=options: K.Conv2D(12, **{"kernel_size": 9, "strides": 2, **o}))
    add(written("PrimaryCapsules", options, (3, 4)), (12, 11, 5), [capsules],
        lambda x, c=capsules: squash(c(x).reshape(x.shape[0], -1, 4)))
capsules_after = [Build(lambda: K.Conv2D(5, 2)), Build(lambda: K.Conv2D(12, 3, 2))]
add("Conv2D(5, 2) PrimaryCapsules(3, 4, kernel_size=3)", (8, 9, 3), capsules_after,
    lambda x: squash(capsules_after[1](capsules_after[0](x)).reshape(x.shape[0], -1, 4)))


def routed(kernel, routings, x):
    votes = torch.einsum("bif,icfd->bicd", x, kernel)
    logits = torch.zeros(votes.shape[:3])
    for step in range(routings):
        result = squash((logits.softmax(2)[..., None] * votes).sum(1))
        logits = logits + (votes * result[:, None]).sum(-1)
    return result


for routings in 1, 3:
    votes = weights(kernel=(9, 4, 5, 7))
    add(f"CapsuleLayer(4, 7, routings={routings})", (9, 5), [votes],
        lambda x, v=votes, r=routings: routed(v.layer().kernel, r, x), macs=9 * 4 * 7 * (5 + 2 * routings - 1))


def placed(hidden, affine, size, x):
    a = torch.relu(x.flatten(1) @ hidden.kernel + hidden.bias) @ affine.kernel + affine.bias
    grid = F.affine_grid(a.view(-1, 2, 3), (x.shape[0], x.shape[3], *size), align_corners=False)
    return F.grid_sample(x.movedim(-1, 1), grid, align_corners=False).movedim(1, -1)


for options, units, size in ({}, 32, (6, 7)), ({"localization_units": 5, "output_size": (3, 4)}, 5, (3, 4)):
    parts = [weights(kernel=(84, units), bias=(units,)), weights(kernel=(units, 6), bias=(6,))]
    add(written("SpatialTransformer", options), (6, 7, 2), parts,
        lambda x, p=parts, s=size: placed(p[0].layer(), p[1].layer(), s, x), macs=(84 + 6) * units)
for text, bias, activation in (("", True, None), (", use_bias=false", False, None), (', activation="relu"', True, torch.relu)):
    graph = weights(kernel=(5, 7), **({"bias": (7,)} if bias else {}))

    def convolved(x, adjacency, g=graph, b=bias, a=activation):
        y = adjacency @ (x @ g.layer().kernel) + (g.layer().bias if b else 0)
        return a(y) if a else y

    add(f"(q, v) -> GraphConv(7{text})", [(6, 5), (6, 6)], [graph], convolved)


def attended(w, heads, slope, concat, x, adjacency):
    h = torch.einsum("bnf,fhu->bhnu", x, w.kernel)
    scores = (h * w.attention_source[:, None]).sum(-1)[..., None] + (h * w.attention_target[:, None]).sum(-1)[..., None, :]
    scores = torch.where(adjacency[:, None] == 0, torch.tensor(-1e9), F.leaky_relu(scores, slope))
    h = scores.softmax(-1) @ h
    h = h.transpose(1, 2).flatten(2) if concat else h.mean(1)
    return h + w.bias if hasattr(w, "bias") else h


for options in {}, {"heads": 3, "dropout": 0.3}, {"heads": 3, "concat": False, "negative_slope": 0.1}, {"heads": 2, "use_bias": False}:
    heads, concat = options.get("heads", 1), options.get("concat", True)
    width = heads * 7 if concat else 7
    graph = weights(kernel=(5, heads, 7), attention_source=(heads, 7), attention_target=(heads, 7),
                    **({"bias": (width,)} if options.get("use_bias", True) else {}))
    # What is not positive is no edge.
    add(f"v -> ReLU() -> edges\n    (q, edges) -> {written('GraphAttention', {'units': 7, **options})}", [(6, 5), (6, 6)], [graph],
        lambda x, a, g=graph, h=heads, s=options.get("negative_slope", 0.2), c=concat: attended(g.layer(), h, s, c, x, F.relu(a)),
        macs=6 * 5 * heads * 7 + 2 * 6 * heads * 7 + 6 * 6 * heads * 7)
for shape in (5,), (6, 5):
    branches = [Build(lambda: K.Dense(7, activation="tanh")) for _ in range(3)]
    gate_of = Build(lambda: nn.Linear(5, 3))

    def picked(x, b=branches, g=gate_of):
        choice = g.layer()(x.flatten(1, -2).mean(1) if x.ndim > 2 else x).argmax(-1)
        results = [part(x) for part in b]
        return torch.stack([results[c][i] for i, c in enumerate(choice)])

    branch = 'branch { Dense(7, activation="tanh") }'
    add(f"DynamicLayer {{ {branch} {branch} {branch} }}", shape, [*branches, gate_of], picked)


def routed_to_experts(router, into, out, top, activation, x):
    scores, chosen = (x @ router.kernel).topk(top, -1)
    every = activation(torch.einsum("...w,ewh->...eh", x, into.kernel) + getattr(into, "bias", 0))
    every = torch.einsum("...eh,ehw->...ew", every, out.kernel) + getattr(out, "bias", 0)
    kept = every.gather(-2, chosen[..., None].expand(*chosen.shape, x.shape[-1]))
    return (kept * scores.softmax(-1)[..., None]).sum(-2)


for options, shape in ({}, (6, 5)), ({"top_k": 1, "ff_dim": 7, "use_bias": False}, (5,)), ({"activation": "gelu", "top_k": 3}, (3, 4, 5)):
    hidden, bias = options.get("ff_dim", 20), options.get("use_bias", True)
    parts = [weights(kernel=(5, 4)), weights(kernel=(4, 5, hidden), **({"bias": (4, hidden)} if bias else {})),
             weights(kernel=(4, hidden, 5), **({"bias": (4, 5)} if bias else {}))]
    top = options.get("top_k", 2)
    add(written("MixtureOfExperts", {"experts": 4, **options}), shape, parts,
        lambda x, p=parts, t=top, a=F.gelu if "activation" in options else F.relu: routed_to_experts(*(w.layer() for w in p), t, a, x),
        macs=int(np.prod(shape[:-1])) * (5 * 4 + top * 2 * 5 * hidden))


def convolutional_gru(w, options, first, x):
    """Ballas's, with Keras's order of gates: the reset gate before the product."""
    kernel, strides = options.get("kernel_size"), options.get("strides", 1)
    dilation = options.get("dilation_rate", 1)
    x = x if first else x.movedim(-1, 2)
    x = x.flip(1) if options.get("go_backwards") else x
    reach = dilation * (kernel - 1) + 1
    same = options.get("padding") == "same"
    totals = [max((-(-n // strides) - 1) * strides + reach - n, 0) if same else 0 for n in x.shape[:2:-1]]
    amounts = [half for t in totals for half in (t // 2, t - t // 2)]
    activation = F.relu if options.get("activation") == "relu" else torch.tanh
    steps, h = [], 0
    for frame in x.unbind(1):
        z, r, n = F.conv2d(F.pad(frame, amounts), w.kernel.permute(3, 2, 0, 1), getattr(w, "bias", None), strides,
                           dilation=dilation).chunk(3, 1)
        h = h + torch.zeros_like(z)
        u, v, o = w.recurrent_kernel.permute(3, 2, 0, 1).chunk(3)
        z, r = (torch.sigmoid(g + F.conv2d(h, k, padding="same")) for g, k in ((z, u), (r, v)))
        h = z * h + (1 - z) * activation(n + F.conv2d(r * h, o, padding="same"))
        steps.append(h)
    back = (lambda t, axis: t) if first else (lambda t, axis: t.movedim(axis, -1))
    result = back(torch.stack(steps, 1), 2) if options.get("return_sequences") else back(h, 1)
    return (result, back(h, 1)) if options.get("return_state") else result


for options, out in (({"kernel_size": 3}, (7, 5)), ({"kernel_size": 2, "padding": "same", "strides": 2, "return_sequences": True}, (5, 4)),
                     ({"kernel_size": 3, "dilation_rate": 2, "activation": "relu", "use_bias": False, "go_backwards": True}, (5, 3)),
                     ({"kernel_size": 3, "padding": "same", "dropout": 0.2, "recurrent_dropout": 0.3, "return_state": True}, (9, 7)),
                     ({"kernel_size": 3, "return_sequences": True, "return_state": True}, (7, 5))):
    for first in False, True:
        size = options["kernel_size"]
        gru = weights(kernel=(size, size, 2, 12), recurrent_kernel=(size, size, 4, 12),
                      **({"bias": (12,)} if options.get("use_bias", True) else {}))
        names = " -> (y, h)\n  outputs: y, h" if "return_state" in options else ""
        add(written("ConvGRU2D", {"filters": 4, **options}) + names, (3, 2, 9, 7) if first else (3, 9, 7, 2), [gru],
            lambda x, g=gru, o=options, f=first: convolutional_gru(g.layer(), o, f, x), channels_first=first,
            macs=3 * out[0] * out[1] * size**2 * 12 * (2 + 4))


# What only ONNX writes so far.


add("CustomShape((none, 5))", (6, 5), [], lambda x: x, targets=("onnx",))
for inner, shape in (K.Dense, (7,)), (lambda units: K.Conv2D(units, 3), (6, 5, 3)):
    spectral = Build(lambda inner=inner: K.SpectralNormalization(inner(4)))
    text = "Dense(4)" if len(shape) == 1 else "Conv2D(4, 3)"
    add(f"SpectralNormalization({text})", shape, [spectral], spectral, targets=("onnx",))


# What the frameworks reject, and we with them.


@dataclass
class Invalid:
    text: str
    shapes: list
    call: Callable

    source = Cell.source
    channels_first = False


INVALID = []


def reject(text, shapes, call):
    INVALID.append(Invalid(text, shapes if isinstance(shapes, list) else [shapes], call))


reject("Conv2D(4, 5)", (4, 9, 3), lambda x: K.Conv2D(4, 5)(x))
reject("Conv2D(4, 3, dilation_rate=3)", (6, 9, 3), lambda x: K.Conv2D(4, 3, dilation_rate=3)(x))
reject("Conv2D(4, 3, groups=2)", (6, 9, 3), lambda x: K.Conv2D(4, 3, groups=2)(x))
reject("Conv2D(5, 3, groups=3)", (6, 9, 3), lambda x: K.Conv2D(5, 3, groups=3)(x))
reject("Conv2D(0, 3)", (6, 9, 3), lambda x: K.Conv2D(0, 3)(x))
reject("Conv2D(4, 0)", (6, 9, 3), lambda x: K.Conv2D(4, 0)(x))
reject("Conv2D(4, 3, strides=0)", (6, 9, 3), lambda x: K.Conv2D(4, 3, strides=0)(x))
reject('Conv2D(4, 3, padding="full")', (6, 9, 3), lambda x: K.Conv2D(4, 3, padding="full")(x))
reject('Conv2D(4, 3, padding="causal")', (6, 9, 3), lambda x: K.Conv2D(4, 3, padding="causal")(x))
reject("Conv2D(4, (3, 3, 3))", (6, 9, 3), lambda x: K.Conv2D(4, (3, 3, 3))(x))
reject("Conv2D(4, 3)", (6, 9), lambda x: K.Conv2D(4, 3)(x))
reject("Conv1D(4, 3)", (6, 9, 3), lambda x: nn.Conv1d(3, 4, 3)(x))
reject("Conv1D(4, 7)", (6, 9), lambda x: K.Conv1D(4, 7)(x))
reject("MaxPooling2D(5)", (4, 9, 3), lambda x: K.MaxPooling2D(5)(x))
reject("MaxPooling2D(2)", (4, 9), lambda x: K.MaxPooling2D(2)(x))
reject("AveragePooling2D(0)", (4, 9, 3), lambda x: K.AveragePooling2D(0)(x))
reject("GlobalAveragePooling2D()", (9,), lambda x: K.GlobalAveragePooling2D()(x))
reject("Dense(0)", (9,), lambda x: K.Dense(0)(x))
reject("Dense(-4)", (9,), lambda x: K.Dense(-4)(x))
reject('Dense(4, activation="nonsense")', (9,), lambda x: K.Dense(4, activation="nonsense")(x))
reject("Dropout(1.5)", (9,), lambda x: K.Dropout(1.5)(x))
reject("Dropout(-0.1)", (9,), lambda x: K.Dropout(-0.1)(x))
reject("BatchNormalization(axis=5)", (4, 6, 5), lambda x: K.BatchNormalization(axis=5)(x))
reject("LayerNormalization(axis=5)", (4, 6, 5), lambda x: K.LayerNormalization(axis=5)(x))
reject("LSTM(4)", (9,), lambda x: K.LSTM(4)(x))
reject("LSTM(0)", (6, 9), lambda x: K.LSTM(0)(x))
reject("GRU(4)", (6, 9, 3), lambda x: K.GRU(4)(x))
reject("Bidirectional(Dense(4))", (6, 9), lambda x: K.Bidirectional(K.Dense(4))(x))
reject('Bidirectional(LSTM(4), merge_mode="max")', (6, 9), lambda x: K.Bidirectional(K.LSTM(4), merge_mode="max")(x))
reject("MultiHeadAttention(3)", (6, 10), lambda x: nn.MultiheadAttention(10, 3)(x, x, x))
reject("TransformerEncoder(3)", (6, 10), lambda x: nn.TransformerEncoderLayer(10, 3)(x))
reject("Reshape((7, 7))", (4, 6, 5), lambda x: K.Reshape((7, 7))(x))
reject("Reshape((-1, 7))", (4, 6, 5), lambda x: K.Reshape((-1, 7))(x))
reject("Reshape((-1, -1))", (4, 6, 5), lambda x: x.reshape(3, -1, -1))
reject("(q, v) -> Add()", [(6, 5), (6, 4)], lambda a, b: K.Add()([a, b]))
reject("(q, v) -> Multiply()", [(6, 5), (3, 5)], lambda a, b: K.Multiply()([a, b]))
reject("(q, v) -> Concatenate()", [(6, 5), (4, 5)], lambda a, b: K.Concatenate()([a, b]))
reject("(q, v) -> Concatenate(axis=1)", [(6, 5), (6, 4)], lambda a, b: K.Concatenate(axis=1)([a, b]))
reject("(q, v) -> Concatenate(axis=4)", [(6, 5), (6, 5)], lambda a, b: K.Concatenate(axis=4)([a, b]))
reject("Embedding(0, 4)", (6,), lambda x: nn.Embedding(0, 4)(x.to(torch.int64)))
reject("Softmax(axis=4)", (6, 5), lambda x: K.Softmax(axis=4)(x))
reject("ZeroPadding2D((1, 2, 3))", (4, 6, 5), lambda x: K.ZeroPadding2D((1, 2, 3))(x))
