"""Masked text, the masked-byte model, and the way of its encoder into a classifier."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from recipe_files import FRONT_END

from byteflow_train import cli
from byteflow_train.bytesplitter import EOS, FIRST_BYTE, MASK
from byteflow_train.masking import MaskedTextStream
from byteflow_train.front_end import FrontEndConfig
from byteflow_train.network import ByteClassifier, MaskedByteModel, NetworkConfig
from byteflow_train.qrnn import QrnnConfig
from byteflow_train.recipe import Text, WordMeanings, load_pretraining_recipe, load_recipe
from byteflow_train.train import load_encoder, pretrain

RECIPE = """
name = "toy-pretraining"
dropout = 0.0
""" + FRONT_END + """
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


@pytest.fixture
def vectors(monkeypatch):
    """Stands in for fastText: a vector a word, made of its letters, all with something in common."""

    def vectors_of(words, _file):
        return np.array([np.random.default_rng(list(word.encode())).normal(3.0, 1.0, 12) for word in words], np.float32)

    monkeypatch.setattr("byteflow_train.word_targets.vectors_of", vectors_of)


def test_a_word_is_asked_for_where_it_ends(folder, vectors):
    words = WordMeanings("vectors.bin", vocabulary=100)
    stream = MaskedTextStream((Text("toy.txt", 1.0),), 32, 60, 5, words)
    plain = MaskedTextStream((Text("toy.txt", 1.0),), 32, 60, 5).batch(0)
    batch = stream.batch(0)
    assert np.array_equal(batch.ids, plain.ids) and plain.words is None  # the same bytes are hidden
    whole = batch.ids.copy()
    whole[tuple(batch.positions.T)] = batch.targets + FIRST_BYTE
    vocabulary = ["the", "same", "line", "again", "and", "with", "break"]  # not "a": too short
    expected = {word: vector for word, vector in zip(stream.words._index, stream.words.vectors)}
    assert sorted(word.decode() for word in expected) == sorted(vocabulary)
    assert np.abs(stream.words.vectors.mean(0)).max() < 1e-5
    texts = [bytes(np.maximum(row - FIRST_BYTE, 0).astype(np.uint8)) for row in whole]
    found = set()
    for (row, last), meaning in zip(batch.words, batch.meanings):
        word = next(word for word in expected if texts[row][: last + 1].endswith(word))
        start = last + 1 - len(word)
        assert start > 0 and last + 1 < len(texts[row]) and not texts[row][start - 1 : start].isalnum() and not texts[row][last + 1 : last + 2].isalnum()
        assert np.array_equal(meaning, expected[word])
        found.add(word.decode())
    assert found == set(vocabulary) and len(batch.words) > 32 * 8


@pytest.mark.parametrize("kind", ENCODERS)
def test_pretraining_learns_what_words_mean(kind, folder, vectors, tmp_path):
    text = (folder / f"{kind}.toml").read_text(encoding="utf-8").replace("[[texts]]", '[words]\nvectors = "vectors.bin"\nvocabulary = 100\n[[texts]]')
    (folder / f"{kind}.toml").write_text(text, encoding="utf-8")
    recipe = load_pretraining_recipe(folder / f"{kind}.toml")
    pretrain(recipe, tmp_path / "run")
    model = MaskedByteModel(recipe.network, 12)
    model.load_state_dict(torch.load(tmp_path / "run" / "checkpoint.pt")["model"])
    batch = MaskedTextStream(recipe.texts, 16, 48, 99, recipe.words).batch(0)
    with torch.no_grad():
        _, said = model.eval()(*(torch.from_numpy(x) for x in (batch.ids, batch.positions, batch.words)))
    assert torch.nn.functional.cosine_similarity(said, torch.from_numpy(batch.meanings)).mean() > 0.6  # vectors of other words have 0
    load_encoder(ByteClassifier(NetworkConfig(recipe.network.front_end, recipe.network.encoder, ("a",))), tmp_path / "run" / "checkpoint.pt")


def test_the_released_encoder_still_fits_its_recipe():
    models = Path(__file__).resolve().parents[2] / "models"
    network = load_recipe(models / "training/recipes/toxicity.toml").network
    load_encoder(ByteClassifier(network), models / "pretrained-byteqrnn.pt")


def test_another_shape_is_refused(folder, tmp_path):
    config = NetworkConfig(FrontEndConfig(40, 8, 3, 24), QrnnConfig(1, 16))
    torch.save({"model": MaskedByteModel(config).state_dict()}, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="encoder.0.gates.bias"):
        load_encoder(ByteClassifier(NetworkConfig(config.front_end, QrnnConfig(1, 12), ("a",))), tmp_path / "checkpoint.pt")
