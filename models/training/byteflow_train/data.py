"""Reading labelled rows and making length-bucketed batches.

Formats: NDJSON `{"split", "text", "labels": {name: 0..1}}` (.jsonl, also .gz and .xz); the columns of the published civil_comments (text,
toxicity, severe_toxicity, obscene, threat, insult, identity_attack, sexual_explicit) as .csv or, where pyarrow is installed, .parquet; plain
text without labels, a paragraph a line with `\\n` and `\\t` escaped (.txt, also .gz and .xz); sentence templates (.toml, see templates.py).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import lzma
import os
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

import numpy as np

from .augment import disturb
from .bytesplitter import PADDING, prefix, split, utf8
from .predictions import Predictions
from .recipe import Source, Training
from .reword import Reworder
from .templates import filled_templates

T = TypeVar("T")

CIVIL_LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit")
BATCHES_PER_POOL = 50  # rows are sorted by length within this many batches: enough for tight buckets, few enough to stay mixed


class DataError(ValueError):
    """Data that cannot be used; the message names the file and, where there is one, the line."""


@dataclass(frozen=True)
class Row:
    text: str
    labels: dict[str, float]
    split: str = ""


def data_folder() -> Path:
    """BYTEFLOW_DATA, or the folder shared/data beside the project."""
    return Path(os.environ.get("BYTEFLOW_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")


def data_path(file: str) -> Path:
    """Where a recipe's file lies: the project's own templates/ beside the recipes, all else in the data folder."""
    own = Path(__file__).resolve().parents[1]
    return own / file if file.startswith("templates/") else data_folder() / file


def open_text(path: Path) -> IO[str]:
    opener: Any = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    return opener(path, "rt", encoding="utf-8", newline="")


def _ndjson(path: Path) -> Iterator[Row]:
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                yield Row(row["text"], row.get("labels", {}), row.get("split", ""))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise DataError(f"{path}, line {number}: not an object with a text: {error}") from error


def _civil_row(path: Path, number: int, row: dict[str, Any]) -> Row:
    text = row.get("text") or row.get("comment_text")
    if not isinstance(text, str):
        raise DataError(f"{path}, row {number}: no column text or comment_text")
    try:
        labels = {name: float(row[name]) for name in CIVIL_LABELS if row.get(name) not in (None, "")}
    except ValueError as error:
        raise DataError(f"{path}, row {number}: {error}") from error
    return Row(text, labels, str(row.get("split") or "train"))


def _csv(path: Path) -> Iterator[Row]:
    with open_text(path) as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            yield _civil_row(path, number, row)


def _parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise DataError(f"{path}: reading parquet needs pyarrow; install it or convert the file to CSV") from error
    number = 0
    for batch in parquet.ParquetFile(path).iter_batches():
        for row in batch.to_pylist():
            number += 1
            yield _civil_row(path, number, row)


def paragraphs(path: Path) -> Iterator[str]:
    """The paragraphs of a plain text file, unescaped."""
    with open_text(path) as lines:
        for line in lines:
            yield line.rstrip("\n").replace("\\n", "\n").replace("\\t", "\t")


def _plain(path: Path) -> Iterator[Row]:
    for paragraph in paragraphs(path):
        yield Row(paragraph, {}, "train")


def _templates(path: Path) -> Iterator[Row]:
    try:
        yield from (Row(text, labels, "train") for text, labels in filled_templates(path))
    except ValueError as error:
        raise DataError(str(error)) from error


def pieces(text: str, longest: int) -> Iterator[str]:
    """A text in parts of at most `longest` bytes, cut at white space where there is some."""
    at = 0
    while at < len(text):
        end = at + len(prefix(utf8(text[at : at + longest]), longest).decode("utf-8"))
        if end < len(text):
            space = max(text.rfind(" ", at + 1, end + 1), text.rfind("\n", at + 1, end + 1))
            end = space if space > at else end
        if piece := text[at:end].strip():
            yield piece
        at = end


def held_out(text: str, share: float) -> bool:
    """Whether a text belongs to the share that training must not see: by its hash, so that copies in other files go with it."""
    return int.from_bytes(hashlib.sha256(utf8(text)).digest()[:4], "big") < share * 2**32


def read_rows(path: Path, wanted_split: str | None = None) -> list[Row]:
    """All rows of a file, or those of one split. Raises DataError when the file is missing, malformed or the split is empty."""
    if not path.is_file():
        raise DataError(f"{path}: no such file; set BYTEFLOW_DATA to the folder that holds the data")
    stem = path.name.removesuffix(".gz").removesuffix(".xz")
    readers = {".csv": _csv, ".parquet": _parquet, ".txt": _plain, ".toml": _templates}
    reader = readers.get(Path(stem).suffix, _ndjson)
    rows = [row for row in reader(path) if wanted_split is None or row.split == wanted_split]
    if not rows:
        raise DataError(f"{path}: no rows" + (f" in split {wanted_split}" if wanted_split else ""))
    return rows


def source_rows(source: Source, holdout: float = 0.0) -> Iterator[Row]:
    """A source's texts with the labels that they have in the model, without the share that is held out: whole, in pieces, reworded."""
    rows = read_rows(data_path(source.file), source.split)
    reworder = Reworder(row.text for row in rows) if source.reworded else None
    for row in rows:
        if held_out(row.text, holdout):
            continue
        labels = {target: float(row.labels[name]) for name, target in source.labels.items() if name in row.labels}
        labels |= {target: 1.0 for name, target in source.implies.items() if row.labels.get(name, 0.0) >= 0.5}
        for text in pieces(row.text, source.piece_bytes) if source.piece_bytes else (row.text,):
            for written in reworder.reworded(text, source.reworded, source.copies) if reworder else (text,):
                yield Row(written, labels | source.fixed, row.split)


@dataclass(frozen=True)
class Example:
    ids: list[int]
    labels: dict[str, float]
    taught: np.ndarray | None = None  # float [labels]: the teacher's logits, NaN where it has none


@dataclass(frozen=True)
class Batch:
    ids: np.ndarray  # int64 [rows, longest], 0 = padding
    targets: np.ndarray  # float32 [rows, labels], 0 where unknown
    known: np.ndarray  # float32 [rows, labels], 1 where the label is known
    taught: np.ndarray  # float32 [rows, labels]: the teacher's logits, NaN where it has none


def collate(examples: list[Example], labels: tuple[str, ...]) -> Batch:
    longest = max(len(example.ids) for example in examples)
    ids = np.full((len(examples), longest), PADDING, np.int64)
    targets = np.zeros((len(examples), len(labels)), np.float32)
    known = np.zeros_like(targets)
    taught = np.full_like(targets, np.nan)
    column = {name: i for i, name in enumerate(labels)}
    for i, example in enumerate(examples):
        ids[i, : len(example.ids)] = example.ids
        for name, value in example.labels.items():
            targets[i, column[name]] = value
            known[i, column[name]] = 1.0
        if example.taught is not None:
            taught[i] = example.taught
    return Batch(ids, targets, known, taught)


def endless(rows: list[T], first: int, count: int, seed: tuple[int, ...]) -> Iterator[T]:
    """Rows first .. first + count of an endless sequence of fresh shuffles."""
    for position in range(first, first + count):
        epoch, index = divmod(position, len(rows))
        if index == 0 or position == first:
            order = np.random.default_rng((*seed, epoch)).permutation(len(rows))
        yield rows[order[index]]


def bucketed(examples: list[T], length: Callable[[T], int], rng: random.Random) -> list[list[T]]:
    """A pool as batches of similar length, in random order."""
    size = len(examples) // BATCHES_PER_POOL
    rng.shuffle(examples)
    examples.sort(key=length)
    batches = [examples[i : i + size] for i in range(0, len(examples), size)]
    rng.shuffle(batches)
    return batches


class PooledStream(ABC, Generic[T]):
    """An endless, seekable stream of batches: pool k depends on the seed and k alone, so a resumed run sees what an unbroken one would."""

    @abstractmethod
    def pool(self, k: int) -> list[T]:
        """BATCHES_PER_POOL batches."""

    def batches(self, first_step: int) -> Iterator[T]:
        k, skip = divmod(first_step, BATCHES_PER_POOL)
        while True:
            yield from self.pool(k)[skip:]
            k, skip = k + 1, 0


class TrainingStream(PooledStream[Batch]):
    """Rows of a recipe's sources."""

    def __init__(self, sources: tuple[Source, ...], labels: tuple[str, ...], training: Training, teacher: Predictions | None = None, normalizes: bool = False) -> None:
        self.labels, self.max_bytes, self.noise, self.seed = labels, training.max_bytes, training.noise, training.seed
        self.normalizes = normalizes
        self.teacher = teacher.for_labels(labels) if teacher else None
        self.sources = [(source, self._usable(source, training.holdout)) for source in sources]

    def _usable(self, source: Source, holdout: float) -> list[Row]:
        rows = [
            row
            for row in source_rows(source, holdout)
            if row.labels or self._taught(source, row) is not None
        ]
        if not rows:
            wanted = ", ".join((*source.labels, *source.implies)) or "a teacher's prediction"
            raise DataError(f"{source.file}: no row of split {source.split} has one of the labels {wanted}, or all are held out")
        return rows

    def _taught(self, source: Source, row: Row) -> np.ndarray | None:
        return self.teacher.of(row.text) if self.teacher and source.taught else None

    def pool(self, k: int) -> list[Batch]:
        rng = random.Random(f"{self.seed}/{k}")
        examples = []
        for salt, (source, rows) in enumerate(self.sources):
            count = source.rows_per_batch * BATCHES_PER_POOL
            for row in endless(rows, k * count, count, (self.seed, salt)):
                text = disturb(row.text, rng) if rng.random() < self.noise else row.text
                # The teacher speaks of the text as it was written: whoever disturbs it changes its letters, not its sense.
                examples.append(Example(split(utf8(text), self.max_bytes, self.normalizes), row.labels, self._taught(source, row)))
        return [collate(batch, self.labels) for batch in bucketed(examples, lambda example: len(example.ids), rng)]
