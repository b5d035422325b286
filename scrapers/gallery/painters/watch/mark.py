"""The mark that the site lays over pictures when it serves them: always the same, always there."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

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
