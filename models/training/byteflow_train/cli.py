"""`python3 -m byteflow_train COMMAND`: the commands and their arguments."""

from __future__ import annotations

import argparse
import json
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from .attacks import ATTACKS, attacked_rows
from .data import DataError, Row, data_folder, data_path, held_out, read_rows, source_rows
from .modelfile import ModelFileError, read_model, write_model
from .network import ByteClassifier
from .predictions import Predictions
from .recipe import (
    GeneratorRecipe,
    PretrainingRecipe,
    Recipe,
    RecipeError,
    TeacherRecipe,
    load_generator_recipe,
    load_pretraining_recipe,
    load_recipe,
    load_teacher_recipe,
    load_variants,
)

EXAMPLES = """examples:
  python3 -m byteflow_train pretrain recipes/pretrain-byteqrnn.toml   resumes where a killed run stopped
  python3 -m byteflow_train teacher recipes/teacher-ngram.toml        minutes; what [distillation] of a recipe then names
  python3 -m byteflow_train train recipes/toxicity.toml --encoder ../pretrained-byteqrnn.pt
  python3 -m byteflow_train evaluate recipes/toxicity.toml            AUC, calibration and plots on the recipe's dev split
  python3 -m byteflow_train export recipes/toxicity.toml ../toxicity.byteflow
  python3 -m byteflow_train golden ../toxicity.byteflow ../../tests/golden/toxicity.golden
"""


def run_folder(recipe: Recipe | PretrainingRecipe | TeacherRecipe | GeneratorRecipe, given: Path | None) -> Path:
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
    train(recipe, run_folder(recipe, args.run), args.encoder, args.front_end)


def command_average(args: argparse.Namespace) -> None:
    from .average import average

    average(load_recipe(args.recipe), args.runs, args.run)


def command_share_gates(args: argparse.Namespace) -> None:
    from .share_gates import start

    start(load_recipe(args.recipe), args.model, args.checkpoint)
    print(json.dumps({"encoder": str(args.checkpoint)}))


def command_teacher(args: argparse.Namespace) -> None:
    from . import teacher

    recipe = load_teacher_recipe(args.recipe)
    run = run_folder(recipe, args.run)
    watched = read_rows(data_path(recipe.evaluation.file), recipe.evaluation.split)
    if recipe.words:
        from . import word_teacher

        predictions = word_teacher.fit_and_predict(recipe, recipe.words, run, watched)
    else:
        predictions = teacher.fit_and_predict(recipe, watched)
    predictions.write(run / "predictions.npz")
    metrics = teacher_metrics(recipe, predictions)
    (run / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({"predictions": str(run / "predictions.npz"), "texts": len(predictions.keys), "auc": metrics}))


def teacher_metrics(recipe: TeacherRecipe, predictions: Predictions) -> dict[str, object]:
    """AUC on the recipe's dev split and on the rows that are held out of each labelled source."""
    from . import teacher

    file, split = recipe.evaluation.file, recipe.evaluation.split
    metrics: dict[str, object] = {f"{file} {split}": teacher.auc_of(predictions, read_rows(data_path(file), split))}
    for source in recipe.sources:
        if source.labels:
            rows = [row for row in source_rows(source) if held_out(row.text, recipe.holdout)]
            metrics[f"{source.file} held out of {source.split}"] = teacher.auc_of(predictions, rows)
    return metrics


def command_predict(args: argparse.Namespace) -> None:
    from . import measure, teacher
    from .train import load_model

    if args.model.suffix == ".toml":
        recipe = load_recipe(args.model)
        scorer = measure.network_scorer(load_model(recipe, run_folder(recipe, args.run)))
    else:
        scorer = measure.logits_of(measure.package_scorer(args.model))
    texts = load_teacher_recipe(args.texts)
    watched = read_rows(data_path(texts.evaluation.file), texts.evaluation.split)
    predictions = teacher.predictions_of(scorer, texts, watched)
    predictions.write(args.predictions)
    print(json.dumps({"predictions": str(args.predictions), "texts": len(predictions.keys), "auc": teacher_metrics(texts, predictions)}))


def command_blend(args: argparse.Namespace) -> None:
    from . import teacher
    from .predictions import read_predictions

    recipe = load_teacher_recipe(args.recipe)
    unseen = read_rows(data_path(recipe.evaluation.file), recipe.evaluation.split)
    unseen += [row for source in recipe.sources if source.labels for row in source_rows(source) if held_out(row.text, recipe.holdout)]
    blended, weights = teacher.blend([read_predictions(path) for path in args.teachers], unseen)
    blended.write(args.predictions)
    print(json.dumps({"predictions": str(args.predictions), "weights": weights, "auc": teacher_metrics(recipe, blended)}))


def command_pretrain(args: argparse.Namespace) -> None:
    from .train import pretrain

    recipe = load_pretraining_recipe(args.recipe)
    pretrain(recipe, run_folder(recipe, args.run), args.encoder, args.front_end)


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
    if args.attack:
        attacks = tuple(ATTACKS) if args.attack == "all" else (args.attack,)
        result["attacks"] = {attack: network_metrics(model, attacked_rows(rows, attack), args.quantized) for attack in attacks}
    stem = f"{split}-{'int8' if args.quantized else 'float'}"
    (run / f"metrics-{stem}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    evaluate.plot_roc(scores, run / f"roc-{stem}.png")
    evaluate.plot_calibration(scores, run / f"calibration-{stem}.png")
    if (log := run / "loss.jsonl").exists():  # the mean of several runs has none
        evaluate.plot_loss(log, run / "loss.png")
    print(json.dumps(result))


def network_metrics(model: ByteClassifier, rows: Sequence[Row], quantized: bool) -> dict[str, dict[str, float | int]]:
    from . import evaluate

    logits = evaluate.network_logits(model, [row.text for row in rows], quantized)
    return evaluate.label_metrics(rows, dict(zip(model.config.labels, logits.T)))


def command_measure(args: argparse.Namespace) -> None:
    from . import measure
    from .train import load_model

    recipe = load_recipe(args.recipe)
    run = run_folder(recipe, args.run)
    figures = measure.model_figures(args.model, args.about)
    figures["numbers"] = {"int8": measure.measure(measure.package_scorer(args.model), recipe.training.holdout)}
    if (run / "checkpoint.pt").exists():
        figures["numbers"]["float"] = measure.measure(measure.network_scorer(load_model(recipe, run)), recipe.training.holdout)
    write_figures(figures, args.metrics)


def command_trade_off(args: argparse.Namespace) -> None:
    from .trade_off import trade_off

    trade_off(load_variants(args.recipe), args.runs, lambda figures: write_figures(figures, args.metrics))


def command_speed(args: argparse.Namespace) -> None:
    from .measure import package_times

    write_figures(package_times(args.models), args.metrics)


def command_baseline(args: argparse.Namespace) -> None:
    from . import measure

    rows = [row for row in read_rows(data_folder() / measure.TRAINING_SET, "train") if not held_out(row.text, args.holdout)]
    labels = list(dict.fromkeys(label for row in rows for label in row.labels))
    measured = measure.measure(measure.ngram_baseline(rows, labels), args.holdout)
    write_figures({"name": "n-grams", "about": measure.BASELINE, "numbers": {"float": measured}}, args.metrics)


def write_figures(figures: object, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({"metrics": str(path)}))


def command_results(args: argparse.Namespace) -> None:
    from . import results

    written = results.write(args.metrics, args.results)
    print(json.dumps({"written": [str(path) for path in written]}))


def command_export(args: argparse.Namespace) -> None:
    from .release import calibrated_file
    from .train import load_model

    recipe = load_recipe(args.recipe)
    model = load_model(recipe, run_folder(recipe, args.run))
    split = args.calibrate_on or recipe.evaluation.split
    file, metrics = calibrated_file(recipe, model, evaluation_rows(recipe, recipe.evaluation.file, split), split, args.precision)
    write_model(file, args.model)
    print(json.dumps({"model": str(args.model), "bytes": args.model.stat().st_size, "labels": metrics}))


def command_train_generator(args: argparse.Namespace) -> None:
    from .train_generator import train_generator

    recipe = load_generator_recipe(args.recipe)
    train_generator(recipe, run_folder(recipe, args.run), args.encoder, args.generator)


def command_evaluate_generator(args: argparse.Namespace) -> None:
    from .pairs import read_pairs
    from .train_generator import evaluate_generator, load_generator

    recipe = load_generator_recipe(args.recipe)
    run = run_folder(recipe, args.run)
    file, split = args.file or recipe.evaluation.file, args.split or recipe.evaluation.split
    beams = args.beams or recipe.evaluation.beams
    pairs = read_pairs(data_folder() / file, split)[: args.rows]
    measured = evaluate_generator(load_generator(recipe, run), pairs, recipe.evaluation.measure, beams, args.quantized)
    result = {"file": file, "split": split, "pairs": len(pairs), "beams": beams, "quantized": args.quantized, **measured}
    (run / f"metrics-{split}-{'int8' if args.quantized else 'float'}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(result))


def command_export_generator(args: argparse.Namespace) -> None:
    from .export import generator_file, provenance
    from .pairs import read_pairs
    from .train_generator import evaluate_generator, load_generator

    recipe = load_generator_recipe(args.recipe)
    model = load_generator(recipe, run_folder(recipe, args.run))
    evaluation = recipe.evaluation
    pairs = read_pairs(data_folder() / evaluation.file, evaluation.split)
    measured = evaluate_generator(model, pairs, evaluation.measure, evaluation.beams, quantized=True)
    metrics = {"file": evaluation.file, "split": evaluation.split, "beams": evaluation.beams, **measured}
    write_model(generator_file(model, recipe.name, provenance(recipe, metrics)), args.model)
    print(json.dumps({"model": str(args.model), "bytes": args.model.stat().st_size, **metrics}))


def command_lexicon(args: argparse.Namespace) -> None:
    from dataclasses import replace

    from .export import provenance
    from .lexicon import frequent_words, lexicon_of, with_lexicon

    recipe = load_generator_recipe(args.recipe)
    if recipe.lexicon is None:
        raise RecipeError(f"{args.recipe}: there is no [lexicon] in it")
    model = read_model(args.model)
    if model.decoder is None:
        raise ModelFileError(f"{args.model}: a classifier, which writes no words")
    words = frequent_words(recipe)
    model = with_lexicon(model, lexicon_of(words, recipe.lexicon.bytes), recipe.lexicon.penalty)
    metrics = json.loads(model.provenance.get("metrics") or "{}")
    write_model(replace(model, provenance=provenance(recipe, metrics)), args.model)
    print(json.dumps({"model": str(args.model), "bytes": args.model.stat().st_size, "words": len(words)}))


def command_reference(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from .reference import IntegerReference

    reference = IntegerReference(read_model(args.model))
    if reference.model.decoder is not None:
        raise ModelFileError(f"{args.model}: a generator, which has no logits of labels")
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
    from . import generator_golden, golden

    if args.random:
        golden.write_random_model(args.random, args.model)
    if args.random_generator:
        generator_golden.write_random_generator(args.random_generator, args.model)
    if read_model(args.model).decoder is not None:
        generator_golden.write_generator_golden(args.model, args.golden)
        return
    golden.write_golden(args.model, args.golden)
    golden.write_explained(args.model, args.golden.with_suffix(".explained"))


def command_bias(args: argparse.Namespace) -> None:
    import numpy as np
    from tqdm import tqdm

    from .bias import identity_report
    from .bytesplitter import utf8
    from .reference import IntegerReference

    reference = IntegerReference(read_model(args.model))
    column = reference.model.labels.index("toxicity")
    rows = read_rows(data_folder() / args.file, "test")
    texts = tqdm(rows, unit="text", desc="bias", file=sys.stderr, delay=2)
    logits = np.array([reference.score(utf8(row.text)).logits[column] for row in texts])
    print(json.dumps(identity_report(rows, logits), indent=2))


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
    pretrain.add_argument("--front-end", type=Path, help="the front end alone to start from, of any encoder, e.g. ../toxicity.byteflow")
    encoder = command("encoder", command_encoder, "write the encoder of a pre-training for release, without optimizer and task", recipe=True)
    encoder.add_argument("weights", type=Path, help="the file to write, e.g. ../pretrained-byteqrnn.pt")
    train = command("train", command_train, "train a recipe, or go on where it stopped", recipe=True)
    train.add_argument("--encoder", type=Path, help="encoder to start from: a checkpoint, ../pretrained-byteqrnn.pt, or a released model as ../toxicity.byteflow")
    train.add_argument("--front-end", type=Path, help="the front end alone to start from, of any encoder, e.g. ../toxicity.byteflow")
    average = command("average", command_average, "average the weights of runs that went on from one another; the mean is a run to evaluate and export")
    average.add_argument("recipe", type=Path, help="the recipe of the largest")
    average.add_argument("runs", type=Path, nargs="+", help="folders of finished runs, e.g. runs/toxicity-3 runs/toxicity-4")
    average.add_argument("--run", type=Path, required=True, help="the folder to write, e.g. runs/toxicity")
    about_sharing = "write what a recipe with shared gates, and perhaps more channels, may start from, made of a model whose directions have their own"
    share = command("share-gates", command_share_gates, about_sharing)
    share.add_argument("recipe", type=Path, help="the recipe to train, e.g. recipes/toxicity-shared-gates.toml")
    share.add_argument("model", type=Path, help="a .byteflow file, e.g. ../toxicity.byteflow")
    share.add_argument("checkpoint", type=Path, help="the file to write, for train --encoder, e.g. runs/shared/start.pt")
    command("teacher", command_teacher, "fit a model of n-grams and write what it says of texts that it has not learnt from", recipe=True)
    predict = command("predict", command_predict, "write what a finished model says of a teacher's texts, so that it teaches too")
    predict.add_argument("model", type=Path, help="a .byteflow file, run through the built package, or the recipe of a run")
    predict.add_argument("predictions", type=Path, help="the file to write, e.g. runs/toxicity/predictions.npz")
    predict.add_argument("--run", type=Path, help="folder of the recipe's run (default: runs/NAME)")
    predict.add_argument("--texts", type=Path, required=True, help="the teacher's recipe, e.g. recipes/teacher-ngram.toml")
    blend = command("blend", command_blend, "average teachers, with weights fitted on rows that none of them has learnt from")
    blend.add_argument("recipe", type=Path, help="the recipe of the teacher whose texts and rows these are, e.g. recipes/teacher-ngram.toml")
    blend.add_argument("predictions", type=Path, help="the file to write, e.g. runs/teacher-blend/predictions.npz")
    blend.add_argument("teachers", type=Path, nargs="+", help="predictions of teachers; texts and labels are those of the first")
    evaluate = command("evaluate", command_evaluate, "measure a run; writes metrics JSON and plots into its folder", recipe=True)
    evaluate.add_argument("--file", help="data file relative to the data folder (default: the recipe's)")
    evaluate.add_argument("--split", help="split of the file (default: the recipe's); holdout is the part of train that the recipe keeps from training")
    evaluate.add_argument("--quantized", action="store_true", help="keep the fake quantizers on: the network as it is exported")
    evaluate.add_argument("--attack", choices=(*ATTACKS, "all"), help="measure once more with half of the words disguised, see attacks.py")
    measure = command(
        "measure", command_measure, "measure an exported model on every set, once it is final; its run in float too, where there is one", recipe=True
    )
    measure.add_argument("model", type=Path, help="a .byteflow file, run through the built package")
    measure.add_argument("metrics", type=Path, help="the file to write, e.g. ../metrics/toxicity.json")
    measure.add_argument("--about", default="", help="the model in a few words, for the table of results")
    trade_off = command("trade-off", command_trade_off, "train a recipe once for each of its [[variants]] and measure them; a killed run goes on")
    trade_off.add_argument("recipe", type=Path, help="recipes/trade-off.toml")
    trade_off.add_argument("metrics", type=Path, nargs="?", default=Path("../metrics/trade-off.json"), help="the file to write (default: ../metrics/trade-off.json)")
    trade_off.add_argument("--runs", type=Path, default=Path("runs"), help="folder of the variants' runs (default: runs)")
    speed = command("speed", command_speed, "time models in the package on this machine, for the page of results; nothing else should run")
    speed.add_argument("models", type=Path, nargs="+", help=".byteflow files, e.g. ../*.byteflow runs/trade-off-*/model.byteflow")
    speed.add_argument("--metrics", type=Path, default=Path("../metrics/speed.json"), help="the file to write (default: ../metrics/speed.json)")
    baseline = command("baseline", command_baseline, "fit character n-grams on the training split and measure them on every set")
    baseline.add_argument("metrics", type=Path, help="the file to write, e.g. ../metrics/n-grams.json")
    baseline.add_argument("--holdout", type=float, default=0.04, help="share of the training rows to hold out, as in the recipes (default: 0.04)")
    results = command("results", command_results, "write the page of results and its pictures from the files of measure and baseline")
    results.add_argument("metrics", type=Path, nargs="?", default=Path("../metrics"), help="folder of the files (default: ../metrics)")
    results.add_argument("results", type=Path, nargs="?", default=Path("../RESULTS.md"), help="the page to write (default: ../RESULTS.md)")
    export = command("export", command_export, "write the .byteflow file of a run, calibrated on the recipe's dev split", recipe=True)
    export.add_argument("model", type=Path, help="the file to write")
    export.add_argument("--calibrate-on", metavar="SPLIT", help="split that probabilities and thresholds are fitted on (default: the recipe's); holdout too")
    export.add_argument("--precision", type=float, metavar="P", help="thresholds are the lowest of this precision, instead of those of the best F1")
    train = command("train-generator", command_train_generator, "train a recipe that has a decoder, or go on where it stopped", recipe=True)
    start = train.add_mutually_exclusive_group()
    start.add_argument("--encoder", type=Path, help="pre-trained encoder to start from")
    start.add_argument("--generator", type=Path, help="whole generator to start from: a checkpoint, e.g. of one that was trained to denoise, or a released model")
    evaluate = command("evaluate-generator", command_evaluate_generator, "measure what a generator writes; metrics JSON goes into its folder", recipe=True)
    evaluate.add_argument("--file", help="file of pairs relative to the data folder (default: the recipe's)")
    evaluate.add_argument("--split", help="split of the file (default: the recipe's)")
    evaluate.add_argument("--rows", type=int, help="only the first so many pairs")
    evaluate.add_argument("--beams", type=int, help="1 is greedy (default: the recipe's)")
    evaluate.add_argument("--quantized", action="store_true", help="keep the fake quantizers on: the network as it is exported")
    export = command("export-generator", command_export_generator, "write the .byteflow file of a generator, measured on the dev split", recipe=True)
    export.add_argument("model", type=Path, help="the file to write")
    lexicon = command("lexicon", command_lexicon, "give a generator's .byteflow file the words that stand in its recipe's texts", recipe=True)
    lexicon.add_argument("model", type=Path, help="the file, e.g. ../autocorrect.byteflow; it is written anew")
    reference = command(
        "reference",
        command_reference,
        "run the numpy integer reference: standard input holds texts (uint32 little-endian length, then bytes), standard output gets float32 logits",
    )
    reference.add_argument("model", type=Path, help="a .byteflow file")
    golden = command("golden", command_golden, "write golden vectors of a model for tests/golden")
    golden.add_argument("model", type=Path, help="a .byteflow file; written first with --random")
    golden.add_argument("golden", type=Path, help="the file of vectors to write; one of explanations, .explained, comes beside it")
    golden.add_argument("--random-generator", metavar="SHAPE", help="the same for generator_golden.py's: small, odd, ...")
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
