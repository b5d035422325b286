"""The site's mark: one overlay, at one place in proportion, on some of the watches only."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from scrapers.gallery.items import Defect
from scrapers.gallery.painters.watch.photograph import marked
from tests.scrapers.gallery.pictures import PAINTINGS, WATCHES, decoded


def _change(size: tuple[int, int], tone: int) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    plain = Image.new("RGB", size, (tone, tone, tone))
    return np.asarray(marked(plain).convert("L"), np.int16) - tone


def test_the_mark_covers_a_small_part_low_in_the_middle() -> None:
    touched = _change((640, 640), 90) != 0
    rows, columns = np.nonzero(touched)
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) / 640**2
    assert 0.02 < box < 0.05
    assert 0.5 < rows.mean() / 640 < 0.8
    assert columns.mean() / 640 == pytest.approx(0.5, abs=0.02)


def test_the_mark_lightens_dark_ground_and_its_edge_darkens_light_ground() -> None:
    assert 60 < _change((640, 640), 20).max() < 100
    assert _change((640, 640), 250).min() < -30
    assert _change((640, 640), 250).max() <= 5


def test_the_mark_stands_at_the_same_place_in_proportion() -> None:
    large, little = _change((640, 800), 90) != 0, _change((320, 400), 90) != 0
    small = np.asarray(Image.fromarray(large).resize((320, 400)))
    assert (small & little).sum() / (small | little).sum() > 0.6


def test_marking_leaves_the_picture_itself_alone() -> None:
    plain = Image.new("RGB", (640, 640), (90, 90, 90))
    marked(plain)
    assert plain.getextrema() == ((90, 90),) * 3


def test_marked_pictures_are_brighter_where_the_mark_is_and_others_are_not() -> None:
    mask = _change((640, 640), 20) > 40
    near = np.roll(mask, 6, axis=0) & ~(_change((640, 640), 20) > 0)
    ordinary = [
        w.pictures[0]
        for w in WATCHES.watches
        if (w.pictures[0].width, w.pictures[0].height) == (640, 640)
        and not set(w.pictures[0].defects) - {Defect.WATERMARK}
    ]

    def lift(*, with_mark: bool) -> float:
        chosen = [p for p in ordinary if (Defect.WATERMARK in p.defects) == with_mark][:12]
        pictures = [
            np.asarray(decoded(WATCHES.image(p, "ExtraLarge")).convert("L")) for p in chosen
        ]
        return float(np.mean([p[mask].mean() - p[near].mean() for p in pictures]))

    assert lift(with_mark=True) > lift(with_mark=False) + 12


def test_paintings_carry_no_mark() -> None:
    assert not any(Defect.WATERMARK in w.picture.defects for w in PAINTINGS.works)
