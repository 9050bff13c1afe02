"""Random models and their near misses: the program's verdict is the frameworks' (README.md says how to run many)."""

import os

from declarations import LAYERS
from random_compare import compare

COUNT = int(os.environ.get("NEURAL_RANDOM_COUNT", "200"))


def test_verdict_is_the_frameworks(program):
    """The same models every time: seeds count up from 0."""
    tally = compare(COUNT, jobs=2)
    assert not tally.failures, "\n".join(f"== {kind}\n{what}\n{text}" for kind, what, text in tally.failures)
    assert tally.valid >= COUNT and tally.invalid >= COUNT
    # A third has branches, several inputs, symbols or definitions, and some of the code was run.
    assert tally.structured >= COUNT / 4
    assert tally.generated >= COUNT / 20
    missing = [name for name in LAYERS if not tally.layers[name]]
    assert len(missing) <= len(LAYERS) / 10, missing
