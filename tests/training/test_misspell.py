"""Misspellings: edits read off pairs, made in other words."""

import random
from pathlib import Path

import pytest

from byteflow_train.bytesplitter import EOS, FIRST_BYTE
from byteflow_train.misspell import BEGIN, END, Misspeller, MisspeltWords, edits
from byteflow_train.recipe import Misspelling, Text


@pytest.mark.parametrize(
    ("right", "wrong", "count"),
    [("word", "word", 0), ("receive", "recieve", 1), ("the", "teh", 1), ("address", "adress", 1), ("address", "adres", 2), ("hour", "our", 1)],
)
def test_an_edit_keeps_a_letter_on_both_sides(right, wrong, count):
    found = edits(right, wrong)
    assert len(found) == count
    undone = BEGIN + wrong + END
    for before, after in found:
        assert before != after and before[0] == after[0] and before[-1] == after[-1]
        assert before in BEGIN + right + END
        undone = undone.replace(after, before, 1)
    assert undone == BEGIN + right + END


def test_an_edit_is_made_where_it_fits():
    misspell = Misspeller([("receive", "recieve"), ("receive", "receive")])
    rng = random.Random(1)
    assert {misspell("perceive", rng) for _ in range(20)} == {"percieve"}
    others = {misspell("cat", rng) for _ in range(50)}  # nothing fits: a typo of any kind
    assert len(others) > 3
    assert misspell("a", rng) == "a"


def test_frequent_edits_are_made_more_often():
    misspell = Misspeller([("address", "adress")] * 9 + [("hour", "our")])
    rng = random.Random(2)
    made = [misspell("houraddress", rng) for _ in range(400)]
    assert 300 < sum(word == "houradress" for word in made) < 390 and made.count("ouraddress") > 10


@pytest.fixture()
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Text, ...]:
    (tmp_path / "toy.txt").write_text("The common word, the common word.\nthe Rare\n" * 2 + "onceonly\n", encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    return (Text("toy.txt", 1.0),)


def text_of(ids: list[int]) -> str:
    assert ids[-1] == EOS
    return bytes(id - FIRST_BYTE for id in ids[:-1]).decode()


def test_words_and_phrases_are_spelt_right_in_the_target(texts):
    words = MisspeltWords(Misspelling(1, misspell=1.0, again=0.0, phrases=0.0, lower=0.0), texts, Misspeller([]), 12, 40)
    assert set(words.words) == {"The", "the", "common", "word", "Rare"}  # what stands there once is left out
    examples = [tuple(map(text_of, words.example(random.Random(k)))) for k in range(100)]
    assert {target for _, target in examples} == set(words.words)
    assert sum(source != target for source, target in examples) > 70

    phrases = MisspeltWords(Misspelling(1, misspell=0.0, phrases=1.0, lower=1.0), texts, Misspeller([]), 12, 40)
    examples = [tuple(map(text_of, phrases.example(random.Random(k)))) for k in range(100)]
    assert all(source == target == target.lower() and len(target) <= 12 for source, target in examples)
    assert "word, the" in {target for _, target in examples}
