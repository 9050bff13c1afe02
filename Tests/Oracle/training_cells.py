"""Losses, metrics, optimizers and schedules with arguments off their defaults, and data that suits them."""

import torch

# What an output is like, and the labels for it.
CLASSES, ONE_HOT, BINARY, NUMBERS, POSITIVE, SCORES, EMBEDDINGS, SEQUENCES, LOGS, TRIPLETS = range(10)
SAMPLES, WIDTH = 12, 5
LEADING = {SEQUENCES: (4,), TRIPLETS: (3,)}

# The last step of a network with such an output, for three values to a sample.
ENDS = {
    CLASSES: 'Output(5, activation="softmax")', ONE_HOT: 'Output(5, activation="softmax")',
    BINARY: 'Output(5, activation="sigmoid")', NUMBERS: "Output(5)", POSITIVE: 'Output(5, activation="softplus")',
    SCORES: 'Output(5, activation="tanh")', EMBEDDINGS: "Output(5)", SEQUENCES: "RepeatVector(4) Output(5)",
    LOGS: 'Output(5, activation="log_softmax")', TRIPLETS: "RepeatVector(3) Output(5)",
}


def data(kind, logits=False, seed=0):
    """Outputs and targets."""
    torch.manual_seed(seed)
    outputs, targets = ended(torch.randn(SAMPLES, *LEADING.get(kind, ()), WIDTH), kind, logits)
    return outputs, targets


def ended(raw, kind, logits=False):
    """What the last activation makes of raw values, and targets for it."""
    indices = torch.randint(0, WIDTH, (SAMPLES,))
    one_hot = torch.nn.functional.one_hot(indices, WIDTH).float()
    if kind in (CLASSES, ONE_HOT):
        return raw if logits else raw.softmax(-1), indices if kind == CLASSES else one_hot
    if kind == BINARY:
        return raw if logits else raw.sigmoid(), torch.randint(0, 2, raw.shape).float()
    if kind == POSITIVE:
        return raw.exp(), torch.randint(0, 6, raw.shape).float()
    if kind == SCORES:
        return raw.tanh(), torch.randint(0, 2, raw.shape).float() * 2 - 1
    if kind == EMBEDDINGS:
        return torch.nn.functional.normalize(raw), indices % 3
    if kind == SEQUENCES:
        labels = torch.randint(1, WIDTH, (SAMPLES, 2))
        labels[::3, 1] = 0
        return raw, labels
    if kind == LOGS:
        return raw.log_softmax(-1), indices
    if kind == TRIPLETS:
        return raw, torch.zeros(SAMPLES)
    return raw, torch.randn(raw.shape)


# By the name of the declaration: what it reads, and the arguments to try beside none.
LOSSES = {
    "sparse_categorical_crossentropy": (CLASSES, [{"from_logits": True}, {"ignore_class": 1}, {"reduction": "sum"}]),
    "categorical_crossentropy": (ONE_HOT, [{"from_logits": True}, {"label_smoothing": 0.1}, {"reduction": "sum"},
                                           {"from_logits": True, "label_smoothing": 0.2}]),
    "binary_crossentropy": (BINARY, [{"from_logits": True}, {"label_smoothing": 0.1}, {"reduction": "sum"},
                                     {"from_logits": True, "label_smoothing": 0.2, "reduction": "sum"}]),
    "binary_focal_crossentropy": (BINARY, [{"from_logits": True}, {"apply_class_balancing": True, "alpha": 0.3},
                                           {"gamma": 1.5, "label_smoothing": 0.1}, {"reduction": "sum"}]),
    "categorical_focal_crossentropy": (ONE_HOT, [{"from_logits": True}, {"alpha": [0.1, 0.2, 0.3, 0.25, 0.15]},
                                                 {"gamma": 1.5, "label_smoothing": 0.1}, {"reduction": "sum"}]),
    "categorical_generalized_cross_entropy": (CLASSES, [{"q": 0.7}, {"reduction": "sum"}]),
    "kl_divergence": (ONE_HOT, [{"reduction": "sum"}]),
    "poisson": (POSITIVE, [{"reduction": "sum"}]),
    "ctc": (SEQUENCES, [{"reduction": "sum"}]),
    "nll": (LOGS, [{"ignore_index": 2}, {"reduction": "sum"}]),
    "mean_squared_error": (NUMBERS, [{"reduction": "sum"}]),
    "mean_absolute_error": (NUMBERS, [{"reduction": "sum"}]),
    "mean_absolute_percentage_error": (NUMBERS, [{"reduction": "sum"}]),
    "mean_squared_logarithmic_error": (POSITIVE, [{"reduction": "sum"}]),
    "huber": (NUMBERS, [{"delta": 0.4}, {"delta": 0.4, "reduction": "sum"}]),
    "log_cosh": (NUMBERS, [{"reduction": "sum"}]),
    "cosine_similarity": (NUMBERS, [{"axis": 1}, {"reduction": "sum"}]),
    "hinge": (SCORES, [{"reduction": "sum"}]),
    "squared_hinge": (SCORES, [{"reduction": "sum"}]),
    "categorical_hinge": (ONE_HOT, [{"reduction": "sum"}]),
    "dice": (BINARY, [{"axis": [1]}, {"axis": [1], "reduction": "sum"}]),
    "tversky": (BINARY, [{"alpha": 0.3, "beta": 0.8}, {"axis": [1]}, {"axis": [1], "reduction": "sum"}]),
    "circle": (EMBEDDINGS, [{"gamma": 32.0, "margin": 0.25}, {"remove_diagonal": False}, {"reduction": "sum"}]),
    "triplet_margin": (TRIPLETS, [{"margin": 0.5, "p": 1.5, "swap": True}, {"epsilon": 0.1}, {"reduction": "sum"}]),
}

AVERAGES = [{"average": a} for a in ("micro", "macro", "weighted")]
METRICS = {
    "binary_accuracy": (BINARY, [{}, {"threshold": 0.3}]),
    "categorical_accuracy": (ONE_HOT, [{}]),
    "sparse_categorical_accuracy": (CLASSES, [{}]),
    "top_k_categorical_accuracy": (ONE_HOT, [{"k": 2}]),
    "sparse_top_k_categorical_accuracy": (CLASSES, [{"k": 2}]),
    "binary_crossentropy": (BINARY, [{}, {"label_smoothing": 0.1}]),
    "categorical_crossentropy": (ONE_HOT, [{}, {"label_smoothing": 0.1}]),
    "sparse_categorical_crossentropy": (CLASSES, [{}]),
    "kl_divergence": (ONE_HOT, [{}]),
    "poisson": (POSITIVE, [{}]),
    "mean_squared_error": (NUMBERS, [{}]),
    "root_mean_squared_error": (NUMBERS, [{}]),
    "mean_absolute_error": (NUMBERS, [{}]),
    "mean_absolute_percentage_error": (NUMBERS, [{}]),
    "mean_squared_logarithmic_error": (POSITIVE, [{}]),
    "logcosh": (NUMBERS, [{}]),
    "cosine_similarity": (NUMBERS, [{}]),
    "hinge": (SCORES, [{}]),
    "squared_hinge": (SCORES, [{}]),
    "categorical_hinge": (ONE_HOT, [{}]),
    "r2_score": (NUMBERS, [{}]),
    "pearson_correlation": (NUMBERS, [{}]),
    "concordance_correlation": (NUMBERS, [{}]),
    "precision": (BINARY, [{}, {"thresholds": 0.3}]),
    "recall": (BINARY, [{}, {"thresholds": 0.3}]),
    "true_positives": (BINARY, [{}, {"thresholds": 0.3}]),
    "true_negatives": (BINARY, [{}]),
    "false_positives": (BINARY, [{}]),
    "false_negatives": (BINARY, [{}]),
    "f1_score": (ONE_HOT, [*AVERAGES, {"average": "macro", "threshold": 0.3}]),
    "fbeta_score": (ONE_HOT, [{"beta": 2.0, **a} for a in AVERAGES]),
}

SCHEDULES = {
    "ExponentialDecay": [{"initial_learning_rate": 0.1, "decay_steps": 1000, "decay_rate": 0.5, "staircase": s} for s in (False, True)],
    "InverseTimeDecay": [{"initial_learning_rate": 0.1, "decay_steps": 60, "decay_rate": 0.5, "staircase": s} for s in (False, True)],
    "PolynomialDecay": [{"initial_learning_rate": 0.1, "decay_steps": 3000, "end_learning_rate": 0.01, "power": p, "cycle": c}
                        for p in (1.0, 2.0) for c in (False, True)],
    "PiecewiseConstantDecay": [{"boundaries": [1, 100, 5000], "values": [0.1, 0.05, 0.02, 0.01]}],
    "CosineDecay": [{"initial_learning_rate": 0.1, "decay_steps": 5000}, {"initial_learning_rate": 0.1, "decay_steps": 50000, "alpha": 0.1},
                    {"initial_learning_rate": 0.0, "decay_steps": 20000, "warmup_target": 0.2, "warmup_steps": 50}],
    "CosineDecayRestarts": [{"initial_learning_rate": 0.1, "first_decay_steps": 70}, {"initial_learning_rate": 0.1, "first_decay_steps": 70,
                            "t_mul": 1.5, "m_mul": 0.9, "alpha": 0.05}, {"initial_learning_rate": 0.1, "first_decay_steps": 70, "t_mul": 1.0}],
    "StepDecay": [{"initial_learning_rate": 0.1, "step_size": 100}, {"initial_learning_rate": 0.1, "step_size": 3000, "gamma": 0.5}],
    "OneCycle": [{"max_learning_rate": 0.1, "total_steps": 12000, "anneal_strategy": a, "pct_start": p} for a in ("cos", "linear") for p in (0.3, 0.0)],
}


def written(value):
    """A Python value as Neural writes it."""
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return str(value)


def call(name, arguments):
    return f"{name}({', '.join(f'{n}={written(v)}' for n, v in arguments.items())})"


def network(name, end, *sections):
    return f"network {name} {{\n  input: (3)\n  layers: {end}\n  " + "\n  ".join(sections) + "\n}\n"
