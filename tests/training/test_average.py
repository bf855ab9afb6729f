"""The mean of several runs' weights."""

from pathlib import Path

import pytest
import torch
from recipe_files import FRONT_END, TOY_TASK

from byteflow_train import cli
from byteflow_train.average import mean_parameter

RECIPE = """
name = "toy"
labels = ["toxicity"]
""" + FRONT_END + """
[encoder]
blocks = {blocks}
state = 16
[training]
steps = {steps}
batch_rows = 16
max_bytes = 48
learning_rate = 1e-2
warmup_steps = 5
"""


def test_what_a_smaller_run_lacks_is_silent_in_it() -> None:
    small, large = {"head.weight": torch.ones(2, 3)}, {
        "head.weight": torch.full((2, 3), 3.0),
        "encoder.1.gates.weight": torch.full((4, 4), 8.0),
        "encoder.1.projection.weight": torch.full((4, 2), 8.0),
    }
    mean = {name: mean_parameter(name, tensor.shape, (small, large)) for name, tensor in large.items()}
    assert [tensor.unique().tolist() for tensor in mean.values()] == [[2.0], [8.0], [4.0]]
    with pytest.raises(ValueError, match=r"head\.weight does not fit"):
        mean_parameter("head.weight", torch.Size([2, 4]), (small, large))
    with pytest.raises(ValueError, match=r"tail does not fit"):
        mean_parameter("tail", torch.Size([2]), (small, large))


def test_the_mean_of_two_runs_is_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f'{{"split": "{"dev" if i % 3 == 0 else "train"}", "text": "{"zzqx" if i % 2 else "fine"} line {i}", "labels": {{"toxicity": {i % 2}}}}}' for i in range(160)]
    (tmp_path / "toy.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    for name, blocks, start in (("small", 1, []), ("large", 2, ["--encoder", str(tmp_path / "small" / "checkpoint.pt")])):
        (tmp_path / f"{name}.toml").write_text(RECIPE.format(blocks=blocks, steps=80) + TOY_TASK, encoding="utf-8")
        assert cli.main(["train", str(tmp_path / f"{name}.toml"), "--run", str(tmp_path / name), *start]) == 0
    recipe, mean = str(tmp_path / "large.toml"), tmp_path / "mean"
    assert cli.main(["average", recipe, str(tmp_path / "small"), str(tmp_path / "large"), "--run", str(mean)]) == 0
    weights = [torch.load(run / "checkpoint.pt")["model"]["conv.conv.weight"] for run in (tmp_path / "small", tmp_path / "large", mean)]
    assert torch.allclose(weights[2], (weights[0] + weights[1]) / 2)
    assert cli.main(["export", recipe, str(tmp_path / "mean.byteflow"), "--run", str(mean)]) == 0
    assert cli.main(["evaluate", recipe, "--run", str(mean), "--quantized"]) == 0
    assert '"auc": 1.0' in (mean / "metrics-dev-int8.json").read_text(encoding="utf-8")
