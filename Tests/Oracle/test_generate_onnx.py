"""Generated ONNX models: every cell and every example in ONNX Runtime, on the weights of the reference."""

import json
import subprocess
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
from generated_model import inputs_of, reference_outputs
from program import EXAMPLES, shape
from test_cells import numbered, reference
from test_generate_pytorch import DEEP, STRUCTURES
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
    _, inputs = inputs_of(summary)
    wanted = reference_outputs(reference_model.model, inputs)
    compare(program, source, folder, network, reference_model.layers, inputs, wanted, 1e-4 if name in DEEP else 1e-5)


def test_structures(program, folder):
    """Shapes of constructs in combinations that the examples do not have, on fresh weights."""
    for entry in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]:
        network = entry["name"]
        model = onnx_side.generate(program, STRUCTURES, folder / "structure.onnx", network, "initial:3")
        symbols, inputs = inputs_of(entry)
        result = onnx_side.run(model, inputs)
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


BIG = "network Big {\n  input: (8192)\n  layers:\n" + "    Dense(8192, use_bias=false)\n" * 5 + "}\n"


def test_weights_past_a_gigabyte(program, folder):
    """They stand in a file of their own, and pass through memory one after the other."""
    source, model, weights = folder / "big.neural", folder / "big.onnx", folder / "big.safetensors"
    source.write_text(BIG)
    size = 4 * 8192**2
    names = [f"dense_{i}/kernel" for i in range(1, 6)]
    header = json.dumps({
        name: {"dtype": "F32", "shape": [8192, 8192], "data_offsets": [i * size, (i + 1) * size]}
        for i, name in enumerate(names)}).encode()
    with open(weights, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        # Identities with a factor each; between them is a hole of zeros.
        for i in range(5):
            for row in range(0, 8192, 1024):
                file.seek(8 + len(header) + i * size + row * 4 * 8193)
                file.write(np.float32(i + 1).tobytes())
        file.truncate(8 + len(header) + 5 * size)
    # Its own data may be one weight and a half; the limit is in kilobytes.
    result = subprocess.run(
        ["sh", "-c", f'ulimit -d {size * 3 // 2 // 1024}; exec "$@"', "sh", program.binary, "generate", source,
         "--target", "onnx", "--weights", weights, "-o", model], capture_output=True, timeout=120)
    assert result.returncode == 0, (result.stderr + result.stdout).decode()
    assert model.stat().st_size < 1 << 16
    assert (folder / "big.onnx.data").stat().st_size == 5 * size
    onnx.checker.check_model(str(model))
    x = np.ones((1, 8192), "float32")
    y, = onnx_side.run(model, [x])
    assert y[0, ::1024].tolist() == [120.0] * 8 and y.sum() == 960
    for path in weights, model, folder / "big.onnx.data":
        path.unlink()


REFUSED = """layer Wrong() {{
  input: x (batch, steps, width)
  output: x
  onnx: "{text}"
}}

network N {{
  input: (4, 6)
  layers:
    Dense(6)
    Wrong()
    Dense(2)
}}
"""


@pytest.mark.parametrize("text, message", [
    ("y = Reluu ({x})", "Reluu"),
    ("y = Relu <alpha = 1> ({x})", "alpha"),
    ("y = Transpose <perm = [0, 2, 1]> ({x})", "libonnx infers (batch, 6, 4) where our rules say (batch, 4, 6)"),
    ("y = MatMul ({x}, {x})", "wrong_1"),
])
def test_refusal_stands_at_its_layer(program, folder, text, message):
    source = folder / "wrong.neural"
    source.write_text(REFUSED.format(text=text))
    result = program("generate", source, "--target", "onnx", "-o", folder / "wrong.onnx")
    said = (result.stdout + result.stderr).decode()
    assert result.returncode == 1 and not (folder / "wrong.onnx").exists()
    assert "error[onnx-check]" in said and message in said and "wrong.neural:11:5" in said, said
