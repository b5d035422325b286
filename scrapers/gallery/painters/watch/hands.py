"""Hands, their shadows on the dial, and the pin that holds them."""

from __future__ import annotations

from scrapers.gallery.painters.watch import metal
from scrapers.gallery.painters.watch.case import DIAL_REACH
from scrapers.gallery.painters.watch.dial import ink_of
from scrapers.gallery.painters.watch.look import Bezel, Hands, Look, Shape, Shot
from scrapers.gallery.painters.watch.sheet import Point, Sheet, turned

_OUTLINES: dict[Hands, tuple[Point, ...]] = {
    # (half width, length) along one side, in shares of the greatest width and of the length.
    Hands.BATON: ((0.8, -0.14), (0.8, 0.95), (0.0, 1.0)),
    Hands.DAUPHINE: ((0.25, -0.16), (1.3, 0.16), (0.0, 1.0)),
    Hands.SWORD: ((0.5, -0.16), (0.5, 0.2), (1.25, 0.72), (0.0, 1.0)),
    Hands.LEAF: ((0.3, -0.16), (0.5, 0.05), (1.1, 0.4), (0.6, 0.75), (0.0, 1.0)),
}
_SHADOW: Point = (0.018, 0.026)


def draw(sheet: Sheet, look: Look, shot: Shot) -> None:
    """Hour, minute and second hand at the time of the shot."""
    reach = DIAL_REACH[look.bezel] * (0.8 if look.shape is Shape.TANK else 1.0)
    minutes = shot.time % 1.0
    seconds = shot.time * 60 % 1.0
    _hand(sheet, look, shot.time / 12, 0.56 * reach, 0.052)
    _hand(sheet, look, minutes, 0.86 * reach, 0.04)
    if look.subdials != 1:
        _second(sheet, look, seconds, reach)
    sheet.disc((0.0, 0.0), 0.045, metal.tone(_finish(look), 0.3))
    sheet.disc((0.0, 0.0), 0.034, metal.tone(_finish(look), 0.85))


def _finish(look: Look) -> str:
    return look.metal if look.metal in ("gold", "rose") else "steel"


def _hand(sheet: Sheet, look: Look, angle: float, length: float, width: float) -> None:
    right = [(x * width, -y * length) for x, y in _OUTLINES[look.hands]]
    left = [(-x, y) for x, y in reversed(right)]
    whole, half = turned(right + left, angle), turned([*right, (0.0, right[0][1])], angle)
    sheet.polygon([(x + _SHADOW[0], y + _SHADOW[1]) for x, y in whole], (0, 0, 0, 70))
    bright_dial = metal.luminance(look.dial_colour) > 170
    light, dark = (0.42, 0.14) if bright_dial and _finish(look) == "steel" else (0.96, 0.45)
    sheet.polygon(whole, metal.tone(_finish(look), light))
    sheet.polygon(half, metal.tone(_finish(look), dark))
    if look.bezel is Bezel.DIVER or look.hands is Hands.SWORD:
        sheet.bar(angle, length * 0.3, length * 0.82, width * 0.95, (234, 240, 224))


def _second(sheet: Sheet, look: Look, angle: float, reach: float) -> None:
    red = look.bezel is Bezel.TACHYMETER or look.hands is Hands.SWORD
    colour = (204, 40, 34) if red else ink_of(look)
    sheet.bar(angle, -0.2 * reach, 0.9 * reach, 0.016, colour)
    sheet.bar(angle, -0.22 * reach, -0.1 * reach, 0.04, colour)
