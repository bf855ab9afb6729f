"""Character and word n-grams with logistic regression: strong on swearing, cheap to fit, and blind to order. Teacher and baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from .deobfuscate import deobfuscated

LONGEST_TEXT = 1024  # characters: what the networks read of a text, too
PLAIN_INVERSE_REGULARIZATION, WEIGHTED_INVERSE_REGULARIZATION = 4.0, 1.0  # best of a few on wiki_toxic's dev and held-out rows
WORDS = r"[^\W_]+(?:'\w+)?|[^\w\s]"  # words, and each punctuation mark by itself


@dataclass(frozen=True)
class View:
    """One way to count a text's n-grams, hashed so that no text has to be seen first."""

    analyzer: str  # of sklearn's vectorizers; char_wb does not cross word boundaries
    widths: tuple[int, int]
    buckets: int = 2**20
    lower: bool = True
    deobfuscate: bool = False

    def counts(self, texts: Sequence[str]) -> sparse.csr_matrix:
        vectorizer = HashingVectorizer(
            analyzer=self.analyzer,
            ngram_range=self.widths,
            n_features=self.buckets,
            lowercase=self.lower,
            token_pattern=WORDS,
            norm=None,
            alternate_sign=False,
            dtype=np.float32,
        )
        return vectorizer.transform(deobfuscated(text) if self.deobfuscate else text for text in (text[:LONGEST_TEXT] for text in texts))


class NgramModel:
    """TF-IDF of several views, and the same weighted by naive Bayes: two logistic regressions, averaged on the logit scale."""

    def fit(self, features: sparse.csr_matrix, truth: np.ndarray) -> NgramModel:
        """Features are TF-IDF rows, truth bool [rows]."""
        positive, negative = (np.asarray(features[chosen].sum(0)).ravel() + 1.0 for chosen in (truth, ~truth))
        # Log-count ratios as weights of the features (NB-SVM; Wang and Manning 2012).
        self.ratios = np.log((positive / positive.sum()) / (negative / negative.sum())).astype(np.float32)
        self.plain = _regression(PLAIN_INVERSE_REGULARIZATION).fit(features, truth)
        weighted = features.multiply(self.ratios).tocsr().astype(np.float32)
        self.weighted = _regression(WEIGHTED_INVERSE_REGULARIZATION).fit(weighted, truth)
        return self

    def logits(self, features: sparse.csr_matrix) -> np.ndarray:
        """float32 [rows]."""
        weights = 0.5 * (self.plain.coef_[0] + self.ratios * self.weighted.coef_[0])
        return (features @ weights.astype(np.float32) + 0.5 * (self.plain.intercept_[0] + self.weighted.intercept_[0])).astype(np.float32)


def _regression(inverse_regularization: float) -> LogisticRegression:
    return LogisticRegression(C=inverse_regularization, solver="liblinear", dual=True, tol=0.05, max_iter=200, random_state=1)


def tfidf(counts: Sequence[sparse.csr_matrix], known: np.ndarray) -> sparse.csr_matrix:
    """Views side by side, each weighted and of unit length by itself; frequencies are those of the rows `known`, bool; labels play no part."""
    weighted = [TfidfTransformer(sublinear_tf=True).fit(view[known]).transform(view) for view in counts]
    return sparse.hstack(weighted).tocsr().astype(np.float32)
