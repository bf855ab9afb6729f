"""Variants of a recipe, and what is measured of each."""

import json

import numpy as np
import pytest

from byteflow_train import cli, trade_off
from byteflow_train.recipe import RecipeError, load_variants
from test_training import folder, recipe_file  # noqa: F401

VARIANTS = """
[[variants]]
name = "plain"
[[variants]]
name = "deep"
encoder = { blocks = 2 }
"""


def with_variants(folder, variants):  # noqa: F811
    path = recipe_file(folder, 6)
    path.write_text(path.read_text(encoding="utf-8") + variants, encoding="utf-8")
    return path


def test_a_variant_changes_one_thing(folder):  # noqa: F811
    plain, deep = load_variants(with_variants(folder, VARIANTS))
    assert (plain.name, deep.name) == ("toy-plain", "toy-deep")
    assert (plain.network.encoder.blocks, deep.network.encoder.blocks) == (1, 2)
    assert plain.network.front_end == deep.network.front_end and plain.training == deep.training


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("encoder =", "steps =", "unknown steps"), ("deep", "plain", "the same name"), ("blocks", "bloks", "unknown key bloks")],
)
def test_bad_variants_are_named(folder, old, new, message):  # noqa: F811
    with pytest.raises(RecipeError, match=message):
        load_variants(with_variants(folder, VARIANTS.replace(old, new)))


def test_variants_are_trained_once_and_measured(folder, tmp_path, monkeypatch):  # noqa: F811
    path, metrics = with_variants(folder, VARIANTS), tmp_path / "metrics" / "trade-off.json"
    monkeypatch.setattr(trade_off, "package_scorer", lambda model: lambda texts: {"toxicity": np.array(["zzqx" in text for text in texts], float)})
    command = ["trade-off", str(path), str(metrics), "--runs", str(tmp_path / "runs")]
    assert cli.main(command) == 0
    figures = json.loads(metrics.read_text(encoding="utf-8"))
    assert [(v["name"], v["auc"]) for v in figures] == [("toy-plain", 1.0), ("toy-deep", 1.0)]
    assert figures[0]["parameters"] < figures[1]["parameters"] and figures[0]["bytes"] < figures[1]["bytes"]

    def nothing_to_train(*_):
        raise AssertionError("a finished variant was trained again")

    monkeypatch.setattr(trade_off, "train", nothing_to_train)
    assert cli.main(command) == 0 and json.loads(metrics.read_text(encoding="utf-8")) == figures
