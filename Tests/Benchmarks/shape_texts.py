#!/usr/bin/env python3
"""Writes the texts of the shape benchmarks that no example has: 100,000 layers, and a network without
and with a search space of 10 x 10 x 10 configurations.

Usage: shape_texts.py FOLDER
"""

import pathlib
import sys

folder = pathlib.Path(sys.argv[1])


def write(name, shape, layers):
    lines = [f"network {name.capitalize()} {{", f"  input: {shape}", "  layers:"]
    text = "\n".join(lines + [f"    {layer}" for layer in layers] + ["}", ""])
    (folder / f"{name}.neural").write_text(text)


block = ['Conv2D(16, 3, padding="same")', "BatchNormalization()", "ReLU()"]
write("deep", "(32, 32, 16)", (block * 33_334)[:100_000])


def small(first, second, third):
    return [
        f'Conv2D({first}, 3, padding="same", activation="relu")',
        "MaxPooling2D(2)",
        f'Conv2D({second}, 3, padding="same", activation="relu")',
        "MaxPooling2D(2)",
        "Flatten()",
        f'Dense({third}, activation="relu")',
        "Dropout(0.5)",
        'Output(10, activation="softmax")',
    ]


write("plain", "(28, 28, 1)", small(32, 64, 128))
choices = "HPO(choice({}))"
tens = [choices.format(", ".join(str(n * step) for n in range(1, 11))) for step in (8, 16, 32)]
write("searched", "(28, 28, 1)", small(*tens))
