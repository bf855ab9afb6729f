"""Golden vectors of generators: what the integer reference writes for hard texts, and a hash of the logits of every step.

A `.golden` file holds lines of words: `case <options> <UTF-8 in hexadecimal, - when empty>`; then for each step `step <rows> <FNV-1a of the logits, row by
row>`, and `text <complete> <score> <UTF-8>` for each hypothesis, best first. Options: beams, max_length, float32 length penalty, sample, float32
temperature, top_k, float32 top_p, seed. Floats are little-endian in hexadecimal.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from .beam_search import SearchOptions, search
from .bytesplitter import EOS, split
from .export import generator_file
from .front_end import FrontEndConfig
from .generator import ByteGenerator, GeneratorConfig
from .generator_reference import GeneratorReference
from .golden import cases, float_hex
from .lexicon import lexicon_of, weighed, with_lexicon, words_of
from .matt import DecoderConfig
from .modelfile import ModelFile, read_model, write_model
from .qrnn import QrnnConfig
from .quantize import set_quantization
from .transformer import FunnelConfig, TransformerConfig
from .words import WordFrontEndConfig

RANDOM_GENERATORS = {
    "small": GeneratorConfig(FrontEndConfig(60, 6, 5, 48, (1, 2, 3), 1), QrnnConfig(1, 16, 2), DecoderConfig(48, 7, 4, 2, 3, 40)),
    "odd": GeneratorConfig(FrontEndConfig(33, 3, 3, 21, (1, 2), 3), TransformerConfig(1, 7, 10), DecoderConfig(19, 5, 1, 1, 3, 13)),
    "funnel": GeneratorConfig(FrontEndConfig(50, 4, 3, 30, (1, 2), 2), FunnelConfig((1, 3), 2, 20), DecoderConfig(24, 9, 7, 3, 5, 33)),
    "words": GeneratorConfig(WordFrontEndConfig(40, 90, 16), QrnnConfig(1, 8, 1), DecoderConfig(12, 1, 2, 1, 1, 1)),
}
WITH_LEXICON = ("words",)


def fnv1a(data: bytes) -> int:
    hash = 0xCBF29CE484222325
    for byte in data:
        hash = (hash ^ byte) * 0x100000001B3 % 2**64
    return hash


def options_of(number: int, max_length: int) -> SearchOptions:
    """Every third case samples, the others search with few or many beams."""
    length = max_length if number % 5 == 0 else 1 + number * 7 % max_length
    if number % 3 == 2:
        return SearchOptions(1 + number % 4, length, 0.6, True, (0.7, 1.0, 1.6)[number % 7 % 3], number % 2 * 20, (1.0, 0.9)[number % 4 // 2], number)
    return SearchOptions((1, 2, 4, 9)[number % 4], length, (0.0, 0.6, 1.2)[number % 7 % 3])


def write_generator_golden(model_path: Path, golden_path: Path) -> None:
    reference = GeneratorReference(read_model(model_path))
    texts = cases(reference.model.front_end.max_bytes)
    lines = []
    for number, text in enumerate((*texts[:12:2], *texts[18:36:4], *texts[-7:])):
        o = options_of(number, reference.config.max_length)
        numbers = f"{o.beams} {o.max_length} {float_hex(o.length_penalty)} {int(o.sample)} {float_hex(o.temperature)} {o.top_k} {float_hex(o.top_p)} {o.seed}"
        lines.append(f"case {numbers} {text.hex() or '-'}")

        def step(parents: list[int], ids: list[int]) -> np.ndarray:
            logits = reference.step(parents, ids)
            lines.append(f"step {len(ids)} {fnv1a(logits.tobytes()):016x}")
            return logits

        reference.read(text)
        for found in weighed(reference.model, search(step, reference.tables, o)):
            lines.append(f"text {int(found.complete)} {found.score} {found.text.hex() or '-'}")
    golden_path.write_text("\n".join(lines) + "\n", encoding="ascii")


def random_generator(name: str) -> ByteGenerator:
    """An untrained network whose ranges were tracked over a few random texts and all that they might become."""
    if name not in RANDOM_GENERATORS:
        raise ValueError(f"no random generator {name}; there are {', '.join(RANDOM_GENERATORS)}")
    torch.manual_seed(len(name))
    config = RANDOM_GENERATORS[name]
    model = ByteGenerator(config)
    with torch.no_grad():
        for block in model.decoder.blocks:
            block.query.weight *= 4.0  # so that some shares of attention vanish and others are nearly all
        model.decoder.output.bias.normal_()
        model.decoder.output.bias[EOS] += 2.0  # so that some texts end
    model.eval()
    set_quantization(model, True, observing=True)
    rng = random.Random(name)
    longest = config.decoder.max_length - 1
    with torch.no_grad():
        for text in cases(config.front_end.max_bytes):
            target = split(bytes(rng.randrange(256) for _ in range(rng.randint(0, longest))), longest)
            model(torch.tensor([split(text, config.front_end.max_bytes)]), torch.tensor([target]))
    set_quantization(model, True, observing=False)
    return model


def written_words(model: ModelFile) -> list[bytes]:
    """What an untrained network happens to write."""
    reference = GeneratorReference(model)
    words: set[bytes] = set()
    for number, text in enumerate(cases(model.front_end.max_bytes)):
        for found in reference.generate(text, options_of(number, reference.config.max_length)):
            words.update(words_of(found.text))
    return sorted(words)


def write_random_generator(name: str, path: Path) -> None:
    model = generator_file(random_generator(name), name)
    if name in WITH_LEXICON:
        model = with_lexicon(model, lexicon_of(written_words(model)[::2], 256), 0.75)
    write_model(model, path)
