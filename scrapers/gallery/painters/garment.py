"""Garments as shops photograph them: a silhouette on a light ground, plain or patterned."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from scrapers.gallery.seeded import pick

RGB = tuple[int, int, int]
Points = tuple[tuple[float, float], ...]
KINDS = ("coats", "dresses", "shirts", "trousers")
_SCALE = 2
_HALVES: dict[str, Points] = {
    # The right half of each outline, from the neck down: share of half the width, of the height.
    "coats": ((0.12, 0.08), (0.42, 0.13), (0.62, 0.55), (0.48, 0.57), (0.4, 0.35), (0.46, 0.92)),
    "dresses": ((0.1, 0.1), (0.26, 0.08), (0.3, 0.2), (0.2, 0.4), (0.55, 0.9), (0.3, 0.93)),
    "shirts": ((0.12, 0.14), (0.44, 0.2), (0.68, 0.44), (0.54, 0.52), (0.4, 0.38), (0.42, 0.84)),
    "trousers": ((0.05, 0.08), (0.32, 0.08), (0.36, 0.3), (0.4, 0.93), (0.18, 0.93), (0.02, 0.36)),
}
_CLOTHS: tuple[RGB, ...] = (
    (32, 34, 44), (150, 32, 44), (196, 174, 140), (60, 92, 70), (84, 104, 150), (224, 216, 204),
    (120, 88, 66), (216, 150, 150), (90, 90, 94), (230, 190, 60),
)  # fmt: skip


def garment(
    kind: str, back: bool, size: tuple[int, int], design: np.random.Generator
) -> Image.Image:
    """The garment from the front or the back; the same ``design`` is the same garment."""
    tone = int(design.integers(232, 253))
    cloth, other = pick(design, _CLOTHS), pick(design, _CLOTHS)
    half = [(a + design.normal(0, 0.02), b) for a, b in _HALVES[kind]]
    mask = Image.new("L", (size[0] * _SCALE, size[1] * _SCALE))
    ImageDraw.Draw(mask).polygon(_mirrored(half, mask.size), fill=255)
    sheet = Image.new("RGB", size, (tone, tone, tone - 2))
    sheet.paste(_weave(size, cloth, other, design), (0, 0), mask.reduce(_SCALE))
    _details(ImageDraw.Draw(sheet), kind, back, _mirrored(half, size), design)
    return sheet


def _mirrored(half: list[tuple[float, float]], size: tuple[int, int]) -> list[tuple[float, float]]:
    right = [(size[0] * (0.5 + a / 2), size[1] * b) for a, b in half]
    left = [(size[0] * (0.5 - a / 2), size[1] * b) for a, b in half[::-1]]
    return right + left


def _weave(
    size: tuple[int, int], cloth: RGB, other: RGB, design: np.random.Generator
) -> Image.Image:
    """A length of cloth: plain, striped across or down, or checked; lit from the left."""
    width, height = size
    across, down = np.arange(width)[None, :, None], np.arange(height)[:, None, None]
    pitch, kind = int(design.integers(7, 30)), int(design.integers(4))
    stripes = {0: across < 0, 1: across % pitch < pitch // 3, 2: down % pitch < pitch // 3}
    second = stripes.get(kind, (across % pitch < pitch // 2) ^ (down % pitch < pitch // 2))
    colours = np.where(second, np.array(other, np.float32), np.array(cloth, np.float32))
    light = np.float32(1.06) - np.float32(0.14) * (across / width).astype(np.float32)
    pixels = np.broadcast_to(np.clip(colours * light, 0, 255), (height, width, 3))
    return Image.fromarray(pixels.astype(np.uint8), "RGB")


def _details(
    draw: ImageDraw.ImageDraw,
    kind: str,
    back: bool,
    outline: list[tuple[float, float]],
    design: np.random.Generator,
) -> None:
    """A row of buttons at the front, a seam at the back."""
    middle = (outline[0][0] + outline[-1][0]) / 2
    top, bottom = outline[0][1] * 1.2, max(y for _, y in outline) * 0.9
    colour = pick(design, _CLOTHS)
    if back or kind in {"dresses", "trousers"}:
        draw.line([(middle, top), (middle, bottom * (0.95 if back else 0.5))], fill=colour, width=2)
        return
    for y in np.linspace(top, bottom, int(design.integers(3, 8))):
        draw.ellipse((middle - 4, y - 4, middle + 4, y + 4), fill=colour)
