"""Text to ids, by core/src/quant/README.md section 1."""

from __future__ import annotations

from .normalizer import normalized

PADDING, EOS, MASK = 0, 1, 2
FIRST_BYTE = 3


def utf8(text: str) -> bytes:
    """UTF-8 of a text; a lone surrogate becomes U+FFFD, as JavaScript's TextEncoder does."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Joins proper pairs (JSON may spell one as two escapes), then replaces what is left alone.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def prefix(data: bytes, max_bytes: int) -> bytes:
    """The longest prefix of at most `max_bytes` bytes that does not end inside a character."""
    if len(data) <= max_bytes:
        return data
    cut = max_bytes
    while cut > max(max_bytes - 3, 0) and data[cut] & 0xC0 == 0x80:
        cut -= 1
    return data[:cut] if data[cut] & 0xC0 != 0x80 else data[:max_bytes]


def read(data: bytes, max_bytes: int, normalizes: bool) -> bytes:
    """What a network sees of a text: its prefix, or the letters of that."""
    data = prefix(data, max_bytes)
    return normalized(data)[0] if normalizes else data


def split(data: bytes, max_bytes: int, normalizes: bool = False) -> list[int]:
    """Ids of what a network sees of a text, EOS last: never empty."""
    return [byte + FIRST_BYTE for byte in read(data, max_bytes, normalizes)] + [EOS]
