"""Random models over the whole catalogue, drawn from the declarations, and their near misses.

A model is a list of steps on values of known shapes. The frameworks (random_layers.py) say step by step
what comes of it while it grows, so it is valid by their word; the program is not asked here.
"""

import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from math import prod

import random_types
from cells import literal
from declarations import LAYERS, split
from random_layers import Call, Outcome, Refused, accepted, outcome, summed

LIMIT = 3000  # values of one sample, so that thousands of models take minutes


# What a declaration says of a layer's inputs


@dataclass(frozen=True)
class Operand:
    dims: tuple  # names, `...name` for any number
    optional: bool
    integers: bool


@cache
def operands(layer, first=False):
    """Of one data format; None where any number of values is read."""
    entries = LAYERS[layer].entry("input")
    text = entries[-1 if first else 0]
    if text.startswith("..."):
        return None
    found = []
    for part in split(text):
        if part.startswith("..."):
            continue
        dims = part[part.index("(") + 1 : part.index(")")].split(", ")
        found.append(Operand(tuple(dims[1:]), "=" in part, part.startswith("int32")))
    return tuple(found)


def is_merge(layer):
    return operands(layer) is None


CELLS = [n for n, d in LAYERS.items() if "cell" in d.traits]
CONTAINERS = ("Sequential", "Residual", "DynamicLayer")
SINGLE = [n for n in LAYERS if not is_merge(n) and n not in CONTAINERS]
TIME = {"time", "steps", "tq", "tk", "positions", "nodes", "inputs"}
PLACES = {"height", "width", "depth", "rows", "columns"}


def size_of(name, last, rng, volume):
    if name in TIME:
        return rng.randint(2, 6)
    if name in PLACES and not last:
        return rng.randint(3, 5 if volume else 9)
    return rng.choice((1, 2, 3, 4, 4, 6, 6, 8, 8, 12))


def draw_shape(operand, rng, known):
    """A shape for the pattern; names that are bound keep their size."""
    shape = []
    for dim in operand.dims:
        if dim.startswith("..."):
            least = 0 if len(operand.dims) > 1 else 1
            shape += [rng.randint(2, 6) for _ in range(rng.choice((least, 1, 1, 2)))]
            continue
        last = dim == operand.dims[-1] and not (dim in PLACES and operand.dims[0] in ("channels", "time") and "channels" in operand.dims)
        if dim not in known:
            known[dim] = size_of(dim, last, rng, len(operand.dims) > 3)
        shape.append(known[dim])
    return tuple(shape)


def fits(layer, shape, first):
    """Whether the rank is one that the pattern takes."""
    dims = operands(layer, first)[0].dims
    if any(d.startswith("...") for d in dims):
        return len(shape) >= len(dims) - 1
    return len(shape) == len(dims)


# Calls


class Drawer:
    """Draws the arguments of calls; `focus` says which parameters are wanted."""

    def __init__(self, rng, first, seen=None):
        self.rng, self.first, self.seen = rng, first, seen or Counter()

    def call(self, layer, shape, depth=0):
        declaration = LAYERS[layer]
        arguments = {}
        wanted = [n for n in declaration.parameters if declaration.parameters[n] is not None]
        missing = {n for n in wanted if not self.seen[layer, n]}
        rarest = min(wanted, key=lambda n: (self.seen[layer, n], self.rng.random()), default=None)
        for name in declaration.parameters:
            default = declaration.parameters[name]
            if name in arguments or name == "tied_to":
                continue
            if default is None or name == rarest and self.rng.random() < 0.8 or self.rng.random() < (0.6 if name in missing else 0.2):
                drawn = self.value(layer, name, shape, depth, arguments)
                if drawn is not SKIP:
                    arguments[name] = drawn
        if declaration.body.count("weights {") and self.rng.random() < 0.06:
            arguments["trainable"] = False
        if layer in ("Dense", "Conv2D", "LSTM", "EinsumDense", "DepthwiseConv1D") and self.rng.random() < 0.15:
            part = {"DepthwiseConv1D": "depthwise"}.get(layer, "kernel")
            kind = self.rng.choice(("initializer", "regularizer", "constraint"))
            arguments[f"{part}_{kind}"] = self.named(kind)
        return Call(layer, tuple(arguments.items()))

    def named(self, kind, of_bias=False):
        """Keras's matrices have two axes or more for `orthogonal`, and just two for `identity`."""
        names = [n for n in random_types.DECLARED[kind] if n not in ("identity", "orthogonal_regularizer")]
        return self.rng.choice([n for n in names if not of_bias or n not in ("orthogonal",)])

    def axis(self, rank):
        return self.rng.choice([a for a in range(-rank + 1, rank) if a != 0])

    def axes(self, rank):
        chosen = self.rng.choice([c for n in range(1, rank) for c in combinations(range(1, rank), n)])
        return tuple(a - rank if self.rng.random() < 0.2 else a for a in chosen)

    def value(self, layer, name, shape, depth, arguments):
        rng, rank = self.rng, len(shape) + 1
        kind = random_types.parse(LAYERS[layer].types[name])
        if name == "axis" and kind.kind == "int":
            return self.axis(rank)
        if name in ("axis", "shared_axes"):
            return rng.choice((self.axis(rank), self.axes(rank), self.axes(rank))) if name == "axis" else self.axes(rank)
        if name == "equation":
            return self.einsum(shape, arguments)
        if name == "function":
            step = rng.choice((1, 2, 3))
            arguments["output_shape"] = (-(-shape[0] // step), *shape[1:])
            return f"lambda x: x[:, ::{step}]"
        if layer == "CustomShape":
            return tuple(None if rng.random() < 0.4 else n for n in shape)
        if name == "target_shape":
            return self.factors(prod(shape))
        if layer == "Permute":
            return tuple(rng.sample(range(1, rank), rank - 1))
        if name == "noise_shape":
            return (None, *(rng.choice((1, n, None)) for n in shape))
        if name == "sections":
            place = arguments.get("axis", 1 if self.first and rank > 2 else -1) if rng.random() < 0.5 else -1
            if place == -1:
                size = shape[-1] if not (self.first and rank > 2) else shape[0]
            else:
                arguments["axis"], size = self.axis(rank), None
                size = shape[arguments["axis"] % rank - 1]
            if rng.random() < 0.5:
                return rng.choice([n for n in range(1, size + 1) if size % n == 0])
            cut = rng.randint(1, size - 1) if size > 1 else 0
            return (cut, size - cut) if cut else (size,)
        if name in ("mean", "variance"):
            arguments["mean"], arguments["variance"] = 0.5, 2.0
            return arguments[name]
        if name == "seed":
            return rng.choice((None, 0, 1, 7))
        if name == "value_range":
            return rng.choice(((0, 1), (0.0, 1.0), (-1, 1)))
        if name in ("layer", "cell", "backward_layer"):
            return self.inner(layer, name, shape, depth, arguments)
        if name == "num_heads":
            return rng.choice([n for n in range(1, 13) if shape[-1] % n == 0])
        if name == "groups" or name == "ratio":
            channels = shape[0] if self.first else shape[-1]
            found = rng.choice([n for n in range(1, channels + 1) if channels % n == 0])
            if name == "groups" and "filters" in arguments:
                arguments["filters"] = found * rng.randint(1, 3)
            return found
        if name == "num_key_value_heads":
            return rng.choice([n for n in range(1, 7) if arguments["num_query_heads"] % n == 0])
        if name == "qubits":
            return shape[-1]
        if name == "max_length":
            return shape[0] + rng.choice((0, 1, 3))
        if name in ("num_encoder_layers", "num_decoder_layers"):
            return rng.randint(1, 2)
        if kind.kind == "union" and name.endswith(("initializer", "regularizer", "constraint")):
            return self.named(name.rsplit("_", 1)[1], of_bias=True)
        if name == "dilation_rate" and "strides" in arguments:
            if rng.random() < 0.5:
                return SKIP
            del arguments["strides"]  # one of them only
        # Windows stay small: hundreds along an axis, or a dozen along each of a volume's, take minutes.
        drawn = random_types.draw(kind, rng, [n for n in shape if n <= 12] if len(shape) < 4 else ())
        if name in ("factor", "height_factor", "width_factor") and isinstance(drawn, tuple):
            return tuple(sorted(drawn))
        if name == "output_padding":
            # Below the strides.
            strides = arguments.setdefault("strides", 2)
            least = strides if type(strides) is int else min(strides)
            return rng.choice((None, *range(least)))
        return drawn

    def factors(self, volume):
        shape = []
        while volume > 1 and len(shape) < 3:
            factor = self.rng.choice([n for n in range(1, volume + 1) if volume % n == 0])
            shape.append(factor)
            volume //= factor
        if volume > 1 or not shape:
            shape.append(volume)
        self.rng.shuffle(shape)
        if self.rng.random() < 0.3:
            shape[self.rng.randrange(len(shape))] = -1
        return tuple(shape)

    def einsum(self, shape, arguments):
        letters = "bcdefg"[: len(shape)]
        kept = self.rng.randint(0, len(shape) - 1)
        new = "xy"[: self.rng.randint(1, 2)]
        arguments["output_shape"] = (*shape[:kept], *(self.rng.choice((2, 3, 5)) for _ in new))
        if kept and self.rng.random() < 0.5:
            arguments["output_shape"] = (None, *arguments["output_shape"][1:])
        left, gone = letters[:kept], letters[kept:]
        if self.rng.random() < 0.4:
            arguments["bias_axes"] = self.rng.choice((new, new[-1]))
        return f"a{letters},{gone}{new}->a{left}{new}"

    def inner(self, layer, name, shape, depth, arguments):
        """A layer inside a layer."""
        if depth > 0:
            raise Refused("deep enough")
        rng = self.rng
        if name == "cell":
            cells = [self.call(rng.choice(CELLS), shape[1:], 1) for _ in range(rng.choice((1, 1, 2)))]
            return cells[0] if len(cells) == 1 and rng.random() < 0.7 else tuple(cells)
        if layer == "Bidirectional":
            if name == "backward_layer":
                if rng.random() < 0.3:
                    return None
                return arguments["layer"].changed("go_backwards", True)
            kind = rng.choice([n for n in ("LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D") if fits(n, shape, False)] or ["LSTM"])
            return self.call(kind, shape, 1).without("go_backwards")
        if layer == "SpectralNormalization":
            kinds = ("Dense", "Conv1D", "Conv2D", "Conv1DTranspose", "Conv2DTranspose")
            frame = shape
        else:
            frame = shape[1:]
            kinds = [n for n in SINGLE if n not in WRAPPERS and n not in CELLS and "  body {" not in LAYERS[n].body and "Random" not in n and n not in ("Embedding", "Lambda", "Output")]
        kinds = [n for n in kinds if len(operands(n)) - sum(o.optional for o in operands(n)) == 1 and fits(n, frame, False)]
        return self.call(rng.choice(kinds or ["Dense"]), frame, 1).without("data_format")


SKIP = object()
WRAPPERS = ("SpectralNormalization", "TimeDistributed", "Bidirectional", "RNN")


# Models


@dataclass(frozen=True)
class Step:
    call: Call
    sources: tuple = ()  # names of the values that it reads; none is the current one
    target: str = None
    times: int = 1
    table: Call = None  # an Embedding before it, whose weights it shares


@dataclass(frozen=True)
class Model:
    inputs: tuple  # (name, shape, integers)
    steps: tuple
    first: bool = False
    symbols: tuple = ()  # (name of the input, axis, name of the symbol)
    define: tuple = None  # (first step, end, the parameter's site or None)
    all_outputs: bool = False
    seed: int = 0

    def calls(self):
        return [call for step in self.steps for call in ((step.table,) if step.table else ()) + tuple(step.call.all())]

    @property
    def structure(self):
        found = []
        if any(call.branches for call in self.calls()) or any(step.target for step in self.steps):
            found.append("branches")
        if len(self.inputs) > 1:
            found.append("inputs")
        if self.symbols:
            found.append("symbols")
        if self.define:
            found.append("definitions")
        return found


def run(model):
    """What the frameworks make of a model: the outcome as a whole."""
    values = {name: (shape, integers) for name, shape, integers in model.inputs}
    current = values[model.inputs[0][0]] if len(model.inputs) == 1 else None
    found = []
    result = None
    for step in model.steps:
        read = [values[name] for name in step.sources] if step.sources else [current]
        if None in read:
            raise Refused("no current value")
        for _ in range(step.times):
            integers = read[0][1]
            if step.table:
                found.append(accepted(step.table, (read[0][0],), True))
                read, integers = [(found[-1].outputs[0], False)], False
                dense = step.call.without("tied_to")
                untied = accepted(dense, (read[0][0],), False, model.first)
                kernel = step.table.get("input_dim") * step.table.get("output_dim")
                if read[0][0][-1] != step.table.get("output_dim") or step.call.get("units") != step.table.get("input_dim"):
                    raise Refused("the table has other sizes")
                own = untied.total - kernel
                result = Outcome(untied.outputs, own, own if dense.get("trainable") is not False else 0, untied.macs)
            else:
                if integers and step.call.layer not in ("Embedding",) and "keeps_dtype" not in traits(step.call.layer):
                    raise Refused("whole numbers")
                result = accepted(step.call, tuple(shape for shape, _ in read), integers, model.first)
            found.append(result)
            keeps = integers and "keeps_dtype" in traits(step.call.layer)
            read = [(result.outputs[0], keeps)]
        if step.target:
            values[step.target] = read[0]
        if not (step.sources and step.target):
            current = read[0]
    outputs = result.outputs if model.all_outputs else (current[0],)
    return Outcome(outputs, *summed(found))


def traits(layer):
    return LAYERS[layer].traits if layer in LAYERS else set()


def verdict(model):
    try:
        return run(model)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


# Their text


def text_of(call, rng=None, replaced=None):
    if not isinstance(call, Call):
        if isinstance(call, tuple) and call and isinstance(call[0], Call):
            return "[" + ", ".join(text_of(c) for c in call) + "]"
        return literal(call)
    declared = list(LAYERS[call.layer].parameters) if call.layer in LAYERS else []
    parts, positional = [], call.extra or rng is None or rng.random() < 0.6
    for index, (name, value) in enumerate(call.arguments):
        written = replaced[1] if replaced and replaced[0] == name else text_of(value)
        positional = positional and index < len(declared) and declared[index] == name
        parts.append(written if positional else f"{name}={written}")
    parts += [text_of(value) for value in call.extra]
    head = f"{call.layer}({', '.join(parts)})"
    if not call.branches:
        return head
    if call.layer in ("Sequential", "Residual"):
        body = " ".join(text_of(c) for c in call.branches[0])
        short = "" if call.shortcut is None else f" shortcut {{ {' '.join(text_of(c) for c in call.shortcut)} }}"
        return f"{head} {{ {body}{short} }}"
    return f"{head} {{ {' '.join('branch { ' + ' '.join(text_of(c) for c in branch) + ' }' for branch in call.branches)} }}"


def write(model, name):
    """The model's source text."""
    rng = random.Random(model.seed)
    lines, before = [], []
    for index, step in enumerate(model.steps):
        inside = model.define and model.define[0] <= index < model.define[1]
        parameter = model.define[2] if inside and model.define[2] and model.define[2][0] == index else None
        text = text_of(step.call, rng, (parameter[1], "n") if parameter else None)
        if step.times != 1:
            text += f" * {step.times}"
        if step.table:
            text = f"let table{index} = {text_of(step.table)}\n    table{index}() -> " + text.replace("tied_to=0", f"tied_to=table{index}")
        if step.sources:
            text = (step.sources[0] if len(step.sources) == 1 else f"({', '.join(step.sources)})") + " -> " + text
        last = index == len(model.steps) - 1
        if last and model.all_outputs:
            count = len(accepted_outputs(model))
            text += " -> " + (f"({', '.join(f'out{i}' for i in range(count))})" if count > 1 else "out0")
        elif step.target:
            text += f" -> {step.target}"
        if inside:
            before.append("  " + text)
            if index == model.define[1] - 1:
                lines.append(f"    Block{name}({model.define[2][2] if model.define[2] else ''})")
        else:
            lines.append("    " + text)
    entries = []
    for input_name, shape, integers in model.inputs:
        symbols = {axis: symbol for owner, axis, symbol in model.symbols if owner == input_name}
        dims = [symbols.get(axis, str(size)) for axis, size in enumerate(shape)]
        entries.append((input_name, ("int32 " if integers else "") + "(" + ", ".join(dims) + ("," if len(dims) == 1 else "") + ")"))
    inputs = entries[0][1] if len(entries) == 1 else "{ " + ", ".join(f"{n}: {s}" for n, s in entries) + " }"
    result = []
    if before:
        result += [f"define Block{name}({'n' if model.define[2] else ''}) {{", *before, "}"]
    result += [f"network {name} {{", f"  input: {inputs}"]
    if model.first:
        result.append('  data_format: "channels_first"')
    result += ["  layers:", *lines]
    if model.all_outputs:
        result.append("  outputs: " + ", ".join(f"out{i}" for i in range(len(accepted_outputs(model)))))
    return "\n".join([*result, "}"]) + "\n"


def accepted_outputs(model):
    found = verdict(model)
    return (None,) if isinstance(found, str) else found.outputs


# Growing


class Grower:
    """Grows valid models; `seen` counts what earlier ones held, so that what is rare comes next."""

    def __init__(self, seed, seen):
        self.rng = random.Random(seed)
        self.seed, self.seen = seed, seen
        self.first = self.rng.random() < 0.15
        self.drawer = Drawer(self.rng, self.first, seen)
        self.refused = []  # (call, shapes): what was drawn and the frameworks would not take

    def rarest(self, layers):
        def weight(name):
            count = self.seen[name]
            least = min((self.seen[name, p] for p in LAYERS[name].parameters), default=count)
            return (min(count, 2 * least) + self.rng.random() * 4, self.rng.random())
        return min(layers, key=weight)

    def model(self):
        for _ in range(50):
            try:
                found = self.attempt()
                if found is not None:
                    return found
            except Refused:
                continue
        return Model((("input", (4,), False),), (Step(Call("Dense", (("units", 3),))),), seed=self.seed)

    def attempt(self):
        rng = self.rng
        layer = self.rarest([n for n in LAYERS if rng.random() < 0.4] or list(LAYERS))
        wants = rng.choice(("branches", "inputs", "symbols", "definitions")) if rng.random() < 0.36 else None
        steps, inputs = self.begin(layer)
        current = self.shape_after(inputs, steps)
        # The value of an Output is what the network gives.
        for _ in range(0 if layer == "Output" else rng.choice((0, 1, 1, 2, 2, 3))):
            more = self.further(current) if current else None
            if more is None:
                break
            steps.append(more)
            current = self.shape_after(inputs, steps)
        if wants == "branches" and layer != "Output" and current:
            more = self.branching(current)
            if more is not None:
                steps.append(more)
                current = self.shape_after(inputs, steps)
        every = [traits(c.layer) for s in steps for c in s.call.all()]
        if len(current) >= 3 and any("last_axis" in t for t in every) and any("spatial" in t for t in every):
            # A Dense over the places of an image may not reach an output (rank-mismatch).
            steps.append(Step(Call("Flatten")))
            current = self.shape_after(inputs, steps)
        if layer != "Output" and 0 < len(current) < 3 and rng.random() < 0.1:
            steps.append(Step(Call("Output", (("units", rng.randint(2, 5)),))))
        model = Model(tuple(inputs), tuple(steps), self.first, seed=self.seed)
        last = accepted_last(model)
        if last > 1 and not (steps[-1].times > 1) and rng.random() < 0.6:
            model = replace(model, all_outputs=True)
        if wants == "definitions":
            model = self.defined(model)
        if wants == "symbols":
            model = self.symbolic(model)
        run(model)
        return model

    def shape_after(self, inputs, steps):
        found = run(Model(tuple(inputs), tuple(steps), self.first)).outputs[0]
        if prod(found) > LIMIT:
            raise Refused("large")
        return found

    # The first step

    def begin(self, layer):
        rng = self.rng
        if is_merge(layer) or layer in CONTAINERS:
            shape = tuple(rng.randint(2, 6) for _ in range(rng.choice((1, 2, 2, 3))))
            if is_merge(layer) and rng.random() < 0.5:
                return self.merge_inputs(layer, shape)
            inputs = [("input", shape, False)]
            step = self.branching(shape, layer)
            if step is None:
                raise Refused("no branches")
            return [step], inputs
        if layer in ("Dense", "Output") and rng.random() < 0.4:
            return self.tied(layer)
        patterns = operands(layer, self.first)
        for _ in range(12):
            known = {}
            shape = draw_shape(patterns[0], rng, known)
            call = self.drawn(layer, shape)
            if call is None:
                continue
            known.update((n, v) for n, v in call.arguments if type(v) is int and n not in known)
            shapes = [shape]
            for pattern in patterns[1:]:
                if pattern.optional and rng.random() < 0.6:
                    break
                shapes.append(draw_shape(pattern, rng, known))
            if prod(shape) > LIMIT:
                continue
            found = outcome(call, tuple(shapes), patterns[0].integers, self.first)
            if isinstance(found, str) or prod(found.outputs[0]) > LIMIT:
                if isinstance(found, str):
                    self.refused.append((call, tuple(shapes), patterns[0].integers))
                continue
            names = ["input"] if len(shapes) == 1 else ["a", "b", "c", "d"][: len(shapes)]
            inputs = [(n, s, patterns[0].integers) for n, s in zip(names, shapes)]
            return [Step(call, tuple(names) if len(shapes) > 1 else ())], inputs
        raise Refused("nothing fits")

    def drawn(self, layer, shape):
        try:
            return self.drawer.call(layer, shape)
        except (Refused, IndexError, ValueError, KeyError):
            return None

    def tied(self, layer):
        words, width = self.rng.randint(3, 9), self.rng.randint(2, 6)
        table = Call("Embedding", (("input_dim", words), ("output_dim", width)))
        arguments = {"units": words}
        if self.rng.random() < 0.5:
            arguments["use_bias"] = False
        # Stands for the name of the table.
        call = Call(layer, (*arguments.items(), ("tied_to", 0)))
        return [Step(call, table=table)], [("input", (self.rng.randint(2, 5),), True)]

    def merge_inputs(self, layer, shape):
        rng = self.rng
        shapes = [shape, shape] + ([shape] if layer not in ("Subtract", "Dot") and rng.random() < 0.3 else [])
        call = self.drawn(layer, shape)
        if call is None:
            raise Refused("no arguments")
        if layer == "Dot":
            if len(shape) > 2:
                shapes = [shape[:2]] * 2
            rank = len(shapes[0]) + 1
            axis = rng.choice([a for a in range(-rank + 1, rank) if a != 0])
            other = list(shapes[1])
            for place in range(len(other)):
                if place != axis % rank - 1:
                    other[place] = rng.randint(2, 6)
            shapes[1] = tuple(other)
            call = call.changed("axes", axis if rng.random() < 0.6 else (axis, axis))
        elif layer == "Concatenate":
            axis = call.get("axis", 1 if self.first and len(shape) > 1 else -1)
            other = list(shape)
            other[axis % (len(shape) + 1) - 1] = rng.randint(1, 6)
            shapes[1] = tuple(other)
        elif rng.random() < 0.2:
            shapes[1] = tuple(1 if rng.random() < 0.4 else n for n in shape)
        accepted(call, tuple(shapes), False, self.first)
        names = ["a", "b", "c"][: len(shapes)]
        return [Step(call, tuple(names))], [(n, s, False) for n, s in zip(names, shapes)]

    # Further steps

    def further(self, shape):
        rng = self.rng
        fitting = [n for n in SINGLE if n not in CELLS and n != "Output" and fits(n, shape, self.first) and not operands(n)[0].integers
                   and sum(not o.optional for o in operands(n)) == 1]
        for _ in range(8):
            layer = self.rarest(rng.sample(fitting, min(len(fitting), 12)))
            call = self.drawn(layer, shape)
            if call is None:
                continue
            found = outcome(call, (shape,), False, self.first)
            if isinstance(found, str):
                self.refused.append((call, (shape,), False))
                continue
            if prod(found.outputs[0]) > LIMIT or 0 in found.outputs[0]:
                continue
            times = 1
            if found.outputs[0] == shape and rng.random() < 0.15:
                times = rng.randint(2, 3)
            return Step(call, times=times)
        return None

    def keeping(self, shape):
        """Calls one after the other that keep the shape."""
        calls = []
        for _ in range(self.rng.randint(0, 2)):
            step = self.further(shape)
            if step is not None and outcome(step.call, (shape,), False, self.first).outputs == (shape,):
                calls.append(step.call)
        return calls

    def branching(self, shape, layer=None):
        rng = self.rng
        merges = ("Add", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Subtract", "Dot")
        layer = layer or rng.choice(("Residual", "Residual", "Sequential", "DynamicLayer", *merges))
        units = rng.choice((2, 3, 5))
        dense = Call("Dense", (("units", units),))
        for _ in range(6):
            if layer == "Sequential":
                branches = (tuple(self.keeping(shape) + [dense]),)
                call = Call(layer, branches=branches)
            elif layer == "Residual":
                if rng.random() < 0.5:
                    kept = self.keeping(shape)
                    call = Call(layer, branches=(tuple(kept or [Call("Dense", (("units", shape[-1]),))]),))
                else:
                    call = Call(layer, branches=(tuple(self.keeping(shape) + [dense]),), shortcut=(dense,))
            else:
                count = 2 if layer in ("Subtract", "Dot") else rng.randint(2, 3)
                ends = [dense] if rng.random() < 0.6 else []
                branches = []
                for _ in range(count):
                    calls = self.keeping(shape) + ends
                    branches.append(tuple(calls or [Call("Identity")]))
                call = Call(layer, self.drawer.call(layer, shape).arguments, tuple(branches))
                if layer == "Dot":
                    call = call.changed("axes", rng.randint(1, len(shape)))
            found = outcome(call, (shape,), False, self.first)
            if not isinstance(found, str) and prod(found.outputs[0]) <= LIMIT:
                return Step(call)
        return None

    # Structure

    def defined(self, model):
        """Some steps in a definition of their own, one number of them as its parameter."""
        start = next((i for i, s in enumerate(model.steps) if not s.sources and not s.table), None)
        end = len(model.steps) - (1 if model.all_outputs else 0)
        if start is None or start >= end:
            return model
        numbers = [(i, n, v) for i in range(start, end) for n, v in model.steps[i].call.arguments
                   if type(v) is int and n not in ("seed",)]
        return replace(model, define=(start, end, self.rng.choice(numbers) if numbers and self.rng.random() < 0.7 else None))

    def symbolic(self, model):
        """One size open, where larger ones do as well."""
        places = [(name, axis) for name, shape, _ in model.inputs for axis in range(len(shape))]
        self.rng.shuffle(places)
        here = run(model)
        for name, axis in places[:3]:
            open_model = replace(model, symbols=((name, axis, "s"),))
            there = [verdict(resized(open_model, by)) for by in (1, 2, 3, 5, 60)]
            if all(not isinstance(o, str) and o.total == here.total for o in there):
                return open_model
        return model


def resized(model, by):
    """With other sizes for its symbol."""
    inputs = tuple(
        (name, tuple(n + by * any(o == name and a == axis for o, a, _ in model.symbols) for axis, n in enumerate(shape)), integers)
        for name, shape, integers in model.inputs)
    return replace(model, inputs=inputs)


def accepted_last(model):
    """How many values the last step gives."""
    values = replace(model, all_outputs=True)
    return len(run(values).outputs)
