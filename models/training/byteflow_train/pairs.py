"""Texts and what they are to become: NDJSON `{"split", "source", "targets": [...]}`, and the stream of batches that a generator learns from."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .augment import TYPOS, disturb_words
from .bytesplitter import PADDING, split, utf8
from .data import BATCHES_PER_POOL, DataError, PooledStream, bucketed, data_folder, endless, open_text
from .denoise import Denoiser
from .misspell import Misspeller, MisspeltWords
from .recipe import GeneratorRecipe


@dataclass(frozen=True)
class Pair:
    source: str
    targets: tuple[str, ...]  # each as good as the others


@dataclass(frozen=True)
class PairBatch:
    sources: np.ndarray  # int64 [rows, longest source], EOS last, 0 = padding
    targets: np.ndarray  # int64 [rows, longest target], likewise


def read_pairs(path: Path, wanted_split: str) -> list[Pair]:
    """The pairs of one split. Raises DataError when the file is missing or malformed or the split is empty."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; set BYTEFLOW_DATA to the folder that holds the data")
    pairs = []
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                if row.get("split", "") == wanted_split:
                    pairs.append(Pair(row["source"], tuple(row["targets"])))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path}, line {number}: not an object with a source and targets: {error}") from error
    if not pairs:
        raise DataError(f"{path}: no pairs in split {wanted_split}")
    return pairs


def dropped_words(pairs: list[Pair]) -> list[str]:
    """Words that most targets of the sources which have them leave out, as often as they are left out."""
    seen: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for pair in pairs:
        kept = [set(target.split()) for target in pair.targets]
        for word in set(pair.source.split()):
            seen[word] += len(kept)
            dropped[word] += sum(word not in target for target in kept)
    return [word for word, count in sorted(dropped.items()) if count >= 5 and count > 0.8 * seen[word] for _ in range(count)]


def padded(rows: list[list[int]]) -> np.ndarray:
    out = np.full((len(rows), max(len(row) for row in rows)), PADDING, np.int64)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


class PairStream(PooledStream[PairBatch]):
    """Pairs of a recipe's files, and disturbed texts to set right."""

    def __init__(self, recipe: GeneratorRecipe) -> None:
        self.network, self.seed, self.noise = recipe.network, recipe.training.seed, recipe.training.noise
        files = [(source, read_pairs(data_folder() / source.file, source.split)) for source in recipe.pairs]
        self.pairs = [(source, self._fitting(pairs, source.file)) for source, pairs in files]
        every = [pair for _, pairs in files for pair in pairs]
        longest_source = self.network.front_end.max_bytes
        longest = min(longest_source, self.network.decoder.max_length - 1, recipe.training.max_bytes)
        self.noises: list[tuple[int, Denoiser | MisspeltWords]] = []  # rows of a batch, and where they come from
        if recipe.denoising:
            noise = Denoiser(recipe.denoising, recipe.texts, dropped_words(every), longest, longest_source)
            self.noises.append((recipe.denoising.rows_per_batch, noise))
        if recipe.misspelling:
            misspeller = Misspeller((target, pair.source) for pair in every for target in pair.targets)
            words = MisspeltWords(recipe.misspelling, recipe.texts, misspeller, longest, longest_source)
            self.noises.append((recipe.misspelling.rows_per_batch, words))

    def _fitting(self, pairs: list[Pair], file: str) -> list[Pair]:
        """Those whose texts are read and written to the end; a cut target would teach to stop in the middle."""
        longest_source, longest = self.network.front_end.max_bytes, self.network.decoder.max_length - 1
        out = []
        for pair in pairs:
            targets = tuple(target for target in pair.targets if len(utf8(target)) <= longest)
            if targets and len(utf8(pair.source)) <= longest_source:
                out.append(Pair(pair.source, targets))
        if not out:
            raise DataError(f"{file}: no pair fits front_end.max_bytes {longest_source} and decoder.max_length {longest + 1}")
        return out

    def pool(self, k: int) -> list[PairBatch]:
        rng = random.Random(f"{self.seed}/{k}")
        network = self.network
        examples: list[tuple[list[int], list[int]]] = []
        for salt, (source, pairs) in enumerate(self.pairs):
            count = source.rows_per_batch * BATCHES_PER_POOL
            for pair in endless(pairs, k * count, count, (self.seed, salt)):
                text = disturb_words(pair.source, rng, TYPOS, 0.125) if rng.random() < self.noise else pair.source
                ids = split(utf8(text), network.front_end.max_bytes)
                examples.append((ids, split(utf8(rng.choice(pair.targets)), network.decoder.max_length - 1)))
        for rows, noise in self.noises:
            examples += [noise.example(rng) for _ in range(rows * BATCHES_PER_POOL)]
        batches = bucketed(examples, lambda example: len(example[0]) + len(example[1]), rng)
        return [PairBatch(*(padded(list(column)) for column in zip(*batch))) for batch in batches]
