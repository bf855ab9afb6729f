"""Teachers, their predictions, and students that learn from them."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from byteflow_train import cli, teacher
from byteflow_train.data import DataError, Row, TrainingStream, pieces, read_rows, source_rows
from byteflow_train.deobfuscate import deobfuscated
from byteflow_train.predictions import Predictions, read_predictions, text_key
from byteflow_train.recipe import Distillation, Evaluation, RecipeError, Source, TeacherRecipe, Training, load_recipe, load_teacher_recipe
from byteflow_train.train import distilled_loss, masked_loss, train

TEACHER = """
name = "tutor"
labels = ["toxicity"]
folds = 3
holdout = 0.1
[evaluation]
file = "toy.jsonl"
[[sources]]
file = "toy.jsonl"
labels = { toxicity = "toxicity" }
[[sources]]
file = "plain.txt"
piece_bytes = 40
"""

STUDENT = """
name = "student"
labels = ["toxicity", "insult"]
[front_end]
max_bytes = 48
embedding_channels = 8
conv_width = 3
channels = 16
[encoder]
blocks = 1
state = 8
[training]
steps = 120
batch_rows = 8
warmup_steps = 2
learning_rate = 1e-2
[distillation]
predictions = "PREDICTIONS"
[evaluation]
file = "toy.jsonl"
[[sources]]
file = "plain.txt"
rows_per_batch = 8
piece_bytes = 40
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rng = np.random.default_rng(0)
    words = ["lovely", "calm", "green", "river", "stone", "bird"]
    lines, paragraphs = [], []
    for i in range(240):
        bad = i % 2 == 0
        text = " ".join(rng.choice(words, 4)) + f" {i}" + (" zzqx" if bad else " fine")
        lines.append(json.dumps({"split": "dev" if i % 5 == 0 else "train", "text": text, "labels": {"toxicity": float(bad)}}))
        paragraphs.append(" ".join(rng.choice(words, 3)) + (f" zzqx {i}" if i % 3 == 0 else f" fine {i}"))
    (tmp_path / "toy.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "plain.txt").write_text("\n".join(paragraphs) + "\n", encoding="utf-8")
    (tmp_path / "tutor.toml").write_text(TEACHER, encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    return tmp_path


def test_words_of_other_texts_are_put_in_and_always_the_same(folder):
    source = Source("plain.txt", piece_bytes=40, reworded=0.5, copies=3)
    texts, whole = [row.text for row in source_rows(source)], [row.text for row in source_rows(Source("plain.txt", piece_bytes=40))]
    assert len(texts) == 3 * len(whole) and texts == [row.text for row in source_rows(source)]
    vocabulary = {word for text in whole for word in text.split()}
    kept = [word == was for text, origin in zip(texts, np.repeat(whole, 3)) for word, was in zip(text.split(), origin.split())]
    assert {word for text in texts for word in text.split()} <= vocabulary and 0.4 < np.mean(kept) < 0.7
    # Those of a text do not depend on which others are held out.
    assert {row.text for row in source_rows(source, holdout=0.3)} < set(texts)


def test_reworded_texts_have_no_labels(folder):
    (folder / "tutor.toml").write_text(TEACHER.replace("labels = { tox", "reworded = 0.1\nlabels = { tox"), encoding="utf-8")
    with pytest.raises(RecipeError, match="toy.jsonl is reworded"):
        load_teacher_recipe(folder / "tutor.toml")


def test_where_the_teacher_is_no_authority_labels_speak_alone(folder):
    rows = read_rows(folder / "toy.jsonl", "train")
    teacher = Predictions(("toxicity",), np.array([text_key(row.text) for row in rows], np.uint64), np.full((len(rows), 1), 2.0, np.float32))
    labels = {"toxicity": "toxicity"}
    taught, untaught = (Source("toy.jsonl", 4, labels, taught=value) for value in (True, False))
    for sources, wanted in (((taught,), 4), ((untaught,), 0), ((taught, untaught), 4)):
        pool = TrainingStream(sources, ("toxicity",), Training(10, 4 * len(sources), noise=0.0), teacher).pool(0)
        assert all(batch.known.all() for batch in pool)
        assert np.mean([np.count_nonzero(batch.taught == 2.0) for batch in pool]) == wanted
    with pytest.raises(DataError, match="no row"):  # neither labels nor a teacher
        TrainingStream((Source("plain.txt", 4, taught=False),), ("toxicity",), Training(10, 4), teacher)


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def test_loss_without_a_teacher_is_the_plain_one():
    generator = torch.Generator().manual_seed(3)
    logits, targets = torch.randn(5, 4, generator=generator), torch.rand(5, 4, generator=generator)
    known = (torch.rand(5, 4, generator=generator) < 0.7).float()
    nobody = torch.full((5, 4), float("nan"))
    assert torch.equal(distilled_loss(logits, targets, known, nobody, Distillation("")), masked_loss(logits, targets, known))


def test_shares_of_the_loss():
    """One element each: taught and known, taught only, known only, neither; against the formula written out."""
    nan = float("nan")
    logits, targets = torch.tensor([[0.5, -1.0, 2.0, 7.0]]), torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    known, taught = torch.tensor([[1.0, 0.0, 1.0, 0.0]]), torch.tensor([[-2.0, 3.0, nan, nan]])

    def cross_entropy(logit: float, target: float) -> float:
        return -target * np.log(sigmoid(logit)) - (1 - target) * np.log(1 - sigmoid(logit))

    t = 2.0
    soft = [t * t * cross_entropy(z / t, sigmoid(q / t)) for z, q in ((0.5, -2.0), (-1.0, 3.0))]
    expected = (0.3 * soft[0] + 0.7 * cross_entropy(0.5, 1.0) + soft[1] + cross_entropy(2.0, 0.0)) / 3
    assert distilled_loss(logits, targets, known, taught, Distillation("", share=0.3, temperature=t)).item() == pytest.approx(expected, rel=1e-5)


def test_a_student_that_says_what_its_teacher_says_stays():
    logits = torch.tensor([[0.7, -3.0]], requires_grad=True)
    distilled_loss(logits, torch.zeros(1, 2), torch.zeros(1, 2), logits.detach(), Distillation("", temperature=3.0)).backward()
    assert logits.grad.abs().max() < 1e-6


def test_gradients_are_finite_where_no_teacher_speaks():
    logits = torch.zeros(2, 2, requires_grad=True)
    taught = torch.tensor([[float("nan"), 1.0], [float("nan"), float("nan")]])
    distilled_loss(logits, torch.ones(2, 2), torch.zeros(2, 2), taught, Distillation("")).backward()
    assert torch.equal(logits.grad != 0, ~torch.isnan(taught))


def test_predictions_survive_a_file(tmp_path):
    texts = ["one", "twö", "three\nlines"]
    logits = np.array([[1.5, np.nan], [-2.0, 0.25], [0.0, 8.0]], np.float32)
    Predictions(("a", "b"), np.array([text_key(t) for t in texts], np.uint64), logits).write(tmp_path / "new" / "p.npz")
    read = read_predictions(tmp_path / "new" / "p.npz")
    assert read.labels == ("a", "b") and read.of("unheard of") is None
    assert np.array_equal(read.of_all(texts[::-1]), logits[::-1], equal_nan=True)
    turned = read.for_labels(("c", "b"))
    assert np.isnan(turned.of("twö")[0]) and turned.of("twö")[1] == 0.25
    unheard = read.for_labels(("a",)).for_labels(("a", "b"))  # a recipe's distillation.labels
    assert unheard.of("three\nlines")[0] == 0.0 and np.isnan(unheard.of("three\nlines")[1])


@pytest.mark.parametrize("text", ["", " ", "word", "a" * 100, "né" * 50, "some words and then some more of them.", "😀" * 30, "x \n y" * 20])
@pytest.mark.parametrize("longest", [4, 7, 16, 1000])
def test_pieces_keep_every_letter_in_order(text, longest):
    cut = list(pieces(text, longest))
    assert "".join("".join(cut).split()) == "".join(text.split())
    assert all(0 < len(piece.encode()) <= longest for piece in cut)


def test_pieces_are_cut_between_words():
    assert list(pieces("some words and more", 11)) == ["some words", "and more"]


@pytest.mark.parametrize(
    ("hidden", "plain"),
    [
        ("y0u @r3 $tupid!", "you are stupid!"),
        ("s.t.u.p.i.d", "stupid"),
        ("a s t u p i d", "astupid"),
        ("ｉｄｉｏｔ іdіоt", "idiot idiot"),
        ("looooser", "looser"),
        ("id\u200biot", "idiot"),
        ("born in 1945, aged 51", "born in 1945, aged 51"),
        ("The cost is $5.", "the cost is $5."),
    ],
)
def test_deobfuscation(hidden, plain):
    assert deobfuscated(hidden) == plain
    assert deobfuscated(plain) == plain


def test_training_rows_are_predicted_by_a_fold_that_has_not_seen_them(folder):
    """Labels drawn by lot can only be known by heart: in-fold predictions would rank them, honest ones cannot."""
    rng = np.random.default_rng(7)
    rows = [{"split": "train", "text": f"text {i} {rng.integers(10**9)}", "labels": {"toxicity": float(rng.integers(2))}} for i in range(400)]
    (folder / "lot.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    recipe = TeacherRecipe("t", ("toxicity",), 4, 0.0, Evaluation("lot.jsonl"), (Source("lot.jsonl", labels={"toxicity": "toxicity"}),))
    read = read_rows(folder / "lot.jsonl")
    honest = teacher.auc_of(teacher.fit_and_predict(recipe), read)["toxicity"]["auc"]
    assert abs(honest - 0.5) < 0.1


def test_watched_and_held_out_texts_are_not_learnt_from(folder):
    """Turning the labels of what must not be learnt from changes no prediction."""
    recipe = load_teacher_recipe(folder / "tutor.toml")
    watched = [row for row in read_rows(folder / "toy.jsonl", "train")[:40]]
    before = teacher.fit_and_predict(recipe, watched)
    from byteflow_train.data import held_out

    unseen = {row.text for row in watched}
    turned = []
    for line in (folder / "toy.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["text"] in unseen or held_out(row["text"], recipe.holdout):
            row["labels"]["toxicity"] = 1 - row["labels"]["toxicity"]
        turned.append(json.dumps(row))
    (folder / "toy.jsonl").write_text("\n".join(turned) + "\n", encoding="utf-8")
    after = teacher.fit_and_predict(recipe, watched)
    assert np.array_equal(before.keys, after.keys) and np.array_equal(before.logits, after.logits)


def test_unlabelled_text_teaches_a_student(folder, tmp_path, capsys):
    """The student never sees a label: all that it knows it has from the teacher."""
    run = tmp_path / "tutor"
    assert cli.main(["teacher", str(folder / "tutor.toml"), "--run", str(run)]) == 0
    capsys.readouterr()
    (folder / "student.toml").write_text(STUDENT.replace("PREDICTIONS", str(run / "predictions.npz")), encoding="utf-8")
    assert cli.main(["train", str(folder / "student.toml"), "--run", str(tmp_path / "student")]) == 0
    assert cli.main(["evaluate", str(folder / "student.toml"), "--run", str(tmp_path / "student")]) == 0
    assert json.loads(capsys.readouterr().out)["labels"]["toxicity"]["auc"] > 0.95

    # What it says of the teacher's texts is a teacher again, and two of them make a blend.
    second = tmp_path / "second.npz"
    arguments = [str(folder / "student.toml"), str(second), "--run", str(tmp_path / "student"), "--texts", str(folder / "tutor.toml")]
    assert cli.main(["predict", *arguments]) == 0
    blended = tmp_path / "blend.npz"
    assert cli.main(["blend", str(folder / "tutor.toml"), str(blended), str(run / "predictions.npz"), str(second)]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(result["weights"]["toxicity"]) == 3 and result["auc"]["toy.jsonl dev"]["toxicity"]["auc"] > 0.95
    assert np.isfinite(read_predictions(blended).logits).all()


def test_a_text_that_came_later_is_not_measured():
    predictions = Predictions(("a",), np.array([text_key(t) for t in "kl"], np.uint64), np.array([[2.0], [-2.0]], np.float32))
    rows = [Row(text, {"a": label}) for text, label in (("k", 1.0), ("l", 0.0), ("later", 1.0))]
    assert teacher.auc_of(predictions, rows) == {"a": {"auc": 1.0, "positives": 1, "rows": 2}}


def test_blend_trusts_the_teacher_that_is_right():
    rng = np.random.default_rng(5)
    rows = [Row(f"text {i}", {"a": float(i % 2), "b": 1.0}) for i in range(400)]
    keys = np.array([text_key(row.text) for row in rows], np.uint64)
    truth = np.array([row.labels["a"] for row in rows])
    noise, right = rng.normal(size=(400, 2)), 4 * truth[:, None] - 2 + rng.normal(size=(400, 2))
    guesses = Predictions(("a", "b"), keys, noise.astype(np.float32))
    knows = Predictions(("b", "a"), keys[::-1].copy(), right[::-1, ::-1].astype(np.float32))
    blended, weights = teacher.blend([guesses, knows], rows)
    assert weights.keys() == {"a"}  # b has one class only, so it stays the first teacher's
    assert weights["a"][1] > 3 * abs(weights["a"][0])
    assert np.allclose(blended.logits[:, 0], weights["a"][0] * noise[:, 0] + weights["a"][1] * right[:, 0] + weights["a"][2], atol=1e-4)
    assert np.array_equal(blended.logits[:, 1], guesses.logits[:, 1])


def test_implied_labels_speak_of_positive_rows_only(folder):
    stream = TrainingStream((Source("toy.jsonl", 8, implies={"toxicity": "insult"}),), ("insult",), Training(1, 8, max_bytes=48, noise=0.0))
    batches = stream.pool(0)
    assert all(batch.known.all() and batch.targets.all() for batch in batches)
    assert all(b"zzqx" in bytes(int(i) - 3 for i in row if i > 2) for batch in batches for row in batch.ids)


def test_a_distilled_stream_resumes_anywhere(folder):
    texts = read_rows(folder / "plain.txt")
    taught = Predictions(
        ("toxicity",), np.array([text_key(row.text) for row in texts], np.uint64), np.arange(len(texts), dtype=np.float32)[:, None]
    )
    sources = (Source("toy.jsonl", 3, {"toxicity": "toxicity"}), Source("plain.txt", 3))
    training = Training(1, 6, max_bytes=48, noise=0.5)
    whole = [next(batch) for batch in [TrainingStream(sources, ("toxicity",), training, taught).batches(0)] for _ in range(70)]
    late = TrainingStream(sources, ("toxicity",), training, taught).batches(60)
    for expected in whole[60:]:
        got = next(late)
        assert np.array_equal(got.ids, expected.ids) and np.array_equal(got.taught, expected.taught, equal_nan=True)
    assert all((~np.isnan(batch.taught[:, 0]) == (batch.known[:, 0] == 0)).all() for batch in whole)


@pytest.mark.parametrize(
    ("old", "new", "message"), [("folds = 3", "folds = 1", "at least 2"), ('= "toxicity" }', '= "odd" }', "odd"), ("folds = 3\n", "", "folds")]
)
def test_bad_teacher_recipes_are_named(folder, old, new, message):
    (folder / "bad.toml").write_text(TEACHER.replace(old, new), encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        load_teacher_recipe(folder / "bad.toml")


def test_released_recipes_load():
    recipes = Path(__file__).resolve().parents[2] / "models" / "training" / "recipes"
    for path in recipes.glob("toxicity*.toml"):
        load_recipe(path)
    for path in recipes.glob("teacher*.toml"):
        load_teacher_recipe(path)


def test_a_blend_is_fitted_on_what_all_teachers_know():
    rng = np.random.default_rng(3)
    texts = [f"text {i}" for i in range(300)]
    truth = rng.integers(2, size=300)
    keys = np.array([text_key(text) for text in texts], np.uint64)
    clear, noisy = 4.0 * truth - 2 + rng.normal(size=300), 0.5 * truth + rng.normal(size=300)
    first = Predictions(("toxicity",), keys, clear[:, None].astype(np.float32))
    second = Predictions(("toxicity",), keys[:200], noisy[:200, None].astype(np.float32))  # has not read the last hundred
    blended, weights = teacher.blend([first, second], [Row(text, {"toxicity": float(label)}) for text, label in zip(texts, truth)])
    assert weights["toxicity"][0] > 2 * abs(weights["toxicity"][1])
    assert not np.allclose(blended.logits[:200], first.logits[:200]) and np.array_equal(blended.logits[200:], first.logits[200:])
