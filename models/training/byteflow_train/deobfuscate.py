"""The way back from obfuscated spelling, for models that count words: f u c k, sh1t, s.t.u.p.i.d, ｉｄｉｏｔ, іdіоt, looooser."""

from __future__ import annotations

import re
import unicodedata

# Cyrillic and Greek letters that are drawn like a Latin one, and the symbols that stand for letters.
LOOK_ALIKES = str.maketrans("аеорсухіјѕһԁԛԝɡҽүոսςαεικνορτυχ", "aeopcyxijshdqwgeynucaeikvoptux")
SYMBOLS = str.maketrans("012345789@$!|", "oizeastbgasii")

# Single letters pulled apart by one and the same separator: at least three of them.
_PULLED_APART = re.compile(r"(?<![^\W_])[^\W_](?:([ ._*-])[^\W_])(?:\1[^\W_])+(?![^\W_])")
_MIXED = re.compile(r"\S*[a-z]\S*")
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)


def _letters(word: re.Match[str]) -> str:
    """A word with its digits and symbols read as letters; punctuation at its end stays."""
    stem = word[0].rstrip("!|.,;:?")
    return stem.translate(SYMBOLS) + word[0][len(stem) :]


def deobfuscated(text: str) -> str:
    """Lower case, Latin letters, no letter more than twice in a row, no gaps between letters."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    plain = plain.lower().translate(LOOK_ALIKES)
    plain = _PULLED_APART.sub(lambda match: match[0].replace(match[1], ""), plain)
    return _REPEATED.sub(r"\1\1", _MIXED.sub(_letters, plain))
