"""The training parts of generated TensorFlow: Keras's own, with the arguments of the source, and a network that learns."""

import keras
import numpy as np
import pytest

from declarations import DECLARATIONS
from generated_model import generate
from program import load
from test_random import ruff
from test_train_pytorch import DIGITS, OPTIMIZERS, SUITING, digits, keras_class
from training_cells import ENDS, LOSSES, METRICS, NUMBERS, SCHEDULES, call, network

LACKING = {"OneCycle", "nll", "triplet_margin"}


def modules(program, folder, cells):
    """One module for many networks, imported here: it needs Keras alone. What each has been compiled with."""
    source, output = folder / "source.neural", folder / "source.py"
    source.write_text("\n".join(network(f"N{i}", *cell) for i, cell in enumerate(cells)))
    result = program("generate", source, "--target", "tensorflow", "--force", "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode()
    assert ruff(folder) == ""
    made = load(output)
    for i in range(len(cells)):
        model = getattr(made, f"N{i}")()
        getattr(made, f"n{i}_compile_model")(model)
        yield model.get_compile_config()


def said(config):
    """What a serialized object is, without the name that Keras counts up."""
    return config["class_name"], {k: v for k, v in config["config"].items() if k != "name"}


def agrees(mine, wanted):
    assert said(mine) == said(keras.saving.serialize_keras_object(wanted))


def test_losses(program, tmp_path):
    cells = [(name, kind, arguments) for name, (kind, more) in LOSSES.items() if name not in LACKING for arguments in ({}, *more)]
    end = lambda kind, arguments: "Output(5)" if arguments.get("from_logits") else ENDS[kind]
    configs = modules(program, tmp_path, [(end(k, a), f"loss: {call(n, a)}") for n, k, a in cells])
    for config, (name, _, arguments) in zip(configs, cells, strict=True):
        agrees(config["loss"], keras_class("loss", name)(**arguments))


def test_metrics(program, tmp_path):
    cells = [(name, kind, arguments) for name, (kind, more) in METRICS.items() for arguments in more]
    cells += [("auc", METRICS["recall"][0], {"num_thresholds": 50}), ("precision", METRICS["recall"][0], {"thresholds": [0.2, 0.6]}),
              ("mean_iou", NUMBERS, {"num_classes": 5})]
    configs = modules(program, tmp_path, [
        (ENDS[kind], f"loss: \"{SUITING.get(kind, 'mean_squared_error')}\"", f"metrics: [{call(name, arguments)}]")
        for name, kind, arguments in cells])
    for config, (name, _, arguments) in zip(configs, cells, strict=True):
        agrees(config["metrics"][0], keras_class("metric", name)(**arguments))


def test_optimizers(program, tmp_path):
    classes = {d.name: getattr(keras.optimizers, d.name) for d in DECLARATIONS if d.keyword == "optimizer"}
    cells = [(name, arguments) for name, more in OPTIMIZERS.items() for arguments, _ in more]
    cells += [(name, {"learning_rate": 0.1, "clipnorm": 1.0, "use_ema": True}) for name in classes]
    configs = modules(program, tmp_path, [("Output(5)", f"optimizer: {call(*cell)}", 'loss: "mse"') for cell in cells])
    for config, (name, arguments) in zip(configs, cells, strict=True):
        agrees(config["optimizer"], classes[name](**arguments))


def test_schedules(program, tmp_path):
    cells = [(name, arguments) for name, more in SCHEDULES.items() if name not in LACKING for arguments in more]
    configs = modules(program, tmp_path, [("Output(5)", f"optimizer: SGD({call(*cell)})", 'loss: "mse"') for cell in cells])
    for config, (name, arguments) in zip(configs, cells, strict=True):
        rate = config["optimizer"]["config"]["learning_rate"]
        if name == "StepDecay":
            mine = keras.saving.deserialize_keras_object(rate)
            for step in (0, 1, 100, 10_000):
                wanted = arguments["initial_learning_rate"] * arguments.get("gamma", 0.1) ** (step // arguments["step_size"])
                assert float(mine(step)) == pytest.approx(wanted, rel=1e-4, abs=1e-30)
        else:
            agrees(rate, keras_class("schedule", name)(**arguments))


@pytest.mark.parametrize("section, words", [
    ("optimizer: SGD(OneCycle(0.1, 100))", "write CosineDecay with a warmup_target"),
    ("loss: TripletMargin()", "write circle"),
    ('loss: "mse"\n  metrics: [Mean()]', "leave it out"),
    ('loss: "mse"\n  optimizer: SGD()\n  train { precision: "float16" }', "set_dtype_policy"),
    ('loss: "mse"\n  optimizer: SGD()\n  train { }\n  execution { device: "mps" }', "write \"auto\" or \"gpu\""),
    ("loss: MeanSquaredError(reduction=none)", "leave reduction out"),
])
def test_what_keras_cannot_say_is_refused_at_its_place(program, tmp_path, section, words):
    source = tmp_path / "source.neural"
    source.write_text(network("Net", "Output(5)", section))
    result = program("generate", source, "--target", "tensorflow", "-o", tmp_path / "source.py")
    assert result.returncode == 1 and words in result.stdout.decode(), result.stdout
    assert f":{4 + section.count(chr(10))}:".encode() in result.stdout


def trained(process, module, network, folder, inputs, targets, **options):
    """The history of a training run in TensorFlow."""
    arrays = {f"input_{i}": np.asarray(x) for i, x in enumerate(inputs)} | {f"target_{i}": np.asarray(y) for i, y in enumerate(targets)}
    np.savez(folder / "arrays.npz", **arrays)
    return process.ask("train", module, network, arrays=folder / "arrays.npz", **options)


def test_digits_are_learnt(program, tensorflow, tmp_path):
    """95 % of digits that it has not seen are right, and what it says of them is so."""
    source = tmp_path / "digits.neural"
    source.write_text(DIGITS.format(rate="CosineDecay(3e-3, 540)", more="verbose: false", device="auto"))
    module = generate(program, "tensorflow", source, tmp_path, "Digits")
    images, labels = digits()
    file = tmp_path / "digits.safetensors"
    history = trained(tensorflow, module, "Digits", tmp_path, [images], [labels], weights=file)
    assert len(history["loss"]) == 12 and history["loss"][-1] < history["loss"][0]
    assert history["val_accuracy"][-1] >= 0.95 and history["val_sparse_top_k_categorical_accuracy"][-1] >= 0.99
    scores, = tensorflow.run(module, "Digits", [images[1437:]], weights=file)
    share = (scores.argmax(-1) == labels[1437:].numpy()).mean()
    assert share == pytest.approx(history["val_accuracy"][-1], abs=1e-6)
    # PyTorch reads what TensorFlow has learnt.
    other = program.generate(source, tmp_path, "Digits")
    model = other.Digits().eval()
    other.load_weights(model, str(file))
    assert (model(images[1437:]).argmax(-1) == labels[1437:]).float().mean().item() == pytest.approx(share, abs=1e-6)


def test_several_inputs_and_outputs(program, tensorflow, tmp_path):
    source = tmp_path / "two.neural"
    source.write_text("""network Two {
  input: { left: (3), right: (4) }
  layers:
    left -> Dense(6) -> a
    right -> Dense(6) -> b
    (a, b) -> Add() -> joint
    joint -> Output(5, activation="softmax") -> kind
    joint -> Output(1, activation="sigmoid") -> sure
  outputs: kind, sure
  loss: { sure: "binary_crossentropy", kind: "sparse_categorical_crossentropy" }
  optimizer: SGD(0.05)
  metrics: ["accuracy"]
  train { epochs: 5  batch_size: 8  seed: 3  verbose: false }
}
""")
    module = generate(program, "tensorflow", source, tmp_path, "Two")
    random = np.random.default_rng(0)
    inputs = [random.normal(size=(32, n)).astype("float32") for n in (3, 4)]
    targets = [random.integers(0, 5, 32), random.integers(0, 2, (32, 1)).astype("float32")]
    history = trained(tensorflow, module, "Two", tmp_path, inputs, targets)
    assert history["loss"][-1] < history["loss"][0]
    assert sum(name.endswith("accuracy") for name in history) == 2
