"""Sentences from templates: the same frame with every term, so that only the frame can decide the label.

A file holds `[terms]`, lists by name (`"*"` names a file beside it, whose terms are taken over), and `[[frames]]`: `texts` with {name} for each term,
and the `labels` of all of them; `draws`, if there, is how many of a text's combinations of terms are taken, by chance but always the same.
"""

from __future__ import annotations

import itertools
import math
import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SLOT = re.compile(r"\{(\w+)\}")


def filled_templates(path: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """Every text of every frame with every combination of its terms; raises ValueError naming what is wrong."""
    table = _read(path)
    terms_by_name = dict(table["terms"])
    if other := terms_by_name.pop("*", None):
        terms_by_name = _read(path.parent / other)["terms"] | terms_by_name
    for frame in table["frames"]:
        labels = {name: float(value) for name, value in frame["labels"].items()}
        for text in frame["texts"]:
            slots = list(dict.fromkeys(_SLOT.findall(text)))
            for slot in slots:
                if slot not in terms_by_name:
                    raise ValueError(f"{path}: no list of terms is called {slot}, which stands in: {text}")
            lists = [terms_by_name[slot] for slot in slots]
            for terms in _drawn(lists, frame["draws"], text) if "draws" in frame else itertools.product(*lists):
                filled = text.format(**dict(zip(slots, terms)))
                yield filled[0].upper() + filled[1:], labels


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path}: {error}") from error
    for key in ("terms", "frames"):
        if key not in table:
            raise ValueError(f"{path}: missing {key}")
    return table


def _drawn(lists: list[list[str]], draws: int, seed: str) -> Iterator[tuple[str, ...]]:
    """So many combinations, each at most once."""
    count = math.prod(map(len, lists))
    for index in random.Random(seed).sample(range(count), min(draws, count)):
        terms = []
        for each in lists:
            index, at = divmod(index, len(each))
            terms.append(each[at])
        yield tuple(terms)
