"""The float network with fake quantizers: ByteSplitter ids to logits, layer by layer as core/src/quant/README.md numbers them.

Tensors before downsampling are batch-major [batch, length, channels]; after it time-major [time, batch, channels], so that the recurrence
walks contiguous memory. Padding is zero everywhere: masked once after the embedding and after each nonlinearity that would lift it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .dense import LayerNorm, QuantizedLinear
from .front_end import ByteEmbeddingConvolution, FrontEndConfig, Gbst
from .qrnn import QrnnConfig, QrnnEncoder
from .quantize import activation_quantizer
from .transformer import FunnelConfig, TransformerConfig, TransformerEncoder
from .words import WordFrontEndConfig, WordProjection

AnyFrontEndConfig = Union[FrontEndConfig, WordFrontEndConfig]
EncoderConfig = Union[QrnnConfig, TransformerConfig, FunnelConfig]


@dataclass(frozen=True)
class NetworkConfig:
    front_end: AnyFrontEndConfig
    encoder: EncoderConfig
    labels: tuple[str, ...] = ()  # none in pre-training
    auxiliary_labels: tuple[str, ...] = ()  # heads that shape the encoder in training and are not exported
    norm_epsilon: float = 1e-5
    dropout: float = 0.1
    normalize: bool = False  # read a text by its letters (normalizer.py)


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

    def __init__(self, front_end: AnyFrontEndConfig, encoder: EncoderConfig, norm_epsilon: float, dropout: float) -> None:
        super().__init__()
        self.front_end = front_end
        if isinstance(front_end, WordFrontEndConfig):
            self.words = WordProjection(front_end)
        else:
            self.conv = ByteEmbeddingConvolution(front_end)
            self.gbst = Gbst(front_end)
        self.encoder: QrnnEncoder | TransformerEncoder
        if isinstance(encoder, QrnnConfig):
            self.encoder = QrnnEncoder(encoder, front_end.channels, norm_epsilon, dropout)
        else:
            self.encoder = TransformerEncoder(encoder, front_end.channels, front_end.max_time, norm_epsilon, dropout)

    def read(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """ids int64 [batch, length], 0 = padding -> what the front end makes of them [time, batch, channels] and their mask [time, batch, 1]."""
        if isinstance(self.front_end, WordFrontEndConfig):
            return self.words(ids)
        mask = (ids != 0).float().unsqueeze(-1)
        return self.gbst(self.conv(ids, mask), mask)

    def encode(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """ids int64 [batch, length], 0 = padding -> rows [time, batch, channels] and their mask [time, batch, 1]."""
        return self.encoder(*self.read(ids))


class ByteClassifier(ByteEncoder):
    """A text in, one logit a label out: encoder, pooling and head."""

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
    """The pre-training task: each row that leaves the encoder predicts the bytes that it stands for, `downsample` times what a Funnel pools, and
    where a word ends in it, the word's vector, if these have `dimensions`."""

    def __init__(self, config: NetworkConfig, dimensions: int = 0) -> None:
        if isinstance(config.front_end, WordFrontEndConfig):
            raise ValueError("a masked byte cannot be predicted from words; pre-training needs a front_end of kind bytes")
        super().__init__(config.front_end, config.encoder, config.norm_epsilon, config.dropout)
        self.config = config
        self.norm = LayerNorm(config.front_end.channels, config.norm_epsilon)
        self.rate = config.front_end.downsample * config.encoder.rate
        self.bytes = nn.Linear(config.front_end.channels, self.rate * 256)
        self.meaning = nn.Linear(config.front_end.channels, dimensions) if dimensions else None

    def forward(self, ids: Tensor, positions: Tensor, words: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """ids [batch, length], positions int64 [n, 2] (text, byte position), words [m, 2] -> logits of the byte there [n, 256], vectors [m, dimensions]."""
        x, _ = self.encode(ids)
        meaning = None if self.meaning is None or words is None else self.meaning(self._rows(x, words)).float()
        return self._bytes(x, positions), meaning

    def _rows(self, x: Tensor, positions: Tensor) -> Tensor:
        """x [time, batch, channels], positions [n, 2] -> [n, channels]"""
        text, position = positions.unbind(1)
        return self.norm(x[position // self.rate, text])

    def _bytes(self, x: Tensor, positions: Tensor) -> Tensor:
        rate, rows = self.rate, self._rows(x, positions)
        weight = self.bytes.weight.view(rate, 256, -1)
        logits = torch.empty(len(rows), 256, device=rows.device)
        for offset in range(rate):
            chosen = positions[:, 1] % rate == offset
            logits[chosen] = F.linear(rows[chosen], weight[offset], self.bytes.bias.view(rate, 256)[offset]).float()
        return logits
