"""Every planted defect is what it says it is, in the bytes that are served."""

from __future__ import annotations

import io
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageOps

from scrapers.gallery.catalogue.paintings import COUNTS as PAINTING_COUNTS
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.seeded_catalogue import REFERENCE_SIZE
from scrapers.gallery.catalogue.watches import COUNTS as WATCH_COUNTS
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.defects import damage
from scrapers.gallery.defects.copy_defects import COPIES, crop_box
from scrapers.gallery.items import Defect, Picture
from tests.scrapers.gallery.pictures import (
    PAINTINGS,
    WATCHES,
    apart,
    decoded,
    paintings_with,
    small,
    watches_with,
)

ALIKE = [
    Defect.RE_ENCODED,
    Defect.RESCALED,
    Defect.LIGHT_CROP,
    Defect.MIRRORED,
    Defect.THUMBNAIL,
    Defect.BLURRED,
    Defect.QUARTER_TURNED,
    Defect.MARKED_COPY,
]
"""Copies that a glance takes for their originals, once they are turned back."""


def test_a_default_gallery_holds_every_defect_as_often_as_planned() -> None:
    planted = Counter(d for w in PAINTINGS.works for d in w.picture.defects)
    assert planted == {d: n * 240 / REFERENCE_SIZE for d, n in PAINTING_COUNTS.items()}
    counts = Counter(d for w in WATCHES.watches for d in w.pictures[0].defects)
    assert counts.pop(Defect.WATERMARK) / 360 == pytest.approx(0.55, abs=0.05)
    assert counts == {d: int(n * 360 / REFERENCE_SIZE + 0.5) for d, n in WATCH_COUNTS.items()}


def test_a_picture_has_one_defect_besides_the_mark() -> None:
    for work in PAINTINGS.works:
        assert len(work.picture.defects) <= 1
    for watch in WATCHES.watches:
        assert len(set(watch.pictures[0].defects) - {Defect.WATERMARK}) <= 1
        for picture in watch.pictures[1:]:
            assert set(picture.defects) <= {Defect.WATERMARK}


def test_a_copy_names_a_faultless_original_of_the_same_creator() -> None:
    works = {w.picture.key: w for w in PAINTINGS.works}
    copies = [w for w in works.values() if w.picture.original]
    assert len(copies) == sum(PAINTING_COUNTS[d] for d in COPIES)
    for copy in copies:
        original = works[str(copy.picture.original)]
        assert original.picture.defects == ()
        assert (original.artist, original.year_text) == (copy.artist, copy.year_text)
        assert original.id != copy.id
    watches = {w.pictures[0].key: w for w in WATCHES.watches}
    for watch in watches.values():
        if watch.pictures[0].original:
            shown = watches[watch.pictures[0].original]
            assert shown.reference == watch.reference
            assert set(shown.pictures[0].defects) <= {Defect.WATERMARK}


def test_a_lonely_item_cannot_be_a_copy() -> None:
    lonely = Paintings(seed=5, works=60, creators=60)
    assert not any(w.picture.original for w in lonely.works)
    assert any(w.picture.defects for w in lonely.works)


@pytest.mark.parametrize("variant", [None, "Large", "PinterestSmall"])
def test_exact_copies_of_paintings_are_the_same_bytes(variant: str | None) -> None:
    for copy in paintings_with(Defect.EXACT_COPY)[:3]:
        assert PAINTINGS.image(copy, variant) == PAINTINGS.image(_original(copy), variant)


def test_exact_copies_of_watches_are_the_same_bytes_mark_included() -> None:
    copies = watches_with(Defect.EXACT_COPY)
    assert {Defect.WATERMARK in c.defects for c in copies} == {True, False}
    for copy in copies[:4]:
        original = WATCHES.picture(str(copy.original))
        assert original is not None
        assert (Defect.WATERMARK in copy.defects) == (Defect.WATERMARK in original.defects)
        assert WATCHES.image(copy, "ExtraLarge") == WATCHES.image(original, "ExtraLarge")


@pytest.mark.parametrize("defect", ALIKE)
def test_other_copies_of_paintings_look_the_same_in_other_bytes(defect: Defect) -> None:
    for copy in paintings_with(defect)[:3]:
        served = PAINTINGS.image(copy, None)
        assert served != PAINTINGS.image(_original(copy), None)
        picture, original = (
            decoded(served),
            decoded(PAINTINGS.image(_original(copy), None)),
        )
        assert picture.size == (copy.width, copy.height)
        picture = _turned_back(picture, original, defect)
        if defect is Defect.LIGHT_CROP:
            original = _window(original, picture)
        assert apart(picture, original) < (4.0 if defect is Defect.THUMBNAIL else 2.5)


@pytest.mark.parametrize("defect", ALIKE)
def test_other_copies_of_watches_look_the_same_but_for_the_mark(defect: Defect) -> None:
    for copy in watches_with(defect)[:3]:
        original = WATCHES.picture(str(copy.original))
        assert original is not None
        picture = decoded(WATCHES.image(copy, "ExtraLarge"))
        other = decoded(WATCHES.image(original, "ExtraLarge"))
        picture = _turned_back(picture, other, defect)
        if defect is Defect.LIGHT_CROP:
            other = _window(other, picture)
        assert apart(picture, other) < 3.5


def test_changed_copies_are_changed_as_far_as_they_say() -> None:
    for defect, least, most in (
        (Defect.TONED, 4.0, 60.0),
        (Defect.TILTED, 1.0, 25.0),
        (Defect.BORDERED, 2.0, 60.0),
    ):
        for copy in paintings_with(defect):
            served = decoded(PAINTINGS.image(copy, None))
            original = decoded(PAINTINGS.image(_original(copy), None))
            assert served.size == (copy.width, copy.height)
            assert least < apart(served, original) < most
    for copy in paintings_with(Defect.THUMBNAIL) + watches_with(Defect.THUMBNAIL):
        assert 145 < min(copy.width, copy.height) < 225
    for copy in paintings_with(Defect.BORDERED):
        served, inner = decoded(PAINTINGS.image(copy, None)), _original(copy)
        margin = (copy.width - inner.width) // 2
        assert np.asarray(served)[: margin - 4].min() > 235
        assert apart(ImageOps.crop(served, margin), decoded(PAINTINGS.image(inner, None))) < 1.5


def test_a_colourway_is_a_work_of_its_own_in_the_same_composition() -> None:
    for colourway in paintings_with(Defect.COLOURWAY):
        assert colourway.original is None
        picture = decoded(PAINTINGS.image(colourway, None))
        assert picture.size == (colourway.width, colourway.height)
    shots = {
        p.key: small(decoded(WATCHES.image(p, "ExtraLarge")))
        for w in WATCHES.watches
        if not set((p := w.pictures[0]).defects) - {Defect.WATERMARK, Defect.COLOURWAY}
    }
    for colourway in watches_with(Defect.COLOURWAY):
        others = {key: shot for key, shot in shots.items() if key != colourway.key}
        nearest = min(others.values(), key=lambda shot: np.abs(shot - shots[colourway.key]).mean())
        difference = np.abs(nearest - shots[colourway.key]).max(axis=2)
        assert np.median(difference) < 3, "the same photograph"
        assert (difference > 20).mean() > 0.03, "of another dial"


def test_no_two_colourways_of_one_watch_have_the_same_dial() -> None:
    gallery = Watches(3, 240, 2, counts={Defect.COLOURWAY: 120})
    families: list[list[str]] = [[]]
    for brand in gallery.creators:
        for watch in gallery.watches_of(brand.slug):  # each before the watch that it is made after
            families[-1].append(watch.dial)
            if Defect.COLOURWAY not in watch.pictures[0].defects:
                families.append([])
        families.append([])
    several = [dials for dials in families if 3 <= len(dials) <= 5]
    assert len(several) >= 20
    assert all(len(set(dials)) == len(dials) for dials in several)


def test_copies_are_smaller_as_far_as_they_say() -> None:
    for copy in paintings_with(Defect.RESCALED):
        share = copy.width / _original(copy).width
        assert 0.49 < share < 0.81
        assert copy.height / _original(copy).height == pytest.approx(share, abs=0.01)
    for copy in paintings_with(Defect.LIGHT_CROP):
        assert 0.955 < copy.width / _original(copy).width < 0.985
        assert 0.955 < copy.height / _original(copy).height < 0.985
    re_encoded = paintings_with(Defect.RE_ENCODED)[0]
    best, worse = (
        PAINTINGS.image(_original(re_encoded), None),
        PAINTINGS.image(re_encoded, None),
    )
    assert best is not None
    assert worse is not None
    assert len(worse) < 0.6 * len(best)


def test_strips_are_narrow_in_every_size_but_not_tiny() -> None:
    for picture in paintings_with(Defect.TALL_STRIP) + watches_with(Defect.TALL_STRIP):
        aspect = max(picture.width, picture.height) / min(picture.width, picture.height)
        assert 2.5 < aspect < 5
    for picture in paintings_with(Defect.TALL_STRIP):
        assert min(decoded(PAINTINGS.image(picture, "Large")).size) >= 140
    ordinary = [w.picture for w in PAINTINGS.works if not w.picture.defects]
    assert all(0.59 < p.width / p.height < 1.71 for p in ordinary)


def test_blanks_are_one_colour_and_all_different() -> None:
    blanks = [decoded(PAINTINGS.image(p, None)) for p in paintings_with(Defect.BLANK)]
    blanks += [decoded(WATCHES.image(p, "ExtraLarge")) for p in watches_with(Defect.BLANK)]
    for blank in blanks:
        assert np.asarray(blank.convert("L")).std() < 2
    assert len({blank.tobytes() for blank in blanks}) == len(blanks)


def test_faultless_paintings_are_not_blank() -> None:
    ordinary = [w.picture for w in PAINTINGS.works if not w.picture.defects][:24]
    for picture in ordinary:
        assert small(decoded(PAINTINGS.image(picture, "PinterestSmall"))).std() > 4


@pytest.mark.parametrize("variant", [None, "PinterestSmall"])
def test_truncated_files_start_as_pictures_and_break_off(variant: str | None) -> None:
    for picture in paintings_with(Defect.TRUNCATED):
        _assert_torn(PAINTINGS.image(picture, variant))
    for picture in watches_with(Defect.TRUNCATED)[:2]:
        _assert_torn(WATCHES.image(picture, "ExtraLarge"))


def _assert_torn(data: bytes | None) -> None:
    assert data is not None
    assert data.startswith(b"\xff\xd8\xff")
    picture = Image.open(io.BytesIO(data))
    with pytest.raises(OSError, match="truncated"):
        picture.load()


def test_html_stands_where_a_picture_was_asked_for() -> None:
    for data in (
        PAINTINGS.image(paintings_with(Defect.HTML_PAGE)[0], None),
        WATCHES.image(watches_with(Defect.HTML_PAGE)[0], "ExtraLarge"),
    ):
        assert data is not None
        assert data.startswith(b"<!DOCTYPE html>")


def test_tiny_pictures_are_tiny() -> None:
    for picture in paintings_with(Defect.TINY) + watches_with(Defect.TINY):
        assert min(picture.width, picture.height) < 100
    tiny = paintings_with(Defect.TINY)[0]
    assert decoded(PAINTINGS.image(tiny, None)).size == (tiny.width, tiny.height)
    assert PAINTINGS.image(tiny, "Large") is None


def test_missing_pictures_are_missing_in_every_size() -> None:
    for picture in paintings_with(Defect.MISSING) + paintings_with(Defect.PLACEHOLDER):
        assert PAINTINGS.image(picture, None) is None
        assert PAINTINGS.image(picture, "PinterestSmall") is None
    for picture in watches_with(Defect.MISSING):
        assert WATCHES.image(picture, "ExtraLarge") is None
        assert WATCHES.image(picture, "Square280") is None


def test_the_stand_in_of_the_watches_is_one_file_for_all() -> None:
    files = {WATCHES.image(p, "ExtraLarge") for p in watches_with(Defect.PLACEHOLDER)}
    assert len(watches_with(Defect.PLACEHOLDER)) >= 5
    assert len(files) == 1
    assert decoded(files.pop()).size == (640, 640)


def test_a_crop_box_lies_inside_the_picture() -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        left, top, right, bottom = crop_box((600, 400), rng)
        assert 0 <= left < right <= 600
        assert 0 <= top < bottom <= 400


def _turned_back(picture: Image.Image, original: Image.Image, defect: Defect) -> Image.Image:
    if defect is Defect.MIRRORED:
        return ImageOps.mirror(picture)
    if defect is Defect.QUARTER_TURNED:
        ways = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
        return min(
            (picture.transpose(way) for way in ways), key=lambda turned: apart(turned, original)
        )
    return picture


def _window(original: Image.Image, part: Image.Image) -> Image.Image:
    """The part of ``original``, as large as ``part``, that resembles it most."""
    room = (original.width - part.width, original.height - part.height)
    offsets = [(x, y) for x in range(room[0] + 1) for y in range(room[1] + 1)]
    whole = np.asarray(original.convert("L"), dtype=np.int16)
    expected = np.asarray(part.convert("L"), dtype=np.int16)[::9, ::9]

    def unlike(offset: tuple[int, int]) -> float:
        x, y = offset
        seen = whole[y : y + part.height : 9, x : x + part.width : 9]
        return float(np.abs(seen - expected).mean())

    x, y = min(offsets, key=unlike)
    return original.crop((x, y, x + part.width, y + part.height))


def _original(copy: Picture) -> Picture:
    original = PAINTINGS.picture(str(copy.original))
    assert original is not None
    return original


def test_one_picture_is_encoded_alike_while_others_encode_it_otherwise() -> None:
    picture = Image.effect_noise((32, 32), 60).convert("RGB")
    alone = {quality: damage.encoded(picture, quality) for quality in (40, 90)}
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads meet where they seldom do
    try:
        with ThreadPoolExecutor(8) as pool:
            expected = [40, 90] * 1_000
            made = pool.map(lambda quality: damage.encoded(picture, quality), expected)
            assert all(
                encoded == alone[quality] for encoded, quality in zip(made, expected, strict=True)
            )
    finally:
        sys.setswitchinterval(interval)
