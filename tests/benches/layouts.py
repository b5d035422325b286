"""Whether `watermark` takes layouts that pictures share for marks, and what tells them apart.

    python -m tests.benches.layouts [IMAGES] [KIND ...] [--share .5]

Runs the stage on each kind of `tests.curation.layouts` at 128 pixels, a share of the pictures with
the layout, and prints the evidence of each template that was classified. Below stand the lines and
spans of words as marks. From them are taken `_MAX_INVERTED` of `curation.watermark.evidence` and of
`curation.watermark.strokes` MIN_ASLANT, MAX_LINE, MAX_SPAN, _LEVEL and _PIECE.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console

from curation.watermark import overlay, strokes
from curation.watermark.overlay import Consensus
from pipeline.core.params.watermark_estimation import Watermark
from tests.benches.watermark import SOURCES, searched
from tests.curation import layouts

SIDE: Final = 128
WORDS: Final = ("sampletime24", "ArtShop.example", "montres-nord", "shop.it", "ELLE", "LIFE")
SIZES: Final = (10, 14, 22, 40)
"""Pixels of 256 that letters are high, about."""


def main(arguments: argparse.Namespace) -> None:
    """Print both tables."""
    os.environ["SALON_WORKERS"] = "1"
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print(
        "| layout | accused | begun by | a mark | carriers | ambiguous | displaced | inverted "
        "| unexplained | aslant | line | span |\n" + "|---" * 12 + "|"
    )
    for kind in arguments.kinds or layouts.KINDS:
        for line in _lines(kind, arguments.images, arguments.share):
            console.print(line)
    console.print("\n| word | pixels of 256 | aslant | line | span |\n|---|---|---|---|---|")
    for word in WORDS:
        for size in SIZES:
            mark = _template(word, size)
            form = [strokes.aslant(mark), strokes.straight(mark), strokes.span(mark)]
            shares = " | ".join(f"{share:.2f}" for share in form)
            console.print(f"| {word} | {size} | {shares} |")


def _lines(kind: str, count: int, share: float) -> Iterator[str]:
    result = searched(layouts.squares(kind, count, SIDE, share), np.zeros(count, np.int64), 0)
    accused = f"{result.false_alarms} of {count}"
    if not result.record.classified:
        yield f"| {kind} | {accused} |" + " - |" * 10
    for known, bounds, verdict in result.record.classified:
        columns = [
            kind, accused, SOURCES[bounds], "yes" if verdict else "no", str(known.carriers),
            f"{known.ambiguous:.2f}", f"{known.displaced:.2f}", f"{known.inverted:.2f}",
            "-" if known.unexplained is None else f"{known.unexplained:.2f}",
            f"{known.aslant:.2f}", f"{known.straight:.2f}", f"{known.span:.2f}",
        ]  # fmt: skip
        yield f"| {' | '.join(columns)} |"


def _template(word: str, size: int) -> overlay.Mark:
    """What pictures of one grey would agree on that have ``word`` in white, .35 strong."""
    letters = Image.new("L", (256, 256))
    ImageDraw.Draw(letters).text((5, 100), word, fill=255, font=ImageFont.load_default(size))
    strength = 0.35 * np.asarray(letters)[..., None] / 255
    shown = np.repeat(120 * (1 - strength) + 255 * strength, 3, axis=2).round().astype(np.uint8)
    [field] = overlay.normalised_gradients(shown[None])
    mark = overlay.template(
        Consensus(1, field.astype(complex), np.abs(field) ** 2 + 1e-9), Watermark().min_consensus
    )
    assert mark is not None
    return mark


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="?", type=int, default=60)
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--share", type=float, default=1.0)
    main(parser.parse_args())
