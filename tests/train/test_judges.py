"""What each judge of `evaluate` sees, and that none rests on another's eyes."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from pipeline.core.errors import TrainingError
from tests.benches import damages, presets
from tests.train import small
from train.compute.device import Compute
from train.metrics import distances, mobilenet
from train.metrics.evaluation import Sets, judged_otherwise
from train.metrics.features import DIMENSIONS, Extractor
from train.metrics.mobilenet import Mobilenet
from train.metrics.pyramid import Pyramid, doubled, levels

COUNT = 16
MEASURED = ("blur 1", "blur 2", "noise 40", "one image")
TIMEPIECES = {409, 531, 826, 892}
"""Classes of ImageNet: analog clock, digital watch, stopwatch, wall clock."""


@pytest.fixture(scope="module")
def extract(cpu: Compute) -> Extractor:
    return Extractor(cpu)


@pytest.fixture(scope="module")
def second(cpu: Compute) -> Mobilenet:
    return Mobilenet(cpu)


def test_every_judge_orders_damages_as_an_eye_would(extract: Extractor, second: Mobilenet) -> None:
    both = damages.paintings(2 * COUNT)
    whole = damages.Pictures(both.pixels[1::2], both.of_class[1::2])
    judges = damages.Judges(both.pixels[::2], extract, second)
    sets = damages.damaged(whole)
    judged = {name: judges.distances(sets[name]) for name in (damages.WHOLE, *MEASURED)}
    assert damages.disordered(judged) == {
        "KID": [],
        "KID by MobileNetV2": [],
        "sliced Wasserstein": [],
    }
    assert judges.distances(damages.watches(COUNT).pixels)["KID"] > judged["noise 40"]["KID"]


def test_a_disorder_is_told() -> None:
    near, far = {"KID": 0.1}, {"KID": 0.2}
    judged = {damages.WHOLE: near, "blur 1": far, "blur 2": near}
    assert damages.disordered(judged) == {"KID": ["blur 1 < blur 2"]}


def test_a_collapsed_model_has_no_recall(extract: Extractor) -> None:
    reals, repeated = extract(small.pictures(8)), extract(small.pictures(1, seed=1))
    assert distances.precision(repeated.repeat(8, axis=0), reals) == 0


def test_the_second_network_tells_the_time_from_paintings(second: Mobilenet) -> None:
    """It is the network it is said to be: weights, folding and colours are right."""
    weights = torch.load(mobilenet.weights(), weights_only=True)
    shares = []
    for pictures in (damages.watches(12), damages.paintings(12)):
        features = torch.from_numpy(second(pictures.pixels)).float()
        logits = features @ weights["classifier.1.weight"].T + weights["classifier.1.bias"]
        best = logits.topk(3).indices.tolist()
        shares.append(np.mean([bool(TIMEPIECES & set(classes)) for classes in best]))
    assert shares[0] > 0.6
    assert shares[1] == 0


def test_a_batch_norm_that_was_folded_changes_no_feature(extract: Extractor) -> None:
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in extract.network.modules())
    plain = EfficientNet.from_name("efficientnet-lite0")
    plain.load_state_dict(torch.load(extract.path, weights_only=True))
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = plain.eval().extract_features(images)
        made = extract.network.extract_features(images)  # type: ignore[operator]
    torch.testing.assert_close(made, expected, atol=1e-3, rtol=1e-3)


def test_features_do_not_depend_on_the_batch(extract: Extractor, second: Mobilenet) -> None:
    pixels = small.pictures(3)
    for network in (extract, second):
        together = network(pixels)
        assert together.shape == (3, DIMENSIONS)
        apart = np.concatenate([network(pixels[k : k + 1]) for k in range(3)])
        np.testing.assert_allclose(together, apart, atol=1e-4)
        assert network(pixels[:0]).shape == (0, DIMENSIONS)


def test_a_missing_second_network_is_one_sentence(
    cpu: Compute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(TrainingError, match=r"weights of MobileNetV2, .* run `make setup`, which"):
        Mobilenet(cpu)
    monkeypatch.undo()
    monkeypatch.setattr(mobilenet, "_SHA256", "0" * 16)
    with pytest.raises(TrainingError, match=r"b0353104\.pth: not the weights expected"):
        Mobilenet(cpu)


def test_the_levels_add_up_to_the_image() -> None:
    pixels = small.pictures(3)
    parts = list(levels(pixels))
    assert [part.shape[1] for part in parts] == [64, 32, 16]
    whole = parts[-1]
    for finer in parts[-2::-1]:
        whole = doubled(whole) + finer
    np.testing.assert_allclose(whole, pixels, atol=1e-3)
    assert [part.shape[1] for part in levels(small.pictures(2, size=4))] == [4]
    flat = np.full((1, 64, 64, 3), 200, np.uint8)
    assert [float(np.abs(part).max()) for part in levels(flat)] == pytest.approx([0, 0, 200])


def test_a_pyramid_sees_grain_on_the_finest_level_and_colour_on_the_last() -> None:
    pixels = small.pictures(24)
    pyramid = Pyramid(pixels)
    assert pyramid.distances(pixels) == {64: 0.0, 32: 0.0, 16: 0.0}
    grain = pyramid.distances(damages.noisy(pixels, 20))
    colour = pyramid.distances(damages.shifted(pixels))
    assert max(grain, key=grain.__getitem__) == 64
    assert max(colour, key=colour.__getitem__) == 16
    assert colour[64] < 0.1 * colour[16]


def test_each_judge_is_asked_for_all_that_frames_a_model(second: Mobilenet) -> None:
    some, others = small.pictures(16), small.pictures(16, seed=1)
    sets = Sets(damages.noisy(others, 20), damages.noisy(others, 200), some, others, others[:8])
    misordered = judged_otherwise(sets, second, seed=1)
    assert misordered["kid_mobilenet"].keys() == {"trained", "untrained", "floor", "held_out"}
    for by_name in misordered.values():
        means = [by_name[name]["mean"] for name in ("floor", "trained", "untrained")]
        assert means == sorted(means)
    assert misordered["sliced_wasserstein"]["trained"]["levels"].keys() == {"64", "32", "16"}


def test_a_model_stands_where_the_judge_that_likes_it_least_has_it() -> None:
    measured = {
        name: {"curve": [dict(zip(presets.JUDGES, values, strict=True))]}
        for name, values in {
            "a": (0.1, 0.3, 0.1),
            "b": (0.2, 0.1, 0.2),
            "c": (0.3, 0.2, 0.3),
        }.items()
    }
    assert presets.worst_ranks(measured) == {"a": 3, "b": 2, "c": 3}
