"""The examples, written a second time by hand in Keras or PyTorch.

Two uses: `python reference_models.py` prints the rows of goldens/examples.tsv that no published
table has, and test_generate_pytorch.py compares numbers with these models. Layers are created in
the order in which the source names them, so that weights can be matched by order.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch
from keras import layers as K
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


class Reference:
    """A model, its layers in the order of the source, and the shapes of its inputs (no batch)."""

    def __init__(self, model, layers, inputs):
        self.model, self.layers, self.inputs = model, layers, inputs

    def counts(self):
        if isinstance(self.model, nn.Module) and not isinstance(self.model, keras.Model):
            trainable = sum(p.numel() for p in self.model.parameters())
            statistics = sum(b.numel() for n, b in self.model.named_buffers() if "running" in n)
            return trainable + statistics, trainable
        return self.model.count_params(), sum(w.value.numel() for w in self.model.trainable_weights)

    def macs(self, symbols=()):
        """Multiply-accumulates of one sample by PyTorch's counter; `symbols` fills open sizes."""
        sizes = iter(symbols)
        known = {}
        values = []
        for shape, dtype in self.inputs:
            filled = [d if isinstance(d, int) else known.setdefault(d, next(sizes, None)) for d in shape]
            values.append(torch.zeros(1, *filled, dtype=dtype))
        if isinstance(self.model, keras.Model):
            call = lambda: self.model(values if len(values) > 1 else values[0], training=False)
        else:
            # In evaluation PyTorch fuses its encoder layer into one kernel that nothing can count;
            # in training mode (with dropout 0) it does not.
            self.model.train()
            call = lambda: self.model(*values)
        # The counter knows the plain products of attention, not the processor's fused kernel.
        plain = sdpa_kernel(SDPBackend.MATH)
        with torch.no_grad(), plain, FlopCounterMode(display=False) as counter:
            call()
        if not isinstance(self.model, keras.Model):
            self.model.eval()
        assert counter.get_total_flops() % 2 == 0
        return counter.get_total_flops() // 2


class Recorder:
    """Calls itself on a layer to keep it in order."""

    def __init__(self):
        self.layers = []

    def __call__(self, layer):
        self.layers.append(layer)
        return layer


def keras_model(build, *shapes, dtypes=None):
    record = Recorder()
    dtypes = dtypes or ["float32"] * len(shapes)
    inputs = [
        keras.Input([d if isinstance(d, int) else None for d in shape], dtype=dtype)
        for shape, dtype in zip(shapes, dtypes)
    ]
    outputs = build(record, *inputs)
    torch_types = {"float32": torch.float32, "int32": torch.int32}
    return Reference(
        keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs),
        record.layers,
        [(shape, torch_types[dtype]) for shape, dtype in zip(shapes, dtypes)],
    )


def lenet5():
    def build(r, x):
        x = K.ZeroPadding2D(2)(x)
        x = r(K.Conv2D(6, 5, activation="tanh"))(x)
        x = K.AveragePooling2D(2)(x)
        x = r(K.Conv2D(16, 5, activation="tanh"))(x)
        x = K.AveragePooling2D(2)(x)
        x = K.Flatten()(x)
        x = r(K.Dense(120, activation="tanh"))(x)
        x = r(K.Dense(84, activation="tanh"))(x)
        return r(K.Dense(10, activation="softmax"))(x)

    return keras_model(build, (28, 28, 1))


def vgg(depths, activation):
    def build(r, x):
        for filters, depth in zip((64, 128, 256, 512, 512), depths):
            for _ in range(depth):
                x = r(K.Conv2D(filters, 3, padding="same", activation="relu"))(x)
            x = K.MaxPooling2D(2)(x)
        x = K.Flatten()(x)
        x = r(K.Dense(4096, activation="relu"))(x)
        x = r(K.Dense(4096, activation="relu"))(x)
        return r(K.Dense(1000, activation=activation))(x)

    return keras_model(build, (224, 224, 3))


def vgg16():
    return vgg((2, 2, 3, 3, 3), "softmax")


def vgg19():
    return vgg((2, 2, 4, 4, 4), None)


class ChannelsLast(nn.Module):
    """A model of PyTorch's that reads images as the examples declare them."""

    def __init__(self, *parts):
        super().__init__()
        self.parts = nn.Sequential(*parts)

    def forward(self, x):
        return self.parts(x.permute(0, 3, 1, 2))


class Flat(nn.Module):
    """All values in the order of the declared, channels-last layout."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def alexnet():
    def conv(a, b, kernel, stride, padding):
        return nn.Conv2d(a, b, kernel, stride, padding), nn.ReLU()

    model = ChannelsLast(
        *conv(3, 64, 11, 4, 2), nn.MaxPool2d(3, 2), *conv(64, 192, 5, 1, 2), nn.MaxPool2d(3, 2),
        *conv(192, 384, 3, 1, 1), *conv(384, 256, 3, 1, 1), *conv(256, 256, 3, 1, 1),
        nn.MaxPool2d(3, 2), Flat(), nn.Linear(9216, 4096), nn.ReLU(), nn.Linear(4096, 4096),
        nn.ReLU(), nn.Linear(4096, 1000))
    return torch_model(model, (224, 224, 3))


class Fire(nn.Module):
    """SqueezeNet's block."""

    def __init__(self, channels, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.one, self.three = nn.Conv2d(squeeze, expand, 1), nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = torch.relu(self.squeeze(x))
        return torch.relu(torch.cat([self.one(x), self.three(x)], 1))


def squeezenet():
    pool = lambda: nn.MaxPool2d(3, 2, ceil_mode=True)
    model = ChannelsLast(
        nn.Conv2d(3, 96, 7, 2), nn.ReLU(), pool(), Fire(96, 16, 64), Fire(128, 16, 64),
        Fire(128, 32, 128), pool(), Fire(256, 32, 128), Fire(256, 48, 192), Fire(384, 48, 192),
        Fire(384, 64, 256), pool(), Fire(512, 64, 256), nn.Conv2d(512, 1000, 1), nn.ReLU(), Mean())
    return torch_model(model, (224, 224, 3))


class DenseLayer(nn.Module):
    """DenseNet's layer: what it makes stands after what it read."""

    def __init__(self, channels, growth=32):
        super().__init__()
        self.main = nn.Sequential(
            nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, 4 * growth, 1, bias=False),
            nn.BatchNorm2d(4 * growth), nn.ReLU(),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False))

    def forward(self, x):
        return torch.cat([x, self.main(x)], 1)


def densenet169():
    parts = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, depth in enumerate((6, 12, 32, 32)):
        for _ in range(depth):
            parts.append(DenseLayer(channels))
            channels += 32
        parts += [nn.BatchNorm2d(channels), nn.ReLU()]
        if stage < 3:
            parts += [nn.Conv2d(channels, channels // 2, 1, bias=False), nn.AvgPool2d(2)]
            channels //= 2
    return torch_model(ChannelsLast(*parts, Mean(), nn.Linear(channels, 1000)), (224, 224, 3))


class TorchBlock(nn.Module):
    """torchvision's BasicBlock (expansion 1) and Bottleneck (expansion 4, stride on the 3 × 3), whose
    inner convolutions can be wider and in groups."""

    def __init__(self, channels, filters, stride, bottleneck, wide=1, groups=1):
        super().__init__()
        out = filters * (4 if bottleneck else 1)
        inner = filters * wide
        plan = (
            [(channels, inner, 1, 1, 1), (inner, inner, 3, stride, groups), (inner, out, 1, 1, 1)]
            if bottleneck
            else [(channels, filters, 3, stride, 1), (filters, filters, 3, 1, 1)]
        )
        parts = []
        for index, (a, b, kernel, step, parted) in enumerate(plan):
            conv = nn.Conv2d(a, b, kernel, step, kernel // 2, groups=parted, bias=False)
            parts += [conv, nn.BatchNorm2d(b)]
            if index + 1 < len(plan):
                parts.append(nn.ReLU())
        self.main = nn.Sequential(*parts)
        self.shortcut = nn.Identity()
        if stride != 1 or channels != out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x):
        return torch.relu(self.main(x) + self.shortcut(x))


class TorchResNet(nn.Module):
    """Reads channels-last images, as the example declares."""

    def __init__(self, depths, bottleneck, **options):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        blocks, channels = [], 64
        for stage, depth in enumerate(depths):
            filters = 64 * 2**stage
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                blocks.append(TorchBlock(channels, filters, stride, bottleneck, **options))
                channels = filters * (4 if bottleneck else 1)
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(channels, 1000)

    def forward(self, x):
        x = self.blocks(self.stem(x.permute(0, 3, 1, 2)))
        return self.head(x.mean((2, 3)))


def torch_model(model, *shapes):
    owners = [m for m in model.modules() if next(m.parameters(recurse=False), None) is not None]
    return Reference(model.eval(), owners, [(shape, torch.float32) for shape in shapes])


def resnet34():
    return torch_model(TorchResNet((3, 4, 6, 3), False), (224, 224, 3))


def resnet50():
    return torch_model(TorchResNet((3, 4, 6, 3), True), (224, 224, 3))


def resnext50():
    return torch_model(TorchResNet((3, 4, 6, 3), True, wide=2, groups=32), (224, 224, 3))


def wide_resnet50():
    return torch_model(TorchResNet((3, 4, 6, 3), True, wide=2), (224, 224, 3))


def resnet50_keras():
    def build(r, x):
        def conv_norm(x, filters, kernel, stride=1, padding="valid"):
            x = r(K.Conv2D(filters, kernel, stride, padding))(x)
            return r(K.BatchNormalization(epsilon=1.001e-5))(x)

        x = K.ReLU()(conv_norm(K.ZeroPadding2D(3)(x), 64, 7, 2))
        x = K.MaxPooling2D(3, 2)(K.ZeroPadding2D(1)(x))
        for stage, depth in enumerate((3, 4, 6, 3)):
            filters = 64 * 2**stage
            for index in range(depth):
                stride = 2 if stage > 0 and index == 0 else 1
                y = K.ReLU()(conv_norm(x, filters, 1, stride))
                y = K.ReLU()(conv_norm(y, filters, 3, padding="same"))
                y = conv_norm(y, 4 * filters, 1)
                if index == 0:
                    x = conv_norm(x, 4 * filters, 1, stride)
                x = K.ReLU()(K.Add()([x, y]))
        x = K.GlobalAveragePooling2D()(x)
        return r(K.Dense(1000, activation="softmax"))(x)

    return keras_model(build, (224, 224, 3))


def mnist_convnet():
    def build(r, x):
        for filters in 32, 64:
            x = r(K.Conv2D(filters, 3, activation="relu"))(x)
            x = K.MaxPooling2D(2)(x)
        return r(K.Dense(10, activation="softmax"))(K.Flatten()(x))

    return keras_model(build, (28, 28, 1))


def text_lstm():
    def build(r, x):
        x = r(K.LSTM(128))(r(K.Embedding(20000, 128))(x))
        return r(K.Dense(1, activation="sigmoid"))(x)

    return keras_model(build, ("words",), dtypes=["int32"])


def text_bilstm():
    def build(r, x):
        x = r(K.Embedding(20000, 128))(x)
        x = r(K.Bidirectional(K.LSTM(64, return_sequences=True)))(x)
        x = r(K.Bidirectional(K.LSTM(64)))(x)
        return r(K.Dense(1, activation="sigmoid"))(x)

    return keras_model(build, ("words",), dtypes=["int32"])


def transformer_encoder():
    layer = nn.TransformerEncoderLayer(512, 8, 2048, dropout=0, batch_first=True)
    model = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
    reference = torch_model(model, ("seq", 512))
    reference.layers = list(model.layers)
    return reference


def mlp():
    def build(r, x):
        x = K.Flatten()(x)
        for _ in range(2):
            x = r(K.Dense(512, activation="relu"))(x)
        return r(K.Dense(10, activation="softmax"))(x)

    return keras_model(build, (28, 28))


def two_inputs():
    def build(r, image, question):
        for filters in 32, 64, 128:
            image = r(K.Conv2D(filters, 3, padding="same", use_bias=False))(image)
            image = K.MaxPooling2D(2)(K.ReLU()(r(K.BatchNormalization())(image)))
        seen = r(K.Dense(256, activation="tanh"))(K.GlobalAveragePooling2D()(image))
        asked = r(K.LSTM(256))(r(K.Embedding(10000, 64))(question))
        joint = K.Multiply()([seen, asked])
        hidden = r(K.Dense(256, activation="relu"))(joint)
        answer = r(K.Dense(500, activation="softmax"))(hidden)
        return [answer, r(K.Dense(1, activation="sigmoid"))(joint)]

    return keras_model(build, (96, 128, 3), (20,), dtypes=["float32", "int32"])


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        parts, channels = [], 3
        for filters in 32, 64, 128:
            parts += [nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters)]
            parts += [nn.LeakyReLU(0.1), nn.MaxPool2d(2)]
            channels = filters
        parts += [nn.Flatten(), nn.Linear(2048, 256), nn.ReLU(), nn.Linear(256, 10)]
        self.parts = nn.Sequential(*parts)

    def forward(self, x):
        return self.parts(x)


def cifar_channels_first():
    return torch_model(CifarNet(), (3, 32, 32))


def any_size():
    def build(r, x):
        for filters in 16, 32, 64, 128, 256:
            # padding=1 with stride 2 on an even size: Keras has to be told by a padding layer.
            padded = K.ZeroPadding2D(1)(x)
            a = r(K.Conv2D(filters - x.shape[-1], 3, 2, use_bias=False))(padded)
            x = K.Concatenate()([a, K.MaxPooling2D(2)(x)])
            x = K.Activation("silu")(r(K.BatchNormalization())(x))
            y = r(K.Conv2D(filters, 3, padding="same", use_bias=False))(x)
            y = K.Activation("silu")(r(K.BatchNormalization())(y))
            y = r(K.Conv2D(filters, 3, padding="same", dilation_rate=2))(y)
            x = K.Add()([x, y])
        return r(K.Conv2D(21, 1, activation="softmax"))(x)

    return keras_model(build, ("height", "width", 3))


def unet():
    def build(r, x):
        def pair(x, filters):
            for _ in range(2):
                x = r(K.Conv2D(filters, 3, padding="same", use_bias=False))(x)
                x = K.ReLU()(r(K.BatchNormalization())(x))
            return x

        skips = []
        for filters in 64, 128, 256, 512:
            skips.append(pair(x, filters))
            x = K.MaxPooling2D(2)(skips[-1])
        x = pair(x, 1024)
        for filters in 512, 256, 128, 64:
            x = r(K.Conv2D(filters, 2, padding="same"))(K.UpSampling2D(2)(x))
            x = pair(K.Concatenate()([x, skips.pop()]), filters)
        return r(K.Conv2D(2, 1, activation="softmax"))(x)

    return keras_model(build, ("height", "width", 1))


def search_space():
    """The first configuration."""

    def build(r, x):
        x = r(K.Conv2D(16, 3, padding="same", activation="relu"))(x)
        for filters in 16, 32:
            y = r(K.Conv2D(filters, 3, padding="same", use_bias=False))(x)
            y = K.ReLU()(r(K.BatchNormalization())(y))
            y = r(K.Conv2D(filters, 3, padding="same", use_bias=False))(y)
            y = r(K.BatchNormalization())(y)
            x = K.Add()([r(K.Conv2D(filters, 1, use_bias=False))(x), y])
            x = K.MaxPooling2D(2)(K.ReLU()(x))
        x = r(K.Dense(32, activation="relu"))(K.GlobalAveragePooling2D()(x))
        return r(K.Dense(10, activation="softmax"))(x)

    return keras_model(build, (32, 32, 3))


def multi_scale():
    def build(r, x):
        project = r(K.Dense(64, activation="gelu"))
        x = r(K.Conv2D(96, 5, padding="same", activation="relu"))(x)
        views = []
        for _ in range(3):
            x = K.MaxPooling2D(2)(x)
            x = r(K.Conv2D(96, 3, padding="same", use_bias=False))(x)
            x = K.ELU()(r(K.BatchNormalization())(x))
            views.append(project(K.GlobalAveragePooling2D()(x)))
        x = r(K.LayerNormalization())(K.Concatenate()(views))
        return r(K.Dense(10, activation="softmax"))(x)

    return keras_model(build, (64, 48, 3))


def keyword_spotting():
    def build(r, x):
        for filters in 64, 128:
            x = r(K.Conv1D(filters, 5, 2, padding="same"))(x)
            x = K.Activation("gelu")(r(K.LayerNormalization())(x))
        x = r(K.Bidirectional(K.GRU(64, return_sequences=True)))(x)
        y = r(K.LayerNormalization())(x)
        x = K.Add()([x, r(K.MultiHeadAttention(4, 32))(y, y)])
        return r(K.Dense(35))(r(K.GRU(128))(x))

    return keras_model(build, ("steps", 80))


REFERENCES = {
    name: globals()[name]
    for name in (
        "lenet5 vgg16 resnet34 resnet50 resnet50_keras mnist_convnet text_lstm text_bilstm "
        "transformer_encoder mlp two_inputs cifar_channels_first any_size unet search_space multi_scale "
        "keyword_spotting vgg19 alexnet squeezenet resnext50 wide_resnet50 densenet169"
    ).split()
}

# Sizes at which models with open sizes are measured.
SYMBOLS = {
    "text_lstm": (7,), "text_bilstm": (7,), "transformer_encoder": (11,), "any_size": (64, 96),
    "unet": (32, 48),
    "keyword_spotting": (37,),
}

if __name__ == "__main__":
    for name, build in REFERENCES.items():
        reference = build()
        symbols = SYMBOLS.get(name, ())
        print(name, *reference.counts(), reference.macs(symbols), symbols or "", sep="\t", flush=True)
