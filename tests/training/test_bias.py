"""The identity report on texts whose scores are known."""

import numpy as np

from byteflow_train.bias import identity_report
from byteflow_train.data import Row


def report_of(*texts: tuple[float, str, float]) -> dict:
    """Of triples: logit, text, label."""
    return identity_report([Row(text, {"toxicity": label}) for _, text, label in texts], np.array([logit for logit, _, _ in texts]))


def test_terms_are_whole_words_and_ranked_apart():
    report = report_of(
        (3.0, "a gay person insulted", 1.0),
        (1.0, "a gay person", 0.0),
        (2.0, "a gayer day insulted", 1.0),
        (1.0, "an old man insulted", 1.0),
        (2.0, "an old man", 0.0),
        (0.0, "nobody", 0.0),
    )
    assert set(report["terms"]) == {"gay", "old"}
    assert report["terms"]["gay"] == {"rows": 2, "auc": 1.0, "bpsn_auc": 0.75}  # its clean text against toxic 2 and 1: above one, level with one
    assert report["worst_term"] == "old" and report["worst_auc"] == 0.0
    assert report["rows"] == 6
