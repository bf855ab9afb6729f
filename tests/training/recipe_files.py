"""Recipes of tests."""

from collections.abc import Sequence
from pathlib import Path

# The front end of the smallest networks that learn something.
FRONT_END = """
[front_end]
embedding_channels = 8
conv_width = 3
channels = 24
downsample = 2
"""

# What there is to learn for them: rows of a file toy.jsonl.
TOY_TASK = """
[evaluation]
file = "toy.jsonl"
split = "dev"
[[sources]]
file = "toy.jsonl"
rows_per_batch = 16
labels = { toxicity = "toxicity" }
"""


def write_changed(path: Path, text: str, changes: Sequence[tuple[str, str]]) -> Path:
    """Writes a recipe after (old, new) changes, each of which must find its old text."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path
