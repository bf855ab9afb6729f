"""BLEU and ranks, on the hand-written rows that the command line's own measures are tested on (tests/web/pair-measures.test.js)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from byteflow_train.pair_measures import bleu, ranks

CASES = json.loads((Path(__file__).parents[1] / "golden" / "pair-measures.json").read_text(encoding="utf8"))


@pytest.mark.parametrize("case", CASES["texts"], ids=lambda case: case["what"])
def test_bleu(case: dict) -> None:
    candidates, references = zip(*case["rows"])
    assert bleu(candidates, references) == pytest.approx(case["bleu"], abs=1e-9)


@pytest.mark.parametrize("case", CASES["ranks"], ids=lambda case: case["what"])
def test_ranks(case: dict) -> None:
    candidates, targets = zip(*case["rows"])
    assert ranks(candidates, targets) == {"rank_1": pytest.approx(case["rank1"]), "rank_4": pytest.approx(case["rank4"])}
