"""How good written texts are: BLEU-4 for rewriting, ranks for correction."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

TOKEN = re.compile(r"\w+|[^\w\s]")
ORDER = 4


def _ngrams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def bleu(candidates: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Of all texts together, 0 to 100, on lower-cased words and punctuation; the reference length that is closest counts (Papineni et al. 2002)."""
    matched, total = [0] * ORDER, [0] * ORDER
    length = reference_length = 0
    for candidate, texts in zip(candidates, references):
        tokens = TOKEN.findall(candidate.lower())
        wanted = [TOKEN.findall(text.lower()) for text in texts]
        length += len(tokens)
        reference_length += min((abs(len(w) - len(tokens)), len(w)) for w in wanted)[1]
        for n in range(1, ORDER + 1):
            found = _ngrams(tokens, n)
            most: Counter[tuple[str, ...]] = Counter()
            for w in wanted:
                most |= _ngrams(w, n)
            matched[n - 1] += (found & most).total()
            total[n - 1] += found.total()
    if not all(matched):
        return 0.0
    precision = sum(math.log(m / t) for m, t in zip(matched, total)) / ORDER
    return 100.0 * math.exp(min(0.0, 1.0 - reference_length / length) + precision)


def ranks(candidates: Sequence[Sequence[str]], targets: Sequence[Sequence[str]]) -> dict[str, float]:
    """How often a target is the first candidate, and one of the first four."""
    first, four = (
        sum(any(c in wanted for c in found[:most]) for found, wanted in zip(candidates, targets)) / len(targets) for most in (1, 4)
    )
    return {"rank_1": first, "rank_4": four}
