"""A drawing surface in the watch's own coordinates.

The middle of the case is (0, 0), its radius 1, y points down to six o'clock. Everything is drawn
at twice the size of the photograph and reduced once at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from scrapers.gallery.painters.watch.look import RGB, Shot

SCALE = 2
"""Pixels drawn for a pixel of the photograph, in each direction."""

Point = tuple[float, float]
Colour = RGB | tuple[int, int, int, int]
"""The fourth number, where there is one, is opacity."""


def polar(angle: float, radius: float) -> Point:
    """A point by its angle in turns, clockwise from twelve o'clock."""
    return radius * math.sin(math.tau * angle), -radius * math.cos(math.tau * angle)


class Sheet:
    """The picture being drawn, with the watch's place, size and rotation on it."""

    def __init__(self, ground: Image.Image, shot: Shot) -> None:
        """Draw on ``ground``, an RGB image at `SCALE` times the size of the photograph."""
        self.image = ground
        self.unit = shot.radius * shot.size[0] * SCALE
        self._draw = ImageDraw.Draw(ground, "RGBA")
        self._centre = (shot.centre[0] * ground.width, shot.centre[1] * ground.height)
        self.farthest = math.hypot(ground.width, ground.height) * 0.55 / self.unit
        """No point of the picture is farther from the middle of the watch."""
        self._turn = shot.turn
        self._cosine, self._sine = math.cos(shot.turn), math.sin(shot.turn)

    def at(self, point: Point) -> Point:
        """Pixel coordinates of a point of the watch."""
        x, y = point[0] * self.unit, point[1] * self.unit
        return (
            self._centre[0] + x * self._cosine - y * self._sine,
            self._centre[1] + x * self._sine + y * self._cosine,
        )

    def polygon(self, points: Iterable[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self._draw.polygon([self.at(p) for p in points], fill=colour)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle that turns with the watch."""
        self.polygon(((left, top), (right, top), (right, bottom), (left, bottom)), colour)

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        """Fill a circle."""
        x, y = self.at(centre)
        reach = radius * self.unit
        self._draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)

    def bar(self, angle: float, inner: float, outer: float, width: float, colour: Colour) -> None:
        """Fill a radial bar, as an index or a hand is one."""
        half = width / 2
        corners = ((-half, -inner), (half, -inner), (half, -outer), (-half, -outer))
        self.polygon(turned(corners, angle), colour)

    def text(
        self, words: str, centre: Point, height: float, colour: RGB, angle: float = 0.0
    ) -> None:
        """Write ``words`` around ``centre`` with letters ``height`` tall, turned by ``angle``."""
        pixels = round(height * self.unit)
        if pixels < 4 or not words:
            return
        letters = _letters(words, pixels)
        degrees = -math.degrees(self._turn) - 360.0 * angle
        if abs(degrees) > 0.05:
            letters = letters.rotate(degrees, Image.Resampling.BILINEAR, expand=True)
        x, y = self.at(centre)
        self.image.paste(
            colour, (round(x - letters.width / 2), round(y - letters.height / 2)), letters
        )

    def text_width(self, words: str, height: float) -> float:
        """Width of ``words`` in units of the watch."""
        return _letters(words, 40).width / 40 * height

    def texture(self, texture: Image.Image, outline: Sequence[Point], reach: float) -> None:
        """Fill ``outline`` with a picture that spans ``reach`` to all sides of the middle."""
        side = max(2, round(2 * reach * self.unit))
        x, y = self.at((0.0, 0.0))
        left, top = round(x - side / 2), round(y - side / 2)
        mask = Image.new("L", (side, side))
        points = [self.at(p) for p in outline]
        ImageDraw.Draw(mask).polygon([(px - left, py - top) for px, py in points], fill=255)
        self.image.paste(texture.resize((side, side), Image.Resampling.BILINEAR), (left, top), mask)


def turned(points: Iterable[Point], angle: float) -> list[Point]:
    """``points`` turned about the middle by ``angle`` turns, clockwise."""
    cosine, sine = math.cos(math.tau * angle), math.sin(math.tau * angle)
    return [(x * cosine - y * sine, x * sine + y * cosine) for x, y in points]


@lru_cache(maxsize=256)
def _letters(words: str, pixels: int) -> Image.Image:
    """Mask of ``words`` with capitals about ``pixels`` tall."""
    font = ImageFont.load_default(pixels / 0.72)
    left, top, right, bottom = (round(v) for v in font.getbbox(words))
    mask = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(mask).text((1 - left, 1 - top), words, fill=255, font=font)
    return mask
