"""A trained classifier as the file that is released: calibrated, with thresholds, its recipe and what was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .data import Row
from .evaluate import calibrated, metrics_of
from .export import provenance, to_model_file
from .modelfile import ModelFile
from .network import ByteClassifier
from .recipe import Recipe
from .thresholds import threshold_of


def calibrated_file(
    recipe: Recipe, model: ByteClassifier, rows: Sequence[Row], split: str, precision: float | None = None
) -> tuple[ModelFile, dict[str, dict[str, float | int]]]:
    """The file, and the metrics by label that it records, on these rows of the recipe's evaluation file; thresholds of the best F1, or of a precision."""
    scores, slope, offset = calibrated(model, rows, recipe.evaluation.shares, quantized=True)
    metrics = metrics_of(scores)
    thresholds = np.array([threshold_of(label, precision) for label in scores], np.float32)
    chosen = "best F1" if precision is None else f"precision {precision}"
    described = provenance(recipe, {"file": recipe.evaluation.file, "split": split, "labels": metrics, "thresholds": chosen})
    return to_model_file(model, recipe.name, slope, offset, described, thresholds), metrics
