"""The float network with fake quantizers: ByteSplitter ids to logits, layer by layer as core/src/quant/README.md numbers them.

Tensors before downsampling are batch-major [batch, length, channels]; after it time-major [time, batch, channels], so that the recurrence
walks contiguous memory. Padding is zero everywhere: masked once after the embedding and after each nonlinearity that would lift it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .quantize import activation_quantizer, quantize_state, weight_quantizer

VOCABULARY = 259  # 256 bytes + padding, EOS, MASK (ByteSplitter)


@dataclass(frozen=True)
class FrontEndConfig:
    max_bytes: int = 1024
    embedding_channels: int = 48
    conv_width: int = 7
    channels: int = 192
    block_widths: tuple[int, ...] = (1, 2, 3, 4)
    downsample: int = 4


@dataclass(frozen=True)
class QrnnConfig:
    blocks: int = 3
    state: int = 96
    window: int = 2
    zoneout: float = 0.0


@dataclass(frozen=True)
class NetworkConfig:
    front_end: FrontEndConfig
    encoder: QrnnConfig
    labels: tuple[str, ...] = ()  # none in pre-training
    auxiliary_labels: tuple[str, ...] = ()  # heads that shape the encoder in training and are not exported
    norm_epsilon: float = 1e-5
    dropout: float = 0.1


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


class ByteEmbeddingConvolution(nn.Module):
    """Embedding, centred convolution and GELU (section 2)."""

    def __init__(self, config: FrontEndConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Parameter(torch.randn(VOCABULARY, config.embedding_channels))  # [259, embedding channels]
        self.embedding_quantizer = weight_quantizer(per_channel=False)
        self.conv = QuantizedLinear(config.conv_width * config.embedding_channels, config.channels)
        self.pre = activation_quantizer()
        self.out = activation_quantizer()
        self.quantizing = False

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids int64 [batch, length], mask float [batch, length, 1] -> [batch, length, channels]."""
        table = self.embedding_quantizer(self.embedding) if self.quantizing else self.embedding
        rows = F.embedding(ids, table) * mask
        half = self.config.conv_width // 2
        padded = F.pad(rows, (0, 0, half, half))
        length = ids.shape[1]
        windows = torch.cat([padded[:, k : k + length] for k in range(self.config.conv_width)], dim=-1)
        x = self.conv(windows)
        if not self.quantizing:
            return F.gelu(x) * mask.to(x.dtype)
        return self.out(F.gelu(self.pre(x.float() * mask))) * mask


class Gbst(nn.Module):
    """GBST with a softmax over block widths, fused with downsampling (section 3; Charformer, Tay et al., section 2.1).

    Within a period of lcm(widths, rate) positions every block and every window begins and ends alike, so both are one small matrix per
    period: coefficients [windows, positions] times activations [positions, channels].
    """

    def __init__(self, config: FrontEndConfig) -> None:
        super().__init__()
        self.rate = config.downsample
        self.score = QuantizedLinear(config.channels, len(config.block_widths))
        self.score_code = activation_quantizer()
        self.out = activation_quantizer()
        self.quantizing = False
        self.period = math.lcm(*config.block_widths, self.rate)
        member = torch.zeros(len(config.block_widths), self.period, self.period)  # [width, position t, position p]
        for index, width in enumerate(config.block_widths):
            for t in range(self.period):
                start = t // width * width
                member[index, t, start : start + width] = 1.0
        self.register_buffer("member", member, persistent=False)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [batch, length, channels] with zeros at padding, mask [batch, length, 1] -> [time, batch, channels]."""
        batch, length, channels = x.shape
        groups = -(-length // self.period)
        pad = groups * self.period - length
        x = F.pad(x, (0, 0, 0, pad)).view(batch * groups, self.period, channels)
        mask = F.pad(mask, (0, 0, 0, pad)).view(batch * groups, self.period)

        dot = self.score(x)  # [groups, period, widths], bias included once a position
        with torch.autocast(x.device.type, enabled=False):  # few numbers, and their rounding would move every channel
            coefficient = self._coefficients(dot.float() * mask.unsqueeze(-1), mask)
        y = torch.bmm(coefficient.to(x.dtype), x).view(batch, -1, channels)
        y = y[:, : -(-length // self.rate)].transpose(0, 1)
        return self.out(y.float()) if self.quantizing else y

    def _coefficients(self, dot: Tensor, mask: Tensor) -> Tensor:
        """dot [groups, period, widths], mask [groups, period] -> share of each position in each window [groups, windows, period]."""
        valid = torch.einsum("wtp,gp->gtw", self.member, mask).clamp(min=1.0)  # positions of the block that exist
        score = torch.einsum("wtp,gpw->gtw", self.member, dot) / valid
        if self.quantizing:
            score = self.score_code(score)
        windows = mask.view(mask.shape[0], -1, self.rate)  # [groups, windows, rate]
        share = (windows / windows.sum(-1, keepdim=True).clamp(min=1.0)).view_as(mask)
        weight = torch.softmax(score, dim=-1) / valid * share.unsqueeze(-1)  # [groups, period, widths]
        spread = torch.einsum("gtw,wtp->gtp", weight, self.member)
        return spread.view(*windows.shape, self.period).sum(2)


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


class QrnnBlock(nn.Module):
    """Pre-norm residual block of a bidirectional QRNN with fo-pooling and an output projection (section 5)."""

    def __init__(self, channels: int, config: QrnnConfig, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.state, self.window, self.zoneout, self.dropout = config.state, config.window, config.zoneout, dropout
        self.norm = LayerNorm(channels, epsilon)
        self.norm_out = activation_quantizer()
        # [direction, gate z f o, state] x [window, channels]
        self.gates = QuantizedLinear(config.window * channels, 2 * 3 * config.state)
        with torch.no_grad():
            self.gates.bias.view(2, 3, config.state)[:, 1] += 1.0  # remember at first
        self.gate_codes = nn.ModuleDict({gate: activation_quantizer(symmetric=True) for gate in "zfo"})
        self.projection = QuantizedLinear(2 * config.state, channels)
        with torch.no_grad():
            self.projection.weight *= 0.5
        self.residual = activation_quantizer()
        self.quantizing = False

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [time, batch, channels], mask [time, batch, 1] -> the same shape."""
        h = self.norm(x)  # a padding row is zero and stays zero
        if self.quantizing:
            h = self.norm_out(h)
        time, past = h.shape[0], self.window - 1
        padded = F.pad(h, (0, 0, 0, 0, past, past))
        rows = torch.cat([padded[k : k + time + past] for k in range(self.window)], dim=-1)  # row t ends at time t
        gates = self.gates(rows).float()  # both directions on every window; each keeps its own rows
        size = 3 * self.state
        forward, backward = gates[:time, :, :size], gates[past:, :, size:].flip(0)
        z, f, o = torch.stack([forward, backward], dim=2).view(time, x.shape[1], 2, 3, self.state).unbind(3)
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
        y = torch.cat([y[:, :, 0], y[:, :, 1].flip(0)], dim=-1)
        update = self.projection(y).float()
        if self.training and self.dropout > 0:
            update = update * F.dropout(torch.ones_like(update[:1]), self.dropout)  # one mask for all times of a text
        x = (x.float() + update) * mask
        return self.residual(x) if self.quantizing else x


class AttentionMaxPooling(nn.Module):
    """Attention-weighted mean beside the maximum over time (section 6)."""

    def __init__(self, channels: int, epsilon: float) -> None:
        super().__init__()
        self.norm = LayerNorm(channels, epsilon)
        self.norm_out = activation_quantizer()
        self.attention = QuantizedLinear(channels, 1, bias=False)
        self.attention_code = activation_quantizer(symmetric=True)
        self.quantizing = False

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x [time, batch, channels], mask [time, batch, 1] -> [batch, 2 * channels]."""
        y = self.norm(x)
        if self.quantizing:
            y = self.norm_out(y)
        logit = self.attention(y).float()
        if self.quantizing:
            logit = self.attention_code(logit * mask)
        outside = (1 - mask) * -1e4
        mean = (torch.softmax(logit + outside, dim=0) * y).sum(0)
        return torch.cat([mean, (y + outside).amax(0)], dim=-1)


class ByteEncoder(nn.Module):
    """Front end and encoder, shared by every task and carried from pre-training to fine-tuning."""

    def __init__(self, front_end: FrontEndConfig, encoder: QrnnConfig, norm_epsilon: float, dropout: float) -> None:
        super().__init__()
        self.front_end = front_end
        self.conv = ByteEmbeddingConvolution(front_end)
        self.gbst = Gbst(front_end)
        self.encoder = nn.ModuleList(QrnnBlock(front_end.channels, encoder, norm_epsilon, dropout) for _ in range(encoder.blocks))

    def encode(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """ids int64 [batch, length], 0 = padding -> rows [time, batch, channels] and their mask [time, batch, 1]."""
        mask = (ids != 0).float().unsqueeze(-1)
        x = self.gbst(self.conv(ids, mask), mask)
        mask = mask[:, :: self.front_end.downsample].transpose(0, 1)
        for block in self.encoder:
            x = block(x, mask)
        return x, mask


class ByteClassifier(ByteEncoder):
    """ByteQRNN with pooling and a head."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config.front_end, config.encoder, config.norm_epsilon, config.dropout)
        self.config = config
        channels = config.front_end.channels
        self.pool = AttentionMaxPooling(channels, config.norm_epsilon)
        self.head = QuantizedLinear(2 * channels, len(config.labels))
        self.auxiliary_head = nn.Linear(2 * channels, len(config.auxiliary_labels)) if config.auxiliary_labels else None

    def forward(self, ids: Tensor) -> Tensor:
        """ids int64 [batch, length], 0 = padding -> logits [batch, labels + auxiliary labels]."""
        pooled = self.pool(*self.encode(ids))
        if self.training:
            pooled = F.dropout(pooled, 2 * self.config.dropout)
        logits = self.head(pooled).float()
        if self.auxiliary_head is None:
            return logits
        return torch.cat([logits, self.auxiliary_head(pooled).float()], dim=-1)


class MaskedByteModel(ByteEncoder):
    """The pre-training task: each row of the encoder predicts the `downsample` bytes that it stands for."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(config.front_end, config.encoder, config.norm_epsilon, config.dropout)
        self.norm = LayerNorm(config.front_end.channels, config.norm_epsilon)
        self.bytes = nn.Linear(config.front_end.channels, config.front_end.downsample * 256)

    def forward(self, ids: Tensor, positions: Tensor) -> Tensor:
        """ids [batch, length], positions int64 [n, 2] (text, byte position) -> logits of the byte there [n, 256]."""
        x, _ = self.encode(ids)
        rate = self.front_end.downsample
        text, position = positions.unbind(1)
        rows = self.norm(x[position // rate, text])  # [n, channels]
        weight = self.bytes.weight.view(rate, 256, -1)
        logits = torch.empty(len(rows), 256, device=rows.device)
        for offset in range(rate):
            chosen = position % rate == offset
            logits[chosen] = F.linear(rows[chosen], weight[offset], self.bytes.bias.view(rate, 256)[offset]).float()
        return logits
