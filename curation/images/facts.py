"""Everything that is measured on one image, from one decode.

A fact says what an image is, never whether it stays: thresholds live in `select`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import xxhash

from curation.images import hashes
from curation.images.decode import Decoded, Fault, decode
from curation.images.overview import (
    entropy,
    histogram_of,
    overview_of,
    sharpness,
    standard_deviation,
)
from curation.images.squares import crop_loss, place_of, resized, window
from pipeline.core.params.ingest import SMALL, Ingest
from pipeline.core.shards import Pixels
from pipeline.core.symmetries import SYMMETRIES, Symmetry, apply, inverse

VERSION: Final = 3
"""Raise it whenever an image would get other facts or other pixels than before."""


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
    pixel_digest: str | None = None
    phashes: list[int] | None = None
    featureless: bool | None = None
    luminance_std: float | None = None
    entropy: float | None = None
    sharpness: float | None = None
    symmetry_distances: list[float] | None = None
    mean_rgb: list[float] | None = None

    def row(self) -> dict[str, Any]:
        """The columns by name."""
        return asdict(self)


def examine(data: bytes, params: Ingest) -> tuple[Facts, dict[int, Pixels]]:
    """The facts of the image in ``data``, and its square pixels by size (none if it is faulty)."""
    decoded = decode(data, max_megapixels=params.max_megapixels)
    if isinstance(decoded, Fault):
        return Facts(len(data), str(decoded.reason), decoded.detail), {}
    picture = np.asarray(decoded.image)
    luminance = overview_of(picture)
    place = place_of(luminance, params.square)
    pixels = resized(picture, params.square, (SMALL, *params.sizes), place)
    facts = Facts(
        bytes=len(data),
        **_shape(decoded, params, place),
        pixel_digest=pixel_digest(picture),
        **_measures(luminance),
        symmetry_distances=symmetry_distances(pixels[SMALL]),
        mean_rgb=pixels[SMALL].reshape(-1, 3).mean(axis=0).tolist(),
    )
    return facts, {size: pixels[size] for size in params.sizes}


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
    }


def _measures(luminance: Pixels) -> dict[str, Any]:
    histogram = histogram_of(luminance)
    block = hashes.low_frequencies(luminance)
    return {
        "phashes": hashes.phashes(block).tolist(),
        "featureless": hashes.is_featureless(block),
        "luminance_std": standard_deviation(histogram),
        "entropy": entropy(histogram),
        "sharpness": sharpness(luminance),
    }


def pixel_digest(picture: Pixels) -> str:
    """XXH3, 128 bits, of what ``picture`` (h, w, 3) shows: size and pixels, whatever the format.

    Thirty times faster than a cryptographic digest. It tells pictures apart; it vouches for
    nobody's bytes, which `image_id` does.
    """
    digest = xxhash.xxh3_128(f"{picture.shape[1]}x{picture.shape[0]}:".encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


def symmetry_distances(small: Pixels) -> list[float]:
    """Mean absolute difference (0..255) between ``small`` and itself under each symmetry."""
    pixels = small.astype(np.int16)
    distances: dict[Symmetry, float] = {Symmetry.IDENTITY: 0.0}
    for symmetry in SYMMETRIES:
        if symmetry in distances:
            continue
        difference = pixels - apply(symmetry, pixels)
        distance = int(np.abs(difference, out=difference).sum(dtype=np.int64)) / pixels.size
        # To turn back is as far as to turn.
        distances[symmetry] = distances[inverse(symmetry)] = distance
    return [distances[symmetry] for symmetry in SYMMETRIES]
