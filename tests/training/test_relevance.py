"""Explanations of the integer reference: they add up, and point at words."""

import random
from pathlib import Path

import numpy as np
import pytest

from byteflow_train import golden
from byteflow_train.bytesplitter import utf8
from byteflow_train.modelfile import read_model
from byteflow_train.reference import IntegerReference
from byteflow_train.relevance import row_ends, segments, share_out

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def pieces(text: str) -> list[str]:
    data = utf8(text)
    return [data[begin:end].decode() for begin, end in segments(data)]


def test_words_lie_between_white_space_and_han_and_kana_stand_alone():
    assert pieces("  you,\u00a0too!\u3000\u4f60\u597d ab\u3042\uc548\ub155 ") == ["you,", "too!", "\u4f60", "\u597d", "ab", "\u3042", "\uc548\ub155"]
    assert pieces(" \t\u2003\u2028") == []


def test_bytes_that_are_no_utf_8_belong_to_words():
    assert segments(b"\xe2\x80 \xff\xa0") == [(0, 2), (3, 5)]


@pytest.mark.parametrize("name", sorted(golden.RANDOM_MODELS))
def test_each_part_of_a_text_is_some_row_s(name):
    model = read_model(GOLDEN / f"{name}.byteflow")
    reference = IntegerReference(model)
    for length in range(20):
        text = b"a b" * length
        text = text[: model.front_end.max_bytes]
        ends = row_ends(model, text)
        assert ends == sorted(ends) and ends[-1] == len(text)
        assert len(ends) == len(reference._attended(text)[1])


def test_a_row_is_shared_by_bytes_and_white_space_gets_nothing():
    shares, rest = share_out([10, -7, 100], [4, 8, 12], [(0, 2), (3, 6)])  # bytes 0-2 and 3-4 of row 0, 4-6 of row 1
    assert shares == [6, 3 - 7]
    assert rest == 100


@pytest.mark.parametrize("name", sorted(golden.RANDOM_MODELS))
def test_words_and_rest_add_up_to_the_logit(name):
    model = read_model(GOLDEN / f"{name}.byteflow")
    reference = IntegerReference(model)
    rng = random.Random(4)
    for _ in range(20):
        text = utf8("".join(rng.choice("ab .\u00e9\u4f60\U0001f600") for _ in range(rng.randrange(60))))
        logits = reference.score(text).logits
        for label in range(len(model.labels)):
            explained = reference.explain(text, label)
            mean = np.abs(reference._tensor("head.weight")[label][: reference._tensor("head.weight").shape[1] // 2]).sum()
            bound = reference._head_multiplier()[label] * (0.5 + 2**-10) * mean + 1e-4
            assert abs(float(explained.rest) + explained.weights.astype(float).sum() - float(logits[label])) <= bound


@pytest.mark.parametrize("name", sorted(golden.RANDOM_MODELS))
def test_golden_explanations_are_current(name, tmp_path):
    golden.write_explained(GOLDEN / f"{name}.byteflow", tmp_path / "fresh.explained")
    assert (tmp_path / "fresh.explained").read_text() == (GOLDEN / f"{name}.explained").read_text()
