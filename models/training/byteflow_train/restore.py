"""From a released `.byteflow` file back to the weights of a network, so that one can be trained further without its checkpoint.

A weight comes back within half a step of its int8 grid, which is less than the noise of training; ranges start afresh.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.ao.quantization import FakeQuantize

from .dense import QuantizedLinear
from .export import Exporter, encoder_of, front_end_of
from .generator import ByteGenerator
from .modelfile import Activation, ModelFile, ModelFileError, Qrnn, TensorData, read_model
from .network import ByteEncoder
from .qrnn import QrnnEncoder
from .transformer import TransformerEncoder


class Restorer(Exporter):
    """Walks a network as the exporter does, and puts into it what the exporter would take out."""

    def __init__(self, model: ModelFile) -> None:
        super().__init__()
        self.model = model

    def activation(self, key: str, quantizer: FakeQuantize) -> Activation:
        return self.model.activations[key]

    def encoder(self, encoder: QrnnEncoder | TransformerEncoder) -> None:
        if not isinstance(encoder, QrnnEncoder):
            super().encoder(encoder)
            return
        for i, block in zip(range(self.model.encoder.blocks), encoder):
            self.qrnn_block(f"encoder.{i}", block)
        encoder.silence(self.model.encoder.blocks)

    def dense(self, key: str, layer: QuantizedLinear, scale_in: float, shape: tuple[int, ...] | None = None) -> None:
        weight = self.model.tensors[f"{key}.weight"]
        self._copy(layer.weight, weight)
        if layer.bias is not None:
            bias = self.model.tensors[f"{key}.bias"].data * (np.float64(scale_in) * weight.scales)
            layer.bias.copy_(torch.from_numpy(bias).view_as(layer.bias))

    def table(self, key: str, weight: Tensor) -> np.float32:
        tensor = self.model.tensors[key]
        self._copy(weight, tensor)
        return tensor.scales[0]

    @staticmethod
    def _copy(parameter: Tensor, tensor: TensorData) -> None:
        codes = tensor.data.reshape(tensor.scales.size, -1)
        parameter.copy_(torch.from_numpy(codes * tensor.scales.reshape(-1, 1)).view_as(parameter))


def _restorer(network: ByteEncoder, path: Path, parts: tuple[str, ...] = ("front_end", "encoder")) -> Restorer:
    model = read_model(path)
    front_end = model.front_end
    if isinstance(model.encoder, Qrnn) or "encoder" not in parts:  # neither knows positions, so texts may be longer than before, or shorter
        front_end = replace(front_end, max_bytes=network.front_end.max_bytes)
    own = {"front_end": front_end_of(network.front_end), "encoder": encoder_of(network.config.encoder)}
    encoder = model.encoder
    if isinstance(encoder, Qrnn) and isinstance(own["encoder"], Qrnn) and encoder.blocks < own["encoder"].blocks:
        encoder = replace(encoder, blocks=own["encoder"].blocks)
    its = {"front_end": front_end, "encoder": encoder}
    for part in parts:
        if own[part] != its[part]:
            raise ModelFileError(f"{path}: its {part} is {its[part]}, but this recipe's is {own[part]}")
    return Restorer(model)


@torch.no_grad()
def restore_front_end(network: ByteEncoder, path: Path) -> None:
    """The front end of a released model, whatever its encoder. Raises ModelFileError where it is not that of the network."""
    _restorer(network, path, ("front_end",)).front_end(network)


@torch.no_grad()
def restore_encoder(network: ByteEncoder, path: Path) -> None:
    """Front end and encoder of a released model, whose QRNN may have fewer blocks. Raises ModelFileError where they are not those of the network."""
    restorer = _restorer(network, path)
    restorer.front_end(network)
    restorer.encoder(network.encoder)


@torch.no_grad()
def restore_generator(network: ByteGenerator, path: Path) -> None:
    """All weights of a released generator. Raises ModelFileError where its parts are not those of the network."""
    restorer = _restorer(network, path)
    own, its = vars(network.config.decoder), restorer.model.decoder
    if its is None or vars(its) != own:
        raise ModelFileError(f"{path}: its decoder is {its}, but this recipe's is {own}")
    restorer.front_end(network)
    restorer.encoder(network.encoder)
    restorer.decoder(network.decoder)
