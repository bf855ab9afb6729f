"""BLEU and ranks, on the hand-written rows that the command line's own measures are tested on (tests/web/pair-measures.test.js); error rates of pronunciations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from byteflow_train.pair_measures import bleu, edit_distance, phoneme_errors, ranks

CASES = json.loads((Path(__file__).parents[1] / "golden" / "pair-measures.json").read_text(encoding="utf8"))


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: case["what"])
def test_bleu(case: dict) -> None:
    candidates, references = zip(*case["rows"])
    assert bleu(candidates, references) == pytest.approx(case["bleu"], abs=1e-9)


@pytest.mark.parametrize("case", CASES["ranks"], ids=lambda case: case["what"])
def test_ranks(case: dict) -> None:
    candidates, targets = zip(*case["rows"])
    assert ranks(candidates, targets) == {"rank_1": pytest.approx(case["rank1"]), "rank_4": pytest.approx(case["rank4"])}


@pytest.mark.parametrize(
    ("found", "wanted", "edits"),
    [("", "", 0), ("K AE1 T", "K AE1 T", 0), ("", "K AE1 T", 3), ("K AE1 T", "", 3), ("K AE1", "K AE1 T", 1), ("K AE0 T S", "K AE1 T", 2), ("T AE1 K", "K AE1 T", 2)],
)
def test_edit_distance(found: str, wanted: str, edits: int) -> None:
    assert edit_distance(found.split(), wanted.split()) == edits


def test_phoneme_errors_are_edits_a_phoneme_of_the_closest_target() -> None:
    candidates = ["K AE1 T", "D AO1 G Z", "AH0 B AW1"]
    targets = [["K AE1 T"], ["D AA1 G Z IH0 T", "D AO1 G"], ["AH0 B AW1 T", "B AW1"]]  # 0 of 3 and 1 of 3; of two equals the first: 1 of 4
    assert phoneme_errors(candidates, targets) == {"phoneme_error_rate": pytest.approx(2 / 10), "word_error_rate": pytest.approx(2 / 3)}
