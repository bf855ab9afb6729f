"""Texts that were disturbed, to be set right: the pre-training of a generator, from unlabelled text alone.

What is hidden teaches to fill in, what is misspelt to spell, and words that do not belong there (put in, or put in the place of another) teach to
leave out and to replace. Everything else is to be copied.
"""

from __future__ import annotations

import random
import re
from itertools import groupby

from .augment import TYPOS
from .bytesplitter import EOS, FIRST_BYTE, MASK, split, utf8
from .data import data_folder, paragraphs, pieces, read_rows
from .recipe import Denoising, Text

SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
HIDDEN = None  # a word behind MASK


def read_paragraphs(text: Text) -> list[str]:
    path = data_folder() / text.file
    if ".jsonl" in path.name:
        return [row.text for row in read_rows(path, text.split)]
    return [paragraph for paragraph in paragraphs(path) if paragraph.strip()]


class Denoiser:
    """Draws a text and disturbs it; `intruders` are words that are to be left out wherever they stand."""

    def __init__(self, config: Denoising, texts: tuple[Text, ...], intruders: list[str], longest: int, max_bytes: int) -> None:
        self.config, self.intruders = config, intruders
        self.longest, self.max_bytes = longest, max_bytes  # of a text, and of what the noise makes of it
        self.corpora = [read_paragraphs(text) for text in texts]
        self.weights = [text.weight for text in texts]

    def example(self, rng: random.Random) -> tuple[list[int], list[int]]:
        """Ids of what is read and of what is to be written, EOS last in both."""
        text = self._text(rng)
        if rng.random() < self.config.lower:
            text = text.lower()
        words = self._disturbed(text.split(" "), rng)
        return self._ids(words), split(utf8(text), self.longest)

    def _text(self, rng: random.Random) -> str:
        (corpus,) = rng.choices(self.corpora, self.weights)
        paragraph = rng.choice(corpus)
        sentences = SENTENCE_END.split(paragraph)
        first = rng.randrange(len(sentences))
        text = rng.choice(list(pieces(sentences[first], self.longest)) or [""])
        for sentence in sentences[first + 1 :]:
            if text != sentences[first] or len(utf8(text)) + 1 + len(utf8(sentence)) > self.longest or rng.random() < 0.5:
                break
            text = f"{text} {sentence}"
        return text

    def _word(self, rng: random.Random) -> str:
        """One that does not belong there."""
        if self.intruders and rng.random() < self.config.intruders:
            return rng.choice(self.intruders)
        (corpus,) = rng.choices(self.corpora, self.weights)
        return rng.choice(rng.choice(corpus).split(" "))

    def _disturbed(self, words: list[str], rng: random.Random) -> list[str | None]:
        c = self.config
        strength = 2.0 * rng.random()  # some texts are left almost alone, some are hard to read
        rates = [strength * rate for rate in (c.insert, c.replace, c.hide, c.drop, c.misspell)]
        weights = [*rates, max(0.0, 1.0 - sum(rates))]
        out: list[str | None] = []
        for word in words:
            (kind,) = rng.choices(("insert", "replace", "hide", "drop", "misspell", "keep"), weights)
            if kind in ("insert", "replace"):
                out.append(self._word(rng))
            if kind == "hide":
                out.append(HIDDEN)
            elif kind == "misspell" and len(word) > 2:
                out.append(rng.choice(TYPOS)(word, rng))
            elif kind in ("insert", "misspell", "keep"):
                out.append(word)
        return out

    def _ids(self, words: list[str | None]) -> list[int]:
        """Neighbours that are hidden share one MASK, so that their number is not told."""
        ids: list[int] = []
        for hidden, group in groupby(words, key=lambda word: word is HIDDEN):
            if ids:
                ids.append(ord(" ") + FIRST_BYTE)
            ids += [MASK] if hidden else [byte + FIRST_BYTE for byte in utf8(" ".join(word or "" for word in group))]
        return ids[: self.max_bytes] + [EOS]
