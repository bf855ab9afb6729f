"""Beam search and sampling over bytes, exactly as the core must (core/src/quant/README.md, "Beam search").

Written for clarity, not speed: whole texts instead of steps back, every candidate in one sorted list, Python's integers.
"""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .bytesplitter import EOS, FIRST_BYTE, PADDING

VOCABULARY = 259
LN2 = 726817  # round(2^20 ln 2)

# (parents, ids) -> int8 codes [rows, 259]: row i of this step goes on from row parents[i] of the last one with ids[i].
Step = Callable[[list[int], list[int]], np.ndarray]


def log_table() -> np.ndarray:
    """Entry i is ln(1 + i / 256) in units of 2^-20; the same for every model."""
    return np.rint(2.0**20 * np.log1p(np.arange(256) / 256)).astype(np.int32)


def fixed(value: float, bits: int) -> int:
    """A float32 as an integer with `bits` fractional bits, half to even."""
    return int(np.rint(np.float32(value) * np.float32(2.0**bits)))


@dataclass(frozen=True)
class SearchTables:
    exp: np.ndarray  # uint16 [256]
    log: np.ndarray  # int32 [256]
    scale: float  # of the logits

    @property
    def step(self) -> int:
        return fixed(self.scale, 20)

    def ln(self, n: int) -> int:
        octave = n.bit_length() - 1
        i, within = divmod(((n << 20) >> octave) - (1 << 20), 1 << 12)
        low, high = self._segment(i)
        return octave * LN2 + low + (((high - low) * within + 2048) >> 12)

    def antilog(self, x: int, bits: int) -> int:
        """2^bits e^x, rounded down."""
        if x + bits * LN2 < 0:
            return 0
        octave, rest = divmod(x + bits * LN2, LN2)
        i = bisect.bisect_right(self.log, rest) - 1
        low, high = self._segment(i)
        mantissa = (1 << 20) + (i << 12) + ((rest - low) << 12) // (high - low)
        return (mantissa << octave) >> 20

    def _segment(self, i: int) -> tuple[int, int]:
        return int(self.log[i]), int(self.log[i + 1]) if i < 255 else LN2


@dataclass(frozen=True)
class SearchOptions:
    beams: int = 4
    max_length: int = 256
    length_penalty: float = 0.6
    sample: bool = False
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class Hypothesis:
    text: bytes
    score: int  # units of 2^-20
    complete: bool


@dataclass
class Pcg32:
    """O'Neill 2014, XSH RR 64/32."""

    seed: int
    stream: int

    def __post_init__(self) -> None:
        self.state = 0
        self.next()
        self.state = (self.state + self.seed) % 2**64
        self.next()

    def next(self) -> int:
        old = self.state
        self.state = (old * 6364136223846793005 + (2 * self.stream + 1)) % 2**64
        word, turn = ((old >> 18 ^ old) >> 27) % 2**32, old >> 59
        return (word >> turn | word << (32 - turn)) % 2**32

    def below(self, bound: int) -> int:
        return self.next() * bound >> 32


@dataclass(frozen=True)
class Beam:
    text: bytes
    log_probability: int
    generator: Pcg32 | None = None


@functools.lru_cache(maxsize=4096)
def missing(character: bytes) -> int | None:
    """Bytes that a begun character still lacks; None where no character begins so."""
    for lacks in range(4):
        for more in (b"\x80", b"\xbf"):  # whatever may follow includes one of them
            try:
                (character + more * lacks).decode("utf-8")
                return lacks
            except UnicodeDecodeError:
                pass
    return None


def unfinished(text: bytes) -> bytes:
    """The begun character at the end of a text that is otherwise UTF-8."""
    start = len(text) - 1
    while start > 0 and text[start] & 0xC0 == 0x80:
        start -= 1
    return text[start:] if text and missing(text[start:]) else b""


def allowed_ids(text: bytes, max_length: int, mask: np.ndarray | None) -> list[int]:
    """Of characters only such as can be finished within max_length; EOS only between characters."""
    character, room = unfinished(text), max_length - len(text) - 1
    ids = [] if character else [EOS]
    for byte in range(256):
        lacks = missing(character + bytes([byte]))
        if lacks is not None and lacks <= room:
            ids.append(byte + FIRST_BYTE)
    return [id for id in ids if mask is None or mask[id]]


def normalized(tables: SearchTables, log_probability: int, length: int, alpha: float) -> int:
    ratio = tables.ln(5 + max(length, 1)) - tables.ln(6)
    return -((-log_probability << 16) // tables.antilog(fixed(alpha, 16) * ratio >> 16, 16))


def log_probabilities(tables: SearchTables, logits: np.ndarray, ids: Sequence[int]) -> dict[int, int]:
    """Of the allowed ids alone."""
    highest = max(int(logits[id]) for id in ids)
    total = sum(int(tables.exp[highest - int(logits[id])]) for id in ids)
    return {id: (int(logits[id]) - highest) * tables.step - (tables.ln(total) - 15 * LN2) for id in ids}


def draw(tables: SearchTables, logits: np.ndarray, ids: Sequence[int], options: SearchOptions, generator: Pcg32) -> int:
    divisor = fixed(options.temperature, 16)
    order = sorted(ids, key=lambda id: (-int(logits[id]), id))[: options.top_k or None]
    distances = [int(logits[order[0]]) - int(logits[id]) for id in order]
    weights = [tables.antilog(-((distance * tables.step << 16) // divisor), 22) for distance in distances]
    enough, sums = fixed(options.top_p, 16) * sum(weights), np.cumsum(weights)
    kept = next(i for i, total in enumerate(sums) if int(total) << 16 >= enough)
    drawn = generator.below(int(sums[kept]))
    return next(id for id, total in zip(order, sums) if drawn < total)


def search(step: Step, tables: SearchTables, options: SearchOptions, mask: np.ndarray | None = None, stop_early: bool = True) -> list[Hypothesis]:
    """Best first; `mask` bool [259] holds for every step. `stop_early` saves steps and changes nothing."""
    found: list[Hypothesis] = []

    def keep(text: bytes, log_probability: int, length: int, complete: bool) -> None:
        score = normalized(tables, log_probability, length, options.length_penalty)
        found.append(Hypothesis(text, score, complete))
        found.sort(key=lambda h: (not h.complete, -h.score))  # stable
        del found[options.beams :]

    def close(beam: Beam) -> None:
        whole = beam.text[: len(beam.text) - len(unfinished(beam.text))]
        if options.sample or all(h.text != whole for h in found):
            keep(whole, beam.log_probability, len(beam.text), False)

    rows = [Beam(b"", 0, Pcg32(options.seed, i)) for i in range(options.beams)] if options.sample else [Beam(b"", 0)]
    parents, ids = [0] * len(rows), [PADDING] * len(rows)
    for length in range(1, options.max_length + 1):
        logits = step(parents, ids)
        candidates: list[tuple[int, int, int]] = []
        for row, beam in enumerate(rows):
            choices = allowed_ids(beam.text, options.max_length, mask)
            if not choices:
                close(beam)
                continue
            scores = log_probabilities(tables, logits[row], choices)
            if options.sample:
                choices = [draw(tables, logits[row], choices, options, beam.generator)]
            candidates += [(beam.log_probability + scores[id], row, id) for id in choices]
        if not options.sample:
            candidates.sort(key=lambda c: (-c[0], c[1], c[2]))
            del candidates[1 if options.beams == 1 else 2 * options.beams :]
        next_rows: list[Beam] = []
        parents, ids = [], []
        for score, row, id in candidates:
            if id == EOS:
                keep(rows[row].text, score, length, True)
            elif len(next_rows) < options.beams:
                next_rows.append(Beam(rows[row].text + bytes([id - FIRST_BYTE]), score, rows[row].generator))
                parents.append(row)
                ids.append(id)
        rows = next_rows
        if not rows:
            break
        full = len(found) == options.beams and found[-1].complete and not options.sample
        if stop_early and full and normalized(tables, rows[0].log_probability, options.max_length, options.length_penalty) <= found[-1].score:
            break
    for beam in rows:
        close(beam)
    return found
