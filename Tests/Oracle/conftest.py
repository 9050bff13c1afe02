import os

os.environ["KERAS_BACKEND"] = "torch"

import pytest
import torch

pytest.register_assert_rewrite("generated_model")

from program import BINARY, Program
from tensorflow_side import JAX, TensorFlow


@pytest.fixture(scope="session", autouse=True)
def steady():
    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))


@pytest.fixture(scope="session")
def program():
    # Not a skip: an oracle that was never asked has said nothing.
    assert BINARY.is_file(), f"{BINARY} is missing: build it, or name it in NEURAL_LSP"
    return Program(BINARY)


@pytest.fixture(scope="session")
def tensorflow(tmp_path_factory):
    process = TensorFlow(tmp_path_factory.mktemp("tensorflow"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def jax(tmp_path_factory):
    process = JAX(tmp_path_factory.mktemp("jax"))
    yield process
    process.close()
