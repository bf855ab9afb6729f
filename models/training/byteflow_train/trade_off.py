"""What downsampling, width and depth cost in AUC and save in bytes and time: one recipe, trained once for each of its variants."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import evaluate
from .data import data_folder, read_rows
from .export import provenance, to_model_file
from .measure import model_figures, package_scorer
from .modelfile import write_model
from .recipe import Recipe
from .train import load_model, train

FILE = "model.byteflow"  # in a variant's run


def trained_variant(recipe: Recipe, run: Path) -> Path:
    """The exported file of a variant, which is trained first unless its run is finished."""
    model = run / FILE
    if not model.exists():
        train(recipe, run)
        rows = read_rows(data_folder() / recipe.evaluation.file, recipe.evaluation.split)
        network = load_model(recipe, run)
        _, slope, offset = evaluate.calibrated(network, rows, recipe.evaluation.shares, quantized=True)
        write_model(to_model_file(network, recipe.name, slope, offset, provenance(recipe, {})), model)
    return model


def measured_variant(recipe: Recipe, model: Path) -> dict[str, Any]:
    """Name, parameters, bytes and the AUC of the first label on the recipe's dev split, int8 in the package."""
    rows = read_rows(data_folder() / recipe.evaluation.file, recipe.evaluation.split)
    scores = package_scorer(model)([row.text for row in rows])
    label = recipe.network.labels[0]
    figures = model_figures(model, "")
    return {"name": figures["name"], "parameters": figures["parameters"], "bytes": figures["bytes"], "auc": evaluate.label_metrics(rows, scores)[label]["auc"]}


def trade_off(recipes: Sequence[Recipe], runs: Path, written: Callable[[list[dict[str, Any]]], None]) -> None:
    """Trains and measures all variants, calling `written` with what there is after each; a killed run goes on where it was."""
    measured = []
    for number, recipe in enumerate(recipes, 1):
        print(f"{recipe.name}, {number} of {len(recipes)}", file=sys.stderr)
        run = runs / recipe.name
        kept = run / "figures.json"
        if not kept.exists():
            figures = measured_variant(recipe, trained_variant(recipe, run))
            kept.write_text(json.dumps(figures), encoding="utf-8")
        measured.append(json.loads(kept.read_text(encoding="utf-8")))
        written(measured)
