"""The generated code of the examples on a CUDA device: by hand, where there is one.

Usage: NEURAL_LSP=… python3 Tests/Oracle/on_gpu.py [numbers] [memory] [EXAMPLE…]

`numbers`: outputs of the PyTorch on the GPU, and of the JAX with the same weights, against those of the PyTorch on
the CPU, as a part of the largest. `memory`: what a training step of PyTorch takes at its peak, against what
`summary` says. Needs torch, jax, flax and optax with CUDA; TensorFlow is not asked.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import numpy
import torch
from flax import nnx
from program import BINARY, EXAMPLES, Program, load, random_input, tensors

# Sizes for what the examples leave open.
OPEN = {"height": 96, "width": 64, "words": 13, "seq": 17, "steps": 39}
LIMIT = 1e-3
# Batches that fit on 80 GB.
BATCHES = {"resnet50": 64, "vgg16": 32, "efficientnet_b7": 8, "densenet169": 32, "vit_l_16": 16}

program = Program(BINARY)


def networks(path):
    return program.json("summary", path, "--format", "json")[1]["networks"]


def module(path, network, target, folder):
    """The generated module, or nothing where the target refuses the network."""
    output = folder / f"{path.stem}_{network}_{target}.py"
    made = program("generate", path, "--target", target, "--network", network, "--force", "-o", output)
    return load(output) if made.returncode == 0 else None


def inputs_of(network, batch):
    symbols = {**OPEN, "batch": batch}
    generator = torch.Generator().manual_seed(0)
    return [random_input(i, symbols, generator) for i in network["inputs"]]


def difference(results, wanted):
    return max(float((r.cpu() - w).abs().max() / w.abs().max().clamp(min=1e-6)) for r, w in zip(results, wanted, strict=True))


def numbers(path, network, folder):
    name, inputs = network["name"], inputs_of(network, 2)
    made = module(path, name, "pytorch", folder)
    torch.manual_seed(0)
    model = getattr(made, name)().eval()
    with torch.no_grad():
        wanted = tensors(model(*inputs))
        weights = folder / "weights.safetensors"
        made.save_weights(model, weights)
        found = {"PyTorch": difference(tensors(model.cuda()(*(i.cuda() for i in inputs))), wanted)}
    other = module(path, name, "jax", folder)
    if other:
        model = getattr(other, name)(rngs=nnx.Rngs(0))
        other.load_weights(model, str(weights))
        model.eval()
        result = nnx.jit(lambda model, *inputs: model(*inputs))(model, *(i.numpy() for i in inputs))
        found["JAX"] = difference([torch.from_numpy(numpy.array(a)) for a in jax.tree.leaves(result)], wanted)
    return found


def memory(path, folder):
    """Bytes at the peak of the second step, and those that the summary gives."""
    batch = BATCHES[path.stem]
    source = folder / path.name
    source.write_text(re.sub(r"batch_size: \d+", f"batch_size: {batch}", path.read_text()))
    network = networks(source)[0]
    made = module(source, network["name"], "pytorch", folder)
    model = getattr(made, network["name"])().cuda()
    optimizer = made.make_optimizer(model)
    optimizer = optimizer[0] if isinstance(optimizer, tuple) else optimizer
    inputs = [i.cuda() for i in inputs_of(network, batch)]
    for _ in range(2):
        torch.cuda.reset_peak_memory_stats()
        optimizer.zero_grad()
        sum(o.square().mean() for o in tensors(model(*inputs))).backward()
        optimizer.step()
    return batch, torch.cuda.max_memory_allocated(), network["memory"]["training"]


def main(arguments):
    asked = [a for a in arguments if a in ("numbers", "memory")] or ["numbers", "memory"]
    names = [a for a in arguments if a not in asked]
    paths = [p for p in sorted(EXAMPLES.glob("*.neural")) if not names or p.stem in names]
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    jax.config.update("jax_default_matmul_precision", "highest")
    print(torch.cuda.get_device_name(), "torch", torch.__version__, "jax", jax.__version__)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for path in [p for p in paths if p.stem in BATCHES and "memory" in asked]:
            batch, peak, said = memory(path, folder)
            print(f"{path.stem}, batch {batch}: {peak / 2**30:.2f} GiB at the peak, {said / 2**30:.2f} said", flush=True)
            torch.cuda.empty_cache()
        for path, network in [(p, n) for p in paths if "numbers" in asked for n in networks(p)]:
            found = numbers(path, network, folder)
            failed += any(d > LIMIT for d in found.values())
            print(f"{path.stem}: {', '.join(f'{t} {d:.0e}' for t, d in found.items())}", flush=True)
    return f"{failed} networks differ" if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
