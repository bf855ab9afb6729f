"""Golden vectors: what the integer reference says of a set of hard texts, for the tests of every backend.

A `.golden` file holds one case a line: `<UTF-8 in hexadecimal, - when empty> <float32 logits> <float32 probabilities>`, floats little-endian
in hexadecimal. An `.explained` file holds, for one label of each case in turn, `<UTF-8> <label> <float32 rest> <words, - when there are none>`, a word being
`<begin>:<end>:<float32 weight>`, words separated by commas. Beside the shipped models, small random ones with odd sizes are written, whose shapes
reach every edge of the kernels.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from .bytesplitter import split, utf8
from .export import to_model_file
from .modelfile import ModelFile, read_model, write_model
from .network import ByteClassifier, FrontEndConfig, FunnelConfig, NetworkConfig, QrnnConfig, TransformerConfig
from .quantize import set_quantization
from .reference import IntegerReference
from .transformer import TransformerEncoder
from .words import WordFrontEndConfig

HARD_TEXTS = (
    "",
    "a",
    "\0",
    "nul\0inside\0",
    "have a nice day",
    "The QUICK brown fox jumps over the lazy dog. 0123456789!?",
    "\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family \U0001f3f3\ufe0f\u200d\U0001f308",
    "lone \ud800 high",
    "\udfff low first",
    "\u0634\u0643\u0631\u0627 \u062c\u0632\u064a\u0644\u0627",
    "\u05e9\u05dc\u05d5\u05dd mixed \u4f60\u597d \u3053\u3093\u306b\u3061\u306f \u041f\u0440\u0438\u0432\u0435\u0442",
    "z\u0351\u036b\u0343a\u0321\u0319l\u0489g\u0327o\u0334",
    "\u202eright to left override\u202c",
    "a" * 1023,
    "\u20ac" * 400,
    "x" * 5000,
    " \t\r\n \u00a0\u2003",
)

# What a normalizer has to see through, and what it must leave alone.
DISGUISES = (
    "s t u p i d, s.t.u.p.i.d. s_h_1_t 1.2.3 a b U.S.A. a.b c d e",
    "\u0455t\u043er \uff46\uff55\uff4c\uff4c \U0001d4fe\U0001d4f7\U0001d4ea na\u00efve f\u00fc\u200bck\u00ad",
    "\u041f\u0440\u0438\u0432\u0435\u0442 \u0445\u043e\u0440 \u03c0\u03bf\u03bb\u03cd a\u043f\u0440",
    "\u200b\u200d\ufe0f\u0301",
    "e\u0301\u200b i\u0308 d\u0308 i\u0308 o t \u00e9 a b c",
)


def cases(max_bytes: int) -> list[bytes]:
    """The hard texts, one text of each length around the ends of blocks and windows, and raw bytes that are not UTF-8."""
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz    ,.!'\u00e9\u00df\u0436\u20ac\U0001f642"
    texts = [utf8(text) for text in HARD_TEXTS]
    texts += [utf8("".join(rng.choice(letters) for _ in range(length))) for length in (*range(1, 30), max_bytes - 1, max_bytes, max_bytes + 1)]
    texts += [bytes(rng.randrange(256) for _ in range(length)) for length in (1, 2, 3, 64, max_bytes + 7)]
    texts += [b"\xff" * 40, b"\x80" * (max_bytes + 5), b"a" * (max_bytes - 1) + b"\xf0\x9f\x98\x80"]
    return texts


def golden_cases(model: ModelFile) -> list[bytes]:
    return [*cases(model.front_end.max_bytes), *map(utf8, DISGUISES)]


def write_golden(model_path: Path, golden_path: Path) -> None:
    model = read_model(model_path)
    reference = IntegerReference(model)
    lines = []
    for text in golden_cases(model):
        scored = reference.score(text)
        lines.append(f"{text.hex() or '-'} {_hex(scored.logits)} {_hex(scored.probabilities)}")
    golden_path.write_text("\n".join(lines) + "\n", encoding="ascii")


def write_explained(model_path: Path, explained_path: Path) -> None:
    model = read_model(model_path)
    reference = IntegerReference(model)
    lines = []
    for i, text in enumerate(golden_cases(model)):
        label = i % len(model.labels)
        explained = reference.explain(text, label)
        words = [f"{begin}:{end}:{_hex(weight)}" for (begin, end), weight in zip(explained.words, explained.weights)]
        lines.append(f"{text.hex() or '-'} {label} {_hex(explained.rest)} {','.join(words) or '-'}")
    explained_path.write_text("\n".join(lines) + "\n", encoding="ascii")


def float_hex(value: float) -> str:
    return _hex(np.array(value))


def _hex(values: np.ndarray) -> str:
    return values.astype("<f4").tobytes().hex()


RANDOM_MODELS = {
    "tiny": NetworkConfig(FrontEndConfig(40, 5, 3, 20, (1, 2, 3), 3), QrnnConfig(2, 12, 3), ("one", "two")),
    "odd": NetworkConfig(FrontEndConfig(67, 3, 5, 37, (2, 5), 2), QrnnConfig(1, 9, 2), ("only",)),
    "one": NetworkConfig(FrontEndConfig(16, 1, 1, 2, (1,), 1), QrnnConfig(1, 1, 1), ("a", "b", "c")),
    "shared-gates": NetworkConfig(FrontEndConfig(70, 4, 3, 22, (1, 2, 3), 2), QrnnConfig(2, 10, 3, shared_gates=True), ("one", "two")),
    "wide": NetworkConfig(FrontEndConfig(130, 16, 7, 64, (1, 2, 3, 4), 4), QrnnConfig(2, 32, 2), ("x", "y", "z", "w", "v", "u", "t")),
    "transformer": NetworkConfig(FrontEndConfig(130, 8, 3, 48, (1, 2, 3), 2), TransformerConfig(2, 3, 40), ("one", "two")),
    "heads": NetworkConfig(FrontEndConfig(45, 3, 5, 33, (1, 2), 3), TransformerConfig(1, 11, 7), ("only",)),
    "funnel": NetworkConfig(FrontEndConfig(90, 4, 3, 30, (1, 2, 3), 2), FunnelConfig((1, 2, 3), 2, 50), ("a", "b", "c")),
    "calibrated": NetworkConfig(FrontEndConfig(61, 5, 3, 18, (1, 2, 3, 4), 3, "calibrated"), QrnnConfig(1, 8, 2), ("only",)),
    "original": NetworkConfig(FrontEndConfig(70, 5, 3, 21, (1, 2, 3, 4), 4, "original"), QrnnConfig(1, 8, 2), ("one", "two")),
    "words": NetworkConfig(WordFrontEndConfig(75, 150, 28), QrnnConfig(2, 11, 2), ("one", "two")),
    "normalized": NetworkConfig(FrontEndConfig(80, 5, 3, 20, (1, 2, 3), 3), QrnnConfig(1, 8, 2), ("one", "two"), normalize=True),
    "normalized-words": NetworkConfig(WordFrontEndConfig(80, 60, 18), QrnnConfig(1, 7, 2), ("one", "two"), normalize=True),
}


def write_random_model(name: str, path: Path) -> None:
    """An untrained network whose ranges were tracked over a few random texts."""
    if name not in RANDOM_MODELS:
        raise ValueError(f"no random model {name}; there are {', '.join(RANDOM_MODELS)}")
    torch.manual_seed(len(name))
    config = RANDOM_MODELS[name]
    model = ByteClassifier(config)
    with torch.no_grad():
        model.head.bias.normal_()
        if isinstance(config.front_end, FrontEndConfig):
            model.gbst.score.weight *= 3.0
        if isinstance(model.encoder, TransformerEncoder):
            for block in model.encoder.blocks:
                block.query.weight *= 4.0  # so that some shares of attention vanish and others are nearly all
    model.eval()
    set_quantization(model, True, observing=True)
    with torch.no_grad():
        for text in cases(config.front_end.max_bytes):
            model(torch.tensor([split(text, config.front_end.max_bytes, config.normalize)]))
    count = len(config.labels)
    thresholds = np.linspace(0.25, 0.75, count) if name == "wide" else None  # the others are files without
    file = to_model_file(model, name, np.linspace(0.5, 2.0, count), np.linspace(-1.0, 1.0, count), thresholds=thresholds)
    write_model(file, path)

