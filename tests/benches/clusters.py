"""Which clusters `watermark` begins with, when a constant of `curation.watermark.clusters` changes.

    python -m tests.benches.clusters [IMAGES] [FOLDER ...] --vary MAX_BETWEEN .05 .1 .2

The likeness of the images of each case is computed once: without a mark, and with those of three
shops, in places of their own or in one. For each value stands how many images each cluster has, and
in brackets how many of them carry one and the same mark: without a mark there should be none.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

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
from pipeline.core.params.watermark import Watermark
from pipeline.core.shards import Pixels
from tests.benches.marked_pictures import SERVED, STORED, pictures, squares
from tests.benches.watermark import NONE, SEVERAL, replaced, shares


def main(arguments: argparse.Namespace) -> None:
    """Print the table."""
    os.environ["SALON_WORKERS"] = "1"
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print("| images | opacity | marked | constant | clusters |\n" + "|---" * 5 + "|")
    for kind in arguments.folders or ["watches", "paintings"]:
        clean = list(islice(pictures(kind), arguments.images))
        for line in lines(f"{Path(kind).name}, {len(clean)}", clean, *arguments.vary):
            console.print(line)


def lines(kind: str, clean: list[Image.Image], constant: str, *values: str) -> Iterator[str]:
    """One line for each case and value."""
    for case in (NONE, *SEVERAL):
        pixels, labels = squares(clean, case)
        likeness = _likeness(pixels)
        for value in values:
            with replaced(f"clusters.{constant}", value):
                rows = clusters.in_clusters(likeness, enough_carriers(Watermark().min_images))
            sizes = [f"{len(row)} ({_carriers(labels[row], len(case.shares))})" for row in rows]
            described = f"{case.opacity:.2f} | {shares(case)} | {constant} = {value}"
            yield f"| {kind} | {described} | {', '.join(sizes) or 'none'} |"


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
    parser.add_argument("--vary", nargs="+", metavar=("CONSTANT", "VALUE"), required=True)
    main(parser.parse_args())
