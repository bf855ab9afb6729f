"""Text to words and words to ternary features, and the layer that reads them (core/src/quant/README.md section 9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .bytesplitter import FIRST_BYTE
from .dense import QuantizedLinear
from .quantize import activation_quantizer

MASK_64 = 2**64 - 1
MULTIPLIER, HIGH_MULTIPLIER = 0xC6A4A7935BD1E995, 0x9E3779B97F4A7835
EOS_WORD = b"<EOS>"  # no text has it: a text's words are in lower case
TERNARY = np.array([0, 1, -1, 0], np.int8)


def split_words(data: bytes) -> list[bytes]:
    """The words of a text in lower case, then EOS: never empty. Python's bytes know ASCII's white space and letters only."""
    return [*data.lower().split(), EOS_WORD]


def word_ends(data: bytes) -> list[int]:
    """Where in the text each word ends, EOS at its end."""
    return [*(match.end() for match in re.finditer(rb"[^\t-\r ]+", data)), len(data)]


def _mix(x: int) -> int:
    return x ^ (x >> 47)


def hash_words(word: bytes, count: int) -> list[int]:
    """`count` 64-bit hashes of a word."""
    low, high = len(word) * MULTIPLIER & MASK_64, 0
    whole = len(word) // 8 * 8
    for at in range(0, whole, 8):
        data = int.from_bytes(word[at : at + 8], "little")
        low = (low ^ (_mix(data * MULTIPLIER & MASK_64) * MULTIPLIER & MASK_64)) * MULTIPLIER & MASK_64
        high ^= low
    if whole < len(word):
        low = (low ^ int.from_bytes(word[whole:], "little")) * MULTIPLIER & MASK_64
        high ^= low
    low = _mix(low) * MULTIPLIER & MASK_64
    high = _mix((high ^ low) * HIGH_MULTIPLIER & MASK_64) * HIGH_MULTIPLIER & MASK_64
    low = _mix(low)
    hashes = [low, high]
    while len(hashes) < count:
        mixed = _mix(low) * MULTIPLIER & MASK_64
        low, high = _mix((high ^ mixed) * HIGH_MULTIPLIER & MASK_64) * HIGH_MULTIPLIER & MASK_64, _mix(mixed)
        hashes += [low, high]
    return hashes[:count]


@lru_cache(maxsize=1 << 17)
def ternary_features(word: bytes, features: int) -> np.ndarray:
    """int8 [features], each 0, +1 or -1: two bits of the hash, from the low end."""
    hashes = np.array(hash_words(word, -(-features // 32)), np.uint64)
    bits = (hashes[:, None] >> np.arange(0, 64, 2, dtype=np.uint64)) & np.uint64(3)
    return TERNARY[bits.reshape(-1)[:features].astype(np.int64)]


@dataclass(frozen=True)
class WordFrontEndConfig:
    max_bytes: int = 1024
    features: int = 512
    channels: int = 192

    @property
    def max_time(self) -> int:
        """Rows of the text with the most words, and its EOS: each word but the last is followed by white space."""
        return -(-self.max_bytes // 2) + 1


class WordProjection(nn.Module):
    """Ternary features, a dense layer and GELU."""

    def __init__(self, config: WordFrontEndConfig) -> None:
        super().__init__()
        self.features = config.features
        self.dense = QuantizedLinear(config.features, config.channels)
        self.pre = activation_quantizer()
        self.out = activation_quantizer()
        self.quantizing = False

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """ids int64 [batch, length] of bytes -> rows [words, batch, channels] and their mask [words, batch, 1]."""
        texts = [split_words((row[row >= FIRST_BYTE] - FIRST_BYTE).astype(np.uint8).tobytes()) for row in ids.cpu().numpy()]
        features = np.zeros((max(map(len, texts)), len(texts), self.features), np.float32)
        mask = np.zeros((*features.shape[:2], 1), np.float32)
        for i, words in enumerate(texts):
            features[: len(words), i] = [ternary_features(word, self.features) for word in words]
            mask[: len(words), i] = 1.0
        return self.project(torch.from_numpy(features).to(ids.device), torch.from_numpy(mask).to(ids.device))

    def project(self, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        x = self.dense(features).float()
        if not self.quantizing:
            return F.gelu(x) * mask, mask
        return self.out(F.gelu(self.pre(x * mask))) * mask, mask
