"""Measuring a network: logits in batches, AUC and average precision per label, calibration, plots."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve
from tqdm import tqdm

from .bytesplitter import split, utf8
from .data import Example, Row, collate
from .network import ByteClassifier
from .quantize import set_quantization

BATCH_ROWS = 128

Scores = Mapping[str, np.ndarray]  # label -> float [texts]; logits or probabilities, since only their order counts


def network_logits(model: ByteClassifier, texts: Sequence[str], quantized: bool) -> np.ndarray:
    """float32 [texts, labels], in the order of the texts; `quantized` keeps the fake quantizers on."""
    model.eval()
    set_quantization(model, quantized, observing=False)
    ids = [split(utf8(text), model.config.front_end.max_bytes, model.config.normalize) for text in texts]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    labels = len(model.config.labels)
    out = np.zeros((len(ids), labels), np.float32)
    with torch.no_grad():
        for at in tqdm(range(0, len(order), BATCH_ROWS), unit="batch", desc="scoring", file=sys.stderr, delay=2):
            rows = order[at : at + BATCH_ROWS]
            batch = collate([Example(ids[i], {}) for i in rows], ())
            out[rows] = model(torch.from_numpy(batch.ids))[:, :labels].numpy()
    return out


@dataclass(frozen=True)
class LabelScores:
    """One label's known rows."""

    name: str
    truth: np.ndarray  # bool [rows]
    logits: np.ndarray  # float [rows]
    probabilities: np.ndarray  # float [rows]
    weights: np.ndarray  # float [rows]: how often such a row occurs in use, relative to the data

    def has_both(self) -> bool:
        return bool(self.truth.any() and not self.truth.all())


def row_weights(rows: Sequence[Row], shares: dict[str, float]) -> np.ndarray:
    """Weights that give each label of `shares` its share of positives: collections hold more toxic comments than are written."""
    weights = np.ones(len(rows))
    for name, share in shares.items():
        positive = np.array([row.labels.get(name, 0.0) >= 0.5 for row in rows])
        rate = weights[positive].sum() / weights.sum()
        weights *= np.where(positive, share / rate, (1 - share) / (1 - rate))
    return weights


def by_label(
    rows: Sequence[Row], labels: Sequence[str], logits: np.ndarray, slope: np.ndarray, offset: np.ndarray, weights: np.ndarray
) -> list[LabelScores]:
    scores = []
    for column, name in enumerate(labels):
        known = [i for i, row in enumerate(rows) if name in row.labels]
        truth = np.array([rows[i].labels[name] >= 0.5 for i in known], bool)
        chosen = logits[known, column].astype(np.float64)
        scores.append(LabelScores(name, truth, chosen, 1.0 / (1.0 + np.exp(-(chosen * slope[column] + offset[column]))), weights[known]))
    return scores


def platt(rows: Sequence[Row], labels: Sequence[str], logits: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset per label so that sigmoid(slope * logit + offset) is a probability (Platt 1999); 1 and 0 where a label has one class."""
    slope, offset = np.ones(len(labels), np.float32), np.zeros(len(labels), np.float32)
    for column, label in enumerate(by_label(rows, labels, logits, slope, offset, weights)):
        if label.has_both():
            fit = LogisticRegression(C=10.0).fit(label.logits[:, None], label.truth, sample_weight=label.weights)
            slope[column], offset[column] = fit.coef_[0, 0], fit.intercept_[0]
    return slope, offset


def calibrated(
    model: ByteClassifier, rows: Sequence[Row], shares: dict[str, float], quantized: bool
) -> tuple[list[LabelScores], np.ndarray, np.ndarray]:
    """Scores of the rows with probabilities fitted on these very rows, and the fit: slope and offset per label."""
    labels = model.config.labels
    logits = network_logits(model, [row.text for row in rows], quantized)
    weights = row_weights(rows, shares)
    slope, offset = platt(rows, labels, logits, weights)
    return by_label(rows, labels, logits, slope, offset, weights), slope, offset


@dataclass(frozen=True)
class Bin:
    predicted: float
    observed: float
    share: float


def reliability(label: LabelScores, bins: int = 10) -> list[Bin]:
    """Mean prediction and share of positives of the rows in each tenth of the predictions, weighted."""
    index = np.minimum((label.probabilities * bins).astype(int), bins - 1)
    out = []
    for b in sorted(set(index)):
        rows, weights = index == b, label.weights[index == b]
        out.append(
            Bin(
                float(np.average(label.probabilities[rows], weights=weights)),
                float(np.average(label.truth[rows], weights=weights)),
                float(weights.sum() / label.weights.sum()),
            )
        )
    return out


def expected_calibration_error(label: LabelScores) -> float:
    return sum(abs(b.observed - b.predicted) * b.share for b in reliability(label))


def metrics_of(scores: Sequence[LabelScores]) -> dict[str, dict[str, float | int]]:
    """Per label: auc, ap, ece, positives, rows; labels with one class are left out."""
    return {
        s.name: {
            "auc": float(roc_auc_score(s.truth, s.logits)),
            "ap": float(average_precision_score(s.truth, s.logits)),
            "ece": expected_calibration_error(s),
            "positives": int(s.truth.sum()),
            "rows": len(s.truth),
        }
        for s in scores
        if s.has_both()
    }


def label_metrics(rows: Sequence[Row], scores: Scores) -> dict[str, dict[str, float | int]]:
    """Per label that rows and scores share and of which the rows have both classes."""
    metrics: dict[str, dict[str, float | int]] = {}
    for label, values in scores.items():
        known = np.array([label in row.labels for row in rows])
        truth = np.array([row.labels[label] >= 0.5 for row in rows if label in row.labels], bool)
        if truth.any() and not truth.all():
            metrics[label] = {
                "auc": float(roc_auc_score(truth, values[known])),
                "ap": float(average_precision_score(truth, values[known])),
                "positives": int(truth.sum()),
                "rows": len(truth),
            }
    return metrics


def plot_roc(scores: Sequence[LabelScores], path: Path) -> None:
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(6, 6))
    for s in scores:
        if s.has_both():
            x, y, _ = roc_curve(s.truth, s.logits)
            axes.plot(x, y, label=f"{s.name}  {roc_auc_score(s.truth, s.logits):.4f}")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.5)
    axes.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC")
    axes.legend(loc="lower right")
    _save(figure, path)


def plot_calibration(scores: Sequence[LabelScores], path: Path) -> None:
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(6, 6))
    for s in scores:
        if s.has_both():
            points = reliability(s)
            name = f"{s.name}  ECE {expected_calibration_error(s):.3f}"
            axes.plot([p.predicted for p in points], [p.observed for p in points], marker="o", label=name)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.5)
    axes.set(xlabel="predicted probability", ylabel="share of positives", title="Calibration")
    axes.legend(loc="upper left")
    _save(figure, path)


def plot_loss(log: Path, path: Path) -> None:
    """The curve of run/loss.jsonl."""
    points = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(8, 4))
    axes.plot([p["step"] for p in points], [p["loss"] for p in points])
    axes.set(xlabel="step", ylabel="mean cross-entropy over 100 steps", title="Training loss")
    _save(figure, path)


def pyplot():  # noqa: ANN202 (matplotlib is imported only where a picture is made)
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def _save(figure, path: Path) -> None:  # noqa: ANN001
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot().close(figure)
