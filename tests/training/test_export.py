"""Export and the integer reference: the file says what the network means."""

import re

import numpy as np
import pytest
import torch

from byteflow_train import generator_golden, golden
from byteflow_train.bytesplitter import split, utf8
from byteflow_train.export import ExportError, generator_file, source_commit, to_model_file
from byteflow_train.generator_reference import GeneratorReference
from byteflow_train.modelfile import ModelFileError, encode, read_model, write_model
from byteflow_train.network import ByteClassifier
from byteflow_train.quantize import set_quantization
from byteflow_train.reference import IntegerReference, requantize


def observed(name: str = "wide") -> ByteClassifier:
    torch.manual_seed(3)
    config = golden.RANDOM_MODELS[name]
    model = ByteClassifier(config)
    model.eval()
    set_quantization(model, True, observing=True)
    with torch.no_grad():
        for text in golden.cases(config.front_end.max_bytes):
            model(torch.tensor([split(text, config.front_end.max_bytes)]))
    set_quantization(model, True, observing=False)
    return model


def test_requantize_rounds_half_to_even_and_clamps():
    acc = np.array([1, 3, 5, -1, -3, 10**9, -(10**9)])
    assert requantize(acc, np.float32(0.5), 0).tolist() == [0, 2, 2, 0, -2, 127, -128]
    assert requantize(acc, np.float32(0.5), 100).tolist() == [100, 102, 102, 100, 98, 127, -128]


@pytest.mark.parametrize("name", ["wide", "transformer", "funnel", "words", "calibrated", "original"])
def test_the_integers_follow_the_network(name):
    model = observed(name)
    count = len(model.config.labels)
    reference = IntegerReference(to_model_file(model, name, np.ones(count), np.zeros(count)))
    texts = ["a short one", "The longer text, with more of everything in it! " * 2, "\u20ac\u20ac", ""]
    with torch.no_grad():
        for text in texts:
            ids = split(utf8(text), model.config.front_end.max_bytes)
            expected = model(torch.tensor([ids]))[0].numpy()
            assert np.abs(reference.score(utf8(text)).logits - expected).max() < 0.12


@pytest.mark.parametrize("name", ["odd", "transformer", "funnel", "words", "original"])
def test_a_file_reads_back_as_it_was_written(name, tmp_path):
    network = observed(name)
    count = len(network.config.labels)
    described = {"recipe": "r", "data": "d", "metrics": "{}"}
    model = to_model_file(network, "odd", np.full(count, 1.5), np.full(count, -0.25), described)
    write_model(model, tmp_path / "odd.byteflow")
    again = read_model(tmp_path / "odd.byteflow")
    assert encode(again) == (tmp_path / "odd.byteflow").read_bytes()
    assert again.front_end == model.front_end and again.encoder == model.encoder and again.labels == model.labels
    for name, tensor in model.tensors.items():
        assert np.array_equal(again.tensors[name].data, tensor.data), name


def test_a_file_says_which_commit_made_it_or_nothing(tmp_path):
    network, path = observed("odd"), tmp_path / "model.byteflow"
    for provenance in ({}, {"commit": "0123abcd-dirty"}):
        write_model(to_model_file(network, "odd", np.ones(1), np.zeros(1), provenance), path)
        assert read_model(path).provenance.get("commit") == provenance.get("commit")
    assert re.fullmatch(r"([0-9a-f]{40}(-dirty)?)?", source_commit())


def test_a_flipped_bit_is_found(tmp_path):
    raw = bytearray(encode(to_model_file(observed("odd"), "odd", np.ones(1), np.zeros(1))))
    raw[len(raw) // 2] ^= 4
    (tmp_path / "odd.byteflow").write_bytes(raw)
    with pytest.raises(ModelFileError, match="checksum"):
        read_model(tmp_path / "odd.byteflow")


def test_tensor_data_is_aligned(tmp_path):
    model = to_model_file(observed("odd"), "odd", np.ones(1), np.zeros(1))
    raw = encode(model)
    for name, tensor in model.tensors.items():
        data = tensor.data.tobytes()
        assert any(raw[at : at + len(data)] == data for at in range(0, len(raw), 64)), name


def test_an_untracked_network_is_refused():
    model = ByteClassifier(golden.RANDOM_MODELS["odd"])
    with pytest.raises(ExportError, match="conv.pre"):
        to_model_file(model, "odd", np.ones(1), np.zeros(1))


def test_files_that_are_no_model_are_named(tmp_path):
    (tmp_path / "x.byteflow").write_bytes(b"not a model at all")
    with pytest.raises(ModelFileError, match="x.byteflow"):
        read_model(tmp_path / "x.byteflow")


@pytest.mark.parametrize("name", sorted(golden.RANDOM_MODELS))
def test_golden_vectors_are_current(name, tmp_path):
    folder = __import__("pathlib").Path(__file__).resolve().parents[1] / "golden"
    golden.write_golden(folder / f"{name}.byteflow", tmp_path / "fresh.golden")
    assert (tmp_path / "fresh.golden").read_text() == (folder / f"{name}.golden").read_text()


@pytest.mark.parametrize("name", sorted(generator_golden.RANDOM_GENERATORS))
def test_the_integers_follow_the_generator(name, tmp_path):
    model = generator_golden.random_generator(name)
    write_model(generator_file(model, name), tmp_path / "generator.byteflow")
    reference = GeneratorReference(read_model(tmp_path / "generator.byteflow"))
    longest = model.config.decoder.max_length - 1
    scale = float(model.decoder.logits.scale)
    for text, target in ((b"a short one", b"it writes this"), (b"", "\u20ac\u20ac\u20ac".encode()), (b"The longer text, with more of everything! ", b"")):
        ids = split(target, longest)
        with torch.no_grad():
            expected = model(torch.tensor([split(text, model.config.front_end.max_bytes)]), torch.tensor([ids]))[:, 0].numpy()
        reference.read(text)
        for t, fed in enumerate([0, *ids[:-1]]):
            got = (reference.step([0], [fed])[0].astype(int) - int(model.decoder.logits.zero_point)) * scale
            assert np.abs(got - expected[t]).max() < 0.3 and np.abs(got - expected[t]).mean() < 0.05


def test_a_generator_reads_back_as_it_was_written(tmp_path):
    model = generator_file(generator_golden.random_generator("odd"), "odd", {"recipe": "r", "data": "d", "metrics": "{}"})
    write_model(model, tmp_path / "odd.byteflow")
    again = read_model(tmp_path / "odd.byteflow")
    assert encode(again) == (tmp_path / "odd.byteflow").read_bytes()
    assert again.decoder == model.decoder and again.labels == ()


@pytest.mark.parametrize("name", sorted(generator_golden.RANDOM_GENERATORS))
def test_golden_vectors_of_generators_are_current(name, tmp_path):
    folder = __import__("pathlib").Path(__file__).resolve().parents[1] / "golden/generators"
    generator_golden.write_generator_golden(folder / f"{name}.byteflow", tmp_path / "fresh.golden")
    assert (tmp_path / "fresh.golden").read_text() == (folder / f"{name}.golden").read_text()
