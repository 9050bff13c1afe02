"""Runs generated JAX in a process of its own (worker.py)."""

import os

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
from flax import nnx

from worker import inputs_of, module_of, serve, write

models = {}


def model_of(request):
    key = request["module"], request["network"]
    if models.get("key") != key:
        model = getattr(module_of(request), request["network"])(rngs=nnx.Rngs(0))
        models.update(key=key, model=model)
    return models["model"]


def weights(request):
    """Paths, shapes and what is trained, in the order of the model."""
    named = module_of(request).weights_by_path(model_of(request))
    return [[path, list(w.shape), isinstance(w, nnx.Param)] for path, w in named.items()]


def run(request):
    """The outputs for a file of weights and one of inputs."""
    model = model_of(request)
    if request.get("weights"):
        module_of(request).load_weights(model, request["weights"])
    model.train() if request.get("training") else model.eval()
    write(model(*(jax.numpy.asarray(x) for x in inputs_of(request))), request)


serve(model_of, weights=weights, run=run)
