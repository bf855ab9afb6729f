"""Ids to rows: embedding, convolution and GBST (core/src/quant/README.md sections 2 and 3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .dense import QuantizedLinear
from .quantize import activation_quantizer, weight_quantizer

GBST_FORMS = ("softmax", "calibrated", "original")
VOCABULARY = 259  # 256 bytes + padding, EOS, MASK (ByteSplitter)


@dataclass(frozen=True)
class FrontEndConfig:
    max_bytes: int = 1024
    embedding_channels: int = 48
    conv_width: int = 7
    channels: int = 192
    block_widths: tuple[int, ...] = (1, 2, 3, 4)
    downsample: int = 4
    gbst: str = "softmax"  # or "calibrated", "original": see Gbst

    @property
    def max_time(self) -> int:
        """Rows of the longest text and its EOS."""
        return -(-(self.max_bytes + 1) // self.downsample)


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
    """GBST, fused with downsampling (section 3; Charformer, Tay et al., section 2.1), in one of three forms.

    softmax: block widths are weighed by a softmax, a position at a time. calibrated: and then by positions whose softmax is alike (equation 4).
    original: SeqFlowLite's, which weighs by the scores themselves and moves blocks with the length of the text.

    Within a period of lcm(widths, rate) positions every block and every window begins and ends alike, so both are one small matrix per
    period: coefficients [windows, positions] times activations [positions, channels].
    """

    def __init__(self, config: FrontEndConfig) -> None:
        super().__init__()
        if config.gbst not in GBST_FORMS:
            raise ValueError(f"front_end.gbst is {config.gbst}; it must be one of {', '.join(GBST_FORMS)}")
        self.form, self.widths, self.rate = config.gbst, config.block_widths, config.downsample
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

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x [batch, length, channels] with zeros at padding, mask [batch, length, 1] -> [time, batch, channels] and mask [time, batch, 1]."""
        y, rows = self._original(x, mask) if self.form == "original" else (self._mixed(x, mask), mask[:, :: self.rate])
        y, rows = y.transpose(0, 1), rows.transpose(0, 1)
        return (self.out(y.float()) if self.quantizing else y), rows

    def _mixed(self, x: Tensor, mask: Tensor) -> Tensor:
        """[batch, length, channels] -> [batch, time, channels]"""
        batch, length, channels = x.shape
        groups = -(-length // self.period)
        pad = groups * self.period - length
        x = F.pad(x, (0, 0, 0, pad)).view(batch * groups, self.period, channels)
        mask = F.pad(mask, (0, 0, 0, pad)).view(batch * groups, self.period)

        dot = self.score(x)  # [groups, period, widths], bias included once a position
        with torch.autocast(x.device.type, enabled=False):  # few numbers, and their rounding would move every channel
            coefficient = self._coefficients(dot.float() * mask.unsqueeze(-1), mask, batch)
        y = torch.bmm(coefficient.to(x.dtype), x).view(batch, -1, channels)
        return y[:, : -(-length // self.rate)]

    def _coefficients(self, dot: Tensor, mask: Tensor, batch: int) -> Tensor:
        """dot [groups, period, widths], mask [groups, period] -> share of each position in each window [groups, windows, period]."""
        valid = torch.einsum("wtp,gp->gtw", self.member, mask).clamp(min=1.0)  # positions of the block that exist
        score = torch.einsum("wtp,gpw->gtw", self.member, dot) / valid
        if self.quantizing:
            score = self.score_code(score)
        windows = mask.view(mask.shape[0], -1, self.rate)  # [groups, windows, rate]
        share = (windows / windows.sum(-1, keepdim=True).clamp(min=1.0)).view_as(mask)
        soft = torch.softmax(score, dim=-1)
        if self.form == "calibrated":
            soft = self._calibrated(soft.view(batch, -1, len(self.widths)), mask.view(batch, 1, -1)).view_as(soft)
        weight = soft / valid * share.unsqueeze(-1)  # [groups, period, widths]
        spread = torch.einsum("gtw,wtp->gtp", weight, self.member)
        return spread.view(*windows.shape, self.period).sum(2)

    @staticmethod
    def _calibrated(soft: Tensor, mask: Tensor) -> Tensor:
        """softmax(P P^T) P over the positions that exist: P [batch, length, widths], mask [batch, 1, length]."""
        return torch.softmax(soft @ soft.transpose(1, 2) + (1 - mask) * -1e4, dim=-1) @ soft

    def _original(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Means over the widths of score times block, and over windows; a tail shorter than a window is dropped, unless it is the whole text.

        Positions read block t // width, but blocks average the positions that TensorFlow's SAME gives them.
        """
        batch, length, channels = x.shape
        lengths = mask.sum(1).long()  # [batch, 1]
        position = torch.arange(length, device=x.device)[None]  # [1, length]
        dot = self.score(x).float() * mask
        mixed = torch.zeros_like(x, dtype=torch.float32)
        for index, width in enumerate(self.widths):
            shift = -lengths % width // 2
            member = (position + shift) // width  # block that averages a position
            count = length // width + 2

            def mean(values: Tensor) -> Tensor:
                blocks = torch.zeros(batch, count, values.shape[-1], device=x.device)
                blocks = blocks.scatter_add(1, member[..., None].expand_as(values), values.float())
                return blocks.gather(1, (position // width)[..., None].expand_as(values))

            valid = mean(mask).clamp(min=1.0)
            score = mean(dot[..., index : index + 1]) / valid
            score = self.score_code(score * mask) if self.quantizing else score
            mixed = mixed + score * (mean(x) / valid)
        mixed = mixed * mask / len(self.widths)
        pad = -length % self.rate
        windows = F.pad(mixed, (0, 0, 0, pad)).view(batch, -1, self.rate, channels)
        in_window = F.pad(mask, (0, 0, 0, pad)).view(batch, -1, self.rate).sum(2).clamp(min=1.0)
        time = (lengths // self.rate).clamp(min=1)  # [batch, 1]
        rows = (torch.arange(windows.shape[1], device=x.device)[None] < time).float().unsqueeze(-1)
        return windows.sum(2) / in_window.unsqueeze(-1) * rows, rows
