"""Generated ONNX models, checked by onnx's own checker and run in ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime


def generate(program, source, output, network, weights):
    """Writes a model and has libonnx's newest checker read it, weights and all."""
    result = program("generate", source, "--target", "onnx", "--network", network, "--weights", weights, "-o", output)
    assert result.returncode == 0, (result.stderr + result.stdout).decode(errors="replace")
    onnx.checker.check_model(str(output), full_check=True)
    return output


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path, inputs, weights=None):
    """The outputs for inputs in their order; `weights` by name where they are inputs too."""
    model = session(path)
    names = [i.name for i in model.get_inputs()]
    given = {name: np.asarray(x) for name, x in zip(names, inputs)}
    return model.run(None, {**given, **(weights or {})})


def axes(path):
    """The shapes of inputs and outputs, as the model states them."""
    model = session(path)
    return {v.name: tuple(v.shape) for v in [*model.get_inputs(), *model.get_outputs()]}
