"""Generated ONNX models: every cell and every example in ONNX Runtime, on the weights of the reference."""

from math import prod

import numpy as np
import onnx
import pytest
import torch

import onnx_side
import reference_models
import tensorflow_side
import transfer
from cells import CELLS
from program import EXAMPLES, random_input, shape, tensors
from test_cells import numbered, reference
from test_generate_pytorch import DEEP, STRUCTURES, Generated
from test_goldens import ROWS

# Of these only the weights are counted: hundreds of megabytes take the program's debug build long to write.
HUGE = {"vit_l_16", "vgg16", "vgg19", "wide_resnet50", "efficientnet_b7", "efficientnet_b7_keras"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("onnx")


def weights_of(program, source, folder, network):
    """(path, shape, whether it is trained) of each weight: the inputs of a model whose weights are inputs."""
    bare = onnx_side.generate(program, source, folder / "bare.onnx", network, "inputs")
    inputs = onnx_side.axes(bare)
    return bare, [(name, size, True) for name, size in inputs.items() if "/" in name]


def compare(program, source, folder, network, layers, inputs, outputs, limit):
    bare, names = weights_of(program, source, folder, network)
    named = tensorflow_side.named(names, transfer.primitives(layers))
    file = tensorflow_side.write(folder / "weights.safetensors", named)
    model = onnx_side.generate(program, source, folder / "model.onnx", network, file)
    # The second way to the same numbers: the weights given when it runs.
    stored = tensorflow_side.load_file(file)
    for result in onnx_side.run(model, inputs), onnx_side.run(bare, inputs, stored):
        for mine, other in zip(result, outputs):
            assert transfer.difference(torch.from_numpy(mine), other) <= limit


@pytest.fixture(scope="module")
def models(program, folder):
    """A model of each cell, whose weights are inputs."""
    source = folder / "cells.neural"
    source.write_text(numbered((i, c) for i, c in enumerate(CELLS) if "onnx" in c.targets))
    result = program(
        "generate", source, "--target", "onnx", "--weights", "inputs", "-o", folder / "cells.onnx", timeout=600)
    assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")[-4000:]
    return folder


@pytest.mark.parametrize(
    "index", [i for i, c in enumerate(CELLS) if "onnx" in c.targets],
    ids=[c.name for c in CELLS if "onnx" in c.targets])
def test_cell(models, index):
    layers, inputs, outputs, _ = reference(CELLS[index])
    model = models / f"cells_Cell{index}.onnx"
    onnx.checker.check_model(str(model), full_check=True)
    names = [(name, size, True) for name, size in onnx_side.axes(model).items() if "/" in name]
    named = tensorflow_side.named(names, transfer.primitives(layers))
    for mine, other in zip(onnx_side.run(model, inputs, named), outputs):
        assert transfer.difference(torch.from_numpy(mine), other) <= 1e-5


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_example(program, folder, row):
    """The weights of the model written by hand, from one file and as inputs, give its outputs."""
    name, network = row["file"].removesuffix(".neural"), row["network"]
    source = EXAMPLES / row["file"]
    # Models whose reference is an architecture alone are held to its counts elsewhere.
    if name in HUGE or name not in reference_models.REFERENCES:
        bare, names = weights_of(program, source, folder, network)
        assert sum(prod(size) for _, size, _ in names) >= int(row["trainable"])
        return
    summary = program.summary(source, network)
    reference_model = reference_models.REFERENCES[name]()
    transfer.randomize(reference_model.layers)
    symbols = Generated.symbols_of(summary, 3)
    generator = torch.Generator().manual_seed(0)
    inputs = [random_input(i, symbols, generator) for i in summary["inputs"]]
    with torch.no_grad():
        if isinstance(reference_model.model, reference_models.keras.Model):
            wanted = tensors(reference_model.model(inputs if len(inputs) > 1 else inputs[0], training=False))
        else:
            reference_model.model.eval()
            wanted = tensors(reference_model.model(*inputs))
    compare(program, source, folder, network, reference_model.layers, inputs, wanted, 1e-4 if name in DEEP else 1e-5)


def test_structures(program, folder):
    """Shapes of constructs in combinations that the examples do not have, on fresh weights."""
    for entry in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]:
        network = entry["name"]
        model = onnx_side.generate(program, STRUCTURES, folder / "structure.onnx", network, "initial:3")
        symbols = Generated.symbols_of(entry, 3)
        generator = torch.Generator().manual_seed(0)
        result = onnx_side.run(model, [random_input(i, symbols, generator) for i in entry["inputs"]])
        assert [a.shape for a in result] == [shape(o["shape"], symbols) for o in entry["outputs"]], network


def test_files_of_weights_are_held_to_the_network(program, tmp_path):
    source = EXAMPLES / "lenet5.neural"
    _, names = weights_of(program, source, tmp_path, "LeNet5")
    full = {name: np.zeros(size, "float32") for name, size, _ in names}
    first = sorted(full)[0]
    for change, said in (
        ({**full, "extra/kernel": full[first]}, "it has extra/kernel, which the network has not"),
        ({n: a for n, a in full.items() if n != first}, f"it has no {first}"),
        ({**full, first: np.zeros((1, 2), "float32")}, f"{first} is (1, 2) there"),
        ({**full, first: full[first].astype("float16")}, f"{first} is F16 there"),
    ):
        file = tmp_path / "wrong.safetensors"
        tensorflow_side.save_file(change, file)
        result = program("generate", source, "--target", "onnx", "--weights", file, "-o", tmp_path / "wrong.onnx")
        assert result.returncode == 2 and said in result.stderr.decode(), result.stderr
        assert not (tmp_path / "wrong.onnx").exists()
