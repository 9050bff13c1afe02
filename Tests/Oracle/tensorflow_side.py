"""Generated TensorFlow and JAX, each asked in its own process, and the weights that they are given."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


class Refused(AssertionError):
    """The generated code failed."""


class Process:
    """The one process of a framework; files carry what is large."""

    worker: str

    def __init__(self, folder):
        self.folder = Path(folder)
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name(self.worker)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )

    def ask(self, action, module, network, **options):
        request = {"action": action, "module": str(module), "network": network, **options}
        self.process.stdin.write(json.dumps({k: str(v) if isinstance(v, Path) else v for k, v in request.items()}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the process ended with {self.process.wait()}"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(f"{network}: {answer['error']}")
        return answer["result"]

    def weights(self, module, network):
        """(path, shape, trained) of each weight."""
        return [(path, tuple(shape), trained) for path, shape, trained in self.ask("weights", module, network)]

    def run(self, module, network, inputs, weights=None, action="run", **options):
        """The outputs as arrays, in their order; `weights` is a file."""
        given, made = self.folder / "inputs.npz", self.folder / "outputs.safetensors"
        np.savez(given, **{f"{i:03}": np.asarray(x) for i, x in enumerate(inputs)})
        self.ask(action, module, network, inputs=given, outputs=made, weights=weights, **options)
        stored = load_file(made)
        return [stored[name] for name in sorted(stored)]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


class TensorFlow(Process):
    worker = "tensorflow_worker.py"


class JAX(Process):
    worker = "jax_worker.py"


NAMES = {
    "kernel": "kernel", "bias": "bias", "gamma": "gamma", "beta": "beta", "mean": "moving_mean",
    "variance": "moving_variance", "recurrent": "recurrent_kernel",
}


def named(weights, primitives):
    """The arrays of primitives (transfer.py) under the paths of a model: each layer takes the first that is left and fits."""
    layers = {}
    for path, shape, _ in weights:
        layer, _, name = path.rpartition("/")
        # A layer with several kernels has a primitive for each: `query_kernel` and `query_bias`.
        part = re.fullmatch(r"(\w+)_(kernel|bias)", name)
        if part and part[1] not in ("recurrent", "depthwise", "pointwise"):
            layer, name = f"{layer}/{part[1]}_", part[2]
        layers.setdefault(layer, {})[name] = shape
    left, tensors = list(primitives), {}
    for layer, wanted in layers.items():
        for p in left:
            offered = {NAMES.get(key, key): array for key, array in p.arrays.items()}
            if p.kind == "embedding":
                # A class token is a table of one.
                offered = {"token" if "token" in wanted else "embeddings": p.arrays["kernel"]}
            if p.kind == "moments":
                # How many values were measured is state of Keras's too.
                offered = {**p.arrays, **({"count": np.zeros(())} if "count" in wanted else {})}
            if offered.keys() == wanted.keys() and all(fits(offered[n].shape, wanted[n]) for n in wanted):
                prefix = layer if layer.endswith("_") else f"{layer}/"
                tensors.update({f"{prefix}{n}": offered[n].reshape(wanted[n]) for n in wanted})
                left.remove(p)
                break
        else:
            raise AssertionError(f"nothing that is left fits {layer} {wanted}: {left}")
    assert not left, f"no place for {left}"
    return tensors


def in_order(weights, summary):
    """Weights in the order of the source; Keras lists the layers of branches by their distance from the output."""
    places = {layer["path"]: place for place, layer in enumerate(summary["layers"])}

    def place(weight):
        path = weight[0]
        while path not in places:
            path = path.rpartition("/")[0]
        return places[path]

    return sorted(weights, key=place)


def fits(offered, wanted):
    """The same numbers in the same order: heads, and a channel's own filters, are axes of their own in Keras."""
    if offered == wanted:
        return True
    if int(np.prod(offered)) != int(np.prod(wanted)):
        return False
    merged = [d for d in offered if d != 1]
    parts = [d for d in wanted if d != 1]
    return merged[0] == parts[0] or merged[-1] == parts[-1] or len(merged) == 1


def write(path, tensors):
    save_file({name: np.array(array, dtype="float32", order="C") for name, array in tensors.items()}, path)
    return path
