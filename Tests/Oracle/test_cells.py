"""Every cell: the stated shape and count are the framework's, and so are the numbers, in each target."""

import json
import sys
from math import prod

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import generated_model
import tensorflow_side
import transfer
from cells import CELLS, INVALID, Build
from program import Failed, load, shape, tensors, value

BATCH = 3
# ONNX's models are compared in test_generate_onnx.py.
PYTHON = ("pytorch", "tensorflow", "jax")
HERE = [i for i, c in enumerate(CELLS) if set(c.targets) & set(PYTHON)]


def reference(cell):
    """The framework's side: weights, inputs, outputs, multiply-accumulates of one sample."""
    generator = torch.Generator().manual_seed(1)
    inputs = [
        torch.randint(0, 10, (BATCH, *s), generator=generator, dtype=torch.int32) if cell.integers
        else torch.randn((BATCH, *s), generator=generator)
        for s in cell.shapes
    ]
    with torch.no_grad():
        cell.call(*inputs)  # builds
        layers = [l.layer() if isinstance(l, Build) else l for l in cell.layers]
        transfer.randomize(layers)
        # Keras's recurrent layers are plain products here, so they are counted too.
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            outputs = tensors(cell.call(*inputs))
    macs, rest = divmod(counter.get_total_flops(), 2 * BATCH)
    assert rest == 0
    return layers, inputs, outputs, macs if cell.macs is None else cell.macs


def count(layers):
    total = trainable = 0
    for layer in layers:
        if hasattr(layer, "count_params"):
            total += layer.count_params()
            trainable += sum(w.value.numel() for w in layer.trainable_weights)
        else:
            total += sum(p.numel() for p in layer.parameters())
            trainable += sum(p.numel() for p in layer.parameters())
    return total, trainable


def numbered(cells):
    """Cells in one file, `Cell0`, `Cell1` and so on."""
    return "".join(c.source().replace("network Cell", f"network Cell{i}") for i, c in cells)


@pytest.fixture(scope="session")
def written(program, tmp_path_factory):
    """What the program says of each cell, and the modules that it writes for them, one for each target."""
    folder = tmp_path_factory.mktemp("cells")
    summaries, modules = {}, {}
    for target in PYTHON:
        path = folder / f"{target}.neural"
        path.write_text(numbered((i, c) for i, c in enumerate(CELLS) if target in c.targets))
        output = folder / f"cells_{target}.py"
        result = program("generate", path, "--target", target, "-o", output, timeout=600)
        assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")[-4000:]
        answer = json.loads(program("summary", path, "--format", "json").stdout)
        summaries.update({n["name"]: n for n in answer["networks"]})
        modules[target] = output
    modules["pytorch"] = load(modules["pytorch"])
    return summaries, modules


def read_weights(module, layers, file):
    """By the module's own `load_weights` from the file that TensorFlow read, else by kind and size."""
    functions = sys.modules[type(module).__module__]
    if file and layers and hasattr(functions, "load_weights"):
        functions.load_weights(module, file)
        again = file.with_name("again.safetensors")
        functions.save_weights(module, again)
        wanted, stored = tensorflow_side.load_file(file), tensorflow_side.load_file(again)
        assert wanted.keys() == stored.keys()
        for name, array in wanted.items():
            assert array.shape == stored[name].shape and (array == stored[name]).all(), name
    else:
        transfer.load(module, transfer.primitives(layers))


def judge(cell, summary, make=None, others=()):
    """Holds what is stated of a cell to the framework, the PyTorch module that `make` gives for it, and the models
    that other targets' modules (process, file, network) make."""
    layers, inputs, outputs, macs = reference(cell)
    stated = [shape(o["shape"], {"batch": BATCH}) for o in summary["outputs"]]
    # Without `outputs:` the last current value counts: of a layer with several, the first.
    wanted = [tuple(o.shape) for o in outputs][: len(stated)]
    assert stated == wanted
    total, trainable = count(layers)
    assert (summary["parameters"], summary["trainable"]) == (total, trainable)
    assert value(summary["macs"], {}) == macs

    file = None
    for process, module, network in others:
        weights = tensorflow_side.in_order(process.weights(module, network), summary)
        assert sum(prod(size) for _, size, trained in weights if trained) == trainable
        file = tensorflow_side.write(
            process.folder / "weights.safetensors", tensorflow_side.named(weights, transfer.primitives(layers)))
        mine = process.run(module, network, inputs, weights=file)
        assert len(mine) == len(stated)
        for a, b in zip(mine, outputs):
            assert transfer.difference(torch.from_numpy(a), b) <= 1e-5
    if make:
        module = make()
        owned = sum(p.numel() for p in module.parameters() if p.requires_grad)
        assert owned == trainable
        read_weights(module, layers, file)
        module.eval()
        with torch.no_grad():
            mine = tensors(module(*inputs))
        assert len(mine) == len(stated)
        for a, b in zip(mine, outputs):
            assert transfer.difference(a, b) <= 1e-5


@pytest.mark.parametrize("index", HERE, ids=[CELLS[i].name for i in HERE])
def test_cell(written, tensorflow, jax, index):
    summaries, modules = written
    cell, name = CELLS[index], f"Cell{index}"
    judge(
        cell, summaries[name],
        getattr(modules["pytorch"], name) if "pytorch" in cell.targets else None,
        [(process, modules[target], name) for target, process in (("tensorflow", tensorflow), ("jax", jax))
         if target in cell.targets])


def test_the_code_is_tidy(written):
    """Every layer as it is written, by ruff's rules."""
    _, modules = written
    generated_model.are_tidy([getattr(module, "__file__", module) for module in modules.values()])


@pytest.mark.parametrize("cell", INVALID, ids=[f"{c.text} on {c.shapes}" for c in INVALID])
def test_rejected(program, tmp_path, cell):
    inputs = [torch.zeros((BATCH, *s)) for s in cell.shapes]
    with pytest.raises(Exception):
        cell.call(*inputs)
    path = tmp_path / "cell.neural"
    path.write_text(cell.source())
    status, answer = program.check(path)
    errors = [d for d in answer["files"][0]["diagnostics"] if d["severity"] == "error"]
    assert status == 1 and len(errors) == 1, answer
    # Nothing is generated from it.
    with pytest.raises(Failed):
        program.generate(path, tmp_path, "Cell")
