"""Losses, metrics, optimizers, schedules, initializers, regularizers and constraints are Keras's.

Names, the order of parameters and their defaults are read from Keras itself.
"""

import inspect

import keras
import pytest

import support
from declarations import DECLARATIONS

MODULES = {
    "loss": keras.losses, "metric": keras.metrics, "optimizer": keras.optimizers, "schedule": keras.optimizers.schedules,
    "initializer": keras.initializers, "regularizer": keras.regularizers, "constraint": keras.constraints,
}
# Bases, wrappers and what needs a Python object.
ABSTRACT = {
    "Loss", "Metric", "MeanMetricWrapper", "Optimizer", "OptimizerMap", "MultiOptimizer", "LossScaleOptimizer", "LearningRateSchedule",
    "Initializer", "Regularizer", "Constraint", "STFT", "STFTInitializer", "ScheduleFreeAdamW",
}
# What Keras needs that a name in the source says already, or that no target has.
NOT_READ = {"name", "dtype", "fn", "input_axes", "output_axes"}


def classes():
    for keyword, module in MODULES.items():
        for name, kind in vars(module).items():
            if inspect.isclass(kind) and name[0].isupper() and name not in ABSTRACT:
                yield keyword, name, kind


def declared(keyword, name):
    for declaration in DECLARATIONS:
        if declaration.keyword == keyword and name.lower() in (declaration.name.lower(), *map(str.lower, declaration.aliases)):
            return declaration
    return None


@pytest.mark.parametrize("keyword, name, kind", list(classes()), ids=lambda v: v if isinstance(v, str) else "")
def test_declared_as_in_keras(keyword, name, kind):
    declaration = declared(keyword, name)
    assert declaration is not None, f"there is no {keyword} {name}"
    theirs = {
        n: p.default for n, p in inspect.signature(kind.__init__).parameters.items()
        if n != "self" and n not in NOT_READ and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }
    ours = declaration.parameters
    assert set(ours) == set(theirs)
    # Keras puts a name or a reduction between others; by position they keep their order.
    first = [n for n in theirs if n not in ("reduction", "axis")]
    assert [n for n in ours if n in first] == first
    for parameter, default in ours.items():
        if theirs[parameter] is inspect.Parameter.empty:
            assert default is None
        else:
            assert default is not None and support.same_default(default, theirs[parameter]), f"{parameter} = {default}"


def test_pytorchs_losses_are_there():
    for name in "CTC", "NLL", "TripletMargin":
        assert declared("loss", name) is not None


def test_activations_are_keras_and_more():
    theirs = {n for n, f in vars(keras.activations).items() if inspect.isfunction(f)} - {"get", "serialize", "deserialize", "glu"}
    ours = {n for d in DECLARATIONS if d.keyword == "activation" for n in (d.name, *d.aliases)}
    assert theirs <= ours | {"threshold"}
    assert {"relu6", "gelu_tanh", "swish"} <= ours
