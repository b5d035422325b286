"""Bracelets and straps, above and below the case, out of the picture at both ends."""

from __future__ import annotations

import math

from scrapers.gallery.painters.watch.look import CaseShape, Strap, WatchLook
from scrapers.gallery.painters.watch.metal import mixed, tone
from scrapers.gallery.painters.watch.sheet import Sheet

_END = 3.2
"""Length of one half of a strap."""
_COLUMNS = {Strap.THREE_LINK: (0.27, 0.46, 0.27), Strap.FIVE_LINK: (0.22, 0.18, 0.2, 0.18, 0.22)}
_PITCH = {Strap.THREE_LINK: 0.2, Strap.FIVE_LINK: 0.13}


def draw(sheet: Sheet, look: WatchLook) -> None:
    """Both halves of the strap; the case is drawn over their ends."""
    end = min(_END, sheet.farthest)
    for side in (-1, 1):
        if look.strap in _COLUMNS:
            _links(sheet, look, side, end)
        else:
            _band(sheet, look, side)


def _half_width(look: WatchLook, place: float) -> float:
    """Half the width of the strap at a distance from the middle: it tapers."""
    start = 0.62 if look.shape is CaseShape.TANK else 0.56
    if look.strap is Strap.NATO:
        return start - 0.03
    return start - 0.06 * min(1.0, max(0.0, place - 0.8))


def _links(sheet: Sheet, look: WatchLook, side: int, end: float) -> None:
    pitch = _PITCH[look.strap]
    for row in range(math.ceil((end - 0.7) / pitch) + 1):
        start = 0.7 + row * pitch
        fade = 1.0 - 0.16 * (start - 0.7)
        half = _half_width(look, start)
        left = -half
        for column, share in enumerate(_COLUMNS[look.strap]):
            width = 2 * half * share
            offset = 0.5 * pitch if column % 2 else 0.0
            _link(sheet, look, (left, side * (start - offset)), (width, side * pitch), fade, column)
            left += width


def _link(
    sheet: Sheet,
    look: WatchLook,
    corner: tuple[float, float],
    size: tuple[float, float],
    fade: float,
    column: int,
) -> None:
    """One link: a dark gap around it and a rounded face, lit along its middle."""
    (left, start), (width, length) = corner, size
    polish = 0.14 if column % 2 else 0.0
    sheet.box(left, start, left + width, start + length, tone(look.metal, 0.08))
    steps = 4
    for step in range(steps):
        across = (step + 0.5) / steps
        light = 0.34 + polish + 0.34 * math.sin(math.pi * across) ** 1.5 - 0.06 * across
        sheet.box(
            left + width * (0.03 + 0.94 * step / steps),
            start + length * 0.05,
            left + width * (0.03 + 0.94 * (step + 1) / steps),
            start + length * 0.95,
            tone(look.metal, light * fade),
        )
    bright = tone(look.metal, (0.8 + polish) * fade)
    sheet.box(
        left + width * 0.08,
        start + length * 0.2,
        left + width * 0.92,
        start + length * 0.34,
        (*bright, 90),
    )


def _band(sheet: Sheet, look: WatchLook, side: int) -> None:
    """Leather, rubber or cloth: rounded across, with its own seams."""
    steps = 21
    near, far = _half_width(look, 0.6), _half_width(look, _END)
    for step in range(steps):
        low, high = step / steps * 2 - 1, (step + 1) / steps * 2 - 1
        light = math.cos((low + high) / 2 * 1.25) - 0.82
        shine = 0.5 if look.strap is Strap.RUBBER else 0.9
        colour = mixed(
            look.strap_colour, (255, 255, 255) if light > 0 else (0, 0, 0), abs(light) * shine
        )
        sheet.polygon(
            (
                (near * low, side * 0.6),
                (near * high + 0.004, side * 0.6),
                (far * high + 0.004, side * _END),
                (far * low, side * _END),
            ),
            colour,
        )
    {Strap.LEATHER: _stitches, Strap.NATO: _weave}.get(look.strap, _grooves)(sheet, look, side)


def _stitches(sheet: Sheet, look: WatchLook, side: int) -> None:
    thread = mixed(look.strap_colour, (235, 225, 205), 0.55)
    for number in range(26):
        place = 0.95 + number * 0.09
        half = _half_width(look, place) - 0.075
        for edge in (-half, half):
            sheet.box(edge - 0.012, side * place, edge + 0.012, side * (place + 0.055), thread)


def _weave(sheet: Sheet, look: WatchLook, side: int) -> None:
    ribs = mixed(look.strap_colour, (0, 0, 0), 0.4)
    for number in range(110):
        place = side * (0.62 + number * 0.024)
        half = _half_width(look, abs(place))
        sheet.box(-half, place, half, place + side * 0.008, (*ribs, 110))
    stripe = mixed(look.strap_colour, (255, 255, 255), 0.5)
    sheet.box(-0.09, side * 0.6, 0.09, side * _END, (*stripe, 90))


def _grooves(sheet: Sheet, look: WatchLook, side: int) -> None:
    dark = mixed(look.strap_colour, (0, 0, 0), 0.55)
    for edge in (-0.26, 0.26):
        sheet.box(edge - 0.02, side * 1.0, edge + 0.02, side * _END, (*dark, 150))
