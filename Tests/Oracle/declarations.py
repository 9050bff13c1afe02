"""The declarations of Schemas/layers as the tests need them: names, parameters and what they become."""

import re
from dataclasses import dataclass

from program import SCHEMAS

OPENING = re.compile(r"^(layer|loss|metric|optimizer|schedule|initializer|regularizer|constraint|activation|settings) (\w+)\(", re.M)


@dataclass
class Declaration:
    keyword: str
    name: str
    family: str
    parameters: dict  # name -> the text of its default, None where it has none
    aliases: list
    body: str
    types: dict  # name -> the text of its type

    def entry(self, name):
        """What the entries called `name` say, in their order: those of both data formats, where they differ."""
        return [" ".join(text.split()) for text in re.findall(rf"^ +{name}: (.*(?:\n {{4,}}[^}}\n]*)*)", self.body, re.M)]

    @property
    def traits(self):
        return {trait.strip() for text in self.entry("traits") for trait in text.split(",")}

    @property
    def is_translation(self):
        return "becomes:" in self.body

    def is_written_for(self, target):
        return f"  {target}:" in self.body


def closing(text, start):
    """The place of the bracket that closes the one at `start`; strings and comments are passed over."""
    depth, quote, index = 0, None, start
    while True:
        character = text[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = None
        elif character in "\"'":
            quote = character
        elif character == "#":
            index = text.index("\n", index)
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return index
        index += 1


def split(text):
    """At the commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [p.strip() for p in [*parts, text[start:]] if p.strip()]


def read():
    found = []
    for path in sorted((SCHEMAS / "layers").glob("*.neural")):
        text = path.read_text()
        for match in OPENING.finditer(text):
            end = closing(text, match.end() - 1)
            opened = text.index("{", end)
            body = text[opened : closing(text, opened) + 1]
            parameters, types = {}, {}
            for part in split(text[match.end() : end]):
                # An interval such as [0, 1) closes with the other bracket, which `split` counts alike.
                name, _, rest = part.partition(":")
                default = re.search(r"(?<![<>=!])=(?!=)\s*(.*)$", rest, re.S)
                name = name.split("|")[0].strip()
                parameters[name] = default and " ".join(default.group(1).split())
                types[name] = " ".join((rest[: default.start()] if default else rest).split())
            aliases = re.search(r"aliases: (.*)", body)
            found.append(Declaration(match.group(1), match.group(2), path.stem, parameters,
                                     [a.strip(" }") for a in aliases.group(1).split(",")] if aliases else [], body, types))
    return found


DECLARATIONS = read()
LAYERS = {d.name: d for d in DECLARATIONS if d.keyword == "layer" and not d.is_translation}
TRANSLATIONS = {d.name: d for d in DECLARATIONS if d.is_translation}
