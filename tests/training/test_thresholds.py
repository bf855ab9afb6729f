"""Thresholds: chosen on the calibration's rows, written into the file."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from byteflow_train.evaluate import LabelScores
from byteflow_train.modelfile import read_model, write_model
from byteflow_train.thresholds import threshold_of

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def label(probabilities, truth, weights=None) -> LabelScores:
    probabilities = np.asarray(probabilities, float)
    return LabelScores("any", np.asarray(truth, bool), probabilities, probabilities, np.ones(len(truth)) if weights is None else np.asarray(weights, float))


def f1(scores: LabelScores, threshold: float) -> float:
    taken = scores.probabilities >= threshold
    right = scores.weights[taken & scores.truth].sum()
    return 2 * right / (scores.weights[taken].sum() + scores.weights[scores.truth].sum())


def test_no_other_threshold_has_a_better_f1():
    rng = np.random.default_rng(2)
    for _ in range(50):
        truth = rng.random(40) < 0.4
        truth[:2] = True, False
        scores = label(np.round(rng.random(40) * 0.6 + 0.3 * truth, 1), truth, rng.random(40) + 0.1)  # with ties
        best = f1(scores, threshold_of(scores))
        assert all(best >= f1(scores, t) - 1e-12 for t in np.linspace(0, 1, 101))


def test_the_threshold_lies_between_two_rows():
    assert threshold_of(label([0.9, 0.6, 0.2, 0.1], [1, 1, 0, 0])) == pytest.approx(0.4)
    assert threshold_of(label([0.9, 0.2], [0, 1])) == pytest.approx(0.1)  # all of them


def test_weights_move_the_threshold():
    probabilities, truth = [0.9, 0.7, 0.5], [1, 0, 1]
    assert threshold_of(label(probabilities, truth)) == pytest.approx(0.25)
    assert threshold_of(label(probabilities, truth, [1, 9, 1])) == pytest.approx(0.8)


def test_a_precision_is_the_lowest_threshold_that_has_it():
    scores = label([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0])
    assert threshold_of(scores, 0.75) == pytest.approx(0.55)
    assert threshold_of(scores, 1.0) == pytest.approx(0.85)
    assert threshold_of(label([0.9, 0.8], [0, 1]), 0.9) == 0.5


def test_a_label_with_one_class_has_none_of_its_own():
    assert threshold_of(label([0.9, 0.1], [0, 0])) == 0.5


def test_thresholds_are_read_as_they_were_written(tmp_path):
    model = read_model(GOLDEN / "words.byteflow")
    assert model.thresholds is None
    write_model(dataclasses.replace(model, thresholds=np.array([0.125, 1.0], np.float32)), tmp_path / "with.byteflow")
    assert read_model(tmp_path / "with.byteflow").thresholds.tolist() == [0.125, 1.0]
