"""Data, recipes, and a training that is killed and resumed."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from byteflow_train import cli, evaluate
from byteflow_train.data import DataError, Row, TrainingStream, held_out, read_rows
from byteflow_train.recipe import RecipeError, Source, Training, load_recipe
from byteflow_train.train import train
from recipe_files import write_changed

RECIPE = """
name = "toy"
labels = ["toxicity", "insult"]
auxiliary_labels = ["other"]
[front_end]
max_bytes = 48
embedding_channels = 8
conv_width = 3
channels = 16
[encoder]
blocks = 1
state = 8
[training]
steps = {steps}
batch_rows = 8
warmup_steps = 2
learning_rate = 1e-2
checkpoint_minutes = 0
[evaluation]
file = "toy.jsonl.gz"
[[sources]]
file = "toy.jsonl.gz"
rows_per_batch = 6
labels = {{ toxicity = "toxicity", insult = "insult" }}
[[sources]]
file = "toy.csv"
rows_per_batch = 2
labels = {{ toxicity = "other" }}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rng = np.random.default_rng(0)
    with gzip.open(tmp_path / "toy.jsonl.gz", "wt", encoding="utf-8") as out:
        for i in range(160):
            bad = bool(rng.integers(2))
            text = " ".join(["lovely", "calm", "green"][rng.integers(3)] for _ in range(4)) + (" zzqx" if bad else " fine")
            labels = {"toxicity": float(bad)} | ({"insult": float(bad)} if i % 3 else {})
            out.write(json.dumps({"split": "dev" if i % 4 == 0 else "train", "text": text, "labels": labels}) + "\n")
    (tmp_path / "toy.csv").write_text('text,toxicity,threat\n"one, two",0.7,0\nthree,0.1,\n', encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    return tmp_path


def recipe_file(folder: Path, steps: int, *changes: tuple[str, str]) -> Path:
    return write_changed(folder / f"toy{steps}.toml", RECIPE.format(steps=steps), changes)


def test_published_civil_comments_columns(folder):
    assert read_rows(folder / "toy.csv") == [Row("one, two", {"toxicity": 0.7, "threat": 0.0}, "train"), Row("three", {"toxicity": 0.1}, "train")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [("bad.jsonl", '{"text": "x"}\nnonsense\n', "line 2"), ("bad.csv", "comment\nx\n", "row 2"), ("empty.jsonl", "", "no rows")],
)
def test_bad_data_is_named(folder, name, content, message):
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=f"{name}.*{message}"):
        read_rows(folder / name)


def test_a_missing_file_and_a_missing_split_are_named(folder):
    with pytest.raises(DataError, match="BYTEFLOW_DATA"):
        read_rows(folder / "nowhere.jsonl")
    with pytest.raises(DataError, match="split test"):
        read_rows(folder / "toy.jsonl.gz", "test")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "toy"', "", "missing name"),
        ("blocks = 1", "blocks = 1\nblok = 2", "unknown key blok"),
        ("rows_per_batch = 6", "rows_per_batch = 5", "batch_rows is 8"),
        ('= "other"', '= "odd"', "odd"),
        ("[encoder]", "[encoder", "toy"),
        ("[front_end]", '[front_end]\nkind = "letters"', "unknown kind letters; known kinds: bytes, words"),
        ("blocks = 1", 'kind = "lstm"\nblocks = 1', "unknown kind lstm; known kinds: qrnn, transformer, funnel"),
        ("blocks = 1", 'kind = "transformer"\nblocks = 1', "unknown key state"),
    ],
)
def test_bad_recipes_are_named(folder, old, new, message):
    path = folder / "toy.toml"
    path.write_text(RECIPE.format(steps=10).replace(old, new), encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        load_recipe(path)


def test_the_stream_resumes_anywhere(folder):
    sources = (Source("toy.jsonl.gz", 6, {"toxicity": "toxicity"}),)
    training = Training(1, 6, max_bytes=48, noise=0.5)
    stream = TrainingStream(sources, ("toxicity",), training)
    whole = [next(batch) for batch in [stream.batches(0)] for _ in range(70)]
    late = TrainingStream(sources, ("toxicity",), training).batches(60)
    for expected in whole[60:]:
        got = next(late)
        assert np.array_equal(got.ids, expected.ids) and np.array_equal(got.targets, expected.targets)


def test_unknown_labels_are_masked(folder):
    sources = (Source("toy.jsonl.gz", 8, {"toxicity": "toxicity", "insult": "insult"}),)
    stream = TrainingStream(sources, ("toxicity", "insult", "other"), Training(1, 8, max_bytes=48, noise=0.0))
    known = np.concatenate([batch.known for batch in stream.pool(0)])
    assert known[:, 0].all() and 0.5 < known[:, 1].mean() < 0.8 and not known[:, 2].any()


def test_held_out_rows_are_not_trained_on(folder):
    rows = read_rows(folder / "toy.jsonl.gz", "train")
    kept = {row.text for row in rows if not held_out(row.text, 0.4)}
    assert 0 < len(kept) < len({row.text for row in rows})
    stream = TrainingStream((Source("toy.jsonl.gz", 8, {"toxicity": "toxicity"}),), ("toxicity",), Training(1, 8, max_bytes=48, noise=0.0, holdout=0.4))
    texts = {bytes(int(i) - 3 for i in row if i > 2).decode() for batch in stream.pool(0) for row in batch.ids}
    assert texts <= kept


def test_plain_text_gets_fixed_labels(folder):
    (folder / "clean.txt").write_text("a calm line\\nand its end\nanother\n", encoding="utf-8")
    stream = TrainingStream((Source("clean.txt", 4, fixed={"toxicity": 0.0}),), ("toxicity",), Training(1, 4, max_bytes=48, noise=0.0))
    batches = stream.pool(0)
    assert all(batch.known.all() and not batch.targets.any() for batch in batches)
    assert any(ord("\n") + 3 in batch.ids for batch in batches)


def test_a_killed_training_resumes_bit_for_bit(folder, tmp_path):
    recipe = load_recipe(recipe_file(folder, 24))
    train(recipe, tmp_path / "whole")

    class Killed(Exception):
        pass

    from byteflow_train import train as module

    real, calls = module.masked_loss, 0

    def dies(*arguments):
        nonlocal calls
        calls += 1
        if calls == 12:
            raise Killed
        return real(*arguments)

    module.masked_loss = dies
    with pytest.raises(Killed):
        train(recipe, tmp_path / "broken")
    module.masked_loss = real
    train(recipe, tmp_path / "broken")
    one, two = (torch.load(tmp_path / run / "checkpoint.pt")["model"] for run in ("whole", "broken"))
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_a_training_process_that_is_killed_resumes_bit_for_bit(folder, tmp_path):
    from byteflow_train import train as module

    recipe = recipe_file(folder, 60)

    def start(run: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "byteflow_train", "train", str(recipe), "--run", str(tmp_path / run)]
        environment = {**os.environ, "PYTHONPATH": str(Path(module.__file__).parents[1])}
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    killed = start("broken")
    while not (tmp_path / "broken" / "checkpoint.pt").exists():
        assert killed.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    killed.kill()  # wherever it is: in a step, in the middle of writing
    assert killed.wait() == -signal.SIGKILL, "it ended before it could be killed"
    assert start("broken").wait() == 0
    train(load_recipe(recipe), tmp_path / "whole")
    one, two = (torch.load(tmp_path / run / "checkpoint.pt") for run in ("whole", "broken"))
    assert one["step"] == two["step"] == 60
    assert all(torch.equal(one["model"][key], two["model"][key]) for key in one["model"])


KINDS = {
    "bytes, qrnn": [],
    "bytes, qrnn with shared gates": [("blocks = 1\nstate = 8", "blocks = 1\nstate = 8\nshared_gates = true")],
    "bytes, transformer": [("blocks = 1\nstate = 8", 'kind = "transformer"\nblocks = 1\nheads = 2\nfeed_forward = 16')],
    "bytes, funnel": [("blocks = 1\nstate = 8", 'kind = "funnel"\npool = [1, 2]\nheads = 2\nfeed_forward = 16')],
    "words, qrnn": [("embedding_channels = 8\nconv_width = 3", 'kind = "words"\nfeatures = 64')],
}


@pytest.mark.parametrize("kinds", KINDS)
def test_learns_evaluates_and_exports(kinds, folder, tmp_path, capsys):
    recipe, run = str(recipe_file(folder, 120, *KINDS[kinds])), str(tmp_path / "run")
    assert cli.main(["train", recipe, "--run", run]) == 0
    assert cli.main(["evaluate", recipe, "--run", run, "--quantized"]) == 0
    metrics = json.loads(capsys.readouterr().out)["labels"]
    assert metrics["toxicity"]["auc"] > 0.95 and metrics["insult"]["rows"] < metrics["toxicity"]["rows"]
    for picture in ("roc-dev-int8.png", "calibration-dev-int8.png", "loss.png"):
        assert (tmp_path / "run" / picture).stat().st_size > 5000
    assert cli.main(["export", recipe, str(tmp_path / "toy.byteflow"), "--run", run]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == (tmp_path / "toy.byteflow").stat().st_size


def test_errors_exit_with_1_and_one_line(folder, capsys):
    assert cli.main(["train", str(folder / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err


def test_platt_and_calibration():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 1)).astype(np.float32)
    truth = rng.random(4000) < 1 / (1 + np.exp(-(3 * logits[:, 0] - 1)))
    rows = [Row("", {"a": float(t)}) for t in truth]
    even = evaluate.row_weights(rows, {})
    slope, offset = evaluate.platt(rows, ("a",), logits, even)
    assert abs(slope[0] - 3) < 0.3 and abs(offset[0] + 1) < 0.2
    scores = evaluate.by_label(rows, ("a",), logits, slope, offset, even)
    assert evaluate.expected_calibration_error(scores[0]) < 0.03

    # Where positives are rarer, the same slope and an offset lower by the change of log-odds.
    rare = evaluate.row_weights(rows, {"a": 0.1})
    assert abs((rare * truth).sum() / rare.sum() - 0.1) < 1e-9
    rare_slope, rare_offset = evaluate.platt(rows, ("a",), logits, rare)
    change = np.log(0.1 / 0.9) - np.log(truth.mean() / (1 - truth.mean()))
    assert abs(rare_slope[0] - slope[0]) < 0.3 and abs(rare_offset[0] - offset[0] - change) < 0.3
