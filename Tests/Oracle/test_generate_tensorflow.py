"""The generated TensorFlow of every example: shapes, counts, numbers, and what TensorFlow serves."""

import pytest
import torch

import generated_model
import tensorflow_side
import transfer
from generated_model import generate, inputs_of
from program import EXAMPLES, tensors
from test_generate_pytorch import STRUCTURES
from test_goldens import ROWS


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_example(program, tensorflow, tmp_path, row):
    file, inputs, wanted, limit = generated_model.holds_to_its_reference(
        program, tensorflow, "tensorflow", tmp_path, row)
    # The same file in PyTorch: the same outputs, and the file again.
    other = program.generate(generated_model.source_of(row, tmp_path), tmp_path, row["network"])
    model = getattr(other, row["network"])().eval()
    other.load_weights(model, file)
    with torch.no_grad():
        result = tensors(model(*inputs))
    for mine, output in zip(result, wanted):
        assert transfer.difference(mine, output) <= limit
    other.save_weights(model, tmp_path / "again.safetensors")
    first, again = (tensorflow_side.load_file(f) for f in (file, tmp_path / "again.safetensors"))
    assert first.keys() == again.keys()
    assert all(first[n].shape == again[n].shape and (first[n] == again[n]).all() for n in first)


def test_structures(program, tensorflow, tmp_path):
    generated_model.has_the_structures(program, tensorflow, "tensorflow", tmp_path)


def test_paths_are_the_sources(program, tensorflow, tmp_path):
    """Language.md, section 10: the scopes of the source, then the layer, then Keras's name of the weight."""
    source = tmp_path / "paths.neural"
    source.write_text("""
        define Block(units) { Residual { Dense(units) LSTM(units, return_sequences=true) -> LayerNormalization() } }
        network Net {
          input: (5, 4)
          layers: Block(4) * 2 -> blocks
            Bidirectional(GRU(3), name="both")
            Dense(2)
        }
    """)
    module = generate(program, "tensorflow", source, tmp_path, "Net")
    paths = [path for path, _, _ in tensorflow.weights(module, "Net")]
    inner = ["dense_1/kernel", "dense_1/bias", "lstm_1/kernel", "lstm_1/recurrent_kernel", "lstm_1/bias",
             "layer_normalization_1/gamma", "layer_normalization_1/beta"]
    gru = ["kernel", "recurrent_kernel", "bias"]
    assert paths == [
        *(f"blocks_{i}/residual_1/{name}" for i in (1, 2) for name in inner),
        *(f"both/{side}_layer/{name}" for side in ("forward", "backward") for name in gru),
        "dense_1/kernel", "dense_1/bias"]


def test_weights_are_read_back_and_checked(program, tensorflow, tmp_path):
    generated_model.reads_its_weights_back(program, tensorflow, "tensorflow", tmp_path)


@pytest.mark.parametrize("name, network", [
    ("lenet5", "LeNet5"), ("cifar_channels_first", "CifarNet"), ("text_lstm", "ReviewLSTM"),
    ("two_inputs", "VisualQuestions")])
def test_is_served(program, tensorflow, tmp_path, name, network):
    """A SavedModel gives what the model gives."""
    path = EXAMPLES / f"{name}.neural"
    module = generate(program, "tensorflow", path, tmp_path, network)
    _, inputs = inputs_of(program.summary(path, network))
    wanted = tensorflow.run(module, network, inputs)
    served = tensorflow.run(module, network, inputs, action="export", folder=tmp_path / "served")
    assert len(wanted) == len(served)
    for a, b in zip(served, wanted):
        assert transfer.difference(torch.from_numpy(a), torch.from_numpy(b)) <= 1e-5


def test_the_code_is_tidy(program, tmp_path):
    paths = [generate(program, "tensorflow", EXAMPLES / row["file"], tmp_path, row["network"]) for row in ROWS]
    paths += [generate(program, "tensorflow", STRUCTURES, tmp_path, n["name"])
              for n in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]]
    generated_model.are_tidy(paths)
