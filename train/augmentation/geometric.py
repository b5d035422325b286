"""The geometric augmentations of Karras et al. 2020 (ADA, appendix B) as one resampling.

Mirror, quarter turn, scale, rotation, stretch and shift are each done to a share of the images,
drawn anew for every image. The pixels are gathered by index, which, unlike torch's `grid_sample`,
is repeatable on a GPU and can be differentiated twice, as gradient penalties want it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import torch
from torch import Tensor

NUMBERS: Final = 13
"""Random numbers in 0..1 that one image needs: six say whether, seven how much."""
SPREAD: Final = 0.2
"""Standard deviation of the binary logarithm of scale and stretch."""
FARTHEST: Final = 0.125
"""Standard deviation of a shift, as a share of the side."""

_RAREST: Final = 1e-3
"""Share of normal numbers that is cut off at either end."""


def geometric(images: Tensor, chances: Tensor, share: Tensor) -> Tensor:
    """``images`` (n, c, s, s), each operation done to a ``share`` (a scalar) of them.

    ``chances`` is (n, `NUMBERS`). What comes in from outside is the mirrored image.
    """
    mirrored, turned, scaled, rotated, stretched, shifted = (chances[:, :6] < share).unbind(1)
    mirror, turn, scale, rotation, stretch, down, right = chances[:, 6:].unbind(1)
    flip = torch.where(mirrored & (mirror < 0.5), -1.0, 1.0)
    size = _power(scaled, scale)
    ratio = _power(stretched, stretch)
    angle = torch.where(turned, (turn * 4).floor() * (math.pi / 2), 0.0)
    angle = angle + torch.where(rotated, (2 * rotation - 1) * math.pi, 0.0)
    shift = (torch.where(shifted, FARTHEST * _normal(each), 0.0) for each in (down, right))
    return _resampled(images, angle, (size / ratio, size * ratio * flip), shift)


def _power(done: Tensor, chances: Tensor) -> Tensor:
    return torch.where(done, torch.exp2(SPREAD * _normal(chances)), 1.0)


def _normal(chances: Tensor) -> Tensor:
    normal: Tensor = torch.special.ndtri(chances.clamp(_RAREST, 1 - _RAREST))
    return normal


def _resampled(
    images: Tensor, angle: Tensor, zoom: tuple[Tensor, Tensor], shift: Iterable[Tensor]
) -> Tensor:
    """Bilinear samples of ``images`` around their middle; all but ``images`` have shape (n,)."""
    side = images.shape[-1]
    middle = (side - 1) / 2
    span = torch.arange(side, device=images.device) - middle
    y, x = (span[:, None] * zoom[0][:, None, None], span * zoom[1][:, None, None])
    cosine, sine = (function(angle)[:, None, None] for function in (torch.cos, torch.sin))
    down, right = (side * each[:, None, None] for each in shift)
    rows = _folded(y * cosine + x * sine + middle + down, side)
    columns = _folded(x * cosine - y * sine + middle + right, side)
    top, left = (each.floor().clamp(max=side - 2) for each in (rows, columns))
    below, beyond = (rows - top)[..., None], (columns - left)[..., None]
    pixels = images.permute(0, 2, 3, 1)
    which = torch.arange(len(images), device=images.device)[:, None, None]
    i, j = top.long(), left.long()
    upper = torch.lerp(pixels[which, i, j], pixels[which, i, j + 1], beyond)
    lower = torch.lerp(pixels[which, i + 1, j], pixels[which, i + 1, j + 1], beyond)
    return torch.lerp(upper, lower, below).permute(0, 3, 1, 2)


def _folded(places: Tensor, side: int) -> Tensor:
    """Places mirrored at both edges until they lie in 0..side - 1."""
    last = side - 1
    return last - (places.remainder(2 * last) - last).abs()
