"""Training and measuring a generator: the loop is train.py's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from .decode import decode
from .generator import ByteGenerator, generator_loss
from .pair_measures import bleu, phoneme_errors, ranks
from .pairs import Pair, PairBatch, PairStream
from .recipe import GeneratorRecipe
from .restore import restore_generator
from .train import carry_over, fit, load_encoder, parameters_of, restored


def load_generator(recipe: GeneratorRecipe, run: Path) -> ByteGenerator:
    return restored(ByteGenerator(recipe.network), run)


def load_weights(model: ByteGenerator, checkpoint: Path) -> None:
    """All weights of another generator's run, or of a released generator (.byteflow)."""
    if checkpoint.suffix == ".byteflow":
        restore_generator(model, checkpoint)
        return
    wanted = {name for name, _ in model.named_parameters()}
    carry_over(model, parameters_of(checkpoint), checkpoint, wanted, "front_end, encoder and decoder must be those of the first training")


def train_generator(recipe: GeneratorRecipe, run: Path, encoder: Path | None = None, generator: Path | None = None) -> None:
    """`encoder` is the checkpoint of a pre-training of the encoder to start from, `generator` that of a whole generator."""
    t = recipe.training
    torch.manual_seed(t.seed)
    model = ByteGenerator(recipe.network)
    if encoder is not None:
        load_encoder(model, encoder)
    if generator is not None:
        load_weights(model, generator)

    def loss_of(batch: PairBatch, where: torch.device) -> Tensor:
        sources, targets = (torch.from_numpy(x).to(where) for x in (batch.sources, batch.targets))
        return generator_loss(model(sources, targets), targets)

    fit(recipe.name, model, PairStream(recipe), loss_of, t, run)


def evaluate_generator(model: ByteGenerator, pairs: Sequence[Pair], measure: str, beams: int, quantized: bool) -> dict[str, float]:
    found = [[text for text, _ in candidates] for candidates in decode(model, [pair.source for pair in pairs], beams, quantized=quantized)]
    targets = [pair.targets for pair in pairs]
    if measure == "rank":
        return ranks(found, targets)
    best = [texts[0] for texts in found]
    if measure == "phonemes":
        return phoneme_errors(best, targets)
    return {"bleu": bleu(best, targets), "bleu_of_the_sources": bleu([pair.source for pair in pairs], targets)}
