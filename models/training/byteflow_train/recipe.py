"""Recipes: everything that makes a model, in one TOML file (recipes/*.toml)."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .generator import GeneratorConfig
from .matt import DecoderConfig
from .network import AnyFrontEndConfig, EncoderConfig, FrontEndConfig, FunnelConfig, NetworkConfig, QrnnConfig, TransformerConfig, WordFrontEndConfig

T = TypeVar("T")


FRONT_ENDS: dict[str, type[AnyFrontEndConfig]] = {"bytes": FrontEndConfig, "words": WordFrontEndConfig}
ENCODERS: dict[str, type[EncoderConfig]] = {"qrnn": QrnnConfig, "transformer": TransformerConfig, "funnel": FunnelConfig}


class RecipeError(ValueError):
    """A recipe that cannot be used; the message names the file and the key."""


@dataclass(frozen=True)
class Source:
    """One data file and its share of every batch."""

    file: str  # see data.py for the formats; relative to the data folder, or one of the project's own templates/
    rows_per_batch: int = 0  # a teacher's sources have none: it reads every row once
    labels: dict[str, str] = field(default_factory=dict)  # label in the file -> label or auxiliary label of the model
    implies: dict[str, str] = field(default_factory=dict)  # the same for positive rows only: what is not hateful may still be toxic
    fixed: dict[str, float] = field(default_factory=dict)  # labels of every row, for text that is known to be clean
    split: str = "train"
    piece_bytes: int = 0  # paragraphs are cut into pieces of at most so many bytes, at spaces; 0: left whole
    reworded: float = 0.0  # share of the words of a text, or piece, that are replaced by words of others (reword.py); for a teacher to speak of, so without labels
    copies: int = 1  # of each that is reworded
    taught: bool = True  # whether a teacher, where there is one, speaks of these texts too; else their labels alone do
    licence: str = ""


@dataclass(frozen=True)
class Training:
    steps: int
    batch_rows: int
    learning_rate: float = 1.5e-3
    warmup_steps: int = 500
    weight_decay: float = 0.01
    max_bytes: int = 512  # a longer text is cut in training
    quantization_start: float = 0.7  # share of the steps after which weights and activations are fake-quantized
    noise: float = 0.2  # share of the texts that augment.py disturbs
    holdout: float = 0.0  # share of the rows, chosen by a hash of the text, that is kept from training: split "holdout" of an evaluation
    seed: int = 1
    checkpoint_minutes: float = 4.0
    threads: int = 2


@dataclass(frozen=True)
class Distillation:
    """A teacher's part in the loss (Hinton et al. 2015, with one sigmoid per label). Rows without a label of their own have the teacher's alone."""

    predictions: str  # written by `teacher`, `predict` or `blend`; relative to the working folder, as runs are
    share: float = 0.5  # of the loss of a label that both the row and the teacher know
    temperature: float = 1.0  # divides both logits
    labels: tuple[str, ...] = ()  # that the teacher is heard on; default: all that it knows


@dataclass(frozen=True)
class Evaluation:
    file: str
    split: str = "dev"
    shares: dict[str, float] = field(default_factory=dict)  # share of positives in use, which probabilities refer to; default: the data's own


@dataclass(frozen=True)
class Recipe:
    name: str
    network: NetworkConfig
    training: Training
    sources: tuple[Source, ...]
    evaluation: Evaluation
    distillation: Distillation | None = None
    text: str = field(repr=False, default="")


@dataclass(frozen=True)
class WordVectors:
    """What a teacher of words knows of them before it sees a label."""

    texts: tuple[str, ...]  # unlabelled files that they are learnt from, besides all texts of the sources
    dimensions: int = 100
    passes: int = 2
    buckets: int = 400_000  # that parts of words are hashed to


@dataclass(frozen=True)
class WordTeacher:
    vectors: WordVectors
    state: int = 96  # of each direction
    epochs: int = 3


@dataclass(frozen=True)
class TeacherRecipe:
    """A model whose predictions others learn from: of words where the recipe has [words], else of n-grams."""

    name: str
    labels: tuple[str, ...]
    folds: int
    holdout: float  # that of the recipes which learn from it
    evaluation: Evaluation  # its dev split is watched
    sources: tuple[Source, ...]  # those without labels are only predicted
    words: WordTeacher | None = None


@dataclass(frozen=True)
class Text:
    """One unlabelled source of a pre-training."""

    file: str  # plain text, a paragraph a line (.txt, .xz, .gz), or NDJSON whose `text` is used; relative to the data folder
    weight: float  # share of what is drawn, relative to the other sources; the same for all where words are misspelt
    split: str = "train"  # of NDJSON
    licence: str = ""


@dataclass(frozen=True)
class WordMeanings:
    """Vectors of words that pre-training predicts beside masked bytes (word_targets.py)."""

    vectors: str  # the file vectors.bin of a teacher that knows words
    weight: float = 1.0  # of 1 - cosine in the loss, beside the nats a byte
    vocabulary: int = 60_000


@dataclass(frozen=True)
class PretrainingRecipe:
    name: str
    network: NetworkConfig
    training: Training
    texts: tuple[Text, ...]
    words: WordMeanings | None = None
    text: str = field(repr=False, default="")


@dataclass(frozen=True)
class Pairs:
    """One file of texts and what they are to become, and its share of every batch."""

    file: str  # see pairs.py for the format; relative to the data folder
    rows_per_batch: int
    split: str = "train"
    licence: str = ""


@dataclass(frozen=True)
class Denoising:
    """Texts that are disturbed, to be set right: rates are of the words, and vary from text to text about these."""

    rows_per_batch: int
    lower: float = 0.0  # share of the texts that are made lower case
    insert: float = 0.05  # a word that does not belong there is put before
    replace: float = 0.03  # or in place of it
    hide: float = 0.05
    drop: float = 0.0
    misspell: float = 0.05
    intruders: float = 0.5  # of the words that do not belong there: the share of those that the targets of the pairs mostly leave out


@dataclass(frozen=True)
class Misspelling:
    """Words of the texts, misspelt by the edits of the pairs, to be spelt right."""

    rows_per_batch: int
    flatten: float = 0.4  # a word that stands n times in the texts is drawn n^flatten times as often as one that stands once
    lower: float = 0.7  # share of the rows that are made lower case
    misspell: float = 0.85  # share of the words that are misspelt (half of it in phrases), and of those the share that is so once more
    again: float = 0.15
    phrases: float = 0.15  # share of the rows that are a few words of running text


# What pair_measures.py has. "rank": how often the first and one of the first four candidates is right; "phonemes": error rates of pronunciations.
MEASURES = ("bleu", "rank", "phonemes")


@dataclass(frozen=True)
class PairEvaluation:
    file: str
    measure: str  # one of MEASURES
    split: str = "dev"
    beams: int = 4


@dataclass(frozen=True)
class Lexicon:
    """What of the texts' words a generator prefers to write."""

    least: int  # how often a word stands in them
    bytes: int = 1 << 17  # a power of two; nine bits a word let 1.4 of 100 other words pass
    penalty: float = 2.5  # natural logarithm, of the score of a text with a word that is none of them


@dataclass(frozen=True)
class GeneratorRecipe:
    name: str
    network: GeneratorConfig
    training: Training
    pairs: tuple[Pairs, ...]
    texts: tuple[Text, ...]
    denoising: Denoising | None
    misspelling: Misspelling | None
    evaluation: PairEvaluation
    lexicon: Lexicon | None = None
    text: str = field(repr=False, default="")

    @property
    def sources(self) -> tuple[Pairs | Text, ...]:
        return (*self.pairs, *self.texts)


def _build(cls: type[T], table: dict[str, Any], where: str) -> T:
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(table) - set(fields))
    if unknown:
        raise RecipeError(f"{where}: unknown key {', '.join(unknown)}; known keys: {', '.join(sorted(fields))}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise RecipeError(f"{where}: {error}") from error


def _build_kind(kinds: dict[str, type[T]], default: str, table: dict[str, Any], where: str) -> T:
    """The configuration that the table's `kind` names."""
    kind = table.get("kind", default)
    if kind not in kinds:
        raise RecipeError(f"{where}: unknown kind {kind}; known kinds: {', '.join(kinds)}")
    return _build(kinds[kind], {key: value for key, value in table.items() if key != "kind"}, where)


def _read(path: Path, keys: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """The text and the tables of a recipe, after those of the recipe beside it that `extends` names, if it does.

    What the recipe itself says counts: key by key in a table of both, whole for anything else and for a table that names a `kind`.
    """
    text = path.read_text(encoding="utf-8")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: {error}") from error
    if base := table.pop("extends", None):
        base_path = path.parent / str(base)
        if not base_path.is_file() or base_path.resolve() == path.resolve():
            raise RecipeError(f"{path}: extends {base}, which is no other recipe beside it")
        base_text, base_table = _read(base_path, ())
        for key, value in table.items():
            joined = isinstance(value, dict) and isinstance(base_table.get(key), dict) and "kind" not in value
            base_table[key] = base_table[key] | value if joined else value
        text, table = f"{base_text.rstrip()}\n\n# {path.name} extends {base}:\n\n{text}", base_table
    for key in keys:
        if key not in table:
            raise RecipeError(f"{path}: missing {key}")
    return text, table


def _network(path: Path, table: dict[str, Any]) -> NetworkConfig:
    network = {key: table[key] for key in ("labels", "auxiliary_labels", "dropout", "norm_epsilon", "normalize") if key in table}
    network["front_end"] = _build_kind(FRONT_ENDS, "bytes", table["front_end"], f"{path} [front_end]")
    network["encoder"] = _build_kind(ENCODERS, "qrnn", table["encoder"], f"{path} [encoder]")
    return _build(NetworkConfig, network, str(path))


def load_pretraining_recipe(path: Path) -> PretrainingRecipe:
    """Reads a pre-training recipe; raises RecipeError naming the file and the key at fault."""
    text, table = _read(path, ("name", "front_end", "encoder", "training", "texts"))
    words = table.get("words")
    return PretrainingRecipe(
        name=table["name"],
        network=_network(path, table),
        training=_build(Training, table["training"], f"{path} [training]"),
        texts=tuple(_build(Text, source, f"{path} [[texts]] {i + 1}") for i, source in enumerate(table["texts"])),
        words=None if words is None else _build(WordMeanings, words, f"{path} [words]"),
        text=text,
    )


def _check_targets(path: Path, sources: tuple[Source, ...], labels: tuple[str, ...]) -> None:
    for source in sources:
        if source.reworded and (source.labels or source.implies or source.fixed):
            raise RecipeError(f"{path}: source {source.file} is reworded, so what its labels said of it is no longer true; leave them out")
        for target in (*source.labels.values(), *source.implies.values(), *source.fixed):
            if target not in labels:
                raise RecipeError(f"{path}: source {source.file} feeds label {target}, which is none of {', '.join(labels)}")


def load_teacher_recipe(path: Path) -> TeacherRecipe:
    """Reads a teacher's recipe; raises RecipeError naming the file and the key at fault."""
    _, table = _read(path, ("name", "labels", "folds", "holdout", "evaluation", "sources"))
    sources = tuple(_build(Source, s, f"{path} [[sources]] {i + 1}") for i, s in enumerate(table.pop("sources")))
    evaluation = _build(Evaluation, table["evaluation"], f"{path} [evaluation]")
    built: dict[str, Any] = {"evaluation": evaluation, "sources": list(sources)}
    if words := table.get("words"):
        vectors = _build(WordVectors, words.get("vectors", {}), f"{path} [words.vectors]")
        built["words"] = _build(WordTeacher, words | {"vectors": vectors}, f"{path} [words]")
    recipe = _build(TeacherRecipe, table | built, str(path))
    _check_targets(path, sources, recipe.labels)
    if recipe.folds < 2:
        raise RecipeError(f"{path}: folds is {recipe.folds}; a text must be predicted by a model that has not seen it, so at least 2")
    return recipe


def load_generator_recipe(path: Path) -> GeneratorRecipe:
    """Reads a generator's recipe; raises RecipeError naming the file and the key at fault."""
    text, table = _read(path, ("name", "front_end", "encoder", "decoder", "training", "evaluation"))
    pairs = tuple(_build(Pairs, source, f"{path} [[pairs]] {i + 1}") for i, source in enumerate(table.get("pairs", ())))
    denoising = _build(Denoising, table["denoising"], f"{path} [denoising]") if "denoising" in table else None
    misspelling = _build(Misspelling, table["misspelling"], f"{path} [misspelling]") if "misspelling" in table else None
    network = {key: table[key] for key in ("dropout", "norm_epsilon") if key in table}
    network["front_end"] = _build_kind(FRONT_ENDS, "bytes", table["front_end"], f"{path} [front_end]")
    network["encoder"] = _build_kind(ENCODERS, "qrnn", table["encoder"], f"{path} [encoder]")
    network["decoder"] = _build(DecoderConfig, table["decoder"], f"{path} [decoder]")
    recipe = GeneratorRecipe(
        name=table["name"],
        network=_build(GeneratorConfig, network, str(path)),
        training=_build(Training, table["training"], f"{path} [training]"),
        pairs=pairs,
        texts=tuple(_build(Text, source, f"{path} [[texts]] {i + 1}") for i, source in enumerate(table.get("texts", ()))),
        denoising=denoising,
        misspelling=misspelling,
        evaluation=_build(PairEvaluation, table["evaluation"], f"{path} [evaluation]"),
        lexicon=_build(Lexicon, table["lexicon"], f"{path} [lexicon]") if "lexicon" in table else None,
        text=text,
    )
    if recipe.lexicon and not (recipe.texts and recipe.lexicon.bytes in [1 << i for i in range(6, 23)] and 0 < recipe.lexicon.penalty <= 16):
        raise RecipeError(f"{path} [lexicon]: it needs [[texts]], bytes that are a power of two from 64 to 2^22, and a penalty above 0 and up to 16")
    noises = [noise for noise in (denoising, misspelling) if noise]
    if bool(noises) != bool(recipe.texts):
        raise RecipeError(f"{path}: [denoising] or [misspelling] and [[texts]] need each other")
    if misspelling and len({source.weight for source in recipe.texts}) > 1:
        raise RecipeError(f"{path}: [[texts]] differ in weight, but [misspelling] draws a word by how often it stands in all of them; give each the same")
    if recipe.evaluation.measure not in MEASURES:
        raise RecipeError(f"{path} [evaluation]: measure is {recipe.evaluation.measure}; it must be one of {', '.join(MEASURES)}")
    rows = sum(source.rows_per_batch for source in (*pairs, *noises))
    if rows != recipe.training.batch_rows:
        raise RecipeError(f"{path}: rows_per_batch sum to {rows}, but batch_rows is {recipe.training.batch_rows}")
    return recipe


RECIPE_KEYS = ("name", "labels", "front_end", "encoder", "training", "sources", "evaluation")


def load_recipe(path: Path) -> Recipe:
    """Reads a recipe; raises RecipeError naming the file and the key at fault."""
    return _recipe(path, *_read(path, RECIPE_KEYS))


def load_variants(path: Path) -> list[Recipe]:
    """A recipe once for each of its [[variants]], which name what they change in its [front_end] and [encoder]; raises RecipeError likewise."""
    text, table = _read(path, (*RECIPE_KEYS, "variants"))
    recipes: list[Recipe] = []
    for variant in table.pop("variants"):
        changes = dict(variant)
        name = f"{table['name']}-{changes.pop('name', len(recipes) + 1)}"
        if unknown := changes.keys() - {"front_end", "encoder"}:
            raise RecipeError(f"{path} [[variants]] {name}: unknown {', '.join(sorted(unknown))}; a variant has a name, front_end and encoder")
        changed = table | {"name": name} | {part: table[part] | change for part, change in changes.items()}
        recipes.append(_recipe(path, text, changed))
    if len({recipe.name for recipe in recipes}) < len(recipes):
        raise RecipeError(f"{path} [[variants]]: two have the same name")
    return recipes


def _recipe(path: Path, text: str, table: dict[str, Any]) -> Recipe:
    recipe = Recipe(
        name=table["name"],
        network=_network(path, table),
        training=_build(Training, table["training"], f"{path} [training]"),
        sources=tuple(_build(Source, s, f"{path} [[sources]] {i + 1}") for i, s in enumerate(table["sources"])),
        evaluation=_build(Evaluation, table["evaluation"], f"{path} [evaluation]"),
        distillation=_build(Distillation, table["distillation"], f"{path} [distillation]") if "distillation" in table else None,
        text=text,
    )
    _check_targets(path, recipe.sources, (*recipe.network.labels, *recipe.network.auxiliary_labels))
    rows = sum(source.rows_per_batch for source in recipe.sources)
    if rows != recipe.training.batch_rows:
        raise RecipeError(f"{path}: rows_per_batch sum to {rows}, but batch_rows is {recipe.training.batch_rows}")
    return recipe
