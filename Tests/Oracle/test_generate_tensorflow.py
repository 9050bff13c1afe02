"""The generated TensorFlow of every example: shapes, counts, numbers, and what TensorFlow serves."""

import subprocess
import sys

import pytest
import torch

import reference_architectures
import reference_models
import tensorflow_side
import transfer
from program import EXAMPLES, random_input, shape, tensors
from test_generate_pytorch import DEEP, SMALLER, STRUCTURES, Generated, at_size
from test_goldens import ROWS


def generate(program, path, folder, network):
    output = folder / f"{path.stem}_{network}.py"
    result = program("generate", path, "--target", "tensorflow", "--network", network, "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")
    return output


def inputs_of(summary, batch=3):
    symbols = Generated.symbols_of(summary, batch)
    generator = torch.Generator().manual_seed(0)
    return symbols, [random_input(i, symbols, generator) for i in summary["inputs"]]


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_example(program, tensorflow, tmp_path, row):
    """The weights of the model written by hand, from one file, give its outputs."""
    name, network = row["file"].removesuffix(".neural"), row["network"]
    path = EXAMPLES / row["file"]
    if name in SMALLER:
        path = at_size(path, tmp_path, SMALLER[name])
    summary = program.summary(path, network)
    module = generate(program, path, tmp_path, network)
    weights = tensorflow_side.in_order(tensorflow.weights(module, network), summary)
    count = sum(int(torch.Size(size).numel()) for _, size, trained in weights if trained)
    assert count == summary["trainable"]
    # Its table of places is as long as the image is large.
    if name != "vit_l_16":
        assert count == int(row["trainable"])

    symbols, inputs = inputs_of(summary)
    reference = reference_architectures.reference(name, tuple(inputs[0].shape[1:]))
    transfer.randomize(reference.layers)
    file = tensorflow_side.write(
        tmp_path / "weights.safetensors", tensorflow_side.named(weights, transfer.primitives(reference.layers)))
    result = [torch.from_numpy(a) for a in tensorflow.run(module, network, inputs, weights=file)]
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
    # The same file in PyTorch: the same outputs, and the file again.
    other = program.generate(path, tmp_path, network)
    model = getattr(other, network)().eval()
    other.load_weights(model, file)
    with torch.no_grad():
        result = tensors(model(*inputs))
    for mine, output in zip(result, wanted):
        assert transfer.difference(mine, output) <= (1e-4 if name in DEEP else 1e-5)
    other.save_weights(model, tmp_path / "again.safetensors")
    first, again = (tensorflow_side.load_file(f) for f in (file, tmp_path / "again.safetensors"))
    assert first.keys() == again.keys()
    assert all(first[n].shape == again[n].shape and (first[n] == again[n]).all() for n in first)


def test_structures(program, tensorflow, tmp_path):
    """Counts and shapes of constructs in combinations that the examples do not have."""
    for entry in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]:
        network = entry["name"]
        module = generate(program, STRUCTURES, tmp_path, network)
        weights = tensorflow.weights(module, network)
        assert sum(torch.Size(size).numel() for _, size, _ in weights) == entry["parameters"], network
        assert sum(torch.Size(size).numel() for _, size, trained in weights if trained) == entry["trainable"], network
        symbols, inputs = inputs_of(entry)
        result = tensorflow.run(module, network, inputs)
        assert [a.shape for a in result] == [shape(o["shape"], symbols) for o in entry["outputs"]], network


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
    module = generate(program, source, tmp_path, "Net")
    paths = [path for path, _, _ in tensorflow.weights(module, "Net")]
    inner = ["dense_1/kernel", "dense_1/bias", "lstm_1/kernel", "lstm_1/recurrent_kernel", "lstm_1/bias",
             "layer_normalization_1/gamma", "layer_normalization_1/beta"]
    gru = ["kernel", "recurrent_kernel", "bias"]
    assert paths == [
        *(f"blocks_{i}/residual_1/{name}" for i in (1, 2) for name in inner),
        *(f"both/{side}_layer/{name}" for side in ("forward", "backward") for name in gru),
        "dense_1/kernel", "dense_1/bias"]


def test_weights_are_read_back_and_checked(program, tensorflow, tmp_path):
    module = generate(program, EXAMPLES / "lenet5.neural", tmp_path, "LeNet5")
    _, inputs = inputs_of(program.summary(EXAMPLES / "lenet5.neural", "LeNet5"))
    file = tmp_path / "saved.safetensors"
    tensorflow.ask("save", module, "LeNet5", weights=file)
    first = tensorflow.run(module, "LeNet5", inputs)
    assert (tensorflow.run(module, "LeNet5", inputs, weights=file)[0] == first[0]).all()
    # A file that lacks a weight is of another model.
    stored = tensorflow_side.load_file(file)
    missing = sorted(stored)[0]
    del stored[missing]
    with pytest.raises(tensorflow_side.Refused, match=f"is of another model: {missing}"):
        tensorflow.run(module, "LeNet5", inputs, weights=tensorflow_side.write(file, stored))


@pytest.mark.parametrize("name, network", [
    ("lenet5", "LeNet5"), ("cifar_channels_first", "CifarNet"), ("text_lstm", "ReviewLSTM"),
    ("two_inputs", "VisualQuestions")])
def test_is_served(program, tensorflow, tmp_path, name, network):
    """A SavedModel gives what the model gives."""
    path = EXAMPLES / f"{name}.neural"
    module = generate(program, path, tmp_path, network)
    _, inputs = inputs_of(program.summary(path, network))
    wanted = tensorflow.run(module, network, inputs)
    served = tensorflow.run(module, network, inputs, action="export", folder=tmp_path / "served")
    assert len(wanted) == len(served)
    for a, b in zip(served, wanted):
        assert transfer.difference(torch.from_numpy(a), torch.from_numpy(b)) <= 1e-5


def test_the_code_is_tidy(program, tmp_path):
    paths = [generate(program, EXAMPLES / row["file"], tmp_path, row["network"]) for row in ROWS]
    paths += [generate(program, STRUCTURES, tmp_path, n["name"])
              for n in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]]
    for command in ["check"], ["format", "--check"]:
        result = subprocess.run([sys.executable, "-m", "ruff", *command, *paths], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
