"""endless_generator.py MODEL: writes a generator of civil-rewrite's shape on random weights, with room for 512 bytes, that ends no text by itself."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

TRAINING = Path(__file__).resolve().parents[2] / "models" / "training"
sys.path.insert(0, str(TRAINING))

import torch
from byteflow_train.bytesplitter import EOS, split
from byteflow_train.export import generator_file
from byteflow_train.generator import ByteGenerator
from byteflow_train.modelfile import write_model
from byteflow_train.quantize import set_quantization
from byteflow_train.recipe import load_generator_recipe

LENGTH = 512


def endless_generator() -> ByteGenerator:
    network = load_generator_recipe(TRAINING / "recipes" / "civil-rewrite.toml").network
    torch.manual_seed(1)
    model = ByteGenerator(replace(network, decoder=replace(network.decoder, max_length=LENGTH)))
    with torch.no_grad():
        model.decoder.output.bias[EOS] = -20.0
        model.eval()
        set_quantization(model, True, observing=True)
        rng = random.Random(1)
        for length in (0, 60, network.front_end.max_bytes):
            text, target = (bytes(rng.randrange(32, 127) for _ in range(count)) for count in (length, LENGTH - 1))
            model(torch.tensor([split(text, network.front_end.max_bytes)]), torch.tensor([split(target, LENGTH - 1)]))
        set_quantization(model, True, observing=False)
    return model


if __name__ == "__main__":
    write_model(generator_file(endless_generator(), "endless"), Path(sys.argv[1]))
