"""Texts in which some words are those of other texts. Nobody has labelled them, but a teacher speaks of any text, and so tells word by word what it knows."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator

FLATNESS = 0.5  # words are drawn by this power of their count: by the count itself nearly all would be "the"


class Reworder:
    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in text.split())
        self.words = list(counts)
        self.cumulative = list(itertools.accumulate(count**FLATNESS for count in counts.values()))

    def reworded(self, text: str, share: float, copies: int) -> Iterator[str]:
        """Copies of a text, each with about this share of its words replaced; the same for the same text, whatever came before."""
        for copy in range(copies):
            rng = random.Random(f"{copy}/{text}")
            words = text.split(" ")
            for i in range(len(words)):
                if rng.random() < share:
                    words[i] = rng.choices(self.words, cum_weights=self.cumulative)[0]
            yield " ".join(words)
