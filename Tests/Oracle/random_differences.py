"""Where the program's verdict is not the frameworks', and why: what Docs/support.md lists."""

import re

# What we alone refuse. A pattern of the change (`Layer.parameter: how`) or of the finding, and the reason.
OURS_CHANGE = (
    (r"\.epsilon: bound", "`epsilon = 0` divides by zero where values do not vary; below it is the root of a negative number"),
    (r"\.(recurrent_)?dropout: bound", "Keras cuts a recurrent dropout outside 0…1 down, and notices others only when it trains; of 1 nothing is left"),
    (r"\.rate: bound", "a rate of 1 leaves nothing"),
    (r"\.momentum: bound", "statistics with a momentum outside 0…1 run away"),
    (r"Padding.D\.padding: bound", "Keras crops where the padding is negative"),
    (r"GroupedQueryAttention\.num_query_heads: bound", "without query heads Keras attends to nothing"),
    (r"MultiHeadAttention\.output_shape: bound", "Keras reads an `output_shape` of 0 as none"),
    (r": fraction", "where a whole number is meant, some layers of Keras take 2.5 and fail, or cut it down, later"),
    (r"(Pooling.D)\.padding: word", "Keras's pools read any other word as \"valid\""),
    (r": arity", "Keras does not count the entries of some tuples"),
    (r": word", "Keras reads some words only when the layer trains, or any other word as its default"),
)
OURS_FINDING = (
    (r"a window of .* does not fit", "with `ceil_mode` PyTorch takes a window larger than what it looks at, which is never full"),
    (r"Attention` needs equal shapes", "Keras broadcasts a key of one feature over the query's"),
    (r"channels seem to stand last", "an image whose sizes only make sense with its channels last is no input of a channels-first network"),
    (r"cannot both be above 1", "Keras's PyTorch backend takes strides and dilation at once in depthwise convolutions; other backends have no kernel for it"),
    (r"noise_shape = .* has another number of axes", "Keras reads `noise_shape` only when it trains, and fails then"),
    (r"`MultiHeadAttention` expects \(batch, tq, dq\)|`GroupedQueryAttention` expects", "Keras attends over all axes between the batch and the features; here they are one sequence"),
    (r"expects \(batch, units\), the input", "Keras broadcasts an initial state of another rank"),
    (r"needs tensors of one rank", "Keras lines the axes of values of different ranks up by a rule of its own, not as PyTorch does"),
)
# What the frameworks alone refuse.
THEIRS = (
    (r"normalized_shape", "Keras's PyTorch backend scales an RMSNormalization over the last axes only"),
    (r"more than 1 spatial element", "PyTorch refuses to normalize one place by itself, which gives 0"),
    (r"expected 4D or 5D input \(got 6D", "PyTorch normalizes instances up to volumes; here any number of axes goes"),
    (r"smaller than kernel size", "Keras's PyTorch backend does not pad an average as far as \"same\" needs where the window is larger than its input"),
    (r"uneven padding with ceil_mode", "no framework has `ceil_mode` with padding that differs by side"),
)


def stated(model):
    """What is counted or shaped otherwise, by the model."""
    for call in model.calls():
        if call.layer == "Lambda":
            return "a Lambda gives what it states, since the checker does not read its function"
        if call.layer == "PReLU" and any(axis < 0 for axis in call.get("shared_axes") or ()):
            return "a negative axis of PReLU's `shared_axes` is the one before it in Keras; here -1 is the last, as everywhere"
        if call.layer == "RMSNormalization" and isinstance(call.get("axis"), tuple) and len(call.get("axis")) > 1:
            return "Keras's PyTorch backend lines the scale of an RMSNormalization over several axes up with the wrong ones"
        if call.layer == "TimeDistributed" and call.get("layer").get("return_state"):
            return "Keras's TimeDistributed stacks the results of a layer with several; here it gives the first at each step"
        if call.layer == "Bidirectional" and call.get("layer").layer.startswith("ConvLSTM") and call.get("layer").get("trainable") is False:
            return "Keras's Bidirectional copies a ConvLSTM without its `trainable`"
    return None


def difference(side, model, findings, change):
    """The reason of a known difference; None where there is none."""
    code, message = findings[0]
    text = f"{code}: {message}"
    if side == "ours":
        for pattern, reason in OURS_CHANGE:
            if change and re.search(pattern, change):
                return reason
        for pattern, reason in OURS_FINDING:
            if re.search(pattern, text):
                return reason
        # Sizes that follow from such a difference may not fit further down.
        return stated(model) if code == "shape-mismatch" else None
    if side == "theirs":
        for pattern, reason in THEIRS:
            if re.search(pattern, text):
                return reason
    if side in ("stated", "theirs"):
        return stated(model)
    if side == "twice" and not re.search(": (bound|word|arity|fraction|missing|unknown|misspelt)", change):
        # A size that no longer fits may be read by several.
        return "several layers read what was changed"
    return None
