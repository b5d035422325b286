"""Salon's pixels of each file beside those that a real Chromium draws, on one page."""

from __future__ import annotations

import re

import pytest

from curation.images.decode import Decoded, decode
from pipeline.core.shards import Pixels
from tests.images.chromium import drawings
from tests.images.likeness import likeness
from tests.images.matrix import DIFFERENCES, cases


def pixels_of(data: bytes) -> Pixels | None:
    outcome = decode(data, max_megapixels=10)
    return outcome.pixels if isinstance(outcome, Decoded) else None


@pytest.fixture(scope="module")
def pairs(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, tuple[Pixels | None, Pixels | None]]:
    """By file: what Salon decodes, and what Chromium draws."""
    files = cases(every=False)
    by_chromium = drawings(files, tmp_path_factory.mktemp("page"))
    return {name: (pixels_of(data), by_chromium[name]) for name, data in files.items()}


def test_what_chromium_draws_is_what_salon_decodes(
    pairs: dict[str, tuple[Pixels | None, Pixels | None]],
) -> None:
    known = re.compile("|".join(f"(?:{pattern})" for pattern in DIFFERENCES))
    unlike = {}
    for name, (ours, theirs) in pairs.items():
        if ours is None or theirs is None:
            if (ours is None) != (theirs is None):
                unlike[name] = "drawn by Chromium alone" if ours is None else "by Salon alone"
        elif not likeness(ours, theirs):
            unlike[name] = str(likeness(ours, theirs))
    assert {name: how for name, how in unlike.items() if not known.fullmatch(name)} == {}
    assert sum(theirs is not None for _, theirs in pairs.values()) > 560


def test_each_description_matters_so_that_the_comparison_can_fail(
    pairs: dict[str, tuple[Pixels | None, Pixels | None]],
) -> None:
    plain = pairs["PNG, 8-bit RGB"][1]
    assert plain is not None
    for name in (
        "cICP P3",
        "cICP PQ",
        "gAMA 1.0",
        "profile linear sRGB",
        "gAMA 0.45455 and cHRM of P3",
    ):
        described = pairs[f"PNG, 8-bit RGB; {name}"][1]
        assert described is not None
        assert not likeness(described, plain), name
