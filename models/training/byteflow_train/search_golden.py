"""Golden vectors of the search: what the reference finds in models made of random numbers, for the test of the core.

`tests/golden/search.golden` holds lines of words: `log <int32 [256] in hexadecimal>`; `exp <name> <float32 scale> <uint16 [256]>`; then cases,
each `case <model> <options>` with its hypotheses below, best first: `text <complete> <score> <UTF-8 in hexadecimal, - when empty>`. Options:
seed of the model, name of the exp table, spread, EOS bonus, beams, max_length, float32 length penalty, sample, float32 temperature, top_k,
float32 top_p, seed of the samples. Numbers of several bytes are little-endian.

The model's logits after a text are the random numbers of a seed that is a hash of the text: two texts never share them, so a search that
follows the wrong parent is found.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .beam_search import VOCABULARY, Pcg32, SearchOptions, SearchTables, log_table, search
from .bytesplitter import EOS, FIRST_BYTE
from .export import exp_table

SCALES = {"fine": 0.0625, "usual": 0.15, "coarse": 1.3}


class RandomModel:
    """Logits in [-128, 127]: `spread` 0 gives 256 codes, 7 two, so that ties abound, 8 one."""

    def __init__(self, seed: int, spread: int, eos_bonus: int) -> None:
        self.seed, self.spread, self.eos_bonus = seed, spread, eos_bonus
        self.hashes = [seed]

    def __call__(self, parents: list[int], ids: list[int]) -> np.ndarray:
        self.hashes = [(self.hashes[parent] * 1099511628211 + id + 1) % 2**64 for parent, id in zip(parents, ids)]
        return np.array([self._row(hash) for hash in self.hashes], np.int8)

    def _row(self, hash: int) -> list[int]:
        generator = Pcg32(hash, 0)
        row = [((generator.next() >> 24) >> self.spread) - 128 for _ in range(VOCABULARY)]
        row[EOS] = min(row[EOS] + self.eos_bonus, 127)
        return row


def tables(scale: float) -> SearchTables:
    return SearchTables(exp_table(np.float32(scale)), log_table(), np.float32(scale))


def cases() -> list[tuple[int, str, int, int, SearchOptions]]:
    """(seed of the model, scale, spread, EOS bonus, options)"""
    out = [(seed, "usual", 0, bonus, SearchOptions(beams, 12, 0.6)) for beams in (1, 2, 4, 7, 32) for seed, bonus in ((1, 0), (2, 200), (3, 250))]
    out += [(4, scale, 0, 230, SearchOptions(4, length, alpha)) for scale in SCALES for length, alpha in ((1, 0.6), (2, 2.0), (40, 0.0), (40, 1.5))]
    out += [(5, "usual", spread, bonus, SearchOptions(5, 10, 1.0)) for spread in (5, 7, 8) for bonus in (0, 1, 3)]
    for temperature, top_k, top_p in ((1.0, 0, 1.0), (0.3, 0, 1.0), (2.5, 0, 0.7), (1.0, 5, 1.0), (1.0, 40, 0.3), (0.01, 0, 1.0), (100.0, 0, 0.001)):
        for seed in (0, 2**64 - 1):
            out.append((6, "usual", 0, 200, SearchOptions(4, 16, 0.6, True, temperature, top_k, top_p, seed)))
            out.append((7, "fine", 6, 1, SearchOptions(3, 5, 0.0, True, temperature, top_k, top_p, seed)))
    return out


def write_search_golden(path: Path) -> None:
    lines = [f"log {log_table().astype('<i4').tobytes().hex()}"]
    lines += [f"exp {name} {_float(scale)} {tables(scale).exp.astype('<u2').tobytes().hex()}" for name, scale in SCALES.items()]
    for seed, scale, spread, bonus, o in cases():
        numbers = f"{o.beams} {o.max_length} {_float(o.length_penalty)} {int(o.sample)} {_float(o.temperature)} {o.top_k} {_float(o.top_p)} {o.seed}"
        lines.append(f"case {seed} {scale} {spread} {bonus} {numbers}")
        for found in search(RandomModel(seed, spread, bonus), tables(SCALES[scale]), o):
            lines.append(f"text {int(found.complete)} {found.score} {found.text.hex() or '-'}")
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def _float(value: float) -> str:
    return np.float32(value).astype("<f4").tobytes().hex()
