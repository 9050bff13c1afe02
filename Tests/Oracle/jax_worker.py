"""Runs generated JAX in a process of its own.

One request a line on standard input, one answer a line on standard output, both JSON.
"""

import importlib.util
import json
import os
import sys
import traceback

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import numpy as np
from flax import nnx
from safetensors.numpy import save_file

modules, models = {}, {}


def module_of(path):
    if path not in modules:
        spec = importlib.util.spec_from_file_location(f"generated_{len(modules)}", path)
        modules[path] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[path])
    return modules[path]


def model_of(request):
    key = request["module"], request["network"]
    if models.get("key") != key:
        model = getattr(module_of(key[0]), key[1])(rngs=nnx.Rngs(0))
        models.update(key=key, model=model)
    return models["model"]


def weights(request):
    """Paths, shapes and what is trained, in the order of the model."""
    named = module_of(request["module"]).weights_by_path(model_of(request))
    return [[path, list(w.shape), isinstance(w, nnx.Param)] for path, w in named.items()]


def run(request):
    """The outputs for a file of weights and one of inputs."""
    model, module = model_of(request), module_of(request["module"])
    if request.get("weights"):
        module.load_weights(model, request["weights"])
    model.train() if request.get("training") else model.eval()
    with np.load(request["inputs"]) as stored:
        inputs = [jax.numpy.asarray(stored[name]) for name in sorted(stored)]
    outputs = model(*inputs)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    save_file({f"{i:03}": np.array(o, order="C") for i, o in enumerate(outputs)}, request["outputs"])


def save(request):
    """The weights of a fresh model, written by the module itself."""
    module_of(request["module"]).save_weights(model_of(request), request["weights"])


ACTIONS = {"weights": weights, "run": run, "save": save}

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"result": ACTIONS[request["action"]](request)}
    except Exception:
        answer = {"error": traceback.format_exc()[-4000:]}
    print(json.dumps(answer), file=answers, flush=True)
