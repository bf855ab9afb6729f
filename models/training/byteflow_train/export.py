"""From a trained network to the integers of a `.byteflow` file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.ao.quantization import FakeQuantize

from .data import data_path
from .modelfile import Activation, FrontEnd, ModelFile, Qrnn, TensorData
from .network import ByteClassifier, QuantizedLinear
from .quantize import STATE_SCALE
from .recipe import Recipe

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


def provenance(recipe: Recipe, metrics: dict[str, object]) -> dict[str, str]:
    files = []
    for source in recipe.sources:
        digest = hashlib.sha256(data_path(source.file).read_bytes()).hexdigest()
        files.append({"file": source.file, "split": source.split, "licence": source.licence, "sha256": digest})
    return {"recipe": recipe.text, "data": json.dumps(files), "metrics": json.dumps(metrics)}


def to_model_file(
    model: ByteClassifier, name: str, slope: np.ndarray, offset: np.ndarray, described: dict[str, str] | None = None
) -> ModelFile:
    """Quantizes a network whose ranges have been tracked."""
    config, front = model.config, model.config.front_end
    activations: dict[str, Activation] = {}
    tensors: dict[str, TensorData] = {}

    def activation(key: str, quantizer: FakeQuantize) -> Activation:
        activations[key] = activation_of(quantizer, key)
        return activations[key]

    def dense(key: str, layer: QuantizedLinear, scale_in: float, shape: tuple[int, ...]) -> np.ndarray:
        """Stores a weight and its bias at accumulator scale; returns the weight's scales."""
        codes, scales = weight_codes(layer.weight)
        tensors[f"{key}.weight"] = TensorData(codes.reshape(shape), scales)
        if layer.bias is not None:
            tensors[f"{key}.bias"] = TensorData(bias_codes(layer.bias, scale_in * scales.astype(np.float64), f"{key}.bias"))
        return scales

    # Section 2
    codes, embedding_scale = weight_codes(model.conv.embedding, per_channel=False)
    tensors["embedding.weight"] = TensorData(codes, embedding_scale)
    dense("conv", model.conv.conv, embedding_scale[0], (front.channels, front.conv_width, front.embedding_channels))
    pre, conv = activation("conv.pre", model.conv.pre), activation("conv", model.conv.out)
    table = code_table(lambda x: np.clip(np.rint(gelu(x) / np.float64(conv.scale)) + conv.zero_point, -128, 127), pre, np.int8)
    tensors["conv.activation"] = TensorData(table)
    # Section 3
    score = activation("gbst.score", model.gbst.score_code)
    dense("gbst.score", model.gbst.score, conv.scale, (len(front.block_widths), front.channels))
    tensors["gbst.exp"] = TensorData(exp_table(score.scale))
    activation("gbst", model.gbst.out)
    # Section 5
    state, window = config.encoder.state, config.encoder.window
    for i, block in enumerate(model.encoder):
        key = f"encoder.{i}"
        norm = activation(f"{key}.norm", block.norm_out)
        dense(f"{key}.gates", block.gates, norm.scale, (2, 3, state, window * front.channels))
        for gate in "zfo":
            code = activation(f"{key}.{gate}", block.gate_codes[gate])
            curve = (lambda x: 16383.0 * np.tanh(x)) if gate == "z" else (lambda x: 32767.0 * sigmoid(x))
            tensors[f"{key}.{gate}.table"] = TensorData(code_table(curve, code, np.int16))
        dense(f"{key}.projection", block.projection, STATE_SCALE, (front.channels, 2 * state))
        activation(f"{key}.residual", block.residual)
    # Section 6
    norm = activation("pool.norm", model.pool.norm_out)
    dense("pool.attention", model.pool.attention, norm.scale, (1, front.channels))
    tensors["pool.exp"] = TensorData(exp_table(activation("pool.attention", model.pool.attention_code).scale))
    codes, scales = weight_codes(model.head.weight)
    tensors["head.weight"] = TensorData(codes, scales)
    tensors["head.bias"] = TensorData(model.head.bias.detach().float().numpy())
    tensors["sigmoid"] = TensorData(SIGMOID_TABLE)

    return ModelFile(
        name=name,
        norm_epsilon=np.float32(config.norm_epsilon),
        front_end=FrontEnd(
            front.max_bytes, front.embedding_channels, front.conv_width, front.channels, tuple(front.block_widths), front.downsample
        ),
        encoder=Qrnn(config.encoder.blocks, state, window),
        labels=tuple(config.labels),
        slope=np.asarray(slope, np.float32),
        offset=np.asarray(offset, np.float32),
        activations=activations,
        tensors=tensors,
        provenance=described or {},
    )
