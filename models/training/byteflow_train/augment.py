"""Label-preserving noise: what people do to words so that a filter misses them."""

from __future__ import annotations

import random

LEET = str.maketrans({"a": "4@"[0], "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"})


def _swap(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def _double(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word))
    return word[:i] + word[i] * rng.randint(2, 4) + word[i + 1 :]


def _drop(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word))
    return word[:i] + word[i + 1 :]


def _leet(word: str, rng: random.Random) -> str:
    return word.translate(LEET)


def _star(word: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(word))
    return word[:i] + rng.choice("*.-_") + word[i + 1 :]


def _space(word: str, rng: random.Random) -> str:
    return rng.choice(" .-").join(word)


WORD_NOISE = (_swap, _double, _drop, _leet, _star, _space)


def disturb(text: str, rng: random.Random) -> str:
    """Changes the case of the whole text, or the letters of about one word in eight."""
    if rng.random() < 0.3:
        return rng.choice((text.upper(), text.lower(), text.title(), text.swapcase()))
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) > 2 and rng.random() < 0.125:
            words[i] = rng.choice(WORD_NOISE)(word, rng)
    return " ".join(words)
