"""Words, their hashes, and the front end that reads them."""

import numpy as np
import pytest
import torch

from byteflow_train.bytesplitter import split, utf8
from byteflow_train.network import ByteClassifier, MaskedByteModel, NetworkConfig
from byteflow_train.qrnn import QrnnConfig
from byteflow_train.words import WordFrontEndConfig, WordProjection, hash_words, split_words, ternary_features


def test_words_are_lowered_and_closed_by_eos():
    assert split_words(b"") == [b"<EOS>"]
    assert split_words(b" One,\tTWO\x0b\x0c\r\nthree\0 ") == [b"one,", b"two", b"three\0", b"<EOS>"]
    assert split_words(utf8("<EOS> \u00a0\u041f")) == [b"<eos>", utf8("\u00a0\u041f"), b"<EOS>"]


@pytest.mark.parametrize(
    ("word", "hashes"),
    [  # the vectors of tests/core/words_test.cpp
        ("hello", [0x1E68D17C457BF117, 0x1AEC33D7DD3E8013, 0xADFBDBEE6B76D0F0, 0xECFF177C7FFC23C0]),
        ("incomprehensibilities", [0xF1EC9D9834C18758, 0xBD31558EBB71B04B, 0x805149D5716298AA, 0xE2D89378B7C52DA4]),
        ("\u043f\u0440", [0x7DB67373F8B8DE73, 0xCEF9765D1D5C000F, 0xB2AB6E4DFD337369, 0x692DCD34B0450050]),
    ],
)
def test_hashes_are_those_of_seqflowlite(word, hashes):
    assert hash_words(utf8(word), 4) == hashes
    assert hash_words(utf8(word), 3) == hashes[:3]


def test_features_are_ternary_and_half_are_zero():
    features = np.stack([ternary_features(str(i).encode(), 500) for i in range(400)])
    assert set(np.unique(features)) == {-1, 0, 1}
    assert abs((features == 0).mean() - 0.5) < 0.01 and abs(features.mean()) < 0.01
    assert abs(features.mean(0)).max() < 0.2  # no feature is constant


def test_a_row_is_a_word_and_padding_is_none():
    torch.manual_seed(0)
    layer = WordProjection(WordFrontEndConfig(60, 40, 6))
    texts = [split(utf8(text), 60) for text in ("the same words", "words", "")]
    ids = torch.tensor([row + [0] * (20 - len(row)) for row in texts])
    rows, mask = layer(ids)
    assert mask[..., 0].T.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]]
    assert torch.equal(rows[2, 0], rows[0, 1]) and torch.equal(rows[3, 0], rows[0, 2])
    assert not torch.equal(rows[0, 0], rows[1, 0]) and not rows[1:, 2].any()


def test_padding_and_neighbours_do_not_change_a_text():
    torch.manual_seed(0)
    model = ByteClassifier(NetworkConfig(WordFrontEndConfig(60, 40, 10), QrnnConfig(2, 7, 2), ("a",)))
    model.eval()
    texts = [split(utf8(text), 60) for text in ("a text of words", "", "one", "much longer than the others, and with more of them")]
    longest = max(map(len, texts)) + 3
    with torch.no_grad():
        together = model(torch.tensor([row + [0] * (longest - len(row)) for row in texts]))
        alone = torch.cat([model(torch.tensor([row])) for row in texts])
    assert torch.allclose(together, alone, atol=1e-5)


def test_bytes_cannot_be_predicted_from_words():
    with pytest.raises(ValueError, match="kind bytes"):
        MaskedByteModel(NetworkConfig(WordFrontEndConfig(), QrnnConfig()))
