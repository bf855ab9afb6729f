"""Measuring a scorer on every set, and the page that is made of the figures."""

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from byteflow_train import cli, measure, results
from byteflow_train.attacks import ATTACKS

TERMS = ("gay", "muslim")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small copy of the data folder: a text is toxic where it says "grumpy"."""
    (tmp_path / "toxicity").mkdir()
    counter = iter(range(10**6))

    def write(file: str, splits: dict[str, int], texts=("a grumpy note", "a friendly note")) -> None:
        with lzma.open(tmp_path / file, "wt", encoding="utf-8") as out:
            for split, count in splits.items():
                for i in range(count):
                    toxic = float(i % 2 == 0)
                    labels = {"toxicity": toxic} | ({"threat": toxic} if split == "train" else {})
                    out.write(json.dumps({"split": split, "text": f"{texts[i % len(texts)]} {next(counter)}", "labels": labels}) + "\n")

    write(measure.TRAINING_SET, {"train": 400, "dev": 20, "test": 60})
    for file, split in measure.TESTS[1:]:
        write(file, {split: 20})
    write(measure.IDENTITY_SET, {"test": 20}, ("a gay grumpy man", "a gay friendly man", "an old grumpy man", "an old friendly man"))
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    return tmp_path


def grumpy(texts):
    return {"toxicity": np.array([float("grumpy" in text) for text in texts]), "threat": np.array([-float("grumpy" in text) for text in texts])}


def test_every_set_and_every_attack_is_measured(folder):
    measured = measure.measure(grumpy, holdout=0.2)
    by_set = results.by_set(measured)
    assert set(by_set) == set(results.SETS)
    assert all(labels["toxicity"]["auc"] == 1.0 for labels in by_set.values())
    held_out = by_set[results.HOLDOUT]
    assert held_out["threat"]["auc"] == 0.0 and 40 < held_out["threat"]["rows"] < 120  # a fifth of 400
    assert "threat" not in by_set[measure.TRAINING_SET, "test"]
    assert set(measured["attacks"]) == set(ATTACKS)
    assert all(0.5 <= labels["toxicity"]["auc"] < 1.0 for labels in measured["attacks"].values())
    assert measured["identity"]["terms"]["gay"]["auc"] == 1.0


def test_the_baseline_learns_and_lands_on_the_page(folder, tmp_path, capsys):
    file = tmp_path / "metrics" / "n-grams.json"
    assert cli.main(["baseline", str(file), "--holdout", "0.2"]) == 0
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert results.by_set(figures["numbers"]["float"])[measure.TRAINING_SET, "test"]["toxicity"]["auc"] == 1.0
    assert cli.main(["results", str(file.parent), str(tmp_path / "RESULTS.md")]) == 0
    assert "| n-grams, float | 1.0000 |" in (tmp_path / "RESULTS.md").read_text(encoding="utf-8")


def figures(name: str, auc: float, **more) -> dict:
    def labels(*which: str) -> dict:
        return {label: {"auc": auc, "ap": auc / 2, "rows": 10, "positives": 5} for label in which}

    measured = {
        "sets": [
            {"file": measure.TRAINING_SET, "split": "test", "labels": labels("toxicity")},
            {"file": measure.TRAINING_SET, "split": "holdout", "labels": labels("toxicity", "threat")},
        ],
        "attacks": {attack: labels("toxicity") for attack in ATTACKS},
        "identity": {"auc": auc, "terms": {term: {"auc": auc, "bpsn_auc": auc, "rows": 2} for term in TERMS}},
    }
    return {"name": name, "about": f"about {name}", "numbers": {"float": measured, "int8": measured}} | more


SPEED = {"machine": "a CPU, Node 1.2.3, simd128", "milliseconds": {"large": 2.5, "trade-off-flat": 0.75}}


def test_the_page_leaves_out_what_was_not_measured():
    page = results.page([figures("small", 0.75), figures("large", 0.875, parameters=1234567, bytes=1300000)], [], SPEED)
    assert "| small | about small |  |  |  |" in page
    assert "| large | about large | 1,234,567 | 1,300,000 | 2.50 |" in page
    assert "| AUC | wiki_toxic test | wiki_toxic held out |" in page and "| hatecheck |" not in page
    assert page.index("| small, int8 | 0.7500 | 0.7500 |") < page.index("| small, float | 0.7500 |")
    assert "| small, int8 | 0.3750 |" in page  # average precision
    assert "2 of 2" in page and "0 of 2" in page  # terms below 0.85


def test_the_same_figures_give_the_same_files(tmp_path):
    contents = []
    for place in ("one", "two"):
        metrics = tmp_path / place / "metrics"
        metrics.mkdir(parents=True)
        for name, auc in (("a", 0.6), ("b", 0.7)):
            (metrics / f"{name}.json").write_text(json.dumps(figures(name, auc)), encoding="utf-8")
        written = results.write(metrics, tmp_path / place / "RESULTS.md")
        contents.append([path.read_bytes() for path in written])
        assert all(f"(results/{path.name})".encode() in written[0].read_bytes() for path in written[1:])
    assert contents[0] == contents[1]


def test_variants_and_times_have_a_table_and_a_curve(tmp_path):
    variants = [{"name": f"trade-off-{name}", "parameters": 10, "bytes": 2000, "auc": auc} for name, auc in (("deep", 0.9), ("flat", 0.8))]
    for name, content in (("large", figures("large", 0.6)), ("trade-off", variants), ("speed", SPEED)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    written = results.write(tmp_path, tmp_path / "RESULTS.md")
    page = written[0].read_text(encoding="utf-8")
    assert "| large | about large |  |  | 2.50 |" in page and "Times: a CPU, Node 1.2.3, simd128" in page
    assert page.index("| flat | 10 | 2,000 | 0.75 | 0.8000 |") < page.index("| deep | 10 | 2,000 |  | 0.9000 |")
    assert written[-1].name == "trade-off.svg" and "flat" in written[-1].read_text(encoding="utf-8")


def test_models_that_are_only_compared_have_a_section_of_their_own(tmp_path):
    for name, auc in (("large", 0.6), ("ablation-plain", 0.25), ("ablation-trained", 0.75)):
        (tmp_path / f"{name}.json").write_text(json.dumps(figures(name, auc)), encoding="utf-8")
    written = results.write(tmp_path, tmp_path / "RESULTS.md")
    before, section = written[0].read_text(encoding="utf-8").split("## Pre-training")
    assert "ablation" not in before and "| ablation-trained, int8 | 0.7500 |" in section
    assert all("ablation" not in path.read_text(encoding="utf-8") for path in written[1:])


def test_no_metrics_is_an_error(tmp_path, capsys):
    assert cli.main(["results", str(tmp_path), str(tmp_path / "RESULTS.md")]) == 1
    assert "no metrics yet" in capsys.readouterr().err and not (tmp_path / "RESULTS.md").exists()


def test_a_package_that_is_not_built_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "PACKAGE", tmp_path / "nowhere.js")
    with pytest.raises(ValueError, match="npm run build"):
        measure.package_scorer(tmp_path / "x.byteflow")(["text"])


def test_the_package_times_models(tmp_path, monkeypatch):
    """A stand-in that says what `byteflow bench --json` does: the best backend counts, at 300 bytes."""
    result = {"model": "m", "node": "v1.2.3", "cpu": "a CPU", "results": [{"backend": b, "bytes": n, "ms": ms} for b, n, ms in (("scalar", 300, 9), ("relaxed", 20, 1), ("relaxed", 300, 2))]}
    script = tmp_path / "package.mjs"
    script.write_text(f"console.log({json.dumps(json.dumps(result))});", encoding="utf-8")
    monkeypatch.setattr(measure, "PACKAGE", script)
    assert cli.main(["speed", "x.byteflow", "--metrics", str(tmp_path / "speed.json")]) == 0
    assert json.loads((tmp_path / "speed.json").read_text()) == {"machine": "a CPU, Node 1.2.3, relaxed", "milliseconds": {"m": 2}}


def test_the_package_scores_in_order(tmp_path, monkeypatch):
    """A stand-in for the package that gives back each text's length: order, odd characters and line breaks survive the way."""
    script = tmp_path / "package.mjs"
    script.write_text(
        "let all = ''; for await (const part of process.stdin) all += part;\n"
        "for (const line of all.trim().split('\\n')) console.log(JSON.stringify({ labels: { toxicity: JSON.parse(line).text.length } }));\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(measure, "PACKAGE", script)
    texts = ["a", "line\nbreak", "", "\u2028é", "\ud800"]
    assert measure.package_scorer(tmp_path / "x.byteflow")(texts)["toxicity"].tolist() == [len(text) for text in texts]
