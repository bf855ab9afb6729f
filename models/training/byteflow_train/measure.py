"""All figures of one model, in the form that models/metrics keeps and results.py shows.

A scorer takes texts and gives scores per label; only their order counts, so logits do as well as probabilities.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from .attacks import ATTACKS, attacked_rows
from .bias import identity_report
from .data import Row, data_folder, held_out, read_rows
from .evaluate import Scores, label_metrics, network_logits
from .modelfile import read_model
from .network import ByteClassifier

Scorer = Callable[[Sequence[str]], Scores]

TRAINING_SET = "toxicity/wiki_toxic.jsonl.xz"  # its labels are the models'
TESTS = (
    (TRAINING_SET, "test"),
    ("toxicity/civil_reannotated.jsonl.xz", "test"),
    ("toxicity/davidson_tweets.jsonl.xz", "test"),
    ("toxicity/hatecheck.jsonl.xz", "test"),
)
IDENTITY_SET = "toxicity/bias_templates.jsonl.xz"
BASELINE = "character 2-4-grams, TF-IDF, logistic regression"
PACKAGE = Path(__file__).resolve().parents[3] / "web" / "bin" / "byteflow.js"


def model_figures(path: Path, about: str) -> dict[str, Any]:
    model = read_model(path)
    parameters = sum(tensor.data.size for name, tensor in model.tensors.items() if name.endswith((".weight", ".bias")))
    return {"name": model.name, "about": about, "parameters": parameters, "bytes": path.stat().st_size}


def network_scorer(model: ByteClassifier) -> Scorer:
    """The float network."""
    return lambda texts: dict(zip(model.config.labels, network_logits(model, texts, quantized=False).T))


def _package(*arguments: str, standard_input: str = "") -> str:
    """Standard output of the command line as it is built here; raises ValueError with the command at fault."""
    command = ["node", str(PACKAGE), *arguments]
    try:
        return subprocess.run(command, input=standard_input, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError(f"{' '.join(command)}: {error}; is the package built (npm run build)?") from error


def package_scorer(model: Path) -> Scorer:
    """The exported integers, through the package as it is built here: what users run, and bit for bit what the reference computes."""

    def score(texts: Sequence[str]) -> Scores:
        rows = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        output = _package("score", "--ndjson", "--json", "--model", str(model), standard_input=rows)
        scores = [json.loads(line)["labels"] for line in output.splitlines()]
        if len(scores) != len(texts):
            raise ValueError(f"{model}: {len(scores)} scores for {len(texts)} texts")
        return {label: np.array([s[label] for s in scores]) for label in scores[0]}

    return score


def package_times(models: Sequence[Path]) -> dict[str, Any]:
    """Milliseconds of each model, by its name, for a text of 300 bytes in the package: the best backend of this machine, one thread, the best of many calls."""
    milliseconds, machines = {}, set()
    for model in models:
        measured = json.loads(_package("bench", "--json", "--model", str(model)))
        best = min((result for result in measured["results"] if result["bytes"] == 300), key=lambda result: result["ms"])
        milliseconds[measured["model"]] = best["ms"]
        machines.add(f"{measured['cpu']}, Node {measured['node'][1:]}, {best['backend']}")
    return {"machine": "; ".join(sorted(machines)), "milliseconds": milliseconds}


def logits_of(scorer: Scorer) -> Scorer:
    """Probabilities as logits, for who adds them up."""

    def score(texts: Sequence[str]) -> Scores:
        clipped = {label: np.clip(values, 1e-7, 1 - 1e-7) for label, values in scorer(texts).items()}
        return {label: np.log(p / (1 - p)) for label, p in clipped.items()}

    return score


def ngram_baseline(rows: Sequence[Row], labels: Sequence[str]) -> Scorer:
    """What a model has to beat to be worth its bytes."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), max_features=200_000, sublinear_tf=True, dtype=np.float32)
    features = vectorizer.fit_transform([row.text for row in rows])
    fitted: dict[str, LogisticRegression] = {}
    for label in tqdm(labels, unit="label", desc="baseline", file=sys.stderr, delay=2):
        known = [i for i, row in enumerate(rows) if label in row.labels]
        truth = [rows[i].labels[label] >= 0.5 for i in known]
        fitted[label] = LogisticRegression(C=4.0, solver="liblinear", dual=True, tol=0.05, random_state=1).fit(features[known], truth)

    def score(texts: Sequence[str]) -> Scores:
        counted = vectorizer.transform(texts)
        return {label: model.decision_function(counted) for label, model in fitted.items()}

    return score


def held_out_rows(holdout: float) -> list[Row]:
    return [row for row in read_rows(data_folder() / TRAINING_SET, "train") if held_out(row.text, holdout)]


def measure(scorer: Scorer, holdout: float) -> dict[str, Any]:
    """Every set, every attack and the identity check; files and splits as in the data folder, "holdout" being what the recipe holds out."""
    sets = [(TRAINING_SET, "dev", read_rows(data_folder() / TRAINING_SET, "dev"))]
    if holdout > 0:
        sets.append((TRAINING_SET, "holdout", held_out_rows(holdout)))
    sets += [(file, split, read_rows(data_folder() / file, split)) for file, split in TESTS]
    test = read_rows(data_folder() / TRAINING_SET, "test")
    templates = read_rows(data_folder() / IDENTITY_SET, "test")

    def scored(rows: Sequence[Row], about: str) -> Scores:
        print(f"scoring {about}", file=sys.stderr)
        return scorer([row.text for row in rows])

    return {
        "sets": [
            {"file": file, "split": split, "labels": label_metrics(rows, scored(rows, f"{file} {split}"))} for file, split, rows in sets
        ],
        "attacks": {attack: label_metrics(rows := attacked_rows(test, attack), scored(rows, attack)) for attack in ATTACKS},
        "identity": identity_report(templates, scored(templates, IDENTITY_SET)["toxicity"]),
    }
