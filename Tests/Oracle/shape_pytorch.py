"""Shape cells of PyTorch's spellings: the same text, read by PyTorch."""

from shape_cells import *

SHAPES = {1: (4, 11), 2: (4, 9, 12), 3: (4, 7, 10, 9)}
TRUE_FALSE = {"true": True, "false": False, "none": None}


def t(text, shapes, call=None, **options):
    """The text of a call is Python's but for `true`, `false` and `none`; the layout is PyTorch's."""
    name = text.split("(")[0].removeprefix("nn.")
    python = "nn." + text.removeprefix("nn.")
    build = lambda: eval(python, {"nn": nn, **TRUE_FALSE})
    options.setdefault("channels_first", True)
    add(f"nn.{name}", text, shapes, module(build, call), "PyTorch", **options)


def refused(text, shapes, code, reason, call=None):
    name = text.split("(")[0].removeprefix("nn.")
    reject(f"nn.{name}", text, shapes, call, code, reason, channels_first=True)


def raises(text, shapes, code):
    python = "nn." + text.removeprefix("nn.")
    name = text.split("(")[0].removeprefix("nn.")
    reject(f"nn.{name}", text, shapes, lambda *g: eval(python, {"nn": nn, **TRUE_FALSE})(*g), code, channels_first=True)


for shape in (5,), (6, 5), (3, 6, 5):
    t("Linear(5, 7)", shape)
    t("nn.Linear(5, 7, bias=false)", shape)
    t("Linear(in_features=5, out_features=7)", shape)
t("LazyLinear(7)", (6, 5))
t("LazyLinear(7, bias=false)", (6, 5))
raises("Linear(6, 7)", (6, 5), "shape-mismatch")
for rank in 1, 2, 3:
    for arguments in ("4, 6, 3", "4, 6, 3, 2", "4, 6, 3, 2, 1", '4, 6, 3, padding="same"', "4, 6, 2, dilation=2", "4, 6, 3, groups=2",
                      "4, 6, 3, bias=false", '4, 6, 3, 1, 1, 1, 1, true, "zeros"'):
        t(f"Conv{rank}d({arguments})", SHAPES[rank])
    for arguments in ("4, 6, 3", "4, 6, 3, 2", "4, 6, 2, 3", "4, 6, 3, 2, 1", "4, 6, 3, 2, 1, 1", "4, 6, 3, bias=false", "4, 6, 3, dilation=2"):
        t(f"ConvTranspose{rank}d({arguments})", SHAPES[rank])
    for kind in "Max", "Avg":
        for arguments in ("2", "3, 2", "3, stride=1", "3, 2, ceil_mode=true"):
            t(f"{kind}Pool{rank}d({arguments})", SHAPES[rank])
        t(f"Adaptive{kind}Pool{rank}d(3)", SHAPES[rank])
        raises(f"{kind}Pool{rank}d(13)", SHAPES[rank], "size-too-small")
    t(f"MaxPool{rank}d(3, 2, 1)", SHAPES[rank])
    t(f"AvgPool{rank}d(3, 2, 1, count_include_pad=false)", SHAPES[rank])
    for arguments in "4", "4, 0.001, 0.2", "4, affine=false":
        t(f"BatchNorm{rank}d({arguments})", SHAPES[rank])
        t(f"InstanceNorm{rank}d({arguments})", SHAPES[rank])
    t(f"Dropout{rank}d(0.3)", SHAPES[rank])
    raises(f"Conv{rank}d(3, 6, 3)", SHAPES[rank], "shape-mismatch")
    raises(f"Conv{rank}d(4, 6, 3, groups=3)", SHAPES[rank], "not-divisible")
    raises(f'Conv{rank}d(4, 6, 3, 2, padding="same")', SHAPES[rank], "invalid-argument")
    raises(f"ConvTranspose{rank}d(4, 6, 3, 2, 1, 2)", SHAPES[rank], "invalid-argument")
    raises(f"BatchNorm{rank}d(5)", SHAPES[rank], "shape-mismatch")
    refused(f'Conv{rank}d(4, 6, 3, padding_mode="reflect")', SHAPES[rank], "invalid-argument", "convolutions pad with zeros")
    refused(f"Conv{rank}d(4, 6, 2, 2, dilation=2)", SHAPES[rank], "invalid-argument", "Keras has no such convolution")
    refused(f"ConvTranspose{rank}d(4, 6, 3, groups=2)", SHAPES[rank], "invalid-argument", "Keras has no such convolution")
    refused(f"MaxPool{rank}d(2, dilation=2)", SHAPES[rank], "invalid-argument", "Keras has no such pool")
    refused(f"AvgPool{rank}d(3, 2, 1)", SHAPES[rank], "invalid-argument", "averages do not count padding")
    refused(f"BatchNorm{rank}d(4, momentum=none)", SHAPES[rank], "invalid-argument", "Keras's statistics move with a momentum")
raises("BatchNorm2d(4)", (4, 9), "rank-mismatch")
raises("InstanceNorm2d(4)", (4,), "rank-mismatch")
t("BatchNorm1d(5)", (5,))
t("LayerNorm(5)", (4, 6, 5))
t("LayerNorm((6, 5))", (4, 6, 5))
t("LayerNorm(5, 0.1, bias=false)", (6, 5))
t("LayerNorm(5, elementwise_affine=false)", (6, 5), channels_first=False)
t("RMSNorm(5)", (6, 5), channels_first=False)
t("GroupNorm(2, 4)", (4, 9, 12))
t("GroupNorm(2, 4, affine=false)", (4, 9, 12))
t("LocalResponseNorm(3)", (4, 9, 12))
raises("LayerNorm(6)", (6, 5), "shape-mismatch")
raises("GroupNorm(3, 4)", (4, 9, 12), "not-divisible")
raises("GroupNorm(2, 6)", (4, 9, 12), "shape-mismatch")
t("nn.Embedding(11, 7)", (6,), integers=True)
refused("nn.Embedding(11, 7, padding_idx=0)", (6,), "invalid-argument", "padding is a mask here")
t("nn.Dropout(0.3)", (6, 5))
t("nn.AlphaDropout(0.3)", (6, 5))
t("nn.Flatten()", (4, 6, 5))
refused("nn.Flatten(2)", (4, 6, 5), "invalid-argument", "Reshape says what is meant")
for name in ("ReLU ReLU6 LeakyReLU ELU CELU SELU GELU SiLU Mish Sigmoid Tanh Softsign Softplus Hardsigmoid Hardswish Hardtanh LogSigmoid "
             "Tanhshrink Identity").split():
    t(f"nn.{name}()", (6, 5))
t('nn.GELU(approximate="tanh")', (6, 5))
t("nn.LeakyReLU(0.2, inplace=true)", (6, 5))
for name in "Softmax", "LogSoftmax":
    t(f"nn.{name}(dim=-1)", (6, 5))
    t(f"nn.{name}(1)", (4, 6, 5))
    refused(f"nn.{name}()", (6, 5), "invalid-argument", "PyTorch guesses an axis, with a warning")
t("nn.GLU()", (6, 8))
t("nn.GLU(1)", (6, 5))
t("Upsample(scale_factor=2)", (4, 6, 5))
t('Upsample(scale_factor=2, mode="bilinear")', (4, 6, 5))
t("PixelShuffle(2)", (8, 4, 6))
t("PixelUnshuffle(2)", (5, 4, 6))
t("nn.ChannelShuffle(2)", (4, 6, 5))
t("ZeroPad1d((1, 2))", (4, 6))
t("ZeroPad2d((1, 2, 3, 4))", (4, 6, 5))
t("ZeroPad2d(2)", (4, 6, 5))
t("ZeroPad3d((1, 2, 3, 4, 5, 6))", (4, 6, 5, 3))

# PyTorch's recurrent layers have a second bias, which adds nothing; ours have Keras's counts.
for name, gates, biases in ("LSTM", 4, 1), ("GRU", 3, 2), ("RNN", 1, 1):
    for arguments, layers, both, bias in (("5, 6", 1, 1, 1), ("5, 6, 3", 3, 1, 1), ("5, 6, bias=false", 1, 1, 0),
                                          ("5, 6, bidirectional=true", 1, 2, 1), ("5, 6, 2, bidirectional=true", 2, 2, 1)):
        features = [5] + [6 * both] * (layers - 1)
        work = sum(both * gates * 6 * (f + 6) for f in features)
        total = work + layers * both * gates * 6 * biases * bias
        text = f"nn.{name}({arguments}, batch_first=true)"
        python = eval(text, {"nn": nn, **TRUE_FALSE})
        wanted = tuple(python(torch.zeros(3, 7, 5))[0].shape[1:])
        paper(f"nn.{name}", text, (7, 5), wanted, total, 7 * work, against="PyTorch", channels_first=False)
    refused(f"nn.{name}(5, 6)", (7, 5), "invalid-argument", "the batch comes first here")
    refused(f"nn.{name}(5, 6, 2, batch_first=true, dropout=0.5)", (7, 5), "invalid-argument", "dropout stands between layers here")
    raises(f"nn.{name}(4, 6, batch_first=true)", (7, 5), "shape-mismatch")


def attention(m, query, key, value):
    return m(query, key, value)[0]


t("nn.MultiheadAttention(10, 2, batch_first=true)", [(6, 10)] * 3, call=attention, channels_first=False)
t("nn.MultiheadAttention(10, 2, 0.1, bias=false, batch_first=true)", [(6, 10), (4, 10), (4, 10)], call=attention, channels_first=False)
# The order is (query, key, value) here, where it matters.
t("nn.MultiheadAttention(10, 2, kdim=7, vdim=9, batch_first=true)", [(6, 10), (4, 7), (4, 9)], call=attention, channels_first=False)
refused("nn.MultiheadAttention(10, 2)", (6, 10), "invalid-argument", "the batch comes first here")
raises("nn.MultiheadAttention(10, 3, batch_first=true)", (6, 10), "not-divisible")


def unfused(m, *given):
    with torch.enable_grad():
        return m(*given)


t("nn.TransformerEncoderLayer(10, 2, batch_first=true)", (6, 10), call=unfused, channels_first=False)
t('nn.TransformerEncoderLayer(10, 2, 23, 0.2, "gelu", batch_first=true, norm_first=true)', (6, 10), call=unfused, channels_first=False)
t("nn.TransformerDecoderLayer(10, 2, 23, batch_first=true)", [(6, 10), (4, 10)], call=unfused, channels_first=False)
t("nn.Transformer(10, 2, 2, 3, 23, batch_first=true)", [(6, 10), (4, 10)], call=unfused, channels_first=False)
raises("nn.TransformerEncoderLayer(8, 2, batch_first=true)", (6, 10), "shape-mismatch")
refused("nn.TransformerEncoderLayer(10, 2)", (6, 10), "invalid-argument", "the batch comes first here")
