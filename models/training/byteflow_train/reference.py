"""The integer reference: runs a `.byteflow` file in numpy exactly as the core must (core/src/quant/README.md, whose sections are named).

Written for clarity, not speed. Integer products go through float64, which holds every sum of int8 products exactly (|sum| < 2^53).
Everything called float there is numpy float32 here, one operation at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .bytesplitter import prefix, read, split
from .front_end import GBST_FORMS
from .modelfile import Activation, ByteFrontEnd, Funnel, ModelFile, Qrnn
from .relevance import row_ends, segments, share_out
from .words import split_words, ternary_features

f32 = np.float32


def clamp8(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -128, 127)


def rint(x: np.ndarray) -> np.ndarray:
    """float32 -> int64, half to even."""
    return np.rint(x).astype(np.int64)


def requantize(acc: np.ndarray, multiplier: np.ndarray, zero_point: int) -> np.ndarray:
    return clamp8(rint(acc.astype(f32) * multiplier) + zero_point)


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Exact integer product [m, k] x [k, n]."""
    return (a.astype(np.float64) @ b.astype(np.float64)).astype(np.int64)


@dataclass(frozen=True)
class Scored:
    logits: np.ndarray  # float32 [labels]
    probabilities: np.ndarray  # float32 [labels]


@dataclass(frozen=True)
class Explained:
    words: list[tuple[int, int]]  # bytes [begin, end)
    weights: np.ndarray  # float32 [words]
    rest: np.float32


class IntegerReference:
    """A model ready to run; `model` must be structurally sound."""

    def __init__(self, model: ModelFile) -> None:
        self.model = model

    def _tensor(self, name: str) -> np.ndarray:
        return self.model.tensors[name].data.astype(np.int64)

    def _scales(self, name: str) -> np.ndarray:
        scales = self.model.tensors[name].scales
        assert scales is not None, name
        return scales

    def _activation(self, name: str) -> Activation:
        return self.model.activations[name]

    def _multiplier(self, scale_in: f32, weight: str, scale_out: f32) -> np.ndarray:
        return (scale_in * self._scales(weight)) / scale_out

    def score(self, text: bytes) -> Scored:
        """UTF-8 bytes -> logits and probabilities."""
        return self._head(self._pooling(*self._attended(text)))

    def explain(self, text: bytes, label: int) -> Explained:
        """Section 10: what each word has added to a logit."""
        text = prefix(text, self.model.front_end.max_bytes)
        relevance = self._relevance(*self._attended(text), label)
        words = segments(text)
        shares, rest = share_out(relevance, row_ends(self.model, text), words)
        unit = self._head_multiplier()[label] * f32(2.0**-15)
        weights = np.array(shares, np.int64).astype(f32) * unit
        return Explained(words, weights, f32(rest) * unit + self.model.tensors["head.bias"].data[label])

    def _attended(self, text: bytes) -> tuple[np.ndarray, np.ndarray]:
        """What pooling sees: y - z [time, channels], and the shares w [time]."""
        return self._attention(*self.encode(text))

    def encode(self, text: bytes) -> tuple[np.ndarray, Activation]:
        """UTF-8 bytes -> the encoder's rows [time, channels]."""
        return self._encoder(*self._front_end(text))

    def _front_end(self, text: bytes) -> tuple[np.ndarray, Activation]:
        front = self.model.front_end
        if isinstance(front, ByteFrontEnd):
            ids = np.array(split(text, front.max_bytes, self.model.normalizes))
            return self._gbst(self._convolution(ids)), self._activation("gbst")
        return self._projection(split_words(read(text, front.max_bytes, self.model.normalizes)), front.features), self._activation("projection")

    def _projection(self, words: list[bytes], features: int) -> np.ndarray:
        """Section 9: words -> codes [words, channels]."""
        ternary = np.stack([ternary_features(word, features) for word in words])
        pre = self._dense("projection", ternary, f32(1.0), self._activation("projection.pre"))
        return self._tensor("projection.activation")[pre + 128]

    def _encoder(self, x: np.ndarray, x_at: Activation) -> tuple[np.ndarray, Activation]:
        encoder = self.model.encoder
        if isinstance(encoder, Qrnn):
            for i in range(encoder.blocks):
                x, x_at = self._qrnn_block(i, x, x_at), self._activation(f"encoder.{i}.residual")
            return x, x_at
        positioned = self._activation("encoder.positioned")
        x, x_at = self._positioned("encoder.position", x, x_at, positioned), positioned
        for i, pool in enumerate(encoder.pool if isinstance(encoder, Funnel) else (1,) * encoder.blocks):
            x, x_at = self._transformer_block(i, pool, x, x_at), self._activation(f"encoder.{i}.residual")
        return x, x_at

    def _convolution(self, ids: np.ndarray) -> np.ndarray:
        """Section 2: ids [length] -> codes [length, channels]."""
        weight = self._tensor("conv.weight")  # [channels, width, embedding channels]
        channels, width, embedding_channels = weight.shape
        half = width // 2
        rows = np.zeros((len(ids) + width - 1, embedding_channels), np.int64)
        rows[half : half + len(ids)] = self._tensor("embedding.weight")[ids]
        windows = np.concatenate([rows[k : k + len(ids)] for k in range(width)], axis=1)
        acc = matmul(windows, weight.reshape(channels, -1).T) + self._tensor("conv.bias")
        pre = self._activation("conv.pre")
        code = requantize(acc, self._multiplier(self._scales("embedding.weight")[0], "conv.weight", pre.scale), pre.zero_point)
        return self._tensor("conv.activation")[code + 128]

    def _gbst(self, conv: np.ndarray) -> np.ndarray:
        """Section 3: codes [length, channels] -> codes [time, channels]."""
        conv_at, score_at, out_at = self._activation("conv"), self._activation("gbst.score"), self._activation("gbst")
        length, rate = len(conv), self.model.front_end.downsample
        centred = conv - conv_at.zero_point
        dot = matmul(centred, self._tensor("gbst.score.weight").T)  # [length, widths]
        bias = self._tensor("gbst.score.bias")
        multiplier = self._multiplier(conv_at.scale, "gbst.score.weight", score_at.scale)
        form = GBST_FORMS[self.model.front_end.gbst]
        widths = self.model.front_end.block_widths
        position = np.arange(length)
        score, start, end = np.empty_like(dot), np.empty_like(dot), np.empty_like(dot)
        for b, width in enumerate(widths):
            begin = position // width * width
            shift = -length % width // 2 if form == "original" else 0
            start[:, b] = np.maximum(begin - shift, 0)
            end[:, b] = np.minimum(begin + width - shift, length)
            running = np.concatenate([[0], np.cumsum(dot[:, b])])
            count = end[:, b] - start[:, b]
            acc = running[end[:, b]] - running[start[:, b]] + count * bias[b]
            score[:, b] = clamp8(rint(acc.astype(f32) * (multiplier[b] / count.astype(f32))) + score_at.zero_point)
        valid = end - start  # n(t, b)
        window = position // rate
        in_window = (np.minimum(window * rate + rate, length) - window * rate)[:, None]  # r(j)
        scale = conv_at.scale * f32(2.0**-14)
        if form == "original":
            parts = len(widths) * valid * in_window
            share = rint((score - score_at.zero_point).astype(f32) * (f32(64.0) / parts.astype(f32)))
            scale = (conv_at.scale * score_at.scale) * f32(2.0**-6)
        else:
            exponential = self._tensor("gbst.exp")[score.max(1, keepdims=True) - score]  # e(t, b)
            total = exponential.sum(1, keepdims=True)
            if form == "calibrated":
                share = self._calibrated(exponential, total, valid * in_window)
            else:
                share = rint(exponential.astype(f32) * (f32(16384.0) / (total * valid * in_window).astype(f32)))  # a(t, b)
        time = window[-1] + 1 if form != "original" else max(length // rate, 1)
        coefficient = np.zeros((time, length), np.int64)
        for t in range(min(time * rate, length)):
            for b in range(len(widths)):
                coefficient[window[t], start[t, b] : end[t, b]] += share[t, b]
        return requantize(matmul(coefficient, centred), scale / out_at.scale, out_at.zero_point)

    def _calibrated(self, exponential: np.ndarray, total: np.ndarray, parts: np.ndarray) -> np.ndarray:
        """Section 3, calibrated: e(t, b) -> a(t, b)."""
        soft = rint(exponential.astype(f32) * (f32(32767.0) / total.astype(f32)))
        product = matmul(soft, soft.T)
        below = np.minimum((product.max(1, keepdims=True) - product + 2**21) >> 22, 255)
        alike = self._tensor("gbst.calibration")[below]
        alike = rint(alike.astype(f32) * (f32(32767.0) / alike.sum(1, keepdims=True).astype(f32)))
        part = f32(16384.0) / (alike.sum(1, keepdims=True).astype(f32) * (32767 * parts).astype(f32))
        return rint(matmul(alike, soft).astype(f32) * part)

    def _norm(self, x: np.ndarray, scale_in: f32, out: Activation) -> np.ndarray:
        """Section 4, row by row."""
        n = x.shape[1]
        s1, s2 = x.sum(1, keepdims=True), (x * x).sum(1, keepdims=True)
        epsilon = (self.model.norm_epsilon * f32(n * n)) / (scale_in * scale_in)
        r = f32(1.0) / (np.sqrt((n * s2 - s1 * s1).astype(f32) + epsilon) * out.scale)
        return clamp8(rint((n * x - s1).astype(f32) * r) + out.zero_point)

    def _qrnn_block(self, i: int, x: np.ndarray, x_at: Activation) -> np.ndarray:
        """Section 5: codes [time, channels] -> codes [time, channels]."""
        name = f"encoder.{i}"
        norm_at, out_at = self._activation(f"{name}.norm"), self._activation(f"{name}.residual")
        weight = self._tensor(f"{name}.gates.weight")  # [gate set, gate, state, window * channels]
        bias = self._tensor(f"{name}.gates.bias").reshape(weight.shape[:3])
        scales = self._scales(f"{name}.gates.weight").reshape(weight.shape[:3])
        state, window = weight.shape[2], self.model.encoder.window
        h = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        time, past = len(h), window - 1
        padded = np.pad(h, ((past, past), (0, 0)))
        y = np.empty((time, 2, state), np.int64)
        for direction in (0, 1):
            first = 0 if direction == 0 else past
            rows = np.concatenate([padded[first + k : first + k + time] for k in range(window)], axis=1)
            own = direction % len(weight)  # where there is one set, it is both directions'
            gates = []
            for g, gate in enumerate("zfo"):
                multiplier = (norm_at.scale * scales[own, g]) / self._activation(f"{name}.{gate}").scale
                code = requantize(matmul(rows, weight[own, g].T) + bias[own, g], multiplier, 0)
                gates.append(self._tensor(f"{name}.{gate}.table")[code + 128])
            z, f, o = gates
            c = np.zeros(state, np.int64)
            for t in range(time) if direction == 0 else range(time - 1, -1, -1):
                c = z[t] + ((f[t] * (c - z[t]) + 2**14) >> 15)
                u = (o[t] * c + 2**14) >> 15
                y[t, direction] = clamp8((u + 64) >> 7)
        return self._added(f"{name}.projection", y.reshape(time, -1), f32(0.0078125), x, x_at, out_at)

    def _dense(self, name: str, x: np.ndarray, scale_in: f32, out: Activation) -> np.ndarray:
        """Centred codes [rows, inputs] -> codes [rows, outputs]."""
        acc = matmul(x, self._tensor(f"{name}.weight").T) + self._tensor(f"{name}.bias")
        return requantize(acc, self._multiplier(scale_in, f"{name}.weight", out.scale), out.zero_point)

    def _added(self, name: str, y: np.ndarray, scale_in: f32, x: np.ndarray, x_at: Activation, out: Activation) -> np.ndarray:
        """A dense layer of the centred codes y, and the residual stream x added before rounding."""
        acc = matmul(y, self._tensor(f"{name}.weight").T) + self._tensor(f"{name}.bias")
        residual = (x - x_at.zero_point).astype(f32) * (x_at.scale / out.scale)
        return clamp8(rint(acc.astype(f32) * self._multiplier(scale_in, f"{name}.weight", out.scale) + residual) + out.zero_point)

    def _positioned(self, table: str, x: np.ndarray, x_at: Activation, out: Activation) -> np.ndarray:
        """Section 7: rows and their positions."""
        position = self._tensor(table)[: len(x)].astype(f32) * (self._scales(table)[0] / out.scale)
        return clamp8(rint((x - x_at.zero_point).astype(f32) * (x_at.scale / out.scale) + position) + out.zero_point)

    def _transformer_block(self, i: int, pool: int, x: np.ndarray, x_at: Activation) -> np.ndarray:
        """Sections 7 and 8: codes [time, channels] -> codes [ceil(time / pool), channels]."""
        name = f"encoder.{i}"
        norm_at, context_at, attended_at = (self._activation(f"{name}.{part}") for part in ("norm", "context", "attended"))
        query_at, key_at, value_at = (self._activation(f"{name}.{part}") for part in ("query", "key", "value"))
        h = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        key = self._dense(f"{name}.key", h, norm_at.scale, key_at)
        value = self._dense(f"{name}.value", h, norm_at.scale, value_at)
        if pool > 1:
            x, x_at = self._pooled(x, x_at, pool, self._activation(f"{name}.pooled")), self._activation(f"{name}.pooled")
            h = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        query = self._dense(f"{name}.query", h, norm_at.scale, query_at)
        context = self._context(name, query, key, value, self.model.encoder.heads)
        x, x_at = self._added(f"{name}.output", context, context_at.scale, x, x_at, attended_at), attended_at
        return self._feed_forward(name, x)

    def _context(self, name: str, query: np.ndarray, key: np.ndarray, value: np.ndarray, heads: int) -> np.ndarray:
        """Section 7: codes [queries, channels] of rows whose keys and values are [time, channels]."""
        query_at, key_at, value_at, score_at, context_at = (
            self._activation(f"{name}.{part}") for part in ("query", "key", "value", "score", "context")
        )
        context = np.empty_like(query)
        width = query.shape[1] // heads
        for head in range(heads):
            part = np.s_[:, head * width : (head + 1) * width]
            multiplier = (query_at.scale * key_at.scale) / (score_at.scale * np.sqrt(f32(width)))
            score = requantize(matmul(query[part], key[part].T), multiplier, 0)
            exponential = self._tensor(f"{name}.exp")[score.max(1, keepdims=True) - score]
            share = rint(exponential.astype(f32) * (f32(32767.0) / exponential.sum(1, keepdims=True).astype(f32)))
            multiplier = (value_at.scale / context_at.scale) / share.sum(1, keepdims=True).astype(f32)
            context[part] = requantize(matmul(share, value[part]), multiplier, 0)
        return context

    def _feed_forward(self, name: str, x: np.ndarray) -> np.ndarray:
        """Section 7: the second half of a block, its residual included."""
        x_at, norm_at, hidden_at = (self._activation(f"{name}.{part}") for part in ("attended", "attended.norm", "hidden"))
        g = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        pre = self._dense(f"{name}.up", g, norm_at.scale, self._activation(f"{name}.up"))
        hidden = self._tensor(f"{name}.activation")[pre + 128] - hidden_at.zero_point
        return self._added(f"{name}.down", hidden, hidden_at.scale, x, x_at, self._activation(f"{name}.residual"))

    def _pooled(self, x: np.ndarray, x_at: Activation, pool: int, out: Activation) -> np.ndarray:
        """Section 8: means of neighbouring rows, the tail kept."""
        starts = np.arange(0, len(x), pool)
        count = np.minimum(len(x) - starts, pool)[:, None].astype(f32)
        total = np.add.reduceat(x - x_at.zero_point, starts, axis=0)
        return requantize(total, (x_at.scale / out.scale) / count, out.zero_point)

    def _attention(self, x: np.ndarray, x_at: Activation) -> tuple[np.ndarray, np.ndarray]:
        """Section 6: codes [time, channels] -> y - z [time, channels], w [time]."""
        norm_at, attention_at = self._activation("pool.norm"), self._activation("pool.attention")
        y = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        acc = matmul(y, self._tensor("pool.attention.weight").T)[:, 0]
        multiplier = self._multiplier(norm_at.scale, "pool.attention.weight", attention_at.scale)
        code = requantize(acc, multiplier[0], 0)
        exponential = self._tensor("pool.exp")[code.max() - code]
        return y, rint(exponential.astype(f32) * (f32(4194304.0) / f32(exponential.sum())))

    def _pooling(self, y: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Section 6: -> p [2 * channels], 7 fractional bits more than a code."""
        mean = rint((share[:, None] * y).sum(0).astype(f32) * f32(2.0**-15))
        return np.concatenate([mean, y.max(0) * 128])

    def _relevance(self, y: np.ndarray, share: np.ndarray, label: int) -> np.ndarray:
        """Section 10: of each row, in 2^-15 of the head's accumulator."""
        mean, maximum = np.split(self._tensor("head.weight")[label], 2)
        relevance = share * (y * mean).sum(1)
        np.add.at(relevance, y.argmax(0), maximum * y.max(0) << 22)  # argmax gives the first
        return relevance

    def _head_multiplier(self) -> np.ndarray:
        return (self._activation("pool.norm").scale * self._scales("head.weight")) * f32(0.0078125)

    def _head(self, pooled: np.ndarray) -> Scored:
        """Section 6: logits, and probabilities through the sigmoid table."""
        acc = (self._tensor("head.weight") * pooled).sum(1)
        logits = acc.astype(f32) * self._head_multiplier() + self.model.tensors["head.bias"].data
        calibrated = logits * self.model.slope + self.model.offset
        u = np.clip(calibrated * f32(8.0) + f32(128.0), f32(0.0), f32(255.0))
        i = np.minimum(np.floor(u).astype(np.int64), 254)
        table = self.model.tensors["sigmoid"].data
        probabilities = table[i] + (table[i + 1] - table[i]) * (u - i.astype(f32))
        return Scored(logits, probabilities)
