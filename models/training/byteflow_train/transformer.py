"""The Transformer and Funnel Transformer encoders (core/src/quant/README.md sections 7 and 8)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .dense import LayerNorm, QuantizedLinear
from .quantize import activation_quantizer, weight_quantizer

POSITION_AMPLITUDE = 0.3  # of the sinusoids that positions start as: about the spread of the rows that they are added to


@dataclass(frozen=True)
class TransformerConfig:
    blocks: int = 3
    heads: int = 6
    feed_forward: int = 384

    @property
    def pool(self) -> tuple[int, ...]:
        return (1,) * self.blocks

    @property
    def rate(self) -> int:
        """Rows that come in for one that leaves."""
        return 1


@dataclass(frozen=True)
class FunnelConfig:
    pool: tuple[int, ...] = (1, 2, 2)  # one a block: rows of the block before that make one query
    heads: int = 6
    feed_forward: int = 384

    @property
    def blocks(self) -> int:
        return len(self.pool)

    @property
    def rate(self) -> int:
        """Rows that come in for one that leaves."""
        return math.prod(self.pool)


def mean_rows(x: Tensor, mask: Tensor, pool: int) -> tuple[Tensor, Tensor]:
    """x [time, batch, channels], mask [time, batch, 1] -> means of `pool` neighbours that exist, and the mask of these."""
    pad = -len(x) % pool
    mask = F.pad(mask, (0, 0, 0, 0, 0, pad)).view(-1, pool, *mask.shape[1:])
    x = F.pad(x, (0, 0, 0, 0, 0, pad)).view(-1, pool, *x.shape[1:])
    return (x * mask).sum(1) / mask.sum(1).clamp(min=1.0), mask[:, 0]


class AttentionBlock(nn.Module):
    """What blocks of encoder and decoder share: multi-head attention, residuals, and a feed-forward layer."""

    def __init__(
        self, channels: int, heads: int, feed_forward: int, codes: tuple[str, ...], epsilon: float, dropout: float, part: str
    ) -> None:
        super().__init__()
        if channels % heads:
            raise ValueError(f"{part}.heads is {heads}; it must divide the {channels} channels")
        self.heads, self.dropout = heads, dropout
        self.norm = LayerNorm(channels, epsilon)
        self.norm_out = activation_quantizer()
        self.query, self.key, self.value = (QuantizedLinear(channels, channels) for _ in range(3))
        self.codes = nn.ModuleDict({name: activation_quantizer(symmetric=True) for name in codes})
        self.output = QuantizedLinear(channels, channels)
        self.attended = activation_quantizer()
        self.attended_norm_out = activation_quantizer()
        self.up = QuantizedLinear(channels, feed_forward)
        self.up_code = activation_quantizer()
        self.hidden = activation_quantizer()
        self.down = QuantizedLinear(feed_forward, channels)
        with torch.no_grad():
            self.output.weight *= 0.5
            self.down.weight *= 0.5
        self.residual = activation_quantizer()
        self.quantizing = False

    def _normed(self, x: Tensor) -> Tensor:
        h = self.norm(x)  # a padding row is zero and stays zero
        return self.norm_out(h) if self.quantizing else h

    def _code(self, name: str, x: Tensor, mask: Tensor) -> Tensor:
        return self.codes[name](x.float() * mask) if self.quantizing else x

    def _heads(self, name: str, x: Tensor, mask: Tensor) -> Tensor:
        """[time, batch, channels] -> [batch, head, time, channels of a head]"""
        time, batch, channels = x.shape
        return self._code(name, x, mask).view(time, batch, self.heads, channels // self.heads).permute(1, 2, 0, 3)

    def _attention(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, memory_mask: Tensor) -> Tensor:
        """[batch, head, queries, width], twice [batch, head, time, width] -> [queries, batch, channels]"""
        batch, heads, queries, width = query.shape
        score = (query @ key.transpose(2, 3)).float() / math.sqrt(width)
        exists = memory_mask.permute(1, 2, 0).unsqueeze(1)  # [batch, 1, 1, time]
        if self.quantizing:
            score = self.codes["score"](score * exists * mask.permute(1, 0, 2).unsqueeze(1))
        share = torch.softmax(score + (1 - exists) * -1e4, dim=-1)
        context = (share.to(value.dtype) @ value).permute(2, 0, 1, 3).reshape(queries, batch, heads * width)
        return self._code("context", context, mask)

    def _feed_forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The second half of a block, its residual included."""
        if self.quantizing:
            x = self.attended(x)
        g = self.norm(x)
        pre = self.up(self.attended_norm_out(g) if self.quantizing else g)
        hidden = self.hidden(F.gelu(self.up_code(pre.float() * mask))) if self.quantizing else F.gelu(pre)
        x = self._add(x, self.down(hidden), mask)
        return self.residual(x) if self.quantizing else x

    def _add(self, x: Tensor, update: Tensor, mask: Tensor) -> Tensor:
        update = update.float()
        if self.training and self.dropout > 0:
            update = update * F.dropout(torch.ones_like(update[:1]), self.dropout)  # one mask for all times of a text
        return (x.float() + update) * mask


class TransformerBlock(AttentionBlock):
    """Pre-norm residual block of multi-head self-attention and a feed-forward layer."""

    def __init__(self, channels: int, pool: int, config: TransformerConfig | FunnelConfig, epsilon: float, dropout: float) -> None:
        codes = ("query", "key", "value", "score", "context")
        super().__init__(channels, config.heads, config.feed_forward, codes, epsilon, dropout, "encoder")
        self.pool = pool
        if pool > 1:
            self.pooled = activation_quantizer()

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x [time, batch, channels], mask [time, batch, 1] -> rows and mask of time ceil(time / pool)."""
        h, memory_mask = self._normed(x), mask
        key, value = self._heads("key", self.key(h), mask), self._heads("value", self.value(h), mask)
        if self.pool > 1:
            x, mask = mean_rows(x.float(), mask, self.pool)
            x = self.pooled(x) if self.quantizing else x
            h = self._normed(x)
        query = self._heads("query", self.query(h), mask)
        context = self._attention(query, key, value, mask, memory_mask)
        return self._feed_forward(self._add(x, self.output(context), mask), mask), mask


def sinusoids(count: int, channels: int) -> Tensor:
    """Positions as they start [count, channels]: one that no text of the training reaches still means something."""
    angle = torch.arange(count)[:, None] / 10_000 ** (torch.arange(channels)[None] // 2 * 2 / channels)
    odd = torch.arange(channels) % 2 * (math.pi / 2)  # a cosine is a sine a quarter ahead
    return POSITION_AMPLITUDE * torch.sin(angle + odd)


class TransformerEncoder(nn.Module):
    """Learned positions and the blocks."""

    def __init__(self, config: TransformerConfig | FunnelConfig, channels: int, max_time: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.position = nn.Parameter(sinusoids(max_time, channels))  # [max_time, channels]
        self.position_quantizer = weight_quantizer(per_channel=False)
        self.positioned = activation_quantizer()
        self.blocks = nn.ModuleList(TransformerBlock(channels, pool, config, epsilon, dropout) for pool in config.pool)
        self.quantizing = False

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x [time, batch, channels], mask [time, batch, 1] -> rows and mask, fewer where a block pools."""
        table = self.position_quantizer(self.position) if self.quantizing else self.position
        x = (x.float() + table[: len(x), None]) * mask
        if self.quantizing:
            x = self.positioned(x)
        for block in self.blocks:
            x, mask = block(x, mask)
        return x, mask
