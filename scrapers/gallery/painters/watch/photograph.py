"""From a look and a shot to a photograph: ground, shadow, watch, glass, camera."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from scrapers.gallery.painters.watch import case, dial, hands, strap
from scrapers.gallery.painters.watch.look import Look, Shot
from scrapers.gallery.painters.watch.sheet import SCALE, Sheet

_COARSE = 8
"""The ground is laid at an eighth of the photograph's size: it has no edges."""


def photograph(look: Look, shot: Shot, rng: np.random.Generator) -> Image.Image:
    """The photograph of a watch with that ``look``, RGB, ``shot.size`` pixels."""
    sheet = Sheet(_ground(look, shot, rng), shot)
    strap.draw(sheet, look)
    case.draw(sheet, look, shot)
    dial.draw(sheet, look, shot)
    hands.draw(sheet, look, shot)
    _glass(sheet, look, shot)
    picture = sheet.image.reduce(SCALE)
    if shot.soft:
        picture = picture.filter(ImageFilter.SMOOTH)
    return _exposed(picture, rng)


def _ground(look: Look, shot: Shot, rng: np.random.Generator) -> Image.Image:
    """What the watch lies on, with its soft shadow, at the size of the drawing."""
    width, height = (max(2, side // _COARSE) for side in shot.size)
    run = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None, None]
    above, below = (np.asarray(colour, dtype=np.float32) for colour in shot.ground)
    paper = (above + (below - above) * run) * np.ones((1, width, 1), dtype=np.float32)
    dark = 1.0 - shot.shadow * np.asarray(_shadow(look, shot, (width, height)))[..., None] / 255.0
    if shot.textured:
        paper = paper * _folds((width, height), rng)[..., None]
    coarse = Image.fromarray((paper * dark).clip(0, 255).astype(np.uint8), "RGB")
    full = (shot.size[0] * SCALE, shot.size[1] * SCALE)
    return coarse.resize(full, Image.Resampling.BILINEAR)


def _folds(size: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """How light cloth, wood or leather is here and there, around 1: (height, width).

    Noise of several sizes, each half as strong as the next larger, drawn out along the grain.
    """
    width, height = size
    drawn_out = np.array([np.exp(rng.uniform(0, 1.6)), 1.0])[:: int(rng.choice([1, -1]))]
    light = np.ones((height, width), np.float32)
    for octave, strength in ((2, 0.16), (4, 0.1), (8, 0.07), (16, 0.05)):
        across, down = (max(1, round(octave / stretch)) + 1 for stretch in drawn_out)
        knots = Image.fromarray(rng.normal(0, strength, (down, across)).astype(np.float32))
        light += np.asarray(knots.resize((width, height), Image.Resampling.BICUBIC))
    return light.clip(0.3, 1.8)


def _shadow(look: Look, shot: Shot, size: tuple[int, int]) -> Image.Image:
    """Mask of the shadow, thrown away from the light."""
    width, height = size
    radius = shot.radius * width
    shift = (-np.cos(shot.light) * 0.1 * radius, -np.sin(shot.light) * 0.1 * radius)
    x, y = shot.centre[0] * width + shift[0], shot.centre[1] * height + shift[1]
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    draw.polygon(
        [(x + radius * px, y + radius * py) for px, py in case.outline(look.shape, 1.06)], fill=255
    )
    half, lean = radius * 0.62, np.tan(shot.turn) * height
    draw.polygon(
        ((x - half + lean, y - height), (x + half + lean, y - height),
         (x + half - lean, y + height), (x - half - lean, y + height)),
        fill=230,
    )  # fmt: skip
    return mask.filter(ImageFilter.GaussianBlur(radius * 0.09))


def _glass(sheet: Sheet, look: Look, shot: Shot) -> None:
    """A pale reflection across one side of the crystal."""
    reach = case.DIAL_REACH[look.bezel]
    side = 1.0 if np.cos(shot.light) > 0 else -1.0
    rim = [p for p in case.outline(look.shape, reach) if side * p[0] - p[1] * 0.8 > 0.55 * reach]
    if len(rim) > 2:
        sheet.polygon(rim, (255, 255, 255, 16 + round(26 * shot.shadow)))


def _exposed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Exposure and white balance as the seller left them."""
    gain = rng.uniform(0.93, 1.03) * (1.0 + rng.normal(0, 0.008, 3))
    tables = [np.clip(np.arange(256) * g, 0, 255).astype(np.uint8) for g in gain]
    return picture.point(np.concatenate(tables).tolist())
