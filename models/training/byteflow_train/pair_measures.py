"""How good written texts are: BLEU-4 for rewriting, ranks for correction, error rates for pronunciation."""

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


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Insertions, deletions and replacements that make b of a (Levenshtein 1965)."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def phoneme_errors(candidates: Sequence[str], targets: Sequence[Sequence[str]]) -> dict[str, float]:
    """Edits a phoneme of the targets, and the share of the words that have any. Phonemes stand between spaces; the closest target counts, of equals the first."""
    edits = phonemes = wrong = 0
    for candidate, texts in zip(candidates, targets):
        found = candidate.split()
        distance, length = min(((edit_distance(found, wanted), len(wanted)) for wanted in (text.split() for text in texts)), key=lambda t: t[0])
        edits += distance
        phonemes += length
        wrong += distance > 0
    return {"phoneme_error_rate": edits / phonemes, "word_error_rate": wrong / len(targets)}
