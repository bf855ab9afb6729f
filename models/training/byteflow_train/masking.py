"""Unlabelled text for pre-training: windows of bytes in which spans are hidden behind MASK (SpanBERT-like span lengths; Joshi et al. 2020)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .bytesplitter import EOS, FIRST_BYTE, MASK, utf8
from .data import data_folder, paragraphs, read_rows
from .recipe import Text, WordMeanings
from .word_targets import WordTargets

MASKED_SHARE = 0.2  # of the bytes of a window
MEAN_SPAN = 6.0  # bytes: an English word and its space; spans are geometric
LONGEST_SPAN = 24
KEPT_SHARE = 0.1  # of the hidden bytes stay as they are, so that rows without a MASK must know their bytes too


@dataclass(frozen=True)
class MaskedBatch:
    ids: np.ndarray  # int64 [rows, length]
    positions: np.ndarray  # int64 [n, 2]: row, position of a hidden byte
    targets: np.ndarray  # int64 [n]: the byte there
    words: np.ndarray | None = None  # int64 [m, 2]: row, position of the last byte of a word, hidden or not
    meanings: np.ndarray | None = None  # float32 [m, dimensions]: the word's vector


def read_corpus(text: Text) -> np.ndarray:
    """All paragraphs as ids in one array, EOS after each."""
    path = data_folder() / text.file
    if ".jsonl" in path.name:
        texts: Iterable[str] = (row.text for row in read_rows(path, text.split))
    else:
        texts = paragraphs(path)
    chunks = []
    for paragraph in texts:
        chunks.append(np.frombuffer(utf8(paragraph), np.uint8).astype(np.uint16) + FIRST_BYTE)
        chunks.append(np.array([EOS], np.uint16))
    return np.concatenate(chunks)


class MaskedTextStream:
    """Batch k depends on the seed and k alone, so that a resumed run sees what an unbroken one would."""

    def __init__(self, texts: tuple[Text, ...], rows: int, length: int, seed: int, words: WordMeanings | None = None) -> None:
        self.corpora = [read_corpus(text) for text in texts]
        self.words = WordTargets(self.corpora, Path(words.vectors), words.vocabulary) if words else None
        weights = np.array([text.weight for text in texts])
        self.shares = weights / weights.sum()
        self.rows, self.length, self.seed = rows, length, seed

    def batch(self, k: int) -> MaskedBatch:
        rng = np.random.default_rng((self.seed, k))
        ids = np.empty((self.rows, self.length), np.int64)
        for row, source in enumerate(rng.choice(len(self.corpora), self.rows, p=self.shares)):
            corpus = self.corpora[source]
            start = rng.integers(len(corpus) - self.length)
            ids[row] = corpus[start : start + self.length]
        hidden = self._spans(rng) & (ids >= FIRST_BYTE)
        positions = np.argwhere(hidden)
        targets = ids[hidden] - FIRST_BYTE
        words = self.words.of(ids) if self.words else ()
        ids[hidden & (rng.random(ids.shape) >= KEPT_SHARE)] = MASK
        return MaskedBatch(ids, positions, targets, *words)

    def _spans(self, rng: np.random.Generator) -> np.ndarray:
        """bool [rows, length]; about MASKED_SHARE of it true."""
        count = round(self.length * MASKED_SHARE / MEAN_SPAN)
        starts = rng.integers(0, self.length, (self.rows, count, 1))
        ends = starts + np.minimum(rng.geometric(1.0 / MEAN_SPAN, (self.rows, count, 1)), LONGEST_SPAN)
        at = np.arange(self.length)
        return ((at >= starts) & (at < ends)).any(1)

    def batches(self, first_step: int) -> Iterator[MaskedBatch]:
        k = first_step
        while True:
            yield self.batch(k)
            k += 1
