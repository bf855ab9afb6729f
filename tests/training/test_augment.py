"""Noise and templates: what they may change, and that a seed decides all of it."""

import random
from pathlib import Path

import pytest

from byteflow_train.augment import LEET, LOOK_ALIKES, WORD_NOISE, disturb, disturb_words, leet, look_alike, pull_apart
from byteflow_train.data import DataError, data_folder, read_rows
from byteflow_train.deobfuscate import deobfuscated
from byteflow_train.templates import filled_templates

TEXT = "Somebody wrote a long and quite harmless sentence about the weather in Wales, twice."
TEMPLATES = Path(__file__).resolve().parents[2] / "models" / "training" / "templates"
IDENTITY = TEMPLATES / "identity.toml"


@pytest.mark.parametrize("noise", WORD_NOISE, ids=lambda noise: noise.__name__)
@pytest.mark.parametrize("word", ["abc", "aaa", "the", "No!", "123", "...", "ÆØÅ", "😀😀😀", "extraordinarily"])
def test_every_noise_takes_every_word(noise, word):
    results = [noise(word, random.Random(seed)) for seed in range(50)]
    assert results == [noise(word, random.Random(seed)) for seed in range(50)]
    assert all(results)


@pytest.mark.parametrize("noise", WORD_NOISE, ids=lambda noise: noise.__name__)
def test_every_noise_changes_words(noise):
    assert sum(noise("weather", random.Random(seed)) != "weather" for seed in range(50)) > 40


def test_short_words_and_rate_0_are_left_alone():
    assert disturb_words("I am so at it", random.Random(0), WORD_NOISE, 1.0) == "I am so at it"
    assert disturb_words(TEXT, random.Random(0), WORD_NOISE, 0.0) == TEXT


def test_disturb_depends_on_the_seed_alone():
    results = [disturb(TEXT, random.Random(seed)) for seed in range(200)]
    assert results == [disturb(TEXT, random.Random(seed)) for seed in range(200)]
    assert len(set(results)) > 100
    assert {TEXT.upper(), TEXT.lower(), TEXT.title(), TEXT.swapcase()} <= set(results)


@pytest.mark.parametrize(("noise", "table"), [(leet, LEET), (look_alike, LOOK_ALIKES)])
def test_stand_ins_are_read_back(noise, table):
    """What the noise hides, deobfuscation finds, for every letter that it replaces: neither table lags behind the other."""
    for letter, choices in table.items():
        for choice in choices:
            found = deobfuscated(f"qw{choice}qw")
            assert found == f"qw{letter}qw" or choice in "|1", (letter, choice, found)


def test_pulled_apart_words_are_read_back():
    assert {deobfuscated(pull_apart("weather", random.Random(seed))) for seed in range(40)} == {"weather"}


def test_templates_are_filled_with_every_term(tmp_path):
    path = tmp_path / "few.toml"
    path.write_text(
        '[terms]\na = ["x", "y"]\nb = ["1", "2", "3"]\n[[frames]]\nlabels = { toxicity = 0 }\ntexts = ["one {a} and {b}, {a}", "none"]\n', encoding="utf-8"
    )
    expected = [f"One {a} and {b}, {a}" for a in "xy" for b in "123"] + ["None"]
    assert [row.text for row in read_rows(path)] == expected
    assert all(row.labels == {"toxicity": 0.0} and row.split == "train" for row in read_rows(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[terms]\n[[frames]]\nlabels = {}\ntexts = ["a {z}"]\n', "z"),
        ("frames = 3 4", "few.toml"),
        ("[terms]\n", "frames"),
    ],
)
def test_bad_templates_are_named(tmp_path, content, message):
    path = tmp_path / "few.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_rows(path)


def test_each_identity_term_stands_in_plain_and_in_unkind_sentences():
    import tomllib

    rows = list(filled_templates(IDENTITY))
    terms = tomllib.loads(IDENTITY.read_text(encoding="utf-8"))["terms"]
    for term in terms["adj"] + terms["people"]:
        labels = {row_labels["toxicity"] for text, row_labels in rows if term.lower() in text.lower()}
        assert labels == {0.0, 1.0}, term


@pytest.mark.parametrize("templates", sorted(TEMPLATES.glob("*.toml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("name", ["hatecheck", "bias_templates"])
def test_no_template_makes_a_sentence_of_an_evaluation_set(name, templates):
    path = data_folder() / "toxicity" / f"{name}.jsonl.xz"
    if not path.is_file():
        pytest.skip(f"{path} is absent; set BYTEFLOW_DATA")

    def letters(text: str) -> str:
        return "".join(c for c in text.lower() if c.isalnum())

    assert not {letters(text) for text, _ in filled_templates(templates)} & {letters(row.text) for row in read_rows(path)}


def test_terms_of_another_file(tmp_path):
    frames = '[[frames]]\nlabels = { toxicity = 0 }\ntexts = ["a {animal} {verb}"]\n'
    (tmp_path / "terms.toml").write_text('[terms]\nanimal = ["cat", "dog"]\nverb = ["naps"]\n' + frames, encoding="utf-8")
    (tmp_path / "more.toml").write_text('[terms]\n"*" = "terms.toml"\nverb = ["runs"]\n' + frames, encoding="utf-8")
    assert [text for text, _ in filled_templates(tmp_path / "more.toml")] == ["A cat runs", "A dog runs"]
    (tmp_path / "terms.toml").unlink()
    with pytest.raises(ValueError, match="terms.toml"):
        list(filled_templates(tmp_path / "more.toml"))
