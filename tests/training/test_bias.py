"""The identity report on texts whose scores are known."""

from types import SimpleNamespace

import numpy as np

from byteflow_train.bias import identity_report
from byteflow_train.data import Row


class KnownScores:
    """Stands in for a model: the logit of a text is written in front of it."""

    model = SimpleNamespace(labels=("other", "toxicity"))

    def score(self, text: bytes) -> SimpleNamespace:
        return SimpleNamespace(logits=np.array([0.0, float(text.split()[0])]))


def rows(*texts: tuple[str, float]) -> list[Row]:
    return [Row(text, {"toxicity": label}) for text, label in texts]


def test_terms_are_whole_words_and_ranked_apart():
    report = identity_report(
        rows(
            ("3 a gay person insulted", 1.0),
            ("1 a gay person", 0.0),
            ("2 a gayer day insulted", 1.0),
            ("1 an old man insulted", 1.0),
            ("2 an old man", 0.0),
            ("0 nobody", 0.0),
        ),
        KnownScores(),
    )
    assert set(report["terms"]) == {"gay", "old"}
    assert report["terms"]["gay"] == {"rows": 2, "auc": 1.0, "bpsn_auc": 0.75}  # its clean text against toxic 2 and 1: above one, level with one
    assert report["worst_term"] == "old" and report["worst_auc"] == 0.0
    assert report["rows"] == 6
