"""`select.min_colour_std` between scans of one colour and works with hardly anything on them."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.params.select import Select
from tests.benches.blank import SIDE, saved, spread_of, works

WORKS = dict(works())


@pytest.mark.parametrize("name", WORKS)
def test_a_work_with_little_on_it_is_not_blank(name: str) -> None:
    """Outlines as Bob Law's, lines as Agnes Martin's, and fields that differ in hue alone."""
    assert spread_of(WORKS[name]) >= (Select().min_colour_std or 0.0)


@pytest.mark.parametrize("ground", [(250, 250, 246), (24, 40, 130)])
def test_a_noisy_scan_of_one_colour_is_blank(ground: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(1).normal(0, 5, (SIDE, SIDE, 3))
    assert spread_of(saved(np.array(ground) + noise)) < (Select().min_colour_std or 0.0)
