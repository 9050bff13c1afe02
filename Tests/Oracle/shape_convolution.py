"""Shape cells of convolutions and pools."""

from shape_cells import *

SIZES = {1: ((11, 5), (12, 5)), 2: ((9, 12, 5), (8, 11, 5)), 3: ((7, 10, 9, 4), (8, 9, 6, 4))}
FIRST = {1: (5, 11), 2: (5, 9, 12), 3: (4, 7, 10, 9)}
ONES = {1: (2,), 2: (2, 1), 3: (2, 1, 3)}


def torch_convolution(rank, shape, first, kernel, padding, strides=1, dilation=1, groups=1, filters=6, use_bias=True):
    """PyTorch's own, for integer padding: one number, one for each axis, or a pair for each."""
    entries = [padding] * rank if isinstance(padding, int) else list(padding)
    pairs = [(p, p) if isinstance(p, int) else p for p in entries]
    channels = shape[0] if first else shape[-1]
    layer = getattr(nn, f"Conv{rank}d")
    amounts = [n for p in reversed(pairs) for n in p]
    call = lambda m, x: m(F.pad(x, amounts))
    return module(lambda: layer(channels, filters, kernel, strides, 0, dilation, groups, use_bias),
                  call if first else lambda m, x: call(m, x.movedim(-1, 1)).movedim(1, -1))


for rank in 1, 2, 3:
    name = f"Conv{rank}D"
    for kernel, padding, strides, shape in product((1, 2, 3, 4), ("valid", "same"), (1, 2, 3), SIZES[rank]):
        k(name, shape, filters=6, kernel_size=kernel, padding=padding, strides=strides)
    for dilation, padding, shape in product((2, 3), ("valid", "same"), SIZES[rank]):
        k(name, shape, filters=6, kernel_size=2 if dilation == 3 else 3, padding=padding, dilation_rate=dilation)
    for options in ({"use_bias": False}, {"activation": "relu"}, {"strides": ONES[rank]}, {"dilation_rate": ONES[rank]},
                    {"kernel_size": tuple(range(2, 2 + rank))}):
        k(name, SIZES[rank][0], **{"filters": 7, "kernel_size": 2, **options})
        k(name, FIRST[rank], channels_first=True, **{"filters": 7, "kernel_size": 2, **options})
    wide = (*SIZES[rank][0][:-1], 6)
    for groups in 2, 3, 6:
        k(name, wide, filters=12, kernel_size=3, groups=groups)
    for padding, strides, shape in product((0, 1, 2, tuple(range(rank)) if rank > 1 else (2,),
                                            tuple((i, i + 1) for i in range(rank))), (1, 2), SIZES[rank]):
        text = written(name, {"filters": 6, "kernel_size": 3, "padding": padding, "strides": strides})
        add(name, text, shape, torch_convolution(rank, shape, False, 3, padding, strides), parameters={"padding", "strides"})
    text = written(name, {"filters": 6, "kernel_size": 3, "padding": 1, "dilation_rate": 2})
    add(name, text, SIZES[rank][0], torch_convolution(rank, SIZES[rank][0], False, 3, 1, 1, 2), parameters={"padding", "dilation_rate"})
    add(name, written(name, {"filters": 6, "kernel_size": 3, "padding": 1}), FIRST[rank],
        torch_convolution(rank, FIRST[rank], True, 3, 1), channels_first=True, parameters={"padding"})
for kernel, strides, dilation in ((2, 1, 1), (3, 2, 1), (3, 1, 2), (4, 3, 1)):
    k("Conv1D", (11, 5), filters=6, kernel_size=kernel, padding="causal", strides=strides, dilation_rate=dilation)



def stated(layer, x):
    if not layer.built:
        layer.build(x.shape)
    return torch.zeros(layer.compute_output_shape(x.shape))


# Transposed: "valid" and "same" are Keras's, integers PyTorch's.


def transposed_macs(shape, kernel, rank, filters, first=False):
    sizes = shape[1:] if first else shape[:-1]
    channels = shape[0] if first else shape[-1]
    return prod(sizes) * kernel**rank * channels * filters


for rank in 1, 2, 3:
    name = f"Conv{rank}DTranspose"
    for kernel, padding, strides, shape in product((1, 2, 3, 4), ("valid", "same"), (1, 2, 3), SIZES[rank]):
        if padding == "same" and strides > kernel:
            # Keras's PyTorch backend cannot run these, but says what they would give.
            k(name, shape, filters=6, kernel_size=kernel, padding=padding, strides=strides, call=stated,
              macs=transposed_macs(shape, kernel, rank, 6))
            continue
        k(name, shape, filters=6, kernel_size=kernel, padding=padding, strides=strides,
          macs=transposed_macs(shape, kernel, rank, 6))
    for dilation, padding in product((2, 3), ("valid", "same")):
        k(name, SIZES[rank][0], filters=6, kernel_size=3, padding=padding, dilation_rate=dilation,
          macs=transposed_macs(SIZES[rank][0], 3, rank, 6))
    for output_padding, padding in product((0, 1), ("valid", "same")):
        k(name, SIZES[rank][1], filters=6, kernel_size=3, padding=padding, strides=2, output_padding=output_padding,
          macs=transposed_macs(SIZES[rank][1], 3, rank, 6))
    for options in ({"use_bias": False}, {"activation": "relu"}, {"strides": ONES[rank]}):
        k(name, SIZES[rank][0], filters=7, kernel_size=3, macs=transposed_macs(SIZES[rank][0], 3, rank, 7), **options)
    k(name, FIRST[rank], channels_first=True, filters=7, kernel_size=3, strides=2,
      macs=transposed_macs(FIRST[rank], 3, rank, 7, True))
    layer = getattr(nn, f"ConvTranspose{rank}d")
    for kernel, padding, strides, extra in product((2, 3, 4), (0, 1), (1, 2, 3), (0, 1)):
        if extra >= strides:
            continue
        shape = SIZES[rank][0]
        arguments = {"filters": 6, "kernel_size": kernel, "padding": padding, "strides": strides, "output_padding": extra}
        add(name, written(name, arguments), shape, module(
            lambda layer=layer, s=shape, k_=kernel, p=padding, t=strides, e=extra: layer(s[-1], 6, k_, t, p, e),
            last()), parameters={"padding", "strides", "output_padding"})

for rank in 1, 2:
    name = f"DepthwiseConv{rank}D"
    for kernel, padding, strides, shape in product((2, 3), ("valid", "same"), (1, 2, 3), SIZES[rank]):
        k(name, shape, kernel_size=kernel, padding=padding, strides=strides)
    for options in ({"depth_multiplier": 3}, {"dilation_rate": 2}, {"use_bias": False}, {"activation": "relu"}):
        k(name, SIZES[rank][0], kernel_size=3, **options)
        k(name, FIRST[rank], channels_first=True, kernel_size=3, **options)
    shape = SIZES[rank][0]
    layer = getattr(nn, f"Conv{rank}d")
    add(name, written(name, {"kernel_size": 3, "padding": 1, "depth_multiplier": 2}), shape,
        module(lambda layer=layer, s=shape: layer(s[-1], 2 * s[-1], 3, padding=1, groups=s[-1]), last()),
        parameters={"padding"})
    name = f"SeparableConv{rank}D"
    for kernel, padding, strides, shape in product((2, 3), ("valid", "same"), (1, 2), SIZES[rank]):
        k(name, shape, filters=7, kernel_size=kernel, padding=padding, strides=strides)
    for options in ({"depth_multiplier": 3}, {"dilation_rate": 2}, {"use_bias": False}, {"activation": "relu"}):
        k(name, SIZES[rank][0], filters=7, kernel_size=3, **options)
        k(name, FIRST[rank], channels_first=True, filters=7, kernel_size=3, **options)

    for part, (kind, value) in product(("depthwise", "pointwise", "bias"), {
            "initializer": "he_normal", "regularizer": "l2", "constraint": "max_norm"}.items()):
        k(name, SIZES[rank][0], filters=7, kernel_size=3, **{f"{part}_{kind}": value})

# Pools


def torch_pool(kind, rank, size, strides, padding, ceil):
    function = getattr(F, f"{kind}_pool{rank}d")
    options = {} if kind == "max" else {"count_include_pad": False}
    return lambda x: function(x, size, strides, padding, ceil_mode=ceil, **options)


for kind, rank in product(("Max", "Average"), (1, 2, 3)):
    name = f"{kind}Pooling{rank}D"
    for size, strides, padding, shape in product((2, 3), (None, 1, 2, 3), ("valid", "same"), SIZES[rank]):
        k(name, shape, pool_size=size, strides=strides, padding=padding)
    k(name, SIZES[rank][0], pool_size=ONES[rank], strides=ONES[rank])
    k(name, FIRST[rank], channels_first=True, pool_size=3, strides=2, padding="same")
    short = {"Max": "max", "Average": "avg"}[kind]
    for size, strides, padding, ceil, shape in product((2, 3), (1, 2, 3), (0, 1), (False, True), SIZES[rank]):
        text = written(name, {"pool_size": size, "strides": strides, "padding": padding, "ceil_mode": ceil})
        call = torch_pool(short, rank, size, strides, padding, ceil)
        add(name, text, shape, plain(lambda x, c=call: c(x.movedim(-1, 1)).movedim(1, -1)),
            parameters={"pool_size", "strides", "padding", "ceil_mode"})
    for keepdims in False, True:
        k(f"Global{kind}Pooling{rank}D", SIZES[rank][0], keepdims=keepdims)
        k(f"Global{kind}Pooling{rank}D", FIRST[rank], channels_first=True, keepdims=keepdims)
    for output in (1, 3, tuple(range(2, 2 + rank))):
        k(f"Adaptive{kind}Pooling{rank}D", SIZES[rank][0], output_size=output)
        k(f"Adaptive{kind}Pooling{rank}D", FIRST[rank], channels_first=True, output_size=output)
    adaptive = getattr(F, f"adaptive_{short}_pool{rank}d")
    if rank > 1:
        sizes = (None,) + (3,) * (rank - 1)
        add(f"Adaptive{kind}Pooling{rank}D", written(f"Adaptive{kind}Pooling{rank}D", {"output_size": sizes}), SIZES[rank][0],
            plain(lambda x, a=adaptive, s=sizes: a(x.movedim(-1, 1), s).movedim(1, -1)), parameters={"output_size"})

# Rejections

for rank in 1, 2, 3:
    shape, wide = SIZES[rank][1], (*SIZES[rank][1][:-1], 9)
    for name in (f"Conv{rank}D", f"Conv{rank}DTranspose") + ((f"SeparableConv{rank}D",) if rank < 3 else ()):
        reject_keras(name, shape, "invalid-argument", filters=0, kernel_size=3)
        reject_keras(name, shape, "invalid-argument", filters=4, kernel_size=0)
        reject_keras(name, shape, "invalid-argument", filters=4, kernel_size=3, strides=0)
        reject_keras(name, shape, "invalid-argument", filters=4, kernel_size=3, padding="full")
        if "Separable" not in name:
            reject_keras(name, shape, "invalid-argument", filters=4, kernel_size=3, strides=2, dilation_rate=2)
        reject_keras(name, shape[1:], "rank-mismatch", filters=4, kernel_size=3)
        reject_keras(name, (*shape, 3), "rank-mismatch", filters=4, kernel_size=3)
        reject_keras(name, shape, "invalid-argument", filters=4, kernel_size=(3,) * (rank + 1))
    reject_keras(f"Conv{rank}D", wide, "not-divisible", filters=6, kernel_size=3, groups=2)
    reject_keras(f"Conv{rank}D", wide, "not-divisible", filters=5, kernel_size=3, groups=3)
    reject_keras(f"Conv{rank}D", shape, "size-too-small", filters=4, kernel_size=13)
    reject_keras(f"Conv{rank}D", shape, "size-too-small", filters=4, kernel_size=4, dilation_rate=4)
    reject(f"Conv{rank}DTranspose", f"Conv{rank}DTranspose(4, 3, strides=2, padding=1, output_padding=2)", shape,
           lambda x, r=rank: getattr(nn, f"ConvTranspose{r}d")(x.shape[-1], 4, 3, 2, 1, 2)(x.movedim(-1, 1)), "invalid-argument")
    for kind in "Max", "Average":
        reject_keras(f"{kind}Pooling{rank}D", shape, "size-too-small", pool_size=13)
        reject_keras(f"{kind}Pooling{rank}D", shape, "invalid-argument", pool_size=0)
        reject_keras(f"{kind}Pooling{rank}D", shape[1:], "rank-mismatch", pool_size=2)
        reject_keras(f"{kind}Pooling{rank}D", shape, "invalid-argument", pool_size=2, padding="full", silent=True,
                     reason='any other word is read as "valid" there')
        short = {"Max": "max", "Average": "avg"}[kind]
        reject(f"{kind}Pooling{rank}D", f"{kind}Pooling{rank}D(3, padding=2)", shape,
               lambda x, s=short, r=rank: getattr(F, f"{s}_pool{r}d")(x.movedim(-1, 1), 3, 3, 2), "invalid-argument")
        reject_keras(f"Global{kind}Pooling{rank}D", shape[1:], "rank-mismatch")
        reject_keras(f"Adaptive{kind}Pooling{rank}D", shape[1:], "rank-mismatch", output_size=2)
        reject_keras(f"Adaptive{kind}Pooling{rank}D", shape, "invalid-argument", output_size=0)
for rank in 1, 2:
    shape = SIZES[rank][1]
    reject_keras(f"DepthwiseConv{rank}D", shape, "size-too-small", kernel_size=13)
    reject_keras(f"DepthwiseConv{rank}D", shape, "invalid-argument", kernel_size=3, depth_multiplier=0)
    for name, filters in ((f"DepthwiseConv{rank}D", {}), (f"SeparableConv{rank}D", {"filters": 4})):
        reject_keras(name, shape, "invalid-argument", kernel_size=3, strides=2, dilation_rate=2, silent=True,
                     reason="other backends of Keras have no kernel for it", **filters)
    reject_keras(f"DepthwiseConv{rank}D", shape[1:], "rank-mismatch", kernel_size=3)
    reject_keras(f"SeparableConv{rank}D", shape, "size-too-small", filters=4, kernel_size=13)
reject_keras("Conv2D", (9, 12, 5), "invalid-argument", filters=4, kernel_size=3, padding="causal")
