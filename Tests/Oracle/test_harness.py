"""The oracle itself, before it judges anybody: modules written by hand instead of generated ones.

Each pair has to agree, and each planted mistake has to be seen.
"""

import re
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import reference_architectures
import reference_models
import test_generate_pytorch
import transfer
from cells import CELLS
from marks import CODES, SEVERITIES, apply, fits, parse
from program import ROOT, value
from test_cells import reference
from test_cells import judge as judge_cell
from test_goldens import ROWS, symbols
from test_json import FILES

BY_NAME = {cell.name: cell for cell in CELLS}


class SameConvolution(nn.Module):
    """`same` with stride 2 on 9 × 12: one more row and column behind than before."""

    def __init__(self, padding):
        super().__init__()
        self.padding = padding
        self.convolution = nn.Conv2d(5, 7, 3, 2)

    def forward(self, x):
        x = F.pad(x.permute(0, 3, 1, 2), self.padding)
        return self.convolution(x).permute(0, 2, 3, 1)


class Recurrent(nn.Module):
    def __init__(self, kind, bidirectional=False):
        super().__init__()
        self.core = kind(5, 6, batch_first=True, bidirectional=bidirectional)
        if kind is nn.LSTM:
            for name, p in self.core.named_parameters():
                if "bias_hh" in name:
                    p.requires_grad_(False)

    def forward(self, x):
        y, state = self.core(x)
        state = state[0] if isinstance(state, tuple) else state
        return torch.cat(list(state), -1)


class KerasLSTM(nn.Module):
    """An LSTM written out, with Keras's names, layout and order of gates."""

    def __init__(self):
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(5, 24))
        self.recurrent_kernel = nn.Parameter(torch.zeros(6, 24))
        self.bias = nn.Parameter(torch.zeros(24))

    def forward(self, x):
        h = c = torch.zeros(x.shape[0], 6)
        for t in range(x.shape[1]):
            i, f, g, o = (x[:, t] @ self.kernel + h @ self.recurrent_kernel + self.bias).split(6, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return h


class OldGRU(nn.Module):
    """reset_after=False, in PyTorch's layout: rows are gates r, z, n, one bias."""

    def __init__(self):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(18, 5))
        self.weight_hh = nn.Parameter(torch.zeros(18, 6))
        self.bias = nn.Parameter(torch.zeros(18))

    def forward(self, x):
        h = torch.zeros(x.shape[0], 6)
        for t in range(x.shape[1]):
            r, z, n = (x[:, t] @ self.weight_ih.T + self.bias).split(6, -1)
            hr, hz, hn = self.weight_hh.split(6)
            r, z = torch.sigmoid(r + h @ hr.T), torch.sigmoid(z + h @ hz.T)
            n = torch.tanh(n + (r * h) @ hn.T)
            h = z * h + (1 - z) * n
        return h


class NewGRU(nn.Module):
    """reset_after=True written out: `columns` in Keras's layout, else in PyTorch's."""

    def __init__(self, columns):
        super().__init__()
        self.columns = columns
        sizes = [(5, 18), (6, 18), (2, 18)] if columns else [(18, 5), (18, 6), (18,), (18,)]
        names = ["kernel", "recurrent_kernel", "bias"] if columns else ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
        for name, size in zip(names, sizes):
            self.register_parameter(name, nn.Parameter(torch.zeros(size)))

    def forward(self, x):
        h = torch.zeros(x.shape[0], 6)
        for t in range(x.shape[1]):
            if self.columns:
                z, r, n = (x[:, t] @ self.kernel + self.bias[0]).split(6, -1)
                hz, hr, hn = (h @ self.recurrent_kernel + self.bias[1]).split(6, -1)
            else:
                r, z, n = (x[:, t] @ self.weight_ih.T + self.bias_ih).split(6, -1)
                hr, hz, hn = (h @ self.weight_hh.T + self.bias_hh).split(6, -1)
            z = torch.sigmoid(z + hz)
            h = z * h + (1 - z) * torch.tanh(n + torch.sigmoid(r + hr) * hn)
        return h


class FourProjections(nn.Module):
    def __init__(self, width=10, heads=2, key=3):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, heads * key) for _ in range(3))
        self.output = nn.Linear(heads * key, width)

    def forward(self, x):
        q, k, v = (p(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in (self.query, self.key, self.value))
        y = F.scaled_dot_product_attention(q, k, v)
        return self.output(y.transpose(1, 2).flatten(2))


class OneProjection(FourProjections):
    def __init__(self):
        super().__init__()
        del self.query, self.key, self.value
        self.qkv = nn.Linear(10, 18)

    def forward(self, x):
        q, k, v = (p.unflatten(-1, (2, -1)).transpose(1, 2) for p in self.qkv(x).split(6, -1))
        return self.output(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class TorchAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(10, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


class ChannelsLastNorm(nn.Module):
    def __init__(self, epsilon=1e-3):
        super().__init__()
        self.norm = nn.BatchNorm2d(5, eps=epsilon)

    def forward(self, x):
        return self.norm(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Encoder(nn.Module):
    def __init__(self, **arguments):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(10, 2, 23, batch_first=True, **arguments)

    def forward(self, x):
        with torch.enable_grad():
            return self.layer(x)


def dense(*after):
    return lambda: nn.Sequential(nn.Linear(5, 9), *after)


SAME = 'Conv2D(filters=7, kernel_size=3, strides=2, padding="same") on (9, 12, 5)'
ATTENTION = "MultiHeadAttention(num_heads=2, key_dim=3) on (6, 10)"
RIGHT = {
    # Rows: 9 gives 5, total (5-1)*2+3-9 = 2, one on each side; columns: 12 gives 6, total 1, behind.
    "same": (SAME, lambda: SameConvolution((0, 1, 1, 1))),
    "dense": ('Dense(units=9, activation="gelu") on (6, 5)', dense(nn.GELU())),
    "gelu_tanh": ('Dense(9, activation="gelu_tanh") on (6, 5)', dense(nn.GELU("tanh"))),
    "leaky": ('Dense(units=9, activation="leaky_relu") on (6, 5)', dense(nn.LeakyReLU(0.2))),
    "embedding": ("Embedding(11, 7) on (6,)", lambda: nn.Embedding(11, 7)),
    "lstm": ("LSTM(units=6) on (7, 5)", lambda: Recurrent(nn.LSTM)),
    "keras_lstm": ("LSTM(units=6) on (7, 5)", KerasLSTM),
    "gru": ("GRU(units=6) on (7, 5)", lambda: Recurrent(nn.GRU)),
    "gru_columns": ("GRU(units=6) on (7, 5)", lambda: NewGRU(True)),
    "gru_rows": ("GRU(units=6) on (7, 5)", lambda: NewGRU(False)),
    "old_gru": ("GRU(units=6, reset_after=false) on (7, 5)", OldGRU),
    "bidirectional": (
        'Bidirectional(LSTM(units=6, return_sequences=false), merge_mode="concat") on (7, 5)',
        lambda: Recurrent(nn.LSTM, True)),
    "attention": (ATTENTION, FourProjections),
    "attention_qkv": (ATTENTION, OneProjection),
    "attention_torch": ("MultiHeadAttention(num_heads=2) on (6, 10)", TorchAttention),
    "batch_norm": ("BatchNormalization() on (4, 6, 5)", ChannelsLastNorm),
    "layer_norm": ("LayerNormalization() on (6, 5)", lambda: nn.LayerNorm(5, eps=1e-3)),
    "encoder": ("TransformerEncoder(2, ff_dim=23) on (6, 10)", Encoder),
}
WRONG = {
    "same, symmetric": (SAME, lambda: SameConvolution((1, 0, 1, 1))),
    "exact gelu for tanh": ('Dense(9, activation="gelu_tanh") on (6, 5)', dense(nn.GELU())),
    "slope of PyTorch": ('Dense(units=9, activation="leaky_relu") on (6, 5)', dense(nn.LeakyReLU())),
    "epsilon of PyTorch": ("BatchNormalization() on (4, 6, 5)", lambda: ChannelsLastNorm(1e-5)),
    "epsilon of PyTorch's layer norm": ("LayerNormalization() on (6, 5)", lambda: nn.LayerNorm(5)),
    "reset after": ("GRU(units=6, reset_after=false) on (7, 5)", lambda: Recurrent(nn.GRU)),
    "norm first": ("TransformerEncoder(2, ff_dim=23) on (6, 10)", lambda: Encoder(norm_first=True)),
    "heads": (ATTENTION, lambda: FourProjections(heads=1, key=6)),
}


def distance(name, make):
    layers, inputs, outputs, _ = reference(BY_NAME[name])
    module = make()
    transfer.load(module, transfer.primitives(layers))
    module.eval()
    with torch.no_grad():
        return transfer.difference(module(*inputs), outputs[0])


@pytest.mark.parametrize("name, make", RIGHT.values(), ids=RIGHT)
def test_right_modules_agree(name, make):
    assert distance(name, make) <= 1e-5


@pytest.mark.parametrize("name, make", WRONG.values(), ids=WRONG)
def test_planted_mistakes_are_seen(name, make):
    assert distance(name, make) > 1e-4


@pytest.mark.parametrize("make", [lambda: nn.Linear(5, 9, bias=False), lambda: nn.Linear(5, 8), nn.Identity,
                                  lambda: nn.Sequential(nn.Linear(5, 9), nn.Linear(9, 9))])
def test_weights_without_a_place_are_seen(make):
    layers, *_ = reference(BY_NAME["Dense(units=9) on (6, 5)"])
    with pytest.raises(AssertionError):
        transfer.load(make(), transfer.primitives(layers))


class Stub:
    """A program that answers with what a test gives it."""

    def __init__(self, summary, **classes):
        self.answer, self.classes = summary, classes

    def summary(self, path, network=None):
        return self.answer

    def generate(self, path, folder, network):
        return SimpleNamespace(**self.classes)


def cell_summary(parameters=54, size=("batch", 6, 9), macs=6 * 5 * 9):
    return {"outputs": [{"name": "output", "shape": list(size), "dtype": "float32"}],
            "parameters": parameters, "trainable": parameters, "macs": macs}


def test_a_cell_is_judged():
    cell = BY_NAME["Dense(units=9) on (6, 5)"]
    make = lambda: nn.Linear(5, 9)
    judge_cell(cell, cell_summary(), make)
    for summary, module in (
        (cell_summary(55), make),
        (cell_summary(macs=271), make),
        (cell_summary(size=("batch", 5, 9)), make),
        (cell_summary(), lambda: nn.Linear(5, 9, bias=False)),
        (cell_summary(), lambda: nn.Sequential(nn.Linear(5, 9), nn.ReLU())),
    ):
        with pytest.raises(AssertionError):
            judge_cell(cell, summary, module)


class LeNet(nn.Module):
    def __init__(self, padding=2):
        super().__init__()
        self.first = nn.Conv2d(1, 6, 5, padding=padding)
        self.second = nn.Conv2d(6, 16, 5)
        self.dense = nn.Sequential(nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.first(x.permute(0, 3, 1, 2))), 2)
        x = F.avg_pool2d(torch.tanh(self.second(x)), 2).permute(0, 2, 3, 1).flatten(1)
        return torch.softmax(self.dense(x), -1)


def lenet_summary(macs=416520, first=28):
    row = lambda kind, parameters, *size: {
        "path": kind, "type": kind, "parameters": parameters, "outputs": [["batch", *size]]}
    return {
        "inputs": [{"name": "input", "shape": ["batch", 28, 28, 1], "dtype": "float32"}],
        "outputs": [{"name": "output", "shape": ["batch", 10], "dtype": "float32"}],
        "layers": [row("Conv2D", 156, first, 28, 6), row("Conv2D", 2416, 10, 10, 16), row("Flatten", 0, 400),
                   row("Dense", 48120, 120), row("Dense", 10164, 84), row("Output", 850, 10)],
        "trainable": 61706, "parameters": 61706, "macs": macs,
    }


JUDGES = [
    test_generate_pytorch.test_output_shapes, test_generate_pytorch.test_parameters,
    test_generate_pytorch.test_layer_shapes, test_generate_pytorch.test_work,
]


def judge_numbers(tmp_path, module):
    test_generate_pytorch.test_numbers(Stub(lenet_summary(), LeNet5=module), tmp_path, LENET)


LENET = next(row for row in ROWS if row["file"] == "lenet5.neural")


def judge(judges, tmp_path, summary, module):
    for one in judges:
        one((LENET, test_generate_pytorch.Generated(Stub(summary, LeNet5=module), tmp_path, LENET["file"], "LeNet5")))


def test_an_example_is_judged(tmp_path):
    judge(JUDGES, tmp_path, lenet_summary(), LeNet)
    judge_numbers(tmp_path, LeNet)
    wrong_order = type("WrongOrder", (LeNet,), {"forward": lambda self, x: LeNet.forward(self, x.transpose(1, 2))})
    for judges, summary, module in (
        (JUDGES[2:3], lenet_summary(first=27), LeNet),
        (JUDGES[3:4], lenet_summary(macs=416521), LeNet),
    ):
        with pytest.raises(AssertionError):
            judge(judges, tmp_path, summary, module)
    with pytest.raises(AssertionError):
        judge_numbers(tmp_path, wrong_order)


@pytest.mark.parametrize("name", ["resnet34", "transformer_encoder", "cifar_channels_first"])
def test_torch_models_take_each_others_weights(name):
    one, other = (reference_models.REFERENCES[name]() for _ in range(2))
    transfer.randomize(one.layers)
    transfer.load(other.model, transfer.primitives(one.layers))
    x = [torch.randn(2, *[d if isinstance(d, int) else 5 for d in s]) for s, _ in one.inputs]
    with torch.no_grad():
        assert transfer.difference(other.model(*x), one.model(*x)) <= 1e-6


@pytest.mark.parametrize("name, macs", {
    SAME: 5 * 6 * 3 * 3 * 5 * 7,
    "Conv2D(filters=12, kernel_size=3, groups=3) on (8, 7, 6)": 6 * 5 * 3 * 3 * 2 * 12,
    "Conv1D(filters=7, kernel_size=2, padding=\"causal\") on (11, 5)": 11 * 2 * 5 * 7,
    "LSTM(units=6) on (7, 5)": 7 * 4 * 6 * (5 + 6),
    "GRU(units=6) on (7, 5)": 7 * 3 * 6 * (5 + 6),
    "GRU(units=6, reset_after=false) on (7, 5)": 7 * 3 * 6 * (5 + 6),
    ATTENTION: 6 * 10 * 6 * 4 + 2 * 6 * 6 * 6,
    "MultiHeadAttention(num_heads=2, key_dim=3, causal=true) on (6, 10)": 6 * 10 * 6 * 4 + 2 * 6 * 6 * 6,
    "TransformerEncoder(2, ff_dim=23) on (6, 10)": 4 * 6 * 100 + 2 * 36 * 10 + 2 * 6 * 10 * 23,
    "TransformerEncoder(2, ff_dim=23, causal=true) on (6, 10)": 4 * 6 * 100 + 2 * 36 * 10 + 2 * 6 * 10 * 23,
    "Embedding(11, 7) on (6,)": 0,
    "MaxPooling2D() on (9, 12, 5)": 0,
}.items())
def test_work_is_counted_by_hand_alike(name, macs):
    assert reference(BY_NAME[name])[3] == macs


def test_every_cell_has_a_reference():
    assert len(BY_NAME) == len(CELLS), "two cells of one name"
    for cell in CELLS:
        layers, _, outputs, _ = reference(cell)
        transfer.primitives(layers)
        assert all(torch.isfinite(o).all() for o in outputs), cell.name


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_reference_models_have_the_golden_sizes(row):
    model = reference_architectures.reference(row["file"].removesuffix(".neural"))
    assert model.counts() == (int(row["total"]), int(row["trainable"]))
    order = [d for shape, _ in model.inputs for d in shape if isinstance(d, str)]
    assert model.macs([symbols(row["at"])[name] for name in order]) == int(row["macs"])


def test_sizes_are_expressions():
    assert value("height//2 + 1", {"height": 9}) == 5
    assert value("2*(seq - 1)", {"seq": 4}) == 6
    for bad in ("32|64", "__import__('os')", "seq", "seq/2"):
        with pytest.raises(AssertionError):
            value(bad, {} if bad == "seq" else {"seq": 3})


TEXT = """network A {
  input: (8)
  layers:
    Desne(4)
#   ^^^^^ unknown-layer: Dense
#   fix: Dense(4)
}
"""


def finding(line=4, start=5, end=10, code="unknown-layer", message="no layer Desne: Dense?"):
    return {"code": code, "message": message,
            "range": {"start": {"line": line, "column": start}, "end": {"line": line, "column": end}}}


def test_marks_are_read():
    (mark,), related = parse(TEXT)
    assert not related and mark.fixes == ["Dense(4)"]
    assert fits(mark, finding())
    for other in ({"line": 5}, {"start": 4}, {"end": 11}, {"code": "syntax-error"}, {"message": "what?"}):
        assert not fits(mark, finding(**other))
    edit = {"range": finding()["range"], "text": "Dense"}
    assert "    Dense(4)\n" in apply(TEXT, [edit])


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_marks_of_every_file(path):
    expected, _ = parse(path.read_text())
    silent = {"near_misses", "semicolons", "section_order"}
    assert bool(expected) != (path.stem in silent)


def test_severities_are_of_codes():
    named = [code for codes in SEVERITIES.values() for code in codes]
    assert set(named) <= set(CODES) and len(named) == len(set(named))


def test_codes_are_those_of_the_program():
    swift = (ROOT / "Sources" / "NeuralSchema" / "DiagnosticCode.swift").read_text()
    assert sorted(re.findall(r'^  case \w+ = "([a-z0-9-]+)"', swift, re.M)) == sorted(CODES)
