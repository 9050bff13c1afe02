"""Published architectures for comparison: torchvision's written by hand, Keras's as Keras has them.

What torchvision builds is written from the papers' tables and reads channels-last images. Keras's are
`keras.applications`, their layers put in the order of the examples.
"""

import keras
import torch
from torch import nn

import reference_models
from reference_models import ChannelsLast, Mean, Reference, torch_model

# Where it is not PyTorch's own.
KERAS_NORM = {"eps": 1e-3, "momentum": 0.01}


def unit(a, b, kernel=1, stride=1, groups=1, act=nn.ReLU, **norm):
    """A convolution, its normalization and, but for `None`, the activation."""
    conv = nn.Conv2d(a, b, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(b, **norm), *([act()] if act else [])]


class Sum(nn.Module):
    """A branch beside a shortcut."""

    def __init__(self, main, shortcut=None):
        super().__init__()
        self.main, self.shortcut = main, shortcut or nn.Identity()

    def forward(self, x):
        return self.main(x) + self.shortcut(x)


class Beside(nn.Module):
    """Branches, concatenated by channel."""

    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(nn.Sequential(*branch) for branch in branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


class Gate(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, channels, reduced, act=nn.ReLU, gate=nn.Sigmoid):
        super().__init__()
        self.reduce, self.act = nn.Conv2d(channels, reduced, 1), act()
        self.expand, self.gate = nn.Conv2d(reduced, channels, 1), gate()

    def forward(self, x):
        seen = self.act(self.reduce(x.mean((2, 3), keepdim=True)))
        return x * self.gate(self.expand(seen))


def inverted(a, b, kernel, stride, hidden, act, gates=(), **norm):
    """Widened, convolved by channel, gated, narrowed; beside its input where that has the same shape."""
    main = nn.Sequential(
        *(unit(a, hidden, act=act, **norm) if hidden != a else []),
        *unit(hidden, hidden, kernel, stride, hidden, act, **norm), *gates,
        *unit(hidden, b, act=None, **norm))
    return Sum(main) if stride == 1 and a == b else main


def classifier(parts, *head, side=224):
    return torch_model(ChannelsLast(*parts, Mean(), *head), (side, side, 3))


def efficientnet_b7():
    parts, a = unit(3, 64, 3, 2, act=nn.SiLU, **KERAS_NORM), 64
    for expansion, kernel, stride, b, depth in (
        (1, 3, 1, 32, 4), (6, 3, 2, 48, 7), (6, 5, 2, 80, 7), (6, 3, 2, 160, 10), (6, 5, 1, 224, 10),
        (6, 5, 2, 384, 13), (6, 3, 1, 640, 4),
    ):
        for index in range(depth):
            hidden = a * expansion
            gate = Gate(hidden, a // 4, nn.SiLU)
            parts.append(inverted(
                a, b, kernel, 1 if index else stride, hidden, nn.SiLU, [gate], **KERAS_NORM))
            a = b
    parts += unit(640, 2560, act=nn.SiLU, **KERAS_NORM)
    return classifier(parts, nn.Linear(2560, 1000), side=600)


def googlenet():
    norm = {"eps": 1e-3}
    pool = lambda kernel=3: nn.MaxPool2d(kernel, 2, ceil_mode=True)
    parts = [
        *unit(3, 64, 7, 2, **norm), pool(), *unit(64, 64, **norm), *unit(64, 192, 3, **norm), pool()]
    a = 192
    for row in (
        (64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64), 3, (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128), 2, (256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128),
    ):
        if isinstance(row, int):
            parts.append(pool(row))
            continue
        one, three_in, three, five_in, five, pooled = row
        parts.append(Beside(
            unit(a, one, **norm), [*unit(a, three_in, **norm), *unit(three_in, three, 3, **norm)],
            [*unit(a, five_in, **norm), *unit(five_in, five, 3, **norm)],
            [nn.MaxPool2d(3, 1, 1), *unit(a, pooled, **norm)]))
        a = one + three + five + pooled
    return classifier(parts, nn.Linear(1024, 1000))


def mnasnet():
    parts = [*unit(3, 32, 3, 2), inverted(32, 16, 3, 1, 32, nn.ReLU)]
    a = 16
    for b, kernel, stride, expansion, depth in (
        (24, 3, 2, 3, 3), (40, 5, 2, 3, 3), (80, 5, 2, 6, 3), (96, 3, 1, 6, 2), (192, 5, 2, 6, 4),
        (320, 3, 1, 6, 1),
    ):
        for index in range(depth):
            parts.append(inverted(a, b, kernel, 1 if index else stride, a * expansion, nn.ReLU))
            a = b
    return classifier([*parts, *unit(320, 1280)], nn.Linear(1280, 1000))


def mobilenet_v3_large():
    parts, a = unit(3, 16, 3, 2, act=nn.Hardswish, **KERAS_NORM), 16
    relu, swish = nn.ReLU, nn.Hardswish
    for kernel, hidden, b, reduced, act, stride in (
        (3, 16, 16, 0, relu, 1), (3, 64, 24, 0, relu, 2), (3, 72, 24, 0, relu, 1),
        (5, 72, 40, 24, relu, 2), (5, 120, 40, 32, relu, 1), (5, 120, 40, 32, relu, 1),
        (3, 240, 80, 0, swish, 2), (3, 200, 80, 0, swish, 1), (3, 184, 80, 0, swish, 1),
        (3, 184, 80, 0, swish, 1), (3, 480, 112, 120, swish, 1), (3, 672, 112, 168, swish, 1),
        (5, 672, 160, 168, swish, 2), (5, 960, 160, 240, swish, 1), (5, 960, 160, 240, swish, 1),
    ):
        gates = [Gate(hidden, reduced, gate=nn.Hardsigmoid)] if reduced else []
        parts.append(inverted(a, b, kernel, stride, hidden, act, gates, **KERAS_NORM))
        a = b
    parts += unit(160, 960, act=swish, **KERAS_NORM)
    return classifier(parts, nn.Linear(960, 1280), nn.Hardswish(), nn.Linear(1280, 1000))


def regnet_y_400mf():
    parts, a = unit(3, 32, 3, 2), 32
    for b, depth in (48, 1), (104, 3), (208, 6), (440, 6):
        for index in range(depth):
            stride = 1 if index else 2
            main = nn.Sequential(
                *unit(a, b), *unit(b, b, 3, stride, b // 8), Gate(b, a // 4), *unit(b, b, act=None))
            shortcut = None if index else nn.Sequential(*unit(a, b, 1, 2, act=None))
            parts += [Sum(main, shortcut), nn.ReLU()]
            a = b
    return classifier(parts, nn.Linear(440, 1000))


class Shuffle(nn.Module):
    """Channels of two halves, taken in turn."""

    def forward(self, x):
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Half(nn.Module):
    """The second half of the channels goes through a branch."""

    def __init__(self, *parts):
        super().__init__()
        self.parts = nn.Sequential(*parts)

    def forward(self, x):
        kept, changed = x.chunk(2, 1)
        return torch.cat([kept, self.parts(changed)], 1)


def shufflenet_v2():
    depthwise = lambda c, stride=1: unit(c, c, 3, stride, c, None)
    parts, a = [*unit(3, 24, 3, 2), nn.MaxPool2d(3, 2, 1)], 24
    for b, depth in (116, 4), (232, 8), (464, 4):
        h = b // 2
        parts += [Beside([*depthwise(a, 2), *unit(a, h)], [*unit(a, h), *depthwise(h, 2), *unit(h, h)])]
        parts.append(Shuffle())
        for _ in range(depth - 1):
            parts += [Half(*unit(h, h), *depthwise(h), *unit(h, h)), Shuffle()]
        a = b
    return classifier([*parts, *unit(464, 1024)], nn.Linear(1024, 1000))


class UNetLevel(nn.Module):
    """Down, what is below, up again, beside the middle of what went down."""

    def __init__(self, channels, filters, below):
        super().__init__()
        pair = lambda a: nn.Sequential(
            nn.Conv2d(a, filters, 3), nn.ReLU(), nn.Conv2d(filters, filters, 3), nn.ReLU())
        self.down, self.below = pair(channels), below
        if below:
            self.up, self.join = nn.ConvTranspose2d(2 * filters, filters, 2, 2), pair(2 * filters)

    def forward(self, x):
        x = self.down(x)
        if self.below is None:
            return x
        up = self.up(self.below(nn.functional.max_pool2d(x, 2)))
        cut = (x.shape[2] - up.shape[2]) // 2
        return self.join(torch.cat([x[:, :, cut:-cut, cut:-cut], up], 1))


def unet_valid():
    level = None
    for filters in 1024, 512, 256, 128, 64:
        level = UNetLevel(filters // 2 if filters > 64 else 1, filters, level)
    model = nn.Sequential(ChannelsLast(level, nn.Conv2d(64, 2, 1), nn.Softmax(1)), ChannelsBack())
    return torch_model(model, (572, 572, 1))


class ChannelsBack(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1)


class VisionTransformer(nn.Module):
    """Reads channels-last images; the class token and the places are tables."""

    def __init__(self, side, patch, width, heads, depth):
        super().__init__()
        self.project = nn.Conv2d(3, width, patch, patch)
        self.token, self.places = nn.Embedding(1, width), nn.Embedding((side // patch) ** 2 + 1, width)
        self.layers = nn.Sequential(*(
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, 0.0, "gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True)
            for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, 1000)

    def forward(self, x):
        x = self.project(x.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
        token = self.token.weight.expand(len(x), -1, -1)
        x = torch.cat([token, x], 1) + self.places.weight
        return self.head(self.norm(self.layers(x))[:, 0])


def vit_l_16(shape=(224, 224, 3)):
    model = VisionTransformer(shape[0], 16, 1024, 16, 24)
    reference = torch_model(model, shape)
    reference.layers = [model.project, model.token, model.places, *model.layers, model.norm, model.head]
    return reference


def application(name, arranged=list):
    """A model of Keras Applications for images of a shape, its layers with weights `arranged`."""

    def build(shape):
        model = getattr(keras.applications, name)(weights=None, input_shape=tuple(shape))
        layers = arranged([layer for layer in model.layers if layer.weights])
        return Reference(model, layers, [(tuple(shape), torch.float32)])

    return build


def projections_last(layers):
    """Keras lists a projection before the last of the convolutions that it stands beside."""
    names = [layer.name for layer in layers]
    for index, name in enumerate(names):
        if name.endswith("_0_conv"):
            assert names[index + 1] == name.replace("_0_", "_3_")
            layers[index], layers[index + 1] = layers[index + 1], layers[index]
    return layers


REFERENCES = {build.__name__: build for build in (
    efficientnet_b7, googlenet, mnasnet, mobilenet_v3_large, regnet_y_400mf, shufflenet_v2, unet_valid)}

# Built for images of a given shape.
SIZED = {
    "vit_l_16": vit_l_16,
    "xception": application("Xception"),
    "resnet50v2_keras": application("ResNet50V2", projections_last),
    "mobilenet": application("MobileNet"),
    "densenet169_keras": application("DenseNet169"),
    "efficientnet_b7_keras": application("EfficientNetB7"),
    "efficientnet_v2_b0": application("EfficientNetV2B0"),
}

SIDES = {"xception": 299, "efficientnet_b7_keras": 600}


def reference(name, shape=None):
    """The model of an example; where it is built for images of one size, of the example's or of `shape`."""
    if name in SIZED:
        return SIZED[name](shape or (SIDES.get(name, 224),) * 2 + (3,))
    return (reference_models.REFERENCES | REFERENCES)[name]()


if __name__ == "__main__":
    for name in [*REFERENCES, *SIZED]:
        made = reference(name)
        print(name, *made.counts(), made.macs(), sep="\t", flush=True)
