"""The start of a QRNN whose directions share their gates, from one in which each has its own.

A cell is what has learnt something, in whichever direction: so every cell is tried in both, a block's projection is fitted anew to make of all of them what
the block made before, and the cells that it can best do without are left out one by one. Leaving one out costs what Optimal Brain Surgeon says (Hassibi
and Stork 1993, equation 5), here for the two columns of a cell at once. Nothing is trained, so what this costs must be learnt back.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from .modelfile import ModelFileError, Qrnn, read_model
from .network import ByteClassifier
from .qrnn import QrnnBlock, QrnnConfig, QrnnEncoder
from .recipe import Recipe
from .restore import restore_encoder
from .train import FRONT_END_PARTS, labelled_ids, save_atomically
from .widen import widen

# Of the mean square of a column, added to all: so that columns that say the same can be told apart.
RIDGE = 1e-4

# Of 64 texts: those of toxicity-shared-gates.toml have 46,659 rows, 121 for each of the 385 columns of 192 cells in both directions and a constant.
BATCHES = 24


def with_every_cell(block: QrnnBlock, channels: int) -> QrnnBlock:
    """A block with shared gates that has the cells of both directions of another, without projection of use."""
    config = QrnnConfig(state=block.gate_sets * block.state, window=block.window, shared_gates=True)
    both = QrnnBlock(channels, config, block.norm.epsilon, dropout=0.0).eval()
    for own, its in ((both.gates.weight, block.gates.weight), (both.gates.bias, block.gates.bias)):
        own.copy_(its.view(block.gate_sets, 3, block.state, -1).transpose(0, 1).reshape(own.shape))
    return both


def cells_to_keep(normal: Tensor, cross: Tensor, count: int) -> Tensor:
    """Cells by whose columns a projection is fitted almost as well as by all.

    normal [columns, columns] and cross [columns, channels] are those of least squares; the columns are the cells forward, the same backward, and a constant.
    """
    cells = normal.shape[0] // 2
    alive = torch.ones(cells, dtype=torch.bool)
    inverse = torch.linalg.inv(normal)
    fit = inverse @ cross
    both = torch.arange(2 * cells).view(2, cells).T  # [cells, 2]
    while alive.sum() > count:
        columns = both[alive]  # [alive, 2]
        corner = inverse[columns.unsqueeze(2), columns.unsqueeze(1)]  # [alive, 2, 2]
        cost = (fit[columns] * torch.linalg.solve(corner, fit[columns])).sum((1, 2))
        cheapest = int(cost.argmin())
        gone = columns[cheapest]
        share = torch.linalg.solve(corner[cheapest], torch.cat([fit[gone], inverse[gone]], dim=1))  # of the two columns in all others
        fit, inverse = fit - inverse[:, gone] @ share[:, : fit.shape[1]], inverse - inverse[:, gone] @ share[:, fit.shape[1] :]
        alive[gone[0]] = False
    return alive.nonzero().flatten()


@torch.no_grad()
def share_gates(old: QrnnEncoder, new: QrnnEncoder, rows: Sequence[tuple[Tensor, Tensor]]) -> None:
    """Fills `new`, block by block, so that it makes of these rows what `old` does, as nearly as its cells can.

    rows: what the front end makes of some texts, x [time, batch, channels] and mask [time, batch, 1]. Raises ValueError where the encoders do not fit.
    """
    if len(old) != len(new) or any(b.gate_sets != 1 or b.window != a.window or b.state > a.gate_sets * a.state for a, b in zip(old, new)):
        raise ValueError("a QRNN begins with shared gates from one of as many blocks, the same window and at least as many cells in both directions together")
    wanted = made = [x for x, _ in rows]
    masks = [mask for _, mask in rows]
    for before, block in zip(old, new):
        channels = made[0].shape[-1]
        both = with_every_cell(before, channels)
        wanted = [before(x, mask) for x, mask in zip(wanted, masks)]
        columns = 2 * both.state + 1
        normal, cross = torch.zeros(columns, columns, dtype=torch.float64), torch.zeros(columns, channels, dtype=torch.float64)
        for x, target, mask in zip(made, wanted, masks):
            there = mask.squeeze(-1) > 0
            y = F.pad(both.pooled(x, mask)[there], (0, 1), value=1.0)
            normal += (y.T @ y).double()
            cross += (y.T @ (target - x)[there]).double()  # also what the blocks before have lost
        normal += RIDGE * normal.diagonal().mean() * torch.eye(columns, dtype=torch.float64)
        kept = cells_to_keep(normal, cross, block.state)
        block.gates.weight.copy_(both.gates.weight.view(3, both.state, -1)[:, kept].flatten(0, 1))
        block.gates.bias.copy_(both.gates.bias.view(3, both.state)[:, kept].flatten())
        fitted = torch.cat([kept, kept + both.state, torch.tensor([columns - 1])])
        fit = torch.linalg.solve(normal[fitted][:, fitted], cross[fitted])
        block.projection.weight.copy_(fit[:-1].T)
        block.projection.bias.copy_(fit[-1])
        made = [block(x, mask) for x, mask in zip(made, masks)]


@torch.no_grad()
def start(recipe: Recipe, released: Path, checkpoint: Path) -> None:
    """Writes a checkpoint for `train --encoder` of a recipe with shared gates, from a released model whose front end is the recipe's but for its channels:
    these may be up to twice as many.

    Raises ModelFileError or ValueError where they do not fit.
    """
    model = read_model(released)
    encoder, config = model.encoder, recipe.network.encoder
    if not isinstance(encoder, Qrnn) or not isinstance(config, QrnnConfig) or not config.shared_gates:
        raise ModelFileError(f"{released} and a recipe that trains what begins with it must both have a QRNN, the recipe's with shared_gates = true")
    torch.manual_seed(recipe.training.seed)
    torch.set_num_threads(recipe.training.threads)
    its = QrnnConfig(encoder.blocks, encoder.state, encoder.window, shared_gates=encoder.shared_gates)
    narrow = replace(recipe.network.front_end, channels=model.front_end.channels)
    old, new = ByteClassifier(replace(recipe.network, front_end=narrow, encoder=its)).eval(), ByteClassifier(recipe.network).eval()
    restore_encoder(old, released)
    if narrow != recipe.network.front_end:
        narrower, old = old, ByteClassifier(replace(recipe.network, encoder=its)).eval()
        widen(narrower, old)
    new.load_state_dict({name: tensor for name, tensor in old.state_dict().items() if name.startswith(FRONT_END_PARTS)}, strict=False)
    batches = tqdm(labelled_ids(recipe, BATCHES), total=BATCHES, unit="batch", desc="texts", file=sys.stderr, delay=2)
    share_gates(old.encoder, new.encoder, [old.read(ids) for ids in batches])
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    save_atomically({"model": new.state_dict()}, checkpoint)
