from __future__ import annotations

import random
import resource
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from curation.images.decode import Decoded, Fault, decode
from curation.images.facts import examine
from pipeline.core.params.ingest import Ingest
from pipeline.core.schema import FaultKind
from tests.curation.pictures import composition, encoded
from tests.curation.strange_files import (
    examined_in_a_child,
    moving_files,
    mutations,
    picture,
    still_files,
)
from tests.images.files import png_header

PARAMS = Ingest(sizes=(64, 256))


def fault_of(data: bytes) -> Fault:
    fault = decode(data, max_megapixels=200)
    assert isinstance(fault, Fault), "it was decoded"
    return fault


@pytest.mark.parametrize("name", [*still_files(), *moving_files()])
def test_every_format_and_mode_shows_the_one_picture(name: str) -> None:
    facts, pixels = examine((still_files() | moving_files())[name], PARAMS)
    assert facts.fault is None, facts
    seen = pixels[64].astype(float)
    expected = examine(encoded(picture("RGB"), "PNG"), PARAMS)[1][64].astype(float)
    if name.split()[-1] in {"L", "LA", "I;16", "I"}:
        expected = (expected @ [0.299, 0.587, 0.114])[..., None]
    # Dithering and few colours are seen from afar only.
    afar = (4, 16, 4, 16, 3)
    difference = (seen - expected).reshape(afar).mean(axis=(1, 3))
    if name.endswith(" 1"):
        difference = difference @ [[0.299], [0.587], [0.114]]
    assert np.abs(difference).max() < 14


@pytest.mark.parametrize("name", still_files())
@pytest.mark.parametrize("share", [0.03, 0.4, 0.8, 0.95])
def test_a_file_that_ends_early_is_unreadable(name: str, share: float) -> None:
    data = still_files()[name]
    fault = fault_of(data[: int(len(data) * share)])
    assert fault.reason is FaultKind.UNREADABLE
    assert fault.detail


def test_a_torn_file_is_found_out_also_where_it_is_decoded_at_a_smaller_scale() -> None:
    large = composition(1, (300, 250)).resize((4300, 4200))
    data = encoded(large, "JPEG")
    whole = decode(data, max_megapixels=200)
    assert isinstance(whole, Decoded)
    assert (whole.size, whole.pixels.shape) == ((4300, 4200), (2100, 2150, 3))
    for share in (0.5, 0.9, 0.99):
        assert "truncated" in fault_of(data[: int(len(data) * share)]).detail


def test_accidents_end_in_pixels_or_in_a_reason_without_a_word_on_the_terminal(
    tmp_path: Path,
) -> None:
    rng = random.Random(11)
    named = [
        (f"{name}: {kind}", mutated)
        for name, data in (still_files() | moving_files()).items()
        for kind, mutated in mutations(data, rng)
    ]
    files = [data for _, data in named]
    facts, peak_mb = examined_in_a_child(files, tmp_path / "facts")
    assert len(facts) == len(named) > 300
    for (name, _), row in zip(named, facts, strict=True):
        if row.fault is None:
            assert row.width, name
            assert len(row.phashes or ()) == 8, name
        else:
            assert row.fault == FaultKind.UNREADABLE, (name, row)
            assert row.fault_detail, name
    share = sum(row.fault is not None for row in facts) / len(facts)
    assert 0.2 < share < 0.8, "some accidents matter and some do not"
    assert peak_mb < 1500
    # glibc then fills memory before it hands it out: no fact may show what lay there before.
    again, _ = examined_in_a_child(files, tmp_path / "again", MALLOC_PERTURB_="170")
    assert again == facts


def jpeg_with_height(height: int) -> bytes:
    data = encoded(picture("RGB"), "JPEG")
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", height, 65_000) + data[place + 4 :]


def test_absurd_headers_and_bombs_are_refused_by_their_numbers() -> None:
    gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\0;"
    for header in (png_header(2**31 - 1, 2**31 - 1), png_header(20_000, 20_000), gif,
                   jpeg_with_height(65_000), b"P6 99999 99999 255\n"):  # fmt: skip
        fault = fault_of(header)
        assert (fault.reason, "megapixels" in fault.detail) == (FaultKind.UNREADABLE, True), fault


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = encoded(picture("RGB"), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    fault = fault_of(data[:-2] + data[scan:-2] * 200 + data[-2:])
    assert "scans, more than 100" in fault.detail


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<!-- a -->" * 5000 + b"<table>", "text"),
        (b"<!--" * 5000, "text"),
        (b"<!-- a -->" * 5000 + b"<html>", "HTML"),
        (b"[" * 200_000, "text"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html/>', "HTML"),
    ],
)
def test_text_made_to_trip_a_parser_is_named_and_nothing_else_happens(
    data: bytes, kind: str
) -> None:
    assert fault_of(data) == Fault(FaultKind.NOT_AN_IMAGE, kind)


def test_broken_exif_data_beside_a_whole_picture_is_ignored() -> None:
    data = encoded(picture("RGB"), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\0\x09noise")
    assert examine(data, PARAMS)[0].width == picture("RGB").width


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_a_turned_picture_is_as_wide_as_it_is_seen(file_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    facts, _ = examine(encoded(picture("RGB"), file_format, exif=exif), PARAMS)
    assert (facts.width, facts.height) == (72, 96)


def test_a_file_that_asks_for_absurd_memory_is_at_fault_and_a_full_machine_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hungry(_self: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", hungry)
    data = encoded(picture("RGB"), "PNG")
    assert fault_of(data).detail == "asks for more memory than its pixels need"
    limits = resource.getrlimit(resource.RLIMIT_AS)
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    # More than what other tests of this process may have freed and the allocator kept.
    large = encoded(Image.new("L", (12000, 12000)), "PNG")
    try:
        resource.setrlimit(resource.RLIMIT_AS, (in_use + 2**27, limits[1]))
        with pytest.raises(MemoryError):
            decode(large, max_megapixels=200)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
