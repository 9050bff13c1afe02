"""The generated JAX of every example: shapes, counts and numbers, with the weights of one file."""

import pytest

import generated_model
from generated_model import generate
from program import EXAMPLES
from test_goldens import ROWS

# Examples with a layer that this target does not write, which it says at the layer.
NOT_WRITTEN = {"efficientnet_b7_keras": "Normalization", "efficientnet_v2_b0": "Normalization"}
WRITTEN = [row for row in ROWS if row["file"].removesuffix(".neural") not in NOT_WRITTEN]


@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_what_is_not_written_is_said(program, tmp_path, name):
    said = f"`{NOT_WRITTEN[name]}`: the JAX target does not know this layer"
    generated_model.refuses(program, "jax", tmp_path, name, said)


@pytest.mark.parametrize("row", WRITTEN, ids=[row["file"] for row in WRITTEN])
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
        generate(program, "jax", EXAMPLES / row["file"], tmp_path, row["network"]) for row in WRITTEN])
