"""A teacher's predictions: logits per text and label, found again by the text's hash, so that they hold in whatever file the text lies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from .bytesplitter import utf8


def text_key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(utf8(text)).digest()[:8], "big")


@dataclass(frozen=True)
class Predictions:
    labels: tuple[str, ...]
    keys: np.ndarray  # uint64 [texts]
    logits: np.ndarray  # float32 [texts, labels], NaN where there is none

    @cached_property
    def _row(self) -> dict[int, int]:
        return {key: i for i, key in enumerate(self.keys.tolist())}

    def of(self, text: str) -> np.ndarray | None:
        row = self._row.get(text_key(text))
        return None if row is None else self.logits[row]

    def of_all(self, texts: Sequence[str]) -> np.ndarray:
        """float32 [texts, labels]; raises KeyError where a text was not predicted."""
        return self.logits[[self._row[text_key(text)] for text in texts]]

    def for_labels(self, labels: tuple[str, ...]) -> Predictions:
        """The same with these columns, NaN for labels that were not predicted."""
        logits = np.full((len(self.keys), len(labels)), np.nan, np.float32)
        for column, label in enumerate(labels):
            if label in self.labels:
                logits[:, column] = self.logits[:, self.labels.index(label)]
        return Predictions(labels, self.keys, logits)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, labels=np.array(self.labels), keys=self.keys, logits=self.logits.astype(np.float16))


def read_predictions(path: Path) -> Predictions:
    with np.load(path) as stored:
        return Predictions(tuple(stored["labels"].tolist()), stored["keys"], stored["logits"].astype(np.float32))
