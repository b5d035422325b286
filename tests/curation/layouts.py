"""Layouts that pictures of one collection share, none of which is a mark, as tests and benches use.

Each kind draws what its name says: lines, borders or props that lie in one place on every picture,
while what they part or surround is another on each.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.core.shards import Pixels
from tests.curation.pictures import composition

SIDE: Final = 256
"""Pixels on which a kind draws; sizes below are in them."""
CREAM, GREY, BLACK, WHITE = (246, 240, 224), (128, 128, 128), (16, 16, 16), (255, 255, 255)
WORDS: Final = (
    "untitled", "harbour at night", "study in blue", "the window", "composition", "late summer",
    "two figures", "interior", "red field", "quiet sea", "no. 7", "the listening room",
)  # fmt: skip

Colour = tuple[int, int, int]


def squares(kind: str, count: int, side: int = SIDE, share: float = 1.0, seed: int = 0) -> Pixels:
    """``count`` pictures, of which ``share`` have the layout ``kind`` and the others have none."""
    rng = np.random.default_rng(seed)
    has_layout = rng.permutation(count) < round(share * count)
    images = [KINDS[kind](rng) if has else picture(rng, SIDE, SIDE) for has in has_layout.tolist()]
    return np.stack([served(image, side, rng) for image in images])


def picture(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Soft shapes that no other picture has."""
    return composition(int(rng.integers(10**9)), (width // 2, height // 2)).resize((width, height))


def served(image: Image.Image, side: int, rng: np.random.Generator) -> Pixels:
    """``image`` as a JPEG of any usual quality, read back."""
    file = io.BytesIO()
    shown = image.resize((side, side), Image.Resampling.LANCZOS)
    shown.save(file, "JPEG", quality=int(rng.integers(78, 93)))
    return np.asarray(Image.open(file).convert("RGB"))


def _colour(rng: np.random.Generator) -> Colour:
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def _grid(rows: int, columns: int) -> Callable[[np.random.Generator], Image.Image]:
    """Flat cells, each of any colour."""

    def draw(rng: np.random.Generator) -> Image.Image:
        cells = rng.integers(0, 256, (rows, columns, 3), np.uint8)
        return Image.fromarray(cells).resize((SIDE, SIDE), Image.Resampling.NEAREST)

    return draw


def _panels(rng: np.random.Generator) -> Image.Image:
    """Four pictures with white between them."""
    image = Image.new("RGB", (SIDE, SIDE), WHITE)
    for left, top in ((0, 0), (130, 0), (0, 130), (130, 130)):
        image.paste(picture(rng, 126, 126), (left, top))
    return image


def _framed(rng: np.random.Generator) -> Image.Image:
    """A dark frame, and a fine line in the mat."""
    image = Image.new("RGB", (SIDE, SIDE), (58, 40, 26))
    pen = ImageDraw.Draw(image)
    pen.rectangle((12, 12, 243, 243), CREAM)
    pen.rectangle((22, 22, 233, 233), outline=(120, 100, 70))
    image.paste(picture(rng, 200, 200), (28, 28))
    return image


def _film(rng: np.random.Generator) -> Image.Image:
    """A frame of film between two rows of holes."""
    image = Image.new("RGB", (SIDE, SIDE), BLACK)
    pen = ImageDraw.Draw(image)
    for left in range(6, SIDE, 32):
        for top in (8, 234):
            pen.rounded_rectangle((left, top, left + 16, top + 13), 3, WHITE)
    image.paste(picture(rng, SIDE, 196), (0, 30))
    return image


def _charted(margin: bool) -> Callable[[np.random.Generator], Image.Image]:
    """A scan with a chart of 7 x 2 colours, upon the picture or upon a grey margin."""

    def draw(rng: np.random.Generator) -> Image.Image:
        image = Image.new("RGB", (SIDE, SIDE), GREY)
        image.paste(picture(rng, SIDE, 200 if margin else SIDE), (0, 0))
        chart = np.random.default_rng(1)
        pen = ImageDraw.Draw(image)
        pen.rectangle((70, 212, 183, 247), BLACK)
        for column in range(7):
            for row in range(2):
                left, top = 73 + 16 * column, 215 + 16 * row
                pen.rectangle((left, top, left + 12, top + 12), _colour(chart))
        return image

    return draw


def _title_card(rng: np.random.Generator) -> Image.Image:
    """Any words in the middle of a double line."""
    image = Image.new("RGB", (SIDE, SIDE), CREAM)
    pen = ImageDraw.Draw(image)
    for inset in (14, 19):
        pen.rectangle((inset, inset, SIDE - 1 - inset, SIDE - 1 - inset), outline=(90, 60, 50))
    for line in range(int(rng.integers(1, 4))):
        words = WORDS[int(rng.integers(len(WORDS)))]
        font = ImageFont.load_default(int(rng.integers(14, 26)))
        pen.text((128, 80 + 40 * line), words, (40, 30, 30), font, anchor="mm")
    return image


def thing_on_white(rng: np.random.Generator) -> Image.Image:
    """A thing of any size and colours, the same place left free below it on all pictures."""
    image = Image.new("RGB", (SIDE, SIDE), WHITE)
    _draw_thing(ImageDraw.Draw(image), rng)
    return image


def _draw_thing(pen: ImageDraw.ImageDraw, rng: np.random.Generator) -> None:
    half, height = int(rng.integers(20, 90)), int(rng.integers(60, 190))
    pen.rounded_rectangle(
        (128 - half, 222 - height, 128 + half, 222), int(rng.integers(2, 20)), _colour(rng)
    )
    pen.ellipse((128 - half // 2, 222 - height // 2 - 12, 128 + half // 2, 210), _colour(rng))


def _on_a_board(grained: bool) -> Callable[[np.random.Generator], Image.Image]:
    """Any thing on white that stands on one board, of one colour or with a grain."""

    def draw(rng: np.random.Generator) -> Image.Image:
        image = Image.new("RGB", (SIDE, SIDE), WHITE)
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 210, SIDE, SIDE), (196, 160, 120))
        if grained:
            grain = np.random.default_rng(2)
            for _ in range(60):
                left, top = int(grain.integers(SIDE)), int(grain.integers(214, SIDE))
                pen.line((left, top, left + int(grain.integers(8, 40)), top), (150, 116, 80))
        _draw_thing(pen, rng)
        return image

    return draw


def _horizon(rng: np.random.Generator) -> Image.Image:
    """A light field above a darker one."""
    dark, light = np.sort(rng.integers(0, 256, 2)).tolist()
    image = Image.new("RGB", (SIDE, SIDE), (light, light, light))
    ImageDraw.Draw(image).rectangle((0, 128, SIDE, SIDE), (dark, dark, dark))
    return image


def _disc(rng: np.random.Generator) -> Image.Image:
    """A picture in a circle upon a ground of another colour, as records and plates are."""
    image = Image.new("RGB", (SIDE, SIDE), _colour(rng))
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).ellipse((28, 28, 228, 228), 255)
    image.paste(_colour(rng), mask=mask)
    ImageDraw.Draw(image).ellipse((118, 118, 138, 138), _colour(rng))
    return image


KINDS: Final[dict[str, Callable[[np.random.Generator], Image.Image]]] = {
    "5 x 5 flat squares": _grid(5, 5),
    "3 x 3 flat squares": _grid(3, 3),
    "8 x 8 flat squares": _grid(8, 8),
    "2 x 2 flat squares": _grid(2, 2),
    "4 x 3 flat oblongs": _grid(4, 3),
    "four pictures on one sheet": _panels,
    "pictures in one frame": _framed,
    "frames of a film": _film,
    "a colour chart on the picture": _charted(margin=False),
    "a colour chart beside the picture": _charted(margin=True),
    "title cards with one border": _title_card,
    "things on one plain board": _on_a_board(grained=False),
    "things on one wooden board": _on_a_board(grained=True),
    "things on white that stand on one line": thing_on_white,
    "a light field above a dark one": _horizon,
    "discs of any colour": _disc,
}
