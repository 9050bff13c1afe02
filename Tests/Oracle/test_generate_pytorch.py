"""The generated PyTorch of every example: shapes, counts, work, and numbers."""

import re

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import reference_architectures
import reference_models
import transfer
from cells import written
from program import EXAMPLES, HERE, NAME, load, random_input, shape, tensors, value
from test_goldens import ROWS
from test_random import ruff

BATCH = 3
# Odd where the example allows it.
SYMBOLS = {"height": 96, "width": 64, "words": 13, "seq": 17, "steps": 39}
# More than fifty layers.
DEEP = {
    "resnet50", "resnet50_keras", "resnext50", "wide_resnet50", "densenet169", "densenet169_keras",
    "efficientnet_b7", "efficientnet_b7_keras", "efficientnet_v2_b0", "googlenet", "mnasnet",
    "mobilenet_v3_large", "regnet_y_400mf", "resnet50v2_keras", "shufflenet_v2", "vit_l_16",
}
# Images on which the numbers of large models are compared, as odd as their own after each halving.
SMALLER = {"efficientnet_b7": 88, "efficientnet_b7_keras": 88, "xception": 75, "unet_valid": 188, "vit_l_16": 48}
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "Bidirectional")


class Generated:
    """The module generated of a file. On the device "meta" it has shapes and no numbers, and costs nothing."""

    def __init__(self, program, folder, path, network, device="cpu"):
        self.device = device
        self.summary = program.summary(path, network)
        made = getattr(program.generate(path, folder, network), network)
        with torch.device(device):
            self.module = made()
        assert isinstance(self.module, torch.nn.Module)

    @staticmethod
    def symbols_of(summary, batch):
        names = {n for i in summary["inputs"] for d in i["shape"] if isinstance(d, str)
                 for n in NAME.findall(d)} - {"batch"}
        return {"batch": batch, **{n: SYMBOLS[n] for n in names}}

    def symbols(self, batch=BATCH):
        return self.symbols_of(self.summary, batch)

    def inputs(self, batch=BATCH, seed=0):
        generator = torch.Generator().manual_seed(seed)
        inputs = [random_input(i, self.symbols(batch), generator) for i in self.summary["inputs"]]
        return [i.to(self.device) for i in inputs]

    def run(self, batch=BATCH):
        self.module.eval()
        with torch.no_grad():
            result = self.module(*self.inputs(batch))
        return tensors(result, [o["name"] for o in self.summary["outputs"]])


@pytest.fixture(scope="module", params=ROWS, ids=[row["file"] for row in ROWS])
def generated(request, program, tmp_path_factory):
    row = request.param
    path = EXAMPLES / row["file"]
    return row, Generated(program, tmp_path_factory.mktemp("generated"), path, row["network"], "meta")


def at_size(path, folder, side):
    """The example for images of `side` × `side`."""
    text, found = re.subn(r"(input: )\((\d+), \2, ", rf"\1({side}, {side}, ", path.read_text())
    assert found == 1
    smaller = folder / path.name
    smaller.write_text(text)
    return smaller


def test_output_shapes(generated):
    _, g = generated
    expected = [shape(o["shape"], g.symbols()) for o in g.summary["outputs"]]
    assert [tuple(t.shape) for t in g.run()] == expected


def test_parameters(generated):
    row, g = generated
    trainable = sum(p.numel() for p in g.module.parameters() if p.requires_grad)
    assert trainable == int(row["trainable"]) == g.summary["trainable"]


def essential(size):
    """Sizes without their order and without ones: the module inside may be channels-first."""
    return tuple(sorted(d for d in size if d != 1))


def test_layer_shapes(generated):
    """Every layer with weights of its own gives, somewhere inside, the shape that is stated."""
    _, g = generated
    seen = set()

    def hook(module, _inputs, out):
        seen.update(essential(t.shape) for t in tensors(out))
        if isinstance(module, torch.nn.RNNBase):
            # The last step is taken from what the module gives, outside of any module.
            seen.add(essential(out[0][:, -1].shape))

    hooks = [m.register_forward_hook(hook) for m in g.module.modules()]
    try:
        g.run()
    finally:
        for handle in hooks:
            handle.remove()
    stated = 0
    for layer in g.summary["layers"]:
        if layer["parameters"] == 0:
            continue
        for size in layer["outputs"]:
            assert essential(shape(size, g.symbols())) in seen, layer
            stated += 1
    assert stated


def test_work(generated):
    """Multiply-accumulates by PyTorch's counter; it cannot look into recurrent kernels."""
    row, g = generated
    if any(layer["type"] in RECURRENT for layer in g.summary["layers"]):
        # Their formula is checked against goldens/examples.tsv, which Keras's steps were counted for.
        assert value(g.summary["macs"], g.symbols()) > 0
        return
    g.module.train()  # In evaluation PyTorch fuses an encoder layer into one uncounted kernel.
    with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        g.module(*g.inputs(batch=2))
    g.module.eval()
    flops = counter.get_total_flops()
    assert flops == 2 * 2 * value(g.summary["macs"], g.symbols())


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_numbers(program, tmp_path, row):
    """The same weights and input as the model written by hand give the same output."""
    path = EXAMPLES / row["file"]
    name = path.stem
    if name in SMALLER:
        path = at_size(path, tmp_path, SMALLER[name])
    g = Generated(program, tmp_path, path, row["network"])
    inputs = g.inputs()
    reference = reference_architectures.reference(name, inputs[0].shape[1:])
    transfer.randomize(reference.layers)
    transfer.load(g.module, transfer.primitives(reference.layers))
    g.module.eval()
    with torch.no_grad():
        result = tensors(g.module(*inputs), [o["name"] for o in g.summary["outputs"]])
        if isinstance(reference.model, reference_models.keras.Model):
            wanted = reference.model(inputs if len(inputs) > 1 else inputs[0], training=False)
        else:
            reference.model.eval()
            wanted = reference.model(*inputs)
    wanted = tensors(wanted)
    assert len(result) == len(wanted)
    for mine, other in zip(result, wanted):
        limit = 1e-4 if name in DEEP else 1e-5
        assert transfer.difference(mine, other) <= limit
    # A batch is a batch: the first sample alone gives the same.
    with torch.no_grad():
        alone = tensors(g.module(*[i[:1] for i in inputs]), [o["name"] for o in g.summary["outputs"]])
    for mine, other in zip(alone, result):
        assert transfer.difference(mine, other[:1]) <= 1e-4


def test_generating_again_changes_nothing(program, tmp_path):
    path, output = EXAMPLES / "lenet5.neural", tmp_path / "lenet5.py"
    arguments = ("generate", path, "--target", "pytorch", "-o", output)
    assert program(*arguments).returncode == 0
    first = output.read_bytes()
    assert program(*arguments).returncode == 0 and output.read_bytes() == first
    assert program(*arguments, "--check").returncode == 0
    # An edited file is never overwritten.
    edited = first + b"\n# mine\n"
    output.write_bytes(edited)
    assert program(*arguments).returncode != 0 and output.read_bytes() == edited
    assert program(*arguments, "--check").returncode == 1
    assert program(*arguments, "--force").returncode == 0 and output.read_bytes() == first


def test_a_file_with_an_error_is_not_generated(program, tmp_path):
    path, output = tmp_path / "bad.neural", tmp_path / "bad.py"
    path.write_text("network A {\n  input: (8)\n  layers:\n    Desne(4)\n}\n")
    result = program("generate", path, "--target", "pytorch", "-o", output)
    assert result.returncode == 1 and not output.exists()


def test_style(program, tmp_path):
    """No example's module is changed by `ruff format`, and `ruff check` finds nothing in it."""
    for path in sorted(EXAMPLES.glob("*.neural")):
        result = program("generate", path, "--target", "pytorch", "-o", tmp_path / f"{path.stem}.py")
        assert result.returncode == 0, path
    assert ruff(tmp_path) == ""


STRUCTURES = HERE / "structures.neural"


@pytest.mark.parametrize("network", ["UNet", "Seq", "Frozen", "Tr", "Nested", "SharedBlocks"])
def test_structures(program, tmp_path, network):
    """Constructs in combination: the module has the stated shapes and trains the stated values."""
    summary = program.summary(STRUCTURES, network)
    module = getattr(program.generate(STRUCTURES, tmp_path, network), network)().eval()
    symbols = {"batch": BATCH, "height": 16, "width": 24, "seq": 7}
    generator = torch.Generator().manual_seed(0)
    results = tensors(module(*(random_input(i, symbols, generator) for i in summary["inputs"])))
    assert [tuple(r.shape) for r in results] == [shape(o["shape"], symbols) for o in summary["outputs"]]
    assert sum(p.numel() for p in module.parameters() if p.requires_grad) == summary["trainable"]
    assert ruff(tmp_path) == ""


def test_structures_together(program, tmp_path):
    """All networks of a file in one module: what they share is written once for all that it serves."""
    output = tmp_path / "structures.py"
    result = program("generate", STRUCTURES, "--target", "pytorch", "-o", output)
    assert result.returncode == 0, result.stdout + result.stderr
    assert ruff(tmp_path) == ""
    module = load(output)
    for entry in program.json("summary", STRUCTURES, "--format", "json")[1]["networks"]:
        network = getattr(module, entry["name"])()
        assert sum(p.numel() for p in network.parameters() if p.requires_grad) == entry["trainable"], entry["name"]


def structure(program, folder, network):
    """The generated module, every value of it random."""
    module = getattr(program.generate(STRUCTURES, folder, network), network)().eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return module


def test_tied_to_an_embedding(program, tmp_path):
    """One parameter, read as rows by the embedding and transposed by the output."""
    module = structure(program, tmp_path, "Tied")
    ids = torch.randint(0, 50, (3, 5), dtype=torch.int32)
    table, bias = module.embed.weight, module.output_1.bias
    wanted = table[ids.long()] @ table.T + bias
    assert transfer.difference(module(ids), wanted) <= 1e-6
    count = sum(p.numel() for p in module.parameters())
    assert count == program.summary(STRUCTURES, "Tied")["trainable"] == 50 * 6 + 50


def test_tied_to_a_dense(program, tmp_path):
    """The kernel of a Dense, transposed, and the Dense itself used once more."""
    module = structure(program, tmp_path, "Mirrored")
    x = torch.randn(3, 7)
    weight, bias = module.inwards.weight, module.inwards.bias
    hidden = torch.tanh(x @ weight.T + bias)
    mirrored = hidden @ weight + module.dense_1.bias
    wanted = module.output_1(mirrored @ weight.T + bias)
    assert transfer.difference(module(x), wanted) <= 1e-6
    count = sum(p.numel() for p in module.parameters())
    assert count == program.summary(STRUCTURES, "Mirrored")["trainable"] == 28 + 4 + 7 + 10


@pytest.mark.parametrize("mode", ["row", "batch"])
def test_stochastic_depth(program, tmp_path, mode):
    """In training a sample, or all of a batch, is nothing or scaled up, as often as declared; else itself."""
    path = tmp_path / "depth.neural"
    path.write_text(f'network Depth {{\n  input: (2, 3)\n  layers:\n    StochasticDepth(0.2, mode="{mode}")\n}}\n')
    module = program.generate(path, tmp_path, "Depth").Depth()
    x = torch.randn(4000, 2, 3)
    assert torch.equal(module.eval()(x), x)
    module.train()
    torch.manual_seed(0)
    draws = module(x) if mode == "row" else torch.cat([module(sample[None]) for sample in x])
    kept = draws.flatten(1).abs().sum(1) > 0
    torch.testing.assert_close(draws[kept], x[kept] / 0.8)
    assert abs(kept.float().mean().item() - 0.8) < 0.03
    if mode == "batch":
        together = module(x).flatten(1).abs().sum(1) > 0
        assert together.all() or not together.any()


def random_layer(program, folder, text):
    path = folder / "random.neural"
    path.write_text(f"network Random {{\n  input: (4, 6, 3)\n  layers:\n    {text}\n}}\n")
    return program.generate(path, folder, "Random").Random().train()


@pytest.mark.parametrize("layer, arguments", [
    ("RandomContrast", {"factor": (0.3, 0.3), "value_range": (-1, 1)}),
    ("RandomContrast", {"factor": (0.0, 0.0), "value_range": (-1, 1)}),
    ("RandomBrightness", {"factor": (0.2, 0.2), "value_range": (-1, 1)}),
])
def test_random_values(program, tmp_path, layer, arguments):
    """Where both ends of a factor are one number, training is Keras's."""
    module = random_layer(program, tmp_path, written(layer, arguments))
    x = torch.randn(5, 4, 6, 3)
    reference = getattr(reference_models.keras.layers, layer)(**arguments)
    if layer == "RandomContrast" and arguments["factor"][0] > 0:
        # From 1 - 0.3 to 1 + 0.3: between what both ends give.
        ends = [((x - x.mean((1, 2), keepdim=True)) * f + x.mean((1, 2), keepdim=True)).clamp(-1, 1) for f in (0.7, 1.3)]
        result = module(x)
        assert (result <= torch.maximum(*ends) + 1e-6).all() and (result >= torch.minimum(*ends) - 1e-6).all()
        return
    torch.testing.assert_close(module(x), reference(x, training=True))


@pytest.mark.parametrize("mode, axes", [("horizontal", (2,)), ("vertical", (1,)), ("horizontal_and_vertical", (1, 2))])
def test_random_flip(program, tmp_path, mode, axes):
    """Half of the images are turned over, along all axes alike."""
    module = random_layer(program, tmp_path, f'RandomFlip("{mode}")')
    x = torch.randn(2000, 4, 6, 3)
    result = module(x)
    turned = (result == x.flip(axes)).flatten(1).all(1)
    assert (turned | (result == x).flatten(1).all(1)).all()
    assert abs(turned.float().mean().item() - 0.5) < 0.05


def test_random_crop(program, tmp_path):
    """All parts occur in training; one for all images of a batch."""
    module = random_layer(program, tmp_path, "RandomCrop(3, 4)")
    x = torch.randn(2, 4, 6, 3)
    parts = {(top, left): x[:, top : top + 3, left : left + 4] for top in range(2) for left in range(3)}
    seen = set()
    for _ in range(200):
        result = module(x)
        seen.update(place for place, part in parts.items() if torch.equal(result, part))
    assert seen == parts.keys()
