"""What every layer is made of: a dense layer with a fake-quantized weight, and LayerNorm."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .quantize import weight_quantizer


class QuantizedLinear(nn.Module):
    """A dense layer whose weight is fake-quantized per output channel."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))  # [outputs, inputs]
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        nn.init.normal_(self.weight, std=1.0 / math.sqrt(inputs))
        self.quantizer = weight_quantizer()
        self.quantizing = False

    def forward(self, x: Tensor) -> Tensor:
        weight = self.quantizer(self.weight) if self.quantizing else self.weight
        return F.linear(x, weight, self.bias)


class LayerNorm(nn.Module):
    """LayerNorm without affine (section 4): each use feeds a linear layer that absorbs it."""

    def __init__(self, channels: int, epsilon: float) -> None:
        super().__init__()
        self.channels, self.epsilon = channels, epsilon

    def forward(self, x: Tensor) -> Tensor:
        # CPU autocast of PyTorch 1.13 has no LayerNorm rule, and bfloat16 statistics are too coarse.
        return F.layer_norm(x.float(), (self.channels,), eps=self.epsilon)
