"""What the words of a text mean, as a second target of pre-training: the row in which a word ends says its vector (word_vectors.py).

A masked byte asks mostly how words are spelt. A vector asks what stands around a word elsewhere, in all of the unlabelled text at once, which a small
network would need far more steps to find out byte by byte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .bytesplitter import FIRST_BYTE
from .word_vectors import vectors_of

WORD = re.compile(rb"[a-z0-9]+(?:'[a-z0-9]+)*")  # of word_vectors.py's words those in ASCII
SHORTEST = 3  # letters: of two shorter ones both may end in one row
RAREST = 3  # times that a word stands in all texts: rarer ones are mostly slips


def _text(ids: np.ndarray) -> bytes:
    """Ids of bytes and of EOS, as lower-case text of the same length, in which EOS is NUL."""
    return np.maximum(ids.astype(np.int64) - FIRST_BYTE, 0).astype(np.uint8).tobytes().lower()


class WordTargets:
    def __init__(self, corpora: Sequence[np.ndarray], vectors: Path, vocabulary: int) -> None:
        """The words of the corpora, which are ids, as far as they are among the `vocabulary` most frequent; raises WordVectorError as vectors_of does."""
        counts = Counter(word for corpus in corpora for word in WORD.findall(_text(corpus)) if len(word) >= SHORTEST)
        words = [word for word, count in counts.most_common(vocabulary) if count >= RAREST]
        self._index = {word: i for i, word in enumerate(words)}
        every = vectors_of([word.decode("ascii") for word in words], vectors)
        self.vectors = every - every.mean(0)  # float32 [words, dimensions]; what all have in common says nothing of one

    def of(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ids int64 [rows, length], nothing masked -> int64 [n, 2] row and position of the last byte of a word, float32 [n, dimensions] its vector.

        Words that touch the edge of a row may be parts of words, so they are left out.
        """
        found = []
        for row, text in enumerate(_text(window) for window in ids):
            for word in WORD.finditer(text):
                if word.start() > 0 and word.end() < len(text) and (index := self._index.get(word.group())) is not None:
                    found.append((row, word.end() - 1, index))
        rows, positions, indices = np.array(found, np.int64).reshape(-1, 3).T
        return np.stack([rows, positions], 1), self.vectors[indices]
