"""A teacher that knows words: their vectors from unlabelled text, a bidirectional GRU over them, three kinds of pooling.

It is in float, larger than what it teaches and slow beside it. What it knows of words that no label speaks of is what n-grams lack.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from .data import Row, data_path, paragraphs, source_rows
from .predictions import Predictions
from .recipe import TeacherRecipe, WordTeacher
from .teacher import FoldedTexts
from .train import masked_loss
from .word_vectors import train_vectors, vectors_of, words_of

LONGEST = 250  # words of a text
BATCH_ROWS = 64
LEARNING_RATE, WARMUP_STEPS = 2e-3, 200
OWN_CHANNELS = 16  # of a word beside its vector, learnt with the task


class WordNetwork(nn.Module):
    def __init__(self, vectors: np.ndarray, labels: int, state: int) -> None:
        """vectors float [1 + words, dimensions]; word 0 is padding."""
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=True, padding_idx=0)
        self.own = nn.Embedding(vectors.shape[0], OWN_CHANNELS, padding_idx=0)
        nn.init.normal_(self.own.weight, 0.0, 0.1)
        self.rnn = nn.GRU(vectors.shape[1] + OWN_CHANNELS, state, bidirectional=True, batch_first=True)
        self.attention = nn.Linear(2 * state, 1)
        self.head = nn.Linear(3 * 2 * state, labels)

    def forward(self, words: Tensor) -> Tensor:
        """words int64 [batch, time] -> logits [batch, labels]"""
        exists = (words > 0).float().unsqueeze(-1)  # [batch, time, 1]
        x = torch.cat([self.vectors(words), self.own(words)], -1)
        if self.training:
            x = x * F.dropout(torch.ones_like(x[:, :1]), 0.3)  # one mask for all words of a text
            x = x * (torch.rand_like(exists) > 0.05)  # and some words are not there at all
        h = self.rnn(x * exists)[0] * exists  # [batch, time, 2 state]
        if self.training:
            h = h * F.dropout(torch.ones_like(h[:, :1]), 0.2)
        absent = 1e4 * (1 - exists)
        share = torch.softmax(self.attention(h) - absent, 1)
        pooled = [(h - absent).amax(1), h.sum(1) / exists.sum(1).clamp(min=1.0), (share * h).sum(1)]
        return self.head(torch.cat(pooled, -1))


class WordRows:
    """Texts as rows of words, and batches of them that are of similar length."""

    def __init__(self, texts: Sequence[str]) -> None:
        split = [words_of(text)[:LONGEST] or ["."] for text in texts]
        self.words = list(dict.fromkeys(word for words in split for word in words))
        index = {word: i + 1 for i, word in enumerate(self.words)}
        self.rows = [np.array([index[word] for word in words], np.int64) for words in split]

    def padded(self, chosen: Sequence[int]) -> Tensor:
        """int64 [chosen, longest]"""
        padded = np.zeros((len(chosen), max(len(self.rows[i]) for i in chosen)), np.int64)
        for row, i in zip(padded, chosen):
            row[: len(self.rows[i])] = self.rows[i]
        return torch.from_numpy(padded)

    def batches(self, chosen: Sequence[int], rng: random.Random | None = None) -> Iterator[list[int]]:
        """All of the chosen once: by length, or shuffled in pools that are."""
        order, pool = list(chosen), len(chosen)
        if rng:
            rng.shuffle(order)
            pool = 40 * BATCH_ROWS
        batches = []
        for at in range(0, len(order), pool):
            by_length = sorted(order[at : at + pool], key=lambda i: len(self.rows[i]))
            batches += [by_length[i : i + BATCH_ROWS] for i in range(0, len(by_length), BATCH_ROWS)]
        if rng:
            rng.shuffle(batches)
        return iter(batches)


def _fit(network: WordNetwork, rows: WordRows, texts: FoldedTexts, chosen: Sequence[int], config: WordTeacher, seed: int, name: str) -> None:
    rng = random.Random(seed)
    batches = [batch for _ in range(config.epochs) for batch in rows.batches(chosen, rng)]
    targets, known = torch.from_numpy(np.nan_to_num(texts.targets)).float(), torch.from_numpy(texts.known).float()
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.01)
    network.train()
    for step, batch in enumerate(tqdm(batches, unit="step", desc=name, file=sys.stderr, delay=2)):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, (step + 1) / WARMUP_STEPS) * (1 - step / len(batches))
        loss = masked_loss(network(rows.padded(batch)), targets[batch], known[batch])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()


@torch.no_grad()
def _logits(network: WordNetwork, rows: WordRows, name: str) -> np.ndarray:
    """float32 [texts, labels]"""
    network.eval()
    logits = np.zeros((len(rows.rows), network.head.out_features), np.float32)
    for batch in tqdm(list(rows.batches(range(len(rows.rows)))), unit="batch", desc=name, file=sys.stderr, delay=2):
        logits[batch] = network(rows.padded(batch)).numpy()
    return logits


def fit_and_predict(recipe: TeacherRecipe, config: WordTeacher, run: Path, watched: Sequence[Row] = ()) -> Predictions:
    """As teacher.fit_and_predict; vectors and finished folds are kept in `run`, so that a killed run goes on."""
    torch.set_num_threads(1)
    texts = FoldedTexts(recipe, watched)
    unlabelled = (paragraph for file in config.vectors.texts for paragraph in paragraphs(data_path(file)))
    whole = (row.text for source in recipe.sources if not (source.piece_bytes or source.reworded) for row in source_rows(source))
    vectors = train_vectors((text for part in (whole, unlabelled) for text in part), config.vectors, run / "vectors")
    rows = WordRows(texts.texts)
    table = np.concatenate([np.zeros((1, config.vectors.dimensions), np.float32), vectors_of(rows.words, vectors)])
    by_fold = []
    for fold in range(recipe.folds):
        kept = run / f"fold-{fold}.npy"
        if not kept.exists():
            torch.manual_seed(fold)
            network = WordNetwork(table, len(recipe.labels), config.state)
            chosen = np.flatnonzero(texts.known.any(1) & (texts.folds != fold)).tolist()
            _fit(network, rows, texts, chosen, config, fold, f"{recipe.name}, fold {fold + 1} of {recipe.folds}")
            np.save(kept, _logits(network, rows, f"predictions of fold {fold + 1}"))
        by_fold.append(np.load(kept))
    return texts.predictions(np.stack(by_fold))
