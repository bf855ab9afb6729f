"""Teachers: a model of n-grams that predicts what it has not seen, finished models, and the blend of several."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import numpy as np
import scipy.sparse as sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from .data import Row, held_out, source_rows
from .measure import Scorer
from .ngrams import NgramModel, View, tfidf
from .predictions import Predictions, text_key
from .recipe import TeacherRecipe

VIEWS = (
    View("word", (1, 2)),
    View("char_wb", (1, 5)),
    View("word", (1, 2), deobfuscate=True),
)
CHUNK = 20_000  # texts that are counted at a time


def unique_rows(rows: Iterable[Row]) -> list[Row]:
    """One row a text, with the labels of all rows that hold it; the first to speak of a label is believed."""
    seen: dict[str, Row] = {}
    for row in rows:
        seen[row.text] = Row(row.text, row.labels | seen[row.text].labels if row.text in seen else row.labels)
    return list(seen.values())


def count_texts(view: View, texts: Sequence[str], name: str) -> sparse.csr_matrix:
    chunks = range(0, len(texts), CHUNK)
    bar = tqdm(chunks, unit="chunk", desc=name, file=sys.stderr, delay=2)
    return sparse.vstack([view.counts(texts[at : at + CHUNK]) for at in bar]).tocsr()


class FoldedTexts:
    """All texts of a teacher's sources and those of `watched`, which nothing is learnt from, in folds by the text's hash."""

    def __init__(self, recipe: TeacherRecipe, watched: Sequence[Row] = ()) -> None:
        rows = unique_rows(row for source in recipe.sources for row in source_rows(source))
        unseen = {row.text for row in watched}
        self.labels = recipe.labels
        self.texts = [row.text for row in rows] + sorted(unseen - {row.text for row in rows})
        self.keys = np.array([text_key(text) for text in self.texts], np.uint64)
        self.folds = (self.keys % np.uint64(recipe.folds)).astype(int)
        self.targets = np.full((len(self.texts), len(recipe.labels)), np.nan)  # [texts, labels]
        self.targets[: len(rows)] = [[row.labels.get(label, np.nan) for label in recipe.labels] for row in rows]
        learnable = np.array([text not in unseen and not held_out(text, recipe.holdout) for text in self.texts])
        self.known = learnable[:, None] & ~np.isnan(self.targets)  # [texts, labels]: what is learnt from

    def predictions(self, by_fold: np.ndarray) -> Predictions:
        """by_fold [folds, texts, labels], each by a model that has not seen its fold -> a prediction a text.

        A text that a label is learnt from is predicted by the fold that does not hold it, any other by the mean of all folds; so training rows look
        to a student as unseen ones do.
        """
        own = by_fold[self.folds, np.arange(len(self.texts))]
        return Predictions(self.labels, self.keys, np.where(self.known, own, by_fold.mean(0)).astype(np.float32))


def fit_and_predict(recipe: TeacherRecipe, watched: Sequence[Row] = ()) -> Predictions:
    """Predictions of n-grams for all texts of the sources and for `watched`."""
    texts = FoldedTexts(recipe, watched)
    features = tfidf([count_texts(view, texts.texts, f"{view.analyzer} {view.widths}") for view in VIEWS], texts.known.any(1))
    by_fold = np.empty((recipe.folds, *texts.targets.shape), np.float32)
    for column in tqdm(range(len(recipe.labels)), unit="label", desc=recipe.name, file=sys.stderr, delay=2):
        for fold in range(recipe.folds):
            train = texts.known[:, column] & (texts.folds != fold)
            by_fold[fold, :, column] = NgramModel().fit(features[train], texts.targets[train, column] >= 0.5).logits(features)
    return texts.predictions(by_fold)


def predictions_of(scorer: Scorer, recipe: TeacherRecipe, watched: Sequence[Row] = ()) -> Predictions:
    """A finished model's logits for the same texts; those that it was trained on among them."""
    texts = list(dict.fromkeys(row.text for rows in (*map(source_rows, recipe.sources), watched) for row in rows))
    scores = scorer(texts)
    return Predictions(tuple(scores), np.array([text_key(text) for text in texts], np.uint64), np.stack(list(scores.values()), 1))


def auc_of(predictions: Predictions, rows: Sequence[Row]) -> dict[str, dict[str, float | int]]:
    """Per label that both the rows and the predictions have, on the texts that were predicted: sources may have grown since."""
    predicted = [row for row in rows if predictions.of(row.text) is not None]
    metrics: dict[str, dict[str, float | int]] = {}
    for column, label in enumerate(predictions.labels):
        known = [row for row in predicted if label in row.labels]
        truth = np.array([row.labels[label] >= 0.5 for row in known], bool)
        if truth.any() and not truth.all():
            scores = predictions.of_all([row.text for row in known])[:, column]
            metrics[label] = {"auc": float(roc_auc_score(truth, scores)), "positives": int(truth.sum()), "rows": len(known)}
    return metrics


def blend(teachers: Sequence[Predictions], rows: Sequence[Row]) -> tuple[Predictions, dict[str, list[float]]]:
    """Weighted sums of logits for the texts and labels of the first teacher; weights per label, fitted on rows that no teacher has learnt from.

    A label that the rows lack, and a text or label that only one teacher knows, is taken from the first. The last of a label's weights is the constant.
    """
    first = teachers[0]
    aligned = []
    for teacher in (t.for_labels(first.labels) for t in teachers):
        missing = np.full(len(first.labels), np.nan, np.float32)
        place = {key: i for i, key in enumerate(teacher.keys.tolist())}
        aligned.append(np.stack([teacher.logits[place[key]] if key in place else missing for key in first.keys.tolist()]))
    stacked = np.stack(aligned, -1)  # [texts, labels, teachers]
    row_of = {key: i for i, key in enumerate(first.keys.tolist())}
    logits, weights = first.logits.copy(), {}
    for column, label in enumerate(first.labels):
        known = [(row_of[text_key(row.text)], row.labels[label] >= 0.5) for row in rows if label in row.labels and text_key(row.text) in row_of]
        at, truth = np.array([i for i, _ in known], int), np.array([t for _, t in known], bool)
        heard = ~np.isnan(stacked[at, column]).any(1)  # by all teachers
        at, truth = at[heard], truth[heard]
        if not truth.any() or truth.all():
            continue
        fit = LogisticRegression(C=10.0).fit(stacked[at, column], truth)
        fitted = stacked[:, column] @ fit.coef_[0] + fit.intercept_[0]
        logits[:, column] = np.where(np.isnan(fitted), logits[:, column], fitted)
        weights[label] = [*map(float, fit.coef_[0]), float(fit.intercept_[0])]
    return Predictions(first.labels, first.keys, logits.astype(np.float32)), weights
