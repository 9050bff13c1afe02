"""Compares the program's verdict on random models with the frameworks': see README.md.

    Tests/Oracle/run-random --count 10000
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import warnings
from bisect import bisect_right
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
warnings.filterwarnings("ignore")

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from declarations import LAYERS
from program import BINARY, Program, load, shape, tensors, value
from random_differences import difference
from random_layers import BATCH
from random_misses import near_miss, plain
from random_models import Grower, Model, resized, run, verdict, write

BATCH_SIZE = 100


@dataclass
class Tally:
    """What was compared, and what came of it."""

    valid: int = 0
    invalid: int = 0
    generated: int = 0
    both_take: int = 0  # near misses that are valid after all
    structured: int = 0
    layers: Counter = field(default_factory=Counter)  # in valid models: by name, and by (name, parameter)
    written: Counter = field(default_factory=Counter)  # in models whose code has run
    broken: Counter = field(default_factory=Counter)  # layers of near misses that both refuse
    codes: Counter = field(default_factory=Counter)
    differences: Counter = field(default_factory=Counter)
    failures: list = field(default_factory=list)

    def add(self, other):
        for name, mine in vars(self).items():
            if isinstance(mine, int):
                setattr(self, name, mine + getattr(other, name))
            elif isinstance(mine, list):
                mine.extend(getattr(other, name))
            else:
                mine.update(getattr(other, name))


# What the program says of many models, in one file


def asked(program, models, folder, name):
    """The errors of each model, and the summaries of those that have none."""
    path = Path(folder) / f"{name}.neural"
    starts, parts, line = [], [], 0
    for index, model in enumerate(models):
        text = write(model, f"M{index}")
        starts.append(line)
        parts.append(text)
        line += text.count("\n")
    path.write_text("".join(parts))
    found = defaultdict(list)
    if not models:
        return path, found, {}
    try:
        _, answer = program.check(path)
    except AssertionError as crash:
        if len(models) == 1:
            return path, {0: [("crash", str(crash)[:600])]}, {}
        # Halves, until it is known which model it was.
        found, summaries, half = {}, {}, len(models) // 2
        for offset, part in (0, models[:half]), (half, models[half:]):
            _, errors, more = asked(program, part, folder, name)
            found.update({index + offset: said for index, said in errors.items()})
            summaries.update({index + offset: said for index, said in more.items()})
        return path, found, summaries
    for diagnostic in answer["files"][0]["diagnostics"]:
        if diagnostic["severity"] == "error":
            found[bisect_right(starts, diagnostic["range"]["start"]["line"] - 1) - 1].append(
                (diagnostic["code"], diagnostic["message"]))
    fine = [parts[i] for i in range(len(models)) if i not in found]
    path.write_text("".join(fine))
    if not fine:
        return path, found, {}
    answer = json.loads(program("summary", path, "--format", "json").stdout)
    return path, found, {int(n["name"][1:]): n for n in answer["networks"]}


def symbols_of(model):
    return {symbol: dict((n, s) for n, s, _ in model.inputs)[name][axis] for name, axis, symbol in model.symbols}


def mismatch(model, summary):
    """Where what is stated of a valid model is not what the frameworks have."""
    for here in (model, *(resized(model, by) for by in (1, 4) if model.symbols)):
        wanted = verdict(here)
        if isinstance(wanted, str):
            return f"the frameworks refuse it with {symbols_of(here)}: {wanted}"
        known = {"batch": BATCH, **symbols_of(here)}
        stated = [shape(o["shape"], known)[1:] for o in summary["outputs"]]
        if stated != list(wanted.outputs):
            return f"shapes {stated}, not {list(wanted.outputs)}"
        counts = tuple(value(summary[n], known) for n in ("parameters", "trainable", "macs"))
        if counts != (wanted.total, wanted.trainable, counts[2] if wanted.macs is None else wanted.macs):
            return f"parameters, trainable, work {counts}, not {(wanted.total, wanted.trainable, wanted.macs)}"
    return None


# The generated PyTorch


@cache
def codable(layer):
    """Whether PyTorch has code for the layer, or for what its body is made of."""
    declared = LAYERS[layer]
    if declared.is_written_for("pytorch") or "  body {" not in declared.body:
        return declared.is_written_for("pytorch")
    inside = declared.body[declared.body.index("  body {") :]
    return all(codable(name) for name in re.findall(r"\b([A-Z]\w*)\(", inside) if name in LAYERS)


# PyTorch's counter does not see their kernels, or counts what needs no product.
UNCOUNTED = re.compile(r"RNN|LSTM|GRU|Bidirectional|Transpose|Random(Rotation|Translation|Zoom)|Quantum|MixtureOfExperts|Capsule|Spectral"
                       r"|TimeDistributed|Encoder|Decoder|Transformer$")


def runs(program, folder, models, tally):
    """Generates code for models that the program takes, and runs it."""
    models = {i: m for i, m in models.items() if all(codable(call.layer) for call in m.calls())}
    path, output = Path(folder) / "generate.neural", Path(folder) / f"generated_{os.getpid()}_{random.getrandbits(48):x}.py"
    for _ in range(30):
        if not models:
            return
        starts, parts, line = [], [], 0
        for index, model in models.items():
            text = write(model, f"M{index}")
            starts.append(line)
            parts.append(text)
            line += text.count("\n")
        path.write_text("".join(parts))
        try:
            result = program("generate", path, "--target", "pytorch", "-o", output, timeout=600)
        except AssertionError as crash:
            if len(models) == 1:
                tally.failures.append(("generate ends early", str(crash)[:600], parts[0], None))
                return
            # Halves, until it is known which model it was.
            order = list(models)
            for half in order[: len(order) // 2], order[len(order) // 2 :]:
                runs(program, folder, {index: models[index] for index in half}, tally)
            return
        if result.returncode == 0:
            break
        said = (result.stdout + result.stderr).decode(errors="replace")
        places = [int(n) for n in re.findall(r"generate\.neural:(\d+):", said)]
        order = list(models)
        refused = {order[bisect_right(starts, place - 1) - 1] for place in places}
        if not refused or "unsupported-by-target" not in said:
            tally.failures.append(("generate", said[:3000], "", None))
            return
        for index in refused:
            del models[index]
    else:
        return
    module = load(output)
    for index, model in models.items():
        problem = run_one(getattr(module, f"M{index}"), model)
        if problem:
            tally.failures.append(("generated code", problem, write(model, f"M{index}"), None))
            continue
        tally.generated += 1
        tally.written.update({call.layer for call in model.calls()})


def run_one(kind, model):
    wanted = run(model)
    try:
        network = kind(**symbols_of(model)) if model.symbols and "s" in kind.__init__.__code__.co_varnames else kind()
        network.eval()
        given = [torch.zeros((BATCH, *s), dtype=torch.int32) if integers else torch.rand(BATCH, *s)
                 for _, s, integers in model.inputs]
        # Without gradients PyTorch fuses attention into one kernel, which its counter does not see.
        with torch.enable_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            outputs = [tuple(t.shape[1:]) for t in tensors(network(*given))]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if outputs != list(wanted.outputs):
        return f"the code gives {outputs}, not {list(wanted.outputs)}"
    trained = sum(p.numel() for p in network.parameters() if p.requires_grad)
    if trained != wanted.trainable:
        return f"the code trains {trained} values, not {wanted.trainable}"
    if not any(UNCOUNTED.search(call.layer) for call in model.calls()):
        work, _ = divmod(counter.get_total_flops(), 2 * BATCH)
        if wanted.macs is not None and work != wanted.macs:
            return f"the code does {work} products, not {wanted.macs}"
    return None


# A batch: deterministic by its number


def batch(arguments):
    number, size, base = arguments
    torch.set_num_threads(1)
    torch.manual_seed(number)
    tally, seen = Tally(), Counter()
    program = Program(BINARY)
    models, misses = [], []
    for index in range(size):
        seed = base + number * BATCH_SIZE + index
        model = Grower(seed, seen).model()
        for call in model.calls():
            seen.update([call.layer, *((call.layer, name) for name, v in call.arguments if off_default(call.layer, name, v))])
        models.append(model)
        misses.append(near_miss(model, random.Random(seed)))
    with tempfile.TemporaryDirectory() as folder:
        refused = judge_valid(program, folder, models, tally)
        # What the program alone refuses is no model to start from.
        judge_misses(program, folder, [miss for index, miss in enumerate(misses) if index not in refused], tally)
        # Making them smaller costs a process for each try.
        tally.failures = [explained(program, folder, failure, tries=20 if place < 6 else 0)
                          for place, failure in enumerate(tally.failures)]
    return tally


def ends_early(errors, model, change, tally):
    """Whether the program ended without an answer, which it never may."""
    if not errors or errors[0][0] != "crash":
        return False
    tally.failures.append(("ends early", errors[0][1], write(model, "M0"), change))
    return True


def judge_valid(program, folder, models, tally):
    _, errors, summaries = asked(program, models, folder, "valid")
    agreed = {}
    for index, model in enumerate(models):
        if ends_early(errors.get(index), model, None, tally):
            continue
        if index in errors:
            reason = difference("ours", model, errors[index], None)
            if reason:
                tally.differences[reason] += 1
            else:
                tally.failures.append(("refuses a valid model", str(errors[index]), model, None))
            continue
        problem = mismatch(model, summaries[index])
        if problem:
            reason = difference("stated", model, [("", problem)], None)
            if reason:
                tally.differences[reason] += 1
            else:
                tally.failures.append(("states", problem, model, None))
            continue
        agreed[index] = model
        tally.valid += 1
        tally.structured += bool(model.structure)
        held = set()
        for call in model.calls():
            held.update([call.layer, *((call.layer, name) for name, v in call.arguments if off_default(call.layer, name, v))])
            if model.first and "data_format" in LAYERS[call.layer].parameters:
                held.add((call.layer, "data_format"))
        tally.layers.update(held)
    runs(program, folder, agreed, tally)
    return set(errors)


def off_default(layer, name, value):
    default = LAYERS[layer].parameters.get(name)
    if default is None:
        return True
    words = {None: "none", True: "true", False: "false"}
    return (words[value] if value is None or isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)) != default


def judge_misses(program, folder, misses, tally):
    _, errors, summaries = asked(program, [m for m, _ in misses], folder, "misses")
    for index, (model, change) in enumerate(misses):
        wanted = verdict(model)
        if ends_early(errors.get(index), model, change, tally):
            continue
        if isinstance(wanted, str) and index in errors:
            tally.invalid += 1
            tally.codes[errors[index][0][0]] += 1
            tally.broken[change.split(".")[0].split(":")[0]] += 1
            if len(errors[index]) > 1 and not difference("twice", model, errors[index], change):
                tally.failures.append(("more than one error", f"{change}: {errors[index]}", model, change))
        elif index in errors:
            reason = difference("ours", model, errors[index], change)
            if reason:
                tally.differences[reason] += 1
            else:
                tally.failures.append(("refuses alone", f"{change}: {errors[index]}", model, change))
        elif isinstance(wanted, str):
            reason = difference("theirs", model, [("", wanted)], change)
            if reason:
                tally.differences[reason] += 1
            else:
                tally.failures.append(("takes what the frameworks refuse", f"{change}: {wanted}", model, change))
        else:
            problem = mismatch(model, summaries[index])
            reason = problem and difference("stated", model, [("", problem)], change)
            if reason:
                tally.differences[reason] += 1
            elif problem:
                tally.failures.append(("states", f"{change}: {problem}", model, change))
            else:
                tally.both_take += 1


# A smaller model with the same failure


def explained(program, folder, failure, tries):
    kind, what, model, change = failure
    if not isinstance(model, Model):
        return kind, what, model
    def fails(candidate):
        _, errors, summaries = asked(program, [candidate], folder, "smaller")
        wanted = verdict(candidate)
        if kind in ("refuses a valid model", "refuses alone"):
            return 0 in errors and not isinstance(wanted, str) and not difference("ours", candidate, errors[0], change)
        if kind == "takes what the frameworks refuse":
            return 0 not in errors and isinstance(wanted, str)
        if kind == "states":
            return 0 not in errors and not isinstance(wanted, str) and mismatch(candidate, summaries[0])
        return len(errors.get(0, ())) > 1
    for _ in range(tries):
        for candidate in smaller(model):
            try:
                if fails(candidate):
                    model = candidate
                    break
            except Exception:
                continue
        else:
            break
    return kind, what, f"# seed {model.seed}\n" + write(model, "M0")


def smaller(model):
    if model.define or model.symbols:
        yield plain(model)
    for index in range(len(model.steps) - 1, -1, -1):
        step = model.steps[index]
        if len(model.steps) > 1 and not step.sources:
            yield plain(replace(model, steps=model.steps[:index] + model.steps[index + 1 :]))
        if step.times > 1:
            yield replace(model, steps=(*model.steps[:index], replace(step, times=1), *model.steps[index + 1 :]))
        for name, _ in step.call.arguments:
            yield replace(model, steps=(*model.steps[:index], replace(step, call=step.call.without(name)), *model.steps[index + 1 :]))


def compare(count, jobs, base=0, report=None):
    """`count` models and their near misses, in batches; goes on until as many of each were compared."""
    tally = Tally()
    number = 0
    with ProcessPoolExecutor(jobs) as pool:
        while (tally.valid < count or tally.invalid < count) and len(tally.failures) < 200:
            missing = max(count - tally.valid, count - tally.invalid)
            sizes = [BATCH_SIZE] * max(1, min(20 * jobs, -(-missing // BATCH_SIZE)))
            if count < BATCH_SIZE * jobs:
                sizes = [min(BATCH_SIZE, -(-missing // jobs) + 3)] * jobs
            for done in pool.map(batch, [(number + i, s, base) for i, s in enumerate(sizes)]):
                tally.add(done)
                if report:
                    report(tally)
            number += len(sizes)
    return tally


def thin(tally, least):
    """Layers and parameters that fewer models than `least` held."""
    found = [name for name in LAYERS if tally.layers[name] < least]
    # A parameter of one word is never off its default.
    return found + [f"{name}.{p}" for name, d in LAYERS.items() for p in d.parameters
                    if tally.layers[name, p] < least and f'"{(d.parameters[p] or "").strip(chr(34))}"' != d.types[p]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=0, help="of the first model")
    parser.add_argument("--least", type=int, default=20, help="models that hold each layer and each parameter")
    parser.add_argument("--json", type=Path, help="write the counts there")
    options = parser.parse_args()
    shown = 0

    def report(tally):
        nonlocal shown
        for kind, what, text in tally.failures[shown:]:
            print(f"== {kind}\n{what}\n{text}", flush=True)
        shown = len(tally.failures)
        print(f"\r{tally.valid} valid, {tally.invalid} invalid, {shown} failures", end="", file=sys.stderr, flush=True)

    tally = compare(options.count, options.jobs, options.seed, report)
    print(file=sys.stderr)
    print(f"{tally.valid} valid models ({tally.structured} with structure, {tally.generated} run as generated code), "
          f"{tally.invalid} near misses refused by both, {tally.both_take} that both take, {len(tally.failures)} failures")
    for reason, times in tally.differences.most_common():
        print(f"{times:6} differ: {reason}")
    print("codes:", dict(tally.codes.most_common()))
    short = thin(tally, options.least)
    print(f"{len(short)} layers and parameters in fewer than {options.least} models", "" if len(short) > 40 else ", ".join(short))
    if options.json:
        options.json.write_text(json.dumps({
            "seed": options.seed, "valid": tally.valid, "structured": tally.structured, "invalid": tally.invalid,
            "generated": tally.generated, "layers": {n: tally.layers[n] for n in LAYERS}, "differences": dict(tally.differences),
        }, indent=1) + "\n")
    return 1 if tally.failures or short else 0


if __name__ == "__main__":
    sys.exit(main())
