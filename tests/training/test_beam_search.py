"""The search's reference: its pieces against plain definitions, and the vectors that it wrote for the core."""

import math
from pathlib import Path

import numpy as np
import pytest

from byteflow_train.beam_search import LN2, Pcg32, SearchOptions, allowed_ids, log_probabilities, log_table, missing, normalized, search
from byteflow_train.bytesplitter import EOS, FIRST_BYTE
from byteflow_train.search_golden import SCALES, RandomModel, cases, tables, write_search_golden

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "search.golden"


def test_logarithm_and_antilogarithm():
    table = tables(0.1)
    assert table.ln(1) == 0 and table.ln(2) == LN2
    values = [table.ln(n) for n in range(1, 20000)]
    assert values == sorted(values)
    assert max(abs(value / 2**20 - math.log(n)) for n, value in enumerate(values, 1)) < 2**-16
    assert [table.antilog(0, bits) for bits in (0, 16, 22)] == [1, 2**16, 2**22]
    for x in range(-(10 << 20), 10 << 20, 99991):
        exact = math.exp(x / 2**20) * 2**22
        assert abs(table.antilog(x, 22) - exact) < 1 + 2e-5 * exact


def test_the_length_penalty():
    table = tables(0.1)
    assert normalized(table, -(5 << 20), 1, 0.6) == -(5 << 20)
    assert normalized(table, -(5 << 20), 100, 0.0) == -(5 << 20)
    assert normalized(table, -(5 << 20), 100, 0.6) / 2**20 == pytest.approx(-5 / (105 / 6) ** 0.6, abs=1e-4)


def test_log_probabilities_sum_to_one():
    logits = np.random.default_rng(1).integers(-128, 128, 259)
    for scale in SCALES.values():
        for ids in (range(259), range(3, 40), [EOS]):
            total = sum(math.exp(score / 2**20) for score in log_probabilities(tables(scale), logits, ids).values())
            assert total == pytest.approx(1, abs=2e-3)


def test_pcg32_gives_its_published_numbers():
    generator = Pcg32(42, 54)
    assert [generator.next() for _ in range(4)] == [0xA15C02B7, 0x7B47F409, 0xBA1D3330, 0x83D2F293]


def test_a_character_begins_only_as_some_character_does():
    beginnings: dict[bytes, int] = {}
    for point in range(0x110000):
        if not 0xD800 <= point < 0xE000:
            character = chr(point).encode()
            for length in range(1, len(character) + 1):
                beginnings[character[:length]] = len(character) - length
    for first in range(256):
        one = bytes([first])
        assert missing(one) == beginnings.get(one)
        for second in range(256):
            two = bytes([first, second])
            if beginnings.get(one):
                assert missing(two) == beginnings.get(two)


def test_allowed_ids_leave_room_and_end_between_characters():
    assert EOS in allowed_ids(b"ab", 9, None) and EOS not in allowed_ids(b"ab\xe2\x82", 9, None)
    assert allowed_ids(b"\xe2\x82", 9, None) == [byte + FIRST_BYTE for byte in range(0x80, 0xC0)]
    for room, leads in ((1, 128), (2, 128 + 30), (3, 128 + 30 + 16), (4, 128 + 30 + 16 + 5)):
        assert len(allowed_ids(b"x", 1 + room, None)) == 1 + leads
    assert allowed_ids(b"", 9, np.zeros(259, bool)) == []


def test_stopping_early_changes_nothing_and_saves_steps():
    saved = 0
    for seed, scale, spread, bonus, options in cases():
        if options.sample or options.max_length > 12 or options.beams > 7:
            continue
        short, long = (RandomModel(seed, spread, bonus) for _ in range(2))
        steps = [0, 0]

        def count(model: RandomModel, which: int):
            def step(parents: list[int], ids: list[int]) -> np.ndarray:
                steps[which] += 1
                return model(parents, ids)

            return step

        early = search(count(short, 0), tables(SCALES[scale]), options)
        assert early == search(count(long, 1), tables(SCALES[scale]), options, stop_early=False)
        saved += steps[1] - steps[0]
    assert saved > 0


def test_a_mask_holds():
    mask = np.zeros(259, bool)
    mask[[EOS, ord("a") + FIRST_BYTE, ord("b") + FIRST_BYTE]] = True
    for sample in (False, True):
        found = search(RandomModel(1, 0, 100), tables(0.15), SearchOptions(3, 6, sample=sample), mask)
        assert len(found) == 3 and all(set(h.text) <= set(b"ab") for h in found)


def test_golden_vectors_are_current(tmp_path):
    write_search_golden(tmp_path / "fresh.golden")
    assert (tmp_path / "fresh.golden").read_text() == GOLDEN.read_text()


def test_the_log_table_rises_from_zero():
    table = log_table()
    assert table[0] == 0 and (np.diff(table) > 0).all() and table[-1] < LN2
