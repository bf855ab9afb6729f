"""A text in, a text out: encoder and decoder."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from .bytesplitter import PADDING
from .matt import DecoderConfig, MattDecoder, Memory
from .network import AnyFrontEndConfig, ByteEncoder, EncoderConfig


@dataclass(frozen=True)
class GeneratorConfig:
    front_end: AnyFrontEndConfig
    encoder: EncoderConfig
    decoder: DecoderConfig
    norm_epsilon: float = 1e-5
    dropout: float = 0.1


class ByteGenerator(ByteEncoder):
    """Writes a text for a text, one byte after the other."""

    def __init__(self, config: GeneratorConfig) -> None:
        front_end, epsilon, dropout = config.front_end, config.norm_epsilon, config.dropout
        super().__init__(front_end, config.encoder, epsilon, dropout)
        self.config = config
        self.decoder = MattDecoder(config.decoder, front_end.channels, front_end.max_time, epsilon, dropout)

    def remember(self, sources: Tensor) -> Memory:
        """sources int64 [batch, length], 0 = padding."""
        return self.decoder.remember(*self.encode(sources))

    def forward(self, sources: Tensor, targets: Tensor) -> Tensor:
        """sources [batch, length] and targets [batch, time] that end with EOS, 0 = padding -> logits of the targets [time, batch, 259]."""
        fed = F.pad(targets, (1, -1), value=PADDING)  # a step is fed what the one before should have written
        mask = (targets != PADDING).float().t().unsqueeze(-1)
        past = self.decoder.begin(len(targets), targets.device)
        logits, _ = self.decoder(fed, mask, self.remember(sources), past)
        return logits


def generator_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of the ids, in nats; logits [time, batch, 259], targets [batch, time]."""
    return F.cross_entropy(logits.flatten(0, 1), targets.t().flatten(), ignore_index=PADDING)
