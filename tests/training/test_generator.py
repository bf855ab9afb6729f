"""The decoder against plain formulas, its data and noise, and a generator that learns, resumes and writes."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from byteflow_train import cli
from byteflow_train.bytesplitter import EOS, FIRST_BYTE, MASK, split, utf8
from byteflow_train.data import DataError
from byteflow_train.decode import decode
from byteflow_train.denoise import Denoiser
from byteflow_train.front_end import FrontEndConfig
from byteflow_train.generator import ByteGenerator, GeneratorConfig, generator_loss
from byteflow_train.matt import DecoderConfig, MattBlock
from byteflow_train.network import EncoderConfig
from byteflow_train.pair_measures import bleu, ranks
from byteflow_train.pairs import Pair, PairStream, dropped_words, padded, read_pairs
from byteflow_train.qrnn import QrnnConfig
from byteflow_train.quantize import set_quantization
from byteflow_train.recipe import Denoising, RecipeError, Text, load_generator_recipe
from byteflow_train.train_generator import load_generator, train_generator
from byteflow_train.transformer import FunnelConfig, TransformerConfig
from recipe_files import write_changed

RECIPE = """
name = "toy"
dropout = 0.0
[front_end]
max_bytes = 24
embedding_channels = 8
conv_width = 3
channels = 32
block_widths = [1, 2]
downsample = 1
[encoder]
blocks = 1
state = 16
[decoder]
max_length = 20
embedding_channels = 8
window = 3
blocks = 1
heads = 2
feed_forward = 48
[training]
steps = {steps}
batch_rows = 16
max_bytes = 12
learning_rate = 1e-2
warmup_steps = 20
quantization_start = 0.6
noise = 0.0
checkpoint_minutes = 0
threads = 1
[evaluation]
file = "toy.jsonl"
measure = "rank"
beams = 4
[[pairs]]
file = "toy.jsonl"
rows_per_batch = 14
[denoising]
rows_per_batch = 2
[[texts]]
file = "toy.txt"
weight = 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Words that are to be called out: short enough to be learnt in seconds."""
    rng = random.Random(3)
    with open(tmp_path / "toy.jsonl", "w", encoding="utf-8") as out:
        for i in range(600):
            word = "".join(rng.choice("abcd") for _ in range(rng.randint(1, 5)))
            out.write(json.dumps({"split": "dev" if i % 10 == 0 else "train", "source": word, "targets": [word + "!"]}) + "\n")
    (tmp_path / "toy.txt").write_text("a bad cab. dad add bed!\nthe abc\n" * 20, encoding="utf-8")
    monkeypatch.setenv("BYTEFLOW_DATA", str(tmp_path))
    return tmp_path


def recipe_file(folder: Path, steps: int, *changes: tuple[str, str]) -> Path:
    return write_changed(folder / f"toy{steps}.toml", RECIPE.format(steps=steps), changes)


def naive_block(block: MattBlock, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
    """x [time, channels] of one text, memory [rows, channels], step by step (Zhang, Titov and Sennrich 2019, equations 8 to 10, pre-norm)."""

    def dense(layer, row):
        return layer.weight @ row + layer.bias

    def norm(row):
        return (row - row.mean()) / torch.sqrt(row.var(unbiased=False) + 1e-5)

    width = x.shape[1] // block.heads
    out = []
    for t in range(len(x)):
        mean = torch.stack([dense(block.running, norm(x[j])) for j in range(t + 1)]).mean(0)
        query, context = dense(block.query, norm(x[t])), []
        for head in range(block.heads):
            part = slice(head * width, (head + 1) * width)
            scores = torch.stack([query[part] @ dense(block.key, row)[part] / width**0.5 for row in memory])
            values = torch.stack([dense(block.value, row)[part] for row in memory])
            context.append((torch.softmax(scores, 0)[:, None] * values).sum(0))
        y = x[t] + dense(block.output, torch.cat(context) + mean)
        out.append(y + dense(block.down, F.gelu(dense(block.up, norm(y)))))
    return torch.stack(out)


def test_merged_attention_is_the_papers():
    torch.manual_seed(1)
    block = MattBlock(12, DecoderConfig(blocks=1, heads=3, feed_forward=20), 1e-5, 0.0)
    for layer in (block.running, block.query, block.key, block.value, block.output):
        torch.nn.init.normal_(layer.bias)
    x, memory = torch.randn(6, 2, 12), torch.randn(5, 2, 12)
    mask, memory_mask = torch.ones(6, 2, 1), torch.ones(5, 2, 1)
    key, value = block.remember(memory, memory_mask)
    got, total = block(x, mask, key, value, memory_mask, torch.zeros(2, 12), 0)
    for text in (0, 1):
        assert torch.allclose(got[:, text], naive_block(block, x[:, text], memory[:, text]), atol=1e-4)
    first, middle = block(x[:2], mask[:2], key, value, memory_mask, torch.zeros(2, 12), 0)
    second, end = block(x[2:], mask[2:], key, value, memory_mask, middle, 2)
    assert torch.allclose(torch.cat([first, second]), got, atol=1e-4) and torch.allclose(end, total, atol=1e-4)


@pytest.mark.parametrize("encoder", [QrnnConfig(1, 8, 2), TransformerConfig(1, 2, 14), FunnelConfig((1, 2), 2, 9)])
@pytest.mark.parametrize("downsample", [1, 3])
def test_a_step_at_a_time_is_the_whole_text_at_once(encoder: EncoderConfig, downsample: int):
    torch.manual_seed(2)
    config = GeneratorConfig(FrontEndConfig(30, 6, 3, 16, (1, 2), downsample), encoder, DecoderConfig(25, 5, 4, 2, 2, 20))
    model = ByteGenerator(config)
    model.eval()
    texts = [("what is read", "this is written"), ("\u20ac", ""), ("x" * 30, "y" * 24)]
    sources = torch.from_numpy(padded([split(utf8(source), 30) for source, _ in texts]))
    targets = torch.from_numpy(padded([split(utf8(target), 24) for _, target in texts]))
    with torch.no_grad():
        together = model(sources, targets)
        for i, (source, target) in enumerate(texts):
            ids = split(utf8(target), 24)
            memory = model.remember(torch.tensor([split(utf8(source), 30)]))
            past = model.decoder.begin(1, targets.device)
            for t, fed in enumerate([0, *ids[:-1]]):
                logits, past = model.decoder(torch.tensor([[fed]]), torch.ones(1, 1, 1), memory, past)
                assert torch.allclose(logits[0, 0], together[t, i], atol=1e-4)


def test_a_row_that_follows_another_has_its_past():
    torch.manual_seed(4)
    model = ByteGenerator(GeneratorConfig(FrontEndConfig(30, 6, 3, 16, (1, 2), 1), QrnnConfig(1, 8, 2), DecoderConfig(25, 5, 4, 2, 2, 20)))
    model.eval()
    with torch.no_grad():
        memory = model.remember(torch.tensor([split(b"abc", 30)])).repeated(2)
        past = model.decoder.begin(2, torch.device("cpu"))
        _, past = model.decoder(torch.tensor([[5], [9]]), torch.ones(1, 2, 1), memory, past)
        logits, _ = model.decoder(torch.tensor([[7], [7]]), torch.ones(1, 2, 1), memory, past)
        followed, _ = model.decoder(torch.tensor([[7], [7]]), torch.ones(1, 2, 1), memory, past.follow(torch.tensor([1, 0])))
    assert not torch.allclose(logits[0, 0], logits[0, 1], atol=1e-3)
    assert torch.allclose(logits[0].flip(0), followed[0], atol=1e-5)


def test_padding_costs_nothing():
    logits = torch.randn(3, 2, 259)
    whole = generator_loss(logits[:2, :1], torch.tensor([[5, EOS]]))
    assert torch.allclose(generator_loss(logits[:, :1], torch.tensor([[5, EOS, 0]])), whole)


def test_pairs_are_read_by_split_and_named_when_broken(folder):
    assert len(read_pairs(folder / "toy.jsonl", "dev")) == 60
    with pytest.raises(DataError, match="split test"):
        read_pairs(folder / "toy.jsonl", "test")
    (folder / "bad.jsonl").write_text('{"split": "train", "source": "a"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="bad.jsonl, line 1"):
        read_pairs(folder / "bad.jsonl", "train")


def test_words_that_targets_leave_out():
    pairs = [Pair(f"you darn {i} fool", (f"you {i} fool", f"hey {i} person")) for i in range(3)]
    assert set(dropped_words(pairs)) == {"darn"}  # "you" and "fool" stay in half of the targets


def test_batches_depend_on_seed_and_step_alone(folder):
    recipe = load_generator_recipe(recipe_file(folder, 10))
    first, again = (PairStream(recipe).batches(0) for _ in range(2))
    batches = [next(first) for _ in range(60)]
    later = PairStream(recipe).batches(57)
    for k, batch in enumerate(batches):
        other = next(again)
        assert np.array_equal(batch.sources, other.sources) and np.array_equal(batch.targets, other.targets)
        if k >= 57:
            other = next(later)
            assert np.array_equal(batch.sources, other.sources) and np.array_equal(batch.targets, other.targets)
        assert len(batch.sources) == 16 and all(row[row > 0][-1] == EOS for row in (*batch.sources, *batch.targets))
    assert not all(np.array_equal(batches[0].sources, batch.sources) for batch in batches[1:])


def denoiser(**rates: float) -> Denoiser:
    none = {"insert": 0.0, "replace": 0.0, "hide": 0.0, "drop": 0.0, "misspell": 0.0}
    return Denoiser(Denoising(1, **(none | rates)), (Text("toy.txt", 1.0),), ["zounds"], 40, 200)


def text_of(ids: list[int]) -> str:
    assert ids[-1] == EOS
    return "".join("\0" if id == MASK else chr(id - FIRST_BYTE) for id in ids[:-1])


def test_each_noise_is_what_it_says(folder):
    def examples(**rates: float) -> list[tuple[str, str]]:
        rng = random.Random(5)
        return [tuple(text_of(ids) for ids in denoiser(**rates).example(rng)) for _ in range(200)]

    assert all(source == target for source, target in examples())
    inserted = [(s.split(" "), t.split(" ")) for s, t in examples(insert=0.2) if s != t]
    assert inserted and all(len(s) > len(t) for s, t in inserted) and any("zounds" in s for s, _ in inserted)
    for source, target in inserted:
        rest = iter(source)
        assert all(word in rest for word in target)  # what is left in order is the target
    replaced = [(s.split(" "), t.split(" ")) for s, t in examples(replace=0.2) if s != t]
    assert replaced and all(len(s) == len(t) for s, t in replaced)
    hidden = [(s, t) for s, t in examples(hide=0.4) if s != t]
    assert hidden and all("\0" in s and "\0 \0" not in s for s, _ in hidden)
    dropped = [(s, t) for s, t in examples(drop=0.3) if s != t]
    assert dropped and all(len(s) < len(t) for s, t in dropped)
    assert any(s != t for s, t in examples(misspell=0.3))


def test_bleu_by_hand():
    assert bleu(["the cat sat on the mat"], [["The cat sat on the mat"]]) == pytest.approx(100.0)
    assert bleu(["a b"], [["c d"]]) == 0.0
    # Six tokens of seven: precisions 6/6, 5/5, 4/4, 3/3 and the brevity exp(1 - 7/6).
    assert bleu(["a b c d e f"], [["a b c d e f g", "x"]]) == pytest.approx(100 * np.exp(1 - 7 / 6))
    # A clipped word: "the" twice, once in the reference; precisions 4/5, 3/4, 2/3, 1/2.
    assert bleu(["the cat sat down the"], [["the cat sat down there"]]) == pytest.approx(100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25)


def test_ranks_count_the_first_and_the_first_four():
    found = [["a", "b"], ["x", "b"], ["v", "w", "x", "y", "b"]]
    assert ranks(found, [["a"], ["b"], ["b"]]) == {"rank_1": 1 / 3, "rank_4": 2 / 3}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows_per_batch = 14", "rows_per_batch = 13", "batch_rows is 16"),
        ('measure = "rank"', 'measure = "luck"', "measure is luck"),
        ("heads = 2", "heads = 2\nhats = 1", "unknown key hats"),
        ("[denoising]", '[[texts]]\nfile = "other.txt"\nweight = 2\n[misspelling]', "differ in weight"),
        ("[denoising]\nrows_per_batch = 2", "", "need each other"),
        ("[denoising]", "[misspelling]\nrows_per_batch = 1\n\n[denoising]", "rows_per_batch sum to 17"),
    ],
)
def test_a_recipe_at_fault_is_named(folder, old, new, message):
    with pytest.raises(RecipeError, match=message):
        load_generator_recipe(recipe_file(folder, 10, (old, new)))


def test_pairs_that_do_not_fit_are_left_out(folder):
    with pytest.raises(DataError, match="no pair fits front_end.max_bytes 24 and decoder.max_length 1"):
        PairStream(load_generator_recipe(recipe_file(folder, 10, ("max_length = 20", "max_length = 1"))))


def test_a_generator_learns_and_writes(folder, tmp_path, capsys):
    path = recipe_file(folder, 300)
    assert cli.main(["train-generator", str(path), "--run", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    assert cli.main(["evaluate-generator", str(path), "--run", str(tmp_path / "run"), "--quantized"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert measured["rank_1"] > 0.8 and measured["rank_4"] >= measured["rank_1"]  # of 60 words; a copy without the "!" would be 0
    spoken = recipe_file(folder, 300, ('measure = "rank"', 'measure = "phonemes"'))
    assert cli.main(["evaluate-generator", str(spoken), "--run", str(tmp_path / "run"), "--quantized"]) == 0
    errors = json.loads(capsys.readouterr().out)
    assert errors["word_error_rate"] == pytest.approx(1 - measured["rank_1"]) and errors["phoneme_error_rate"] < 0.2  # a word is one phoneme here
    model = load_generator(load_generator_recipe(path), tmp_path / "run")
    greedy = [found[0][0] for found in decode(model, ["ab", "dcba"])]
    assert greedy == ["ab!", "dcba!"]
    beams = next(decode(model, ["abc"], beams=4))
    assert len(beams) == 4 and [score for _, score in beams] == sorted((score for _, score in beams), reverse=True)


def test_a_killed_training_goes_on_as_if_nothing_had_been(folder, tmp_path):
    whole, broken = load_generator_recipe(recipe_file(folder, 12)), load_generator_recipe(recipe_file(folder, 7, ("steps = 7", "steps = 12")))
    train_generator(whole, tmp_path / "whole")
    stream = PairStream.batches

    def killed(self, first_step):
        for step, batch in enumerate(stream(self, first_step), first_step):
            if step == 5 and first_step == 0:
                raise KeyboardInterrupt
            yield batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PairStream, "batches", killed)
        with pytest.raises(KeyboardInterrupt):
            train_generator(broken, tmp_path / "broken")
        train_generator(broken, tmp_path / "broken")
    first, second = (torch.load(tmp_path / name / "checkpoint.pt")["model"] for name in ("whole", "broken"))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_generators_weights_carry_over(folder, tmp_path):
    recipe = load_generator_recipe(recipe_file(folder, 2))
    train_generator(recipe, tmp_path / "first")
    path = recipe_file(folder, 3, ("steps = 3", "steps = 1"), ("learning_rate = 1e-2", "learning_rate = 1e-12"))
    assert cli.main(["train-generator", str(path), "--run", str(tmp_path / "second"), "--generator", str(tmp_path / "first/checkpoint.pt")]) == 0
    first, second = (torch.load(tmp_path / name / "checkpoint.pt")["model"] for name in ("first", "second"))
    assert torch.allclose(first["decoder.output.weight"], second["decoder.output.weight"], atol=1e-6)
    other = load_generator_recipe(recipe_file(folder, 4, ("window = 3\nblocks", "window = 2\nblocks")))
    with pytest.raises(ValueError, match="decoder.conv.weight"):
        train_generator(other, tmp_path / "third", generator=tmp_path / "first/checkpoint.pt")


@pytest.mark.parametrize("name", ["civil-rewrite", "pretrain-civil-rewrite", "autocorrect", "g2p"])
def test_the_projects_recipes_are_sound(name):
    recipe = load_generator_recipe(Path(__file__).resolve().parents[2] / f"models/training/recipes/{name}.toml")
    assert sum(p.numel() for p in ByteGenerator(recipe.network).parameters()) < 5_000_000  # bytes of the file, about


def test_set_quantization_reaches_the_decoder():
    model = ByteGenerator(GeneratorConfig(FrontEndConfig(30, 6, 3, 16, (1, 2), 1), QrnnConfig(1, 8, 2), DecoderConfig(25, 5, 4, 1, 2, 20)))
    set_quantization(model, True, observing=True)
    model.eval()
    with torch.no_grad():
        model(torch.tensor([split(b"abc", 30)]), torch.tensor([split(b"abd", 24)]))
        set_quantization(model, True, observing=False)
        logits = model(torch.tensor([split(b"abc", 30)]), torch.tensor([split(b"abd", 24)]))
    scale = float(model.decoder.logits.scale)
    assert torch.allclose(logits / scale, torch.round(logits / scale), atol=1e-3)
