"""What downsampling, width, depth and shared gates cost in AUC and save in bytes and time: one recipe, trained once for each of its variants."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .data import Row, data_folder, read_rows
from .evaluate import label_metrics
from .measure import model_figures, package_scorer
from .modelfile import write_model
from .recipe import Recipe
from .release import calibrated_file
from .train import load_model, train

FILE = "model.byteflow"  # in a variant's run


def trained_variant(recipe: Recipe, run: Path, rows: Sequence[Row]) -> Path:
    """The exported file of a variant, calibrated on these rows, which is trained first unless its run is finished."""
    model = run / FILE
    if not model.exists():
        train(recipe, run)
        file, _ = calibrated_file(recipe, load_model(recipe, run), rows, recipe.evaluation.split)
        write_model(file, model)
    return model


def measured_variant(recipe: Recipe, run: Path) -> dict[str, Any]:
    """What model_figures says, and the AUC of the first label on the recipe's dev split, int8 in the package."""
    rows = read_rows(data_folder() / recipe.evaluation.file, recipe.evaluation.split)
    model = trained_variant(recipe, run, rows)
    scores = package_scorer(model)([row.text for row in rows])
    return model_figures(model, "a variant") | {"auc": label_metrics(rows, scores)[recipe.network.labels[0]]["auc"]}


def trade_off(recipes: Sequence[Recipe], runs: Path, written: Callable[[list[dict[str, Any]]], None]) -> None:
    """Trains and measures all variants, calling `written` with what there is after each; a killed run goes on where it was."""
    measured = []
    for number, recipe in enumerate(recipes, 1):
        print(f"{recipe.name}, {number} of {len(recipes)}", file=sys.stderr)
        run = runs / recipe.name
        kept = run / "figures.json"
        if not kept.exists():
            kept.write_text(json.dumps(measured_variant(recipe, run)), encoding="utf-8")
        measured.append(json.loads(kept.read_text(encoding="utf-8")))
        written(measured)
