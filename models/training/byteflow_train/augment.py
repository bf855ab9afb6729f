"""Label-preserving noise: what people do to words so that a filter misses them, and what haste does to them."""

from __future__ import annotations

import random
from collections.abc import Callable

LEET = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7", "z": "2"}
LOOK_ALIKES = {
    "a": "аα", "c": "сς", "e": "еҽ", "h": "һ", "i": "іι", "j": "ј", "k": "κ", "n": "ո", "o": "оο", "p": "рρ", "s": "ѕ", "u": "υս", "v": "ν", "x": "х", "y": "уү",
}  # Cyrillic, Greek, Armenian
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def swap(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def drop(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word))
    return word[:i] + word[i + 1 :]


def slip(word: str, rng: random.Random) -> str:
    """A finger that hits the key beside."""
    i = rng.randrange(len(word))
    for row in KEYBOARD:
        if (at := row.find(word[i].lower())) >= 0:
            return word[:i] + row[at + 1 if at == 0 or (at + 1 < len(row) and rng.random() < 0.5) else at - 1] + word[i + 1 :]
    return word


def stretch(word: str, rng: random.Random) -> str:
    i = rng.randrange(len(word))
    return word[:i] + word[i] * rng.randint(2, 5) + word[i + 1 :]


def _replace(word: str, rng: random.Random, choices: dict[str, str]) -> str:
    """About two in three of the letters that have a stand-in; at least one of them."""
    places = [i for i, letter in enumerate(word) if letter.lower() in choices]
    sure = rng.choice(places) if places else -1
    return "".join(
        rng.choice(choices[letter.lower()]) if letter.lower() in choices and (i == sure or rng.random() < 0.6) else letter
        for i, letter in enumerate(word)
    )


def leet(word: str, rng: random.Random) -> str:
    return _replace(word, rng, LEET)


def look_alike(word: str, rng: random.Random) -> str:
    """Letters of other scripts that are drawn the same, or the whole word in full-width letters."""
    if rng.random() < 0.2:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
    return _replace(word, rng, LOOK_ALIKES)


def star(word: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(word))
    return word[:i] + rng.choice("*.-_#") + word[i + 1 :]


def insert(word: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(word))
    return word[:i] + rng.choice((".", "-", "*", "_", "'", " ", "\u200b")) + word[i:]


def pull_apart(word: str, rng: random.Random) -> str:
    return rng.choice((" ", " ", ".", "-", "_", "*")).join(word)


TYPOS = (swap, drop, slip, stretch)
WORD_NOISE = (swap, drop, slip, stretch, leet, look_alike, star, insert, pull_apart)


def disturb_words(text: str, rng: random.Random, kinds: tuple[Callable[[str, random.Random], str], ...], rate: float) -> str:
    """Each word of at least three characters is disturbed at this rate."""
    words = text.split(" ")
    for i, word in enumerate(words):
        if len(word) > 2 and rng.random() < rate:
            words[i] = rng.choice(kinds)(word, rng)
    return " ".join(words)


def disturb(text: str, rng: random.Random) -> str:
    """Changes the case of the whole text, one word in eight in any way, or half of the words in one way, as who hides them does."""
    choice = rng.random()
    if choice < 0.2:
        return rng.choice((text.upper(), text.lower(), text.title(), text.swapcase()))
    if choice < 0.6:
        return disturb_words(text, rng, WORD_NOISE, 0.125)
    return disturb_words(text, rng, (rng.choice(WORD_NOISE),), 0.5)
