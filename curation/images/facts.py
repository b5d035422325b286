"""Everything that is measured on one image, from one decode.

A fact says what an image is, never whether it stays: thresholds live in `select`.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from curation.images import hashes
from curation.images.decode import Decoded, Fault, decode
from curation.images.squares import crop_loss, resized
from pipeline.core.params.ingest import SMALL, Ingest
from pipeline.core.shards import Pixels
from pipeline.core.symmetries import SYMMETRIES, apply

VERSION: Final = 2
"""Raise it whenever an image would get other facts or other pixels than before."""

_BAND_ROWS: Final = 32
"""Rows measured at a time, so that what is in hand stays in the processor's cache."""


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
    crop_loss: float | None = None
    pixel_sha256: str | None = None
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
    pixels = resized(decoded.image, params.square, params.sizes)
    return _measure(decoded, len(data), pixels[SMALL], params), pixels


def _measure(decoded: Decoded, size: int, small: Pixels, params: Ingest) -> Facts:
    image = decoded.image
    luminance = image.convert("L")
    histogram = np.asarray(luminance.histogram())
    block = hashes.low_frequencies(luminance)
    return Facts(
        bytes=size,
        format=decoded.format,
        mode=decoded.mode,
        width=image.width,
        height=image.height,
        crop_loss=crop_loss(image.width, image.height, params.square),
        pixel_sha256=pixel_sha256(image),
        phashes=hashes.phashes(block).tolist(),
        featureless=hashes.is_featureless(block),
        luminance_std=standard_deviation(histogram),
        entropy=entropy(histogram),
        sharpness=sharpness(np.asarray(luminance)),
        symmetry_distances=symmetry_distances(small),
        mean_rgb=small.mean(axis=(0, 1)).tolist(),
    )


def pixel_sha256(image: Image.Image) -> str:
    """The sha256 of what an RGB image shows: its size and its pixels, whatever the file format."""
    digest = hashlib.sha256(f"{image.width}x{image.height}:".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()


def standard_deviation(histogram: npt.NDArray[np.int64]) -> float:
    """Of the grey levels (0..255) that ``histogram`` (256,) counts."""
    levels = np.arange(256)
    mean = float(levels @ histogram) / histogram.sum()
    return float(np.sqrt((levels - mean) ** 2 @ histogram / histogram.sum()))


def entropy(histogram: npt.NDArray[np.int64]) -> float:
    """Shannon's, of the grey levels that ``histogram`` (256,) counts, in bits (0..8)."""
    shares = histogram[histogram > 0] / histogram.sum()
    return float(np.abs(shares @ np.log2(shares)))


def sharpness(luminance: Pixels) -> float:
    """Variance of the Laplacian of ``luminance`` (height, width); 0 where it has no inside.

    The focus measure LAPV of Pertuz, Puig and Garcia (Pattern Recognition 46, 2013), with the
    four-neighbour Laplacian.
    """
    if min(luminance.shape) < 3:
        return 0.0
    total = squares = count = 0
    for top in range(0, len(luminance) - 2, _BAND_ROWS):
        grey = luminance[top : top + _BAND_ROWS + 2].astype(np.int16)
        laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
        laplacian -= 4 * grey[1:-1, 1:-1]
        # Whole numbers, so exact however they are added up. (A dot product would be BLAS's, whose
        # threads wait for each other far longer than a band takes.)
        total += int(laplacian.sum(dtype=np.int64))
        squares += int(np.square(laplacian, dtype=np.int32).sum(dtype=np.int64))
        count += laplacian.size
    return squares / count - (total / count) ** 2


def symmetry_distances(small: Pixels) -> list[float]:
    """Mean absolute difference (0..255) between ``small`` and itself under each symmetry."""
    pixels = small.astype(np.int16)
    return [float(np.abs(pixels - apply(symmetry, pixels)).mean()) for symmetry in SYMMETRIES]
