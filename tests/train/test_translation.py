from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from pipeline.core import tables
from pipeline.core.errors import InterruptedRunError
from pipeline.core.params import translation
from pipeline.core.schema import VARIANTS, Split
from tests.train import pairs, small
from train.compute.device import Compute
from train.data.real_images import to_bytes, to_float
from train.data.variants import Variants
from train.loop import checkpoint
from train.loop.training import Training
from train.metrics.fidelity import psnr, ssim
from train.samples import sheets
from train.translation.chances import CHANCES, chances
from train.translation.curated import Curated
from train.translation.drawing import film_strip, some
from train.translation.networks import PatchDiscriminator, receptive_field
from train.translation.paired import PairedGame
from train.translation.subject import subject_of
from train.translation.tasks import TASKS, drawing

IDS = torch.tensor([3, 2**59 - 1, 0, 17])


def _pictures(side: int = 32) -> Tensor:
    raw = torch.from_numpy(small.pictures(4, side)).permute(0, 3, 1, 2)
    return to_float(raw)


def test_every_task_of_the_params_is_declared() -> None:
    assert set(TASKS) == set(get_args(translation.Task))


@pytest.mark.parametrize("name", TASKS)
def test_a_pair_follows_from_seed_and_image_alone(name: str) -> None:
    task, pictures = TASKS[name], _pictures()  # type: ignore[index]
    inputs = task.derive(pictures, chances(1, IDS))
    assert inputs.shape == (4, task.channels, 32, 32)
    assert inputs.abs().max() <= 1
    last = task.derive(pictures[3:], chances(1, IDS[3:]))
    assert torch.equal(inputs[3:], last), "the other images of a batch count"
    guess = task.guess(inputs)
    assert guess.shape == pictures.shape
    assert guess.abs().max() <= 1
    other = task.derive(pictures, chances(2, IDS))
    assert torch.equal(inputs, other) == (name != "holes"), "only holes lie where chance has them"


@pytest.mark.parametrize("name", ["holes", "border"])
def test_known_pixels_stay_to_the_bit(name: str, cpu: Compute) -> None:
    game = PairedGame(pairs.params(task=name), cpu)
    pictures = _pictures()
    inputs = game.inputs(pictures, IDS)
    known = game.task.known(inputs).expand(-1, 3, -1, -1)
    with torch.no_grad():  # as after some training: at first a generator adds nothing
        for weight in game.generator.parameters():
            torch.nn.init.normal_(weight)
    made = game.generator(inputs)
    assert torch.equal(made[known], pictures[known])
    assert not torch.equal(made[~known], pictures[~known])
    assert 0.1 < known.float().mean() < 0.99
    assert torch.equal(game.task.guess(inputs)[known], pictures[known])


@given(seed=st.integers(0, 2**63 - 1), number=st.integers(0, 2**60 - 1))
def test_chances_are_splitmix(seed: int, number: int) -> None:
    """Beside the algorithm in whole numbers of any size."""
    begun = _mixed(number ^ (seed * _STEP % 2**64))
    expected = [
        (_mixed((begun + step * _STEP) % 2**64) >> 11) / 2**53 for step in range(1, CHANCES + 1)
    ]
    assert chances(seed, torch.tensor([number]))[0].tolist() == pytest.approx(expected, abs=1e-7)


_STEP = 0x9E3779B97F4A7C15


def _mixed(word: int) -> int:
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) % 2**64
    return word ^ (word >> 31)


def test_a_line_is_drawn_between_colours_of_one_luminance_and_none_on_grain() -> None:
    picture = torch.zeros(1, 3, 16, 16)
    picture[:, 0, :, 8:], picture[:, 1, :, 8:] = 0.8, -0.8 * 0.299 / 0.587
    lines = drawing(picture)[0, 0]
    assert (lines[:, 7:9] == -1).all()
    assert (lines[:, :7] == 1).all()
    grain = 0.05 * torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    assert (drawing(grain) == 1).all()
    pictures = _pictures()
    assert torch.allclose(drawing(pictures.flip(3)), drawing(pictures).flip(3), atol=1e-6)
    assert torch.allclose(drawing(pictures.mT), drawing(pictures).mT, atol=1e-6)


@pytest.mark.parametrize("halvings", range(4))
def test_a_logit_sees_its_patch_and_no_more(halvings: int) -> None:
    judge = PatchDiscriminator(3, [4] * (halvings + 1))
    pictures = torch.rand(1, 2, 96, 96, requires_grad=True)
    logits = judge(torch.rand(1, 1, 96, 96), pictures)
    middle = logits.shape[-1] // 2
    logits[0, 0, middle, middle].backward()
    assert pictures.grad is not None
    seen = pictures.grad.abs().sum(dim=(0, 1)).nonzero()
    sides = (seen.amax(dim=0) - seen.amin(dim=0) + 1).tolist()
    assert sides == [receptive_field(halvings)] * 2 == [judge.receptive_field] * 2


def test_psnr_and_ssim_are_those_of_the_papers() -> None:
    truth = small.pictures(2, 32)
    flat = np.full((1, 32, 32, 3), 100, np.uint8)
    assert psnr(flat + 10, flat)[0] == pytest.approx(20 * np.log10(255 / 10))
    half = np.zeros((1, 32, 32), bool)
    half[:, :16] = True
    spoilt = flat.copy()
    spoilt[:, 16:] = 0
    assert np.isinf(psnr(spoilt, flat, half)[0])
    assert psnr(spoilt, flat, ~half)[0] == pytest.approx(20 * np.log10(255 / 100))
    assert ssim(truth, truth).tolist() == pytest.approx([1, 1])
    # Of two flat pictures only the first factor is left (equation 6).
    luminance = (2 * 100 * 150 + 2.55**2) / (100**2 + 150**2 + 2.55**2)
    assert ssim(flat, flat + 50)[0] == pytest.approx(luminance)
    noise = np.random.default_rng(0).integers(-30, 31, truth.shape)
    noisy = (truth + noise).clip(0, 255).astype(np.uint8)
    assert (ssim(noisy, truth) < 0.9).all()


def _training(root: Path, cpu: Compute, **changes: Any) -> Training:
    paths = pairs.build(root)
    table = tables.read(paths.source.table("variants"), VARIANTS)
    params, source = pairs.params(**changes), Curated.of(paths.source.pixels, table)
    subject = subject_of(pairs.NAME, params, source, source)
    return Training(params, cpu, source.pixels, source.train, root / "run", subject)


def _run(training: Training, stop: Callable[[], bool] = lambda: False) -> None:
    training.run(lambda _row: None, stop)


@pytest.mark.parametrize(
    ("changes", "losses"),
    [
        ({}, ["discriminator_real", "discriminator_fake"]),
        ({"task": "edges", "adversarial_weight": 0.0}, ["l1", "generator_gradient"]),
        ({"task": "small", "l1_weight": 0.0, "publish": "best"}, ["discriminator_real"]),
    ],
)
def test_a_stopped_translation_goes_on_to_the_same_bits(
    changes: dict[str, Any], losses: list[str], tmp_path: Path, cpu: Compute
) -> None:
    whole = _training(tmp_path / "whole", cpu, **changes)
    before = {name: tensor.clone() for name, tensor in whole.state.tensors().items()}
    _run(whole)
    left = iter(range(7))
    with pytest.raises(InterruptedRunError):
        _run(_training(tmp_path, cpu, **changes), lambda: next(left, None) is None)
    saved, _ = checkpoint.load_latest(tmp_path / "run")
    assert saved is not None
    resumed = _training(tmp_path, cpu, **changes)
    resumed.restore(saved, Path("saved"))
    _run(resumed)
    now, again = whole.state.tensors(), resumed.state.tensors()
    assert now.keys() == again.keys()
    assert [name for name in now if not torch.equal(now[name], again[name])] == []
    assert whole.rows == resumed.rows
    assert set(losses) <= whole.rows[0].keys()
    assert {"psnr", "ssim", "diversity"} <= whole.monitor.seen.sample_metrics[-1].keys()
    idle = [name for name in before if torch.equal(before[name], now[name])]
    is_idle = "adversarial_weight" in changes
    assert {name.partition("/")[0] for name in idle} == ({"discriminator"} if is_idle else set())


def test_it_learns(tmp_path: Path, cpu: Compute) -> None:
    """To fill drawings of two fields with colours, within a hundred steps."""
    training = _training(tmp_path, cpu, task="edges", kimg=0.4, adversarial_weight=0.0, channels=8)
    _run(training)
    course = [row["l1"] for row in training.rows]
    assert np.mean(course[10:]) < 0.9 * np.mean(course[:2])


def test_a_film_strip_begins_with_inputs_and_ends_with_truths(tmp_path: Path, cpu: Compute) -> None:
    training = _training(tmp_path, cpu, kimg=0.004)
    _run(training)
    papers = [
        sheets.read_png(path) for path in sorted((tmp_path / "run" / "samples").glob("*.png"))
    ]
    strip = sheets.tiles(film_strip(papers, 32), sheets.STRIP_PX)[:, ::4, ::4]
    row = len(papers) + 2
    paired = sheets.tiles(papers[0], 32)
    assert np.array_equal(strip[0], paired[0])
    assert np.array_equal(strip[row - 1], paired[2 * 3])
    last = sheets.tiles(papers[-1], 32)
    assert np.array_equal(strip[row - 2], last[3])
    made = to_bytes(training.state.average.network(torch.zeros(1, 4, 32, 32)))
    assert made.shape == (1, 32, 32, 3)


def test_some_variants_are_of_as_many_images_as_there_are(tmp_path: Path) -> None:
    paths = small.build(tmp_path)
    variants = Variants.of(tables.read(paths.table("variants"), VARIANTS), Split.TRAIN)
    images = len(variants.originals()[0])
    chosen = some(variants, images, 3)
    assert len({variants.image_id[place] for place in chosen}) == images
    assert len(some(variants, 10_000, 3)) == len(variants)
