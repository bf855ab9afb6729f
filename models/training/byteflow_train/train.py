"""The training loop: AdamW, warm-up and linear decay, fake quantization in the last part, checkpoints that resume."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from .data import Batch, TrainingStream
from .masking import MaskedBatch, MaskedTextStream
from .network import ByteClassifier, ByteEncoder, MaskedByteModel
from .predictions import read_predictions
from .qrnn import QrnnEncoder
from .quantize import set_quantization
from .recipe import Distillation, PretrainingRecipe, Recipe, Training
from .restore import restore_encoder, restore_front_end

N = TypeVar("N", bound=nn.Module)

# Ranges stop moving for the last part of training, so that the weights settle on the grid that is exported.
FREEZE_RANGES = 0.9

# What a pre-training hands on, by the names of its parameters.
FRONT_END_PARTS = ("conv.", "gbst.", "words.")
ENCODER_PARTS = (*FRONT_END_PARTS, "encoder.")


def masked_loss(logits: Tensor, targets: Tensor, known: Tensor) -> Tensor:
    """Mean sigmoid cross-entropy over the labels that are known."""
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return (loss * known).sum() / known.sum().clamp(min=1.0)


def distilled_loss(logits: Tensor, targets: Tensor, known: Tensor, taught: Tensor, d: Distillation) -> Tensor:
    """The same where a teacher speaks too: it has `share` of the loss of a known label, and all of an unknown one."""
    has_teacher = ~torch.isnan(taught)
    soft_targets = torch.sigmoid(torch.where(has_teacher, taught, torch.zeros_like(taught)) / d.temperature)
    soft = F.binary_cross_entropy_with_logits(logits / d.temperature, soft_targets, reduction="none")
    hard = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    # Dividing both logits by T shrinks the gradient by about T squared.
    share = torch.where(has_teacher, torch.where(known > 0, d.share, 1.0), 0.0)
    loss = share * d.temperature**2 * soft + (1.0 - share) * known * hard
    return loss.sum() / (has_teacher | (known > 0)).sum().clamp(min=1)


def learning_rate(step: int, t: Training) -> float:
    return t.learning_rate * min((step + 1) / t.warmup_steps, max(0.0, (t.steps - step) / (t.steps - t.warmup_steps)))


def save_atomically(state: object, path: Path) -> None:
    """A kill while writing leaves the older checkpoint whole."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def multiplies_bfloat16(where: torch.device) -> bool:
    """Whether the device has instructions for it: a CPU without them takes 2.3 times as long for a step as in float32 (Xeon with AVX-512 only)."""
    if where.type == "cuda":
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)  # the last is Arm's


def restored(model: N, run: Path) -> N:
    """The network of a finished or unfinished run, in evaluation mode on the CPU."""
    model.load_state_dict(parameters_of(run / "checkpoint.pt"))
    model.eval()
    return model


def load_model(recipe: Recipe, run: Path) -> ByteClassifier:
    return restored(ByteClassifier(recipe.network), run)


def parameters_of(checkpoint: Path) -> dict[str, Tensor]:
    return torch.load(checkpoint, map_location="cpu")["model"]


def carry_over(model: nn.Module, carried: Mapping[str, Tensor], checkpoint: Path, wanted: set[str], source: str) -> None:
    """Copies the parameters of these names; ranges start afresh. Raises ValueError where shapes differ; `source` says what must fit what."""
    own = model.state_dict()
    for name in sorted(wanted):
        if name not in carried or carried[name].shape != own[name].shape:
            raise ValueError(f"{checkpoint}: its {name} does not fit this recipe; {source}")
    model.load_state_dict({name: carried[name].float() for name in wanted}, strict=False)


def load_encoder(model: ByteEncoder, checkpoint: Path) -> None:
    """Front end and encoder of another run's checkpoint, of a released encoder or of a released model (.byteflow). A QRNN may have more blocks than it."""
    if checkpoint.suffix == ".byteflow":
        restore_encoder(model, checkpoint)
        return
    carried = parameters_of(checkpoint)
    wanted = {name for name, _ in model.named_parameters() if name.startswith(ENCODER_PARTS)}
    if isinstance(model.encoder, QrnnEncoder):
        more = tuple(f"encoder.{i}." for i in range(1, len(model.encoder)) if f"encoder.{i}.gates.weight" not in carried)
        wanted = {name for name in wanted if not name.startswith(more)}
        model.encoder.silence(len(model.encoder) - len(more))
    carry_over(model, carried, checkpoint, wanted, "front_end and encoder must be those of the pre-training")


def load_front_end(model: ByteEncoder, checkpoint: Path) -> None:
    """The front end alone, so that a Transformer may start from the bytes that a QRNN has learnt to read."""
    if checkpoint.suffix == ".byteflow":
        restore_front_end(model, checkpoint)
        return
    wanted = {name for name, _ in model.named_parameters() if name.startswith(FRONT_END_PARTS)}
    carry_over(model, parameters_of(checkpoint), checkpoint, wanted, "front_end must be that of the other")


def load_start(model: ByteEncoder, encoder: Path | None, front_end: Path | None) -> None:
    if encoder is not None:
        load_encoder(model, encoder)
    if front_end is not None:
        load_front_end(model, front_end)


def encoder_weights(checkpoint: Path) -> dict[str, Tensor]:
    """Front end and encoder of a run as float16: a third of a checkpoint, and more precise than the int8 that becomes of it."""
    parameters = (".embedding", ".position", ".weight", ".bias")  # the rest is what quantizers observed
    return {name: tensor.half() for name, tensor in parameters_of(checkpoint).items() if name.startswith(ENCODER_PARTS) and name.endswith(parameters)}


class Batches(Protocol):
    def batches(self, first_step: int) -> Iterator[Any]:
        """Batches from a step on, the same whatever came before."""


def fit(name: str, model: ByteEncoder, stream: Batches, loss_of: Callable[[Any, torch.device], Tensor], t: Training, run: Path) -> None:
    """Trains to the last step, resuming from run/checkpoint.pt when it is there; writes run/loss.jsonl as it goes."""
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(t.seed)
    torch.set_num_threads(t.threads)
    where = device()
    bfloat16_pays = multiplies_bfloat16(where)
    model.to(where)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": t.weight_decay}, {"params": plain, "weight_decay": 0.0}], lr=t.learning_rate, betas=(0.9, 0.98)
    )
    checkpoint = run / "checkpoint.pt"
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=where)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"].cpu())
        step = state["step"]
        print(f"resuming {run} at step {step} of {t.steps}", file=sys.stderr)
    model.train()
    losses: list[float] = []
    saved = time.monotonic()

    def save() -> None:
        save_atomically(
            {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "random": torch.get_rng_state(), "step": step}, checkpoint
        )

    with open(run / "loss.jsonl", "a", encoding="utf-8") as log, tqdm(
        total=t.steps, initial=step, unit="step", desc=name, file=sys.stderr, mininterval=5, dynamic_ncols=True
    ) as bar:
        for batch in stream.batches(step):
            if step >= t.steps:
                break
            set_quantization(model, step >= t.quantization_start * t.steps, step < FREEZE_RANGES * t.steps)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, t)
            with torch.autocast(where.type, dtype=torch.bfloat16, enabled=bfloat16_pays):
                loss = loss_of(batch, where)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            losses.append(loss.item())
            bar.update()
            if step % 100 == 0 or step == t.steps:
                mean = float(np.mean(losses))
                losses.clear()
                if not np.isfinite(mean):
                    raise FloatingPointError(f"{run}: the loss is {mean} at step {step}; lower training.learning_rate")
                bar.set_postfix(loss=f"{mean:.4f}")
                log.write(json.dumps({"step": step, "loss": mean, "learning_rate": optimizer.param_groups[0]["lr"]}) + "\n")
                log.flush()
            if time.monotonic() - saved > 60 * t.checkpoint_minutes:
                save()
                saved = time.monotonic()
    save()


def labelled_ids(recipe: Recipe, count: int) -> Iterator[Tensor]:
    """The first so many batches of a recipe, ids int64 [batch, length], without the sources of which only a teacher speaks."""
    labelled = tuple(source for source in recipe.sources if source.labels or source.fixed)
    labels = recipe.network.labels + recipe.network.auxiliary_labels
    stream = TrainingStream(labelled, labels, recipe.training, normalizes=recipe.network.normalize)
    return (torch.from_numpy(batch.ids) for batch in itertools.islice(stream.batches(0), count))


def train(recipe: Recipe, run: Path, encoder: Path | None = None, front_end: Path | None = None) -> None:
    """Trains a classifier; `encoder` is the checkpoint of a pre-training, or a released model, to start from, `front_end` one for that part alone."""
    t = recipe.training
    torch.manual_seed(t.seed)
    model = ByteClassifier(recipe.network)
    load_start(model, encoder, front_end)
    labels = recipe.network.labels + recipe.network.auxiliary_labels
    teacher = None
    if recipe.distillation:
        teacher = read_predictions(Path(recipe.distillation.predictions))
        teacher = teacher.for_labels(recipe.distillation.labels or teacher.labels)

    def loss_of(batch: Batch, where: torch.device) -> Tensor:
        ids, targets, known, taught = (torch.from_numpy(x).to(where) for x in (batch.ids, batch.targets, batch.known, batch.taught))
        if recipe.distillation:
            return distilled_loss(model(ids), targets, known, taught, recipe.distillation)
        return masked_loss(model(ids), targets, known)

    fit(recipe.name, model, TrainingStream(recipe.sources, labels, t, teacher, recipe.network.normalize), loss_of, t, run)


def pretrain(recipe: PretrainingRecipe, run: Path, encoder: Path | None = None, front_end: Path | None = None) -> None:
    """Trains front end and encoder to predict masked spans of unlabelled text, and its words' vectors if the recipe has them; `encoder` is an earlier one
    to go on from, `front_end` one of another encoder."""
    t = recipe.training
    stream = MaskedTextStream(recipe.texts, t.batch_rows, t.max_bytes, t.seed, recipe.words)
    torch.manual_seed(t.seed)
    model = MaskedByteModel(recipe.network, stream.words.vectors.shape[1] if stream.words else 0)
    load_start(model, encoder, front_end)

    def loss_of(batch: MaskedBatch, where: torch.device) -> Tensor:
        ids, positions, targets = (torch.from_numpy(x).to(where) for x in (batch.ids, batch.positions, batch.targets))
        if recipe.words is None or batch.words is None:
            return F.cross_entropy(model(ids, positions)[0], targets)
        words, meanings = (torch.from_numpy(x).to(where) for x in (batch.words, batch.meanings))
        logits, said = model(ids, positions, words)
        return F.cross_entropy(logits, targets) + recipe.words.weight * (1 - F.cosine_similarity(said, meanings)).mean()

    fit(recipe.name, model, stream, loss_of, t, run)
