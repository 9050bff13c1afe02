"""What the generated code of a framework that is asked in its own process is held to."""

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


def generate(program, target, path, folder, network):
    output = folder / f"{path.stem}_{network}.py"
    result = program("generate", path, "--target", target, "--network", network, "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")
    return output


def inputs_of(summary, batch=3):
    symbols = Generated.symbols_of(summary, batch)
    generator = torch.Generator().manual_seed(0)
    return symbols, [random_input(i, symbols, generator) for i in summary["inputs"]]


def reference_outputs(model, inputs):
    """Of a model written by hand, in evaluation."""
    with torch.no_grad():
        if isinstance(model, reference_models.keras.Model):
            return tensors(model(inputs if len(inputs) > 1 else inputs[0], training=False))
        model.eval()
        return tensors(model(*inputs))


def source_of(row, folder):
    """An example's file, for smaller images where the whole size takes too long."""
    name, path = row["file"].removesuffix(".neural"), EXAMPLES / row["file"]
    return at_size(path, folder, SMALLER[name]) if name in SMALLER else path


def holds_to_its_reference(program, process, target, folder, row):
    """The weights of the model written by hand, from one file, give its outputs: the file, the inputs, the outputs
    and how far others may be from them."""
    name, network = row["file"].removesuffix(".neural"), row["network"]
    path = source_of(row, folder)
    summary = program.summary(path, network)
    module = generate(program, target, path, folder, network)
    weights = tensorflow_side.in_order(process.weights(module, network), summary)
    count = sum(int(torch.Size(size).numel()) for _, size, trained in weights if trained)
    assert count == summary["trainable"]
    # Positions are counted by the size of the image.
    assert name == "vit_l_16" or count == int(row["trainable"])

    symbols, inputs = inputs_of(summary)
    reference = reference_architectures.reference(name, tuple(inputs[0].shape[1:]))
    transfer.randomize(reference.layers)
    file = tensorflow_side.write(
        folder / "weights.safetensors", tensorflow_side.named(weights, transfer.primitives(reference.layers)))
    result = [torch.from_numpy(a) for a in process.run(module, network, inputs, weights=file)]
    assert [tuple(t.shape) for t in result] == [shape(o["shape"], symbols) for o in summary["outputs"]]
    wanted = reference_outputs(reference.model, inputs)
    limit = 1e-4 if name in DEEP else 1e-5
    assert len(result) == len(wanted)
    for mine, other in zip(result, wanted):
        assert transfer.difference(mine, other) <= limit
    return file, inputs, wanted, limit


def has_the_structures(program, process, target, folder):
    """Counts and shapes of constructs in combinations that the examples do not have."""
    for entry in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]:
        network = entry["name"]
        module = generate(program, target, STRUCTURES, folder, network)
        weights = process.weights(module, network)
        assert sum(torch.Size(size).numel() for _, size, _ in weights) == entry["parameters"], network
        assert sum(torch.Size(size).numel() for _, size, trained in weights if trained) == entry["trainable"], network
        symbols, inputs = inputs_of(entry)
        result = process.run(module, network, inputs)
        assert [a.shape for a in result] == [shape(o["shape"], symbols) for o in entry["outputs"]], network


def reads_its_weights_back(program, process, target, folder):
    module = generate(program, target, EXAMPLES / "lenet5.neural", folder, "LeNet5")
    _, inputs = inputs_of(program.summary(EXAMPLES / "lenet5.neural", "LeNet5"))
    file = folder / "saved.safetensors"
    process.ask("save", module, "LeNet5", weights=file)
    first = process.run(module, "LeNet5", inputs)
    assert (process.run(module, "LeNet5", inputs, weights=file)[0] == first[0]).all()
    # A file that lacks a weight is of another model.
    stored = tensorflow_side.load_file(file)
    missing = sorted(stored)[0]
    del stored[missing]
    with pytest.raises(tensorflow_side.Refused, match=f"is of another model: {missing}"):
        process.run(module, "LeNet5", inputs, weights=tensorflow_side.write(file, stored))


def are_tidy(paths):
    for command in ["check"], ["format", "--check"]:
        result = subprocess.run([sys.executable, "-m", "ruff", *command, *paths], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
