"""More channels for a network that has learnt with fewer: some are doubled, and what read one reads its two copies in shares (Net2WiderNet, Chen et al. 2016).

The shares are drawn by lot, so that the copies learn apart. A LayerNorm counts a doubled channel twice, so the wider network only comes near the narrower.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .network import ByteEncoder
from .words import WordFrontEndConfig

# How far the first copy's share of a weight lies from a half: enough that the copies differ, and few signs turn.
SPREAD = 0.2


def doubled(channels: int, wider: int) -> Tensor:
    """int64 [wider]: of which channel each is a copy; the first are the channels themselves. Raises ValueError where more than two would be of one."""
    if not channels <= wider <= 2 * channels:
        raise ValueError(f"{channels} channels can be widened to {channels} up to {2 * channels}, not to {wider}")
    return torch.cat([torch.arange(channels), torch.randperm(channels)[: wider - channels]])


def shared_out(weight: Tensor, origin: Tensor) -> Tensor:
    """What reads channels [..., channels] -> what reads their copies [..., wider], as much of each in sum."""
    channels, share = weight.shape[-1], torch.ones(*weight.shape[:-1], len(origin))
    copies = torch.arange(channels, len(origin))
    share[..., copies] = 0.5 + SPREAD * torch.randn(*weight.shape[:-1], len(copies))
    share[..., origin[copies]] = 1 - share[..., copies]
    return weight[..., origin] * share


@torch.no_grad()
def widen(old: ByteEncoder, new: ByteEncoder) -> None:
    """Fills front end and QRNN of `new`, which differs from `old` in channels alone.

    Raises ValueError where it has fewer, more than twice as many, or reads words.
    """
    if isinstance(old.front_end, WordFrontEndConfig):
        raise ValueError("a front end of kind words cannot be widened, only one of kind bytes")
    channels = old.front_end.channels
    origin = doubled(channels, new.front_end.channels)
    new.conv.embedding.copy_(old.conv.embedding)
    for its, own in ((old.conv.conv, new.conv.conv), *((a.projection, b.projection) for a, b in zip(old.encoder, new.encoder))):  # what makes channels
        own.weight.copy_(its.weight[origin])
        own.bias.copy_(its.bias[origin])
    for its, own in ((old.gbst.score, new.gbst.score), *((a.gates, b.gates) for a, b in zip(old.encoder, new.encoder))):  # what reads them
        own.weight.copy_(shared_out(its.weight.view(len(its.weight), -1, channels), origin).flatten(1))
        own.bias.copy_(its.bias)
