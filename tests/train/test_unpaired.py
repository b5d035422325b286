from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

from pipeline.core.errors import InterruptedRunError
from pipeline.core.known_pairs import by_listing, known_pairs
from pipeline.core.shards import Pixels
from tests.train import two
from train.compute.device import Compute
from train.compute.ranks import ALONE
from train.loop import checkpoint
from train.loop.training import Training
from train.metrics.features import Features
from train.metrics.nearest import thumbnails
from train.networks.losses import least_squares
from train.samples import sheets
from train.translation.evaluation_both_ways import evaluated
from train.translation.pool import exchanged
from train.translation.subject import subject_of
from train.translation.unpaired import BothWays, UnpairedGame


def _seen(pixels: Pixels) -> Features:
    return thumbnails(pixels).astype(np.float64)


JUDGES = (_seen, _seen)


def _training(root: Path, cpu: Compute, **changes: Any) -> Training:
    photographs, paintings = two.curated(two.build(root))
    params = two.params(**changes)
    subject = subject_of(two.NAME, params, photographs, paintings)
    return Training(params, cpu, photographs.pixels, photographs.train, root / "run", subject)


@pytest.mark.parametrize(
    "changes",
    [{"publish": "best"}, {"cycle_weight": 0.0, "identity_weight": 0.0, "pool": 0}],
)
def test_a_stopped_translation_goes_on_to_the_same_bits(
    changes: dict[str, Any], tmp_path: Path, cpu: Compute
) -> None:
    whole = _training(tmp_path / "whole", cpu, **changes)
    before = {name: tensor.clone() for name, tensor in whole.state.tensors().items()}
    whole.run(lambda _row: None, lambda: False)
    left = iter(range(7))
    stopped = _training(tmp_path, cpu, **changes)
    with pytest.raises(InterruptedRunError):
        stopped.run(lambda _row: None, lambda: next(left, None) is None)
    saved, _ = checkpoint.load_latest(tmp_path / "run")
    assert saved is not None
    resumed = _training(tmp_path, cpu, **changes)
    resumed.restore(saved, Path("saved"))
    resumed.run(lambda _row: None, lambda: False)
    now, again = whole.state.tensors(), resumed.state.tensors()
    assert now.keys() == again.keys()
    assert [name for name in now if not torch.equal(now[name], again[name])] == []
    assert whole.rows == resumed.rows
    assert [name for name in before if torch.equal(before[name], now[name])] == []
    pool = {name for name in now if name.startswith("state/")}
    assert pool == (set() if "pool" in changes else {"state/forth", "state/back"})
    assert ("cycle" in whole.rows[0]) == ("cycle_weight" not in changes)
    assert {"cycle_psnr", "diversity"} <= whole.monitor.seen.sample_metrics[-1].keys()
    paper = sheets.read_png(tmp_path / "run" / "samples" / "000000000.png")
    inputs, made, again_there = (sheets.tiles(paper, 32)[row * 3 : row * 3 + 3] for row in range(3))
    assert np.array_equal(inputs, made), "at first nothing is changed"
    assert np.array_equal(inputs, again_there)


def test_what_is_shown_is_new_or_of_the_past() -> None:
    torch.manual_seed(0)
    pool, old = torch.zeros(50, 1, 1, 1), 0
    for step in range(200):
        made = torch.arange(4 * step, 4 * step + 4).float().view(4, 1, 1, 1)
        held = min(4 * step, 50)
        before = pool[:held].flatten().tolist()
        shown = exchanged(pool, held, made, ALONE).flatten().tolist()
        if held < 47:
            assert shown == made.flatten().tolist()
        for each, new in zip(shown, made.flatten().tolist(), strict=True):
            assert each == new or each in before or each in made
        old += sum(each < 4 * step for each in shown)
        assert len(set(pool[: min(held + 4, 50)].flatten().tolist())) == min(held + 4, 50)
    assert 0.4 < old / (4 * 188) < 0.6
    assert pool.max() > 700, "the past moves on"
    assert exchanged(pool[:0], 0, made, ALONE) is made


def test_least_squares_are_none_where_all_is_said_right() -> None:
    assert least_squares(torch.ones(3), real=True) == 0
    assert least_squares(torch.zeros(3), real=False) == 0
    assert least_squares(torch.tensor([0.5, -1.0]), real=True) == pytest.approx((0.25 + 4) / 2)


def test_pictures_of_both_collections_are_not_shown_in_one_order(
    tmp_path: Path, cpu: Compute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collections of one size must not come in pairs, or pairs would be learnt."""
    training = _training(tmp_path, cpu, kimg=0.02)
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    step = UnpairedGame.step

    def noted(self: UnpairedGame, reals: Any, *rest: Any) -> Any:
        seen.append((reals.images, reals.targets))
        return step(self, reals, *rest)

    monkeypatch.setattr(UnpairedGame, "step", noted)
    training.run(lambda _row: None, lambda: False)
    light = torch.tensor(two.LIGHT).view(1, 3, 1, 1)
    apart = [((b + 1) * light - (a + 1)).abs().amax(dim=(1, 2, 3)) for a, b in seen]
    assert (torch.cat(apart) < 0.02).float().mean() < 0.3


def test_it_learns_another_light(tmp_path: Path, cpu: Compute) -> None:
    """Within some seconds photographs come nearer to their paintings, which it is never told."""
    training = _training(tmp_path, cpu, kimg=0.2, channels=8, cycle_weight=1.0)
    paths = two.build(tmp_path)
    photographs, paintings = two.curated(paths)
    known = known_pairs(paths, two.params())
    training.run(lambda _row: None, lambda: False)
    game = training.recipe
    assert isinstance(game, UnpairedGame)
    game.generator.load_state_dict(training.state.average.network.state_dict())
    results = evaluated(game, photographs, paintings, known, JUDGES, 1).results
    truth = results["forth"]["truth"]
    assert truth["psnr"]["translated"] > truth["psnr"]["trivial"] + 0.5


def test_truths_are_those_of_the_listings_and_turned_alike(tmp_path: Path, cpu: Compute) -> None:
    """A generator that takes the light away is right to the rounding, in all ways of measuring."""
    paths = two.build(tmp_path)
    photographs, paintings = two.curated(paths)
    game = UnpairedGame(two.params(), cpu)
    game.generator = BothWays(_Light(1.0), _Light(-1.0))
    known = known_pairs(paths, two.params())
    assert len(known) == 24
    outcome = evaluated(game, photographs, paintings, known, JUDGES, 1)
    for way in ("forth", "back"):
        told = outcome.results[way]
        assert told["pictures"] == {"count": 42, "split": "held_out"}
        assert told["truth"]["count"] == 42
        assert told["truth"]["psnr"]["translated"] > 45 > 20 > told["truth"]["psnr"]["trivial"]
        assert told["truth"]["ssim"]["translated"] > 0.99
        assert told["truth"]["recognised"]["translated"] == 1
        assert told["truth"]["recognised"]["of"] == 6
        assert told["cycle_psnr"] > 45
        assert told["kid"].keys() == {"translated", "trivial", "floor"}
    nobody = evaluated(game, photographs, paintings, {}, JUDGES, 1)
    assert "truth" not in nobody.results["forth"]
    assert nobody.sheets["forth"].shape[0] < outcome.sheets["forth"].shape[0], "no row of truths"
    assert "PSNR" in outcome.words
    assert "PSNR" not in nobody.words


class _Light(nn.Module):
    def __init__(self, power: float) -> None:
        super().__init__()
        self._light = torch.tensor(two.LIGHT).view(1, 3, 1, 1) ** power

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return (pictures + 1) / self._light - 1


def test_a_place_of_a_listing_makes_a_pair() -> None:
    def listed(*rows: tuple[str, int, str]) -> pa.Table:
        names = ("listing_id", "position", "image_id")
        return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))

    a = listed(("x", 0, "a1"), ("x", 1, "a2"), ("y", 0, "a1"), ("z", 0, "a3"))
    b = listed(("y", 0, "b2"), ("x", 0, "b1"), ("x", 0, "b0"), ("w", 0, "b3"))
    assert by_listing(a, b) == {"a1": "b0"}
    assert by_listing(b, a) == {"b2": "a1", "b1": "a1", "b0": "a1"}
