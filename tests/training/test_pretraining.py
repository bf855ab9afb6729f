"""Masked text, the masked-byte model, and the way of its encoder into a classifier."""

from pathlib import Path

import numpy as np
import pytest
import torch

from byteflow_train import cli
from byteflow_train.bytesplitter import EOS, FIRST_BYTE, MASK
from byteflow_train.masking import MaskedTextStream
from byteflow_train.network import ByteClassifier, FrontEndConfig, MaskedByteModel, NetworkConfig, QrnnConfig
from byteflow_train.recipe import Text, load_pretraining_recipe
from byteflow_train.train import load_encoder, pretrain

RECIPE = """
name = "toy-pretraining"
dropout = 0.0
[front_end]
embedding_channels = 8
conv_width = 3
channels = 24
[encoder]
blocks = 1
state = 16
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "toy.txt").write_text("the same line again and again\\nwith a break\n" * 200, encoding="utf-8")
    (tmp_path / "toy.toml").write_text(RECIPE, encoding="utf-8")
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


def test_pretraining_learns_and_its_encoder_carries_over(folder, tmp_path):
    recipe = load_pretraining_recipe(folder / "toy.toml")
    pretrain(recipe, tmp_path / "run")
    losses = [line for line in (tmp_path / "run" / "loss.jsonl").read_text().splitlines()]
    assert len(losses) == 2 and float(losses[-1].split('"loss": ')[1].split(",")[0]) < 2.0  # a uniform guess costs ln 256 = 5.5
    config = recipe.network
    model = ByteClassifier(NetworkConfig(config.front_end, config.encoder, ("a",)))
    load_encoder(model, tmp_path / "run" / "checkpoint.pt")
    taught = torch.load(tmp_path / "run" / "checkpoint.pt")["model"]
    assert torch.equal(model.encoder[0].gates.weight, taught["encoder.0.gates.weight"])

    released = tmp_path / "released.pt"
    assert cli.main(["encoder", str(folder / "toy.toml"), str(released), "--run", str(tmp_path / "run")]) == 0
    load_encoder(model, released)
    assert torch.equal(model.conv.embedding, taught["conv.embedding"].half().float())


def test_another_shape_is_refused(folder, tmp_path):
    config = NetworkConfig(FrontEndConfig(40, 8, 3, 24), QrnnConfig(1, 16))
    torch.save({"model": MaskedByteModel(config).state_dict()}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="encoder.0.gates.bias"):
        load_encoder(ByteClassifier(NetworkConfig(config.front_end, QrnnConfig(1, 12), ("a",))), tmp_path / "checkpoint.pt")
