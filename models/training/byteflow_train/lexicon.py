"""A set of words as a Bloom filter, by which a generator tells words from what only looks like some (core/src/quant/README.md, "Lexicon")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from .beam_search import Hypothesis, fixed
from .bytesplitter import utf8
from .data import data_path, paragraphs
from .modelfile import ModelFile, TensorData
from .recipe import GeneratorRecipe
from .words import hash_words, split_words

TENSOR = "decoder.lexicon"
HASHES = 6
KEPT = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789") | frozenset(range(128, 256))
PUNCTUATION = bytes(byte for byte in range(256) if byte not in KEPT)


def words_of(text: bytes) -> list[bytes]:
    """In lower case, without the punctuation at both ends; of EOS nothing is left."""
    return [word for word in (word.strip(PUNCTUATION) for word in split_words(text)) if word]


@dataclass(frozen=True)
class Lexicon:
    filter: np.ndarray  # int8 [a power of two]

    def bits(self, word: bytes) -> list[int]:
        low, high = hash_words(word, 2)
        return [(low + i * (high | 1)) % (8 * len(self.filter)) for i in range(HASHES)]

    def add(self, word: bytes) -> None:
        codes = self.filter.view(np.uint8)
        for bit in self.bits(word):
            codes[bit // 8] |= 1 << bit % 8

    def knows(self, text: bytes) -> bool:
        codes = self.filter.view(np.uint8)
        return all(codes[bit // 8] >> bit % 8 & 1 for word in words_of(text) for bit in self.bits(word))


def lexicon_of(words: Iterable[bytes], size: int) -> Lexicon:
    """`size` bytes, a power of two."""
    lexicon = Lexicon(np.zeros(size, np.int8))
    for word in words:
        lexicon.add(word)
    return lexicon


def frequent_words(recipe: GeneratorRecipe) -> list[bytes]:
    """The words that stand often enough in the recipe's texts."""
    assert recipe.lexicon is not None
    counts: Counter[bytes] = Counter()
    for source in recipe.texts:
        for paragraph in paragraphs(data_path(source.file)):
            counts.update(words_of(utf8(paragraph)))
    return sorted(word for word, count in counts.items() if count >= recipe.lexicon.least)


def with_lexicon(model: ModelFile, lexicon: Lexicon, penalty: float) -> ModelFile:
    return replace(model, tensors=model.tensors | {TENSOR: TensorData(lexicon.filter, np.array([penalty], np.float32))})


def weighed(model: ModelFile, found: list[Hypothesis]) -> list[Hypothesis]:
    """What a search has found, in the order that a model with a lexicon gives it."""
    tensor = model.tensors.get(TENSOR)
    if tensor is None:
        return found
    lexicon, penalty = Lexicon(tensor.data), fixed(tensor.scales[0], 20)
    weighed = [h if lexicon.knows(h.text) else replace(h, score=h.score - penalty) for h in found]
    return sorted(weighed, key=lambda h: (not h.complete, -h.score))  # stable
