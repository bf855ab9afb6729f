"""A lexicon, and the order that it gives to what was found."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from byteflow_train import generator_golden
from byteflow_train.beam_search import Hypothesis
from byteflow_train.export import generator_file
from byteflow_train.lexicon import lexicon_of, weighed, with_lexicon, words_of
from byteflow_train.modelfile import read_model, write_model
from byteflow_train.recipe import RecipeError, load_generator_recipe

RECIPE = Path(__file__).parents[2] / "models/training/recipes/autocorrect.toml"


def test_words_lose_their_case_and_the_punctuation_around_them() -> None:
    assert words_of('  "Where?" (don\'t) 2nd, - ... x-ray <b>café</b>'.encode()) == [b"where", b"don't", b"2nd", b"x-ray", "b>café</b".encode()]
    assert words_of(b"") == []


def test_a_lexicon_knows_its_words_and_few_others() -> None:
    lexicon = lexicon_of((f"word{i}".encode() for i in range(1000)), 1024)
    assert all(lexicon.knows(f"Word{i}!".encode()) for i in range(1000))
    assert sum(lexicon.knows(f"other{i}".encode()) for i in range(1000)) < 50
    assert lexicon.knows(b"word1 word2") and not lexicon.knows(b"word1 none of these")
    assert lexicon.knows(b" ... ")


def test_unknown_words_cost_the_penalty(tmp_path: Path) -> None:
    model = with_lexicon(generator_file(generator_golden.random_generator("words"), "words"), lexicon_of([b"known"], 64), 1.5)
    write_model(model, tmp_path / "words.byteflow")
    model = read_model(tmp_path / "words.byteflow")
    unit = 1 << 20
    found = [Hypothesis(b"unkown", -unit, True), Hypothesis(b"known", -2 * unit, True), Hypothesis(b"known kown", -5 * unit, True), Hypothesis(b"know", -unit, False)]
    assert [(h.text, h.score) for h in weighed(model, found)] == [
        (b"known", -2 * unit), (b"unkown", -unit - 3 * unit // 2), (b"known kown", -5 * unit - 3 * unit // 2), (b"know", -unit - 3 * unit // 2),
    ]
    assert weighed(replace(model, tensors={k: v for k, v in model.tensors.items() if k != "decoder.lexicon"}), found) == found


def test_ties_stay_as_they_were() -> None:
    model = with_lexicon(generator_file(generator_golden.random_generator("words"), "words"), lexicon_of([b"a"], 64), 1.0)
    found = [Hypothesis(b"b", 0, True), Hypothesis(b"a", -(1 << 20), True)]
    assert [h.text for h in weighed(model, found)] == [b"b", b"a"]
    assert np.asarray(model.tensors["decoder.lexicon"].scales).tolist() == [1.0]


@pytest.mark.parametrize("line", ["bytes = 1000", "penalty = 0.0", "penalty = 17.0", "bytes = 32"])
def test_a_lexicon_that_no_model_can_have_is_refused(line: str, tmp_path: Path) -> None:
    text = RECIPE.read_text(encoding="utf-8").replace("penalty = 2.5\n", "" if line.startswith("penalty") else "penalty = 2.5\n")
    (tmp_path / "wrong.toml").write_text(text.replace("least = 2\n", f"least = 2\n{line}\n"), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"\[lexicon\]"):
        load_generator_recipe(tmp_path / "wrong.toml")
