"""Beam search with the float network, many texts at once: for the dev split during development.

What a released model writes is decided by beam_search.py in integers; this one is its fast and plain cousin (no UTF-8 rules).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

import torch

from .bytesplitter import EOS, FIRST_BYTE, MASK, PADDING, split, utf8
from .generator import ByteGenerator
from .pairs import padded
from .quantize import set_quantization

BATCH_ROWS = 256  # beams of all texts of a batch


def penalty(length: int, alpha: float) -> float:
    return ((5.0 + length) / 6.0) ** alpha


@torch.no_grad()
def _decode_batch(model: ByteGenerator, sources: torch.Tensor, beams: int, alpha: float) -> list[list[tuple[str, float]]]:
    """sources int64 [batch, length] -> for each text candidates and their scores, best first."""
    batch, longest = len(sources), model.config.decoder.max_length
    memory = model.remember(sources).repeated(beams)
    past = model.decoder.begin(batch * beams, sources.device)
    alive = torch.full((batch, beams), -1e9)
    alive[:, 0] = 0.0  # all beams begin alike
    ids = torch.full((batch, beams), PADDING)
    texts: list[list[bytes]] = [[b""] * beams for _ in range(batch)]
    found: list[list[tuple[float, bytes]]] = [[] for _ in range(batch)]
    ones = torch.ones(1, batch * beams, 1)
    for length in range(1, longest + 1):
        logits, past = model.decoder(ids.view(-1, 1), ones, memory, past)
        logits[..., [PADDING, MASK]] = -1e9
        scores = alive.view(batch, beams, 1) + torch.log_softmax(logits[0], -1).view(batch, beams, -1)
        best, places = scores.flatten(1).topk(2 * beams)
        parents = torch.zeros(batch, beams, dtype=torch.long)
        for i in range(batch):
            row = 0
            previous = texts[i]
            texts[i] = []
            for score, place in zip(best[i].tolist(), places[i].tolist()):
                parent, id = divmod(place, scores.shape[-1])
                if id == EOS:
                    heapq.heappush(found[i], (score / penalty(length, alpha), previous[parent]))
                elif row < beams:
                    texts[i].append(previous[parent] + bytes([id - FIRST_BYTE]))
                    alive[i, row], parents[i, row], ids[i, row] = score, parent, id
                    row += 1
            while len(found[i]) > beams:
                heapq.heappop(found[i])
        past = past.follow((parents + beams * torch.arange(batch)[:, None]).flatten())
        if all(len(f) == beams and alive[i, 0].item() / penalty(longest, alpha) <= f[0][0] for i, f in enumerate(found)):
            break
    for i, ended in enumerate(found):
        if not ended:
            ended.append((float(alive[i, 0]) / penalty(longest, alpha), texts[i][0]))
    return [[(text.decode("utf-8", "replace"), score) for score, text in sorted(ended, key=lambda e: -e[0])] for ended in found]


def decode(model: ByteGenerator, texts: Sequence[str], beams: int = 1, alpha: float = 0.6, quantized: bool = False) -> Iterator[list[tuple[str, float]]]:
    """Candidates and scores of each text, best first, in the order of the texts."""
    model.eval()
    set_quantization(model, quantized, observing=False)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    rows = max(BATCH_ROWS // beams, 1)
    results: dict[int, list[tuple[str, float]]] = {}
    for first in range(0, len(order), rows):
        chosen = order[first : first + rows]
        sources = padded([split(utf8(texts[i]), model.config.front_end.max_bytes) for i in chosen])
        results.update(zip(chosen, _decode_batch(model, torch.from_numpy(sources), beams, alpha)))
    for i in range(len(texts)):
        yield results[i]
