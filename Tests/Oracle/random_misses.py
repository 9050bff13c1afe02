"""Near misses: one thing of a valid model changed by the smallest step."""

from dataclasses import replace

import random_types
from declarations import LAYERS
from random_layers import Call
from random_models import verdict

# Parameters whose neighbours say nothing: they are never out of range.
FREE = {"seed"}


def sites(model):
    """The calls that can be changed: (step, place within the step)."""
    return [(s, c) for s, step in enumerate(model.steps) for c in range(len(list(step.call.all())))]


def at(model, site):
    return list(model.steps[site[0]].call.all())[site[1]]


def put(model, site, new):
    """With another call at a site."""
    count = -1

    def rewrite(call):
        nonlocal count
        count += 1
        if count == site[1]:
            count += len(list(call.all())) - 1
            return new
        def value(v):
            if isinstance(v, Call):
                return rewrite(v)
            if isinstance(v, tuple) and v and isinstance(v[0], Call):
                return tuple(map(rewrite, v))
            return v
        return Call(call.layer, tuple((n, value(v)) for n, v in call.arguments), tuple(tuple(map(rewrite, b)) for b in call.branches),
                    None if call.shortcut is None else tuple(map(rewrite, call.shortcut)), call.extra)

    steps = list(model.steps)
    steps[site[0]] = replace(steps[site[0]], call=rewrite(steps[site[0]].call))
    return plain(replace(model, steps=tuple(steps)))


def plain(model):
    """Without what is only about how it is written."""
    return replace(model, define=None, symbols=())


# Each gives (model, what was done), or None.


def out_of_type(model, rng):
    site = rng.choice(sites(model))
    call = at(model, site)
    names = [n for n in LAYERS[call.layer].parameters if n not in FREE]
    rng.shuffle(names)
    for name in names:
        found = random_types.outside(random_types.parse(LAYERS[call.layer].types[name]))
        if found:
            value, how = rng.choice(found)
            return put(model, site, call.changed(name, value)), f"{call.layer}.{name}: {how}"
    return None


def number_moved(model, rng):
    """A whole number up or down, as far as it takes until the frameworks no longer take it."""
    choices = []
    for site in sites(model):
        for name, value in at(model, site).arguments:
            if name in FREE:
                continue
            if type(value) is int:
                choices.append((site, name, value, None))
            elif isinstance(value, tuple):
                choices += [(site, name, value, i) for i, v in enumerate(value) if type(v) is int]
    rng.shuffle(choices)
    for site, name, value, place in choices[:3]:
        step = rng.choice((1, 1, -1))
        for distance in range(1, 9):
            if place is None:
                moved = value + step * distance
            else:
                moved = (*value[:place], value[place] + step * distance, *value[place + 1 :])
            call = at(model, site)
            changed = put(model, site, call.changed(name, moved))
            if isinstance(verdict(changed), str):
                return changed, f"{call.layer}.{name}: step"
    return None


def size_moved(model, rng):
    """A size of an input one larger or smaller, or a few."""
    index = rng.randrange(len(model.inputs))
    name, shape, integers = model.inputs[index]
    axis = rng.randrange(len(shape))
    step = rng.choice((1, -1))
    for distance in range(1, 5):
        size = shape[axis] + step * distance
        if size < 1:
            break
        inputs = list(model.inputs)
        inputs[index] = (name, (*shape[:axis], size, *shape[axis + 1 :]), integers)
        changed = plain(replace(model, inputs=tuple(inputs)))
        if isinstance(verdict(changed), str):
            return changed, "input: size"
    return None


def rank_changed(model, rng):
    index = rng.randrange(len(model.inputs))
    name, shape, integers = model.inputs[index]
    shape = shape[1:] if rng.random() < 0.5 and len(shape) > 1 else (rng.randint(2, 4), *shape)
    inputs = list(model.inputs)
    inputs[index] = (name, shape, integers)
    return plain(replace(model, inputs=tuple(inputs))), "input: rank"


def argument_left_out(model, rng):
    needed = [(s, n) for s in sites(model) for n, v in at(model, s).arguments
              if LAYERS[at(model, s).layer].parameters.get(n, "") is None]
    if not needed:
        return None
    site, name = rng.choice(needed)
    return put(model, site, at(model, site).without(name)), f"{at(model, site).layer}.{name}: missing"


def argument_unknown(model, rng):
    """A name that is misspelt, or one that no layer has."""
    site = rng.choice(sites(model))
    call = at(model, site)
    given = [n for n, _ in call.arguments if n in LAYERS[call.layer].parameters and n != "tied_to"]
    if not given or rng.random() < 0.3:
        return put(model, site, call.changed("strange", 1)), f"{call.layer}: unknown argument"
    name = rng.choice(given)
    arguments = tuple((n + "_" if n == name else n, v) for n, v in call.arguments)
    return put(model, site, replace(call, arguments=arguments)), f"{call.layer}: misspelt argument"


def argument_too_many(model, rng):
    """All of a layer's arguments in their order, and one more."""
    site = rng.choice(sites(model))
    call = at(model, site)
    if [n for n, _ in call.arguments] != list(LAYERS[call.layer].parameters):
        return None
    return put(model, site, replace(call, extra=(1,))), f"{call.layer}: one argument more"


def flag_turned(model, rng):
    """What one argument more, or its other value, does further down."""
    choices = [(s, n) for s in sites(model) for n in LAYERS[at(model, s).layer].parameters
               if LAYERS[at(model, s).layer].types[n] == "bool"]
    rng.shuffle(choices)
    for site, name in choices[:4]:
        call = at(model, site)
        value = call.get(name, LAYERS[call.layer].parameters[name] == "true")
        changed = put(model, site, call.changed(name, not value))
        if isinstance(verdict(changed), str):
            return changed, f"{call.layer}.{name}: turned"
    return None


def step_left_out(model, rng):
    if len(model.steps) < 2:
        return None
    index = rng.randrange(len(model.steps) - 1)
    if model.steps[index].sources or model.steps[index].table:
        return None
    changed = plain(replace(model, steps=model.steps[:index] + model.steps[index + 1 :]))
    return (changed, "a step less") if isinstance(verdict(changed), str) else None


KINDS = (out_of_type,) * 5 + (number_moved,) * 7 + (size_moved,) * 5 + (rank_changed,) * 2 + (
    argument_left_out, argument_unknown, argument_too_many, flag_turned, flag_turned, step_left_out)


def near_miss(model, rng):
    """A neighbour of a valid model that is no longer one, mostly, and what was changed."""
    for _ in range(6):
        found = rng.choice(KINDS)(model, rng)
        if found is not None:
            return found
    return argument_unknown(model, rng)
