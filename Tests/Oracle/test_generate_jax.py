"""The generated JAX of every example: shapes, counts and numbers, with the weights of one file."""

import subprocess
import sys

import pytest
import torch

import reference_models
import tensorflow_side
import transfer
from program import EXAMPLES, shape, tensors
from test_generate_pytorch import DEEP
from test_generate_tensorflow import inputs_of
from test_goldens import ROWS

# Examples with a layer that the target refuses by name.
REFUSED = {"efficientnet_b7_keras": "Normalization", "efficientnet_v2_b0": "Normalization"}


def generate(program, path, folder, network):
    output = folder / f"{path.stem}_{network}.py"
    result = program("generate", path, "--target", "jax", "--network", network, "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")
    return output


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_example(program, jax, tmp_path, row):
    """The weights of the model written by hand, from one file, give its outputs."""
    name, network = row["file"].removesuffix(".neural"), row["network"]
    if name in REFUSED:
        result = program("generate", EXAMPLES / row["file"], "--target", "jax", "-o", "-")
        assert result.returncode == 1 and f"`{REFUSED[name]}`".encode() in result.stdout
        return
    summary = program.summary(EXAMPLES / row["file"], network)
    module = generate(program, EXAMPLES / row["file"], tmp_path, network)
    weights = jax.weights(module, network)
    count = sum(int(torch.Size(size).numel()) for _, size, trained in weights if trained)
    assert count == int(row["trainable"]) == summary["trainable"]

    reference = reference_models.REFERENCES[name]()
    transfer.randomize(reference.layers)
    file = tensorflow_side.write(
        tmp_path / "weights.safetensors", tensorflow_side.named(weights, transfer.primitives(reference.layers)))
    symbols, inputs = inputs_of(summary)
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


def test_the_code_is_tidy(program, tmp_path):
    paths = [generate(program, EXAMPLES / row["file"], tmp_path, row["network"]) for row in ROWS
             if row["file"].removesuffix(".neural") not in REFUSED]
    for command in ["check"], ["format", "--check"]:
        result = subprocess.run([sys.executable, "-m", "ruff", *command, *paths], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
