"""Sizes that the world knows: goldens/*.tsv against `neural-lsp summary`."""

import csv

import pytest

from program import EXAMPLES, ROOT, value

GOLDENS = ROOT / "Tests" / "goldens"


def rows(name):
    lines = [l for l in (GOLDENS / name).read_text().splitlines() if not l.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def symbols(text):
    return {} if text == "-" else {k: int(v) for k, v in (pair.split("=") for pair in text.split())}


ROWS = rows("examples.tsv")


def test_every_example_has_a_row():
    assert {row["file"] for row in ROWS} == {path.name for path in EXAMPLES.glob("*.neural")}


# The examples that are a row of architectures.tsv: their published numbers must be the same.
PUBLISHED = {
    "alexnet": "alexnet.neural",
    "densenet169": "densenet169.neural",
    "efficientnet_b7": "efficientnet_b7.neural",
    "googlenet (without the auxiliary classifiers)": "googlenet.neural",
    "mnasnet1_0": "mnasnet.neural",
    "mobilenet_v3_large": "mobilenet_v3_large.neural",
    "regnet_y_400mf": "regnet_y_400mf.neural",
    "resnet34": "resnet34.neural",
    "resnet50": "resnet50.neural",
    "resnext50_32x4d": "resnext50.neural",
    "shufflenet_v2_x1_0": "shufflenet_v2.neural",
    "squeezenet1_0": "squeezenet.neural",
    "vgg16": "vgg16.neural",
    "vgg19": "vgg19.neural",
    "vit_l_16": "vit_l_16.neural",
    "wide_resnet50_2": "wide_resnet50.neural",
    "VGG16": "vgg16.neural",
    "Xception": "xception.neural",
    "ResNet50": "resnet50_keras.neural",
    "ResNet50V2": "resnet50v2_keras.neural",
    "MobileNet": "mobilenet.neural",
    "DenseNet169": "densenet169_keras.neural",
    "EfficientNetB7": "efficientnet_b7_keras.neural",
    "EfficientNetV2B0": "efficientnet_v2_b0.neural",
    "LeNet-5 (padding 2 in the first layer)": "lenet5.neural",
    "U-Net, valid padding, 1 -> 2 channels": "unet_valid.neural",
}


def test_every_published_architecture_is_an_example():
    published = {row["model"]: row for row in rows("architectures.tsv")}
    assert published.keys() == PUBLISHED.keys()
    examples = {row["file"]: row for row in ROWS}
    for model, file in PUBLISHED.items():
        for column in ("total", "trainable", "macs"):
            assert published[model][column] in ("-", examples[file][column]), (model, column)


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_example(program, row):
    summary = program.summary(EXAMPLES / row["file"], row["network"])
    at = symbols(row["at"])
    assert summary["parameters"] == int(row["total"])
    assert summary["trainable"] == int(row["trainable"])
    assert summary["non_trainable"] == int(row["total"]) - int(row["trainable"])
    assert value(summary["macs"], at) == int(row["macs"])
    # The totals are the sums of the rows; nothing is counted twice or left out.
    for key in ("parameters", "trainable", "macs"):
        assert sum(value(layer[key], at) for layer in summary["layers"]) == value(summary[key], at)


# The rows of layers.tsv as networks. Rows that only PyTorch has (two biases) are not ours.
LAYERS = {
    "LSTM, 10 features, 20 units": ("(7, 10)", "LSTM(20)"),
    "GRU, 10 features, 20 units": ("(7, 10)", "GRU(20)"),
    "GRU, reset_after=False": ("(7, 10)", "GRU(20, reset_after=false)"),
    "SimpleRNN, 10 features, 20 units": ("(7, 10)", "SimpleRNN(20)"),
    "Bidirectional LSTM, 10 features, 20 units": ("(7, 10)", "Bidirectional(LSTM(20))"),
    "MultiHeadAttention, width 512, 8 heads": ("(9, 512)", "MultiHeadAttention(8)"),
    "Transformer encoder layer, width 512, 8 heads, ff 2048": ("(9, 512)", "TransformerEncoder(8)"),
    "Transformer decoder layer, same": (
        "{ target: (9, 512), memory: (5, 512) }", "(target, memory) -> TransformerDecoder(8)"),
    "six encoder and six decoder layers, same, with the two final normalizations": (
        "{ source: (5, 512), target: (9, 512) }", "(source, target) -> Transformer(8)"),
    "Embedding(20000, 128), LSTM(128), Dense(1)": (
        "int32 (words)", "Embedding(20000, 128) -> LSTM(128) -> Dense(1)"),
    "Embedding(20000, 128), two bidirectional LSTM(64), Dense(1)": (
        "int32 (words)",
        "Embedding(20000, 128) -> Bidirectional(LSTM(64, return_sequences=true))"
        " -> Bidirectional(LSTM(64)) -> Dense(1)"),
    "MLP 784-512-512-10": ("(784)", "Dense(512) -> Dense(512) -> Dense(10)"),
    "Keras example mnist_convnet": (
        "(28, 28, 1)",
        "Conv2D(32, 3) -> MaxPooling2D(2) -> Conv2D(64, 3) -> MaxPooling2D(2) -> Flatten() -> Dense(10)"),
}
NOT_OURS = {"LSTM, 10 features, 20 units (two biases)"}


def test_every_layer_row_is_asked():
    assert {row["what"] for row in rows("layers.tsv")} == set(LAYERS) | NOT_OURS


@pytest.mark.parametrize("row", [r for r in rows("layers.tsv") if r["what"] in LAYERS], ids=lambda r: r["what"])
def test_layer(program, tmp_path, row):
    size, layers = LAYERS[row["what"]]
    path = tmp_path / "cell.neural"
    path.write_text(f"network Cell {{\n  input: {size}\n  layers:\n    {layers}\n}}\n")
    assert program.summary(path)["parameters"] == int(row["parameters"])
