"""Bias check: does a model order toxic above clean among texts that name one identity?

After Dixon et al., "Measuring and Mitigating Unintended Bias in Text Classification" (2018): sentence templates filled with identity terms, so
that only the template decides the label. For each term, `auc` ranks the term's own texts; `bpsn_auc` ranks the term's clean texts against the toxic
texts that do not name it (low: the term alone raises the score).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from .data import Row

IDENTITY_TERMS = tuple(
    (
        "african american,asian,bisexual,black,blind,buddhist,canadian,catholic,chinese,christian,deaf,elderly,european,female,gay,"
        "heterosexual,hispanic,homosexual,indian,japanese,jewish,latina,latino,latinx,lesbian,lgbt,lgbtq,male,mexican,middle aged,"
        "middle eastern,millenial,muslim,nonbinary,old,older,paralyzed,protestant,queer,sikh,straight,taoist,teenage,trans,transgender,"
        "white,young,younger"
    ).split(",")
)


def identity_report(rows: Sequence[Row], logits: np.ndarray, label: str = "toxicity") -> dict[str, object]:
    """AUC over all rows and per identity term; rows need the label, logits (or what orders texts like them) are the label's, one a row."""
    texts = [row.text for row in rows]
    toxic = np.array([row.labels[label] >= 0.5 for row in rows])
    terms = {}
    for term in IDENTITY_TERMS:
        pattern = re.compile(rf"\b{term}\b", re.IGNORECASE)
        named = np.array([bool(pattern.search(text)) for text in texts])
        own = named & toxic
        clean = named & ~toxic
        if not own.any() or not clean.any():
            continue
        against = clean | (~named & toxic)
        terms[term] = {
            "rows": int(named.sum()),
            "auc": float(roc_auc_score(toxic[named], logits[named])),
            "bpsn_auc": float(roc_auc_score(toxic[against], logits[against])),
        }
    worst = min(terms, key=lambda term: terms[term]["auc"])
    return {"rows": len(rows), "auc": float(roc_auc_score(toxic, logits)), "worst_term": worst, "worst_auc": terms[worst]["auc"], "terms": terms}
