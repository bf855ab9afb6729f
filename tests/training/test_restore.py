"""Released models as the start of another training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_export import observed

from byteflow_train import generator_golden
from byteflow_train.export import to_model_file
from byteflow_train.generator import ByteGenerator
from byteflow_train.modelfile import ModelFileError, read_model, write_model
from byteflow_train.network import ByteClassifier
from byteflow_train.quantize import set_quantization
from byteflow_train.train import load_encoder, load_front_end
from byteflow_train.train_generator import load_weights
from byteflow_train.transformer import TransformerConfig

IDS = torch.tensor([[3 + byte for byte in b"some text that is long enough for every window, and more"] + [1]])


def released(name: str, file: Path) -> ByteClassifier:
    """The network of this name, and its file."""
    trained = observed(name)
    count = len(trained.config.labels)
    write_model(to_model_file(trained, name, np.ones(count), np.zeros(count)), file)
    return trained


@pytest.mark.parametrize("name", ["wide", "transformer", "funnel", "words", "calibrated", "original"])
def test_an_encoder_comes_back(name: str, tmp_path: Path) -> None:
    trained = released(name, tmp_path / "released.byteflow")
    torch.manual_seed(99)
    fresh = ByteClassifier(trained.config)
    load_encoder(fresh, tmp_path / "released.byteflow")
    for model in (trained, fresh):
        model.eval()
        set_quantization(model, False, observing=False)
    with torch.no_grad():
        (was, _), (now, _) = trained.encode(IDS), fresh.encode(IDS)
    assert (was - now).abs().max() < 0.05 * was.abs().max()
    head = fresh.state_dict()["head.weight"]
    assert not torch.equal(head, trained.state_dict()["head.weight"])  # the task is not carried over


def test_a_qrnn_may_read_longer_texts_than_it_was_released_for(tmp_path: Path) -> None:
    for name, fits in (("wide", True), ("transformer", False)):
        trained = released(name, tmp_path / "released.byteflow")
        longer = replace(trained.config, front_end=replace(trained.config.front_end, max_bytes=2 * trained.config.front_end.max_bytes))
        if fits:
            load_encoder(ByteClassifier(longer), tmp_path / "released.byteflow")
        else:
            with pytest.raises(ModelFileError, match="its front_end is"):
                load_encoder(ByteClassifier(longer), tmp_path / "released.byteflow")


@pytest.mark.parametrize("name", ["released.byteflow", "checkpoint.pt"])
def test_a_qrnn_may_grow_and_begins_where_the_smaller_one_ended(name: str, tmp_path: Path) -> None:
    trained = released("wide", tmp_path / "released.byteflow")
    torch.save({"model": trained.state_dict()}, tmp_path / "checkpoint.pt")
    same, deeper = (replace(trained.config, encoder=replace(trained.config.encoder, blocks=trained.config.encoder.blocks + more)) for more in (0, 2))
    rows = []
    for config in (same, deeper):
        network = ByteClassifier(config)
        load_encoder(network, tmp_path / name)
        network.eval()
        set_quantization(network, False, observing=False)
        with torch.no_grad():
            rows.append(network.encode(IDS)[0])
    assert torch.equal(*rows)


def test_a_qrnn_of_more_blocks_than_the_network_is_refused(tmp_path: Path) -> None:
    trained = released("wide", tmp_path / "released.byteflow")
    assert trained.config.encoder.blocks > 1
    shallower = replace(trained.config, encoder=replace(trained.config.encoder, blocks=1))
    with pytest.raises(ModelFileError, match="its encoder is"):
        load_encoder(ByteClassifier(shallower), tmp_path / "released.byteflow")


def test_a_front_end_comes_back_alone(tmp_path: Path) -> None:
    trained = released("wide", tmp_path / "wide.byteflow")
    torch.save({"model": trained.state_dict()}, tmp_path / "wide.pt")
    longer = replace(trained.config.front_end, max_bytes=2 * trained.config.front_end.max_bytes)
    for name in ("wide.byteflow", "wide.pt"):
        torch.manual_seed(99)
        fresh = ByteClassifier(replace(trained.config, front_end=longer, encoder=TransformerConfig(blocks=1, heads=2, feed_forward=64)))
        encoder = {key: value.clone() for key, value in fresh.encoder.state_dict().items()}
        load_front_end(fresh, tmp_path / name)
        was, now = trained.state_dict()["conv.conv.weight"], fresh.state_dict()["conv.conv.weight"]
        assert (was - now).abs().max() < 0.02 * was.abs().max()
        for key, value in fresh.encoder.state_dict().items():
            torch.testing.assert_close(value, encoder[key])
    with pytest.raises(ModelFileError, match=r"its front_end is .*, but this recipe's is"):
        load_front_end(observed("odd"), tmp_path / "wide.byteflow")


def test_an_encoder_of_another_shape_is_refused(tmp_path: Path) -> None:
    trained = released("wide", tmp_path / "wide.byteflow")
    with pytest.raises(ModelFileError, match=r"wide\.byteflow: its front_end is .*, but this recipe's is"):
        load_encoder(observed("odd"), tmp_path / "wide.byteflow")


def test_a_generator_comes_back(tmp_path: Path) -> None:
    generator_golden.write_random_generator("small", tmp_path / "small.byteflow")
    config = generator_golden.RANDOM_GENERATORS["small"]
    fresh = ByteGenerator(config)
    load_weights(fresh, tmp_path / "small.byteflow")
    released = read_model(tmp_path / "small.byteflow")
    for name, layer in (("decoder.output", fresh.decoder.output), ("decoder.0.running", fresh.decoder.blocks[0].running)):
        tensor = released.tensors[f"{name}.weight"]
        expected = tensor.data.reshape(tensor.scales.size, -1) * tensor.scales.reshape(-1, 1)
        assert np.allclose(layer.weight.detach().numpy(), expected)
