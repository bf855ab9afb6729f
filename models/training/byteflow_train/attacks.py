"""Five ways to hide words from a filter, for evaluation. Each is fixed: what happens to a text depends on the attack's name and the text alone.

Half of the words of at least three characters are changed:

    leetspeak    letters become digits and symbols             st0p th4t
    spacing      letters are pulled apart                      s t o p  t.h.a.t
    look-alikes  letters of other scripts, or full-width ones  ѕtор
    typos        neighbours change places, letters go missing, a finger hits the next key
    insertions   letters are stretched, punctuation, gaps and zero-width spaces are put between them, a letter becomes a star

Training disturbs texts with the same functions (augment.py), at lower rates and with other seeds; so these figures say how a model bears attacks
of a kind that it knows. A text keeps its label: it still says what it said to whoever can read it.
"""

from __future__ import annotations

import random
from dataclasses import replace

from . import augment
from .data import Row

ATTACKED_SHARE = 0.5  # of the words
ATTACKS = {
    "leetspeak": (augment.leet,),
    "spacing": (augment.pull_apart,),
    "look-alikes": (augment.look_alike,),
    "typos": (augment.swap, augment.drop, augment.slip),
    "insertions": (augment.stretch, augment.insert, augment.star),
}


def attacked(text: str, attack: str) -> str:
    return augment.disturb_words(text, random.Random(f"{attack}/{text}"), ATTACKS[attack], ATTACKED_SHARE)


def attacked_rows(rows: list[Row], attack: str) -> list[Row]:
    return [replace(row, text=attacked(row.text, attack)) for row in rows]
