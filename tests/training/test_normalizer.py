"""normalizer.py: what it undoes, what it leaves alone; the core agrees by the golden vectors of the models that normalize."""

from __future__ import annotations

import random
import unicodedata

import pytest

from byteflow_train.augment import look_alike, pull_apart
from byteflow_train.bytesplitter import EOS, FIRST_BYTE, split, utf8
from byteflow_train.normalizer import normalized, stand_ins


def letters(text: str) -> str:
    return normalized(utf8(text))[0].decode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ｆｕｌｌ 𝓼𝓬𝓻𝓲𝓹𝓽 naïve", "full script naive"),
        ("fu\u200bn\u00adny\ufeff", "funny"),
        ("ѕtор іdіоt ехо", "stop idiot exo"),
        ("Привет, Καλημέρα שלום 漢字", "Привет, Καλημέρα שלום 漢字"),
        ("s t u p i d, s_h_1_t, U.S.A.", "stupid, sh1t, USA."),
        ("a b, 1.2.3.4, a.b c d e, x y2 z", "a b, 1.2.3.4, a.b cde, x y2 z"),
        ("", ""),
    ],
)
def test_letters(text: str, expected: str) -> None:
    assert letters(text) == expected


def test_ends_point_behind_the_characters() -> None:
    assert normalized(utf8("ａ b")) == (b"a b", [3, 4, 5])
    assert normalized(utf8("x: a b c")) == (b"x: abc", [1, 2, 3, 4, 6, 8])
    assert normalized(b"\xff\xc3 a\x80") == (b"\xff\xc3 a\x80", [1, 2, 3, 4, 5])


def test_it_is_never_longer_and_ends_never_go_back() -> None:
    rng = random.Random(1)
    alphabet = [*map(utf8, "ab1 .-é\u0301\u200bѕпａ漢😀"), b"\xff", b"\x80", b"\xe2\x82"]
    for _ in range(2000):
        text = b"".join(rng.choice(alphabet) for _ in range(rng.randrange(40)))
        out, ends = normalized(text)
        assert len(out) == len(ends) <= len(text)
        assert ends == sorted(ends) and all(0 < end <= len(text) for end in ends)


def test_most_of_what_training_disguises_with_is_undone() -> None:
    rng = random.Random(2)
    words = ["stupid", "moron", "nobody", "people", "ridiculous", "awful"]
    undone = sum(letters(look_alike(word, rng)) == word for word in words * 50)
    assert undone > 200  # some letters of the noise are no look-alikes to Unicode
    assert all(letters(pull_apart(word, rng)) == word for word in words * 20)


def test_the_table_is_what_unicode_says() -> None:
    variants, look_alikes = stand_ins()
    assert len(variants) > 1500 and len(look_alikes) > 200 and not set(variants) & set(look_alikes)
    assert all(c > "\x7f" and (letter == "" or letter.isascii()) for c, letter in (variants | look_alikes).items())
    for c, letter in variants.items():
        base = "".join(d for d in unicodedata.normalize("NFKD", c) if not unicodedata.combining(d))
        if len(base) == 1 and base.isascii():
            assert letter == base, hex(ord(c))
    assert [look_alikes[c] for c in "аеорсухѕіј"] == list("aeopcyxsij")


def test_a_network_reads_letters_of_the_prefix() -> None:
    assert split(utf8("s t u p i d"), 5, True) == [byte + FIRST_BYTE for byte in b"stu"] + [EOS]
    assert split(utf8("s t u p i d"), 5) == [byte + FIRST_BYTE for byte in b"s t u"] + [EOS]
