"""Words and their vectors, learnt from unlabelled text by fastText (Bojanowski et al. 2017), whose program Debian has in the package fasttext.

A word's vector is made of its parts too, so a word that was never seen has one as well, and a misspelt one lies near the right one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from .recipe import WordVectors

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]")
LONGEST = 2500  # characters of a text that are read: ten times a comment


class WordVectorError(OSError):
    """Word vectors that cannot be made; the message says why."""


def words_of(text: str) -> list[str]:
    """Lower-case words, and marks one by one."""
    return WORD.findall(text[:LONGEST].lower())


def _program() -> str:
    path = shutil.which("fasttext")
    if path is None:
        raise WordVectorError("the program fasttext is not installed: Debian has it in the package fasttext")
    return path


def train_vectors(texts: Iterable[str], config: WordVectors, model: Path) -> Path:
    """Learns from the texts and returns the file model.bin; does nothing when it is there."""
    binary = model.with_suffix(".bin")
    if binary.exists():
        return binary
    program = _program()
    model.parent.mkdir(parents=True, exist_ok=True)
    corpus, unfinished = model.with_suffix(".txt"), model.with_name(model.name + "-unfinished")
    with open(corpus, "w", encoding="utf-8") as lines:
        for text in texts:
            lines.write(" ".join(words_of(text)) + "\n")
    options = {
        "dim": config.dimensions,
        "epoch": config.passes,
        "ws": 4,
        "minn": 3,
        "maxn": 5,
        "bucket": config.buckets,
        "minCount": 4,
        "thread": 1,  # more make no two runs alike
    }
    arguments = [word for name, value in options.items() for word in (f"-{name}", str(value))]
    subprocess.run([program, "skipgram", "-input", str(corpus), "-output", str(unfinished), *arguments], check=True, stdout=sys.stderr)
    corpus.unlink()
    unfinished.with_suffix(".vec").unlink(missing_ok=True)
    return unfinished.with_suffix(".bin").rename(binary)


def vectors_of(words: Sequence[str], binary: Path) -> np.ndarray:
    """float32 [words, dimensions], of unit variance all together."""
    asked = "".join(f"{word}\n" for word in words)
    answer = subprocess.run([_program(), "print-word-vectors", str(binary)], input=asked, capture_output=True, check=True, text=True).stdout
    lines = answer.splitlines()
    if len(lines) != len(words):
        raise WordVectorError(f"{binary}: fasttext gave {len(lines)} vectors for {len(words)} words")
    vectors = np.array([line.split(" ", 1)[1].split() for line in lines], np.float32)
    return vectors / vectors.std()
