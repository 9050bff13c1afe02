"""Training memory against what PyTorch keeps of the generated code."""

import contextlib
import re

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

import memory
from program import EXAMPLES, random_input, value
from test_generate_pytorch import RECURRENT, Generated
from test_goldens import ROWS

BATCH = 2


def at_batch(text, size):
    """The example with this batch size."""
    if re.search(r"\bbatch_size\s*:", text):
        value = r"(\[[^]]*\]|HPO\((?:[^()]|\([^()]*\))*\)|\S+)"
        return re.sub(r"\bbatch_size\s*:\s*" + value, f"batch_size: {size}", text)
    end = text.rstrip().rindex("}")
    return text[:end] + f"  train {{ batch_size: {size} }}\n" + text[end:]


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_activations(program, tmp_path, row):
    """Within 10 % of what autograd saves; weights, gradients and optimizer follow from the counts."""
    path = tmp_path / row["file"]
    path.write_text(at_batch((EXAMPLES / row["file"]).read_text(), BATCH))
    network = program.summary(path, row["network"])
    stated = network["memory"]
    assert stated["batch_size"] == BATCH
    made = getattr(program.generate(path, tmp_path, row["network"]), row["network"])
    symbols = Generated.symbols_of(network, BATCH)
    generator = torch.Generator().manual_seed(0)
    inputs = [random_input(i, symbols, generator) for i in network["inputs"]]
    # What is kept depends on no number, but LSTM's kernels keep what their fakes do not.
    with contextlib.nullcontext() if any(n["type"] in RECURRENT for n in network["layers"]) else FakeTensorMode() as fake:
        module = made()
        kept = memory.stored(module, [fake.from_tensor(i) for i in inputs] if fake else inputs)
    ours = value(stated["activations"], symbols)
    assert abs(ours - kept) <= 0.1 * kept, f"{ours} stated, {kept} kept: {ours / kept:.3f}"
    weights = sum(p.nbytes for p in module.parameters() if p.requires_grad)
    assert stated["gradients"] == 4 * network["trainable"] == weights
    assert stated["weights"] == 4 * network["parameters"]
    parts = ("weights", "gradients", "optimizer", "activations")
    assert value(stated["training"], symbols) == sum(value(stated[p], symbols) for p in parts)
