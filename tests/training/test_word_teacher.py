"""The teacher of words: what it learns, and from what it must not."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from byteflow_train import teacher, word_teacher
from byteflow_train.data import held_out, read_rows
from byteflow_train.recipe import Evaluation, RecipeError, Source, TeacherRecipe, WordTeacher, WordVectors, load_teacher_recipe
from byteflow_train.word_vectors import WordVectorError, train_vectors, vectors_of, words_of

CONFIG = WordTeacher(WordVectors((), dimensions=8), state=24, epochs=40)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A thousand sentences, toxic where a bad word stands; vectors by lot, the same for a word each time."""
    rng = np.random.default_rng(5)
    plain, bad = [f"word{i}" for i in range(40)], ["rude", "ruder", "rudest"]
    rows = []
    for i in range(1000):
        words = list(rng.choice(plain, 6))
        if i % 2:
            words[rng.integers(6)] = rng.choice(bad)
        rows.append({"split": "train", "text": f"{' '.join(words)}", "labels": {"toxicity": float(i % 2)}})
    (tmp_path / "toy.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    monkeypatch.setattr(word_teacher, "train_vectors", lambda texts, config, model: model)
    monkeypatch.setattr(
        word_teacher,
        "vectors_of",
        lambda words, binary: np.stack([np.random.default_rng(list(word.encode())).normal(size=8) for word in words]).astype(np.float32),
    )
    return tmp_path


def recipe(file: str = "toy.jsonl", holdout: float = 0.2) -> TeacherRecipe:
    return TeacherRecipe("t", ("toxicity",), 2, holdout, Evaluation(file), (Source(file, labels={"toxicity": "toxicity"}),), CONFIG)


def predictions(folder: Path, run: str, of: TeacherRecipe, watched=()):
    (folder / run).mkdir(exist_ok=True)
    return word_teacher.fit_and_predict(of, CONFIG, folder / run, watched)


def test_words_are_read_as_people_write_them():
    assert words_of("You're SO nice!! 10/10 naïve_x") == ["you're", "so", "nice", "!", "!", "10", "/", "10", "naïve", "x"]
    assert words_of("Don't.") == ["don't", "."]


def test_it_learns_what_decides(folder):
    rows = [row for row in read_rows(folder / "toy.jsonl") if held_out(row.text, 0.2)]
    assert teacher.auc_of(predictions(folder, "a", recipe()), rows)["toxicity"]["auc"] > 0.9


def test_training_rows_are_predicted_by_a_fold_that_has_not_seen_them(folder):
    """Labels drawn by lot can only be known by heart."""
    rng = np.random.default_rng(7)
    rows = [{"split": "train", "text": f"text {i} {rng.integers(10**9)}", "labels": {"toxicity": float(rng.integers(2))}} for i in range(400)]
    (folder / "lot.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    honest = teacher.auc_of(predictions(folder, "lot", recipe("lot.jsonl", 0.0)), read_rows(folder / "lot.jsonl"))["toxicity"]["auc"]
    assert abs(honest - 0.5) < 0.1


def test_watched_and_held_out_texts_are_not_learnt_from(folder):
    watched = read_rows(folder / "toy.jsonl")[:40]
    before = predictions(folder, "before", recipe(), watched)
    unseen, turned = {row.text for row in watched}, []
    for line in (folder / "toy.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["text"] in unseen or held_out(row["text"], 0.2):
            row["labels"]["toxicity"] = 1 - row["labels"]["toxicity"]
        turned.append(json.dumps(row))
    (folder / "toy.jsonl").write_text("\n".join(turned) + "\n", encoding="utf-8")
    after = predictions(folder, "after", recipe(), watched)
    assert np.array_equal(before.keys, after.keys) and np.array_equal(before.logits, after.logits)


def test_finished_folds_are_kept(folder, monkeypatch):
    first = predictions(folder, "run", recipe())
    (folder / "run/fold-1.npy").unlink()
    fitted = []
    fit = word_teacher._fit
    monkeypatch.setattr(word_teacher, "_fit", lambda *args: (fitted.append(args[5]), fit(*args)))
    again = predictions(folder, "run", recipe())
    assert fitted == [1] and np.array_equal(first.logits, again.logits)


@pytest.mark.skipif(shutil.which("fasttext") is None, reason="the program fasttext is not installed")
def test_vectors_of_words_that_were_never_seen(tmp_path):
    rng = np.random.default_rng(1)
    pets, tools = ["kitten", "puppy", "hamster"], ["hammer", "chisel", "spanner"]
    texts = [" ".join(rng.choice(rng.choice([pets, tools]), 8)) for _ in range(3000)]
    binary = train_vectors(texts, WordVectors((), dimensions=16, passes=3, buckets=5000), tmp_path / "vectors")
    vectors = vectors_of(["kitten", "puppy", "hammer", "kittens"], binary)
    assert vectors.shape == (4, 16) and abs(vectors.std() - 1) < 1e-5
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert unit[0] @ unit[1] > unit[0] @ unit[2] and unit[0] @ unit[3] > unit[2] @ unit[3]
    assert [path.name for path in tmp_path.iterdir()] == ["vectors.bin"]


def test_the_missing_program_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(WordVectorError, match="fasttext is not installed: Debian has it in the package fasttext"):
        train_vectors(["a"], WordVectors(()), tmp_path / "vectors")


def test_recipes():
    recipes = Path(__file__).resolve().parents[2] / "models/training/recipes"
    words, ngrams = load_teacher_recipe(recipes / "teacher-words.toml"), load_teacher_recipe(recipes / "teacher-ngram.toml")
    assert ngrams.words is None and words.words is not None and words.words.vectors.texts
    assert words.sources == ngrams.sources and words.folds == ngrams.folds and words.holdout == ngrams.holdout


def test_a_wrong_key_is_named(tmp_path):
    recipes = Path(__file__).resolve().parents[2] / "models/training/recipes"
    text = (recipes / "teacher-words.toml").read_text(encoding="utf-8").replace("passes", "passages")
    (tmp_path / "t.toml").write_text(text.replace('"teacher-ngram.toml"', '"base.toml"'), encoding="utf-8")
    (tmp_path / "base.toml").write_text((recipes / "teacher-ngram.toml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"t\.toml \[words\.vectors\]: unknown key passages"):
        load_teacher_recipe(tmp_path / "t.toml")
