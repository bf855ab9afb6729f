"""The mean of the weights of several runs (model soups, Wortsman et al. 2022).

Runs of which one went on from the other lie in one basin: on the dev split and on held-out rows the mean ranks about as well as the sum of their scores,
at the cost of one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from .network import ByteClassifier
from .qrnn import ADDING
from .quantize import set_quantization
from .recipe import Recipe
from .train import labelled_ids, parameters_of, save_atomically

OBSERVED_BATCHES = 150  # ranges move by a hundredth a batch: 1 - 0.99^150 = 78% of the way from those of the first batch


def mean_parameter(name: str, shape: torch.Size, states: Sequence[Mapping[str, Tensor]]) -> Tensor:
    """A parameter that runs of fewer blocks lack is the mean of those that have it, but what such a block would add counts as zero in those that lack it.

    Raises ValueError where no run has it, or one has another shape.
    """
    there = [state[name] for state in states if name in state]
    if not there or any(tensor.shape != shape for tensor in there):
        raise ValueError(f"{name} does not fit this recipe in all of the runs, or is in none")
    count = len(states) if name.startswith("encoder.") and f".{ADDING}." in name else len(there)
    return torch.stack(there).sum(0) / count


@torch.no_grad()
def average(recipe: Recipe, runs: Sequence[Path], run: Path) -> None:
    """Writes the checkpoint of a run whose weights are the mean of others', and whose ranges are observed anew on training text."""
    t = recipe.training
    torch.manual_seed(t.seed)
    torch.set_num_threads(t.threads)
    model = ByteClassifier(recipe.network)
    states = [parameters_of(path / "checkpoint.pt") for path in runs]
    for name, parameter in model.named_parameters():
        parameter.copy_(mean_parameter(name, parameter.shape, states))
    model.eval()
    set_quantization(model, True, observing=True)
    for ids in tqdm(labelled_ids(recipe, OBSERVED_BATCHES), total=OBSERVED_BATCHES, unit="batch", desc="ranges", file=sys.stderr, delay=2):
        model(ids)
    run.mkdir(parents=True, exist_ok=True)
    save_atomically({"model": model.state_dict()}, run / "checkpoint.pt")
