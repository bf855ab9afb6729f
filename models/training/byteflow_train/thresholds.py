"""The probability from which on a label counts, chosen on the rows that the probabilities were fitted on."""

from __future__ import annotations

import numpy as np

from .evaluate import LabelScores

WITHOUT_CHOICE = 0.5  # what a file without thresholds means too


def threshold_of(label: LabelScores, precision: float | None = None) -> float:
    """That of the best F1, or the lowest that has the precision; rows count by their weights, so both refer to the stream in use.

    It lies in the middle between the probabilities of two rows, so that rounding moves no row across it. WITHOUT_CHOICE where the label has one class
    or where nothing has the precision.
    """
    if not label.has_both():
        return WITHOUT_CHOICE
    order = np.argsort(-label.probabilities, kind="stable")
    probabilities, truth, weights = label.probabilities[order], label.truth[order], label.weights[order]
    last = np.append(probabilities[1:] < probabilities[:-1], True)  # of the rows of one probability
    right, taken = np.cumsum(weights * truth), np.cumsum(weights)
    if precision is None:
        value = np.where(last, 2 * right / (taken + right[-1]), -1.0)
        at = int(value.argmax())
    else:
        enough = np.flatnonzero(last & (right >= precision * taken))
        if len(enough) == 0:
            return WITHOUT_CHOICE
        at = int(enough[-1])
    below = probabilities[at + 1] if at + 1 < len(probabilities) else 0.0
    return float((probabilities[at] + below) / 2)
