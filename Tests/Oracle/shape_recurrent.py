"""Shape cells of recurrent layers, attention and blocks."""

from shape_cells import *

GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}


def states(layer):
    return 2 if layer == "LSTM" else 1


def result(layer, call, state):
    """The call, its states named and given out too where it returns them."""
    if not state:
        return call
    names = ", ".join("yhc"[: 1 + states(layer)])
    return f"{call} -> ({names})\n  outputs: {names}"


for layer, gates in GATES.items():
    macs = 7 * gates * 6 * (5 + 6)
    for sequences, state, backwards in product((False, True), repeat=3):
        arguments = {"units": 6, "return_sequences": sequences, "return_state": state, "go_backwards": backwards}
        k(layer, (7, 5), text=result(layer, written(layer, arguments), state), macs=macs, **arguments)
    extra = {"recurrent_activation": "hard_sigmoid"} if layer != "SimpleRNN" else {}
    for options in ({"use_bias": False}, {"activation": "relu"}, {"dropout": 0.3}, {"recurrent_dropout": 0.2}, {"seed": 3}, extra):
        k(layer, (7, 5), macs=macs, **{"units": 6, **options})
    for sequences in False, True:
        shapes = [(7, 5)] + [(6,)] * states(layer)
        k(layer, shapes, macs=macs, units=6, return_sequences=sequences,
          call=lambda m, x, *h: m(x, initial_state=list(h)))
        for merge, state in product(("concat", "sum", "mul", "ave", None), (False, True)):
            inner = {"units": 6, "return_sequences": sequences, "return_state": state}
            wrap = lambda l=layer, i=inner, m=merge: K.Bidirectional(getattr(K, l)(**i), merge_mode=m)
            count = (2 if merge is None else 1) + (2 * states(layer) if state else 0)
            names = ", ".join("uvwxyz"[:count])
            text = f"Bidirectional({written(layer, inner)}, merge_mode={literal(merge)})"
            if count > 1:
                text += f" -> ({names})\n  outputs: {names}"

            def make(wrap=wrap):
                built = wrap()
                return [built], built

            add("Bidirectional", text, (7, 5), make, "Keras", {"layer", "merge_mode"}, macs=2 * macs)
    cell = f"{layer}Cell"
    for options in ({}, {"use_bias": False}, {"activation": "relu"}, {"dropout": 0.1}, {"recurrent_dropout": 0.1}, {"seed": 1}, extra,
                    {"reset_after": False} if layer == "GRU" else {}, {"unit_forget_bias": False} if layer == "LSTM" else {}):
        for sequences, backwards in (False, False), (True, True):
            def make(c=cell, o=options, s=sequences, b=backwards):
                built = K.RNN(getattr(K, c)(6, **o), return_sequences=s, go_backwards=b)
                return [built], built

            outer = written("RNN", {"return_sequences": sequences, "go_backwards": backwards})
            add(cell, outer.replace("RNN(", f"RNN({written(cell, options, (6,))}, "), (7, 5), make, "Keras",
                {"units", *options}, macs=macs)
    for state in False, True:
        def make(c=cell, s=state):
            built = K.RNN([getattr(K, c)(6), getattr(K, c)(4)], return_state=s)
            return [built], lambda x: [t for part in [built(x)] for t in (part if s else [part])]

        count = 1 + (2 * states(layer) if state else 0)
        names = ", ".join("uvwxyz"[:count])
        text = f"RNN([{cell}(6), {cell}(4)], return_state={literal(state)})" + (f" -> ({names})\n  outputs: {names}" if state else "")
        add("RNN", text, (7, 5), make, "Keras", {"cell", "return_state", "return_sequences", "go_backwards"},
            macs=7 * gates * (6 * (5 + 6) + 4 * (6 + 4)))
    wrapper = f"{layer}DropoutWrapper"
    for options in ({}, {"return_sequences": True}, {"use_bias": False}, {"activation": "relu"}, {"recurrent_dropout": 0.2}, extra):
        k(wrapper, (7, 5), keras_name=layer, macs=macs, units=6, dropout=0.3, **options)
    reject_keras(layer, (7,), "rank-mismatch", units=6)
    reject_keras(layer, (7, 5, 4), "rank-mismatch", units=6)
    reject_keras(layer, (7, 5), "invalid-argument", units=0)
    reject_keras(layer, (7, 5), "invalid-argument", units=6, dropout=1.5, silent=True, reason="Keras cuts it down to 1")
    reject(layer, written(layer, {"units": 6}), [(7, 5)] + [(4,)] * states(layer),
           lambda x, *h, l=layer: getattr(K, l)(6)(x, initial_state=list(h)), "shape-mismatch")
    reject(wrapper, f"{wrapper}(6)", (7, 5), None, "missing-argument", "the dropout is what it is for")
k("GRU", (7, 5), units=6, reset_after=False, macs=7 * 3 * 6 * 11)
k("LSTM", (7, 5), units=6, unit_forget_bias=False, macs=7 * 4 * 6 * 11)


def backward():
    built = K.Bidirectional(K.LSTM(6), backward_layer=K.LSTM(6, activation="relu", go_backwards=True))
    return [built], built


add("Bidirectional", 'Bidirectional(LSTM(6), backward_layer=LSTM(6, activation="relu", go_backwards=true))', (7, 5), backward, "Keras",
    {"backward_layer"}, macs=2 * 7 * 4 * 6 * 11)
for text, inner, shape, macs in (
    ("Dense(9)", lambda: K.Dense(9), (4, 6), None), ("Conv2D(3, 2)", lambda: K.Conv2D(3, 2), (4, 6, 7, 5), None),
    ("LSTM(6)", lambda: K.LSTM(6), (4, 7, 5), 4 * 7 * 4 * 6 * 11), ("Flatten()", lambda: K.Flatten(), (4, 6, 5), None),
):
    def make(inner=inner):
        built = K.TimeDistributed(inner())
        return [built], built

    add("TimeDistributed", f"TimeDistributed({text})", shape, make, "Keras", {"layer"}, **({} if macs is None else {"macs": macs}))
reject("TimeDistributed", "TimeDistributed(ELU())", (7,), lambda x: K.TimeDistributed(K.ELU())(x), "rank-mismatch")
reject("TimeDistributed", "TimeDistributed(LSTM(4))", (7, 5), lambda x: K.TimeDistributed(K.LSTM(4))(x), "rank-mismatch")
reject("TimeDistributed", "TimeDistributed(Conv2D(4, 3))", (7, 5, 3), lambda x: K.TimeDistributed(K.Conv2D(4, 3))(x), "rank-mismatch")
reject("Bidirectional", "Bidirectional(Dense(4))", (6, 9), lambda x: K.Bidirectional(K.Dense(4))(x), "invalid-argument")
reject("Bidirectional", 'Bidirectional(LSTM(4), merge_mode="max")', (6, 9), lambda x: K.Bidirectional(K.LSTM(4), merge_mode="max")(x), "invalid-argument")
reject("Bidirectional", "Bidirectional(LSTM(4))", (9,), lambda x: K.Bidirectional(K.LSTM(4))(x), "rank-mismatch")
reject("Bidirectional", "Bidirectional(LSTM(4, go_backwards=true))", (6, 9), 
       lambda x: K.Bidirectional(K.LSTM(4, go_backwards=True))(x), "invalid-argument")
reject("Bidirectional", "Bidirectional(LSTM(4), backward_layer=LSTM(5, go_backwards=true))", (6, 9),
       lambda x: K.Bidirectional(K.LSTM(4), merge_mode="sum", backward_layer=K.LSTM(5, go_backwards=True))(x), "shape-mismatch")
reject("Bidirectional", "Bidirectional(LSTM(4), backward_layer=LSTM(4, go_backwards=true, return_state=true))", (6, 9),
       lambda x: K.Bidirectional(K.LSTM(4), backward_layer=K.LSTM(4, go_backwards=True, return_state=True))(x), "invalid-argument")
for cell in "LSTMCell", "GRUCell", "SimpleRNNCell":
    def make(c=cell):
        built = K.RNN(getattr(K, c)(6, trainable=False))
        return [built], built

    add(cell, f"RNN({cell}(6, trainable=false))", (7, 5), make, "Keras", {"units"}, macs=7 * GATES[cell.removesuffix("Cell")] * 6 * 11)
reject("RNN", "RNN(Dense(4))", (7, 5), lambda x: K.RNN(K.Dense(4))(x), "invalid-argument")
reject("RNN", "RNN(LSTMCell(4))", (5,), lambda x: K.RNN(K.LSTMCell(4))(x), "rank-mismatch")
for cell in "LSTMCell", "GRUCell", "SimpleRNNCell":
    reject(cell, f"RNN({cell}(0))", (7, 5), lambda x, c=cell: K.RNN(getattr(K, c)(0))(x), "invalid-argument")

# Convolutions in time: products of each frame, and of the state at the size of the result.

FRAMES = {1: (7, 9, 5), 2: (3, 9, 8, 5), 3: (2, 6, 8, 7, 3)}


def conv_macs(shape, rank, gates, filters, kernel, padding, strides, dilation, first=False):
    sizes = shape[2:] if first else shape[1:-1]
    channels = shape[1] if first else shape[-1]
    reach = dilation * (kernel - 1) + 1
    out = [-(-n // strides) if padding == "same" else (n - reach) // strides + 1 for n in sizes]
    return shape[0] * prod(out) * kernel**rank * gates * filters * (channels + filters)


for rank in 1, 2, 3:
    name = f"ConvLSTM{rank}D"
    for padding, strides, sequences, state in product(("valid", "same"), (1, 2), (False, True), (False, True)):
        arguments = {"filters": 6, "kernel_size": 3, "padding": padding, "strides": strides,
                     "return_sequences": sequences, "return_state": state}
        k(name, FRAMES[rank], text=result("LSTM", written(name, arguments), state),
          macs=conv_macs(FRAMES[rank], rank, 4, 6, 3, padding, strides, 1), **arguments)
    for options in ({"use_bias": False}, {"activation": "relu"}, {"recurrent_activation": "hard_sigmoid"}, {"dropout": 0.1},
                    {"recurrent_dropout": 0.1}, {"seed": 1}, {"go_backwards": True}, {"unit_forget_bias": False}):
        k(name, FRAMES[rank], macs=conv_macs(FRAMES[rank], rank, 4, 6, 2, "valid", 1, 1), filters=6, kernel_size=2, **options)
    k(name, FRAMES[rank], macs=conv_macs(FRAMES[rank], rank, 4, 6, 2, "valid", 1, 2), filters=6, kernel_size=2, dilation_rate=2)
    turned = (FRAMES[rank][0], FRAMES[rank][-1], *FRAMES[rank][1:-1])
    k(name, turned, channels_first=True, macs=conv_macs(turned, rank, 4, 6, 2, "valid", 1, 1, True), filters=6, kernel_size=2)
    reject_keras(name, FRAMES[rank][1:], "rank-mismatch", filters=6, kernel_size=2)
    reject_keras(name, FRAMES[rank], "size-too-small", filters=6, kernel_size=10)
    reject_keras(name, FRAMES[rank], "invalid-argument", filters=6, kernel_size=2, strides=2, dilation_rate=2)
# Ballas's: a GRU with two convolutions for each of three gates.
shape = FRAMES[2]
for options in ({}, {"padding": "same"}, {"use_bias": False}, {"strides": 2}, {"return_sequences": True}, {"activation": "relu"},
                {"recurrent_activation": "hard_sigmoid"}, {"dropout": 0.1}, {"recurrent_dropout": 0.1}, {"seed": 1}, {"go_backwards": True},
                {"dilation_rate": 2}, {"return_state": True}):
    text = written("ConvGRU2D", {"filters": 6, "kernel_size": 3, **options})
    pad, step, dilation = options.get("padding", "valid"), options.get("strides", 1), options.get("dilation_rate", 1)
    reach = 2 * dilation + 1
    out = [-(-n // step) if pad == "same" else (n - reach) // step + 1 for n in shape[1:3]]
    frame = (*out, 6)
    paper("ConvGRU2D", text, shape, (3, *frame) if "return_sequences" in options else frame,
          9 * 18 * (5 + 6) + (18 if options.get("use_bias", True) else 0),
          conv_macs(shape, 2, 3, 6, 3, pad, step, dilation), parameters={"filters", "kernel_size", *options})
paper("ConvGRU2D", "ConvGRU2D(6, 3)", (3, 5, 9, 8), (6, 7, 6), 9 * 18 * (5 + 6) + 18,
      conv_macs((3, 5, 9, 8), 2, 3, 6, 3, "valid", 1, 1, True), channels_first=True)
reject("ConvGRU2D", "ConvGRU2D(6, 10)", shape, None, "size-too-small", "no framework has the layer")

# Attention


def attend(layer, *given):
    query, value = given[0], given[1] if len(given) > 1 else given[0]
    return layer(query, value, *given[2:])


for shapes in [(6, 10)], [(6, 10), (4, 7)], [(6, 10), (4, 7), (4, 9)]:
    for options in ({"key_dim": 3}, {"key_dim": 3, "value_dim": 4}, {"key_dim": 5, "use_bias": False}, {"key_dim": 3, "dropout": 0.1},
                    {"key_dim": 3, "output_shape": 8}, {"key_dim": 3, "value_dim": 4, "use_gate": True}):
        k("MultiHeadAttention", shapes, call=attend, num_heads=2, **options)
    for options in ({}, {"use_bias": False}, {"dropout": 0.1}, {"use_gate": True}, {"seed": 1}):
        k("GroupedQueryAttention", shapes, keras_name="GroupQueryAttention", call=attend, head_dim=3, num_query_heads=4,
          num_key_value_heads=2, **options)
k("MultiHeadAttention", (6, 10), call=attend, num_heads=5, keras_arguments={"key_dim": 2})
k("MultiHeadAttention", (6, 10), text="MultiHeadAttention(2, 3, causal=true)", extra={"causal"}, num_heads=2, key_dim=3,
  call=lambda m, x: m(x, x, use_causal_mask=True))
k("GroupedQueryAttention", (6, 10), keras_name="GroupQueryAttention", text="GroupedQueryAttention(3, 4, 1, causal=true)",
  extra={"causal"}, head_dim=3, num_query_heads=4, num_key_value_heads=1, call=lambda m, x: m(x, x, use_causal_mask=True))
for layer in "Attention", "AdditiveAttention":
    extra = [{"score_mode": "concat"}, {"score_mode": "concat", "use_scale": True}, {"seed": 1}] if layer == "Attention" else []
    for options in [{}, {"use_scale": True}, {"use_scale": False}, {"dropout": 0.1}, *extra]:
        for shapes in [(6, 5)], [(6, 5), (4, 5)], [(6, 5), (4, 7), (4, 5)]:
            k(layer, shapes, call=lambda m, *g: m([g[0], g[1] if len(g) > 1 else g[0], *g[2:]]), **options)
    k(layer, (6, 5), text=f"{layer}(causal=true)", extra={"causal"}, call=lambda m, x: m([x, x], use_causal_mask=True))
    reject(layer, f"{layer}()", [(6, 5), (4, 7)], lambda q, v, l=layer: getattr(K, l)()([q, v]), "shape-mismatch")
    reject(layer, f"{layer}()", (5,), lambda q, l=layer: getattr(K, l)()([q, q]) if q.ndim > 2 else 1 / 0, "rank-mismatch")
reject("MultiHeadAttention", "MultiHeadAttention(3)", (6, 10), lambda x: nn.MultiheadAttention(10, 3)(x, x, x), "not-divisible")
reject("MultiHeadAttention", "MultiHeadAttention(2, 3)", (10,), lambda x: attend(K.MultiHeadAttention(2, 3), x), "rank-mismatch")
reject("MultiHeadAttention", "MultiHeadAttention(2, 3)", [(6, 10), (4, 7), (5, 9)],
       lambda *g: attend(K.MultiHeadAttention(2, 3), *g), "shape-mismatch")
reject("GroupedQueryAttention", "GroupedQueryAttention(3, 4, 3)", (6, 10), lambda x: attend(K.GroupQueryAttention(3, 4, 3), x), "not-divisible")


class OneHead(nn.Module):
    def __init__(self, width, units, bias=True):
        super().__init__()
        self.parts = nn.ModuleList(nn.Linear(width, units, bias) for _ in range(3))

    def forward(self, x):
        q, key, v = (part(x) for part in self.parts)
        return torch.softmax(q @ key.transpose(1, 2), -1) @ v


add("SelfAttention", "SelfAttention()", (6, 5), module(lambda: OneHead(5, 5)))
add("SelfAttention", "SelfAttention(7, use_bias=false)", (6, 5), module(lambda: OneHead(5, 7, False)), parameters={"units", "use_bias"})
add("SelfAttention", "SelfAttention(7, causal=true)", (6, 5), module(lambda: OneHead(5, 7)), parameters={"causal"})


class Axes(nn.Module):
    """Keras's attention along rows, then along columns."""

    def __init__(self, width, heads, size, bias=True):
        super().__init__()
        self.parts = [K.MultiHeadAttention(heads, size, use_bias=bias) for _ in range(2)]

    def forward(self, x):
        b, h, w, c = x.shape
        rows, columns = x.reshape(b * h, w, c), x.transpose(1, 2).reshape(b * w, h, c)
        return self.parts[0](rows, rows).reshape(x.shape) + self.parts[1](columns, columns).reshape(b, w, h, c).transpose(1, 2)


for options, size, bias in (({}, 5, True), ({"key_dim": 3}, 3, True), ({"use_bias": False}, 5, False)):
    def make(size=size, bias=bias):
        built = Axes(10, 2, size, bias)
        return built.parts, built

    add("AxialAttention", written("AxialAttention", {"num_heads": 2, **options}), (6, 7, 10), make, "Keras", {"num_heads", *options})
reject("AxialAttention", "AxialAttention(3)", (6, 7, 10), lambda x: nn.MultiheadAttention(10, 3), "not-divisible")


class NonLocal(nn.Module):
    def __init__(self, channels, units, bias=True):
        super().__init__()
        self.parts = nn.ModuleList(nn.Linear(channels, units, bias) for _ in range(3))
        self.back = nn.Linear(units, channels, bias)

    def forward(self, x):
        flat = x.flatten(1, -2)
        q, key, v = (part(flat) for part in self.parts)
        return x + self.back(torch.softmax(q @ key.transpose(1, 2), -1) @ v).view(x.shape)


for shape in (4, 6, 10), (6, 10), (2, 3, 4, 10):
    add("NonLocalBlock", "NonLocalBlock()", shape, module(lambda: NonLocal(10, 5)))
add("NonLocalBlock", "NonLocalBlock(4, use_bias=false)", (4, 6, 10), module(lambda: NonLocal(10, 4, False)), parameters={"units", "use_bias"})


def unfused(m, *given):
    with torch.enable_grad():  # the plain path, which can be counted
        return m(*given)


TRANSFORMER = ({}, {"ff_dim": 23}, {"norm_first": True}, {"activation": "gelu"}, {"dropout": 0.4}, {"epsilon": 0.01}, {"causal": True}, {"causal": False})
for options in TRANSFORMER:
    given = {{"ff_dim": "dim_feedforward", "epsilon": "layer_norm_eps"}.get(n, n): v for n, v in options.items() if n != "causal"}
    make = lambda g=given: nn.TransformerEncoderLayer(10, 2, batch_first=True, **g)
    add("TransformerEncoder", written("TransformerEncoder", {"num_heads": 2, **options}), (6, 10), module(make, unfused), parameters={"num_heads", *options})
    make = lambda g=given: nn.TransformerDecoderLayer(10, 2, batch_first=True, **g)
    add("TransformerDecoder", written("TransformerDecoder", {"num_heads": 2, **options}), [(6, 10), (4, 10)], module(make, unfused),
        parameters={"num_heads", *options})
    # PyTorch's has a normalization at the end of both stacks, as ours.
    make = lambda g=given: nn.Transformer(10, 2, 2, 3, batch_first=True, **g)
    add("Transformer", written("Transformer", {"num_heads": 2, "num_encoder_layers": 2, "num_decoder_layers": 3, **options}),
        [(6, 10), (4, 10)], module(make, unfused), parameters={"num_heads", "num_encoder_layers", "num_decoder_layers", *options})
for layer, shapes in ("TransformerEncoder", (6, 10)), ("TransformerDecoder", [(6, 10), (4, 10)]), ("Transformer", [(6, 10), (4, 10)]):
    reject(layer, f"{layer}(3)", shapes, lambda *g: nn.TransformerEncoderLayer(10, 3), "not-divisible")
reject("TransformerEncoder", "TransformerEncoder(2)", (10,), None, "rank-mismatch", "PyTorch reads it as one sequence without a batch")
reject("Transformer", "Transformer(2)", [(6, 10), (4, 8)], lambda a, b: nn.Transformer(10, 2, batch_first=True)(a, b), "shape-mismatch")


class Positions(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(length, width))

    def forward(self, x):
        return x + self.table[: x.shape[1]]


add("PositionEmbedding", "PositionEmbedding()", (6, 5), module(lambda: Positions(6, 5)))
add("PositionEmbedding", "PositionEmbedding(9)", (6, 5), module(lambda: Positions(9, 5)), parameters={"max_length"})
reject("PositionEmbedding", "PositionEmbedding(4)", (6, 5), lambda x: Positions(4, 5)(x), "size-too-small")
paper("SinusoidalPositionEncoding", "SinusoidalPositionEncoding(max_wavelength=100.0)", (6, 5), (6, 5), 0, 0, {"max_wavelength"})
paper("RotaryEmbedding", "RotaryEmbedding(max_wavelength=100.0)", (6, 8), (6, 8), 0, 0, {"max_wavelength"})
paper("RotaryEmbedding", "RotaryEmbedding()", (6, 3, 8), (6, 3, 8), 0, 0)
reject("RotaryEmbedding", "RotaryEmbedding()", (6, 5), lambda x: torch.stack((x[..., ::2], x[..., 1::2])), "not-divisible")

# Blocks


class Inception(nn.Module):
    def __init__(self, channels, a, b0, b, c0, c, d, bias=True):
        super().__init__()
        conv = lambda i, o, s: nn.Conv2d(i, o, s, padding=s // 2, bias=bias)
        self.branches = nn.ModuleList([
            conv(channels, a, 1), nn.Sequential(conv(channels, b0, 1), conv(b0, b, 3)),
            nn.Sequential(conv(channels, c0, 1), conv(c0, c, 5)), nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(channels, d, 1))])

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], 1)


FILTERS = {"filters_1x1": 4, "filters_3x3_reduce": 3, "filters_3x3": 5, "filters_5x5_reduce": 2, "filters_5x5": 6, "filters_pool": 7}
for options in ({}, {"activation": "tanh"}, {"use_bias": False}):
    add("Inception", written("Inception", {**FILTERS, **options}), (9, 8, 5),
        module(lambda b=options.get("use_bias", True): Inception(5, *FILTERS.values(), b), last()), parameters={*FILTERS, *options})
add("Inception", written("Inception", FILTERS), (5, 9, 8), module(lambda: Inception(5, *FILTERS.values())), channels_first=True)


class Squeeze(nn.Module):
    """torchvision's squeeze-excitation."""

    def __init__(self, channels, reduced):
        super().__init__()
        self.a, self.b = nn.Conv2d(channels, reduced, 1), nn.Conv2d(reduced, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.b(torch.relu(self.a(x.mean((2, 3), keepdim=True)))))


for options, channels, reduced in (({}, 32, 2), ({}, 5, 1), ({"ratio": 4}, 12, 3), ({"reduced": 7}, 10, 7), ({"activation": "silu"}, 32, 2),
                                   ({"gate_activation": "hard_sigmoid"}, 32, 2)):
    add("SqueezeExcitation", written("SqueezeExcitation", options), (4, 6, channels),
        module(lambda c=channels, r=reduced: Squeeze(c, r), last()), parameters=set(options))
add("SqueezeExcitation", "SqueezeExcitation(4)", (12, 4, 6), module(lambda: Squeeze(12, 3)), channels_first=True)
reject("SqueezeExcitation", "SqueezeExcitation(3)", (7, 6, 10), None, "not-divisible", "a width rounded down is rarely meant")


class Capsules(nn.Module):
    def __init__(self, inputs, features, capsules, dim, routings):
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(inputs, capsules, features, dim))
        self.routings = routings

    def forward(self, x):
        u = torch.einsum("bif,icfd->bicd", x, self.kernel)
        logits = torch.zeros(u.shape[:3])
        for step in range(self.routings):
            v = torch.einsum("bic,bicd->bcd", logits.softmax(2), u)
            if step + 1 < self.routings:
                logits = logits + torch.einsum("bicd,bcd->bic", u, v)
        return v


for routings in 1, 3:
    add("CapsuleLayer", f"CapsuleLayer(4, 7, routings={routings})", (9, 5), module(lambda r=routings: Capsules(9, 5, 4, 7, r)),
        parameters={"capsules", "dim", "routings"})
for options, strides in (({}, 2), ({"kernel_size": 3, "strides": 1}, 1), ({"kernel_size": 3, "padding": "same"}, 2)):
    size = options.get("kernel_size", 9)
    if "padding" in options:
        continue
    add("PrimaryCapsules", written("PrimaryCapsules", options, (3, 4)), (12, 11, 5), module(
        lambda s=size, t=strides: nn.Conv2d(5, 12, s, t), lambda m, x: m(x.movedim(-1, 1)).movedim(1, -1).reshape(x.shape[0], -1, 4)),
        parameters={"capsules", "dim", *options})
k("PrimaryCapsules", (12, 11, 5), keras_name="Conv2D", text='PrimaryCapsules(3, 4, kernel_size=3, strides=2, padding="same")',
  extra={"padding"}, filters=12, kernel_size=3, strides=2, padding="same", call=lambda m, x: m(x).reshape(x.shape[0], -1, 4))
reject("PrimaryCapsules", "PrimaryCapsules(3, 4)", (8, 11, 5), lambda x: nn.Conv2d(5, 12, 9, 2)(x.movedim(-1, 1)), "size-too-small")
for options, hidden, out in (({}, 32, (6, 7, 2)), ({"localization_units": 5}, 5, (6, 7, 2)), ({"output_size": (3, 4)}, 32, (3, 4, 2))):
    add("SpatialTransformer", written("SpatialTransformer", options), (6, 7, 2), module(
        lambda h=hidden: nn.Sequential(nn.Flatten(), nn.Linear(84, h), nn.Linear(h, 6)),
        lambda m, x, o=out: (m(x), torch.zeros(x.shape[0], *o))[1]), parameters=set(options))


class Graph(nn.Module):
    def __init__(self, features, units, bias=True):
        super().__init__()
        self.linear = nn.Linear(features, units, bias)

    def forward(self, x, adjacency):
        return adjacency @ self.linear(x)


for options in ({}, {"use_bias": False}, {"activation": "relu"}):
    add("GraphConv", written("GraphConv", {"units": 7, **options}), [(6, 5), (6, 6)],
        module(lambda b=options.get("use_bias", True): Graph(5, 7, b)), parameters={"units", *options})
reject("GraphConv", "GraphConv(7)", [(6, 5), (5, 5)], lambda x, a: a @ x, "shape-mismatch")
reject("GraphConv", "GraphConv(7)", (6, 5), lambda x: Graph(5, 7)(x), "input-count")


class GraphAttention(nn.Module):
    """Veličković's: scores of source and target, added; each a product of its own."""

    def __init__(self, features, units, heads, concat, bias):
        super().__init__()
        self.linear = nn.Linear(features, heads * units, bias=False)
        self.source, self.target = nn.Parameter(torch.zeros(heads, units, 1)), nn.Parameter(torch.zeros(heads, units, 1))
        self.bias = nn.Parameter(torch.zeros(heads * units if concat else units)) if bias else None
        self.heads, self.concat = heads, concat

    def forward(self, x, adjacency):
        h = self.linear(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        scores = F.leaky_relu(h @ self.source + (h @ self.target).transpose(2, 3), 0.2).softmax(-1)
        h = scores @ h
        return h.transpose(1, 2).flatten(2) if self.concat else h.mean(1)


for options in ({}, {"heads": 3}, {"heads": 3, "concat": False}, {"use_bias": False}, {"activation": "elu"}, {"dropout": 0.1}, {"negative_slope": 0.1}):
    add("GraphAttention", written("GraphAttention", {"units": 7, **options}), [(6, 5), (6, 6)], module(
        lambda o=options: GraphAttention(5, 7, o.get("heads", 1), o.get("concat", True), o.get("use_bias", True))), parameters={"units", *options})
reject("GraphAttention", "GraphAttention(7)", [(6, 5), (6, 5)], lambda x, a: a @ a, "shape-mismatch")


class Gate(nn.Module):
    def __init__(self, features, branches):
        super().__init__()
        self.gate = nn.Linear(features, len(branches))
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        picked = self.gate(x).argmax(-1)
        results = torch.stack([branch(x) for branch in self.branches], 1)
        return results[torch.arange(len(x)), picked]


add("DynamicLayer", "DynamicLayer { branch { Dense(7) } branch { Dense(7) } branch { Dense(7) } }", (5,),
    module(lambda: Gate(5, [nn.Linear(5, 7) for _ in range(3)])))
reject("DynamicLayer", "DynamicLayer { branch { Dense(7) } branch { Dense(6) } }", (5,),
       lambda x: Gate(5, [nn.Linear(5, 7), nn.Linear(5, 6)])(x), "shape-mismatch")
paper("QuantumLayer", "QuantumLayer(4, depth=3)", (4,), (4,), 3 * 4 * 3, 0, {"qubits", "depth"})
paper("QuantumLayer", 'QuantumLayer(4, depth=2, template="basic_entangler")', (4,), (4,), 2 * 4, 0, {"template"})
reject("QuantumLayer", "QuantumLayer(4)", (5,), None, "shape-mismatch", "PennyLane is not in the environment")
for options, hidden in (({}, 20), ({"ff_dim": 7}, 7), ({"activation": "gelu"}, 20), ({"use_bias": False}, 20), ({"top_k": 1}, 20)):
    bias, picked = options.get("use_bias", True), options.get("top_k", 2)
    total = 5 * 4 + 4 * (2 * 5 * hidden + (hidden + 5 if bias else 0))
    paper("MixtureOfExperts", written("MixtureOfExperts", {"experts": 4, **options}), (6, 5), (6, 5), total,
          6 * (5 * 4 + picked * 2 * 5 * hidden), {"experts", *options})
reject("MixtureOfExperts", "MixtureOfExperts(4, 5)", (6, 5), lambda x: torch.zeros(4).topk(5), "invalid-argument")
