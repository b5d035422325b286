"""Everything that is measured on one image, from one decode.

A fact says what an image is, never whether it stays: thresholds live in `select`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from curation.images import hashes, pixel_statistics
from curation.images.decode import Decoded, Fault, decode
from curation.images.overview import (
    Floats,
    block_edges,
    chroma_deviations,
    entropies,
    most_common,
    overview_of,
    sharpness,
    standard_deviations,
)
from curation.images.squares import crop_loss, place_of, resized, window
from pipeline.core.params.ingest import SMALL, Ingest
from pipeline.core.shards import Pixels
from pipeline.core.transforms import SYMMETRIES, inverse, steps


@dataclass(frozen=True)
class Facts:
    """One image's columns of the table `images`; all but ``bytes`` are None where it is faulty."""

    bytes: int
    fault: str | None = None
    fault_detail: str | None = None
    format: str | None = None
    mode: str | None = None
    width: int | None = None
    height: int | None = None
    crop_left: int | None = None
    crop_top: int | None = None
    crop_loss: float | None = None
    square: str | None = None
    pixel_digest: str | None = None
    phashes: list[int] | None = None
    featureless: bool | None = None
    whole_hash: list[int] | None = None
    luminance_std: float | None = None
    entropy: float | None = None
    sharpness: float | None = None
    sharpness_cells: list[int] | None = None
    most_common: float | None = None
    blockiness: float | None = None
    clipped: float | None = None
    chroma_std: float | None = None
    symmetry_distances: list[float] | None = None
    mean_rgb: list[float] | None = None

    def row(self) -> dict[str, Any]:
        """The columns by name."""
        return vars(self).copy()


class Sketch(NamedTuple):
    """The little of a picture from which many pictures' numbers are worked out together."""

    small: Pixels
    """The square of `SMALL` pixels."""
    thumbnail: Pixels
    """The luminance as it is hashed (32, 32)."""
    histogram: npt.NDArray[np.int64]
    """Of the luminance (256,)."""


@dataclass(frozen=True)
class Look:
    """What comes of one look at an image; `facts_of` adds what is still missing."""

    facts: Facts
    pixels: dict[int, Pixels] = field(default_factory=dict)
    """The squares of the sizes asked for; none where the image is faulty."""
    sketch: Sketch | None = None
    """None where the image is faulty."""


def examine(data: bytes, params: Ingest) -> tuple[Facts, dict[int, Pixels]]:
    """The facts of the image in ``data``, and its square pixels by size (none if it is faulty)."""
    look = look_at(data, params)
    return facts_of([look])[0], look.pixels


def look_at(data: bytes, params: Ingest) -> Look:
    """Decode the image in ``data`` and do what takes all of its pixels."""
    decoded = decode(data, max_megapixels=params.max_megapixels)
    if isinstance(decoded, Fault):
        return Look(Facts(len(data), str(decoded.reason), decoded.detail))
    luminance = overview_of(decoded.pixels)
    place = place_of(luminance, params.square)
    squares = resized(decoded.pixels, params.square, params.sizes, place)
    focus, focus_cells = sharpness(luminance)
    blockiness, clipped = block_edges(decoded.pixels)
    facts = Facts(
        bytes=len(data),
        **_shape(decoded, params, place),
        pixel_digest=pixel_digest(decoded.pixels),
        sharpness=focus,
        sharpness_cells=focus_cells,
        blockiness=blockiness,
        clipped=clipped,
    )
    sketch = Sketch(
        squares[SMALL], hashes.thumbnail(luminance), pixel_statistics.histogram(luminance)
    )
    return Look(facts, {int(size): squares[size] for size in params.sizes}, sketch)


def facts_of(looks: Sequence[Look]) -> list[Facts]:
    """All facts of each image; together, because numpy's calls cost more than these numbers."""
    columns = _columns([look.sketch for look in looks if look.sketch])
    rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return [replace(look.facts, **next(rows)) if look.sketch else look.facts for look in looks]


def _columns(sketches: Sequence[Sketch]) -> dict[str, list[Any]]:
    if not sketches:
        return {}
    smalls, thumbnails, histograms = map(np.stack, zip(*sketches, strict=True))
    blocks = hashes.low_frequencies(thumbnails)
    return {
        "phashes": hashes.phashes(blocks).tolist(),
        "featureless": hashes.are_featureless(blocks).tolist(),
        "whole_hash": hashes.long_hashes(thumbnails).tolist(),
        "luminance_std": standard_deviations(histograms).tolist(),
        "entropy": entropies(histograms).tolist(),
        "most_common": most_common(histograms).tolist(),
        "chroma_std": chroma_deviations(smalls).tolist(),
        "symmetry_distances": symmetry_distances(smalls).tolist(),
        "mean_rgb": mean_rgb(smalls).tolist(),
    }


def _shape(decoded: Decoded, params: Ingest, place: float) -> dict[str, Any]:
    width, height = decoded.size
    left, top, _ = window(width, height, place)
    loss = crop_loss(width, height, params.square)
    return {
        "format": decoded.format,
        "mode": decoded.mode,
        "width": width,
        "height": height,
        "crop_left": left if loss else None,
        "crop_top": top if loss else None,
        "crop_loss": loss,
        "square": params.square,
    }


def pixel_digest(picture: Pixels) -> str:
    """XXH3, 128 bits, of what ``picture`` (h, w, 3) shows: size and pixels, whatever the format.

    Thirty times faster than a cryptographic digest. It tells pictures apart; it vouches for
    nobody's bytes, which `image_id` does.
    """
    digest = xxhash.xxh3_128(f"{picture.shape[1]}x{picture.shape[0]}:".encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


def symmetry_distances(smalls: Pixels) -> Floats:
    """How far each of ``smalls`` (n, 64, 64, 3) is from itself under each symmetry: (n, 8).

    The mean absolute difference, 0..255.
    """
    totals = np.stack([pixel_statistics.total_differences(image, _MOVES) for image in smalls])
    distances: Floats = totals[:, _AS_FAR_AS] / smalls[0].size
    return distances


def mean_rgb(smalls: Pixels) -> Floats:
    """The mean of each channel of ``smalls`` (n, 64, 64, 3), 0..255: (n, 3)."""
    # Down the rows first, whose sums are many at once.
    columns = smalls.sum(axis=1, dtype=np.int64)
    means: Floats = columns.sum(axis=1) / (smalls.shape[1] * smalls.shape[2])
    return means


# To turn back is as far as to turn, so one of the two is measured.
_MEASURED: Final = [s for s in SYMMETRIES if SYMMETRIES.index(s) <= SYMMETRIES.index(inverse(s))]
_AS_FAR_AS: Final = [_MEASURED.index(s if s in _MEASURED else inverse(s)) for s in SYMMETRIES]
_MOVES: Final = np.array([steps(symmetry) for symmetry in _MEASURED])
