from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xxhash
from PIL import Image

from curation.images.facts import Facts, examine, facts_of, look_at, symmetry_distances
from curation.images.overview import chroma_deviations, overview_of, sharpness
from curation.images.pixel_shards import VERSION
from pipeline.core.params.ingest import Ingest
from pipeline.core.transforms import SYMMETRIES, Symmetry, apply
from tests.curation.pictures import composition, encoded

HALVES = np.zeros((40, 60, 3), np.uint8)
HALVES[:, 30:] = 200


def test_the_facts_of_a_picture_that_can_be_worked_out_by_hand() -> None:
    data = encoded(Image.fromarray(HALVES), "PNG")
    facts, pixels = examine(data, Ingest(sizes=(64, 256)))
    assert (facts.fault, facts.format, facts.mode) == (None, "PNG", "RGB")
    assert (facts.width, facts.height, facts.bytes) == (60, 40, len(data))
    assert facts.crop_loss == pytest.approx(1 / 3)
    assert facts.luminance_std == pytest.approx(100)
    assert facts.entropy == pytest.approx(1)
    # In each of the 38 inner rows of 58 pixels one Laplacian is 200 and one is -200.
    assert facts.sharpness == pytest.approx(2 * 200**2 / 58)
    assert facts.pixel_digest == xxhash.xxh3_128_hexdigest(b"60x40:" + HALVES.tobytes())
    assert (facts.crop_left, facts.crop_top) == (10, 0)
    assert {size: image.shape for size, image in pixels.items()} == {
        64: (64, 64, 3),
        256: (256, 256, 3),
    }


def test_symmetry_distances_of_two_halves() -> None:
    small = np.zeros((64, 64, 3), np.uint8)
    small[:, 32:] = 200
    by_name = dict(zip(SYMMETRIES, symmetry_distances(small[None])[0].tolist(), strict=True))
    assert by_name == {
        Symmetry.IDENTITY: 0.0,
        Symmetry.FLIP_TOP_BOTTOM: 0.0,
        Symmetry.FLIP_LEFT_RIGHT: 200.0,
        Symmetry.ROT180: 200.0,
        Symmetry.ROT90: 100.0,
        Symmetry.ROT270: 100.0,
        Symmetry.TRANSPOSE: 100.0,
        Symmetry.TRANSVERSE: 100.0,
    }


def test_symmetry_distances_are_those_to_the_moved_picture() -> None:
    smalls = np.random.default_rng(7).integers(0, 256, (2, 64, 64, 3), np.uint8)
    expected = [
        [np.abs(apply(symmetry, small).astype(int) - small).mean() for symmetry in SYMMETRIES]
        for small in smalls
    ]
    np.testing.assert_allclose(symmetry_distances(smalls), expected, rtol=1e-12)


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    luminance = np.random.default_rng(4).integers(0, 256, (101, 37), np.uint8)
    grey = luminance.astype(float)
    whole = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    whole -= 4 * grey[1:-1, 1:-1]
    variance, cells = sharpness(luminance)
    assert variance == pytest.approx(whole.var(), rel=1e-12)
    squares = np.pad(whole**2, 1)
    rows, columns = (np.arange(size) * 8 // size for size in grey.shape)
    sums = np.zeros((8, 8))
    np.add.at(sums, (rows[:, None], columns[None, :]), squares)
    assert cells == np.rint(16 * np.sqrt(sums / (grey.size / 64))).astype(int).ravel().tolist()
    assert sharpness(luminance[:2]) == (0.0, [0] * 64)


def test_what_varies_in_hue_alone_has_a_spread_of_hue() -> None:
    halves = np.full((64, 64, 3), (90, 90, 90), np.uint8)
    assert chroma_deviations(halves[None]).tolist() == [0.0]
    halves[:, 32:] = (120, 80, 60)
    # red - green is 0 or 40, and (red + green) / 2 - blue is 0 or 40: each deviates by 20.
    assert chroma_deviations(halves[None]) == pytest.approx([20 * 2**0.5])


def test_the_overview_averages_the_luminance_that_pillow_sees() -> None:
    picture = np.random.default_rng(5).integers(0, 256, (512, 768, 3), np.uint8)
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    np.testing.assert_array_equal(overview_of(picture[:200]), grey[:200], "small ones as they are")
    blocks = grey.reshape(256, 2, 384, 2).astype(float).mean(axis=(1, 3))
    np.testing.assert_array_equal(overview_of(picture), np.floor(blocks + 0.5))


@pytest.mark.parametrize("size", [(300, 301), (900, 700), (256, 1000)])
def test_pixels_of_the_overview_may_be_unevenly_wide(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(6).integers(0, 256, (*size, 3), np.uint8)
    grey = np.asarray(Image.fromarray(picture).convert("L")).astype(float)
    overview = overview_of(picture)
    assert min(overview.shape) == 256
    tops, lefts = (
        np.floor(np.arange(new) * old / new + 0.5).astype(int)
        for old, new in zip(size, overview.shape, strict=True)
    )
    sums = np.add.reduceat(np.add.reduceat(grey, tops, axis=0), lefts, axis=1)
    areas = np.outer(np.diff(tops, append=size[0]), np.diff(lefts, append=size[1]))
    np.testing.assert_allclose(overview, sums / areas, atol=0.5001)


def test_facts_do_not_depend_on_which_images_are_looked_at_together() -> None:
    files = [encoded(composition(seed), "JPEG") for seed in range(5)]
    files.insert(2, b"<html></html>")
    params = Ingest(sizes=(64, 256))
    together = facts_of([look_at(data, params) for data in files])
    assert together == [examine(data, params)[0] for data in files]
    assert facts_of([]) == []


def test_pixels_are_one_whatever_the_file() -> None:
    image = composition(3)
    digests = {
        examine(encoded(image, file_format, **options), Ingest())[0].pixel_digest
        for file_format, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("BMP", {}))
    }
    assert len(digests) == 1
    turned = image.transpose(Image.Transpose.ROTATE_90)
    assert examine(encoded(turned, "PNG"), Ingest())[0].pixel_digest not in digests


def test_a_faulty_file_has_no_facts_but_its_size() -> None:
    facts, pixels = examine(b"<html>gone</html>", Ingest())
    assert pixels == {}
    assert {name: value for name, value in facts.row().items() if value is not None} == {
        "bytes": 17,
        "fault": "not_an_image",
        "fault_detail": "HTML",
    }


def test_one_picture_in_pixels_only() -> None:
    facts, _ = examine(encoded(Image.new("L", (1, 1), 7), "PNG"), Ingest())
    assert (facts.fault, facts.luminance_std, facts.entropy, facts.sharpness) == (None, 0, 0, 0)
    assert facts.featureless is True


def test_blocks_and_clipped_tones_are_measured() -> None:
    def facts_of(picture: Image.Image, quality: int) -> Facts:
        return examine(encoded(picture, "JPEG", quality=quality), Ingest())[0]

    picture = composition(7, (320, 240))
    fine, coarse, again = (
        facts_of(picture, 95),
        facts_of(picture, 15),
        facts_of(Image.open(io.BytesIO(encoded(picture, "JPEG", quality=15))), 95),
    )
    assert (coarse.blockiness or 0) > 1.1 * (fine.blockiness or 9)
    assert again.blockiness == pytest.approx(coarse.blockiness, rel=0.05), "blocks stay"
    bright = facts_of(picture.point(lambda level: min(255, 2 * level)), 95)
    assert (bright.clipped or 0) > (fine.clipped or 0) + 0.1
    white = facts_of(Image.new("RGB", (64, 64), "white"), 95)
    assert (white.clipped, white.most_common, white.blockiness) == (1.0, 1.0, 1.0)


GOLDEN = Path(__file__).with_name("golden_facts.json")


def quilt(seed: int, size: tuple[int, int]) -> Image.Image:
    """Patches of whole-number colours, the same on every machine."""
    patches = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.NEAREST)


def golden_table() -> dict[str, Any]:
    files = {
        "landscape": encoded(quilt(1, (200, 120)), "PNG"),
        "portrait, palette": encoded(quilt(2, (90, 160)).quantize(16), "PNG"),
        "grey": encoded(quilt(3, (64, 64)).convert("L"), "BMP"),
        "HTML": b"<html></html>",
    }
    table: dict[str, Any] = {"version": VERSION}
    for name, data in files.items():
        facts, pixels = examine(data, Ingest(sizes=(64, 256)))
        row = {key: _rounded(value) for key, value in facts.row().items() if key != "bytes"}
        digests = {str(size): hashlib.sha256(p.tobytes()).hexdigest() for size, p in pixels.items()}
        table[name] = {**row, "pixels": digests}
    return table


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def test_facts_and_pixels_change_only_together_with_their_version() -> None:
    """Finished shards are found again by `VERSION`: whoever changes a fact must raise it.

    Then write the new table: ``python -m tests.curation.test_facts``.
    """
    assert golden_table() == json.loads(GOLDEN.read_text())


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(golden_table(), indent=1) + "\n")
