"""The generated JAX of every example: shapes, counts and numbers, with the weights of one file."""

import subprocess
import sys

import pytest
import torch

import reference_architectures
import reference_models
import tensorflow_side
import transfer
from program import EXAMPLES, shape, tensors
from test_generate_pytorch import DEEP, SMALLER, STRUCTURES, at_size
from test_generate_tensorflow import generate as generate_tensorflow
from test_generate_tensorflow import inputs_of
from test_goldens import ROWS

# Examples with a layer that this target does not write, which it says at the layer.
NOT_WRITTEN = {"efficientnet_b7_keras": "Normalization", "efficientnet_v2_b0": "Normalization"}
WRITTEN = [row for row in ROWS if row["file"].removesuffix(".neural") not in NOT_WRITTEN]


def generate(program, path, folder, network):
    output = folder / f"{path.stem}_{network}.py"
    result = program("generate", path, "--target", "jax", "--network", network, "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")
    return output


@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_what_is_not_written_is_said(program, tmp_path, name):
    result = program("generate", EXAMPLES / f"{name}.neural", "--target", "jax", "-o", tmp_path / "a.py")
    assert result.returncode == 1
    assert f"`{NOT_WRITTEN[name]}`: the JAX target does not know this layer" in result.stdout.decode()


@pytest.mark.parametrize("row", WRITTEN, ids=[row["file"] for row in WRITTEN])
def test_example(program, jax, tmp_path, row):
    """The weights of the model written by hand, from one file, give its outputs."""
    name, network = row["file"].removesuffix(".neural"), row["network"]
    path = EXAMPLES / row["file"]
    if name in SMALLER:
        path = at_size(path, tmp_path, SMALLER[name])
    summary = program.summary(path, network)
    module = generate(program, path, tmp_path, network)
    weights = tensorflow_side.in_order(jax.weights(module, network), summary)
    count = sum(int(torch.Size(size).numel()) for _, size, trained in weights if trained)
    assert count == summary["trainable"]
    # Positions are counted by the size of the image.
    assert name == "vit_l_16" or count == int(row["trainable"])

    symbols, inputs = inputs_of(summary)
    reference = reference_architectures.reference(name, tuple(inputs[0].shape[1:]))
    transfer.randomize(reference.layers)
    file = tensorflow_side.write(
        tmp_path / "weights.safetensors", tensorflow_side.named(weights, transfer.primitives(reference.layers)))
    result = [torch.from_numpy(a) for a in jax.run(module, network, inputs, weights=file)]
    assert [tuple(t.shape) for t in result] == [shape(o["shape"], symbols) for o in summary["outputs"]]
    with torch.no_grad():
        if isinstance(reference.model, reference_models.keras.Model):
            wanted = tensors(reference.model(inputs if len(inputs) > 1 else inputs[0], training=False))
        else:
            reference.model.eval()
            wanted = tensors(reference.model(*inputs))
    assert len(result) == len(wanted)
    for mine, other in zip(result, wanted):
        assert transfer.difference(mine, other) <= (1e-4 if name in DEEP else 1e-5)


def test_structures(program, jax, tmp_path):
    """Counts and shapes of constructs in combinations that the examples do not have."""
    for entry in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]:
        network = entry["name"]
        module = generate(program, STRUCTURES, tmp_path, network)
        weights = jax.weights(module, network)
        assert sum(torch.Size(size).numel() for _, size, _ in weights) == entry["parameters"], network
        assert sum(torch.Size(size).numel() for _, size, trained in weights if trained) == entry["trainable"], network
        symbols, inputs = inputs_of(entry)
        result = jax.run(module, network, inputs)
        assert [a.shape for a in result] == [shape(o["shape"], symbols) for o in entry["outputs"]], network


def test_paths_are_those_of_tensorflow(program, jax, tensorflow, tmp_path):
    """One file of weights is for all targets."""
    for name, network in ("resnet50_keras", "ResNet50"), ("transformer_encoder", None), ("text_bilstm", None):
        path = EXAMPLES / f"{name}.neural"
        network = network or program.json("summary", path, "--format", "json")[1]["networks"][0]["name"]
        folder = tmp_path / name
        folder.mkdir()
        mine = jax.weights(generate(program, path, folder, network), network)
        module = generate_tensorflow(program, path, tmp_path, network)
        assert sorted(mine) == sorted(tensorflow.weights(module, network))


def test_weights_are_read_back_and_checked(program, jax, tmp_path):
    module = generate(program, EXAMPLES / "lenet5.neural", tmp_path, "LeNet5")
    _, inputs = inputs_of(program.summary(EXAMPLES / "lenet5.neural", "LeNet5"))
    first = jax.run(module, "LeNet5", inputs)
    file = tmp_path / "saved.safetensors"
    jax.ask("save", module, "LeNet5", weights=file)
    assert (jax.run(module, "LeNet5", inputs, weights=file)[0] == first[0]).all()
    stored = tensorflow_side.load_file(file)
    missing = sorted(stored)[0]
    del stored[missing]
    with pytest.raises(tensorflow_side.Refused, match=f"is of another model: {missing}"):
        jax.run(module, "LeNet5", inputs, weights=tensorflow_side.write(file, stored))


def test_the_code_is_tidy(program, tmp_path):
    paths = [generate(program, EXAMPLES / row["file"], tmp_path, row["network"]) for row in WRITTEN]
    for command in ["check"], ["format", "--check"]:
        result = subprocess.run([sys.executable, "-m", "ruff", *command, *paths], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
