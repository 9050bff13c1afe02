"""Runs generated TensorFlow in a process of its own: Keras has one backend to a process, the tests' is PyTorch.

One request a line on standard input, one answer a line on standard output, both JSON.
"""

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf
from safetensors.numpy import save_file

tf.config.threading.set_intra_op_parallelism_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
tf.config.threading.set_inter_op_parallelism_threads(1)
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
        # One at a time: a thousand cells would not fit.
        keras.backend.clear_session()
        models.update(key=key, model=getattr(module_of(key[0]), key[1])())
    return models["model"]


def weights(request):
    """Paths, shapes and what is trained, in the order of the model."""
    model = model_of(request)
    trained = {id(w) for w in model.trainable_weights}
    named = module_of(request["module"]).weights_by_path(model)
    return [[path, list(w.shape), id(w) in trained] for path, w in named.items()]


def run(request):
    """The outputs for a file of weights and one of inputs."""
    model, module = model_of(request), module_of(request["module"])
    if request.get("weights"):
        module.load_weights(model, request["weights"])
    with np.load(request["inputs"]) as stored:
        inputs = [stored[name] for name in sorted(stored)]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=request.get("training", False))
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    save_file({f"{i:03}": np.array(o, order="C") for i, o in enumerate(outputs)}, request["outputs"])
    return [list(model.output_shape)] if len(outputs) == 1 else [list(s) for s in model.output_shape]


def save(request):
    """The weights of a fresh model, written by the module itself."""
    module_of(request["module"]).save_weights(model_of(request), request["weights"])


def export(request):
    """As TensorFlow serves it."""
    model_of(request).export(request["folder"], verbose=False)
    served = tf.saved_model.load(request["folder"])
    with np.load(request["inputs"]) as stored:
        inputs = [tf.constant(stored[name]) for name in sorted(stored)]
    outputs = served.serve(inputs if len(inputs) > 1 else inputs[0])
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    save_file({f"{i:03}": np.array(o, order="C") for i, o in enumerate(outputs)}, request["outputs"])


ACTIONS = {"weights": weights, "run": run, "save": save, "export": export}

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"result": ACTIONS[request["action"]](request)}
    except Exception:
        answer = {"error": traceback.format_exc()[-4000:]}
    print(json.dumps(answer), file=answers, flush=True)
