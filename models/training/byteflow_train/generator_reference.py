"""The integer reference of the decoder (core/src/quant/README.md section 11), a step at a time as the search asks for it."""

from __future__ import annotations

import numpy as np

from .beam_search import Hypothesis, SearchOptions, SearchTables, search
from .bytesplitter import PADDING
from .lexicon import weighed
from .modelfile import ModelFile
from .reference import IntegerReference, clamp8, f32, matmul, rint


class GeneratorReference(IntegerReference):
    """A generator that has read a text, and the rows of the texts that it writes; `model` must be structurally sound."""

    def __init__(self, model: ModelFile) -> None:
        super().__init__(model)
        assert model.decoder is not None, model.name
        self.config = model.decoder
        tensors = model.tensors
        self.tables = SearchTables(tensors["decoder.exp"].data, tensors["decoder.log"].data, self._activation("decoder.logits").scale)

    def read(self, text: bytes) -> None:
        """Keys and values of a text, and no steps behind it."""
        source_at, norm_at = self._activation("decoder.source"), self._activation("decoder.source.norm")
        rows, rows_at = self.encode(text)
        h = self._norm(self._positioned("decoder.source.position", rows, rows_at, source_at), source_at.scale, norm_at) - norm_at.zero_point
        self.memory = [
            tuple(self._dense(f"decoder.{i}.{part}", h, norm_at.scale, self._activation(f"decoder.{i}.{part}")) for part in ("key", "value"))
            for i in range(self.config.blocks)
        ]
        channels = self.model.front_end.channels
        self.sums = [np.zeros((1, channels), np.int64) for _ in range(self.config.blocks)]
        self.ids = np.full((1, self.config.window), PADDING)
        self.length = 0

    def step(self, parents: list[int], ids: list[int]) -> np.ndarray:
        """Row i goes on from row parents[i] with ids[i] -> codes of the logits [rows, 259]."""
        self.length += 1
        self.ids = np.concatenate([self.ids[parents, 1:], np.array(ids)[:, None]], 1)
        x, x_at = self._embed(), self._activation("decoder.embedded")
        for i in range(self.config.blocks):
            x, x_at = self._block(i, x, parents), self._activation(f"decoder.{i}.residual")
        norm_at = self._activation("decoder.norm")
        h = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        return self._dense("decoder.output", h, norm_at.scale, self._activation("decoder.logits")).astype(np.int8)

    def generate(self, text: bytes, options: SearchOptions) -> list[Hypothesis]:
        self.read(text)
        return weighed(self.model, search(self.step, self.tables, options))

    def _embed(self) -> np.ndarray:
        out = self._activation("decoder.embedded")
        windows = self._tensor("decoder.embedding.weight")[self.ids].reshape(len(self.ids), -1)
        weight = self._tensor("decoder.conv.weight")
        acc = matmul(windows, weight.reshape(len(weight), -1).T) + self._tensor("decoder.conv.bias")
        multiplier = self._multiplier(self._scales("decoder.embedding.weight")[0], "decoder.conv.weight", out.scale)
        position = self._tensor("decoder.position")[self.length - 1].astype(f32) * (self._scales("decoder.position")[0] / out.scale)
        return clamp8(rint(acc.astype(f32) * multiplier + position) + out.zero_point)

    def _block(self, i: int, x: np.ndarray, parents: list[int]) -> np.ndarray:
        name = f"decoder.{i}"
        x_at = self._activation(f"decoder.{i - 1}.residual" if i else "decoder.embedded")
        norm_at, query_at, running_at, context_at, merged_at = (
            self._activation(f"{name}.{part}") for part in ("norm", "query", "running", "context", "merged")
        )
        h = self._norm(x, x_at.scale, norm_at) - norm_at.zero_point
        context = self._context(name, self._dense(f"{name}.query", h, norm_at.scale, query_at), *self.memory[i], self.config.heads)
        self.sums[i] = self.sums[i][parents] + self._dense(f"{name}.running", h, norm_at.scale, running_at)
        mean = self.sums[i].astype(f32) * ((running_at.scale / merged_at.scale) / f32(self.length))
        merged = clamp8(rint(context.astype(f32) * (context_at.scale / merged_at.scale) + mean))
        attended_at = self._activation(f"{name}.attended")
        return self._feed_forward(name, self._added(f"{name}.output", merged, merged_at.scale, x, x_at, attended_at))
