"""The QRNN encoder (core/src/quant/README.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .dense import LayerNorm, QuantizedLinear
from .quantize import activation_quantizer, quantize_state


@dataclass(frozen=True)
class QrnnConfig:
    blocks: int = 3
    state: int = 96
    window: int = 2
    zoneout: float = 0.0
    shared_gates: bool = False  # both directions pool the same gates: half of their weights and of their work

    @property
    def gate_sets(self) -> int:
        return 1 if self.shared_gates else 2

    @property
    def rate(self) -> int:
        """Rows that come in for one that leaves."""
        return 1


class FoPooling(torch.autograd.Function):
    """c_t = f_t c_{t-1} + (1 - f_t) z_t over the first axis (QRNN, Bradbury et al., equation 4), one fused step at a time."""

    @staticmethod
    def forward(ctx, z: Tensor, f: Tensor) -> Tensor:  # noqa: ANN001
        c = torch.empty_like(z)
        state = torch.zeros_like(z[0])
        for t in range(z.shape[0]):
            state = torch.lerp(z[t], state, f[t], out=c[t])
        ctx.save_for_backward(z, f, c)
        return c

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN001
        z, f, c = ctx.saved_tensors
        dc = torch.empty_like(grad)
        dc[-1] = grad[-1]
        for t in range(grad.shape[0] - 2, -1, -1):
            torch.addcmul(grad[t], f[t + 1], dc[t + 1], out=dc[t])
        previous = torch.cat([torch.zeros_like(c[:1]), c[:-1]])
        return dc * (1 - f), dc * (previous - z)


ADDING = "projection"  # the part of a block that makes what is added to its input: where it is zero, the block is silent


class QrnnBlock(nn.Module):
    """Pre-norm residual block of a bidirectional QRNN with fo-pooling and an output projection (section 5)."""

    def __init__(self, channels: int, config: QrnnConfig, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.state, self.window, self.gate_sets, self.zoneout, self.dropout = config.state, config.window, config.gate_sets, config.zoneout, dropout
        self.norm = LayerNorm(channels, epsilon)
        self.norm_out = activation_quantizer()
        # [gate set, gate z f o, state] x [window, channels]
        self.gates = QuantizedLinear(config.window * channels, config.gate_sets * 3 * config.state)
        with torch.no_grad():
            self.gates.bias.view(config.gate_sets, 3, config.state)[:, 1] += 1.0  # remember at first
        self.gate_codes = nn.ModuleDict({gate: activation_quantizer(symmetric=True) for gate in "zfo"})
        self.projection = QuantizedLinear(2 * config.state, channels)
        with torch.no_grad():
            self.projection.weight *= 0.5
        self.residual = activation_quantizer()
        self.quantizing = False

    def pooled(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [time, batch, channels], mask [time, batch, 1] -> what the cells of both directions hold [time, batch, direction and state]."""
        h = self.norm(x)  # a padding row is zero and stays zero
        if self.quantizing:
            h = self.norm_out(h)
        time, past = h.shape[0], self.window - 1
        padded = F.pad(h, (0, 0, 0, 0, past, past))
        rows = torch.cat([padded[k : k + time + past] for k in range(self.window)], dim=-1)  # row t ends at time t
        gates = self.gates(rows).float().split(3 * self.state, dim=-1)  # of every window; each direction keeps its own rows
        forward, backward = gates[0], gates[-1]
        z, f, o = torch.stack([forward[:time], backward[past:].flip(0)], dim=2).view(time, x.shape[1], 2, 3, self.state).unbind(3)
        flipped = torch.stack([mask, mask.flip(0)], dim=2)  # [time, batch, direction, 1]
        if self.quantizing:
            z, f, o = (self.gate_codes[gate](value * flipped) for gate, value in zip("zfo", (z, f, o)))
        z = torch.tanh(z) * flipped
        f, o = torch.sigmoid(f), torch.sigmoid(o)
        if self.training and self.zoneout > 0:
            f = 1 - F.dropout(1 - f, self.zoneout) * (1 - self.zoneout)
        c = FoPooling.apply(z.contiguous(), f.contiguous())
        y = o * c
        if self.quantizing:
            y = quantize_state(y)
        return torch.cat([y[:, :, 0], y[:, :, 1].flip(0)], dim=-1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [time, batch, channels], mask [time, batch, 1] -> the same shape."""
        update = self.projection(self.pooled(x, mask)).float()
        if self.training and self.dropout > 0:
            update = update * F.dropout(torch.ones_like(update[:1]), self.dropout)  # one mask for all times of a text
        x = (x.float() + update) * mask
        return self.residual(x) if self.quantizing else x


class QrnnEncoder(nn.ModuleList):
    """The blocks in a row."""

    def __init__(self, config: QrnnConfig, channels: int, epsilon: float, dropout: float) -> None:
        super().__init__(QrnnBlock(channels, config, epsilon, dropout) for _ in range(config.blocks))

    @torch.no_grad()
    def silence(self, first: int) -> None:
        """Blocks from this one on add nothing until they have learnt, so that a deeper network begins where a shallower one ended."""
        for block in list(self)[first:]:
            for parameter in block.get_submodule(ADDING).parameters():
                parameter.zero_()

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x [time, batch, channels], mask [time, batch, 1] -> the same shapes."""
        for block in self:
            x = block(x, mask)
        return x, mask
