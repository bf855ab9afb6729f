"""From a trained network to the integers of a `.byteflow` file."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.ao.quantization import FakeQuantize

from .beam_search import log_table
from .data import data_path
from .dense import QuantizedLinear
from .front_end import GBST_FORMS
from .generator import ByteGenerator
from .matt import MattDecoder
from .modelfile import Activation, ByteFrontEnd, Decoder, Encoder, FrontEnd, Funnel, ModelFile, Qrnn, TensorData, Transformer, WordFrontEnd
from .network import AnyFrontEndConfig, ByteClassifier, ByteEncoder, EncoderConfig
from .qrnn import QrnnBlock, QrnnConfig, QrnnEncoder
from .quantize import STATE_SCALE
from .recipe import GeneratorRecipe, Recipe
from .transformer import AttentionBlock, FunnelConfig, TransformerBlock, TransformerEncoder
from .words import WordFrontEndConfig, WordProjection

INT32_MAX = 2**31 - 1


class ExportError(ValueError):
    """A network that cannot be exported; the message names the layer."""


def activation_of(quantizer: FakeQuantize, name: str) -> Activation:
    observer = quantizer.activation_post_process
    if not torch.isfinite(observer.min_val).all() or not torch.isfinite(observer.max_val).all():
        raise ExportError(f"{name}: no range was tracked; train past training.quantization_start before exporting")
    return Activation(np.float32(quantizer.scale.item()), int(quantizer.zero_point.item()))


def weight_codes(weight: Tensor, per_channel: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """float [outputs, ...] -> int8 codes of the same shape, float32 scales; the grid of weight_quantizer."""
    w = weight.detach().double().numpy()
    peak = np.abs(w).reshape(w.shape[0], -1).max(1) if per_channel else np.abs(w).max(keepdims=True).reshape(1)
    scales = np.maximum(peak / 127.0, np.finfo(np.float32).eps).astype(np.float32)
    spread = scales.reshape(-1, *[1] * (w.ndim - 1)).astype(np.float64)
    return np.clip(np.rint(w / spread), -127, 127).astype(np.int8), scales


def bias_codes(bias: Tensor, accumulator_scale: np.ndarray, name: str) -> np.ndarray:
    codes = np.rint(bias.detach().double().numpy() / accumulator_scale.astype(np.float64))
    if np.abs(codes).max() > INT32_MAX // 2:
        raise ExportError(f"{name}: a bias of {np.abs(codes).max():.0f} accumulator steps leaves no room in int32")
    return codes.astype(np.int32)


def code_table(function: Callable[[np.ndarray], np.ndarray], source: Activation, dtype: type) -> np.ndarray:
    """Entry i is function(real value of code i - 128), rounded."""
    real = (np.arange(-128, 128) - source.zero_point) * np.float64(source.scale)
    return np.rint(function(real)).astype(dtype)


def exp_table(scale: np.float32) -> np.ndarray:
    """Entry i is 2^15 exp(-scale i): softmax numerators of codes i below the maximum."""
    return np.rint(2.0**15 * np.exp(-np.float64(scale) * np.arange(256))).astype(np.uint16)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def gelu(x: np.ndarray) -> np.ndarray:
    return x * 0.5 * (1.0 + np.array([math.erf(v / math.sqrt(2.0)) for v in x]))


SIGMOID_TABLE = sigmoid((np.arange(256) - 128) / 8.0).astype(np.float32)


def source_commit() -> str:
    """The commit of this code, with "-dirty" where files differ from it; empty where there is no repository."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def provenance(recipe: Recipe | GeneratorRecipe, metrics: dict[str, object]) -> dict[str, str]:
    files = []
    for source in recipe.sources:
        digest = hashlib.sha256(data_path(source.file).read_bytes()).hexdigest()
        files.append({"file": source.file, "split": source.split, "licence": source.licence, "sha256": digest})
    return {"recipe": recipe.text, "data": json.dumps(files), "metrics": json.dumps(metrics), "commit": source_commit()}


class Exporter:
    """Collects the activations and tensors of a network whose ranges have been tracked."""

    def __init__(self) -> None:
        self.activations: dict[str, Activation] = {}
        self.tensors: dict[str, TensorData] = {}

    def activation(self, key: str, quantizer: FakeQuantize) -> Activation:
        self.activations[key] = activation_of(quantizer, key)
        return self.activations[key]

    def dense(self, key: str, layer: QuantizedLinear, scale_in: float, shape: tuple[int, ...] | None = None) -> None:
        """A weight, and its bias at accumulator scale."""
        codes, scales = weight_codes(layer.weight)
        self.tensors[f"{key}.weight"] = TensorData(codes if shape is None else codes.reshape(shape), scales)
        if layer.bias is not None:
            self.tensors[f"{key}.bias"] = TensorData(bias_codes(layer.bias, scale_in * scales.astype(np.float64), f"{key}.bias"))

    def gelu_table(self, key: str, source: Activation, out: Activation) -> None:
        def curve(x: np.ndarray) -> np.ndarray:
            return np.clip(np.rint(gelu(x) / np.float64(out.scale)) + out.zero_point, -128, 127)

        self.tensors[key] = TensorData(code_table(curve, source, np.int8))

    def front_end(self, model: ByteEncoder) -> None:
        if isinstance(model.front_end, WordFrontEndConfig):
            self.words(model.words)
        else:
            self.bytes(model)

    def bytes(self, model: ByteEncoder) -> None:
        """Sections 2 and 3."""
        config = model.front_end
        embedding_scale = self.table("embedding.weight", model.conv.embedding)
        self.dense("conv", model.conv.conv, embedding_scale, (config.channels, config.conv_width, config.embedding_channels))
        pre, conv = self.activation("conv.pre", model.conv.pre), self.activation("conv", model.conv.out)
        self.gelu_table("conv.activation", pre, conv)
        score = self.activation("gbst.score", model.gbst.score_code)
        self.dense("gbst.score", model.gbst.score, conv.scale)
        self.tensors["gbst.exp"] = TensorData(exp_table(score.scale))
        if config.gbst == "calibrated":
            self.tensors["gbst.calibration"] = TensorData(exp_table(np.float32(1 / 256)))
        self.activation("gbst", model.gbst.out)

    def words(self, layer: WordProjection) -> None:
        """Section 9."""
        self.dense("projection", layer.dense, 1.0)
        pre, out = self.activation("projection.pre", layer.pre), self.activation("projection", layer.out)
        self.gelu_table("projection.activation", pre, out)

    def qrnn_block(self, key: str, block: QrnnBlock) -> None:
        """Section 5."""
        norm = self.activation(f"{key}.norm", block.norm_out)
        self.dense(f"{key}.gates", block.gates, norm.scale, (block.gate_sets, 3, block.state, -1))
        for gate in "zfo":
            code = self.activation(f"{key}.{gate}", block.gate_codes[gate])
            curve = (lambda x: 16383.0 * np.tanh(x)) if gate == "z" else (lambda x: 32767.0 * sigmoid(x))
            self.tensors[f"{key}.{gate}.table"] = TensorData(code_table(curve, code, np.int16))
        self.dense(f"{key}.projection", block.projection, STATE_SCALE)
        self.activation(f"{key}.residual", block.residual)

    def table(self, key: str, weight: Tensor) -> np.float32:
        """A weight with one scale, which is returned."""
        codes, scale = weight_codes(weight, per_channel=False)
        self.tensors[key] = TensorData(codes, scale)
        return scale[0]

    def positions(self, encoder: TransformerEncoder) -> None:
        """Section 7."""
        self.table("encoder.position", encoder.position)
        self.activation("encoder.positioned", encoder.positioned)

    def transformer_block(self, key: str, block: TransformerBlock) -> None:
        """Sections 7 and 8."""
        norm = self.activation(f"{key}.norm", block.norm_out)
        if block.pool > 1:
            self.activation(f"{key}.pooled", block.pooled)
        for name in ("query", "key", "value"):
            self.dense(f"{key}.{name}", getattr(block, name), norm.scale)
        self.attention(key, block, "context")

    def attention(self, key: str, block: AttentionBlock, attended: str) -> None:
        """What follows queries, keys and values; `attended` are the codes that the output layer reads."""
        codes = {name: self.activation(f"{key}.{name}", quantizer) for name, quantizer in block.codes.items()}
        self.tensors[f"{key}.exp"] = TensorData(exp_table(codes["score"].scale))
        self.dense(f"{key}.output", block.output, codes[attended].scale)
        self.activation(f"{key}.attended", block.attended)
        norm = self.activation(f"{key}.attended.norm", block.attended_norm_out)
        self.dense(f"{key}.up", block.up, norm.scale)
        up, hidden = self.activation(f"{key}.up", block.up_code), self.activation(f"{key}.hidden", block.hidden)
        self.gelu_table(f"{key}.activation", up, hidden)
        self.dense(f"{key}.down", block.down, hidden.scale)
        self.activation(f"{key}.residual", block.residual)

    def decoder(self, decoder: MattDecoder) -> None:
        """Section 11."""
        self.table("decoder.source.position", decoder.source_position)
        self.activation("decoder.source", decoder.source)
        source_norm = self.activation("decoder.source.norm", decoder.source_norm_out)
        config = decoder.config
        scale = self.table("decoder.embedding.weight", decoder.embedding)
        self.dense("decoder.conv", decoder.conv, scale, (-1, config.window, config.embedding_channels))
        self.table("decoder.position", decoder.position)
        self.activation("decoder.embedded", decoder.embedded)
        for i, block in enumerate(decoder.blocks):
            key = f"decoder.{i}"
            norm = self.activation(f"{key}.norm", block.norm_out)
            for name in ("query", "running"):
                self.dense(f"{key}.{name}", getattr(block, name), norm.scale)
            for name in ("key", "value"):
                self.dense(f"{key}.{name}", getattr(block, name), source_norm.scale)
            self.attention(key, block, "merged")
        norm = self.activation("decoder.norm", decoder.norm_out)
        self.dense("decoder.output", decoder.output, norm.scale)
        logits = self.activation("decoder.logits", decoder.logits)
        self.tensors["decoder.exp"] = TensorData(exp_table(logits.scale))
        self.tensors["decoder.log"] = TensorData(log_table())

    def encoder(self, encoder: QrnnEncoder | TransformerEncoder) -> None:
        if isinstance(encoder, QrnnEncoder):
            for i, block in enumerate(encoder):
                self.qrnn_block(f"encoder.{i}", block)
            return
        self.positions(encoder)
        for i, block in enumerate(encoder.blocks):
            self.transformer_block(f"encoder.{i}", block)

    def head(self, model: ByteClassifier) -> None:
        """Section 6."""
        norm = self.activation("pool.norm", model.pool.norm_out)
        self.dense("pool.attention", model.pool.attention, norm.scale)
        self.tensors["pool.exp"] = TensorData(exp_table(self.activation("pool.attention", model.pool.attention_code).scale))
        codes, scales = weight_codes(model.head.weight)
        self.tensors["head.weight"] = TensorData(codes, scales)
        self.tensors["head.bias"] = TensorData(model.head.bias.detach().float().numpy())
        self.tensors["sigmoid"] = TensorData(SIGMOID_TABLE)


def front_end_of(config: AnyFrontEndConfig) -> FrontEnd:
    if isinstance(config, WordFrontEndConfig):
        return WordFrontEnd(config.max_bytes, config.features, config.channels)
    return ByteFrontEnd(
        config.max_bytes,
        config.embedding_channels,
        config.conv_width,
        config.channels,
        tuple(config.block_widths),
        config.downsample,
        GBST_FORMS.index(config.gbst),
    )


def encoder_of(config: EncoderConfig) -> Encoder:
    if isinstance(config, QrnnConfig):
        return Qrnn(config.blocks, config.state, config.window, config.shared_gates)
    if isinstance(config, FunnelConfig):
        return Funnel(tuple(config.pool), config.heads, config.feed_forward)
    return Transformer(config.blocks, config.heads, config.feed_forward)


def to_model_file(
    model: ByteClassifier,
    name: str,
    slope: np.ndarray,
    offset: np.ndarray,
    described: dict[str, str] | None = None,
    thresholds: np.ndarray | None = None,
) -> ModelFile:
    """Quantizes a network whose ranges have been tracked."""
    exporter = Exporter()
    exporter.front_end(model)
    exporter.encoder(model.encoder)
    exporter.head(model)
    config = model.config
    return ModelFile(
        name=name,
        norm_epsilon=np.float32(config.norm_epsilon),
        front_end=front_end_of(config.front_end),
        encoder=encoder_of(config.encoder),
        labels=tuple(config.labels),
        slope=np.asarray(slope, np.float32),
        offset=np.asarray(offset, np.float32),
        thresholds=None if thresholds is None else np.asarray(thresholds, np.float32),
        activations=exporter.activations,
        tensors=exporter.tensors,
        provenance=described or {},
        normalizes=config.normalize,
    )


def generator_file(model: ByteGenerator, name: str, described: dict[str, str] | None = None) -> ModelFile:
    """Quantizes a generator whose ranges have been tracked."""
    exporter = Exporter()
    exporter.front_end(model)
    exporter.encoder(model.encoder)
    exporter.decoder(model.decoder)
    config = model.config
    none = np.zeros(0, np.float32)
    return ModelFile(
        name=name,
        norm_epsilon=np.float32(config.norm_epsilon),
        front_end=front_end_of(config.front_end),
        encoder=encoder_of(config.encoder),
        labels=(),
        slope=none,
        offset=none,
        activations=exporter.activations,
        tensors=exporter.tensors,
        provenance=described or {},
        decoder=Decoder(**vars(config.decoder)),
    )
