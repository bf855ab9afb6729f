"""The decoder: a Transformer with merged attention (core/src/quant/README.md section 11; Zhang, Titov and Sennrich 2019).

Instead of attending to what was written so far, a block takes the mean of it: a running sum is all that a step needs of the past. Tensors are
time-major [time, batch, channels], as the encoder's rows are.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .bytesplitter import PADDING
from .dense import LayerNorm, QuantizedLinear
from .front_end import VOCABULARY
from .quantize import activation_quantizer, weight_quantizer
from .transformer import AttentionBlock, sinusoids


@dataclass(frozen=True)
class DecoderConfig:
    max_length: int = 256  # ids of the longest text that is written, EOS among them
    embedding_channels: int = 48
    window: int = 6  # ids that a step sees as they are; what lies further back it knows by the running sums
    blocks: int = 3
    heads: int = 6
    feed_forward: int = 384


@dataclass(frozen=True)
class Memory:
    """What the decoder keeps of a batch of inputs."""

    keys: list[Tensor]  # one a block: [batch, head, time, channels of a head]
    values: list[Tensor]
    mask: Tensor  # [time, batch, 1]

    def repeated(self, times: int) -> Memory:
        """Each input `times` over."""
        keys, values = ([x.repeat_interleave(times, 0) for x in tensors] for tensors in (self.keys, self.values))
        return Memory(keys, values, self.mask.repeat_interleave(times, 1))


@dataclass(frozen=True)
class Past:
    """All that a step knows of the steps before it."""

    length: int
    ids: Tensor  # int64 [batch, window - 1]
    sums: list[Tensor]  # one a block: [batch, channels]

    def follow(self, parents: Tensor) -> Past:
        """Row i goes on from row parents[i]."""
        return Past(self.length, self.ids[parents], [x[parents] for x in self.sums])


class MattBlock(AttentionBlock):
    """Pre-norm residual block: the mean of the rows so far is added to cross-attention, then a feed-forward layer."""

    def __init__(self, channels: int, config: DecoderConfig, epsilon: float, dropout: float) -> None:
        codes = ("query", "key", "value", "score", "context", "running", "merged")
        super().__init__(channels, config.heads, config.feed_forward, codes, epsilon, dropout, "decoder")
        self.running = QuantizedLinear(channels, channels)

    def remember(self, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Normed rows of the input [time, batch, channels] -> keys and values [batch, head, time, channels of a head]."""
        return self._heads("key", self.key(memory), mask), self._heads("value", self.value(memory), mask)

    def forward(self, x: Tensor, mask: Tensor, key: Tensor, value: Tensor, memory_mask: Tensor, total: Tensor, length: int) -> tuple[Tensor, Tensor]:
        """x [time, batch, channels] after `length` rows whose sum is `total` [batch, channels] -> the same shapes."""
        h = self._normed(x)
        context = self._attention(self._heads("query", self.query(h), mask), key, value, mask, memory_mask)
        sums = total + self._code("running", self.running(h), mask).float().cumsum(0)
        counts = torch.arange(length + 1, length + 1 + len(x), device=x.device).view(-1, 1, 1)
        merged = self._code("merged", context.float() + sums / counts, mask)
        return self._feed_forward(self._add(x, self.output(merged), mask), mask), sums[-1]


class MattDecoder(nn.Module):
    """The last ids and their position, the blocks, and logits of the next id."""

    def __init__(self, config: DecoderConfig, channels: int, max_time: int, epsilon: float, dropout: float) -> None:
        super().__init__()
        self.config = config
        self.source_position = nn.Parameter(sinusoids(max_time, channels))  # [max_time, channels]
        self.source_position_quantizer = weight_quantizer(per_channel=False)
        self.source = activation_quantizer()
        self.source_norm_out = activation_quantizer()
        self.embedding = nn.Parameter(torch.randn(VOCABULARY, config.embedding_channels))  # [259, embedding channels]
        self.embedding_quantizer = weight_quantizer(per_channel=False)
        self.conv = QuantizedLinear(config.window * config.embedding_channels, channels)
        self.position = nn.Parameter(sinusoids(config.max_length, channels))  # [max_length, channels]
        self.position_quantizer = weight_quantizer(per_channel=False)
        self.embedded = activation_quantizer()
        self.blocks = nn.ModuleList(MattBlock(channels, config, epsilon, dropout) for _ in range(config.blocks))
        self.norm = LayerNorm(channels, epsilon)
        self.norm_out = activation_quantizer()
        self.output = QuantizedLinear(channels, VOCABULARY)
        self.logits = activation_quantizer()
        self.quantizing = False

    def remember(self, rows: Tensor, mask: Tensor) -> Memory:
        """What the encoder made of the input, rows [time, batch, channels] and mask [time, batch, 1]: once for all steps."""
        table = self.source_position_quantizer(self.source_position) if self.quantizing else self.source_position
        x = (rows.float() + table[: len(rows), None]) * mask
        h = self.norm(self.source(x) if self.quantizing else x)
        h = self.source_norm_out(h) if self.quantizing else h
        pairs = [block.remember(h, mask) for block in self.blocks]
        return Memory([key for key, _ in pairs], [value for _, value in pairs], mask)

    def begin(self, batch: int, device: torch.device) -> Past:
        ids = torch.full((batch, self.config.window - 1), PADDING, device=device)
        zeros = torch.zeros(batch, self.position.shape[1], device=device)
        return Past(0, ids, [zeros] * len(self.blocks))

    def forward(self, ids: Tensor, mask: Tensor, memory: Memory, past: Past) -> tuple[Tensor, Past]:
        """ids int64 [batch, time] go on from the past, mask [time, batch, 1] -> logits [time, batch, 259] of what follows each, and the new past."""
        x = self._embed(torch.cat([past.ids, ids], 1), past.length, mask)
        sums = []
        for block, key, value, total in zip(self.blocks, memory.keys, memory.values, past.sums):
            x, total = block(x, mask, key, value, memory.mask, total, past.length)
            sums.append(total)
        y = self.norm(x)
        logits = self.output(self.norm_out(y) if self.quantizing else y).float()
        if self.quantizing:
            logits = self.logits(logits * mask)
        kept = torch.cat([past.ids, ids], 1)[:, ids.shape[1] :]
        return logits, Past(past.length + ids.shape[1], kept, sums)

    def _embed(self, ids: Tensor, first: int, mask: Tensor) -> Tensor:
        """ids [batch, window - 1 + time] -> [time, batch, channels]"""
        table = self.embedding_quantizer(self.embedding) if self.quantizing else self.embedding
        rows = F.embedding(ids, table).transpose(0, 1)  # padding has a row as well: it stands before the text
        time = len(mask)
        windows = torch.cat([rows[k : k + time] for k in range(self.config.window)], dim=-1)
        position = self.position_quantizer(self.position) if self.quantizing else self.position
        x = (self.conv(windows).float() + position[first : first + time, None]) * mask
        return self.embedded(x) if self.quantizing else x
