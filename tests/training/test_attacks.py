"""Attacks: fixed by name and text, and nothing but words is touched."""

import pytest

from byteflow_train import cli
from byteflow_train.attacks import ATTACKS, attacked, attacked_rows
from byteflow_train.data import Row

TEXTS = [f"Comment number {i} tells of {what}, which nobody had expected at all." for i in range(30) for what in ("wind", "a café", "trains")]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_fixed_by_its_name_and_the_text(attack):
    once = [attacked(text, attack) for text in TEXTS]
    assert [attacked(text, attack) for text in reversed(TEXTS)] == once[::-1]


@pytest.mark.parametrize("attack", ATTACKS)
def test_about_half_of_the_words_change(attack):
    changed = total = 0
    for text in TEXTS:
        left = attacked(text, attack).split(" ")
        words = [word for word in text.split(" ") if len(word) > 2]
        changed += sum(word not in left for word in words)
        total += len(words)
    assert 0.35 < changed / total < 0.6


def test_attacks_differ():
    assert len({tuple(attacked(text, attack) for text in TEXTS) for attack in ATTACKS}) == len(ATTACKS) == 5


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("text", ["", " ", "a b", "\n\n\n", "...", "😀😀😀 😀", "ab cd  ef"])
def test_odd_texts_survive(attack, text):
    assert isinstance(attacked(text, attack).encode("utf-8"), bytes)


def test_rows_keep_their_labels():
    rows = [Row(text, {"toxicity": 1.0}, "test") for text in TEXTS]
    changed = attacked_rows(rows, "typos")
    assert [(row.labels, row.split) for row in changed] == [(row.labels, row.split) for row in rows]
    assert [row.text for row in rows] == TEXTS


def test_an_unknown_attack_is_refused(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["evaluate", "recipe.toml", "--attack", "magic"])
    assert stopped.value.code == 2 and "look-alikes" in capsys.readouterr().err
