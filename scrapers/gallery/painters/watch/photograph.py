"""From a look to a photograph: shot, ground, shadow, watch, glass, camera, and the site's mark."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from scrapers.gallery.painters.watch import case, dial, strap
from scrapers.gallery.painters.watch.look import RGB, Shot, WatchLook
from scrapers.gallery.painters.watch.sheet import SCALE, Sheet
from scrapers.gallery.seeded import pick

_PAPERS: tuple[tuple[RGB, RGB], ...] = (
    ((255, 255, 255), (255, 255, 255)), ((252, 252, 252), (238, 238, 240)),
    ((246, 246, 246), (222, 223, 226)), ((232, 233, 236), (250, 250, 250)),
    ((218, 220, 224), (188, 190, 196)), ((244, 240, 233), (226, 219, 208)),
)  # fmt: skip
_CLOTHS: tuple[tuple[RGB, RGB], ...] = (
    ((48, 49, 54), (26, 27, 30)), ((34, 44, 66), (22, 28, 44)), ((92, 34, 40), (62, 20, 28)),
    ((40, 66, 54), (24, 42, 34)), ((150, 126, 98), (112, 90, 66)), ((120, 128, 138), (84, 92, 102)),
)  # fmt: skip
ON_CLOTH = 0.18
"""Share of the photographs that are taken on cloth, wood or leather."""
_CATALOGUE_TIME = 10.0 + 9.0 / 60.0


def shot_of(
    rng: np.random.Generator, size: tuple[int, int], position: int, share_on_cloth: float = ON_CLOTH
) -> Shot:
    """The photograph at ``position`` of a listing: first the whole watch, then closer looks."""
    on_cloth = rng.random() < share_on_cloth
    close = 1.0 if position == 0 else rng.uniform(0.9, 1.7)
    posed = rng.random() < 0.65
    return Shot(
        size=size,
        radius=rng.uniform(0.265, 0.355) * close,
        centre=(0.5 + rng.normal(0, 0.018), 0.5 + rng.normal(0, 0.018)),
        turn=float(np.radians(rng.normal(0, 3.5 if position == 0 else 14.0))),
        time=_CATALOGUE_TIME + rng.normal(0, 0.03) if posed else rng.uniform(0, 12),
        ground=pick(rng, _CLOTHS if on_cloth else _PAPERS),
        light=rng.uniform(-2.6, -0.5),
        shadow=rng.uniform(0.25, 0.6),
        soft=bool(rng.random() < 0.3),
        textured=bool(on_cloth),
    )


_COARSE = 8
"""The ground is laid at an eighth of the photograph's size: it has no edges."""


def photograph(look: WatchLook, shot: Shot, rng: np.random.Generator) -> Image.Image:
    """The photograph of a watch with that ``look``, RGB, ``shot.size`` pixels."""
    sheet = Sheet(_ground(look, shot, rng), shot)
    strap.draw(sheet, look)
    case.draw(sheet, look, shot)
    dial.draw(sheet, look, shot)
    dial.draw_hands(sheet, look, shot)
    _glass(sheet, look, shot)
    picture = sheet.image.reduce(SCALE)
    if shot.soft:
        picture = picture.filter(ImageFilter.SMOOTH)
    return _exposed(picture, rng)


def _ground(look: WatchLook, shot: Shot, rng: np.random.Generator) -> Image.Image:
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


def _shadow(look: WatchLook, shot: Shot, size: tuple[int, int]) -> Image.Image:
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


def _glass(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
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


TEXT = "chronotime24"
OPACITY = 0.35
_WIDTH = 0.46
"""Share of the picture's width that the word takes."""
_CENTRE = (0.5, 0.66)
_LETTER_SIZE = 200


def marked(picture: Image.Image) -> Image.Image:
    """``picture`` with the mark at its place, in proportion to the size served."""
    mark = _overlay(picture.size)
    left = round(picture.width * _CENTRE[0] - mark.width / 2)
    top = round(picture.height * _CENTRE[1] - mark.height / 2)
    served = picture.copy()
    served.paste(mark, (left, top), mark.getchannel("A"))
    return served


@lru_cache(maxsize=8)
def _overlay(size: tuple[int, int]) -> Image.Image:
    """The mark alone, RGBA: white letters with a thin dark edge."""
    font = ImageFont.load_default(_LETTER_SIZE)
    left, top, right, bottom = font.getbbox(TEXT)
    edge = _LETTER_SIZE // 12
    letters = Image.new("L", (round(right - left) + 2 * edge, round(bottom - top) + 2 * edge))
    ImageDraw.Draw(letters).text((edge - left, edge - top), TEXT, fill=255, font=font)
    grown = letters.filter(ImageFilter.GaussianBlur(edge / 2.2)).point(lambda v: min(255, v * 3))
    mark = Image.merge("RGBA", (letters, letters, letters, grown.point(lambda v: v * OPACITY)))
    width = max(1, round(size[0] * _WIDTH))
    height = max(1, round(mark.height * width / mark.width))
    return mark.resize((width, height), Image.Resampling.LANCZOS)
