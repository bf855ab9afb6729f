"""Recipes of tests."""

from collections.abc import Sequence
from pathlib import Path


def write_changed(path: Path, text: str, changes: Sequence[tuple[str, str]]) -> Path:
    """Writes a recipe after (old, new) changes, each of which must find its old text."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path
