"""Shape cells of core, activation, normalization, regularization, merging, reshaping and image layers."""

from shape_cells import *

# Core

for shape in (7,), (6, 5), (3, 4, 5):
    for options in ({}, {"activation": "relu"}, {"use_bias": False}):
        k("Dense", shape, units=9, **options)
        k("Output", shape, keras_name="Dense", units=9, **options)
# Keras's own way to tie an output to an embedding, without the bias.
for layer in "Dense", "Output":
    add(layer, f"let table = Embedding(11, 7)\n    table() -> {layer}(11, use_bias=false, tied_to=table)", (6,),
        module(lambda: nn.Embedding(11, 7), lambda m, x: m(x) @ m.weight.T), parameters={"tied_to"}, integers=True)
for shape in (6,), (5, 4):
    k("Embedding", shape, integers=True, input_dim=11, output_dim=7)
    k("Embedding", shape, integers=True, input_dim=11, output_dim=7, mask_zero=True)
k("Identity", (4, 6, 5))
for equation, shape, arguments in (
    ("ab,bc->ac", (7,), {"output_shape": 9}),
    ("abc,cd->abd", (6, 5), {"output_shape": (None, 9), "bias_axes": "d"}),
    ("abc,cde->abde", (6, 5), {"output_shape": (None, 3, 4), "bias_axes": "de", "activation": "relu"}),
    ("...x,xy->...y", (3, 6, 5), {"output_shape": 9}),
):
    k("EinsumDense", shape, equation=equation, **arguments)
add("Lambda", 'Lambda("lambda x: x[:, ::2]", (3, 5))', (6, 5), plain(lambda x: x[:, ::2]), "PyTorch",
    {"function", "output_shape"})
add("CustomShape", "CustomShape((none, 5))", (6, 5), plain(lambda x: x), "paper", {"output_shape"})
add("CustomShape", "CustomShape((6, 5))", (6, 5), plain(lambda x: x), "paper", {"output_shape"})


class Scaled(nn.Module):
    """torchvision's layer scale, over the last axis or the second."""

    def __init__(self, size):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return x * self.factor


add("LayerScale", "LayerScale(0.1)", (4, 6, 5), module(lambda: Scaled(5)), parameters={"init_values"})
add("LayerScale", "LayerScale(axis=1)", (4, 6, 5), module(lambda: Scaled((4, 1, 1))), parameters={"axis"})
add("LayerScale", "LayerScale()", (4, 6, 5), module(lambda: Scaled((4, 1, 1))), channels_first=True)


class Token(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, width))

    def forward(self, x):
        return torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)


add("ClassToken", "ClassToken()", (6, 5), module(lambda: Token(5)))
for index, axis in product((0, 2, -1), (1, 2, -1)):
    add("Take", f"Take({index}, axis={axis})", (4, 6, 5), plain(lambda x, i=index, a=axis: x.select(a, i)),
        parameters={"index", "axis"})
for start, end, step in ((1, 4, 1), (0, None, 2), (1, None, 3), (-3, None, 1), (0, -1, 1), (-4, -1, 2), (2, 5, 2)):
    text = written("Slice", {"start": start, "end": end, "step": step})
    add("Slice", text, (6, 5), plain(lambda x, s=slice(start, end, step): x[:, s]), parameters={"start", "end", "step"})
add("Slice", "Slice(1, 3, axis=-1)", (6, 5), plain(lambda x: x[:, :, 1:3]), parameters={"axis"})
for sections, axis in ((2, 1), (3, 1), (5, -1), ((2, 4), 1), ((1, 1, 3), 2)):
    names = ", ".join("uvwxyz"[: len(sections) if isinstance(sections, tuple) else sections])
    add("Split", f"Split({literal(sections)}, axis={axis}) -> ({names})\n  outputs: {names}", (6, 5),
        plain(lambda x, s=sections, a=axis: x.split(list(s), a) if isinstance(s, tuple) else x.chunk(s, a)),
        parameters={"sections", "axis"})
add("Sequential", "Sequential { Dense(7) Dense(7) }", (6, 5), module(lambda: nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 7))))

reject_keras("Dense", (9,), "invalid-argument", units=0)
reject_keras("Dense", (9,), "invalid-argument", units=4, activation="nonsense")
reject("Embedding", "Dense(7) -> Embedding(11, 7)", (6,), lambda x: nn.Embedding(11, 7)(x), "dtype-mismatch")
reject("Embedding", "Embedding(0, 7)", (6,), lambda x: nn.Embedding(0, 7)(x), "invalid-argument", integers=True)
reject("CustomShape", "CustomShape((6, 4))", (6, 5), None, "shape-mismatch", "ours alone")
reject("CustomShape", "CustomShape((6,))", (6, 5), None, "rank-mismatch", "ours alone")
reject("Take", "Take(6)", (6, 5), lambda x: x.select(1, 6), "size-too-small")
reject("Take", "Take(-7)", (6, 5), lambda x: x.select(1, -7), "size-too-small")
reject("Take", "Take(0, axis=3)", (6, 5), lambda x: x.select(3, 0), "invalid-argument")
reject("Take", "Take(0, axis=0)", (6, 5), None, "invalid-argument", "the batch is no axis of a sample")
reject("Slice", "Slice(4, 4)", (6, 5), None, "size-too-small", "PyTorch gives an empty tensor")
reject("Slice", "Slice(0, 7)", (6, 5), None, "size-too-small", "PyTorch cuts the end off silently")
reject("Slice", "Slice(step=0)", (6, 5), lambda x: x[:, ::0], "invalid-argument")
reject("Split", "Split(4) -> (_u, _v, _w, _x)", (6, 5), lambda x: torch.tensor_split(x, 4, -1)[3].view(3, 6, 2), "not-divisible")
reject("Split", "Split((2, 2)) -> (_u, _v)", (6, 5), lambda x: x.split([2, 2], -1), "shape-mismatch")
reject_keras("EinsumDense", (6, 5), "rank-mismatch", equation="abcd,de->abce", output_shape=(None, None, 7))

# Activations

NAMES = ("relu relu6 leaky_relu elu selu celu gelu silu swish mish sigmoid tanh softmax log_softmax softplus softsign "
         "hard_sigmoid hard_swish hard_tanh exponential linear log_sigmoid hard_shrink soft_shrink tanh_shrink squareplus "
         "sparse_plus sparse_sigmoid sparsemax").split()
for name in NAMES:
    k("Activation", (6, 5), (name,))
k("ReLU", (6, 5), max_value=0.5, negative_slope=0.1, threshold=0.2)
k("ReLU", (6, 5), max_value=0)
k("LeakyReLU", (6, 5), negative_slope=0.07)
k("ELU", (6, 5), alpha=0.6)
for axis in 1, -2, -1:
    k("Softmax", (4, 6, 5), axis=axis)
    add("LogSoftmax", f"LogSoftmax(axis={axis})", (4, 6, 5), plain(lambda x, a=axis: x.log_softmax(a)), parameters={"axis"})
for layer, function in {"SELU": F.selu, "GELU": F.gelu, "SiLU": F.silu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh,
                        "Softplus": F.softplus, "Softsign": F.softsign, "Mish": F.mish, "HardSigmoid": F.hardsigmoid,
                        "HardSwish": F.hardswish, "HardTanh": F.hardtanh, "Exponential": torch.exp, "CELU": F.celu}.items():
    add(layer, f"{layer}()", (4, 6, 5), plain(function))
add("GELU", "GELU(approximate=true)", (6, 5), plain(F.gelu), parameters={"approximate"})
add("CELU", "CELU(alpha=0.5)", (6, 5), plain(F.celu), parameters={"alpha"})
k("PReLU", (4, 6, 5))
k("PReLU", (4, 6, 5), shared_axes=(1, 2))
k("PReLU", (4, 6, 5), shared_axes=(1,))
for shape, axis in ((6, 8), -1), ((6, 5), 1), ((4, 6, 5), 2):
    add("GLU", f"GLU(axis={axis})", shape, plain(lambda x, a=axis: F.glu(x, a)), parameters={"axis"})
add("GLU", "GLU()", (4, 6, 5), plain(lambda x: F.glu(x, 1)), channels_first=True)
reject("GLU", "GLU()", (6, 5), lambda x: F.glu(x, -1), "not-divisible")
reject_keras("Softmax", (6, 5), "invalid-argument", axis=4)
reject("Activation", 'Activation("rleu")', (6, 5), lambda x: K.Activation("rleu")(x), "invalid-argument")
reject_keras("PReLU", (6, 5), "invalid-argument", shared_axes=(4,))
reject_keras("ReLU", (6, 5), "invalid-argument", negative_slope=-1.0)

# Normalization

for shape in (7,), (6, 5), (4, 6, 5), (3, 4, 6, 5):
    for options in ({}, {"momentum": 0.9, "epsilon": 1e-5}, {"center": False}, {"scale": False}, {"axis": 1}):
        k("BatchNormalization", shape, **options)
    for options in ({}, {"epsilon": 0.1}, {"center": False}, {"scale": False}):
        k("LayerNormalization", shape, **options)
    k("RMSNormalization", shape)
    k("RMSNormalization", shape, epsilon=0.1)
    k("UnitNormalization", shape)
k("LayerNormalization", (4, 6, 5), axis=(1, 2, 3))
k("LayerNormalization", (4, 6, 5), axis=(-2, -1))
k("RMSNormalization", (4, 6, 5), axis=(-2, -1))
k("UnitNormalization", (4, 6, 5), axis=1)
k("UnitNormalization", (4, 6, 5), axis=(1, 2))
k("BatchNormalization", (5, 4, 6), channels_first=True)
for groups in 1, 2, 3, 6, -1:
    k("GroupNormalization", (4, 5, 6), groups=groups)
for options in ({"center": False}, {"scale": False}, {"epsilon": 0.1}, {"axis": 1, "groups": 4}):
    k("GroupNormalization", (4, 5, 6), **{"groups": 2, **options})
k("GroupNormalization", (6, 4, 5), channels_first=True, groups=3)
for rank, shape in (1, (6, 5)), (2, (4, 6, 5)), (3, (3, 4, 6, 5)):
    layer = getattr(nn, f"InstanceNorm{rank}d")
    for affine in False, True:
        add("InstanceNormalization", f"InstanceNormalization(affine={literal(affine)}, epsilon=0.1)", shape,
            module(lambda l=layer, a=affine: l(5, affine=a), last()), parameters={"affine", "epsilon"})
add("InstanceNormalization", "InstanceNormalization(axis=1, affine=true)", (4, 6, 5), module(lambda: nn.InstanceNorm2d(4, affine=True)), parameters={"axis"})
add("LocalResponseNormalization", "LocalResponseNormalization(3, alpha=0.1, beta=0.5, k=2.0)", (4, 6, 5),
    module(lambda: nn.LocalResponseNorm(3), last()), parameters={"size", "alpha", "beta", "k"})
add("LocalResponseNormalization", "LocalResponseNormalization(3)", (5, 4, 6), module(lambda: nn.LocalResponseNorm(3)), channels_first=True)
for inner, text, shape in ((lambda: K.Dense(7), "Dense(7)", (6, 5)), (lambda: K.Conv2D(7, 3), "Conv2D(7, 3)", (8, 9, 5)),
                           (lambda: K.Conv2DTranspose(7, 3), "Conv2DTranspose(7, 3)", (8, 9, 5))):
    def make(inner=inner):
        built = K.SpectralNormalization(inner(), power_iterations=2)
        return [built], built
    add("SpectralNormalization", f"SpectralNormalization({text}, power_iterations=2)", shape, make, "Keras",
        {"layer", "power_iterations"}, **({"macs": 8 * 9 * 9 * 5 * 7} if "Transpose" in text else {}))
for name in "BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization":
    reject_keras(name, (4, 6, 5), "invalid-argument", axis=5)
    reject_keras(name, (4, 6, 5), "invalid-argument", axis=0, silent=True, reason="the batch is no axis of a sample")
reject_keras("GroupNormalization", (7, 5, 6), "not-divisible", groups=4)
reject_keras("GroupNormalization", (7, 5, 6), "not-divisible", groups=7)
reject("InstanceNormalization", "InstanceNormalization()", (6,), lambda x: nn.InstanceNorm1d(6)(x[0, 0]), "rank-mismatch")
reject("SpectralNormalization", "SpectralNormalization(ReLU())", (6, 5), lambda x: K.SpectralNormalization(K.ReLU())(x), "invalid-argument")
reject_keras("LayerNormalization", (4, 6, 5), "invalid-argument", epsilon=-1.0, silent=True, reason="the root of a negative number")
reject_keras("BatchNormalization", (4, 6, 5), "invalid-argument", momentum=1.5, silent=True, reason="the statistics would run away")

# Regularization

for layer, arguments in {"Dropout": {"rate": 0.3}, "AlphaDropout": {"rate": 0.3}, "GaussianDropout": {"rate": 0.3},
                         "GaussianNoise": {"stddev": 0.3}, "ActivityRegularization": {"l1": 0.1, "l2": 0.2}}.items():
    k(layer, (6, 5), **arguments)
    if layer != "ActivityRegularization":
        k(layer, (6, 5), **arguments, seed=3)
for layer in "Dropout", "AlphaDropout":
    k(layer, (6, 5), rate=0.3, noise_shape=(None, 1, None))
for rank, shape in (1, (6, 5)), (2, (4, 6, 5)), (3, (3, 4, 6, 5)):
    k(f"SpatialDropout{rank}D", shape, rate=0.3, seed=3)
    if rank > 1:
        k(f"SpatialDropout{rank}D", shape, channels_first=True, rate=0.3)
    reject_keras(f"SpatialDropout{rank}D", shape, "invalid-argument", rate=1.5)
    reject_keras(f"SpatialDropout{rank}D", shape[1:], "rank-mismatch", rate=0.5)
add("StochasticDepth", 'StochasticDepth(0.1, mode="batch")', (6, 5), plain(lambda x: x), "paper", {"rate", "mode"})
for layer in "Dropout", "AlphaDropout", "GaussianDropout":
    reject_keras(layer, (6, 5), "invalid-argument", rate=1.5)
    reject_keras(layer, (6, 5), "invalid-argument", rate=-0.1)
    reject_keras(layer, (6, 5), "invalid-argument", rate=1.0, silent=True, reason="nothing would be left")
reject_keras("GaussianNoise", (6, 5), "invalid-argument", stddev=-0.1)
reject_keras("GaussianNoise", (6, 5), "invalid-argument", stddev=1.5)
reject("Dropout", "Dropout(0.5, noise_shape=(3, 1))", (6, 5), None, "invalid-argument", "Keras fails when it trains")

# Merging

for layer in "Add", "Multiply", "Average", "Maximum", "Minimum":
    k(layer, [(6, 5), (6, 5)])
    k(layer, [(6, 5), (6, 5), (6, 5)])
    k(layer, [(6, 7, 5), (1, 1, 5)])
    reject_keras(layer, [(6, 5), (6, 4)], "shape-mismatch")
    reject_keras(layer, [(6, 5)], "input-count")
k("Subtract", [(6, 5), (6, 5)])
reject_keras("Subtract", [(6, 5), (6, 4)], "shape-mismatch")
reject_keras("Subtract", [(6, 5)] * 3, "input-count")
for shapes, axis in (([(6, 5), (6, 4)], -1), ([(6, 5), (4, 5)], 1), ([(6, 5), (4, 5)], -2), ([(3, 6, 5), (3, 2, 5), (3, 1, 5)], 2)):
    k("Concatenate", shapes, axis=axis)
k("Concatenate", [(6, 5, 7), (4, 5, 7)], channels_first=True)
reject_keras("Concatenate", [(6, 5), (4, 5)], "shape-mismatch")
reject_keras("Concatenate", [(6, 5), (6, 4)], "shape-mismatch", axis=1)
reject_keras("Concatenate", [(6, 5), (6, 5)], "invalid-argument", axis=4)
reject_keras("Concatenate", [(6, 5), (6, 5)], "invalid-argument", axis=0, silent=True, reason="two batches in one")
for shapes, axes in (([(6, 5), (7, 5)], 2), ([(6, 5), (7, 5)], -1), ([(6, 5), (6, 4)], 1), ([(6, 5), (5, 7)], (2, 1)), ([(5,), (5,)], 1)):
    k("Dot", shapes, axes=axes)
k("Dot", [(6, 5), (7, 5)], axes=2, normalize=True)
add("Dot", "Dot(2) { branch { Dense(7) } branch { Dense(7) } }", (6, 5),
    module(lambda: (nn.Linear(5, 7), nn.Linear(5, 7)), lambda a, b, x: a(x) @ b(x).transpose(1, 2)), parameters={"axes"})
reject_keras("Dot", [(6, 5), (7, 4)], "shape-mismatch", axes=2)
reject_keras("Dot", [(6, 5), (7, 5)], "invalid-argument", axes=3)
reject_keras("Dot", [(6, 5)], "input-count", axes=1)
add("Residual", "Residual { Dense(5) }", (6, 5), module(lambda: nn.Linear(5, 5), lambda m, x: x + m(x)))
add("Residual", "Residual { Dense(9) shortcut { Dense(9, use_bias=false) } }", (6, 5),
    module(lambda: (nn.Linear(5, 9), nn.Linear(5, 9, bias=False)), lambda a, b, x: a(x) + b(x)))
reject("Residual", "Residual { Dense(4) }", (6, 5), lambda x: x + nn.Linear(5, 4)(x), "shape-mismatch")
reject("Residual", "Residual { Dense(1) }", (6, 5), None, "shape-mismatch", "a residual never broadcasts")

# Reshaping

for shape in (7,), (6, 5), (4, 6, 5):
    k("Flatten", shape)
for target in (24, 5), (5, 24), (-1, 10), (2, 3, -1), (120,):
    k("Reshape", (4, 6, 5), target_shape=target)
for dims in (2, 1, 3), (3, 1, 2):
    k("Permute", (4, 6, 5), dims=dims)
k("RepeatVector", (7,), n=4)
k("Cropping1D", (9, 5))
for crop in 2, (1, 3), (0, 2):
    k("Cropping1D", (9, 5), cropping=crop)
    k("ZeroPadding1D", (9, 5), padding=crop)
for crop in 1, (1, 2), ((0, 1), (3, 2)):
    k("Cropping2D", (7, 8, 5), cropping=crop)
    k("Cropping2D", (5, 7, 8), channels_first=True, cropping=crop)
    k("ZeroPadding2D", (4, 6, 5), padding=crop)
    k("ZeroPadding2D", (5, 4, 6), channels_first=True, padding=crop)
for crop in 1, (1, 2, 0), ((0, 1), (1, 2), (2, 0)):
    k("Cropping3D", (6, 7, 8, 5), cropping=crop)
    k("Cropping3D", (5, 6, 7, 8), channels_first=True, cropping=crop)
    k("ZeroPadding3D", (3, 4, 6, 5), padding=crop)
    k("ZeroPadding3D", (5, 3, 4, 6), channels_first=True, padding=crop)
for layer, shape in {"Cropping2D": (7, 8, 5), "Cropping3D": (6, 7, 8, 5), "ZeroPadding1D": (6, 5), "ZeroPadding2D": (7, 8, 5),
                     "ZeroPadding3D": (3, 4, 6, 5), "UpSampling1D": (6, 5), "UpSampling2D": (4, 6, 5), "UpSampling3D": (3, 4, 6, 5)}.items():
    k(layer, shape)
k("UpSampling1D", (6, 5), size=3)
for size in 3, (2, 3):
    k("UpSampling2D", (4, 6, 5), size=size)
for method in "bilinear", "bicubic", "lanczos3", "lanczos5":
    if method.startswith("lanczos"):
        continue  # not in Keras's PyTorch backend
    k("UpSampling2D", (4, 6, 5), interpolation=method)
k("UpSampling2D", (5, 4, 6), channels_first=True, size=2)
k("ZeroPadding1D", (5, 9), channels_first=True, padding=2)
k("UpSampling3D", (3, 4, 6, 5), size=(1, 2, 3))
k("UpSampling3D", (5, 3, 4, 6), channels_first=True, size=2)
for block, shape in (2, (4, 6, 8)), (3, (2, 5, 18)):
    add("DepthToSpace", f"DepthToSpace({block})", shape, module(lambda b=block: nn.PixelShuffle(b), last()), parameters={"block_size"})
for block, shape in (2, (4, 6, 5)), (3, (6, 9, 2)):
    add("SpaceToDepth", f"SpaceToDepth({block})", shape, module(lambda b=block: nn.PixelUnshuffle(b), last()), parameters={"block_size"})
add("DepthToSpace", "DepthToSpace(2)", (8, 4, 6), module(lambda: nn.PixelShuffle(2)), channels_first=True)
add("SpaceToDepth", "SpaceToDepth(2)", (5, 4, 6), module(lambda: nn.PixelUnshuffle(2)), channels_first=True)
for groups in 2, 3:
    add("ChannelShuffle", f"ChannelShuffle({groups})", (4, 5, 6), module(lambda g=groups: nn.ChannelShuffle(g), last()), parameters={"groups"})
add("ChannelShuffle", "ChannelShuffle(3)", (6, 4, 5), module(lambda: nn.ChannelShuffle(3)), channels_first=True)
k("Masking", (6, 5), mask_value=0.5)


class Patches(nn.Module):
    """torchvision's: a convolution whose stride is its kernel."""

    def __init__(self, channels, size, width, bias=True):
        super().__init__()
        self.projection = nn.Conv2d(channels, width, size, size, bias=bias)

    def forward(self, x):
        return self.projection(x).flatten(2).transpose(1, 2)


for size, shape in ((2, (4, 6, 5)), ((2, 3), (4, 6, 5)), (4, (8, 12, 3))):
    add("PatchEmbedding", written("PatchEmbedding", {}, (size, 7)), shape,
        module(lambda c=shape[-1], s=size: Patches(c, s, 7), lambda m, x: m(x.movedim(-1, 1))), parameters={"patch_size", "embed_dim"})
add("PatchEmbedding", "PatchEmbedding(2, 7, use_bias=false)", (4, 6, 5),
    module(lambda: Patches(5, 2, 7, False), lambda m, x: m(x.movedim(-1, 1))), parameters={"use_bias"})
add("PatchEmbedding", "PatchEmbedding(2, 7)", (5, 4, 6), module(lambda: Patches(5, 2, 7)), channels_first=True)

reject_keras("Reshape", (4, 6, 5), "shape-mismatch", target_shape=(7, 7))
reject_keras("Reshape", (4, 6, 5), "shape-mismatch", target_shape=(-1, 7))
reject("Reshape", "Reshape((-1, -1))", (4, 6, 5), lambda x: x.reshape(3, -1, -1), "invalid-argument")
reject_keras("Permute", (4, 6, 5), "invalid-argument", dims=(1, 2))
reject_keras("Permute", (4, 6, 5), "invalid-argument", dims=(1, 1, 2))
reject_keras("Permute", (4, 6, 5), "invalid-argument", dims=(0, 1, 2))
reject_keras("RepeatVector", (6, 5), "rank-mismatch", n=3)
reject_keras("RepeatVector", (6,), "invalid-argument", n=0, silent=True, reason="an empty sequence")
reject_keras("Cropping1D", (6, 5), "size-too-small", cropping=3)
reject_keras("Cropping2D", (6, 9, 5), "size-too-small", cropping=3)
reject_keras("Cropping3D", (6, 9, 8, 5), "size-too-small", cropping=((3, 3), (1, 1), (1, 1)))
reject_keras("ZeroPadding2D", (4, 6, 5), "invalid-argument", padding=(1, 2, 3))
reject_keras("ZeroPadding2D", (4, 6), "rank-mismatch", padding=1)
reject_keras("UpSampling2D", (4, 6), "rank-mismatch", size=2)
reject_keras("UpSampling1D", (6, 5), "invalid-argument", size=0, silent=True, reason="an empty sequence")
reject("DepthToSpace", "DepthToSpace(2)", (7, 6, 6), lambda x: nn.PixelShuffle(2)(x.movedim(-1, 1)), "not-divisible")
reject("SpaceToDepth", "SpaceToDepth(2)", (7, 5, 6), lambda x: nn.PixelUnshuffle(2)(x.movedim(-1, 1)), "not-divisible")
reject("ChannelShuffle", "ChannelShuffle(4)", (7, 5, 6), lambda x: nn.ChannelShuffle(4)(x.movedim(-1, 1)), "not-divisible")
reject("ChannelShuffle", "ChannelShuffle(2)", (6,), lambda x: nn.ChannelShuffle(2)(x), "rank-mismatch")
reject("PatchEmbedding", "PatchEmbedding(4, 7)", (8, 10, 3), None, "not-divisible", "a plain convolution drops the rest; torchvision rejects it")

# Images

k("Rescaling", (4, 6, 5), scale=0.5, offset=1.0)
k("Normalization", (6, 5))
k("Normalization", (4, 6, 5), axis=1)
k("Normalization", (4, 6, 5), axis=(1, 3))
k("Normalization", (4, 6, 5), axis=None)
k("Normalization", (4, 6, 5), axis=None, mean=0.5, variance=2.0)
k("Normalization", (6, 5), invert=True)
for method in "nearest", "bilinear", "bicubic":
    k("Resizing", (8, 9, 3), height=5, width=11, interpolation=method)
for options in ({"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": 1.0}, {"antialias": True}):
    k("Resizing", (8, 9, 3), height=5, width=11, **options)
k("Resizing", (3, 8, 9), channels_first=True, height=5, width=11)
for layer, arguments in {"RandomFlip": {}, "RandomRotation": {"factor": 0.1}, "RandomZoom": {"height_factor": 0.1},
                         "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1}}.items():
    k(layer, (3, 8, 9), channels_first=True, macs=0, **arguments)
for layer in "CenterCrop", "RandomCrop":
    k(layer, (8, 9, 3), height=5, width=6)
    k(layer, (8, 9, 3), height=10, width=12)
    k(layer, (3, 8, 9), channels_first=True, height=5, width=6)
k("RandomCrop", (8, 9, 3), height=5, width=6, seed=1)
for mode in "horizontal", "vertical":
    k("RandomFlip", (8, 9, 3), mode=mode, seed=1)
MOVES = {"fill_mode": "constant", "interpolation": "nearest", "seed": 1, "fill_value": 0.5}
k("RandomRotation", (8, 9, 3), macs=0, factor=0.1, **MOVES)
k("RandomRotation", (8, 9, 3), macs=0, factor=(-0.2, 0.1))
k("RandomTranslation", (8, 9, 3), macs=0, height_factor=0.1, width_factor=(-0.1, 0.3), **MOVES)
k("RandomZoom", (8, 9, 3), macs=0, height_factor=0.1, width_factor=(-0.1, 0.3), **MOVES)
k("RandomZoom", (8, 9, 3), macs=0, height_factor=(-0.3, -0.1))
k("RandomContrast", (8, 9, 3), factor=0.1, value_range=(0, 1), seed=1)
k("RandomBrightness", (8, 9, 3), factor=(-0.1, 0.2), value_range=(0, 1), seed=1)
for layer in "CenterCrop", "RandomCrop", "Resizing":
    reject_keras(layer, (9, 3), "rank-mismatch", height=5, width=6, silent=True, reason="reads it as an image without its batch")
    reject_keras(layer, (8, 9, 3), "invalid-argument", height=0, width=6, silent=layer != "Resizing", reason="an empty image")
reject_keras("Normalization", (6, 5), "invalid-argument", mean=0.5)
reject_keras("Normalization", (6, 5), "invalid-argument", axis=4)
reject_keras("RandomTranslation", (8, 9, 3), "invalid-argument", height_factor=1.5, width_factor=0.1)
reject_keras("RandomContrast", (8, 9, 3), "invalid-argument", factor=1.5)
reject_keras("RandomBrightness", (8, 9, 3), "invalid-argument", factor=1.5)
reject_keras("RandomFlip", (8, 9, 3), "invalid-argument", mode="diagonal", silent=True, reason="Keras flips nothing then")
reject_keras("Resizing", (8, 9, 3), "invalid-argument", height=5, width=6, interpolation="cubic")
