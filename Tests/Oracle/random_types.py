"""The declared types of parameters: values drawn from them, and the smallest steps out of them."""

import re
from dataclasses import dataclass
from functools import cache

from declarations import DECLARATIONS, split

# Names that stand for things that the catalogue declares. Those that need arguments are not drawn.
DECLARED = {
    keyword: [d.name for d in DECLARATIONS if d.keyword == keyword and None not in d.parameters.values()]
    for keyword in ("activation", "initializer", "regularizer", "constraint")
}


@dataclass(frozen=True)
class Type:
    kind: str  # int, float, …, literal, tuple, list, union, declared, layer
    parts: tuple = ()
    value: object = None  # of a literal; what a `layer in` asks for; the keyword of what is declared
    least: float = None
    most: float = None
    open_least: bool = False
    open_most: bool = False


@cache
def parse(text):
    """A type as it is written."""
    choices = _divide(text)
    return _single(choices[0]) if len(choices) == 1 else Type("union", tuple(map(_single, choices)))


def _divide(text):
    """At the `|` outside of brackets and strings."""
    parts, depth, start, quoted = [], 0, 0, False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character in "([") - (character in ")]")
            if character == "|" and depth == 0:
                parts.append(text[start:index])
                start = index + 1
    return [p.strip() for p in [*parts, text[start:]]]


def _single(text):
    if bounded := re.fullmatch(r"(int|float) (>=|>) (\S+)", text):
        return Type(bounded[1], least=float(bounded[3]), open_least=bounded[2] == ">")
    if interval := re.fullmatch(r"(int|float) in ([\[(])(\S+), (\S+)([\])])", text):
        return Type(interval[1], least=float(interval[3]), most=float(interval[4]),
                    open_least=interval[2] == "(", open_most=interval[5] == ")")
    if member := re.fullmatch(r"layer(?: in (\w+))?", text):
        return Type("layer", value=member[1])
    if text in DECLARED:
        return Type("declared", value=text)
    if text in ("int", "float", "bool", "string", "shape", "instance"):
        return Type(text)
    if text == "none":
        return Type("literal", value=None)
    if text[0] == '"':
        return Type("literal", value=text[1:-1])
    if text[0] == "(":
        return Type("tuple", tuple(map(parse, split(text[1:-1]))))
    if text[0] == "[":
        return Type("list", (parse(text[1:-1]),))
    return Type("literal", value=int(text))


def draw(type, rng, sizes=()):
    """A small value of the type; whole numbers are often one of `sizes`, which the input has."""
    if type.kind == "union":
        return draw(rng.choice(type.parts), rng, sizes)
    if type.kind == "literal":
        return type.value
    if type.kind == "bool":
        return rng.random() < 0.5
    if type.kind == "int":
        least = int(type.least) if type.least is not None else -3
        if sizes and rng.random() < 0.3:
            return max(least, rng.choice(sizes))
        return least + rng.choice((0, 1, 1, 2, 2, 3, 4, 5))
    if type.kind == "float":
        return _fraction(type, rng)
    if type.kind == "declared":
        return rng.choice(DECLARED[type.value])
    if type.kind == "list":
        return tuple(draw(type.parts[0], rng, sizes) for _ in range(rng.randint(1, 3)))
    if type.kind == "tuple":
        # One value stands for all, so that both forms are drawn.
        if rng.random() < 0.4:
            return draw(type.parts[0], rng, sizes)
        return tuple(draw(part, rng, sizes) for part in type.parts)
    raise ValueError(f"nothing says how to draw {type}")


def _fraction(type, rng):
    if type.most is None:
        return (type.least or 0.0) + rng.choice((0.001, 0.1, 0.5, 1.5))
    at_end = [end for end, is_open in ((type.least, type.open_least), (type.most, type.open_most)) if not is_open]
    if at_end and rng.random() < 0.1:
        return rng.choice(at_end)
    return round(rng.uniform(type.least, type.most - 0.01) + 0.01 * type.open_least, 2)


def outside(type):
    """The nearest values that are just not of the type, and how they break it: (value, how)."""
    if type.kind == "union":
        numbers = [part for part in type.parts if part.kind in ("int", "float", "tuple", "list")]
        words = [part.value for part in type.parts if part.kind == "literal" and isinstance(part.value, str)]
        literals = {part.value for part in type.parts if part.kind == "literal"}
        found = [(value, how) for part in numbers for value, how in outside(part) if value not in literals]
        return found + [(word + "x", "word") for word in words[:1]]
    if type.kind == "literal" and isinstance(type.value, str):
        return [(type.value + "x", "word")]
    if type.kind == "declared":
        return [("nonsense", "word")]
    found = []
    if type.kind == "int":
        if type.least is not None:
            found.append((int(type.least) - 1, "bound"))
        found.append((2.5, "fraction"))
    if type.kind == "float":
        if type.least is not None:
            found.append((type.least if type.open_least else type.least - 0.1, "bound"))
        if type.most is not None:
            found.append((type.most if type.open_most else type.most + 0.1, "bound"))
    if type.kind == "tuple":
        inner = outside(type.parts[0])
        found += inner
        plain = 1 if type.parts[0].kind in ("int", "union") else 0.1 if type.parts[0].kind == "float" else (1, 1)
        found.append(((plain,) * (len(type.parts) + 1), "arity"))
    return found
