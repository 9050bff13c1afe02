"""The shape cells: shape, parameters and work are the framework's, and what we reject it rejects."""

import inspect
import json
import os
from bisect import bisect_right
from collections import defaultdict

import keras
import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import shape_convolution, shape_pytorch, shape_recurrent, shape_values  # noqa: E401, F401: they fill the lists
import support
from declarations import LAYERS, TRANSLATIONS
from program import ROOT, shape, tensors, value
from shape_cells import CELLS, REJECTIONS, source
from support import UNCOVERED

BATCH = 3


def inputs(cell):
    generator = torch.Generator().manual_seed(1)
    if cell.integers:
        return [torch.randint(0, 5, (BATCH, *s), generator=generator, dtype=torch.int32) for s in cell.shapes]
    return [torch.rand((BATCH, *s), generator=generator) for s in cell.shapes]


def count(layers):
    total = trainable = 0
    for layer in layers:
        if hasattr(layer, "count_params"):
            total += layer.count_params()
            trainable += sum(w.value.numel() for w in layer.trainable_weights)
        else:
            own = sum(p.numel() for p in layer.parameters())
            statistics = sum(b.numel() for n, b in layer.named_buffers() if "running" in n)
            total, trainable = total + own + statistics, trainable + own
    return total, trainable


def reference(cell):
    """The framework's side: the shapes of the outputs, parameters in all and trained, work of one sample."""
    if cell.make is None:
        return [(BATCH, *s) for s in cell.outputs], *cell.counts, cell.macs
    layers, call = cell.make()
    given = inputs(cell)
    with torch.no_grad():
        call(*given)  # builds; some of Keras's layers run a step more for it
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            outputs = [tuple(o.shape) for o in tensors(call(*given))]
    macs, rest = divmod(counter.get_total_flops(), 2 * BATCH)
    assert rest == 0
    return outputs, *count(layers), macs if cell.macs is None else cell.macs


def stated_shapes(network):
    return [shape(o["shape"], {"batch": BATCH}) for o in network["outputs"]]


# What the program says of all cells, asked once.


def written_out(cells, path):
    """One file for all; where each network of it begins."""
    lines, parts, line = [], [], 0
    for index, cell in enumerate(cells):
        text = source(cell, f"Cell{index}")
        lines.append(line)
        parts.append(text)
        line += text.count("\n")
    path.write_text("".join(parts))
    return lines


def errors(program, path, lines):
    """The errors of each network, by its number."""
    _, answer = program.check(path)
    found = defaultdict(list)
    for diagnostic in answer["files"][0]["diagnostics"]:
        if diagnostic["severity"] == "error":
            line = diagnostic["range"]["start"]["line"]
            found[bisect_right(lines, line) - 1].append((diagnostic["code"], diagnostic["message"]))
    return found


@pytest.fixture(scope="session")
def stated(program, tmp_path_factory):
    path = tmp_path_factory.mktemp("shapes") / "cells.neural"
    found = errors(program, path, written_out(CELLS, path))
    answer = json.loads(program("summary", path, "--format", "json").stdout)
    return found, {n["name"]: n for n in answer["networks"]}


@pytest.fixture(scope="session")
def refused(program, tmp_path_factory):
    path = tmp_path_factory.mktemp("shapes") / "rejections.neural"
    return errors(program, path, written_out(REJECTIONS, path))


@pytest.mark.parametrize("index", range(len(CELLS)), ids=[c.title for c in CELLS])
def test_shape(stated, index):
    found, networks = stated
    cell = CELLS[index]
    assert index not in found, found[index]
    network = networks[f"Cell{index}"]
    outputs, total, trainable, macs = reference(cell)
    shapes = stated_shapes(network)
    # Without `outputs:` the last current value counts: of a layer with several, the first.
    assert shapes == outputs[: len(shapes)]
    assert (network["parameters"], network["trainable"]) == (total, trainable)
    assert value(network["macs"], {}) == macs


@pytest.mark.parametrize("index", range(len(REJECTIONS)), ids=[c.title for c in REJECTIONS])
def test_rejection(refused, index):
    """One error, of the code that says why; the framework fails too, or the reason is written down."""
    cell = REJECTIONS[index]
    assert [code for code, _ in refused[index]] == [cell.code], refused[index]
    if cell.call is None:
        assert cell.reason
        return
    with pytest.raises(Exception), torch.no_grad():
        cell.call(*inputs(cell))


# Every layer and every parameter has its cells, and the page says so.


@pytest.mark.parametrize("layer", LAYERS.values(), ids=list(LAYERS))
def test_layer_is_covered(layer):
    mine = [c for c in CELLS if c.layer == layer.name]
    assert mine, f"{layer.name} has no cell"
    seen = set().union(*(c.parameters for c in mine))
    if any(c.channels_first for c in mine):
        seen.add("data_format")
    missing = set(layer.parameters) - seen - UNCOVERED.get(layer.name, set())
    assert not missing, f"{layer.name}: nothing has {missing} off the default"


@pytest.mark.parametrize("target", support.COMPARED)
def test_written_code_is_compared(target):
    """A target writes a layer only if a test has compared its numbers (test_cells.py)."""
    written = {name for name, declaration in LAYERS.items() if declaration.is_written_for(target)}
    assert written <= support.COMPARED[target]


@pytest.mark.parametrize("name", list(TRANSLATIONS))
def test_translation_is_covered(name):
    assert any(c.layer == f"nn.{name}" for c in CELLS), f"nn.{name} has no cell"


def in_keras(name):
    return getattr(keras.layers, {"GroupedQueryAttention": "GroupQueryAttention"}.get(name, name), None)


@pytest.mark.parametrize("layer", [d for n, d in LAYERS.items() if in_keras(n)], ids=[n for n in LAYERS if in_keras(n)])
def test_signature_is_keras(layer):
    """Keras's parameters, in its order and with its defaults; what we leave out or add is listed."""
    kind = in_keras(layer.name)
    theirs = {
        name: parameter.default
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if name not in ("self", "name", "dtype", "data_format", *support.NOT_READ)
        and parameter.kind is not parameter.VAR_KEYWORD and not name.endswith(("_initializer", "_regularizer", "_constraint"))
    }
    ours = [n for n in layer.parameters if n in theirs]
    added = [n for n in layer.parameters if n not in theirs]
    assert set(theirs) - set(ours) <= support.LEFT_OUT.get(layer.name, set()), "of Keras's, not here"
    assert ours == [n for n in theirs if n in ours], "another order than Keras's"
    # What is ours alone comes last, so that positions mean what they mean in Keras.
    assert list(layer.parameters)[: len(ours)] == ours or support.ADDED_BETWEEN.get(layer.name) == added, added
    for name in ours:
        default = layer.parameters[name]
        assert (default is None) == (theirs[name] is inspect.Parameter.empty) or name in support.OWN_DEFAULT.get(layer.name, ()), name
        if default is not None and name not in support.OWN_DEFAULT.get(layer.name, ()):
            assert support.same_default(default, theirs[name]), f"{name} = {default}, Keras has {theirs[name]}"


def test_support_page_is_up_to_date():
    page = ROOT / "Docs" / "support.md"
    wanted = support.page(CELLS, REJECTIONS)
    if os.environ.get("NEURAL_WRITE_SUPPORT"):
        page.write_text(wanted)
    assert page.read_text() == wanted, "run the tests once with NEURAL_WRITE_SUPPORT=1"
