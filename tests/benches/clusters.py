"""Which clusters `watermark` begins with, by the constants of `curation.watermark.clusters`.

    python -m tests.benches.clusters [IMAGES] [FOLDER ...]
    python -m tests.benches.clusters [IMAGES] [FOLDER ...] --vary MAX_BETWEEN .05 .1 .2

The likeness of the images of each case is computed once: without a mark, and with those of three
shops, in places of their own or in one. The table has a line for each value of a constant, or of
each of `VALUES`, and a column for each case: how many images each cluster has, and in brackets how
many of them carry one and the same mark. Without a mark there should be none.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final
from unittest import mock

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.console import Console

from curation.watermark import clusters
from curation.watermark.clusters import Likeness
from curation.watermark.evidence import enough_carriers
from curation.watermark.layout import Geometry
from curation.watermark.samples import Images
from pipeline.core import shards
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.shards import Pixels
from tests.benches.marked_pictures import SERVED, STORED, pictures, squares
from tests.benches.watermark import NONE, SEVERAL, shares

VALUES: Final = {
    "MAX_BETWEEN": ("0.02", "0.05", "0.1", "0.15", "0.3"),
    "MIN_LIKENESS": ("0.06", "0.12", "0.2", "0.3"),
    "_SPREADS": ("3", "4", "5", "6"),
    "_SPREADS_OF_DONORS": ("2", "3", "4", "5"),
}
"""What is tried where nothing else is asked for."""


def main(arguments: argparse.Namespace) -> None:
    """Print a table for each kind of pictures."""
    os.environ["SALON_WORKERS"] = "1"
    console = Console(soft_wrap=True, markup=False, highlight=False)
    values = VALUES
    if arguments.vary:
        constant, *tried = arguments.vary
        values = {constant: tuple(tried)}
    for kind in arguments.folders or ["watches", "paintings"]:
        clean = list(islice(pictures(kind), arguments.images))
        console.print(f"{Path(kind).name}, {len(clean)} images")
        for line in lines(clean, values):
            console.print(line)


def lines(clean: list[Image.Image], values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The table: its head, and one line for each value."""
    cases = (NONE, *SEVERAL)
    marked = [squares(clean, case) for case in cases]
    likeness = [_likeness(pixels) for pixels, _ in marked]
    places = ["none", *(f"{shares(case)} of {case.opacity:.2f}" for case in SEVERAL)]
    yield f"| constant | value | {' | '.join(places)} |\n" + "|---" * (2 + len(cases)) + "|"
    for constant, value in ((name, value) for name, tried in values.items() for value in tried):
        before = getattr(clusters, constant)
        with mock.patch.object(clusters, constant, type(before)(float(value))):
            cells = [
                _cell(of_case, labels, len(case.shares))
                for of_case, (_, labels), case in zip(likeness, marked, cases, strict=True)
            ]
        yield f"| {constant} | {value} | {' | '.join(cells)} |"


def _cell(likeness: Likeness, labels: npt.NDArray[np.int64], marks: int) -> str:
    rows = clusters.in_clusters(likeness, enough_carriers(Watermark().min_images))
    return ", ".join(f"{len(row)} ({_carriers(labels[row], marks)})" for row in rows) or "none"


def _carriers(labels: npt.NDArray[np.int64], marks: int) -> int:
    """The images that carry the commonest of so many marks."""
    return int(np.bincount(labels, minlength=marks)[:marks].max(initial=0))


def _likeness(pixels: Pixels) -> Likeness:
    sizes = np.full((len(pixels), 2), float(SERVED))
    geometry = Geometry.of(sizes, np.zeros_like(sizes), "crop", STORED)
    with tempfile.TemporaryDirectory() as folder:
        shards.write(Path(folder) / str(STORED) / "all.npy", pixels)
        places = [("all", row) for row in range(len(pixels))]
        return clusters.likeness_to_donors(Images(Path(folder), places, geometry), "bench")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="?", type=int, default=200)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--vary", nargs="+", metavar=("CONSTANT", "VALUE"))
    main(parser.parse_args())
