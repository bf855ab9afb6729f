"""The network's tensors against plain formulas, and padding that must not be seen."""

import math

import pytest
import torch

from byteflow_train.network import ByteClassifier, FoPooling, FrontEndConfig, Gbst, NetworkConfig, QrnnConfig
from byteflow_train.quantize import set_quantization

CONFIG = NetworkConfig(FrontEndConfig(60, 6, 3, 10, (1, 2, 3, 4), 4), QrnnConfig(2, 7, 2), ("a", "b"))


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
    got = layer(padded, mask)[: math.ceil(length / rate), 0]
    assert torch.allclose(got, naive_gbst(layer, x, widths, rate), atol=1e-5)


def test_fo_pooling_gradients():
    z = torch.randn(5, 2, 3, dtype=torch.double, requires_grad=True)
    f = torch.rand(5, 2, 3, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(FoPooling.apply, (z, f))


@pytest.mark.parametrize("quantized", [False, True])
def test_padding_and_neighbours_do_not_change_a_text(quantized):
    torch.manual_seed(0)
    model = ByteClassifier(CONFIG)
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
