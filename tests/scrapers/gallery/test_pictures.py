"""Pictures are the same bytes however they are asked for, and show what they should show."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.walls import Walls
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.catalogue.work_files import derived_size, exists
from scrapers.gallery.painters.painting.compose import paint
from scrapers.gallery.painters.painting.palettes import (
    distances,
    from_hex,
    from_oklab,
    names,
    to_oklab,
)
from scrapers.gallery.painters.painting.style import Family, design_of, style_of
from scrapers.gallery.seeded import generator
from tests.scrapers.gallery.pictures import (
    PAINTINGS,
    WATCHES,
    apart,
    decoded,
    small,
)

WALLS = Walls(1, 240, 30)
GOLDEN = Path(__file__).with_name("golden.json")


def test_pictures_are_the_bytes_that_were_agreed_on() -> None:
    served = {
        "paintings/1/240/30/0/Large": PAINTINGS.image(PAINTINGS.works[0].picture, "Large"),
        "paintings/1/240/30/11/original": PAINTINGS.image(PAINTINGS.works[11].picture, None),
        "walls/1/240/30/0/Large": WALLS.image(WALLS.works[0].picture, "Large"),
        "watches/2/360/12/0/ExtraLarge": WATCHES.image(
            WATCHES.watches[0].pictures[0], "ExtraLarge"
        ),
        "watches/2/360/12/6/Square280": WATCHES.image(WATCHES.watches[6].pictures[0], "Square280"),
    }
    digests = {name: hashlib.sha256(data or b"").hexdigest() for name, data in served.items()}
    assert digests == json.loads(GOLDEN.read_text())


def test_bytes_do_not_depend_on_what_was_asked_before() -> None:
    forwards, backwards = Paintings(4, 60, 6), Paintings(4, 60, 6)
    first_to_last = [forwards.image(w.picture, "PinterestSmall") for w in forwards.works[:9]]
    last_to_first = [backwards.image(w.picture, "PinterestSmall") for w in backwards.works[8::-1]]
    assert first_to_last == last_to_first[::-1]
    assert len(set(first_to_last)) > 6


def test_watches_do_not_depend_on_what_was_asked_before() -> None:
    forwards, backwards = Watches(4, 60, 6), Watches(4, 60, 6)
    watches = forwards.watches[:5]
    first_to_last = [forwards.image(p, "Square140") for w in watches for p in w.pictures]
    last_to_first = [
        backwards.image(p, "Square140") for w in watches[::-1] for p in w.pictures[::-1]
    ]
    assert first_to_last == last_to_first[::-1]


def test_a_derivative_exists_where_the_site_would_have_it_and_has_its_size() -> None:
    ordinary = [w.picture for w in PAINTINGS.works if not w.picture.defects]
    with_large = next(p for p in ordinary if exists((p.width, p.height), "Large"))
    without = next(p for p in ordinary if not exists((p.width, p.height), "Large"))
    assert PAINTINGS.image(without, "Large") is None
    assert PAINTINGS.image(with_large, "Square") is None
    size = with_large.width, with_large.height
    original = decoded(PAINTINGS.image(with_large, None))
    large = decoded(PAINTINGS.image(with_large, "Large"))
    assert original.size == size
    assert large.size == derived_size(size, "Large")
    assert apart(original, large) < 1


def test_squares_of_a_watch_are_its_middle() -> None:
    picture = next(
        p for w in WATCHES.watches for p in w.pictures if (p.width, p.height) == (640, 800)
    )
    whole = decoded(WATCHES.image(picture, "ExtraLarge"))
    square = decoded(WATCHES.image(picture, "Square480"))
    assert square.size == (480, 480)
    assert apart(square, whole.crop((0, 80, 640, 720))) < 1.5
    assert WATCHES.image(picture, "Square481") is None
    assert WATCHES.image(picture, "Huge") is None


def _painted(family: Family, seed: int) -> NDArray[np.float64]:
    """(48, 48, 3) glance at one work of the family."""
    design = replace(design_of(seed, seed, style_of(seed, seed)), family=family)
    return small(paint(design, (420, 420), generator(seed, "test")))


def _variation(family: Family) -> tuple[float, float]:
    """Mean change from column to column and from row to row over some works."""
    works = [_painted(family, seed) for seed in range(6)]
    across = float(np.mean([np.abs(np.diff(w, axis=1)).mean() for w in works]))
    down = float(np.mean([np.abs(np.diff(w, axis=0)).mean() for w in works]))
    return across, down


def test_stripes_and_zips_change_across_and_fields_change_downwards() -> None:
    across, down = _variation(Family.ZIP)
    assert across > 3 * down
    across, down = _variation(Family.FIELDS)
    assert down > 1.3 * across
    across, down = _variation(Family.STRIPES)
    assert across > 2 * down


def test_targets_and_squares_have_a_middle_unlike_their_rim() -> None:
    for family in (Family.CIRCLES, Family.SQUARES):
        works = [_painted(family, seed) for seed in range(8)]
        unlike = [
            np.abs(w[20:28, 20:28].mean((0, 1)) - w[:, :3].mean((0, 1))).mean() for w in works
        ]
        assert np.median(unlike) > 15


def test_chevrons_and_unfurled_works_are_nearly_symmetric() -> None:
    works = [_painted(Family.UNFURLED, seed) for seed in range(6)]
    mirrored = np.mean([np.abs(w - w[:, ::-1]).mean() for w in works])
    turned = np.mean([np.abs(w - w[::-1]).mean() for w in works])
    assert mirrored < turned


def test_poured_works_leave_canvas_bare_and_monochromes_hold_one_colour() -> None:
    for family in (Family.VEIL, Family.UNFURLED):
        rim = np.mean([_painted(family, seed)[:2].mean() for seed in range(6)])
        assert rim > 150
    spread = {f: np.mean([_painted(f, s).std((0, 1)).mean() for s in range(6)]) for f in Family}
    assert min(spread, key=lambda f: spread[f]) in (Family.MONOCHROME, Family.ZIP)
    assert spread[Family.MONOCHROME] < 0.5 * spread[Family.GRID]


def test_works_of_one_artist_are_nearer_to_one_another_than_to_others() -> None:
    palettes = [to_oklab(style_of(1, artist).palette).mean(axis=0) for artist in range(30)]
    works = [
        [to_oklab(design_of(1, 40 * a + k, style_of(1, a)).colours).mean(axis=0) for k in range(4)]
        for a in range(30)
    ]
    own = np.mean([np.linalg.norm(w - palettes[a]) for a, ws in enumerate(works) for w in ws])
    foreign = np.mean(
        [np.linalg.norm(w - palettes[(a + 7) % 30]) for a, ws in enumerate(works) for w in ws]
    )
    assert own < 0.4 * foreign


def test_colours_survive_the_way_to_oklab_and_back() -> None:
    colours = from_hex("000000 ffffff 123456 fedcba ff0000")
    np.testing.assert_allclose(from_oklab(to_oklab(colours)), colours, atol=1e-3)
    assert distances(colours)[0, 1] == pytest.approx(1.0, abs=1e-3)
    assert names(from_hex("e01020 202080 f8f0d8")) == ["Red", "Ultramarine", "Cream"]


def test_first_pictures_show_a_whole_watch_in_the_middle() -> None:
    shown = [w for w in WATCHES.watches if set(w.pictures[0].defects) <= {"watermark"}][:8]
    for watch in shown:
        picture = decoded(WATCHES.image(watch.pictures[0], "ExtraLarge"))
        pixels = small(picture, 40)
        sides = np.concatenate([pixels[:, :2], pixels[:, -2:]], axis=1)
        middle = pixels[14:26, 14:26]
        assert middle.std() > 1.2 * sides.std(axis=(0, 1)).mean(), "cloth has folds, too"


def test_a_golden_case_is_golden() -> None:
    gold = next(
        w
        for w in WATCHES.watches
        if w.case_material == "Yellow gold"
        and w.bracelet == "Yellow gold"
        and not set(w.pictures[0].defects) - {"watermark"}
    )
    picture = decoded(WATCHES.image(gold.pictures[0], "ExtraLarge"))
    hues = np.asarray(picture.resize((64, 64), Image.Resampling.BOX).convert("HSV"))
    golden = (hues[..., 0] > 20) & (hues[..., 0] < 40) & (hues[..., 1] > 80)
    assert golden.mean() > 0.1
