"""What a process that runs generated code does, whatever the framework.

One request a line on standard input, one answer a line on standard output, both JSON.
"""

import importlib.util
import json
import os
import sys
import traceback

import numpy as np
from safetensors.numpy import save_file

modules = {}


def module_of(request):
    path = request["module"]
    if path not in modules:
        spec = importlib.util.spec_from_file_location(f"generated_{len(modules)}", path)
        modules[path] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[path])
    return modules[path]


def inputs_of(request):
    with np.load(request["inputs"]) as stored:
        return [stored[name] for name in sorted(stored)]


def write(outputs, request):
    """The outputs of a model, in their order."""
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    save_file({f"{i:03}": np.array(o, order="C") for i, o in enumerate(outputs)}, request["outputs"])


def serve(model_of, **actions):
    """Answers until the input ends; `model_of` makes what a request is about."""

    def save(request):
        """The weights of a fresh model, written by the module itself."""
        module_of(request).save_weights(model_of(request), request["weights"])

    actions["save"] = save
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": actions[request["action"]](request)}
        except Exception:
            answer = {"error": traceback.format_exc()[-4000:]}
        print(json.dumps(answer), file=answers, flush=True)
