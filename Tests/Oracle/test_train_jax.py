"""The training parts of generated JAX: losses, metrics, optimizers and schedules against Keras's and optax's own, and a
network that learns."""

import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import torch
from flax import nnx

from test_train_pytorch import (
    DECLARED, DIGITS, OWN_LOSSES, SUITING, digits, keras_class, module, modules, rate, refused)
from training_cells import BINARY, CLASSES, ENDS, LOSSES, METRICS, NUMBERS, ONE_HOT, SCHEDULES, call, data, network


def array(tensor):
    return jnp.asarray(tensor.detach().numpy())


def close(mine, wanted, cell):
    wanted = wanted.detach() if isinstance(wanted, torch.Tensor) else wanted
    np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-6, err_msg=str(cell))


def test_every_loss_metric_and_schedule_is_said():
    """What PyTorch says of them JAX says too; of the others it says what would do instead."""
    for keyword in "loss", "metric", "schedule":
        for declaration in DECLARED[keyword]:
            for entry in "", "lacks_":
                assert bool(declaration.entry(f"{entry}jax")) == bool(declaration.entry(f"{entry}pytorch")), declaration.name


def test_losses(program, tmp_path):
    cells = [(name, kind, arguments) for name, (kind, more) in LOSSES.items() for arguments in ({}, *more)]
    end = lambda kind, arguments: "Output(5)" if arguments.get("from_logits") else ENDS[kind]
    part = modules(program, tmp_path, [
        (end(kind, arguments), f"loss: {call(name, arguments)}") for name, kind, arguments in cells], "jax")
    for i, (name, kind, arguments) in enumerate(cells):
        outputs, targets = data(kind, arguments.get("from_logits", False))
        outputs.requires_grad_()
        mine, slope = jax.value_and_grad(part(i, "loss"))(array(outputs), array(targets))
        if name in OWN_LOSSES:
            wanted = OWN_LOSSES[name](**arguments)(outputs, targets)
        else:
            wanted = keras_class("loss", name)(**arguments)(targets, outputs)
        close(mine, wanted, (name, arguments))
        other, = torch.autograd.grad(wanted, outputs)
        assert np.linalg.norm(slope - other.numpy()) <= 1e-4 * other.norm(), (name, arguments)


def test_gradients_without_a_right_answer_are_numbers(program, tmp_path):
    """Nobody alike in a batch, and labels outside of the classes that are left out."""
    part = modules(program, tmp_path, [
        (ENDS[NUMBERS], "loss: Circle()"), (ENDS[CLASSES], "loss: SparseCategoricalCrossentropy(ignore_class=255)")], "jax")
    outputs = jax.random.normal(jax.random.key(0), (3, 5))
    outputs = outputs / jnp.linalg.norm(outputs, axis=1, keepdims=True)
    assert jnp.isfinite(jax.grad(part(0, "loss"))(outputs, jnp.array([0, 1, 2]))).all()
    value, slope = jax.value_and_grad(part(1, "loss"))(jax.nn.softmax(outputs), jnp.array([0, 255, 2]))
    kept, _ = jax.value_and_grad(part(1, "loss"))(jax.nn.softmax(outputs)[::2], jnp.array([0, 2]))
    np.testing.assert_allclose(value, kept, rtol=1e-6)
    assert jnp.isfinite(slope).all() and not slope[1].any()


def test_losses_of_images(program, tmp_path):
    """Classes on the last axis, or on the second where the network is channels_first."""
    softmax = 'Conv2D(5, 1, activation="softmax")'
    losses = ["sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy"]
    form = "network A{0}{1} {{ input: {2}  {3}  layers: {4}  loss: \"{5}\"  metrics: [\"accuracy\"] }}\n"
    made = module(program, tmp_path, "".join(
        form.format(i, first, "(3, 4, 6)" if first else "(4, 6, 3)", 'data_format: "channels_first"' if first else "", softmax, name)
        for i, name in enumerate(losses) for first in (0, 1)), "jax")
    torch.manual_seed(0)
    outputs, targets = torch.randn(2, 4, 6, 5).softmax(-1), torch.randint(0, 5, (2, 4, 6))
    for i, name in enumerate(losses):
        labels = targets if i == 0 else torch.nn.functional.one_hot(targets, 5).float()
        wanted = keras_class("loss", name)()(labels, outputs)
        second = labels if i == 0 else labels.movedim(-1, 1)
        share = (outputs.argmax(-1) == targets).float().mean()
        for place, given in enumerate([(outputs, labels), (outputs.movedim(-1, 1), second)]):
            given = [array(tensor) for tensor in given]
            close(getattr(made, f"a{i}{place}_loss")(*given), wanted, name)
            close(getattr(made, f"a{i}{place}_metrics")(*given)["accuracy"], share, name)


def test_metrics(program, tmp_path):
    cells = [(name, kind, arguments) for name, (kind, more) in METRICS.items() for arguments in more]
    part = modules(program, tmp_path, [
        (ENDS[kind], f"loss: \"{SUITING.get(kind, 'mean_squared_error')}\"", f"metrics: [{call(name, arguments)}]")
        for name, kind, arguments in cells], "jax")
    for i, (name, kind, arguments) in enumerate(cells):
        outputs, targets = data(kind)
        (key, mine), = part(i, "metrics")(array(outputs), array(targets)).items()
        metric = keras_class("metric", name)(**arguments)
        metric.update_state(targets, outputs)
        assert key == name
        close(mine, torch.as_tensor(metric.result(), dtype=torch.float32), (name, arguments))


@pytest.mark.parametrize("loss, end, kind, logits", [
    ("sparse_categorical_crossentropy", ENDS[CLASSES], CLASSES, False),
    ("categorical_crossentropy", ENDS[ONE_HOT], ONE_HOT, False),
    ("binary_crossentropy", ENDS[BINARY], BINARY, False),
    ("BinaryCrossentropy(from_logits=true)", ENDS[NUMBERS], BINARY, True),
])
def test_accuracy_follows_the_loss(program, tmp_path, loss, end, kind, logits):
    loss = loss if "(" in loss else f'"{loss}"'
    made = module(program, tmp_path, network("Net", end, f"loss: {loss}", 'metrics: ["accuracy"]'), "jax")
    outputs, targets = data(kind, logits)
    right = {CLASSES: lambda: outputs.argmax(-1) == targets, ONE_HOT: lambda: outputs.argmax(-1) == targets.argmax(-1),
             BINARY: lambda: (outputs > (0 if logits else 0.5)) == targets.bool()}[kind]()
    (name, mine), = made.metrics(array(outputs), array(targets)).items()
    assert name == "accuracy"
    close(mine, right.float().mean(), loss)


def test_schedules(program, tmp_path):
    """Keras's values, PyTorch's and those of a step that is traced."""
    cells = [(name, arguments) for name, more in SCHEDULES.items() for arguments in more]
    sources = [("Output(5)", f"optimizer: SGD({call(*cell)})") for cell in cells]
    part, other = modules(program, tmp_path, sources, "jax"), modules(program, tmp_path, sources)
    for i, (name, arguments) in enumerate(cells):
        mine = part(i, "learning_rate")
        traced = jax.jit(mine)
        for step in (0, 1, 100, 10_000):
            wanted = rate(name, arguments, step)
            same = pytest.approx(wanted, rel=2e-4, abs=1e-9)
            assert float(mine(step)) == same and float(traced(step)) == same, (name, arguments, step)
            assert float(mine(step)) == pytest.approx(other(i, "learning_rate")(step), rel=2e-4, abs=1e-9)


def test_restarts_begin_at_their_step(program, tmp_path):
    made = module(program, tmp_path, network("Net", "Output(5)", "optimizer: SGD(CosineDecayRestarts(0.1, 70))"), "jax")
    rates = jax.vmap(made.learning_rate)(jnp.arange(500))
    assert [step for step in range(1, 500) if rates[step] > rates[step - 1]] == [70, 210, 490]


# Of Keras's formula, at its defaults and off them.
AGREEING = {
    "SGD": [{}, {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, {"momentum": 0.9, "weight_decay": 0.1}, {"weight_decay": 0.1}],
    "Adam": [{}, {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99}, {"weight_decay": 0.1}],
    "AdamW": [{}, {"learning_rate": 0.01, "weight_decay": 0.2, "beta_1": 0.8}],
    "Adamax": [{}, {"beta_2": 0.9, "weight_decay": 0.1}],
    "RMSprop": [{}, {"rho": 0.99, "momentum": 0.5, "centered": True, "epsilon": 0.01}, {"weight_decay": 0.1},
                {"momentum": 0.5, "weight_decay": 0.1}, {"centered": True, "epsilon": 0.01, "weight_decay": 0.1},
                {"momentum": 0.5, "centered": True, "epsilon": 0.01, "weight_decay": 0.1}],
    "Adagrad": [{}, {"initial_accumulator_value": 0.5, "epsilon": 0.01, "weight_decay": 0.1}],
    "Adadelta": [{}, {"learning_rate": 0.5, "rho": 0.9, "epsilon": 0.01, "weight_decay": 0.1}],
    "Lion": [{}, {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "weight_decay": 0.1}],
    "Lamb": [{}, {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 0.01}],
    "Adafactor": [{}, {"learning_rate": 0.6, "beta_2_decay": -0.7, "clip_threshold": 0.5, "epsilon_2": 0.5}, {"relative_step": False}],
}
DECAYED = lambda scale: optax.chain(scale, optax.add_decayed_weights(0.1), optax.scale_by_learning_rate(0.001))
# Of optax's own, where that is another: Docs/generate.md lists how.
DIFFERING = [
    ("Adam", {"epsilon": 0.1}, lambda: optax.adam(0.001, eps=0.1)),
    ("Adam", {"epsilon": 0.1, "weight_decay": 0.1}, lambda: optax.adamw(0.001, eps=0.1, weight_decay=0.1)),
    ("Adam", {"beta_2": 0.5, "amsgrad": True}, lambda: optax.amsgrad(0.001, b2=0.5, eps=1e-7)),
    ("Adam", {"beta_2": 0.5, "amsgrad": True, "weight_decay": 0.1}, lambda: DECAYED(optax.scale_by_amsgrad(b2=0.5, eps=1e-7))),
    ("AdamW", {"beta_2": 0.5, "amsgrad": True, "weight_decay": 0.1}, lambda: DECAYED(optax.scale_by_amsgrad(b2=0.5, eps=1e-7))),
    ("Adamax", {"epsilon": 0.1}, lambda: optax.adamax(0.001, eps=0.1)),
    ("Nadam", {}, lambda: optax.nadam(0.001, eps=1e-7)),
    ("Nadam", {"beta_1": 0.8, "weight_decay": 0.1}, lambda: optax.nadamw(0.001, b1=0.8, eps=1e-7, weight_decay=0.1)),
    ("Lamb", {"weight_decay": 0.5, "learning_rate": 0.1}, lambda: optax.chain(
        optax.scale_by_adam(eps=1e-7), optax.scale_by_trust_ratio(), optax.add_decayed_weights(0.5), optax.scale_by_learning_rate(0.1))),
    ("Adafactor", {"weight_decay": 0.5, "learning_rate": 0.6, "epsilon_2": 0.01}, lambda: optax.chain(
        optax.scale_by_factored_rms(min_dim_size_to_factor=1), optax.clip_by_block_rms(1.0), optax.scale_by_param_block_rms(0.01),
        optax.add_decayed_weights(0.5), optax.scale_by_learning_rate(lambda step: jnp.minimum(0.6, (step + 1) ** -0.5)))),
]


def leaves(model):
    return jax.tree.leaves(nnx.state(model, nnx.Param))


def gradients(shapes):
    """Ten times one gradient for each weight."""
    random = np.random.default_rng(3)
    return [[random.normal(size=shape).astype("float32") for shape in shapes] for _ in range(10)]


def ten_steps(model, optimizer):
    """The weights after ten steps on gradients that are drawn."""
    structure = jax.tree.structure(nnx.state(model, nnx.Param))
    for step in gradients([leaf.shape for leaf in leaves(model)]):
        optimizer.update(model, jax.tree.unflatten(structure, [jnp.asarray(g) for g in step]))
    return np.concatenate([np.ravel(leaf) for leaf in leaves(model)])


def keras_steps(model, optimizer):
    """The same by an optimizer of Keras's, on a copy."""
    variables = [keras.Variable(np.array(leaf)) for leaf in leaves(model)]
    for step in gradients([leaf.shape for leaf in leaves(model)]):
        optimizer.apply([torch.from_numpy(g) for g in step], variables)
    return np.concatenate([np.ravel(v.numpy()) for v in variables])


def optax_steps(model, transform):
    """The same by optax alone, on a copy."""
    copy = nnx.clone(model)
    return ten_steps(copy, nnx.Optimizer(copy, transform, wrt=nnx.Param))


def made(program, folder, optimizers):
    """A model, and what makes its optimizer, for each."""
    text = "\n".join(network(f"N{i}", "Dense(4) Output(5)", f"optimizer: {o}") for i, o in enumerate(optimizers))
    generated = module(program, folder, text, "jax")
    name = "n{}_make_optimizer" if len(optimizers) > 1 else "make_optimizer"
    for i in range(len(optimizers)):
        yield getattr(generated, f"N{i}")(rngs=nnx.Rngs(i)), getattr(generated, name.format(i))


def moved(mine, wanted, model):
    """How far two results are apart, as a share of what ten steps have moved."""
    start = np.concatenate([np.ravel(leaf) for leaf in leaves(model)])
    return np.linalg.norm(mine - wanted) / np.linalg.norm(wanted - start)


def test_optimizers_agree_with_keras(program, tmp_path):
    cells = [(name, arguments) for name, more in AGREEING.items() for arguments in more]
    for (name, arguments), (model, make) in zip(cells, made(program, tmp_path, [call(*cell) for cell in cells]), strict=True):
        mine = ten_steps(copy := nnx.clone(model), make(copy))
        wanted = keras_steps(model, getattr(keras.optimizers, name)(**arguments))
        assert moved(mine, wanted, model) <= 1e-4, (name, arguments)


def test_optimizers_that_differ_are_optaxs_own(program, tmp_path):
    cells = DIFFERING
    for (name, arguments, own), (model, make) in zip(
            cells, made(program, tmp_path, [call(n, a) for n, a, _ in cells]), strict=True):
        mine = ten_steps(copy := nnx.clone(model), make(copy))
        assert moved(mine, optax_steps(model, own()), model) <= 1e-6, (name, arguments)
        # What is listed as different is different.
        assert moved(mine, keras_steps(model, getattr(keras.optimizers, name)(**arguments)), model) > 1e-4, (name, arguments)


def test_every_optimizer_has_its_cells():
    lacking = {d.name for d in DECLARED["optimizer"] if d.entry("lacks_jax") and not d.entry("jax")}
    assert lacking == {"Ftrl", "Muon"}
    assert {d.name for d in DECLARED["optimizer"]} - lacking == {*AGREEING, *(name for name, _, _ in DIFFERING)}


@pytest.mark.parametrize("name, arguments", [
    ("SGD", {"clipvalue": 0.5}), ("SGD", {"clipnorm": 0.5}), ("SGD", {"global_clipnorm": 0.5}),
    ("Adam", {"clipnorm": 0.5, "weight_decay": 0.1}), ("SGD", {"clipnorm": 0.5, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"gradient_accumulation_steps": 3}), ("Adam", {"learning_rate": 0.1, "epsilon": 1e-12, "gradient_accumulation_steps": 2, "clipnorm": 0.5}),
])
def test_clipped_and_accumulated_gradients(program, tmp_path, name, arguments):
    (model, make), = made(program, tmp_path, [call(name, arguments)])
    mine = ten_steps(copy := nnx.clone(model), make(copy))
    assert moved(mine, keras_steps(model, getattr(keras.optimizers, name)(**arguments)), model) <= 1e-4
    plain = {n: v for n, v in arguments.items() if n not in ("clipnorm", "gradient_accumulation_steps", "clipvalue", "global_clipnorm")}
    assert moved(mine, keras_steps(model, getattr(keras.optimizers, name)(**plain)), model) > 1e-2


@pytest.mark.parametrize("more", [{}, {"gradient_accumulation_steps": 3}])
@pytest.mark.parametrize("name", ["SGD", "Adafactor", "Adam"])
def test_a_schedule_is_followed(program, tmp_path, name, more):
    extra = "".join(f", {n}={v}" for n, v in more.items())
    (model, make), = made(program, tmp_path, [f"{name}(ExponentialDecay(0.1, 3, 0.5){extra})"])
    mine = ten_steps(copy := nnx.clone(model), make(copy))
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)
    assert moved(mine, keras_steps(model, getattr(keras.optimizers, name)(schedule, **more)), model) <= 1e-4


def test_a_gradient_of_zeros_is_clipped(program, tmp_path):
    (model, make), = made(program, tmp_path, ["SGD(clipnorm=1.0)"])
    before = [np.array(leaf) for leaf in leaves(model)]
    make(model).update(model, jax.tree.map(jnp.zeros_like, nnx.state(model, nnx.Param)))
    assert all((a == b).all() for a, b in zip(before, leaves(model), strict=True))


@pytest.mark.parametrize("section, said", [
    ("optimizer: Ftrl()", "optax has no Ftrl; write Adagrad"),
    ("optimizer: Muon()", "write AdamW"),
    ("optimizer: Adam(use_ema=true)", "optax.incremental_update"),
    ("optimizer: Adam(loss_scale_factor=2.0)", "leave it out"),
    ("optimizer: Adam(CosineDecayRestarts(0.1, 10, t_mul=0.5))", "t_mul=1.0 or more"),
    ('loss: MeanSquaredError(reduction=none)', "leave reduction out"),
    ('loss: "binary_crossentropy"\n  metrics: [AUC()]', "it has no auc"),
    ('loss: "binary_crossentropy"\n  metrics: [Precision(top_k=2)]', "leave out top_k"),
    ('loss: "binary_crossentropy"\n  metrics: [Precision(thresholds=[0.3, 0.6])]', "give `thresholds` one value"),
    ('loss: "binary_crossentropy"\n  optimizer: Adam()\n  train { }\n  execution { device: "mps" }', 'write "auto" or "cpu"'),
    ('loss: "binary_crossentropy"\n  optimizer: Adam()\n  train { precision: "float16" }', "leave precision out"),
])
def test_what_jax_cannot_say_is_refused_at_its_place(program, tmp_path, section, said):
    text = network("Net", ENDS[NUMBERS] if "MeanSquared" in section else ENDS[BINARY], section)
    answer = refused(program, tmp_path, text, "jax")
    assert said in answer
    assert f":{4 + section.count(chr(10))}:" in answer, answer


def learnt(program, folder, more="", device="auto", rate="1e-3"):
    return module(program, folder, DIGITS.format(rate=rate, more=more, device=device), "jax")


def test_digits_are_learnt(program, tmp_path, capsys):
    """95 % of digits that it has not seen are right, what it says of them is so, and PyTorch takes its weights over."""
    generated = learnt(program, tmp_path, rate="CosineDecay(3e-3, 540)")
    images, labels = digits()
    file = tmp_path / "digits.safetensors"
    model = generated.Digits(rngs=nnx.Rngs(0))
    history = generated.train(model, images.numpy(), labels.numpy(), weights=str(file))
    shown = capsys.readouterr().out.splitlines()
    assert len(history) == len(shown) == 12 and shown[0].startswith("Epoch 1/12: loss ")
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["val_accuracy"] >= 0.95 and history[-1]["val_sparse_top_k_categorical_accuracy"] >= 0.99
    other = program.generate(tmp_path / "source.neural", tmp_path, "Digits")
    again = other.Digits().eval()
    other.load_weights(again, str(file))
    model.eval()
    with torch.no_grad():
        held, right = images[1437:], labels[1437:]
        scores = again(held)
        np.testing.assert_allclose(model(array(held)), scores, rtol=1e-4, atol=1e-4)
        share = (scores.argmax(-1) == right).float().mean().item()
    assert share == pytest.approx(history[-1]["val_accuracy"], abs=1e-6)


def test_settings_of_train(program, tmp_path, capsys):
    more = "shuffle: false  verbose: false  initial_epoch: 9  steps_per_epoch: 2  validation_freq: 2  validation_steps: 1  validation_batch_size: 100"
    generated = learnt(program, tmp_path, more, "cpu")
    images, labels = (tensor.numpy() for tensor in digits())
    seen = []

    def watched(step):
        def call(model, *given):
            x, dropout = given[-2], next(m for _, m in nnx.iter_modules(model) if isinstance(m, nnx.Dropout))
            seen.append((not dropout.deterministic, len(x), x[0, 4, 4, 0]))
            return step(model, *given)
        return call

    generated.train_step, generated.test_step = watched(generated.train_step), watched(generated.test_step)
    history = generated.train(generated.Digits(rngs=nnx.Rngs(0)), images, labels)
    assert capsys.readouterr().out == ""
    assert ["val_loss" in values for values in history] == [True, False, True]
    first, second = images[0, 4, 4, 0], images[32, 4, 4, 0]
    epoch, tested = [(True, 32, first), (True, 32, second)], [(False, 100, images[1437, 4, 4, 0])]
    assert seen == [*epoch, *tested, *epoch, *epoch, *tested]


def test_the_order_is_drawn_by_the_seed(program, tmp_path):
    generated = learnt(program, tmp_path)
    images, labels = (tensor.numpy()[:320] for tensor in digits())
    first, second = (generated.train(generated.Digits(rngs=nnx.Rngs(0)), images, labels, epochs=2) for _ in range(2))
    assert first == second
    orders = [b[1] for b in generated.Batches((images, labels), np.arange(320), 320, np.random.default_rng(1))]
    assert not (orders[0] == labels).all() and sorted(orders[0]) == sorted(labels)


def test_statistics_move_in_training_alone(program, tmp_path):
    """And weights that are not trained stay, with what the optimizer does to the others."""
    generated = module(program, tmp_path, """network Net {
  input: (6)
  layers: Dense(4, trainable=false, name="frozen") BatchNormalization() Output(1)
  loss: "mse"
  optimizer: Adam(0.1, weight_decay=0.1)
  train { verbose: false }
}
""", "jax")
    random = np.random.default_rng(0)
    inputs, targets = random.normal(size=(32, 6)), random.normal(size=(32, 1))
    model = generated.Net(rngs=nnx.Rngs(0))
    before = {path: np.array(weight[...]) for path, weight in generated.weights_by_path(model).items()}
    generated.run_epoch(model, [(inputs, targets)])
    assert all((before[path] == weight[...]).all() for path, weight in generated.weights_by_path(model).items())
    generated.train(model, inputs, targets)
    kept = {path for path, weight in generated.weights_by_path(model).items() if (before[path] == weight[...]).all()}
    assert kept == {"frozen/kernel", "frozen/bias"}


TWO = """network Two {
  input: { left: (3), right: (4) }
  layers:
    left -> Dense(6) -> a
    right -> Dense(6) -> b
    (a, b) -> Add() -> joint
    joint -> Output(5, activation="softmax") -> kind
    joint -> Output(1, activation="sigmoid") -> sure
  outputs: kind, sure
  loss: { kind: "sparse_categorical_crossentropy", sure: "binary_crossentropy" }
  optimizer: SGD(0.05)
  metrics: ["accuracy"]
  train { epochs: 3  batch_size: 8  shuffle: false }
}
"""


def test_several_inputs_and_outputs(program, tmp_path):
    """The losses of named outputs add up, from arrays and from batches alike."""
    generated = module(program, tmp_path, TWO, "jax")
    random = np.random.default_rng(0)
    inputs = tuple(random.normal(size=(32, n)).astype("float32") for n in (3, 4))
    targets = random.integers(0, 5, 32), random.integers(0, 2, (32, 1)).astype("float32")
    model = generated.Two(rngs=nnx.Rngs(0))
    kind, sure = model(*inputs)
    wanted = -np.log(np.take_along_axis(np.asarray(kind), targets[0][:, None], 1)).mean()
    wanted -= np.where(targets[1] == 1, np.log(sure), np.log1p(-sure)).mean()
    np.testing.assert_allclose(generated.loss((kind, sure), targets), wanted, rtol=1e-5)
    measured = generated.metrics((kind, sure), targets)
    assert measured["kind_accuracy"] == pytest.approx((np.asarray(kind).argmax(-1) == targets[0]).mean())
    assert measured["sure_accuracy"] == pytest.approx(((np.asarray(sure) > 0.5) == targets[1]).mean())
    history = generated.train(model, inputs, targets)
    assert history[-1]["loss"] < history[0]["loss"] and set(history[0]) == {"loss", "kind_accuracy", "sure_accuracy"}
    batches = [tuple(tuple(a[i:i + 8] for a in arrays) for arrays in (inputs, targets)) for i in range(0, 32, 8)]
    assert generated.train(generated.Two(rngs=nnx.Rngs(0)), batches) == history


def test_networks_that_are_trained_share_a_module(program, tmp_path):
    net = 'network {} {{ input: (4)  layers: Output(3)  loss: "mse"  optimizer: SGD()  train {{ epochs: 2 }} }}\n'
    generated = module(program, tmp_path, net.format("First") + net.format("SecondOne"), "jax")
    random = np.random.default_rng(0)
    for name, train in ("First", generated.first_train), ("SecondOne", generated.second_one_train):
        model = getattr(generated, name)(rngs=nnx.Rngs(0))
        history = train(model, random.normal(size=(64, 4)), random.normal(size=(64, 3)))
        assert history[1]["loss"] < history[0]["loss"]
