"""Broken and hostile files: each ends in pixels or in a sentence, in bounded memory and time."""

from __future__ import annotations

import random
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from curation.images import boxes, jpeg_markers, jxl_header, png_chunks
from curation.images.decode import Decoded, Fault, decode
from pipeline.core.schema import FaultKind
from tests.curation.pictures import encoded
from tests.curation.strange_files import examined_in_a_child, mutations
from tests.images import profiles
from tests.images.files import chunk, jpeg, picture, png, png_header, rgb
from tests.images.matrix import cases

MUTATED = (
    "JPEG, baseline", "JPEG, progressive", "JPEG, CMYK; profile press", "JPEG; EXIF 6, profile",
    "JPEG, no end mark but a trailer", "PNG, 8-bit RGB; profile Display P3",
    "PNG, 8-bit RGB; gAMA 1.0 and cHRM of P3", "PNG, 8-bit RGB; cICP PQ",
    "PNG, 16-bit RGBA, interlaced", "PNG, APNG with a hidden default",
    "PNG, 8-bit palette, some clear", "GIF, moving", "WebP, lossy, alpha", "AVIF, RGB; nclx P3",
    "JPEG XL",
)  # fmt: skip
EACH = 30
MOST_MB = 900
MOST_SECONDS = 2.0


def unpacks_to(megabytes: int, name: bytes) -> bytes:
    """A PNG with a chunk of zeros that unpacks to so many megabytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes))
    return png(rgb(), 2, chunks=[(name, b"word\0\0" + packed + packer.flush())])


def apng_on_a_large_canvas() -> bytes:
    """A hidden picture of few pixels, whose animation is declared on a canvas of 400 megapixels."""
    frame = struct.pack(">IIIIIHHBB", 0, 4, 4, 0, 0, 1, 10, 0, 0)
    pixels = zlib.compress(bytes(4 * 13))
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    parts = [
        (b"IHDR", head), (b"acTL", struct.pack(">II", 1, 0)), (b"IDAT", pixels), (b"fcTL", frame),
        (b"fdAT", struct.pack(">I", 1) + pixels), (b"IEND", b""),
    ]  # fmt: skip
    return png_header(1, 1)[:8] + b"".join(chunk(name, body) for name, body in parts)


LARGE_JXL = b"\xff\x0a" + (0b110 | 0x3FFFFFFF << 3 | 1 << 33).to_bytes(9, "little")
"""A square of a gigapixel squared: not small, 30 bits for its height, as wide as high."""

REFUSED = {
    "a line": (png_header(10_000_000, 1), "10,000,000 x 1 pixels, a side of more than 65,535"),
    "a column": (png_header(1, 65_536), "1 x 65,536 pixels, a side of more than 65,535"),
    "a canvas": (apng_on_a_large_canvas(), "400.0 megapixels, more than 200"),
    "JPEG XL": (LARGE_JXL, "megapixels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_large_is_refused_by_its_header(name: str) -> None:
    data, words = REFUSED[name]
    begin = time.process_time()
    outcome = decode(data, max_megapixels=200)
    assert time.process_time() - begin < 0.5
    assert isinstance(outcome, Fault)
    assert (outcome.reason, words in outcome.detail) == (FaultKind.UNREADABLE, True), outcome


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("missing", [0, 1, 30, 72])
def test_a_png_whose_lines_end_early_is_no_picture(missing: int, interlaced: bool) -> None:
    """A decoder takes its last lines, which are not there, for black."""
    lines = rgb()
    whole = png(lines, 2, interlaced=interlaced)
    packed = whole[whole.index(b"IDAT") + 4 : -16]
    unpacked = zlib.decompress(packed)
    short = zlib.compress(unpacked[: len(unpacked) - missing * (1 + 3 * lines.shape[1])])
    head = whole[: whole.index(b"IDAT") - 4]
    outcome = decode(head + chunk(b"IDAT", short) + chunk(b"IEND", b""), max_megapixels=200)
    assert isinstance(outcome, Decoded) == (missing == 0), outcome
    if isinstance(outcome, Fault):
        assert outcome.reason is FaultKind.UNREADABLE


def test_a_black_png_is_whole() -> None:
    outcome = decode(png(0 * rgb(), 2), max_megapixels=200)
    assert isinstance(outcome, Decoded)


def test_mutations_and_bombs_end_in_a_row_within_bounds(tmp_path: Path) -> None:
    rng = random.Random(7)
    files = cases(every=False)
    mutated = [
        broken
        for name in MUTATED
        for _ in range(-(-EACH // 7))
        for _, broken in mutations(files[name], rng)
    ]
    line = encoded(Image.fromarray(np.zeros((1, 65_535), np.uint8)), "PNG")
    bombs = [
        *(data for data, _ in REFUSED.values()), line, unpacks_to(60, b"iCCP"),
        unpacks_to(60, b"zTXt"), jpeg() + b"\xff\xda" * 500_000,
    ]  # fmt: skip
    begin = time.monotonic()
    rows, peak_mb = examined_in_a_child([*bombs, *mutated], tmp_path / "facts")
    assert time.monotonic() - begin < 120
    assert len(mutated) >= EACH * len(MUTATED) == 450
    assert peak_mb < MOST_MB
    assert [row.fault is None for row in rows[: len(bombs)]] == [False] * 4 + [True] * 4
    broken_rows = rows[len(bombs) :]
    assert all(row.fault_detail if row.fault else row.width for row in broken_rows)
    assert 0.2 < sum(row.fault is not None for row in broken_rows) / len(broken_rows) < 0.8


SEEDS = (
    png(rgb()[:3, :3], 2, chunks=[profiles.gama(1.0), profiles.chrm(profiles.SRGB)]),
    jpeg(progressive=True)[:700],
    encoded(picture(), "AVIF", speed=9)[:400],
    b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14jxlp\0\0\0\0\xff\x0a" + bytes(10),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 10_000), st.binary(max_size=12), st.integers(0, 12))
def test_no_bytes_make_a_parser_of_metadata_raise(
    seed: bytes, place: int, inserted: bytes, removed: int
) -> None:
    place %= len(seed)
    data = seed[:place] + inserted + seed[place + removed :]
    still = png_chunks.still_of(png_chunks.SIGNATURE + data[8:])
    assert still.data.startswith(png_chunks.SIGNATURE)
    assert jpeg_markers.walk(data).end <= len(data) + 1
    boxes.colours_of(data)
    jxl_header.size_of(data)
    assert isinstance(decode(data, max_megapixels=200), Decoded | Fault)
