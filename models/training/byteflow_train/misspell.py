"""Misspellings as people make them: edits read off pairs of a misspelling and its word, and made in other words.

An edit is what stands between two letters that are right and what people wrote there instead, both letters kept: "^rec" + "ie" + "ve" of
"recieve" for "receive" gives "cei" + "v" -> "cie" + "v". A word is misspelt by one of the edits that fit it, the frequent ones more often.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import accumulate

from .augment import TYPOS
from .bytesplitter import split, utf8
from .denoise import read_paragraphs
from .recipe import Misspelling, Text

BEGIN, END = "\x02", "\x03"  # stand where a word begins and ends, so that edits know these places
LONGEST = 7  # letters of an edit: what is longer is another word rather than a slip


def edits(right: str, wrong: str) -> list[tuple[str, str]]:
    """What was changed, with a letter on both sides; changes that share a letter are one."""
    right, wrong = BEGIN + right + END, BEGIN + wrong + END
    hunks: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, right, wrong, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        i1, i2, j1, j2 = i1 - 1, i2 + 1, j1 - 1, j2 + 1
        if hunks and hunks[-1][1] >= i1:
            i1, _, j1, _ = hunks.pop()
        hunks.append((i1, i2, j1, j2))
    return [(right[i1:i2], wrong[j1:j2]) for i1, i2, j1, j2 in hunks]


WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Misspeller:
    """Misspells words by the edits of these pairs (right, wrong)."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for right, wrong in pairs:
            for before, after in edits(right, wrong):
                if len(before) <= LONGEST and len(after) <= LONGEST:
                    counts[before][after] += 1
        self.edits = {before: (list(afters), list(afters.values())) for before, afters in counts.items()}
        self.weights = {before: sum(afters.values()) for before, afters in counts.items()}

    def __call__(self, word: str, rng: random.Random) -> str:
        marked = BEGIN + word + END
        places = [
            (first, marked[first:last])
            for first in range(len(marked))
            for last in range(first + 2, min(first + LONGEST, len(marked)) + 1)
            if marked[first:last] in self.weights
        ]
        if not places:
            return rng.choice(TYPOS)(word, rng) if len(word) > 2 else word
        ((first, before),) = rng.choices(places, [self.weights[before] for _, before in places])
        ((after),) = rng.choices(*self.edits[before])
        return (marked[:first] + after + marked[first + len(before) :]).strip(BEGIN + END) or word


class MisspeltWords:
    """Draws words and short phrases of the texts and misspells them. Words that stand in them once are as often slips as words, and are left out."""

    def __init__(self, config: Misspelling, texts: tuple[Text, ...], misspeller: Misspeller, longest: int, max_bytes: int) -> None:
        self.config, self.misspeller = config, misspeller
        self.longest, self.max_bytes = longest, max_bytes  # of a text, and of what is read
        counts: Counter[str] = Counter()
        self.paragraphs: list[str] = []
        for text in texts:
            self.paragraphs += read_paragraphs(text)
        for paragraph in self.paragraphs:
            counts.update(WORD.findall(paragraph))
        self.words = [word for word, count in sorted(counts.items()) if count > 1 and len(utf8(word)) <= longest]
        self.cumulative = list(accumulate(counts[word] ** config.flatten for word in self.words))

    def example(self, rng: random.Random) -> tuple[list[int], list[int]]:
        """Ids of what is read and of what is to be written, EOS last in both."""
        rate = self.config.misspell
        if rng.random() < self.config.phrases:
            text, rate = self._phrase(rng), rate / 2
        else:
            (text,) = rng.choices(self.words, cum_weights=self.cumulative)
        if rng.random() < self.config.lower:
            text = text.lower()
        misspelt = " ".join(self._misspelt(word, rate, rng) for word in text.split(" "))
        return split(utf8(misspelt), self.max_bytes), split(utf8(text), self.longest)

    def _phrase(self, rng: random.Random) -> str:
        """Up to three words that follow one another, with what stands about them."""
        words = rng.choice(self.paragraphs).split() or ["a"]
        first = rng.randrange(len(words))
        text = ""
        for word in words[first : first + rng.randint(2, 3)]:
            if len(utf8(longer := f"{text} {word}".lstrip())) > self.longest:
                break
            text = longer
        return text or "a"

    def _misspelt(self, word: str, rate: float, rng: random.Random) -> str:
        if rng.random() < rate:
            word = self.misspeller(word, rng)
            if rng.random() < self.config.again:
                word = self.misspeller(word, rng)
        return word
