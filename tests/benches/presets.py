"""Which network for a small set: all of them side by side on one budget of CPU time.

``make bench-presets`` trains each of `CONTESTANTS` on each set of ``--images`` until it has used
``--minutes`` of CPU time, draws samples on the way, and writes their distances by the three judges
of `evaluate` as ``distances.csv``, as ``curves.png``, and the last samples of all beside real
images as ``samples.png``, in a folder a set under ``work/bench/presets/``. A contestant's place is
its worst rank by the three judges. ``--again`` takes over what was measured on the same terms.
With ``--kimg`` all are shown as many images instead, whatever time that takes.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from pipeline.core.files import write_json
from pipeline.core.shards import Pixels
from tests.benches import contestants, damages
from tests.benches.contestants import CONTESTANTS, PRESETS, SHARED, Terms
from tests.benches.image_sets import ImageSet, image_set
from train.compute import device
from train.metrics.features import Extractor
from train.metrics.mobilenet import Mobilenet
from train.samples import sheets

OUT: Final = Path("work/bench/presets")
JUDGES: Final = ("KID", "KID by MobileNetV2", "sliced Wasserstein")
LABELS: Final = {"minutes": "CPU minutes", "images": "images shown"}
"""Of what curves are drawn along, by its column."""
LAST: Final = "last.png"
Measured = dict[str, Any]
"""Of one contestant: terms, weights and curve."""


def measured(
    name: str, images: ImageSet, judges: damages.Judges, terms: Terms, folder: Path, again: bool
) -> Measured:
    """The course of one contestant, judged; written down, and taken over if ``again``."""
    place = _place(folder, name)
    known_by = {
        **asdict(terms),
        "images": len(images.variants),
        "params": {**SHARED, **PRESETS.get(name, {})},
    }
    path = place / "measured.json"
    if again and path.is_file():
        known: Measured = json.loads(path.read_bytes())
        if known["terms"] == known_by:
            return known
    course = contestants.trained(name, images, terms, place)
    curve = []
    for number, look in enumerate(course.looks):
        sheet = sheets.sheet(look.pixels[:64], 8)
        sheets.write_png(place / f"{number}.png", sheet)
        sheets.write_png(place / LAST, sheet)
        judged = judges.distances(look.pixels)
        curve.append({"minutes": look.minutes, "images": look.images, **judged})
    result: Measured = {"terms": known_by, "weights": course.weights, "curve": curve}
    write_json(path, result)
    return result


def worst_ranks(by_name: Mapping[str, Measured]) -> dict[str, int]:
    """The worst place of each contestant in the orders of the three judges, 1 for the nearest."""
    last = pd.DataFrame({name: each["curve"][-1] for name, each in by_name.items()})
    ranks = last.loc[list(JUDGES)].rank(axis="columns", method="first").max().astype(int)
    return {str(name): int(rank) for name, rank in ranks.items()}


def write(
    folder: Path,
    by_name: Mapping[str, Measured],
    floor: Mapping[str, float],
    reals: Pixels,
    along: str,
) -> None:
    """Write the CSV, the curves ``along`` one column and the sheet of one set into ``folder``."""
    rows = [{"model": name, **mark} for name, each in by_name.items() for mark in each["curve"]]
    frame = pd.DataFrame(rows)
    frame.to_csv(folder / "distances.csv", index=False, float_format="%.5g")
    figure = Figure((12, 4), layout="constrained")
    for axes, judge in zip(figure.subplots(1, len(JUDGES)), JUDGES, strict=True):
        for name, course in frame.groupby("model", sort=False):
            axes.plot(course[along], course[judge], marker=".", label=name)
        axes.axhline(floor[judge], color="grey", linestyle=":", label="reals against reals")
        axes.set(xlabel=LABELS[along], title=judge, ylim=(0, None))
    axes.legend(frameon=False, fontsize="small")
    figure.savefig(folder / "curves.png", dpi=100)
    parts = [sheets.read_png(_place(folder, name) / LAST) for name in by_name]
    sheets.write_png(
        folder / "samples.png", sheets.side_by_side([*parts, sheets.sheet(reals[:64], 8)])
    )


def _place(folder: Path, name: str) -> Path:
    """Where a contestant's samples and distances lie."""
    return folder / re.sub(r"\W+", "_", name)


def table_of(by_name: Mapping[str, Measured], title: str) -> Table:
    """One row a contestant, as it stood at the end."""
    columns = ("model", "weights G", "weights D", "kimg", "min", "worst rank", *JUDGES)
    table = Table(*columns, title=title)
    ranks = worst_ranks(by_name)
    for name, each in by_name.items():
        last = each["curve"][-1]
        table.add_row(
            name,
            *(f"{count:,}" for count in each["weights"].values()),
            f"{last['images'] / 1000:.1f}",
            f"{last['minutes']:.1f}",
            str(ranks[name]),
            *(f"{last[column]:.4f}" for column in JUDGES),
        )
    return table


def main() -> None:
    """Train and measure every contestant, or those that are named, on each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("contestants", nargs="*", default=list(CONTESTANTS), metavar="NAME")
    parser.add_argument(
        "--images", nargs="+", default=["paintings"], metavar="SET",
        help="paintings, watches, collection:NAME, or folders joined by commas",
    )  # fmt: skip
    parser.add_argument("--count", type=int, default=600, help="most images of a set")
    parser.add_argument("--minutes", type=float, default=20.0, help="CPU minutes a contestant")
    parser.add_argument("--kimg", type=float, help="thousands of images instead of minutes")
    parser.add_argument("--seed", type=int, default=1, help="of first weights, order and latents")
    parser.add_argument("--samples", type=int, default=128, help="most images on each side")
    parser.add_argument("--again", action="store_true", help="take over what was measured before")
    args = parser.parse_args()
    if args.kimg is not None and not set(args.contestants) <= PRESETS.keys():
        parser.error(f"--kimg: name some of {', '.join(PRESETS)}; the others know no images")
    device.make_deterministic()
    for name in args.images:
        with tempfile.TemporaryDirectory() as place:
            compare(image_set(name, Path(place), args.count), args)


def compare(images: ImageSet, args: argparse.Namespace) -> None:
    """All contestants on one set; what there is is written after each of them."""
    reals = images.pictures(2 * args.samples)
    half = len(reals) // 2
    judges = damages.Judges(reals[:half], Extractor(device.find()), Mobilenet(device.find()))
    floor = judges.distances(reals[half : 2 * half])
    terms = Terms(60 * args.minutes, half, args.kimg, args.seed)
    along = "minutes" if args.kimg is None else "images"
    budget = f"{args.minutes:g} CPU minutes" if args.kimg is None else f"{args.kimg:g} kimg"
    folder = OUT / (images.name if args.seed == 1 else f"{images.name}-{args.seed}")
    by_name: dict[str, Measured] = {}
    for name in args.contestants:
        by_name[name] = measured(name, images, judges, terms, folder, args.again)
        write(folder, by_name, floor, reals, along)
        beside = ", ".join(f"{judge} {floor[judge]:.4f}" for judge in JUDGES)
        title = f"{images.name}, {budget}, seed {args.seed}; reals against reals: {beside}"
        Console(width=150).print(table_of(by_name, title))


if __name__ == "__main__":
    main()
