"""The training parts of generated PyTorch: losses, metrics, optimizers and schedules against Keras's and PyTorch's
own, and a network that learns."""

import inspect

import keras
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from declarations import DECLARATIONS
from program import load
from test_random import ruff
from training_cells import (
    BINARY, CLASSES, ENDS, LEADING, LOSSES, METRICS, NUMBERS, ONE_HOT, SAMPLES, SCHEDULES, WIDTH, call, data, ended, network)

DECLARED = {k: [d for d in DECLARATIONS if d.keyword == k] for k in ("loss", "metric", "optimizer", "schedule")}


def module(program, folder, text, target="pytorch"):
    """What is generated of a source, imported; its style is checked."""
    source = folder / "source.neural"
    source.write_text(text)
    output = folder / f"source_{target}.py"
    result = program("generate", source, "--target", target, "--force", "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode()
    assert ruff(folder) == ""
    return load(output)


def modules(program, folder, cells, target="pytorch"):
    """One module for many networks; a cell's functions begin with its network's name."""
    made = module(program, folder, "\n".join(network(f"N{i}", *cell) for i, cell in enumerate(cells)), target)
    prefix = (lambda i: f"n{i}_") if len(cells) > 1 else lambda i: ""
    return lambda i, name: getattr(made, prefix(i) + name)


def refused(program, folder, text, target="pytorch"):
    source = folder / "source.neural"
    source.write_text(text)
    result = program("generate", source, "--target", target, "--force", "-o", folder / "source.py")
    assert result.returncode == 1, result.stdout
    return result.stdout.decode()


def keras_class(keyword, name):
    declaration = next(d for d in DECLARED[keyword] if d.name == name)
    names = {name.lower(), *(a.lower() for a in declaration.aliases)}
    parent = {"loss": keras.losses, "metric": keras.metrics, "schedule": keras.optimizers.schedules}[keyword]
    return next(c for n, c in vars(parent).items() if inspect.isclass(c) and n.lower() in names)


def test_every_loss_has_its_cells():
    assert {d.name for d in DECLARED["loss"]} == set(LOSSES)
    assert {d.name for d in DECLARED["schedule"]} == set(SCHEDULES)
    refusing = {d.name for d in DECLARED["metric"] if d.entry("lacks_pytorch") and not d.entry("pytorch")}
    assert {d.name for d in DECLARED["metric"]} - refusing - {"accuracy", "mean", "sum"} == set(METRICS)


# What Keras does not have, by PyTorch.
OWN_LOSSES = {
    "nll": lambda ignore_index=-100, reduction="mean": nn.NLLLoss(ignore_index=ignore_index, reduction=reduction),
    "triplet_margin": lambda margin=1.0, p=2.0, epsilon=1e-6, swap=False, reduction="mean": lambda outputs, _: nn.TripletMarginLoss(
        margin, p, epsilon, swap, reduction=reduction)(*outputs.unbind(1)),
}


def test_losses(program, tmp_path):
    cells = [(name, kind, arguments) for name, (kind, more) in LOSSES.items() for arguments in ({}, *more)]
    end = lambda kind, arguments: "Output(5)" if arguments.get("from_logits") else ENDS[kind]
    part = modules(program, tmp_path, [
        (end(kind, arguments), f"loss: {call(name, arguments)}") for name, kind, arguments in cells])
    for i, (name, kind, arguments) in enumerate(cells):
        torch.manual_seed(0)
        raw = torch.randn(SAMPLES, *LEADING.get(kind, ()), WIDTH, requires_grad=True)
        outputs, targets = ended(raw, kind, arguments.get("from_logits", False))
        mine = part(i, "loss")(outputs, targets)
        slope, = torch.autograd.grad(mine, raw, retain_graph=True)
        if name in OWN_LOSSES:
            wanted = OWN_LOSSES[name](**arguments)(outputs, targets)
        else:
            wanted = keras_class("loss", name)(**arguments)(targets, outputs)
        torch.testing.assert_close(mine, wanted, rtol=1e-5, atol=1e-6, msg=f"{name} {arguments}: {mine} is not {wanted}")
        other, = torch.autograd.grad(wanted, raw)
        assert (slope - other).norm() <= 1e-4 * other.norm(), (name, arguments)


def test_losses_of_images(program, tmp_path):
    """Classes on the last axis, or on the second where the network is channels_first."""
    softmax = 'Conv2D(5, 1, activation="softmax")'
    losses = ["sparse_categorical_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy"]
    form = "network A{0}{1} {{ input: {2}  {3}  layers: {4}  loss: \"{5}\"  metrics: [\"accuracy\"] }}\n"
    made = module(program, tmp_path, "".join(
        form.format(i, first, "(3, 4, 6)" if first else "(4, 6, 3)", 'data_format: "channels_first"' if first else "", softmax, name)
        for i, name in enumerate(losses) for first in (0, 1)))
    torch.manual_seed(0)
    outputs, targets = torch.randn(2, 4, 6, 5).softmax(-1), torch.randint(0, 5, (2, 4, 6))
    for i, name in enumerate(losses):
        labels = targets if i == 0 else nn.functional.one_hot(targets, 5).float()
        wanted = keras_class("loss", name)()(labels, outputs)
        torch.testing.assert_close(getattr(made, f"a{i}0_loss")(outputs, labels), wanted)
        second = labels if i == 0 else labels.movedim(-1, 1)
        torch.testing.assert_close(getattr(made, f"a{i}1_loss")(outputs.movedim(-1, 1), second), wanted)
        share = (outputs.argmax(-1) == targets).float().mean()
        assert getattr(made, f"a{i}0_metrics")(outputs, labels)["accuracy"] == share
        assert getattr(made, f"a{i}1_metrics")(outputs.movedim(-1, 1), second)["accuracy"] == share


SUITING = {CLASSES: "sparse_categorical_crossentropy", ONE_HOT: "categorical_crossentropy", BINARY: "binary_crossentropy"}


def test_metrics(program, tmp_path):
    cells = [(name, kind, arguments) for name, (kind, more) in METRICS.items() for arguments in more]
    part = modules(program, tmp_path, [
        (ENDS[kind], f"loss: \"{SUITING.get(kind, 'mean_squared_error')}\"", f"metrics: [{call(name, arguments)}]")
        for name, kind, arguments in cells])
    for i, (name, kind, arguments) in enumerate(cells):
        outputs, targets = data(kind)
        (key, mine), = part(i, "metrics")(outputs, targets).items()
        metric = keras_class("metric", name)(**arguments)
        metric.update_state(targets, outputs)
        assert key == name
        wanted = torch.as_tensor(metric.result(), dtype=torch.float32)
        torch.testing.assert_close(mine.float(), wanted, rtol=1e-5, atol=1e-6, msg=f"{name} {arguments}: {mine} is not {wanted}")


@pytest.mark.parametrize("loss, end, kind, logits", [
    ("sparse_categorical_crossentropy", ENDS[CLASSES], CLASSES, False),
    ("categorical_crossentropy", ENDS[ONE_HOT], ONE_HOT, False),
    ("binary_crossentropy", ENDS[BINARY], BINARY, False),
    ("BinaryCrossentropy(from_logits=true)", ENDS[NUMBERS], BINARY, True),
])
def test_accuracy_follows_the_loss(program, tmp_path, loss, end, kind, logits):
    loss = loss if "(" in loss else f'"{loss}"'
    made = module(program, tmp_path, network("Net", end, f"loss: {loss}", 'metrics: ["accuracy"]'))
    outputs, targets = data(kind, logits)
    right = {CLASSES: lambda: outputs.argmax(-1) == targets, ONE_HOT: lambda: outputs.argmax(-1) == targets.argmax(-1),
             BINARY: lambda: (outputs > (0 if logits else 0.5)) == targets.bool()}[kind]()
    assert made.metrics(outputs, targets) == {"accuracy": right.float().mean()}


def test_schedules(program, tmp_path):
    cells = [(name, arguments) for name, more in SCHEDULES.items() for arguments in more]
    part = modules(program, tmp_path, [("Output(5)", f"optimizer: SGD({call(*cell)})") for cell in cells])
    for i, (name, arguments) in enumerate(cells):
        mine = part(i, "learning_rate")
        for step in (0, 1, 100, 10_000):
            wanted = rate(name, arguments, step)
            assert mine(step) == pytest.approx(wanted, rel=2e-4, abs=1e-9), (name, arguments, step)


def rate(name, arguments, step):
    """What Keras says of a schedule's step, or PyTorch where Keras has no such schedule."""
    if name == "StepDecay":
        return arguments["initial_learning_rate"] * arguments.get("gamma", 0.1) ** (step // arguments["step_size"])
    if name == "OneCycle":
        return one_cycle(step, **arguments)
    return float(keras_class("schedule", name)(**arguments)(step))


def one_cycle(step, max_learning_rate, total_steps, pct_start, anneal_strategy):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_learning_rate, total_steps, pct_start=pct_start, anneal_strategy=anneal_strategy, cycle_momentum=False)
    # The schedule of one step, without going through those before it.
    schedule.last_epoch, schedule._get_lr_called_within_step = min(step, total_steps - 1), True
    return schedule.get_lr()[0]


# By hand: every optimizer at Keras's defaults, and off them.
OPTIMIZERS = {
    "SGD": [({}, lambda p: torch.optim.SGD(p, lr=0.01)),
            ({"learning_rate": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
             lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01))],
    "Adam": [({}, lambda p: torch.optim.Adam(p, lr=0.001, eps=1e-7)),
             ({"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-5, "amsgrad": True},
              lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), eps=1e-5, amsgrad=True)),
             ({"weight_decay": 0.1}, lambda p: torch.optim.AdamW(p, lr=0.001, eps=1e-7, weight_decay=0.1))],
    "AdamW": [({}, lambda p: torch.optim.AdamW(p, lr=0.001, eps=1e-7, weight_decay=0.004)),
              ({"learning_rate": 0.01, "weight_decay": 0.2, "beta_1": 0.8, "amsgrad": True},
               lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.8, 0.999), eps=1e-7, weight_decay=0.2, amsgrad=True))],
    "Adamax": [({}, lambda p: torch.optim.Adamax(p, lr=0.001, eps=1e-7)),
               ({"beta_2": 0.9, "weight_decay": 0.1}, lambda p: torch.optim.Adamax(p, lr=0.001, betas=(0.9, 0.9), eps=1e-7, weight_decay=0.1))],
    "Nadam": [({}, lambda p: torch.optim.NAdam(p, lr=0.001, eps=1e-7)),
              ({"beta_1": 0.8, "weight_decay": 0.1},
               lambda p: torch.optim.NAdam(p, lr=0.001, betas=(0.8, 0.999), eps=1e-7, weight_decay=0.1, decoupled_weight_decay=True))],
    "RMSprop": [({}, lambda p: torch.optim.RMSprop(p, lr=0.001, alpha=0.9, eps=1e-7)),
                ({"rho": 0.99, "momentum": 0.5, "centered": True, "weight_decay": 0.1},
                 lambda p: torch.optim.RMSprop(p, lr=0.001, alpha=0.99, eps=1e-7, momentum=0.5, centered=True, weight_decay=0.1))],
    "Adagrad": [({}, lambda p: torch.optim.Adagrad(p, lr=0.001, initial_accumulator_value=0.1, eps=1e-7)),
                ({"initial_accumulator_value": 0.0, "weight_decay": 0.1}, lambda p: torch.optim.Adagrad(p, lr=0.001, eps=1e-7, weight_decay=0.1))],
    "Adadelta": [({}, lambda p: torch.optim.Adadelta(p, lr=0.001, rho=0.95, eps=1e-7)),
                 ({"rho": 0.9, "weight_decay": 0.1}, lambda p: torch.optim.Adadelta(p, lr=0.001, rho=0.9, eps=1e-7, weight_decay=0.1))],
    "Adafactor": [({}, lambda p: torch.optim.Adafactor(p, lr=0.001, eps=(1e-30, 0.001))),
                  ({"beta_2_decay": -0.7, "clip_threshold": 2.0, "weight_decay": 0.1},
                   lambda p: torch.optim.Adafactor(p, lr=0.001, beta2_decay=-0.7, eps=(1e-30, 0.001), d=2.0, weight_decay=0.1))],
}
CLIPPED = {
    "clipvalue": lambda p: nn.utils.clip_grad_value_(p, 0.05),
    "global_clipnorm": lambda p: nn.utils.clip_grad_norm_(p, 0.05),
    "clipnorm": lambda p: [nn.utils.clip_grad_norm_(one, 0.05) for one in p],
}


def ten_steps(make, before=lambda parameters: None, scheduled=None):
    """The weights of a Dense after ten steps on gradients that are drawn."""
    torch.manual_seed(3)
    model = nn.Linear(3, 5)
    optimizer, scheduler = make(model) if scheduled is None else scheduled(model)
    for _ in range(10):
        for parameter in model.parameters():
            parameter.grad = torch.randn(parameter.shape)
        before(list(model.parameters()))
        optimizer.step()
        if scheduler:
            scheduler.step()
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def test_optimizers(program, tmp_path):
    without = {d.name for d in DECLARED["optimizer"] if d.entry("lacks_pytorch") and not d.entry("pytorch")}
    assert {d.name for d in DECLARED["optimizer"]} - without == set(OPTIMIZERS)
    cells = [(name, arguments, wanted) for name, more in OPTIMIZERS.items() for arguments, wanted in more]
    part = modules(program, tmp_path, [("Output(5)", f"optimizer: {call(n, a)}") for n, a, _ in cells])
    for i, (name, arguments, wanted) in enumerate(cells):
        mine = ten_steps(lambda m, i=i: (part(i, "make_optimizer")(m), None))
        other = ten_steps(lambda m, wanted=wanted: (wanted(m.parameters()), None))
        assert torch.equal(mine, other), (name, arguments)


def test_gradients_are_clipped(program, tmp_path):
    part = modules(program, tmp_path, [("Output(5)", f"optimizer: SGD({option}=0.05)") for option in CLIPPED])
    plain = ten_steps(lambda m: (torch.optim.SGD(m.parameters(), lr=0.01), None))
    for i, (option, clip) in enumerate(CLIPPED.items()):
        mine = ten_steps(lambda m, i=i: (part(i, "make_optimizer")(m), None))
        wanted = ten_steps(lambda m: (torch.optim.SGD(m.parameters(), lr=0.01), None), clip)
        assert torch.equal(mine, wanted) and not torch.equal(mine, plain), option


def test_a_schedule_is_followed(program, tmp_path):
    made = module(program, tmp_path, network("Net", "Output(5)", "optimizer: Adam(ExponentialDecay(0.1, 3, 0.5))"))

    def by_hand(model):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1, eps=1e-7)
        return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 ** (step / 3))

    torch.testing.assert_close(ten_steps(None, scheduled=made.make_optimizer), ten_steps(None, scheduled=by_hand))


@pytest.mark.parametrize("section, said", [
    ("optimizer: Lion()", "torch.optim has no Lion; write AdamW"),
    ("optimizer: Lamb()", "torch.optim has no LAMB; write AdamW"),
    ("optimizer: Ftrl()", "torch.optim has no Ftrl; write Adagrad"),
    ("optimizer: Muon()", "write AdamW"),
    ("optimizer: Adafactor(relative_step=false)", "leave out relative_step=false"),
    ("optimizer: Adam(use_ema=true)", "AveragedModel"),
    ("optimizer: Adam(loss_scale_factor=2.0)", "precision"),
    ("optimizer: Adam(gradient_accumulation_steps=4)", "larger batch_size"),
    ("optimizer: Adam(CosineDecayRestarts(0.1, 10, t_mul=0.5))", "t_mul=1.0 or more"),
    ('loss: MeanSquaredError(reduction=none)', "leave reduction out"),
    ('loss: "binary_crossentropy"\n  metrics: [AUC()]', "it has no auc"),
    ('loss: "binary_crossentropy"\n  metrics: [Precision(top_k=2)]', "leave out top_k"),
    ('loss: "binary_crossentropy"\n  metrics: [Precision(thresholds=[0.3, 0.6])]', "give `thresholds` one value"),
    ('loss: "binary_crossentropy"\n  optimizer: Adam()\n  train { }\n  execution { device: "tpu" }', "torch_xla"),
])
def test_what_pytorch_cannot_say_is_refused_at_its_place(program, tmp_path, section, said):
    text = network("Net", ENDS[NUMBERS] if "MeanSquared" in section else ENDS[BINARY], section)
    answer = refused(program, tmp_path, text)
    assert said in answer
    # The line of the section, or below it.
    line = 4 + (section.count("\n") if "Adam()" not in section else 3)
    assert f":{line}:" in answer, answer


def digits():
    images, labels = load_digits(return_X_y=True)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    images = torch.tensor(images, dtype=torch.float32).reshape(-1, 8, 8, 1)[order] / 16
    return images, torch.tensor(labels)[order]


DIGITS = """network Digits {{
  input: (8, 8, 1)
  layers:
    Conv2D(16, 3, padding="same", activation="relu") MaxPooling2D() BatchNormalization()
    Flatten() Dense(64, activation="relu") Dropout(0.2) Output(10)
  loss: SparseCategoricalCrossentropy(from_logits=true)
  optimizer: Adam({rate})
  metrics: ["accuracy", SparseTopKCategoricalAccuracy(k=3)]
  train {{ epochs: 12  batch_size: 32  validation_split: 0.2  seed: 1 {more} }}
  execution {{ device: "{device}" }}
}}
"""


def test_digits_are_learnt(program, tmp_path, capsys):
    """A network learns real digits until 95 % of those that it has not seen are right; a file takes its weights over."""
    made = module(program, tmp_path, DIGITS.format(rate="CosineDecay(3e-3, 540)", more="", device="auto"))
    images, labels = digits()
    file = tmp_path / "digits.safetensors"
    torch.manual_seed(0)
    model = made.Digits()
    history = made.train(model, images, labels, weights=str(file))
    shown = capsys.readouterr().out.splitlines()
    assert len(history) == len(shown) == 12 and shown[0].startswith("Epoch 1/12: loss ")
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["val_accuracy"] >= 0.95 and history[-1]["val_sparse_top_k_categorical_accuracy"] >= 0.99
    # What validation says is so, of the last fifth.
    again = made.Digits().eval()
    made.load_weights(again, str(file))
    with torch.no_grad():
        held, right = images[1437:], labels[1437:]
        share = (again(held).argmax(-1) == right).float().mean().item()
    assert share == pytest.approx(history[-1]["val_accuracy"], abs=1e-6)


def test_settings_of_train(program, tmp_path, capsys):
    more = "shuffle: false  verbose: false  initial_epoch: 9  steps_per_epoch: 2  validation_freq: 2  validation_steps: 1  validation_batch_size: 100"
    made = module(program, tmp_path, DIGITS.format(rate="1e-3", more=more, device="cpu"))
    images, labels = digits()
    seen = []

    class Watched(made.Digits):
        def forward(self, x):
            seen.append((self.training, len(x), x[0, 4, 4, 0].item()))
            return super().forward(x)

    history = made.train(Watched(), images, labels)
    assert capsys.readouterr().out == ""
    assert ["val_loss" in values for values in history] == [True, False, True]
    first, second = images[0, 4, 4, 0].item(), images[32, 4, 4, 0].item()
    epoch, tested = [(True, 32, first), (True, 32, second)], [(False, 100, images[1437, 4, 4, 0].item())]
    assert seen == [*epoch, *tested, *epoch, *epoch, *tested]


def test_a_loop_that_shows_nothing_counts_no_epochs(program, tmp_path):
    made = module(program, tmp_path, DIGITS.format(rate="1e-3", more="verbose: false", device="cpu"))
    images, labels = digits()
    assert len(made.train(made.Digits(), images[:64], labels[:64], epochs=2)) == 2


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_lower_precision(program, tmp_path, precision):
    made = module(program, tmp_path, DIGITS.format(rate="1e-3", more=f'precision: "{precision}"', device="cpu"))
    images, labels = digits()
    history = made.train(made.Digits(), images[:320], labels[:320], epochs=2)
    assert history[-1]["loss"] < history[0]["loss"]


def test_several_inputs_and_outputs(program, tmp_path):
    """The losses of named outputs add up, from arrays and from a loader alike."""
    made = module(program, tmp_path, """network Two {
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
""")
    torch.manual_seed(0)
    inputs, targets = (torch.randn(32, 3), torch.randn(32, 4)), (torch.randint(0, 5, (32,)), torch.randint(0, 2, (32, 1)).float())
    torch.manual_seed(1)
    model = made.Two()
    before = {n: p.clone() for n, p in model.named_parameters()}
    outputs = model(*inputs)
    wanted = nn.functional.nll_loss(outputs[0].log(), targets[0]) + nn.functional.binary_cross_entropy(outputs[1], targets[1])
    torch.testing.assert_close(made.loss(outputs, targets), wanted)
    measured = made.metrics(outputs, targets)
    assert measured["kind_accuracy"] == (outputs[0].argmax(-1) == targets[0]).float().mean()
    assert measured["sure_accuracy"] == ((outputs[1] > 0.5) == targets[1].bool()).float().mean()
    history = made.train(model, inputs, targets)
    assert history[-1]["loss"] < history[0]["loss"] and set(history[0]) == {"loss", "kind_accuracy", "sure_accuracy"}
    assert any(not torch.equal(before[n], p) for n, p in model.named_parameters())
    torch.manual_seed(1)
    other = made.Two()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*inputs, *targets), 8)
    assert made.train(other, loader) == history
