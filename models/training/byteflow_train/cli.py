"""`python3 -m byteflow_train COMMAND`: the commands and their arguments."""

from __future__ import annotations

import argparse
import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from .data import DataError, Row, data_folder, held_out, read_rows
from .modelfile import ModelFileError, read_model, write_model
from .recipe import PretrainingRecipe, Recipe, RecipeError, load_pretraining_recipe, load_recipe

EXAMPLES = """examples:
  python3 -m byteflow_train pretrain recipes/pretrain-byteqrnn.toml   resumes where a killed run stopped
  python3 -m byteflow_train train recipes/toxicity.toml --encoder ../pretrained-byteqrnn.pt
  python3 -m byteflow_train evaluate recipes/toxicity.toml            AUC, calibration and plots on the recipe's dev split
  python3 -m byteflow_train export recipes/toxicity.toml ../toxicity.byteflow
  python3 -m byteflow_train golden ../toxicity.byteflow ../../tests/golden/toxicity.golden
"""


def run_folder(recipe: Recipe | PretrainingRecipe, given: Path | None) -> Path:
    return given or Path("runs") / recipe.name


def evaluation_rows(recipe: Recipe, file: str, split: str) -> list[Row]:
    """Rows of a split; "holdout" is the part of the training split that the recipe keeps from training."""
    path = data_folder() / file
    if split != "holdout":
        return read_rows(path, split)
    rows = [row for row in read_rows(path, "train") if held_out(row.text, recipe.training.holdout)]
    if not rows:
        raise DataError(f"{path}: nothing is held out; the recipe's training.holdout is {recipe.training.holdout}")
    return rows


def command_train(args: argparse.Namespace) -> None:
    from .train import train

    recipe = load_recipe(args.recipe)
    train(recipe, run_folder(recipe, args.run), args.encoder)


def command_pretrain(args: argparse.Namespace) -> None:
    from .train import pretrain

    recipe = load_pretraining_recipe(args.recipe)
    pretrain(recipe, run_folder(recipe, args.run), args.encoder)


def command_encoder(args: argparse.Namespace) -> None:
    import torch

    from .train import encoder_weights

    recipe = load_pretraining_recipe(args.recipe)
    torch.save({"model": encoder_weights(run_folder(recipe, args.run) / "checkpoint.pt")}, args.weights)
    print(json.dumps({"encoder": str(args.weights), "bytes": args.weights.stat().st_size}))


def command_evaluate(args: argparse.Namespace) -> None:
    from . import evaluate
    from .train import load_model

    recipe = load_recipe(args.recipe)
    run = run_folder(recipe, args.run)
    model = load_model(recipe, run)
    split = args.split or recipe.evaluation.split
    rows = evaluation_rows(recipe, args.file or recipe.evaluation.file, split)
    scores, _, _ = evaluate.calibrated(model, rows, recipe.evaluation.shares, args.quantized)
    result = {"file": args.file or recipe.evaluation.file, "split": split, "quantized": args.quantized, "labels": evaluate.metrics_of(scores)}
    stem = f"{split}-{'int8' if args.quantized else 'float'}"
    (run / f"metrics-{stem}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    evaluate.plot_roc(scores, run / f"roc-{stem}.png")
    evaluate.plot_calibration(scores, run / f"calibration-{stem}.png")
    evaluate.plot_loss(run / "loss.jsonl", run / "loss.png")
    print(json.dumps(result))


def command_export(args: argparse.Namespace) -> None:
    from . import evaluate
    from .export import provenance, to_model_file
    from .train import load_model

    recipe = load_recipe(args.recipe)
    model = load_model(recipe, run_folder(recipe, args.run))
    split = args.calibrate_on or recipe.evaluation.split
    rows = evaluation_rows(recipe, recipe.evaluation.file, split)
    scores, slope, offset = evaluate.calibrated(model, rows, recipe.evaluation.shares, quantized=True)
    metrics = evaluate.metrics_of(scores)
    described = provenance(recipe, {"file": recipe.evaluation.file, "split": split, "labels": metrics})
    write_model(to_model_file(model, recipe.name, slope, offset, described), args.model)
    print(json.dumps({"model": str(args.model), "bytes": args.model.stat().st_size, "labels": metrics}))


def command_reference(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from .reference import IntegerReference

    reference = IntegerReference(read_model(args.model))
    texts = []
    while header := sys.stdin.buffer.read(4):
        length = struct.unpack("<I", header)[0] if len(header) == 4 else -1
        text = sys.stdin.buffer.read(length) if length >= 0 else b""
        if len(text) != length:
            raise DataError(f"standard input ends inside text {len(texts) + 1}; each text is a uint32 length and its bytes")
        texts.append(text)
    for text in tqdm(texts, unit="text", desc="reference", file=sys.stderr, delay=2):
        sys.stdout.buffer.write(reference.score(text).logits.astype("<f4").tobytes())


def command_golden(args: argparse.Namespace) -> None:
    from . import golden

    if args.random:
        golden.write_random_model(args.random, args.model)
    golden.write_golden(args.model, args.golden)


def command_bias(args: argparse.Namespace) -> None:
    from .bias import identity_report
    from .reference import IntegerReference

    reference = IntegerReference(read_model(args.model))
    print(json.dumps(identity_report(read_rows(data_folder() / args.file, "test"), reference), indent=2))


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python3 -m byteflow_train",
        description="Trains, measures and exports byteflow's models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, function: object, about: str, recipe: bool = False) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about)
        sub.set_defaults(function=function)
        if recipe:
            sub.add_argument("recipe", type=Path, help="a recipe, e.g. recipes/toxicity.toml")
            sub.add_argument("--run", type=Path, help="folder of checkpoint, log and plots (default: runs/NAME)")
        return sub

    pretrain = command("pretrain", command_pretrain, "teach an encoder to fill in masked text, or go on where it stopped", recipe=True)
    pretrain.add_argument("--encoder", type=Path, help="an earlier encoder to go on from, e.g. ../pretrained-byteqrnn.pt")
    encoder = command("encoder", command_encoder, "write the encoder of a pre-training for release, without optimizer and task", recipe=True)
    encoder.add_argument("weights", type=Path, help="the file to write, e.g. ../pretrained-byteqrnn.pt")
    train = command("train", command_train, "train a recipe, or go on where it stopped", recipe=True)
    train.add_argument("--encoder", type=Path, help="pre-trained encoder to start from: a checkpoint, or e.g. ../pretrained-byteqrnn.pt")
    evaluate = command("evaluate", command_evaluate, "measure a run; writes metrics JSON and plots into its folder", recipe=True)
    evaluate.add_argument("--file", help="data file relative to the data folder (default: the recipe's)")
    evaluate.add_argument("--split", help="split of the file (default: the recipe's); holdout is the part of train that the recipe keeps from training")
    evaluate.add_argument("--quantized", action="store_true", help="keep the fake quantizers on: the network as it is exported")
    export = command("export", command_export, "write the .byteflow file of a run, calibrated on the recipe's dev split", recipe=True)
    export.add_argument("model", type=Path, help="the file to write")
    export.add_argument("--calibrate-on", metavar="SPLIT", help="split that probabilities are fitted on (default: the recipe's); holdout too")
    reference = command(
        "reference",
        command_reference,
        "run the numpy integer reference: standard input holds texts (uint32 little-endian length, then bytes), standard output gets float32 logits",
    )
    reference.add_argument("model", type=Path, help="a .byteflow file")
    golden = command("golden", command_golden, "write golden vectors of a model for tests/golden")
    golden.add_argument("model", type=Path, help="a .byteflow file; written first with --random")
    golden.add_argument("golden", type=Path, help="the file of vectors to write")
    golden.add_argument("--random", metavar="SHAPE", help="make MODEL, an untrained one of golden.py's shapes: tiny, odd, ...")
    bias = command("bias", command_bias, "AUC and error rates per identity term on bias_templates")
    bias.add_argument("model", type=Path, help="a .byteflow file")
    bias.add_argument("--file", default="toxicity/bias_templates.jsonl.xz", help="data file relative to the data folder")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed (the message says what and where), 2 bad usage."""
    args = parser().parse_args(argv)
    try:
        args.function(args)
    except (DataError, ModelFileError, RecipeError, OSError, ValueError, FloatingPointError) as error:
        if isinstance(error, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        print(f"byteflow_train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("byteflow_train: interrupted; run the same command again to go on from the last checkpoint", file=sys.stderr)
        return 130
    return 0
