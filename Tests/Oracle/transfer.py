"""Copies the weights of Keras layers, or of PyTorch modules, into a generated PyTorch module.

Both sides become a list of primitives in Keras's layout. A generated module is walked in the order
of its definition; each sub-module that owns weights takes the first primitive that is left and fits
it in kind and size. Names play no part.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass(eq=False)  # Each is itself; arrays do not compare to one answer.
class Primitive:
    kind: str  # dense, convolution, embedding, batch_norm, norm, lstm, gru
    arrays: dict  # in Keras's layout; absent ones are not there

    def __repr__(self):
        return f"{self.kind}{ {k: v.shape for k, v in self.arrays.items()} }"


def primitive(kind, **arrays):
    return Primitive(kind, {k: np.asarray(v) for k, v in arrays.items() if v is not None})


def randomize(layers, seed=0):
    """Every weight, scale, bias and moving statistic random: a default hides a mistake."""
    rng = np.random.default_rng(seed)
    for layer in layers:
        if isinstance(layer, nn.Module) and not hasattr(layer, "set_weights"):
            for name, tensor in [*layer.named_parameters(), *layer.named_buffers()]:
                if tensor.is_floating_point():
                    with torch.no_grad():
                        tensor.copy_(torch.from_numpy(sample(rng, tensor.shape, "var" in name)))
            continue
        layer.set_weights([sample(rng, w.shape, "variance" in w.path) for w in layer.weights])
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()  # Normalization computes with a copy.


def sample(rng, shape, positive):
    if positive:
        return rng.uniform(0.5, 1.5, shape).astype("float32")
    fan = max(1, int(np.prod(shape[:-1]))) if len(shape) > 1 else 1
    scale = 1 / np.sqrt(fan) if len(shape) > 1 else 0.5
    return rng.normal(0, scale, shape).astype("float32")


# From Keras


def from_keras(layer):
    """The primitives of a Keras layer, in the order of its weights' creation."""
    arrays = {w.name: w.numpy() for w in layer.weights}
    kind = type(layer).__name__
    if kind == "SpectralNormalization":
        # The vector of its iteration acts in training only.
        return from_keras(layer.layer)
    if kind == "Bidirectional":
        return from_keras(layer.forward_layer) + from_keras(layer.backward_layer)
    if kind in ("MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention"):
        result = []
        for part in (layer._query_dense, layer._key_dense, layer._value_dense, layer._output_dense):
            kernel = part.kernel.numpy()
            rows = kernel.shape[0] if part is not layer._output_dense else int(np.prod(kernel.shape[:2]))
            bias = None if part.bias is None else part.bias.numpy().reshape(-1)
            result.append(primitive("dense", kernel=kernel.reshape(rows, -1), bias=bias))
        return result
    if kind == "RNN":
        cells = getattr(layer.cell, "cells", [layer.cell])
        return [Primitive(type(cell).__name__, {w.name: w.numpy() for w in cell.weights}) for cell in cells]
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        cell = layer.cell
        bias = None if cell.bias is None else cell.bias.numpy()
        return [primitive(
            kind.lower(), kernel=cell.kernel.numpy(), recurrent=cell.recurrent_kernel.numpy(), bias=bias)]
    if kind == "BatchNormalization":
        return [primitive(
            "batch_norm", gamma=arrays.get("gamma"), beta=arrays.get("beta"),
            mean=arrays["moving_mean"], variance=arrays["moving_variance"])]
    if kind == "Normalization":
        # Constants that the call gives are no weights.
        return [primitive("moments", mean=arrays["mean"], variance=arrays["variance"])] if arrays else []
    if kind == "LayerNormalization":
        found = primitive("norm", gamma=arrays.get("gamma"), beta=arrays.get("beta"))
        return [found] if found.arrays else []
    if kind == "Embedding":
        return [primitive("embedding", kernel=arrays["embeddings"])]
    if kind == "Dense":
        return [primitive("dense", kernel=arrays["kernel"], bias=arrays.get("bias"))]
    if kind == "EinsumDense":
        return [primitive("einsum", kernel=arrays["kernel"], bias=arrays.get("bias"))]
    if kind in ("DepthwiseConv1D", "DepthwiseConv2D"):
        kernel = arrays["kernel"]
        kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
        return [primitive("convolution", kernel=kernel, bias=arrays.get("bias"))]
    if kind in ("SeparableConv1D", "SeparableConv2D"):
        kernel = arrays["depthwise_kernel"]
        return [
            primitive("convolution", kernel=kernel.reshape(*kernel.shape[:-2], 1, -1)),
            primitive("convolution", kernel=arrays["pointwise_kernel"], bias=arrays.get("bias")),
        ]
    if kind in ("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"):
        return [primitive("convolution", kernel=arrays["kernel"], bias=arrays.get("bias"))]
    # What only Keras has, by Keras's names.
    return [Primitive(kind, arrays)] if arrays else []


def from_torch(module):
    """The primitives of a PyTorch module and all below it."""
    data = lambda t: None if t is None else t.detach().numpy()
    result = []
    skip = set()
    for part in module.modules():
        if part in skip:
            continue
        if isinstance(part, nn.MultiheadAttention):
            skip.add(part.out_proj)
            assert part._qkv_same_embed_dim
            biases = [None] * 3 if part.in_proj_bias is None else np.split(data(part.in_proj_bias), 3)
            for weight, bias in zip(np.split(data(part.in_proj_weight), 3), biases):
                result.append(primitive("dense", kernel=weight.T, bias=bias))
            out = part.out_proj
            result.append(primitive("dense", kernel=data(out.weight).T, bias=data(out.bias)))
        elif isinstance(part, nn.Linear):
            result.append(primitive("dense", kernel=data(part.weight).T, bias=data(part.bias)))
        elif isinstance(part, nn.modules.conv._ConvNd):
            result.append(primitive("convolution", kernel=to_hwio(data(part.weight)), bias=data(part.bias)))
        elif isinstance(part, nn.modules.batchnorm._BatchNorm):
            result.append(primitive(
                "batch_norm", gamma=data(part.weight), beta=data(part.bias),
                mean=data(part.running_mean), variance=data(part.running_var)))
        elif isinstance(part, nn.Embedding):
            result.append(primitive("embedding", kernel=data(part.weight)))
        elif isinstance(part, (nn.LayerNorm, nn.modules.instancenorm._InstanceNorm)) and part.weight is not None:
            result.append(primitive("norm", gamma=data(part.weight), beta=data(part.bias)))
        else:
            # A module of the tests' own has the names of the declaration.
            assert not type(part).__module__.startswith("torch.") or not list(part.parameters(recurse=False)), type(part)
            arrays = {n: data(p) for n, p in part.named_parameters(recurse=False)}
            if arrays:
                result.append(Primitive(type(part).__name__, arrays))
    return result


def primitives(layers):
    result = []
    for layer in layers:
        keras_layer = hasattr(layer, "set_weights")
        result += from_keras(layer) if keras_layer else from_torch(layer)
    return result


# Into PyTorch


def to_oihw(kernel):
    return np.moveaxis(kernel, (-1, -2), (0, 1))


def to_hwio(weight):
    return np.moveaxis(weight, (0, 1), (-1, -2))


# Keras i, f, c, o is PyTorch's order i, f, g, o; Keras z, r, h is PyTorch's r, z, n.
GATES = {"lstm": (0, 1, 2, 3), "gru": (1, 0, 2), "simplernn": (0,)}


def gates(kind, array):
    """Reorders the gates in the last axis from Keras's order to PyTorch's."""
    pieces = np.split(array, len(GATES[kind]), axis=-1)
    return np.concatenate([pieces[i] for i in GATES[kind]], axis=-1)


class NoFit(Exception):
    pass


def put(target, array):
    if target.shape != array.shape:
        raise NoFit(f"{tuple(target.shape)} is not {array.shape}")
    return target, array


def pair(kind, owner, p, suffix=""):
    """[(tensor, array)] that put the primitive into a module of a known kind."""
    a = p.arrays
    if p.kind != kind:
        raise NoFit(f"{p.kind} is not {kind}")

    def optional(tensor, array):
        if (tensor is None) != (array is None):
            raise NoFit("one has a bias or scale and the other has not")
        return [] if tensor is None else [put(tensor, array)]

    if kind == "dense":
        return [put(owner.weight, a["kernel"].T), *optional(owner.bias, a.get("bias"))]
    if kind == "convolution":
        return [put(owner.weight, to_oihw(a["kernel"])), *optional(owner.bias, a.get("bias"))]
    if kind == "embedding":
        return [put(owner.weight, a["kernel"])]
    if kind in ("norm", "batch_norm"):
        pairs = []
        for tensor, key, neutral in ((owner.weight, "gamma", 1), (owner.bias, "beta", 0)):
            if tensor is None and key in a:
                raise NoFit(f"no place for {key}")
            if tensor is not None:
                size = tuple(tensor.shape)
                array = a.get(key, np.full(size, neutral, "float32"))
                pairs.append(put(tensor, array.reshape(size) if array.size == tensor.numel() else array))
        if kind == "batch_norm":
            pairs += [put(owner.running_mean, a["mean"]), put(owner.running_var, a["variance"])]
        return pairs
    # Recurrent: one bias in Keras's LSTM, two in PyTorch's; the second stays zero.
    pairs = [
        put(getattr(owner, "weight_ih_l0" + suffix), gates(kind, a["kernel"]).T),
        put(getattr(owner, "weight_hh_l0" + suffix), gates(kind, a["recurrent"]).T),
    ]
    if hasattr(owner, "bias_ih_l0" + suffix) and owner.bias:
        first, second = getattr(owner, "bias_ih_l0" + suffix), getattr(owner, "bias_hh_l0" + suffix)
        bias = a.get("bias", np.zeros(first.shape, "float32"))
        if bias.ndim == 2:
            pairs += [put(first, gates(kind, bias[0])), put(second, gates(kind, bias[1]))]
        else:
            pairs += [put(first, gates(kind, bias)), put(second, np.zeros(second.shape, "float32"))]
    elif "bias" in a:
        raise NoFit("no place for the bias")
    return pairs


def own_tensors(module):
    """Parameters, and buffers that are saved with them: others are constants."""
    state = module.state_dict()
    buffers = module.named_buffers(recurse=False)
    return {
        **dict(module.named_parameters(recurse=False)),
        **{n: b for n, b in buffers if n in state and b.is_floating_point()},
    }


WORDS = {
    "kernel": ("kernel", "weight", "w", "token", "embedding"), "recurrent": ("recurrent", "hh"), "bias": ("bias",),
    "gamma": ("gamma", "weight", "scale"), "beta": ("beta", "bias", "shift"),
    "mean": ("mean",), "variance": ("var",), "alpha": ("alpha", "weight"), "scale": ("scale", "weight"),
    "embeddings": ("embeddings", "weight"),
}


def recurrent_wishes(owner, p):
    """The arrays of a recurrent layer in the layout that a module written by hand has chosen."""
    a = p.arrays
    shapes = [tuple(t.shape) for t in own_tensors(owner).values()]
    # Rows of gates: PyTorch's layout and order. Columns of gates: Keras's own.
    rows = a["kernel"].T.shape in shapes
    order = (lambda array: gates(p.kind, array)) if rows else (lambda array: array)
    turn = (lambda array: order(array).T) if rows else order
    wishes = [("recurrent", turn(a["recurrent"])), ("kernel", turn(a["kernel"]))]
    bias = a.get("bias")
    if bias is not None and bias.ndim == 2 and bias.shape not in shapes:
        wishes += [("bias", order(bias[0])), ("bias", order(bias[1]))]
    elif bias is not None:
        wishes.append(("bias", order(bias)))
    return [(key, [array]) for key, array in wishes]


def pair_by_shape(owner, p):
    """For a module written by hand: by the words in its names, then by shape."""
    left = own_tensors(owner)
    if p.kind in GATES:
        wishes = recurrent_wishes(owner, p)
    else:
        turned = {"dense": lambda k: k.T, "convolution": to_oihw}.get(p.kind)
        wishes = [
            (key, [turned(array), array] if key == "kernel" and turned else [array])
            for key, array in p.arrays.items()
        ]
    pairs = []
    for key, candidates in wishes:
        for name, tensor in left.items():
            lower = name.lower()
            if not any(word in lower for word in WORDS.get(key, (key,))):
                continue
            if key in ("kernel", "recurrent") and "bias" in lower:
                continue
            if key == "kernel" and any(word in lower for word in WORDS["recurrent"]):
                continue
            hit = next((c for c in candidates if c.shape == tensor.shape), None)
            if hit is None and candidates[-1].size == tensor.numel() and candidates[-1].ndim != tensor.ndim:
                hit = candidates[-1].reshape(tensor.shape)
            if hit is not None:
                pairs.append((tensor, hit))
                del left[name]
                break
        else:
            raise NoFit(f"nothing in {type(owner).__name__} takes {key} {candidates[0].shape}")
    trainable = [n for n, t in left.items() if isinstance(t, nn.Parameter) and t.requires_grad]
    if trainable:
        raise NoFit(f"{trainable} of {type(owner).__name__} would keep what they have")
    return pairs


KINDS = [
    (nn.Linear, "dense"), (nn.modules.conv._ConvNd, "convolution"), (nn.Embedding, "embedding"),
    (nn.modules.batchnorm._BatchNorm, "batch_norm"), (nn.LayerNorm, "norm"),
    (nn.LSTM, "lstm"), (nn.GRU, "gru"), (nn.RNN, "simplernn"),
]


def fit(owner, left):
    """The pairs for one module, and what of `left` they use up."""
    errors = []
    kind = next((k for cls, k in KINDS if isinstance(owner, cls)), None)
    for index, p in enumerate(left):
        try:
            if isinstance(owner, nn.MultiheadAttention) or (
                kind == "dense" and p.kind == "dense" and len(left) > index + 2
                and owner.weight.shape[0] == sum(q.arrays["kernel"].shape[1] for q in left[index : index + 3]
                                                 if q.kind == "dense")
                and owner.weight.shape[0] != p.arrays["kernel"].shape[1]
            ):
                three = left[index : index + 3]
                if any(q.kind != "dense" for q in three):
                    raise NoFit("not three projections")
                bias = np.concatenate([q.arrays["bias"] for q in three]) if "bias" in p.arrays else None
                if not isinstance(owner, nn.MultiheadAttention):
                    kernel = np.concatenate([q.arrays["kernel"] for q in three], axis=1)
                    return pair("dense", owner, primitive("dense", kernel=kernel, bias=bias)), three
                four = left[index : index + 4]
                if owner._qkv_same_embed_dim:
                    kernel = np.concatenate([q.arrays["kernel"] for q in three], axis=1)
                    pairs = [put(owner.in_proj_weight, kernel.T)]
                else:
                    names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
                    pairs = [put(getattr(owner, n), q.arrays["kernel"].T) for n, q in zip(names, three)]
                if bias is not None:
                    pairs.append(put(owner.in_proj_bias, bias))
                return pairs + pair("dense", owner.out_proj, four[3]), four
            if kind in ("lstm", "gru", "simplernn"):
                pairs = pair(kind, owner, p)
                if not owner.bidirectional:
                    return pairs, [p]
                return pairs + pair(kind, owner, left[index + 1], "_reverse"), [p, left[index + 1]]
            if kind:
                return pair(kind, owner, p), [p]
            return pair_by_shape(owner, p), [p]
        except NoFit as error:
            errors.append(f"{p}: {error}")
    raise AssertionError(f"nothing that is left fits {owner}: {errors}")


def load(module, wanted):
    """Puts all primitives into the module; every one has to find its place."""
    left = list(wanted)
    skip = set()
    for owner in module.modules():
        if owner in skip:
            continue
        tensors = own_tensors(owner)
        affine = any(isinstance(t, nn.Parameter) and t.requires_grad for t in tensors.values())
        if not affine and not isinstance(owner, nn.modules.batchnorm._BatchNorm):
            if not (tensors and any("mean" in n for n in tensors)):
                continue
        if isinstance(owner, nn.MultiheadAttention):
            skip.add(owner.out_proj)
        pairs, used = fit(owner, left)
        for tensor, array in pairs:
            with torch.no_grad():
                tensor.copy_(torch.from_numpy(np.ascontiguousarray(array)).reshape(tensor.shape))
        left = [p for p in left if not any(p is u for u in used)]
    assert not left, f"no place in the generated module for {left}"


def difference(a, b):
    """max|a-b| / max|b|."""
    a, b = (t.detach().to(torch.float64) for t in (a, b))
    assert a.shape == b.shape, f"{tuple(a.shape)} is not {tuple(b.shape)}"
    assert torch.isfinite(b).all()
    scale = b.abs().max().item()
    return (a - b).abs().max().item() / (scale or 1)
