"""A network with more channels, made of one that has learnt with fewer."""

from pathlib import Path

import pytest
import torch
from recipe_files import write_changed
from test_restore import IDS, released
from test_share_gates import RECIPE, write_task
from torch import Tensor

from byteflow_train import cli
from byteflow_train.front_end import FrontEndConfig
from byteflow_train.network import ByteEncoder
from byteflow_train.qrnn import QrnnConfig
from byteflow_train.recipe import load_recipe
from byteflow_train.share_gates import start
from byteflow_train.widen import doubled, shared_out, widen
from byteflow_train.words import WordFrontEndConfig


def network(channels: int) -> ByteEncoder:
    torch.manual_seed(channels)
    front_end = FrontEndConfig(embedding_channels=8, conv_width=3, channels=channels, downsample=2)
    return ByteEncoder(front_end, QrnnConfig(blocks=2, state=10, window=2), 1e-5, dropout=0.1).eval()


def encoded(model: ByteEncoder) -> Tensor:
    with torch.no_grad():
        return model.encode(IDS)[0]


def test_twice_as_many_channels_say_the_same_twice() -> None:
    """Every channel is doubled, so LayerNorm finds the mean and variance that it found before: nothing is lost."""
    old, new = network(12), network(24)
    widen(old, new)
    was, now = encoded(old), encoded(new)
    assert torch.allclose(now[..., :12], was, atol=1e-4)
    assert torch.allclose(now[..., 12:].sort(-1).values, was.sort(-1).values, atol=1e-4)


def test_some_more_channels_come_near() -> None:
    old, new, other = network(96), network(128), network(128)
    widen(old, new)
    was = encoded(old)
    error = [float((encoded(model)[..., :96] - was).square().mean() / was.square().mean()) for model in (new, other)]
    assert error[0] < 0.02 < 0.5 < error[1]


def test_copies_do_not_learn_the_same() -> None:
    weight, origin = torch.ones(5, 2, 4), torch.tensor([0, 1, 2, 3, 2, 0])
    torch.manual_seed(1)
    shares = shared_out(weight, origin)
    assert torch.allclose(shares[..., 2] + shares[..., 4], torch.ones(5, 2)) and torch.equal(shares[..., 1], torch.ones(5, 2))
    assert (shares[..., 0] - shares[..., 5]).abs().min() > 1e-3


@pytest.mark.parametrize("wider", [11, 25])
def test_a_channel_has_two_copies_at_most(wider: int) -> None:
    with pytest.raises(ValueError, match="12 channels can be widened to 12 up to 24, not to"):
        doubled(12, wider)


def test_words_are_refused() -> None:
    words = ByteEncoder(WordFrontEndConfig(), QrnnConfig(blocks=1, state=8), 1e-5, dropout=0.0)
    with pytest.raises(ValueError, match="only one of kind bytes"):
        widen(words, words)


def test_a_recipe_with_shared_gates_may_have_more_channels_than_its_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_task(tmp_path)
    write_changed(tmp_path / "toy.toml", RECIPE, [("\nchannels = 64", "\nchannels = 80")])
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    released("wide", tmp_path / "wide.byteflow")
    checkpoint = tmp_path / "start.pt"
    assert cli.main(["share-gates", str(tmp_path / "toy.toml"), str(tmp_path / "wide.byteflow"), str(checkpoint)]) == 0
    assert cli.main(["train", str(tmp_path / "toy.toml"), "--run", str(tmp_path / "run"), "--encoder", str(checkpoint)]) == 0
    write_changed(tmp_path / "narrow.toml", RECIPE, [("\nchannels = 64", "\nchannels = 48")])
    with pytest.raises(ValueError, match="64 channels can be widened to 64 up to 128, not to 48"):
        start(load_recipe(tmp_path / "narrow.toml"), tmp_path / "wide.byteflow", checkpoint)
