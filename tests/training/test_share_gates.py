"""A QRNN that begins with shared gates, made of one whose directions have their own."""

import itertools
from pathlib import Path

import pytest
import torch
from recipe_files import TOY_TASK, write_changed
from test_restore import released
from torch import Tensor

from byteflow_train import cli
from byteflow_train.bytesplitter import split, utf8
from byteflow_train.modelfile import ModelFileError
from byteflow_train.network import ByteClassifier
from byteflow_train.qrnn import QrnnConfig, QrnnEncoder
from byteflow_train.quantize import set_quantization
from byteflow_train.recipe import load_recipe
from byteflow_train.share_gates import cells_to_keep, share_gates, start
from byteflow_train.train import load_encoder

CHANNELS = 8

# golden.py's "wide" with shared gates, and a place for each of its cells.
RECIPE = """
name = "toy"
labels = ["toxicity"]
[front_end]
max_bytes = 130
embedding_channels = 16
conv_width = 7
channels = 64
block_widths = [1, 2, 3, 4]
downsample = 4
[encoder]
blocks = 2
state = 64
window = 2
shared_gates = true
[training]
steps = 2
batch_rows = 16
max_bytes = 48
""" + TOY_TASK


TEXTS = ["what a nice day it is, thank you", "go away and never come back here", "a text of some more words, since a block has many cells to fit"]


def write_task(folder: Path) -> None:
    """The rows of RECIPE."""
    rows = [f'{{"split": "train", "text": "{TEXTS[i % 3]} {i}", "labels": {{"toxicity": {i % 2}}}}}' for i in range(160)]
    (folder / "toy.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


def encoder(state: int, shared: bool, blocks: int = 2, window: int = 2) -> QrnnEncoder:
    torch.manual_seed(blocks * state + shared)
    return QrnnEncoder(QrnnConfig(blocks=blocks, state=state, window=window, shared_gates=shared), CHANNELS, 1e-5, dropout=0.1).eval()


def some_rows() -> list[tuple[Tensor, Tensor]]:
    torch.manual_seed(5)
    lengths = torch.tensor([40, 33, 7, 1])
    mask = (torch.arange(40).unsqueeze(1) < lengths).float().unsqueeze(-1)  # [time, batch, 1]
    return [(torch.randn(40, 4, CHANNELS) * mask, mask) for _ in range(6)]


def worst(old: QrnnEncoder, new: QrnnEncoder) -> float:
    """The largest difference of what the two make of rows, beside the largest of what the old one makes."""
    with torch.no_grad():
        pairs = [(old(x, mask)[0], new(x, mask)[0]) for x, mask in some_rows()]
    return max(float((a - b).abs().max() / a.abs().max()) for a, b in pairs)


@pytest.mark.parametrize("window", [1, 2, 3])
def test_nothing_is_lost_where_every_cell_has_a_place(window: int) -> None:
    old, new = encoder(6, shared=False, window=window), encoder(12, shared=True, window=window)
    assert worst(old, new) > 0.1
    share_gates(old, new, some_rows())
    assert worst(old, new) < 1e-2


def test_cells_that_add_nothing_are_left_out() -> None:
    old, new = encoder(6, shared=False), encoder(5, shared=True)
    idle = [0, 2, 3, 6, 8, 9, 11]  # of 6 forward and 6 backward
    with torch.no_grad():
        for block in old:
            block.projection.weight[:, idle] = 0.0
    share_gates(old, new, some_rows())
    assert worst(old, new) < 1e-2
    kept = old[0].gates.weight.view(2, 3, 6, -1).transpose(0, 1).flatten(1, 2)[:, [1, 4, 5, 7, 10]]
    assert torch.equal(new[0].gates.weight.view(3, 5, -1), kept)


def test_the_cell_that_goes_first_is_the_one_whose_loss_costs_least() -> None:
    torch.manual_seed(6)
    cells = 5
    x, y = torch.randn(80, 2 * cells + 1, dtype=torch.float64), torch.randn(80, 3, dtype=torch.float64)
    y += x[:, :cells] @ torch.randn(cells, 3, dtype=torch.float64)
    normal, cross = x.T @ x, x.T @ y

    def error(kept: tuple[int, ...]) -> float:
        columns = torch.tensor([*kept, *(cell + cells for cell in kept), 2 * cells])
        fit = torch.linalg.solve(normal[columns][:, columns], cross[columns])
        return float((y - x[:, columns] @ fit).square().sum())

    left: tuple[int, ...] = tuple(range(cells))
    for count in (4, 3, 2, 1):
        left = min(itertools.combinations(left, count), key=error)
        assert cells_to_keep(normal, cross, count).tolist() == list(left)


def test_encoders_that_do_not_fit_are_refused() -> None:
    for old, new in (
        (encoder(6, shared=False), encoder(6, shared=False)),
        (encoder(6, shared=False), encoder(13, shared=True)),
        (encoder(6, shared=False), encoder(6, shared=True, blocks=3)),
        (encoder(6, shared=False), encoder(6, shared=True, window=3)),
    ):
        with pytest.raises(ValueError, match="begins with shared gates from one of as many blocks"):
            share_gates(old, new, some_rows())


def test_a_released_model_is_a_start_for_a_recipe_with_shared_gates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_task(tmp_path)
    (tmp_path / "toy.toml").write_text(RECIPE, encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    old = released("wide", tmp_path / "wide.byteflow")
    set_quantization(old, False, observing=False)
    checkpoint = tmp_path / "start" / "start.pt"
    assert cli.main(["share-gates", str(tmp_path / "toy.toml"), str(tmp_path / "wide.byteflow"), str(checkpoint)]) == 0
    network = ByteClassifier(load_recipe(tmp_path / "toy.toml").network).eval()
    load_encoder(network, checkpoint)
    ids = torch.tensor([split(utf8(TEXTS[1]), 130)])
    with torch.no_grad():
        was, now = old.encode(ids)[0], network.encode(ids)[0]
    assert (was - now).abs().max() < 0.05 * was.abs().max()
    assert cli.main(["train", str(tmp_path / "toy.toml"), "--run", str(tmp_path / "run"), "--encoder", str(checkpoint)]) == 0


def test_only_a_qrnn_and_a_recipe_that_shares_will_do(tmp_path: Path) -> None:
    (tmp_path / "toy.toml").write_text(RECIPE, encoding="utf-8")
    write_changed(tmp_path / "own.toml", RECIPE, [("shared_gates = true", "shared_gates = false")])
    for name, recipe in (("transformer", "toy"), ("wide", "own")):
        released(name, tmp_path / "released.byteflow")
        with pytest.raises(ModelFileError, match=r"released\.byteflow and a recipe .* must both have a QRNN"):
            start(load_recipe(tmp_path / f"{recipe}.toml"), tmp_path / "released.byteflow", tmp_path / "start.pt")
