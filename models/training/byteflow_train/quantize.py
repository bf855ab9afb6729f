"""In-training quantization: fake quantizers whose ranges the exporter reads back.

The grid is the one of core/src/quant/README.md: activations int8 affine per tensor with a moving-average range that includes zero, weights
int8 symmetric per output channel in [-127, 127]. Observers and straight-through gradients are torch.ao.quantization's.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.ao.quantization import FakeQuantize, MovingAverageMinMaxObserver, PerChannelMinMaxObserver
from torch.ao.quantization.observer import MinMaxObserver

# The state h of a QRNN lies in (-1, 1), so its scale is fixed: 1/128 (README section 5).
STATE_SCALE = 1.0 / 128.0


def activation_quantizer(symmetric: bool = False) -> FakeQuantize:
    """A per-tensor int8 quantizer that tracks its range; `symmetric` fixes the zero point at 0."""
    return FakeQuantize(
        observer=MovingAverageMinMaxObserver,
        quant_min=-128,
        quant_max=127,
        averaging_constant=0.01,
        dtype=torch.qint8,
        qscheme=torch.per_tensor_symmetric if symmetric else torch.per_tensor_affine,
    )


def weight_quantizer(per_channel: bool = True) -> FakeQuantize:
    """An int8 quantizer for a weight [output channels, ...]; its range is recomputed at every step."""
    if per_channel:
        return FakeQuantize(
            observer=PerChannelMinMaxObserver,
            quant_min=-127,
            quant_max=127,
            dtype=torch.qint8,
            qscheme=torch.per_channel_symmetric,
            ch_axis=0,
        )
    return FakeQuantize(
        observer=MinMaxWeightObserver, quant_min=-127, quant_max=127, dtype=torch.qint8, qscheme=torch.per_tensor_symmetric
    )


class MinMaxWeightObserver(MinMaxObserver):
    """The range of the tensor as it is now: a weight needs no history."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.reset_min_max_vals()
        return super().forward(x)


def quantize_state(h: torch.Tensor) -> torch.Tensor:
    return torch.fake_quantize_per_tensor_affine(h, STATE_SCALE, 0, -128, 127)


def set_quantization(model: nn.Module, on: bool, observing: bool) -> None:
    """Turns every quantizer on or off; `observing` says whether activation ranges still move."""
    for module in model.modules():
        if isinstance(module, FakeQuantize):
            module.fake_quant_enabled[0] = int(on)
            is_weight = not isinstance(module.activation_post_process, MovingAverageMinMaxObserver)
            module.observer_enabled[0] = int(on and (observing or is_weight))
    for module in model.modules():
        if hasattr(module, "quantizing"):
            module.quantizing = on
