"""HEIC, which no browser shows, and what is said where a package for a format is missing."""

from __future__ import annotations

import importlib.util

import pytest

from curation.images.decode import Decoded, Fault, decode
from curation.images.optional_formats import OPTIONAL_FORMATS, prepare, versions
from pipeline.core.params.ingest import Ingest
from pipeline.core.schema import FaultKind
from pipeline.core.shards import Pixels
from pipeline.stages.ingest import Shard
from tests.curation.pictures import encoded
from tests.images import profiles
from tests.images.files import exif, nclx, picture, png, rgb
from tests.images.likeness import likeness

HEIC, JXL = OPTIONAL_FORMATS
P3 = profiles.rgb_profile(profiles.DISPLAY_P3, profiles.srgb_curve)


def pixels_of(data: bytes) -> Pixels:
    outcome = decode(data, max_megapixels=10)
    assert isinstance(outcome, Decoded), outcome
    return outcome.pixels


def heic(**options: object) -> bytes:
    assert prepare(HEIC)
    return encoded(picture(), "HEIF", quality=98, chroma=444, **options)


def test_a_heic_shows_the_picture_in_the_colours_it_states() -> None:
    plain = pixels_of(png(rgb(), 2))
    wide = pixels_of(png(rgb(), 2, chunks=[profiles.cicp(12, 13)]))
    assert likeness(pixels_of(heic()), plain)
    assert likeness(pixels_of(heic(icc_profile=P3)), wide)
    assert likeness(pixels_of(nclx(heic(), 12, 13)), wide)
    assert not likeness(plain, wide)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_heic_is_turned_once(orientation: int) -> None:
    turned = pixels_of(encoded(picture(), "PNG", exif=exif(orientation)))
    assert likeness(pixels_of(heic(exif=exif(orientation))), turned)


def test_a_heic_that_ends_early_is_unreadable() -> None:
    data = heic()
    outcome = decode(data[: len(data) * 2 // 3], max_megapixels=10)
    assert isinstance(outcome, Fault)
    assert outcome.reason is FaultKind.UNREADABLE


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (heic(), "HEIC, for which Salon needs an extra: pip install 'salon[heic]'"),
        (
            b"\xff\x0a" + bytes(30),
            "JPEG XL, for which Salon needs an extra: pip install 'salon[jxl]'",
        ),
    ],
)
def test_a_missing_package_is_named(
    data: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert decode(data, max_megapixels=10) == Fault(FaultKind.UNREADABLE, words)


def test_images_are_decoded_anew_once_a_package_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert None not in versions()

    def key() -> str:
        return Shard("2026-05-01", "2026-05-01-00000", (), Ingest()).key

    with_both = key()
    monkeypatch.setattr("pipeline.stages.ingest.optional_versions", lambda: [None, None])
    assert key() != with_both
