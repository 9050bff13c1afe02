"""The generated JAX of every example: shapes, counts and numbers, with the weights of one file."""

import numpy as np
import pytest

import generated_model
from generated_model import generate
from program import EXAMPLES
from test_goldens import ROWS


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_example(program, jax, tmp_path, row):
    generated_model.holds_to_its_reference(program, jax, "jax", tmp_path, row)


def test_structures(program, jax, tmp_path):
    generated_model.has_the_structures(program, jax, "jax", tmp_path)


def test_paths_are_those_of_tensorflow(program, jax, tensorflow, tmp_path):
    """One file of weights is for all targets."""
    for name, network in ("resnet50_keras", "ResNet50"), ("transformer_encoder", None), ("text_bilstm", None):
        path = EXAMPLES / f"{name}.neural"
        network = network or program.json("summary", path, "--format", "json")[1]["networks"][0]["name"]
        folder = tmp_path / name
        folder.mkdir()
        mine = jax.weights(generate(program, "jax", path, folder, network), network)
        module = generate(program, "tensorflow", path, tmp_path, network)
        assert sorted(mine) == sorted(tensorflow.weights(module, network))


def test_weights_are_read_back_and_checked(program, jax, tmp_path):
    generated_model.reads_its_weights_back(program, jax, "jax", tmp_path)


def test_the_code_is_tidy(program, tmp_path):
    generated_model.are_tidy([
        generate(program, "jax", EXAMPLES / row["file"], tmp_path, row["network"]) for row in ROWS])


@pytest.mark.parametrize("layer, mean, deviation", [
    ("GaussianDropout(0.2)", 2, 1.0), ("GaussianNoise(0.3)", 2, 0.3), ("AlphaDropout(0.2)", None, None)])
def test_noise(program, jax, tmp_path, layer, mean, deviation):
    """In training the values are drawn as Keras draws them; in evaluation they are the input's."""
    path = tmp_path / "noise.neural"
    path.write_text(f"network Noise {{\n  input: (50)\n  layers:\n    {layer}\n}}\n")
    module = generate(program, "jax", path, tmp_path, "Noise")
    x = np.full((2000, 50), 2, "float32")
    assert (jax.run(module, "Noise", [x])[0] == x).all()
    if mean is None:
        x = np.random.default_rng(0).normal(size=x.shape).astype("float32")
        mean, deviation = 0, 1
    result = jax.run(module, "Noise", [x], training=True)[0]
    assert abs(result.mean() - mean) < 0.02 and abs(result.std() - deviation) < 0.02
