"""The network's tensors against plain formulas, and padding that must not be seen."""

import math

import pytest
import torch

from byteflow_train.front_end import GBST_FORMS, FrontEndConfig, Gbst
from byteflow_train.network import ByteClassifier, EncoderConfig, NetworkConfig
from byteflow_train.qrnn import FoPooling, QrnnBlock, QrnnConfig
from byteflow_train.quantize import set_quantization
from byteflow_train.transformer import FunnelConfig, TransformerBlock, TransformerConfig, TransformerEncoder

ENCODERS = [QrnnConfig(2, 7, 2), QrnnConfig(1, 6, 3, shared_gates=True), TransformerConfig(2, 2, 14), FunnelConfig((2, 3), 5, 9)]


def config(encoder: EncoderConfig, gbst: str = "softmax") -> NetworkConfig:
    return NetworkConfig(FrontEndConfig(60, 6, 3, 10, (1, 2, 3, 4), 4, gbst), encoder, ("a", "b"))


def naive_gbst(layer: Gbst, x: torch.Tensor, widths: tuple[int, ...], rate: int) -> torch.Tensor:
    """x [length, channels] of one text, position by position (Charformer, section 2.1, then mean pooling with the tail kept)."""
    length = len(x)
    mixed = []
    for t in range(length):
        means = [x[t // w * w : min(t // w * w + w, length)].mean(0) for w in widths]
        scores = torch.stack([(m * layer.score.weight[i]).sum() + layer.score.bias[i] for i, m in enumerate(means)])
        mixed.append((torch.softmax(scores, 0)[:, None] * torch.stack(means)).sum(0))
    mixed = torch.stack(mixed)
    return torch.stack([mixed[j : j + rate].mean(0) for j in range(0, length, rate)])


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 11, 12, 13, 25])
@pytest.mark.parametrize(("widths", "rate"), [((1, 2, 3, 4), 4), ((2, 3), 2), ((1,), 1), ((5,), 3)])
def test_gbst_is_the_papers(length, widths, rate):
    torch.manual_seed(length)
    layer = Gbst(FrontEndConfig(60, 6, 3, 8, widths, rate))
    torch.nn.init.normal_(layer.score.bias)
    x = torch.randn(length, 8)
    padded = torch.zeros(1, length + 9, 8)
    padded[0, :length] = x
    mask = torch.zeros(1, length + 9, 1)
    mask[0, :length] = 1
    got = layer(padded, mask)[0][: math.ceil(length / rate), 0]
    assert torch.allclose(got, naive_gbst(layer, x, widths, rate), atol=1e-5)


def naive_calibrated(layer: Gbst, x: torch.Tensor, widths: tuple[int, ...], rate: int) -> torch.Tensor:
    """The same with Charformer's equation 4 between softmax and sum."""
    length = len(x)
    means = torch.stack([torch.stack([x[t // w * w : min(t // w * w + w, length)].mean(0) for w in widths]) for t in range(length)])
    scores = (means * layer.score.weight).sum(-1) + layer.score.bias  # [length, widths]
    soft = torch.softmax(scores, -1)
    mixed = ((torch.softmax(soft @ soft.T, -1) @ soft)[..., None] * means).sum(1)
    return torch.stack([mixed[j : j + rate].mean(0) for j in range(0, length, rate)])


def same_pool(x: torch.Tensor, width: int) -> torch.Tensor:
    """TensorFlow's average pooling of x [length, channels] with window and stride `width` and padding SAME, which counts no padding."""
    pad = -(-len(x) // width) * width - len(x)
    left = pad // 2
    inside = torch.nn.functional.pad(torch.ones(len(x)), (left, pad - left)).view(-1, width).sum(1)
    return torch.nn.functional.pad(x, (0, 0, left, pad - left)).view(-1, width, x.shape[1]).sum(1) / inside[:, None]


def naive_original(layer: Gbst, x: torch.Tensor, widths: tuple[int, ...], rate: int) -> torch.Tensor:
    """GBSTLayerV2 step by step, unquantized: pool, score, repeat and cut, mean of the products, pool with VALID."""
    length = len(x)
    products = []
    for i, width in enumerate(widths):
        blocks = same_pool(x, width)
        scores = blocks @ layer.score.weight[i] + layer.score.bias[i]
        products.append((scores[:, None] * blocks).repeat_interleave(width, 0)[:length])
    mixed = torch.stack(products).mean(0)
    return torch.stack([mixed[j : j + rate].mean(0) for j in range(0, length - rate + 1, rate)] or [mixed.mean(0)])


@pytest.mark.parametrize("length", [1, 2, 3, 7, 11, 12, 13, 25])
@pytest.mark.parametrize(("widths", "rate"), [((1, 2, 3, 4), 4), ((2, 3), 2), ((5,), 3), ((1, 2, 3, 4), 1)])
@pytest.mark.parametrize(("form", "naive"), [("calibrated", naive_calibrated), ("original", naive_original)])
def test_other_forms_of_gbst_are_their_formulas(length, widths, rate, form, naive):
    torch.manual_seed(length)
    layer = Gbst(FrontEndConfig(60, 6, 3, 8, widths, rate, form))
    torch.nn.init.normal_(layer.score.bias)
    x = torch.zeros(2, length + 9, 8)
    mask = torch.zeros(2, length + 9, 1)
    for text, size in enumerate((length, length + 9)):  # a padded text beside one that fills the batch
        x[text, :size] = torch.randn(size, 8)
        mask[text, :size] = 1
    got, rows = layer(x, mask)
    for text, size in enumerate((length, length + 9)):
        expected = naive(layer, x[text, :size], widths, rate)
        assert rows[:, text, 0].sum() == len(expected)
        assert torch.allclose(got[: len(expected), text], expected, atol=1e-5)
        assert not rows[len(expected) :, text].any()


@pytest.mark.parametrize(("length", "pads"), [(1024, {3: 1}), (100, {3: 1, 4: 0}), (101, {3: 0, 4: 1}), (102, {3: 0, 4: 1}), (103, {3: 1, 4: 0})])
def test_the_originals_blocks_lie_where_tensorflow_puts_them(length, pads):
    for width, left in pads.items():
        layer = Gbst(FrontEndConfig(60, 6, 3, 1, (width,), 1, "original"))
        with torch.no_grad():
            layer.score.weight.zero_()
            layer.score.bias.fill_(1.0)  # every score is 1: what comes out are the blocks
        x = torch.arange(1.0, length + 1).view(1, -1, 1)
        got, _ = layer(x, torch.ones(1, length, 1))
        assert got[0, 0, 0] == x[0, : width - left].mean()


def test_an_unknown_form_of_gbst_is_named():
    with pytest.raises(ValueError, match="gbst is hard; it must be one of softmax"):
        Gbst(FrontEndConfig(gbst="hard"))


def test_fo_pooling_gradients():
    z = torch.randn(5, 2, 3, dtype=torch.double, requires_grad=True)
    f = torch.rand(5, 2, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(FoPooling.apply, (z, f))


@pytest.mark.parametrize("window", [1, 2, 3])
def test_shared_gates_are_two_sets_that_are_alike(window):
    torch.manual_seed(window)
    shared = QrnnBlock(6, QrnnConfig(1, 5, window, shared_gates=True), 1e-5, 0.0)
    apart = QrnnBlock(6, QrnnConfig(1, 5, window), 1e-5, 0.0)
    with torch.no_grad():
        for (name, own), its in zip(apart.named_parameters(), shared.parameters()):
            own.copy_(torch.cat([its, its]) if name.startswith("gates") else its)
    x, mask = torch.randn(9, 2, 6), torch.ones(9, 2, 1)
    mask[5:, 1] = 0
    x = x * mask
    assert torch.allclose(shared(x, mask), apart(x, mask), atol=1e-6)


def naive_block(block: TransformerBlock, x: torch.Tensor, pool: int) -> torch.Tensor:
    """x [time, channels] of one text, query by query (Vaswani et al., section 3.2, pre-norm; queries pooled as in Dai et al., section 2.2)."""

    def dense(layer, row):
        return layer.weight @ row + layer.bias

    def norm(row):
        return (row - row.mean()) / torch.sqrt(row.var(unbiased=False) + 1e-5)

    width = x.shape[1] // block.heads
    keys, values = ([dense(layer, norm(row)) for row in x] for layer in (block.key, block.value))
    out = []
    for start in range(0, len(x), pool):
        row = x[start : start + pool].mean(0)
        query = dense(block.query, norm(row))
        context = []
        for head in range(block.heads):
            part = slice(head * width, (head + 1) * width)
            shares = torch.softmax(torch.stack([query[part] @ key[part] / math.sqrt(width) for key in keys]), 0)
            context.append(sum(share * value[part] for share, value in zip(shares, values)))
        row = row + dense(block.output, torch.cat(context))
        out.append(row + dense(block.down, torch.nn.functional.gelu(dense(block.up, norm(row)))))
    return torch.stack(out)


@pytest.mark.parametrize("time", [1, 2, 5, 9])
@pytest.mark.parametrize("pool", [1, 2, 3])
@pytest.mark.parametrize("heads", [1, 4])
def test_a_transformer_block_is_the_papers(time, pool, heads):
    torch.manual_seed(time)
    block = TransformerBlock(8, pool, TransformerConfig(1, heads, 12), 1e-5, 0.0)
    for layer in (block.query, block.key, block.value, block.output, block.up, block.down):
        torch.nn.init.normal_(layer.bias)
    x = torch.zeros(time + 5, 1, 8)
    x[:time, 0] = torch.randn(time, 8)
    mask = torch.zeros(time + 5, 1, 1)
    mask[:time] = 1
    got, left = block(x, mask)
    rows = math.ceil(time / pool)
    assert left[:, 0, 0].tolist() == [1.0] * rows + [0.0] * (len(left) - rows)
    assert torch.allclose(got[:rows, 0], naive_block(block, x[:time, 0], pool), atol=1e-5)
    assert not got[rows:].any()


def test_positions_tell_the_order():
    torch.manual_seed(0)
    encoder = TransformerEncoder(TransformerConfig(1, 2, 8), 8, 16, 1e-5, 0.0)
    row, mask = torch.randn(1, 1, 8), torch.ones(4, 1, 1)
    same, _ = encoder(row.expand(4, 1, 8), mask)
    assert not torch.allclose(same[0], same[1], atol=1e-3)
    with torch.no_grad():
        encoder.position.zero_()
    same, _ = encoder(row.expand(4, 1, 8), mask)
    assert torch.allclose(same[0], same[3], atol=1e-5)


def test_heads_must_divide_the_channels():
    with pytest.raises(ValueError, match="heads is 3; it must divide the 10 channels"):
        ByteClassifier(config(TransformerConfig(1, 3, 8)))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("gbst", GBST_FORMS)
@pytest.mark.parametrize("quantized", [False, True])
def test_padding_and_neighbours_do_not_change_a_text(encoder, gbst, quantized):
    torch.manual_seed(0)
    model = ByteClassifier(config(encoder, gbst))
    model.eval()
    lengths = [1, 3, 8, 30, 47]
    batch = torch.zeros(len(lengths), max(lengths) + 5, dtype=torch.long)
    for i, length in enumerate(lengths):
        batch[i, :length] = torch.randint(1, 259, (length,))
    with torch.no_grad():
        if quantized:
            set_quantization(model, True, observing=True)
            model(batch)
            set_quantization(model, True, observing=False)
        together = model(batch)
        alone = torch.cat([model(batch[i : i + 1, :length]) for i, length in enumerate(lengths)])
    assert torch.allclose(together, alone, atol=1e-4 if not quantized else 0.05)
