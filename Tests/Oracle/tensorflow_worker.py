"""Runs generated TensorFlow in a process of its own (worker.py): Keras has one backend to a process, the tests' is PyTorch."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf

from worker import inputs_of, module_of, serve, write

tf.config.threading.set_intra_op_parallelism_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
tf.config.threading.set_inter_op_parallelism_threads(1)
models = {}


def model_of(request):
    key = request["module"], request["network"]
    if models.get("key") != key:
        # One at a time: a thousand cells would not fit.
        keras.backend.clear_session()
        models.update(key=key, model=getattr(module_of(request), request["network"])())
    return models["model"]


def weights(request):
    """Paths, shapes and what is trained, in the order of the model."""
    model = model_of(request)
    trained = {id(w) for w in model.trainable_weights}
    named = module_of(request).weights_by_path(model)
    return [[path, list(w.shape), id(w) in trained] for path, w in named.items()]


def run(request):
    """The outputs for a file of weights and one of inputs."""
    model = model_of(request)
    if request.get("weights"):
        module_of(request).load_weights(model, request["weights"])
    inputs = inputs_of(request)
    write(model(inputs if len(inputs) > 1 else inputs[0], training=request.get("training", False)), request)


def export(request):
    """As TensorFlow serves it."""
    model_of(request).export(request["folder"], verbose=False)
    served = tf.saved_model.load(request["folder"])
    inputs = [tf.constant(x) for x in inputs_of(request)]
    write(served.serve(inputs if len(inputs) > 1 else inputs[0]), request)


def train(request):
    """What `train` returns, of arrays for the inputs and the targets."""
    with np.load(request["arrays"]) as stored:
        inputs, targets = ([stored[n] for n in sorted(stored) if n.startswith(word)] for word in ("input", "target"))
    one = lambda arrays: arrays if len(arrays) > 1 else arrays[0]
    keras.utils.set_random_seed(0)
    return module_of(request).train(model_of(request), one(inputs), one(targets), weights=request.get("weights"))


serve(model_of, weights=weights, run=run, export=export, train=train)
