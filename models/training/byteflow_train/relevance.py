"""From what each row has added to a logit to what each word has (core/src/quant/README.md section 10)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .front_end import GBST_FORMS
from .modelfile import ByteFrontEnd, Funnel, ModelFile
from .normalizer import normalized
from .words import word_ends

SPACE = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # Unicode's property White_Space
ALONE = "\u2e80-\u2fff\u3001-\u312f\u3190-\ua4cf\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
SEGMENT = re.compile(f"[{ALONE}]|[^{SPACE}{ALONE}]+")


def segments(text: bytes) -> list[tuple[int, int]]:
    """Bytes [begin, end) of the words that a reader sees: whole characters between white space, Han and kana one by one."""
    characters = text.decode("utf-8", "surrogateescape")  # a byte that is no UTF-8 is a character by itself
    ends = [0]
    for character in characters:
        ends.append(ends[-1] + len(character.encode("utf-8", "surrogateescape")))
    return [(ends[match.start()], ends[match.end()]) for match in SEGMENT.finditer(characters)]


def row_ends(model: ModelFile, text: bytes) -> list[int]:
    """Where the part of the text ends that each row of pooling stands for."""
    front, encoder = model.front_end, model.encoder
    whole = len(text)
    text, letter_ends = normalized(text) if model.normalizes else (text, range(1, whole + 1))
    if isinstance(front, ByteFrontEnd):
        ends = [min(start + front.downsample, len(text)) for start in range(0, len(text) + 1, front.downsample)]
        if GBST_FORMS[front.gbst] == "original":  # has no row for the tail; the last one has it too
            ends = [*ends[: max((len(text) + 1) // front.downsample, 1) - 1], len(text)]
    else:
        ends = word_ends(text)
    ends = [whole if end == len(text) else letter_ends[end - 1] for end in ends]
    for pool in encoder.pool if isinstance(encoder, Funnel) else ():
        ends = [ends[min(start + pool, len(ends)) - 1] for start in range(0, len(ends), pool)]
    return ends


def share_out(relevance: Sequence[int], ends: Sequence[int], words: Sequence[tuple[int, int]]) -> tuple[list[int], int]:
    """Each row among the words it overlaps, by bytes; the second value is the sum of the rows that overlap none."""
    parts = list(zip([0, *ends[:-1]], ends))
    shares, rest = [0] * len(words), 0
    for (begin, end), value in zip(parts, map(int, relevance)):
        overlaps = [max(min(end, last) - max(begin, first), 0) for first, last in words]
        total = sum(overlaps)
        if total == 0:
            rest += value
            continue
        for i, overlap in enumerate(overlaps):
            shares[i] += abs(value) * overlap // total * (1 if value >= 0 else -1)  # rounds towards zero
    return shares, rest
