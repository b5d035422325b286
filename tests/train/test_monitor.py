from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from pipeline.core.errors import UnhealthyError
from train.monitor.monitor import MOST_SETBACKS, Monitor
from train.monitor.rules import Course, Row, all_finite, examine
from train.networks.recipe import Objective

HEALTHY: dict[str, float] = {
    "discriminator_real": 0.5,
    "discriminator_fake": math.log(2),
    "generator": math.log(2),
    "accuracy_real": 0.8,
    "accuracy_fake": 0.8,
    "generator_gradient": 1.0,
}


def _rows(count: int, change: dict[str, list[float]] | None = None, steps: int = 50) -> list[Row]:
    """A history of ``count`` rows; ``change``: the last values of some columns."""
    rows = [
        {"images": 8 * steps * k, "step": steps * k, "steps": steps, **HEALTHY}
        for k in range(1, count + 1)
    ]
    for name, values in (change or {}).items():
        for row, value in zip(rows[-len(values) :], values, strict=True):
            row[name] = value
    return rows


def _sample_metrics(diversity: float, near_copies: float, count: int = 3) -> list[Row]:
    return [{"images": k, "diversity": diversity, "near_copies": near_copies} for k in range(count)]


def _rules(
    rows: list[Row],
    metrics: list[Row] | None = None,
    *,
    finite: bool = True,
    objective: Objective | None = Objective.CROSS_ENTROPY,
    epoch_steps: float = 10.0,
) -> list[str]:
    course = Course(rows, metrics or [], epoch_steps, finite, objective)
    return [finding.rule for finding in examine(course)]


def test_a_game_in_balance_goes_on() -> None:
    assert _rules(_rows(40), _sample_metrics(0.7, 0.0)) == []


def test_an_impossible_pair_needs_a_whole_window() -> None:
    pair = {"discriminator_fake": [0.001] * 4, "generator": [0.002] * 4}
    assert _rules(_rows(8, pair)) == ["impossible pair"]
    assert _rules(_rows(8, {name: values[:1] for name, values in pair.items()})) == []
    assert _rules(_rows(3, {name: values[:3] for name, values in pair.items()})) == []


def test_a_discriminator_that_wins_for_long_stops_unless_the_generator_gains() -> None:
    won = {
        "accuracy_real": [1.0] * 12, "accuracy_fake": [1.0] * 12,
        "discriminator_real": [0.001] * 12, "discriminator_fake": [0.002] * 12,
    }  # fmt: skip
    loses = {"generator": [8.0 + 0.1 * k for k in range(12)]}
    gains = {"generator": [8.0 - 0.1 * k for k in range(12)]}
    assert _rules(_rows(20, won | loses)) == ["discriminator wins"]
    assert _rules(_rows(20, won | gains)) == []
    assert _rules(_rows(20, {name: values[:8] for name, values in (won | loses).items()})) == []


def test_a_gradient_that_fades_on_stops_and_one_that_recovers_does_not() -> None:
    assert _rules(_rows(12, {"generator_gradient": [0.04, 0.03, 0.02, 0.01]})) == ["dead generator"]
    assert _rules(_rows(12, {"generator_gradient": [0.01, 0.02, 0.03, 0.04]})) == []
    assert _rules(_rows(12, {"generator_gradient": [0.4, 0.3, 0.2, 0.1]})) == []


def test_samples_that_are_alike_stop_once_that_means_something() -> None:
    assert _rules(_rows(20), _sample_metrics(0.09, 0.0)) == ["mode collapse"]
    assert _rules(_rows(19), _sample_metrics(0.09, 0.0)) == []
    assert _rules(_rows(20), _sample_metrics(0.09, 0.0), epoch_steps=201.0) == []
    assert _rules(_rows(20), _sample_metrics(0.09, 0.0, count=2)) == []
    assert _rules(_rows(20), [*_sample_metrics(0.09, 0.0, 2), *_sample_metrics(0.2, 0.0, 1)]) == []
    rising = [
        *_sample_metrics(0.01, 0.0, 1),
        *_sample_metrics(0.02, 0.0, 1),
        *_sample_metrics(0.06, 0.0, 1),
    ]
    assert _rules(_rows(20), rising) == []
    assert _rules(_rows(20), rising[::-1]) == ["mode collapse"]


@pytest.mark.parametrize(
    ("typical", "least", "expected"),
    [(0.6, 0.09, [False]), (0.09, 0.02, [True]), (0.6, 0.11, [])],
)
def test_a_class_whose_samples_are_alike_is_named_and_half_of_them_stop(
    typical: float, least: float, expected: list[bool]
) -> None:
    within = {"class_diversity": typical, "least_class_diversity": least}
    metrics = [row | within for row in _sample_metrics(0.7, 0.0)]
    findings = examine(Course(_rows(20), metrics, epoch_steps=10, finite=True, objective=None))
    assert [finding.fatal for finding in findings] == expected
    assert all(finding.rule == "class collapse" for finding in findings)
    assert _rules(_rows(19), metrics) == []
    assert _rules(_rows(20), metrics[:2]) == []


def test_copies_are_a_warning() -> None:
    course = Course(
        _rows(20), _sample_metrics(0.8, 0.06), epoch_steps=10, finite=True, objective=None
    )
    (finding,) = examine(course)
    assert (finding.rule, finding.fatal) == ("memorising", False)
    assert _rules(_rows(20), _sample_metrics(0.8, 0.04)) == []


def test_a_critic_out_of_bounds_stops() -> None:
    far = {"distance": [2e3] * 4, "gradient_penalty": [1.0] * 4}
    steep = {"distance": [1.0] * 4, "gradient_penalty": [90.0] * 4}
    for change in (far, steep):
        assert _rules(_rows(4, change), objective=Objective.WASSERSTEIN) == ["runaway critic"]
    near = {"distance": [2.0] * 4, "gradient_penalty": [1.0] * 4}
    assert _rules(_rows(4, near), objective=Objective.WASSERSTEIN) == []


def test_losses_of_another_kind_are_no_sign_of_failure() -> None:
    """Least squares in balance: .125 for the generator, and as little for fakes."""
    losses = {"discriminator_real": 0.001, "discriminator_fake": 0.001, "generator": 0.002}
    others = {"distance": 2e3, "gradient_penalty": 90.0, "accuracy_real": 1.0, "accuracy_fake": 1.0}
    low = {name: [value] * 12 for name, value in (losses | others).items()}
    assert _rules(_rows(16, low), objective=None) == []


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("column", ["generator", "generator_gradient"])
def test_what_is_no_number_is_seen_at_once(column: str, value: float) -> None:
    assert "not finite" in _rules(_rows(1, {column: [value]}))
    assert _rules(_rows(1), finite=False) == ["not finite"]


def test_weights_are_looked_at() -> None:
    network = nn.Linear(2, 2)
    assert all_finite(network, nn.Linear(2, 2))
    network.weight.data[1, 1] = torch.nan
    assert not all_finite(network, nn.Linear(2, 2))


COLLAPSED = _rows(8, {"discriminator_fake": [0.001] * 4, "generator": [0.002] * 4})
KEPT = [Path("checkpoint-2"), Path("checkpoint-1")]


def test_a_stop_says_where_what_why_and_what_helps() -> None:
    with pytest.raises(UnhealthyError) as stopped:
        Monitor("stop", 10, Objective.CROSS_ENTROPY).may_go_on(COLLAPSED, KEPT, finite=True)
    said = str(stopped.value)
    assert "3,200 images (step 400): impossible pair" in said
    assert "helps: set train.discriminator_batch_norm to false" in said
    assert "checkpoint-2" in said
    assert stopped.value.exit_code == 41


def test_a_setback_comes_twice_and_then_the_end() -> None:
    monitor = Monitor("rollback", 10, Objective.CROSS_ENTROPY)
    for setbacks in range(1, MOST_SETBACKS + 1):
        assert not monitor.may_go_on(COLLAPSED, KEPT, finite=True)
        assert monitor.seen.setbacks == setbacks
    with pytest.raises(UnhealthyError):
        monitor.may_go_on(COLLAPSED, KEPT, finite=True)
    with pytest.raises(UnhealthyError):  # with nowhere to go back to
        Monitor("rollback", 10, Objective.CROSS_ENTROPY).may_go_on(COLLAPSED, [], finite=True)


def test_going_on_says_a_thing_once_and_never_goes_on_without_numbers() -> None:
    monitor = Monitor("go_on", 10, Objective.CROSS_ENTROPY)
    for _ in range(2):
        assert monitor.may_go_on(COLLAPSED, KEPT, finite=True)
    assert [finding["rule"] for finding in monitor.seen.findings] == ["impossible pair"]
    again = Monitor("go_on", 10, Objective.CROSS_ENTROPY)
    again.seen = monitor.seen.model_copy(deep=True)
    assert again.may_go_on(COLLAPSED, KEPT, finite=True)
    assert again.seen == monitor.seen
    with pytest.raises(UnhealthyError, match="not finite"):
        monitor.may_go_on(_rows(8), KEPT, finite=False)
