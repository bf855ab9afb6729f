"""models/RESULTS.md and its pictures, from the files in models/metrics; what nobody measured is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from .attacks import ATTACKS
from .evaluate import pyplot
from .measure import IDENTITY_SET, TRAINING_SET

Figures = dict[str, Any]  # of one model: name, about, parameters, bytes, numbers
TRADE_OFF, SPEED = "trade-off.json", "speed.json"  # what the folder holds beside them: figures of variants; machine and milliseconds by name
ABLATION = "ablation-"  # how names of models begin that are trained to be compared with each other and not released
NOT_TIMED: Figures = {"machine": "", "milliseconds": {}}

INTRODUCTION = """# Results

Written by `python3 -m byteflow_train results` from [metrics/](metrics); nothing here was entered by hand. AUC is the chance that a toxic text scores above
a clean one, AP average precision. int8 is the exported file in the package, as users run it; float the network before rounding. Test splits were
measured once, when a model was final, and nothing was chosen by them, but for which of them toxicity is: its card says how.
"""

ELSEWHERE = """## Published by others

Measured elsewhere, by other people, on other data; none of it was repeated here, and none of it compares row by row with the tables above.

| what | data | figure | source |
| --- | --- | --- | --- |
| BERT, 110M parameters, float | civil_comments | AUC 0.976 | Google AI Blog, "Advancing NLP with Efficient Projection-Based Model Architectures", 2020 |
| pQRNN, 1.3M parameters of 8 bits, not pre-trained | civil_comments | AUC 0.963 | the same |
| ByteQRNN with and without pre-training, beside BERT | civil_comments | bars without numbers: "comparable to BERT" | Google AI Blog, "Efficient Sequence Modeling for On-Device ML", 2022 |
| Charformer, 203M parameters | civil_comments | accuracy 83.0% | Tay et al. 2021, arXiv 2106.12672 |
| Detoxify "original", BERT base | Jigsaw 2018, whole test set, mean of six labels | AUC 0.986 | its README (unitaryai/detoxify) |
"""

MISSING = """## What is not here

An AUC on civil_comments: the data at hand holds its toxic comments only. Who has the published file (CSV or parquet) measures a run with

    python3 -m byteflow_train evaluate recipes/NAME.toml --quantized --file /path/to/civil_comments.csv --split test

(`--split train` where the file has no column `split`).

## Measuring

    npm run build
    cd models/training
    python3 -m byteflow_train baseline ../metrics/n-grams.json
    python3 -m byteflow_train measure recipes/NAME.toml ../NAME.byteflow ../metrics/NAME.json --about 'a few words'
    python3 -m byteflow_train trade-off recipes/trade-off.toml
    python3 -m byteflow_train speed ../toxicity*.byteflow ../family/*.byteflow runs/trade-off-*/model.byteflow
    python3 -m byteflow_train results
"""

SETS = {
    (TRAINING_SET, "test"): "wiki_toxic test",
    (TRAINING_SET, "dev"): "wiki_toxic dev",
    (TRAINING_SET, "holdout"): "wiki_toxic held out",
    ("toxicity/civil_reannotated.jsonl.xz", "test"): "civil_reannotated test",
    ("toxicity/davidson_tweets.jsonl.xz", "test"): "davidson_tweets test",
    ("toxicity/hatecheck.jsonl.xz", "test"): "hatecheck",
}
HOLDOUT = (TRAINING_SET, "holdout")
IDENTITY_TARGET = 0.85  # a term below it is counted


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def number(value: float | None, digits: int = 4) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def by_set(measured: Figures) -> dict[tuple[str, str], dict[str, dict[str, float]]]:
    return {(entry["file"], entry["split"]): entry["labels"] for entry in measured["sets"]}


def _variants(models: Sequence[Figures]) -> list[tuple[str, Figures]]:
    """Every model in every number format that it was measured in, int8 first."""
    return [
        (f"{model['name']}, {numbers}", measured)
        for model in models
        for numbers, measured in sorted(model["numbers"].items(), key=lambda item: item[0] != "int8")
    ]


def _models(models: Sequence[Figures], speed: Figures) -> str:
    times = speed["milliseconds"]
    rows = [[m["name"], m["about"], number(m.get("parameters"), 0), number(m.get("bytes"), 0), number(times.get(m["name"]), 2)] for m in models]
    timed = f"\nTimes: {speed['machine']}, one thread.\n" if times else ""
    return "## Models\n\n" + table(["name", "what it is", "parameters", "bytes of the file", "ms for 300 bytes"], rows) + timed


def _trade_off(variants: Sequence[Figures], speed: Figures) -> str:
    times = speed["milliseconds"]
    rows = [
        [v["name"].removeprefix("trade-off-"), number(v["parameters"], 0), number(v["bytes"], 0), number(times.get(v["name"]), 2), number(v["auc"])]
        for v in sorted(variants, key=lambda v: v["auc"])
    ]
    return (
        "## Trade-off\n\nOne recipe with few steps, changed in one thing at a time ([trade-off.toml](training/recipes/trade-off.toml)): what counts is how the"
        " variants differ, and that they are\nranked by the dev split. All with the teacher, int8, one seed each.\n\n"
        + table(["variant", "parameters", "bytes of the file", "ms for 300 bytes", "AUC on wiki_toxic dev"], rows)
        + "\n![AUC against milliseconds](results/trade-off.svg)\n"
    )


def _rankings(models: Sequence[Figures], measure: str) -> str:
    present = [s for s in SETS if any(s in by_set(measured) for _, measured in _variants(models))]

    def cell(measured: Figures, which: tuple[str, str]) -> str:
        return number(by_set(measured).get(which, {}).get("toxicity", {}).get(measure))

    rows = [[name, *(cell(measured, s) for s in present)] for name, measured in _variants(models)]
    return table([measure.upper(), *(SETS[s] for s in present)], rows)


def _ablation(halves: Sequence[Figures]) -> str:
    about = "\n".join(f"- {half['name']}: {half['about']}" for half in halves)
    return (
        "## Pre-training\n\nEach network from two beginnings, by the same steps: the labels of one collection alone, without a teacher; one seed each. pQRNN is not here: it reads\n"
        "hashed words, and the bytes that pre-training hides are not among what it sees.\n\n"
        f"{about}\n\n{_rankings(halves, 'auc')}"
    )


def _labels(models: Sequence[Figures]) -> str:
    parts = [
        "## Labels\n\nOn the training rows that were held out: no row of the dev split is positive for a label but `toxicity`, and the test rows have no"
        " other.\n"
    ]
    labels = list(dict.fromkeys(label for _, measured in _variants(models) for label in by_set(measured).get(HOLDOUT, {})))
    for measure in ("auc", "ap"):
        rows = [
            [name, *(number(by_set(measured).get(HOLDOUT, {}).get(label, {}).get(measure)) for label in labels)]
            for name, measured in _variants(models)
        ]
        parts.append(table([measure.upper(), *labels], rows))
    return "\n".join(parts)


def _attacks(models: Sequence[Figures]) -> str:
    rows = []
    for name, measured in _variants(models):
        plain = by_set(measured).get((TRAINING_SET, "test"), {}).get("toxicity", {}).get("auc")
        under = [measured["attacks"].get(attack, {}).get("toxicity", {}).get("auc") for attack in ATTACKS]
        lost = None if plain is None or None in under else plain - sum(under) / len(under)
        rows.append([name, number(plain), *map(number, under), number(lost)])
    return (
        "## Attacks\n\nAUC on wiki_toxic test with half of the words disguised, as [attacks.py](training/byteflow_train/attacks.py) describes.\n"
        "Recipes disturb their training text in the same ways, at lower rates; the n-grams learnt from undisturbed text.\n\n"
        + table(["AUC", "none", *ATTACKS, "lost on average"], rows)
        + "\n![AUC under attack](results/attacks.svg)\n"
    )


def _identity(models: Sequence[Figures]) -> str:
    rows = []
    for name, measured in _variants(models):
        report = measured["identity"]
        worst = sorted(report["terms"], key=lambda term: report["terms"][term]["auc"])[:3]
        against = min(report["terms"], key=lambda term: report["terms"][term]["bpsn_auc"])
        below = sum(term["auc"] < IDENTITY_TARGET for term in report["terms"].values())
        rows.append(
            [
                name,
                number(report["auc"]),
                ", ".join(f"{term} {number(report['terms'][term]['auc'], 3)}" for term in worst),
                f"{below} of {len(report['terms'])}",
                f"{against} {number(report['terms'][against]['bpsn_auc'], 3)}",
            ]
        )
    head = ["AUC", "all rows", "within a term, the worst", f"terms below {IDENTITY_TARGET}", "a term's clean rows against other toxic rows, the worst"]
    return (
        f"## Identity terms\n\nOn {Path(IDENTITY_SET).name.split('.')[0]}, the same templates filled with every term; see"
        " [bias.py](training/byteflow_train/bias.py).\n\n" + table(head, rows) + "\n![AUC within each identity term](results/identity.svg)\n"
    )


def page(models: Sequence[Figures], variants: Sequence[Figures] = (), speed: Figures = NOT_TIMED, halves: Sequence[Figures] = ()) -> str:
    return "\n".join(
        [
            INTRODUCTION,
            _models(models, speed),
            "## Toxicity\n",
            _rankings(models, "auc"),
            "![AUC on every set](results/sets.svg)\n",
            _rankings(models, "ap"),
            _labels(models),
            _attacks(models),
            _identity(models),
            *([_ablation(halves)] if halves else []),
            *([_trade_off(variants, speed)] if variants else []),
            ELSEWHERE,
            MISSING,
        ]
    )


def _axes(width: float, height: float) -> tuple[Any, Any]:
    """A figure and its axes, in inches."""
    plt = pyplot()
    plt.rcParams.update({"svg.hashsalt": "byteflow", "svg.fonttype": "none"})  # the same figures give the same file, letters stay letters
    figure, axes = plt.subplots(figsize=(width, height))
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    return figure, axes


def _dots(groups: Sequence[str], models: Sequence[Figures], value: Callable[[Figures, str], float | None], path: Path) -> Path:
    """One line of dots a group, one colour a model; int8 where it was measured."""
    figure, axes = _axes(7, 0.8 + 0.24 * len(groups) if len(groups) > 10 else 0.8 + 0.38 * len(groups))
    for model in models:
        numbers = "int8" if "int8" in model["numbers"] else next(iter(model["numbers"]))
        points = [(value(model["numbers"][numbers], group), i) for i, group in enumerate(groups)]
        known = [(x, i) for x, i in points if x is not None]
        axes.plot([x for x, _ in known], [i for _, i in known], "o", label=f"{model['name']}, {numbers}")
    axes.set_yticks(range(len(groups)), groups)
    axes.invert_yaxis()
    axes.axvline(0.5, color="0.6", linewidth=0.8)
    axes.set_xlabel("AUC (0.5 is chance)")
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return _saved(figure, path)


def _saved(figure: Any, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    pyplot().close(figure)
    return path


def _curve(variants: Sequence[Figures], times: dict[str, float], path: Path) -> Path:
    """A dot a variant: milliseconds, AUC; its area is the file's size."""
    figure, axes = _axes(7, 4)
    timed = [v for v in variants if v["name"] in times]
    axes.scatter([times[v["name"]] for v in timed], [v["auc"] for v in timed], [v["bytes"] / 8192 for v in timed], alpha=0.6)
    for v in timed:
        axes.annotate(v["name"].removeprefix("trade-off-"), (times[v["name"]], v["auc"]), xytext=(6, -3), textcoords="offset points", fontsize=8)
    axes.margins(x=0.3)
    axes.set_xlabel("ms for 300 bytes")
    axes.set_ylabel("AUC on wiki_toxic dev")
    return _saved(figure, path)


def plots(models: Sequence[Figures], folder: Path) -> list[Path]:
    names = {name: key for key, name in SETS.items()}
    terms = sorted({term for model in models for measured in model["numbers"].values() for term in measured["identity"]["terms"]})

    def on_set(measured: Figures, name: str) -> float | None:
        return by_set(measured).get(names[name], {}).get("toxicity", {}).get("auc")

    def under_attack(measured: Figures, attack: str) -> float | None:
        if attack == "none":
            return on_set(measured, SETS[TRAINING_SET, "test"])
        return measured["attacks"].get(attack, {}).get("toxicity", {}).get("auc")

    def of_term(measured: Figures, term: str) -> float | None:
        return measured["identity"]["terms"].get(term, {}).get("auc")

    return [
        _dots(list(names), models, on_set, folder / "sets.svg"),
        _dots(["none", *ATTACKS], models, under_attack, folder / "attacks.svg"),
        _dots(terms, models, of_term, folder / "identity.svg"),
    ]


def write(metrics: Path, results: Path) -> list[Path]:
    """Writes the page and, in a folder `results` beside it, its pictures."""
    files = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(metrics.glob("*.json"))}
    variants, speed = files.pop(TRADE_OFF, []), files.pop(SPEED, NOT_TIMED)
    halves = [files.pop(name) for name in list(files) if name.startswith(ABLATION)]
    if not files:
        raise ValueError(f"{metrics}: no metrics yet; the commands `measure` and `baseline` write them")
    models = sorted(files.values(), key=lambda m: ("bytes" in m, m["name"]))
    folder = results.parent / "results"
    pictures = plots(models, folder)
    if variants:
        pictures.append(_curve(variants, speed["milliseconds"], folder / "trade-off.svg"))
    results.write_text(page(models, variants, speed, halves), encoding="utf-8")
    return [results, *pictures]
