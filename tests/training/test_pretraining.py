"""Masked text, the masked-byte model, and the way of its encoder into a classifier."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from byteflow_train import cli
from byteflow_train.bytesplitter import EOS, FIRST_BYTE, MASK
from byteflow_train.masking import MaskedTextStream
from byteflow_train.front_end import FrontEndConfig
from byteflow_train.network import ByteClassifier, MaskedByteModel, NetworkConfig
from byteflow_train.qrnn import QrnnConfig
from byteflow_train.recipe import Text, load_pretraining_recipe, load_recipe
from byteflow_train.train import load_encoder, pretrain

RECIPE = """
name = "toy-pretraining"
dropout = 0.0
[front_end]
embedding_channels = 8
conv_width = 3
channels = 24
downsample = 2
[encoder]
{encoder}
[training]
steps = 150
batch_rows = 16
max_bytes = 48
learning_rate = 1e-2
warmup_steps = 5
quantization_start = 1.0
[[texts]]
file = "toy.txt"
weight = 1
"""

ENCODERS = {
    "qrnn": "blocks = 1\nstate = 16",
    "transformer": 'kind = "transformer"\nblocks = 1\nheads = 3\nfeed_forward = 32',
    "funnel": 'kind = "funnel"\npool = [1, 2]\nheads = 3\nfeed_forward = 32',
}
WEIGHTS = {"qrnn": "encoder.0.gates.weight", "transformer": "encoder.blocks.0.up.weight", "funnel": "encoder.blocks.1.key.weight"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "toy.txt").write_text("the same line again and again\\nwith a break\n" * 200, encoding="utf-8")
    for kind, encoder in ENCODERS.items():
        (tmp_path / f"{kind}.toml").write_text(RECIPE.format(encoder=encoder), encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    return tmp_path


def test_hidden_bytes_are_the_targets(folder):
    stream = MaskedTextStream((Text("toy.txt", 1.0),), 32, 60, 5)
    batch = stream.batch(3)
    hidden = batch.ids == MASK
    assert 0.1 < hidden.mean() < 0.25
    at = {tuple(position): target for position, target in zip(batch.positions, batch.targets)}
    assert all(tuple(position) in at for position in np.argwhere(hidden))
    shown = [(p, t) for p, t in at.items() if batch.ids[p] != MASK]
    assert shown and all(batch.ids[p] == t + FIRST_BYTE for p, t in shown)
    assert (batch.ids == EOS).any() and b"\n" in bytes(batch.ids[batch.ids >= FIRST_BYTE].astype(np.uint16) - FIRST_BYTE)
    assert np.array_equal(stream.batch(3).ids, batch.ids) and not np.array_equal(stream.batch(4).ids, batch.ids)


@pytest.mark.parametrize("kind", ENCODERS)
def test_pretraining_learns_and_its_encoder_carries_over(kind, folder, tmp_path):
    recipe = load_pretraining_recipe(folder / f"{kind}.toml")
    pretrain(recipe, tmp_path / "run")
    losses = [line for line in (tmp_path / "run" / "loss.jsonl").read_text().splitlines()]
    # A uniform guess costs ln 256 = 5.5, and a guess by the letters' frequencies 2.5; a Funnel's rows stand for twice as many bytes.
    assert len(losses) == 2 and json.loads(losses[-1])["loss"] < (2.4 if kind == "funnel" else 2.0)
    config = recipe.network
    model = ByteClassifier(NetworkConfig(config.front_end, config.encoder, ("a",)))
    load_encoder(model, tmp_path / "run" / "checkpoint.pt")
    taught = torch.load(tmp_path / "run" / "checkpoint.pt")["model"]
    assert torch.equal(model.state_dict()[WEIGHTS[kind]], taught[WEIGHTS[kind]])

    released = tmp_path / "released.pt"
    assert cli.main(["encoder", str(folder / f"{kind}.toml"), str(released), "--run", str(tmp_path / "run")]) == 0
    load_encoder(model, released)
    parameters = dict(model.named_parameters())
    for name in set(parameters) & set(taught):
        assert torch.equal(parameters[name], taught[name].half().float()), name


def test_the_released_encoder_still_fits_its_recipe():
    models = Path(__file__).resolve().parents[2] / "models"
    network = load_recipe(models / "training/recipes/toxicity.toml").network
    load_encoder(ByteClassifier(network), models / "pretrained-byteqrnn.pt")


def test_another_shape_is_refused(folder, tmp_path):
    config = NetworkConfig(FrontEndConfig(40, 8, 3, 24), QrnnConfig(1, 16))
    torch.save({"model": MaskedByteModel(config).state_dict()}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="encoder.0.gates.bias"):
        load_encoder(ByteClassifier(NetworkConfig(config.front_end, QrnnConfig(1, 12), ("a",))), tmp_path / "checkpoint.pt")
