"""What the frameworks make of one layer call: shapes, counts and work, or a refusal.

Keras's layers are made from the arguments as they stand; layers that only PyTorch or a paper has are
written here with PyTorch's modules, and take the parameters of the declaration by name, so that an
unknown or missing one fails here as well. Nothing here asks the program.
"""

import inspect
import os
from dataclasses import dataclass
from functools import lru_cache
from math import prod

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import torch
import torch.nn.functional as F
from keras import layers as K
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import shape_recurrent as modules
from declarations import LAYERS
from shape_values import Patches, Scaled, Token

BATCH = 2
KERAS_NAMES = {"GroupedQueryAttention": "GroupQueryAttention", "Output": "Dense", "SimpleRNNDropoutWrapper": "SimpleRNN",
               "LSTMDropoutWrapper": "LSTM", "GRUDropoutWrapper": "GRU"}
BY_EINSUM = {"EinsumDense", "MultiHeadAttention", "GroupedQueryAttention", "AxialAttention", "Attention", "AdditiveAttention", "CapsuleLayer",
             "Dot", "NonLocalBlock"}
GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4, "ConvGRU2": 3, "ConvLSTM": 4}


UNKNOWN = -1


class Refused(Exception):
    """A framework does not take the call."""


@dataclass(frozen=True)
class Call:
    """A layer and its arguments, by name. A value may be a call again, or several."""

    layer: str
    arguments: tuple = ()  # (name, value)
    branches: tuple = ()  # of a container: the calls of each branch, one after the other
    shortcut: tuple = None
    extra: tuple = ()  # positional arguments beyond those that the layer has

    def get(self, name, default=None):
        return dict(self.arguments).get(name, default)

    def changed(self, name, value):
        return Call(self.layer, tuple({**dict(self.arguments), name: value}.items()), self.branches, self.shortcut, self.extra)

    def without(self, name):
        return Call(self.layer, tuple(a for a in self.arguments if a[0] != name), self.branches, self.shortcut, self.extra)

    def all(self):
        """This call and those inside it."""
        yield self
        for _, value in self.arguments:
            for entry in value if isinstance(value, tuple) else (value,):
                if isinstance(entry, Call):
                    yield from entry.all()
        for calls in (*self.branches, self.shortcut or ()):
            for call in calls:
                yield from call.all()


@dataclass(frozen=True)
class Outcome:
    outputs: tuple  # shapes without the batch
    total: int
    trainable: int
    macs: int  # None where the framework's count says nothing


@lru_cache(maxsize=200_000)
def outcome(call, shapes, integers=False, first=False):
    """What comes of a call on values of these shapes, batch left out; a message where it is refused."""
    try:
        if call.branches:
            return container(call, shapes, first)
        return single(resolved(call, shapes, first), shapes, integers)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def accepted(call, shapes, integers=False, first=False):
    found = outcome(call, shapes, integers, first)
    if isinstance(found, str):
        raise Refused(found)
    return found


def resolved(call, shapes, first):
    """With what the network's `data_format` changes written out (Docs/language.md, "Shapes")."""
    layer = LAYERS.get(call.layer)
    if layer is None or not first:
        return call
    given = dict(call.arguments)
    if "data_format" in layer.parameters and "data_format" not in given:
        call = call.changed("data_format", "channels_first")
    rank = len(shapes[0]) + 1 if shapes else 0
    moves = "channel_axis" in layer.traits and rank >= 3 or "image_axis" in layer.traits and rank >= 4
    if moves and "axis" in layer.parameters and "axis" not in given:
        call = call.changed("axis", 1)
    return call


# Containers


def chain(calls, shape, first):
    found = []
    for call in calls:
        found.append(accepted(call, (shape,), False, first))
        shape = found[-1].outputs[0]
    return shape, found


def total(shape, found, more=()):
    every = [*found, *more]
    return Outcome((shape,), *summed(every))


def summed(every):
    """Parameters, trained ones and work; the last is unknown where a part's is."""
    macs = None if any(o.macs is None for o in every) else sum(o.macs for o in every)
    return sum(o.total for o in every), sum(o.trainable for o in every), macs


def container(call, shapes, first):
    (shape,) = shapes
    if call.layer == "Sequential":
        if call.arguments or call.extra:
            raise TypeError("no such argument")
        return total(*chain(call.branches[0], shape, first))
    if call.layer == "Residual":
        if call.arguments or call.extra:
            raise TypeError("no such argument")
        result, found = chain(call.branches[0], shape, first)
        short, more = chain(call.shortcut or (), shape, first)
        torch.zeros(1, *result).add_(torch.zeros(1, *short))
        if result != short:
            raise ValueError("a residual never broadcasts")
        return total(result, found, more)
    ends = [chain(branch, shape, first) for branch in call.branches]
    parts = [o for _, found in ends for o in found]
    merge = Call(call.layer, call.arguments, extra=call.extra)
    if call.layer == "DynamicLayer":
        if len(set(end for end, _ in ends)) > 1 or len(ends) < 2 or call.arguments or call.extra:
            raise ValueError("branches differ")
        gate = nn.Linear(shape[-1], len(ends))
        torch.stack([torch.zeros(1, *end) for end, _ in ends])
        own = sum(p.numel() for p in gate.parameters())
        return total(ends[0][0], parts, [Outcome((), own, own, shape[-1] * len(ends))])
    merged = accepted(merge, tuple(end for end, _ in ends), False, first)
    return total(merged.outputs[0], parts, [merged])


# One layer


def inputs(shapes, integers):
    if integers:
        return [torch.zeros((BATCH, *shape), dtype=torch.int32) for shape in shapes]
    return [torch.rand((BATCH, *shape)) for shape in shapes]


def tensors(result):
    if isinstance(result, torch.Tensor):
        return [result]
    return [t for part in result for t in tensors(part)]


def single(call, shapes, integers):
    if call.extra:
        raise TypeError("too many positional arguments")
    given = inputs(shapes, integers)
    parts, run = make(call, shapes)
    with torch.no_grad():
        results = tensors(run(*given))  # builds; some of Keras's layers run a step more for it
        work = stated_macs(call, shapes, results)
        if work is None:
            with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
                run(*given)
            work, rest = divmod(counter.get_total_flops(), 2 * BATCH)
            assert rest == 0
            if call.layer in BY_EINSUM and 1 in (*(n for s in shapes for n in s), *(v for _, v in call.arguments if v is not True)):
                # A sum over one value is a plain multiplication to PyTorch, which is not counted.
                work = None
    if work == UNKNOWN:
        work = None
    every, trainable = count(parts)
    if call.get("trainable") is False:
        trainable = 0
    shape_of_results = tuple(tuple(r.shape[1:]) for r in results)
    if any(r.shape[0] != BATCH for r in results):
        raise Refused("the batch has changed")
    if any(0 in s for s in shape_of_results):
        raise Refused(f"nothing is left: {shape_of_results}")
    return Outcome(shape_of_results, every, trainable, work)


def count(parts):
    every = trainable = 0
    for part in parts:
        if hasattr(part, "count_params"):
            every += part.count_params()
            trainable += sum(w.value.numel() for w in part.trainable_weights)
        else:
            own = sum(p.numel() for p in part.parameters())
            every, trainable = every + own, trainable + own
    return every, trainable


def make(call, shapes):
    own = OWN.get(call.layer)
    given = {n: v for n, v in call.arguments if n not in ("trainable", "name")}
    if own is not None:
        result = own(tuple(shapes), **given)
        if result is not None:
            return result
    layer = keras_layer(call)
    # Keras reads an image without its batch as one; a layer here always has the batch.
    declared = LAYERS[call.layer].entry("input")
    if declared and "..." not in declared[0] and len(shapes) == 1 and len(shapes[0]) + 1 != declared[0].count(",") + 1:
        if call.layer in ("Resizing", "CenterCrop", "RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation",
                          "RandomZoom", "RandomContrast", "RandomBrightness"):
            raise Refused("no batch of images")
    causal = {"use_causal_mask": True} if call.get("causal") else {}
    if call.layer in ("MultiHeadAttention", "GroupedQueryAttention"):
        return [layer], lambda q, v=None, *k: layer(q, q if v is None else v, *k, **causal)
    if call.layer in ("Attention", "AdditiveAttention"):
        def attend(q, v=None, *k):
            if any(t.ndim != 3 for t in (q, *k)) or v is not None and v.ndim != 3:
                raise Refused("attention reads sequences")
            return layer([q, q if v is None else v, *k], **causal)
        return [layer], attend
    if call.layer in ("LSTM", "GRU", "SimpleRNN", "RNN"):
        if len(shapes[0]) != 2:
            raise Refused("Keras reads sequences of anything whose other sizes are 1")
        return [layer], lambda x, *states: layer(x, initial_state=list(states)) if states else layer(x)
    if call.layer.endswith("Cell"):
        def step(x, *states):
            if x.ndim != 2:
                raise Refused("a cell reads one step")
            size = layer.state_size if isinstance(layer.state_size, (list, tuple)) else [layer.state_size]
            begin = list(states) or [torch.zeros(BATCH, s) for s in size]
            return [*tensors(layer(x, begin))]
        return [layer], step
    if "DTranspose" in call.layer and call.get("padding") == "same":
        return [layer], lambda x: transposed(layer, x)
    return [layer], lambda *xs: layer(xs[0] if len(xs) == 1 and "merge" not in LAYERS[call.layer].traits else list(xs))


def transposed(layer, x):
    """Keras's PyTorch backend cannot run all of them, but says what they would give."""
    try:
        return layer(x)
    except ValueError as error:
        if "output_padding" not in str(error) and "padding" not in str(error) or not layer.built:
            raise
        return torch.zeros(layer.compute_output_shape(x.shape))


def converted(name, value):
    if isinstance(value, Call):
        return keras_layer(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Call):
        return [keras_layer(v) for v in value]
    if value == "gelu_tanh" and "activation" in name:
        return lambda x: keras.activations.gelu(x, approximate=True)
    return value


def keras_layer(call):
    kind = getattr(K, KERAS_NAMES.get(call.layer, call.layer))
    given = {name: converted(name, value) for name, value in call.arguments if name != "causal"}
    if call.get("data_format") and "data_format" not in inspect.signature(kind.__init__).parameters:
        given.pop("data_format")
    if "DropoutWrapper" in call.layer and "dropout" not in given:
        raise TypeError("the dropout is what it is for")
    if call.layer == "MultiHeadAttention":
        given.setdefault("key_dim", None)
    return kind(**given)


# What is counted by formula: steps inside a kernel, and products that a framework does in vain.


def stated_macs(call, shapes, results):
    shape, name = shapes[0], call.layer
    base = KERAS_NAMES.get(name, name) if "Wrapper" in name else name
    if base in ("SimpleRNN", "LSTM", "GRU"):
        return shape[0] * GATES[base] * call.get("units") * (shape[1] + call.get("units"))
    if name.endswith("Cell"):
        return GATES[name.removesuffix("Cell")] * call.get("units") * (shape[0] + call.get("units"))
    if name == "RNN":
        cells = call.get("cell")
        frame, work = shape[1], 0
        for cell in cells if isinstance(cells, tuple) else (cells,):
            work += shape[0] * GATES[cell.layer.removesuffix("Cell")] * cell.get("units") * (frame + cell.get("units"))
            frame = cell.get("units")
        return work
    if name == "Bidirectional":
        backward = call.get("backward_layer") or call.get("layer")
        return sum(stated_macs(inner, shapes, tensors(make(inner, shapes)[1](*inputs(shapes, False))))
                   for inner in (call.get("layer"), backward))
    if name == "TimeDistributed":
        inner = accepted(call.get("layer"), (shape[1:],)).macs
        return UNKNOWN if inner is None else shape[0] * inner
    if name == "SpectralNormalization":
        inner = accepted(call.get("layer"), (shape,)).macs
        return UNKNOWN if inner is None else inner
    if name.startswith("ConvLSTM"):
        first = call.get("data_format") == "channels_first"
        frame = results[0].shape[2 if call.get("return_sequences") else 1 :]
        places = frame[1:] if first else frame[:-1]
        kernel = spread(call.get("kernel_size"), len(places))
        channels = shape[1] if first else shape[-1]
        return shape[0] * prod(places) * prod(kernel) * 4 * call.get("filters") * (channels + call.get("filters"))
    if "DTranspose" in name:
        first = call.get("data_format") == "channels_first"
        places, channels = (shape[1:], shape[0]) if first else (shape[:-1], shape[-1])
        return prod(places) * prod(spread(call.get("kernel_size"), len(places))) * channels * call.get("filters")
    if name in ("RandomRotation", "RandomTranslation", "RandomZoom"):
        return 0
    if name in PAPER_MACS:
        return PAPER_MACS[name](call, shape)
    return None


def spread(value, rank):
    return (value,) * rank if isinstance(value, int) else tuple(value)


# Layers of PyTorch, and what Keras's layers lack.

OWN = {}


def own(function):
    OWN[function.__name__] = function
    return function


def no_batch(axis, rank):
    if axis % rank == 0 if -rank <= axis < rank else True:
        raise Refused(f"axis {axis} of {rank}")
    return axis % rank


def whole(*values):
    if not all(isinstance(v, int) for v in values if v is not None):
        raise TypeError("a whole number is meant")
    if any(v < 1 for v in values if v is not None):
        raise ValueError("nothing is left")


@own
def Lambda(shapes, function, output_shape):
    return [], eval(function)


@own
def CustomShape(shapes, output_shape):
    if len(output_shape) != len(shapes[0]) or any(w not in (None, s) for w, s in zip(output_shape, shapes[0])):
        raise Refused("another shape")
    return [], lambda x: x


@own
def LayerScale(shapes, init_values=1e-5, axis=-1):
    axis = no_batch(axis, len(shapes[0]) + 1)
    size = [n if i + 1 == axis else 1 for i, n in enumerate(shapes[0])]
    scaled = Scaled(size)
    return [scaled], scaled


@own
def ClassToken(shapes):
    token = Token(shapes[0][1])
    return [token], token


@own
def Take(shapes, index, axis=1):
    no_batch(axis, len(shapes[0]) + 1)
    return [], lambda x: x.select(axis, index)


@own
def Slice(shapes, start=0, end=None, step=1, axis=1):
    rank = len(shapes[0]) + 1
    axis = no_batch(axis, rank)
    size = shapes[0][axis - 1]
    if end is not None and end > size or start < -size:
        raise Refused("PyTorch would cut it off silently")
    cut = [slice(None)] * axis + [slice(start, end, step)]
    return [], lambda x: x[tuple(cut)]


@own
def Split(shapes, sections, axis=-1):
    axis = no_batch(axis, len(shapes[0]) + 1)
    if isinstance(sections, tuple):
        return [], lambda x: x.split(list(sections), axis)
    whole(sections)
    if shapes[0][axis - 1] % sections:
        raise Refused("the parts differ")
    return [], lambda x: x.chunk(sections, axis)


@own
def Identity(shapes):
    return [], nn.Identity()


FUNCTIONS = {
    "SELU": F.selu, "SiLU": F.silu, "Mish": F.mish, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Softplus": F.softplus,
    "Softsign": F.softsign, "HardSigmoid": F.hardsigmoid, "HardSwish": F.hardswish, "HardTanh": F.hardtanh,
    "Exponential": torch.exp,
}
for _name, _function in FUNCTIONS.items():
    OWN[_name] = lambda shapes, f=_function: ([], lambda x: f(x))


@own
def CELU(shapes, alpha=1.0):
    return [], nn.CELU(alpha)


@own
def GELU(shapes, approximate=False):
    return [], nn.GELU("tanh" if approximate else "none")


@own
def LogSoftmax(shapes, axis=-1):
    no_batch(axis, len(shapes[0]) + 1)
    return [], nn.LogSoftmax(axis)


@own
def GLU(shapes, axis=-1):
    no_batch(axis, len(shapes[0]) + 1)
    return [], nn.GLU(axis)


@own
def InstanceNormalization(shapes, axis=-1, epsilon=1e-5, affine=False):
    rank = len(shapes[0])
    axis = no_batch(axis, rank + 1)
    if rank < 2:
        raise Refused("no positions beside the channels")
    layer = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)[min(rank, 4) - 2](shapes[0][axis - 1], epsilon, affine=affine)
    return [layer], lambda x: layer(x.movedim(axis, 1)).movedim(1, axis)


@own
def LocalResponseNormalization(shapes, size, alpha=1e-4, beta=0.75, k=1.0, data_format="channels_last"):
    if len(shapes[0]) < 2:
        raise Refused("no positions beside the channels")
    whole(size)
    return [], second(data_format, nn.LocalResponseNorm(size, alpha, beta, k))


@own
def StochasticDepth(shapes, rate=0.5, mode="row"):
    if not 0 <= rate < 1 or mode not in ("row", "batch"):
        raise ValueError("torchvision has neither")
    return [], nn.Identity()


def second(data_format, call):
    """A call on values with their channels second."""
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(data_format)
    return call if data_format == "channels_first" else lambda x: call(x.movedim(-1, 1)).movedim(1, -1)


def images(shapes):
    if len(shapes[0]) != 3:
        raise Refused("no batch of images")


@own
def DepthToSpace(shapes, block_size, data_format="channels_last"):
    images(shapes)
    whole(block_size)
    return [], second(data_format, nn.PixelShuffle(block_size))


@own
def SpaceToDepth(shapes, block_size, data_format="channels_last"):
    images(shapes)
    whole(block_size)
    return [], second(data_format, nn.PixelUnshuffle(block_size))


@own
def ChannelShuffle(shapes, groups, data_format="channels_last"):
    whole(groups)
    return [], second(data_format, nn.ChannelShuffle(groups))


@own
def PatchEmbedding(shapes, patch_size, embed_dim, use_bias=True, data_format="channels_last"):
    images(shapes)
    whole(embed_dim, *spread(patch_size, 2))
    first = data_format == "channels_first"
    height, width = shapes[0][1:] if first else shapes[0][:2]
    if height % spread(patch_size, 2)[0] or width % spread(patch_size, 2)[1]:
        raise Refused("torchvision rejects patches that do not cover the image")
    layer = Patches(shapes[0][0 if first else -1], patch_size, embed_dim, use_bias)
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(data_format)
    return [layer], layer if first else lambda x: layer(x.movedim(-1, 1))


# Integer padding, ceil mode: PyTorch's convolutions and pools.


def pairs(padding, rank):
    entries = [padding] * rank if isinstance(padding, int) else list(padding)
    found = [(p, p) if isinstance(p, int) else tuple(p) for p in entries]
    if len(found) != rank or any(len(p) != 2 for p in found) or any(n < 0 or not isinstance(n, int) for p in found for n in p):
        raise ValueError(f"padding {padding}")
    return found


def padded(x, amounts, value=0.0):
    return F.pad(x, [n for pair in reversed(amounts) for n in pair], value=value)


def sides(shapes, rank, data_format):
    if len(shapes[0]) != rank + 1:
        raise Refused("another rank")
    return (shapes[0][0], shapes[0][1:]) if data_format == "channels_first" else (shapes[0][-1], shapes[0][:-1])


def known(activation):
    if activation not in (None, "gelu_tanh"):
        keras.activations.get(activation)


def expected(layer, arguments):
    """Only what Keras's layer takes as well."""
    unknown = set(arguments) - set(inspect.signature(getattr(K, layer).__init__).parameters)
    if unknown:
        raise TypeError(f"{layer} has no {unknown}")


def convolution(rank, name):
    def make(shapes, filters=None, kernel_size=None, strides=1, padding="valid", dilation_rate=1, groups=1, activation=None,
             use_bias=True, data_format="channels_last", depth_multiplier=1, **weights):
        if isinstance(padding, str) or filters is None and "Depthwise" not in name or kernel_size is None:
            return None
        expected(name, weights)
        channels, _ = sides(shapes, rank, data_format)
        known(activation)
        amounts = pairs(padding, rank)
        if max(spread(strides, rank)) > 1 and max(spread(dilation_rate, rank)) > 1:
            raise ValueError("strides and dilation_rate")
        layer = getattr(nn, f"Conv{rank}d")
        if "Conv" in name and name.startswith("Conv"):
            parts = [layer(channels, filters, kernel_size, strides, 0, dilation_rate, groups, use_bias)]
        else:
            whole(depth_multiplier)
            parts = [layer(channels, channels * depth_multiplier, kernel_size, strides, 0, dilation_rate, channels,
                           use_bias and "Depthwise" in name)]
            if "Separable" in name:
                parts.append(layer(channels * depth_multiplier, filters, 1, bias=use_bias))
        return parts, second(data_format, lambda x: nn.Sequential(*parts)(padded(x, amounts)))
    return make


def transposed_convolution(rank):
    def make(shapes, filters=None, kernel_size=None, strides=1, padding="valid", output_padding=None, dilation_rate=1,
             activation=None, use_bias=True, data_format="channels_last", **weights):
        if isinstance(padding, str) or filters is None or kernel_size is None:
            return None
        expected(f"Conv{rank}DTranspose", weights)
        channels, _ = sides(shapes, rank, data_format)
        known(activation)
        amounts = pairs(padding, rank)
        if max(spread(strides, rank)) > 1 and max(spread(dilation_rate, rank)) > 1:
            raise ValueError("strides and dilation_rate")
        extra = output_padding or 0
        if any(o >= s for o, s in zip(spread(extra, rank), spread(strides, rank))):
            # PyTorch goes up to the dilation too, where the last rows are bias alone.
            raise ValueError("output_padding")
        layer = getattr(nn, f"ConvTranspose{rank}d")(channels, filters, kernel_size, strides, 0, extra, 1, use_bias, dilation_rate)
        # The padding of a transposed convolution is taken off.
        return [layer], second(data_format, lambda x: padded(layer(x), [(-a, -b) for a, b in amounts]))
    return make


def pool(rank, kind):
    def make(shapes, pool_size=2, strides=None, padding="valid", ceil_mode=False, data_format="channels_last"):
        if isinstance(padding, str) and padding not in ("valid", "same"):
            raise ValueError(padding)
        if padding == "same" or padding == "valid" and not ceil_mode:
            kwargs = {"pool_size": pool_size, "strides": strides, "padding": padding, "data_format": data_format}
            layer = getattr(K, f"{kind}Pooling{rank}D")(**kwargs)
            return [], layer
        sides(shapes, rank, data_format)
        amounts = pairs(0 if padding == "valid" else padding, rank)
        size = spread(pool_size, rank)
        if any(2 * max(a) > s for a, s in zip(amounts, size)):
            raise ValueError("pad should be at most half of the window")
        function = getattr(F, f"{'max' if kind == 'Max' else 'avg'}_pool{rank}d")
        even = all(a == b for a, b in amounts)
        if not even and ceil_mode:
            raise Refused("uneven padding with ceil_mode")
        ahead, inside = ([], tuple(a for a, _ in amounts)) if even else (amounts, 0)
        return [], second(data_format, lambda x: function(padded(x, ahead) if ahead else x, pool_size, strides, inside, ceil_mode=ceil_mode))
    return make


def adaptive(rank, kind):
    def make(shapes, output_size, data_format="channels_last"):
        sides(shapes, rank, data_format)
        if not any(n is None for n in (output_size if isinstance(output_size, tuple) else (output_size,))):
            return [], getattr(K, f"Adaptive{kind}Pooling{rank}D")(output_size, data_format=data_format)
        sizes = spread_none(output_size, rank)
        whole(*sizes)
        function = getattr(F, f"adaptive_{'max' if kind == 'Max' else 'avg'}_pool{rank}d")
        _, places = sides(shapes, rank, data_format)
        sizes = tuple(place if n is None else n for n, place in zip(sizes, places))
        return [], second(data_format, lambda x: function(x, sizes))
    return make


def spread_none(value, rank):
    found = (value,) * rank if value is None or isinstance(value, int) else tuple(value)
    if len(found) != rank:
        raise ValueError(value)
    return found


for _rank in 1, 2, 3:
    OWN[f"Conv{_rank}D"] = convolution(_rank, f"Conv{_rank}D")
    OWN[f"Conv{_rank}DTranspose"] = transposed_convolution(_rank)
    for _kind in "Max", "Average":
        OWN[f"{_kind}Pooling{_rank}D"] = pool(_rank, _kind)
        OWN[f"Adaptive{_kind}Pooling{_rank}D"] = adaptive(_rank, _kind)
for _rank in 1, 2:
    OWN[f"DepthwiseConv{_rank}D"] = convolution(_rank, f"DepthwiseConv{_rank}D")
    OWN[f"SeparableConv{_rank}D"] = convolution(_rank, f"SeparableConv{_rank}D")


# Attention


def sequence(shape):
    if len(shape) != 2:
        raise Refused("no sequence of vectors")


@own
def SelfAttention(shapes, units=None, use_bias=True, causal=False):
    sequence(shapes[0])
    whole(units)
    layer = modules.OneHead(shapes[0][1], units or shapes[0][1], use_bias)
    return [layer], layer


@own
def AxialAttention(shapes, num_heads, key_dim=None, use_bias=True):
    images(shapes)
    width = shapes[0][2]
    if key_dim is None and width % num_heads:
        raise ValueError("heads do not divide")
    layer = modules.Axes(width, num_heads, width // num_heads if key_dim is None else key_dim, use_bias)
    return layer.parts, layer


@own
def NonLocalBlock(shapes, units=None, use_bias=True):
    if len(shapes[0]) < 2:
        raise Refused("no places")
    whole(units)
    layer = modules.NonLocal(shapes[0][-1], units or max(1, shapes[0][-1] // 2), use_bias)
    return [layer], layer


def plain(layer):
    def run(*given):
        with torch.enable_grad():  # the path that can be counted
            return layer(*given).detach()
    return run


def transformer(kind, count):
    def make(shapes, num_heads=8 if count == 3 else None, ff_dim=2048, dropout=0.1, activation="relu", norm_first=False, causal=None,
             epsilon=1e-5, **layers):
        if num_heads is None:
            raise TypeError("num_heads is missing")
        for shape in shapes:
            sequence(shape)
        known(activation)
        function = F.relu if activation in ("relu", None) else (lambda x: keras.activations.get(activation)(x)) if activation != "gelu_tanh" else F.gelu
        if activation is None or count > 1 and len(shapes) != 2:
            raise TypeError
        width = shapes[-1 if kind == "Transformer" else 0][1]
        options = dict(dim_feedforward=ff_dim, dropout=dropout, activation=function, layer_norm_eps=epsilon, batch_first=True, norm_first=norm_first)
        whole(ff_dim, num_heads, *layers.values())
        if kind == "Transformer":
            sizes = {"num_encoder_layers": 6, "num_decoder_layers": 6, **layers}
            layer = nn.Transformer(width, num_heads, **sizes, **options)
        elif layers:
            raise TypeError(layers)
        elif kind == "TransformerDecoder" and shapes[1][1] != width:
            # PyTorch's memory has the width of the target; here it may have its own.
            layer = nn.TransformerDecoderLayer(width, num_heads, **options)
            layer.multihead_attn = nn.MultiheadAttention(width, num_heads, dropout, kdim=shapes[1][1], vdim=shapes[1][1], batch_first=True)
        else:
            layer = getattr(nn, f"{kind}Layer")(width, num_heads, **options)
        return [layer], plain(layer)
    return make


OWN["TransformerEncoder"] = transformer("TransformerEncoder", 1)
OWN["TransformerDecoder"] = transformer("TransformerDecoder", 2)
OWN["Transformer"] = transformer("Transformer", 3)


@own
def PositionEmbedding(shapes, max_length=None):
    sequence(shapes[0])
    whole(max_length)
    layer = modules.Positions(max_length or shapes[0][0], shapes[0][1])
    return [layer], layer


@own
def SinusoidalPositionEncoding(shapes, max_wavelength=10000.0):
    sequence(shapes[0])
    if max_wavelength <= 0:
        raise ValueError("a wave has a length")
    return [], lambda x: x + torch.zeros(x.shape[1:])


@own
def RotaryEmbedding(shapes, max_wavelength=10000.0):
    if len(shapes[0]) < 2:
        raise Refused("no sequence")
    if max_wavelength <= 0:
        raise ValueError("a wave has a length")
    return [], lambda x: torch.stack((x[..., ::2], x[..., 1::2]), -1).flatten(-2)


# Blocks


@own
def Inception(shapes, filters_1x1, filters_3x3_reduce, filters_3x3, filters_5x5_reduce, filters_5x5, filters_pool, activation="relu",
              use_bias=True, data_format="channels_last"):
    images(shapes)
    known(activation)
    filters = filters_1x1, filters_3x3_reduce, filters_3x3, filters_5x5_reduce, filters_5x5, filters_pool
    whole(*filters)
    channels = shapes[0][0 if data_format == "channels_first" else -1]
    layer = modules.Inception(channels, *filters, use_bias)
    return [layer], second(data_format, layer)


@own
def SqueezeExcitation(shapes, ratio=16, reduced=None, activation="relu", gate_activation="sigmoid", data_format="channels_last"):
    images(shapes)
    known(activation), known(gate_activation)
    whole(ratio, reduced)
    channels = shapes[0][0 if data_format == "channels_first" else -1]
    if reduced is None and channels >= ratio and channels % ratio:
        raise Refused("a width rounded down is rarely meant")
    layer = modules.Squeeze(channels, reduced or max(1, channels // ratio))
    return [layer], second(data_format, layer)


@own
def PrimaryCapsules(shapes, capsules, dim, kernel_size=9, strides=2, padding="valid"):
    images(shapes)
    layer = K.Conv2D(capsules * dim, kernel_size, strides, padding)
    return [layer], lambda x: layer(x).reshape(x.shape[0], -1, dim)


@own
def CapsuleLayer(shapes, capsules, dim, routings=3):
    sequence(shapes[0])
    whole(capsules, dim, routings)
    layer = modules.Capsules(*shapes[0], capsules, dim, routings)
    return [layer], layer


@own
def SpatialTransformer(shapes, localization_units=32, output_size=None):
    images(shapes)
    size = shapes[0][:2] if output_size is None else spread(output_size, 2)
    if len(size) != 2:
        raise ValueError(output_size)
    whole(localization_units, *size)
    layer = nn.Sequential(nn.Flatten(), nn.Linear(prod(shapes[0]), localization_units), nn.Linear(localization_units, 6))
    def sampled(x):
        grid = F.affine_grid(layer(x).view(-1, 2, 3), (x.shape[0], x.shape[3], *size), align_corners=False)
        return F.grid_sample(x.movedim(-1, 1), grid, align_corners=False).movedim(1, -1)
    return [layer], sampled


def graph(shapes):
    if len(shapes) != 2:
        raise TypeError("an adjacency is missing")
    sequence(shapes[0]), sequence(shapes[1])
    if shapes[1] != (shapes[0][0],) * 2:
        raise Refused("the adjacency has other nodes")


@own
def GraphConv(shapes, units, activation=None, use_bias=True):
    graph(shapes)
    known(activation)
    whole(units)
    layer = modules.Graph(shapes[0][1], units, use_bias)
    return [layer], layer


@own
def GraphAttention(shapes, units, heads=1, concat=True, activation=None, dropout=0.0, negative_slope=0.2, use_bias=True):
    graph(shapes)
    known(activation)
    whole(units, heads)
    nn.Dropout(dropout), K.LeakyReLU(negative_slope)
    layer = modules.GraphAttention(shapes[0][1], units, heads, concat, use_bias)
    return [layer], layer


@own
def QuantumLayer(shapes, qubits, depth=1, template="strongly_entangling"):
    whole(qubits, depth)
    sizes = {"strongly_entangling": (depth, qubits, 3), "basic_entangler": (depth, qubits)}[template]
    if shapes[0] != (qubits,):
        raise Refused("a circuit reads as many values as it has qubits")
    layer = Scaled(sizes)
    return [layer], lambda x: x


@own
def MixtureOfExperts(shapes, experts, top_k=2, ff_dim=None, activation="relu", use_bias=True):
    known(activation)
    whole(experts, top_k, ff_dim)
    if experts < 2:
        raise Refused("nothing to route")
    width = shapes[0][-1]
    hidden = ff_dim or 4 * width
    router = nn.Linear(width, experts, bias=False)
    parts = [nn.Sequential(nn.Linear(width, hidden, use_bias), nn.Linear(hidden, width, use_bias)) for _ in range(experts)]
    def run(x):
        weights, picked = router(x).topk(top_k, -1)
        results = torch.stack([part(x) for part in parts], -2)
        chosen = results.gather(-2, picked[..., None].expand(*picked.shape, width))
        return (chosen * weights.softmax(-1)[..., None]).sum(-2)
    return [router, *parts], run


@own
def ConvGRU2D(shapes, filters, kernel_size, strides=1, padding="valid", dilation_rate=1, activation="tanh", recurrent_activation="sigmoid",
              use_bias=True, dropout=0.0, recurrent_dropout=0.0, seed=None, return_sequences=False, return_state=False,
              go_backwards=False, data_format="channels_last"):
    """Ballas's: three gates, each a convolution of the frame and one of the state at the result's size."""
    known(activation), known(recurrent_activation)
    if len(shapes[0]) != 4 or activation is None or recurrent_activation is None:
        raise Refused("no images in time")
    nn.Dropout(dropout), nn.Dropout(recurrent_dropout)
    frames = K.TimeDistributed(K.Conv2D(3 * filters, kernel_size, strides, padding, data_format, dilation_rate, use_bias=use_bias))
    state = K.Conv2D(3 * filters, kernel_size, padding="same", data_format=data_format, use_bias=False)
    def run(x):
        gates = frames(x)
        axis = 2 if data_format == "channels_first" else -1
        h = torch.zeros_like(gates.chunk(3, axis)[0])
        state(h[:, 0])
        every = h if return_sequences else h[:, -1]
        return [every, h[:, -1]] if return_state else every
    return [frames, state], run


def gru_macs(call, shape):
    first = call.get("data_format") == "channels_first"
    kernel = spread(call.get("kernel_size"), 2)
    layer = K.Conv2D(1, call.get("kernel_size"), call.get("strides", 1), call.get("padding", "valid"), call.get("data_format", "channels_last"),
                     call.get("dilation_rate", 1))
    out = layer.compute_output_shape((1, *shape[1:]))
    channels, filters = shape[1] if first else shape[-1], call.get("filters")
    return shape[0] * prod(out) * prod(kernel) * 3 * filters * (channels + filters)


PAPER_MACS = {
    "ConvGRU2D": gru_macs,
    "MixtureOfExperts": lambda call, shape: prod(shape[:-1]) * (
        shape[-1] * call.get("experts") + call.get("top_k", 2) * 2 * shape[-1] * (call.get("ff_dim") or 4 * shape[-1])),
}
