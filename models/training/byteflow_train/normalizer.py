"""A text by its letters, by core/src/quant/README.md section 1: without what hides words from a filter but not from a reader."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

STAND_INS = Path(__file__).resolve().parents[3] / "core/src/text/stand_ins.inc"
WORD = re.compile("[^\t-\r ]+")
ASCII_LETTER = re.compile("[A-Za-z]")
PULLED_APART = re.compile(rb"(?<![0-9A-Za-z\x80-\xff])[0-9A-Za-z]([ ._*-])[0-9A-Za-z](?:\1[0-9A-Za-z])*(?![0-9A-Za-z\x80-\xff])")
FEWEST = 3  # letters that are joined


@lru_cache(maxsize=None)
def stand_ins() -> tuple[dict[str, str], dict[str, str]]:
    """The variants of letters, and the look-alikes from other scripts; "" stands for nothing."""
    variants: dict[str, str] = {}
    look_alikes: dict[str, str] = {}
    for run in (int(code, 16) for code in re.findall("0x[0-9a-f]{8}", STAND_INS.read_text(encoding="ascii"))):
        for i in range((run >> 7 & 0x1F) + 1):
            (look_alikes if run >> 12 & 1 else variants)[chr((run >> 13) + i)] = chr((run & 0x7F) + i) if run & 0x7F else ""
    return variants, look_alikes


def _letters(text: bytes) -> tuple[bytes, list[int]]:
    """Stand-ins replaced: the bytes, and where in the text the character of each ends."""
    if text.isascii():
        return text, list(range(1, len(text) + 1))
    variants, look_alikes = stand_ins()
    characters = text.decode("utf-8", "surrogateescape")  # a byte that is no UTF-8 is a character by itself
    disguised = set()
    for word in WORD.finditer(characters):
        if ASCII_LETTER.search(word[0]) or all(c < "\x80" or c in variants or c in look_alikes for c in word[0]):
            disguised.update(range(*word.span()))
    out, ends, end = bytearray(), [], 0
    for i, c in enumerate(characters):
        own = c.encode("utf-8", "surrogateescape")
        end += len(own)
        letter = variants.get(c, look_alikes.get(c) if i in disguised else None)
        read = own if letter is None else letter.encode("ascii")
        out += read
        ends += [end] * len(read)
    return bytes(out), ends


def normalized(text: bytes) -> tuple[bytes, list[int]]:
    """The letters of a text, and where in it each ends."""
    letters, ends = _letters(text)
    kept = bytearray(b"\1" * len(letters))
    for match in PULLED_APART.finditer(letters):
        if len(ASCII_LETTER.findall(match[0].decode("ascii"))) >= FEWEST:
            kept[match.start() + 1 : match.end() : 2] = bytes(len(match[0]) // 2)
    if 0 not in kept:
        return letters, ends
    return bytes(b for b, keep in zip(letters, kept) if keep), [end for end, keep in zip(ends, kept) if keep]
