"""How surely `watermark` finds marks, on painted or real pictures, and what its constants do.

    python -m tests.benches.watermark [IMAGES] [FOLDER ...]
    python -m tests.benches.watermark [IMAGES] [FOLDER ...] --several
    python -m tests.benches.watermark [IMAGES] [FOLDER ...] --tied
    python -m tests.benches.watermark [IMAGES] [FOLDER ...] --unmarked
    python -m tests.benches.watermark [IMAGES] [FOLDER ...] --vary patches._HIT 5 6 8

The first takes that many faultless watches and as many paintings of the gallery, or the pictures of
each folder, lays a mark over a share of them, and runs the stage on each case. ``--several`` lays
the marks of three shops, in places of their own or in one; ``--tied`` leaves each picture its shape
and lays a mark that is sized by its width, by its height or in pixels, and tied to its middle or to
a corner; ``--unmarked`` lays none. ``--vary`` gives a constant of a module of
`curation.watermark` other values in turn and runs the cases that it is for
(`tests.benches.clusters` is for those of `clusters`). Below stands the evidence of every template
that was classified, from which the bounds in `curation.watermark.evidence` are taken, and how alike
the templates of one collection are. Tables stand in docs/curation.md.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final
from unittest import mock

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.console import Console

from curation.images.squares import window
from curation.watermark import evidence, search
from curation.watermark.evidence import Bounds, Evidence
from curation.watermark.overlay import MARKED_SCORE
from curation.watermark.passes import Overlay
from pipeline.core import shards, tables
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, WATERMARK
from pipeline.core.shards import Pixels
from pipeline.stages import watermark
from tests.benches.constants import with_value
from tests.benches.marked_pictures import (
    ONE_PLACE,
    SERVED,
    SHOPS,
    Case,
    pictures,
    squares,
)

NONE: Final = Case(0.0, ())
CASES: Final = (
    NONE,
    Case(0.08, (0.5,)),
    Case(0.12, (0.5,)),
    Case(0.12, (0.9,)),
    Case(0.35, (0.5,)),
    Case(0.12, (0.2,)),
    Case(0.35, (0.1,)),
    Case(0.12, (0.6,), jitter=8),
    Case(0.35, (0.6,), jitter=4),
)
SEVERAL: Final = (
    Case(0.35, (0.3, 0.2, 0.15), words=SHOPS),
    Case(0.2, (0.3, 0.3, 0.3), words=SHOPS),
    Case(0.35, (0.3, 0.2, 0.15), words=ONE_PLACE),
)
TIED: Final = tuple(
    Case(0.35, (0.5,), unit=unit, place=place)
    for place in ((0.5, 0.5), (1.0, 1.0))
    for unit in ("px", "width", "height")
)
VARIED: Final = {
    "anchors": (TIED[2], *TIED[3:]),
    "served_sizes": TIED[::2],
    "search": (SEVERAL[2],),
    "patches": (NONE, Case(0.12, (0.6,), jitter=8)),
}
"""Cases for the constants of a module; `FAINT` for those of the others."""
FAINT: Final = (NONE, Case(0.12, (0.2,)), Case(0.12, (0.6,), jitter=8))
SOURCES: Final = {
    evidence.FROM_CLUSTER: "cluster",
    evidence.FROM_MEAN: "mean",
    evidence.FROM_PATCHES: "patches",
    evidence.FROM_ANCHOR: "anchor",
}


@dataclass
class Record:
    """What was asked of the templates of one case."""

    classified: list[tuple[Evidence, Bounds, bool]] = field(default_factory=list)
    likeness: list[float] = field(default_factory=list)
    """Of each template to those before it."""


@dataclass(frozen=True)
class Result:
    """What the stage made of one case."""

    templates: int
    recall: tuple[float, ...]
    """Of each mark."""
    own: float
    """Share of the marked images with a score that are counted for one and the same mark as most
    of those with their mark, and whose mark no other has."""
    false_alarms: int
    clean: int
    shown: float
    """Share of the marked images with a score: whose square shows the mark."""
    lowest_marked: float | None
    """Score that 99 of 100 marked images exceed."""
    highest_clean: float | None
    cpu_ms: float
    """An image, of one process."""
    record: Record


def main(arguments: argparse.Namespace) -> None:
    """Print the tables."""
    console = Console(soft_wrap=True, markup=False, highlight=False)
    constant, *values = arguments.vary or [""]
    name = f"watermark.{constant}" if constant else ""
    console.print(
        "| images | opacity | marked | jitter | sized by | tied to | templates | recall "
        "| has a score | of their own mark | false | 1 % marked score below | clean up to "
        "| CPU ms |\n" + "|---" * 14 + "|"
    )
    records: list[str] = []
    for kind in arguments.folders or ["watches", "paintings"]:
        for value in values or [""]:
            if value:
                console.print(f"{constant} = {value}")
            rows, evidence_of_rows = with_value(
                name, value, rows_of, kind, arguments.images, _cases(arguments)
            )
            console.print("\n".join(rows))
            records += evidence_of_rows
    console.print(
        "\n| images | opacity | marked | begun by | a mark | carriers | share | ambiguous "
        "| displaced | backgrounds | unexplained | inverted |\n" + "|---" * 12 + "|"
    )
    console.print("\n".join(records))


def _cases(arguments: argparse.Namespace) -> tuple[Case, ...]:
    if arguments.vary:
        return VARIED.get(arguments.vary[0].split(".")[0], FAINT)
    if arguments.unmarked:
        return (NONE,)
    if arguments.tied:
        return (replace(NONE, place=TIED[0].place), *TIED)
    return SEVERAL if arguments.several else CASES


def rows_of(kind: str, images: int, cases: Sequence[Case]) -> tuple[list[str], list[str]]:
    """The lines of both tables for pictures of one kind."""
    os.environ["SALON_WORKERS"] = "1"  # CPU time is that of this process
    in_shape = any(case.place for case in cases)
    clean = list(islice(pictures(kind, in_shape=in_shape), images))
    name = f"{Path(kind).name}, {len(clean)}"
    rows: list[str] = []
    records: list[str] = []
    for case in cases:
        result = measure(clean, case)
        rows.append(row(name, case, result))
        records += evidence_rows(name, case, result.record)
    return rows, records


def row(kind: str, case: Case, result: Result) -> str:
    """One line of the table."""
    columns = [
        kind, f"{case.opacity:.2f}", shares(case), f"{case.jitter} px", case.unit,
        "-" if case.place is None else "{}, {}".format(*case.place), str(result.templates),
        ", ".join(f"{recall:.3f}" for recall in result.recall) or "-",
        f"{result.shown:.3f}" if result.recall else "-",
        f"{result.own:.3f}" if result.recall else "-",
        f"{result.false_alarms} of {result.clean}",
        "-" if result.lowest_marked is None else f"{result.lowest_marked:.1f}",
        "-" if result.highest_clean is None else f"{result.highest_clean:.1f}",
        f"{result.cpu_ms:.1f}",
    ]  # fmt: skip
    return f"| {' | '.join(columns)} |"


def shares(case: Case) -> str:
    """The shares of the images that carry each mark."""
    return ", ".join(f"{share:.0%}" for share in case.shares) or "none"


def evidence_rows(kind: str, case: Case, record: Record) -> Iterator[str]:
    """A line for each template that was classified, and one for how alike the marks are."""
    for known, bounds, verdict in record.classified:
        columns = [
            kind, f"{case.opacity:.2f}", shares(case), SOURCES[bounds], "yes" if verdict else "no",
            str(known.carriers), f"{known.share:.2f}", f"{known.ambiguous:.2f}",
            f"{known.displaced:.2f}", str(known.backgrounds),
            "-" if known.unexplained is None else f"{known.unexplained:.2f}",
            f"{known.inverted:.2f}",
        ]  # fmt: skip
        yield f"| {' | '.join(columns)} |"
    if record.likeness:
        yield f"likeness of templates: {', '.join(f'{value:.2f}' for value in record.likeness)}"


def measure(clean: list[Image.Image], case: Case) -> Result:
    """Run the stage on ``clean`` pictures of which some are marked."""
    pixels, labels = squares(clean, case)
    return searched(pixels, labels, len(case.shares), [picture.size for picture in clean])


def searched(
    pixels: Pixels,
    labels: npt.NDArray[np.int64],
    marks: int,
    sizes: Sequence[tuple[int, int]] | None = None,
) -> Result:
    """Run the stage on ``pixels``, each with the number of its mark; ``marks`` for none.

    ``sizes`` are width and height as served, where they are not `SERVED`.
    """
    rows = [
        _row(number, *size) for number, size in enumerate(sizes or [(SERVED, SERVED)] * len(pixels))
    ]
    with tempfile.TemporaryDirectory() as folder, _recorded() as record:
        return _result(Paths(Path(folder), "bench"), pixels, rows, labels, marks, record)


@contextmanager
def _recorded() -> Iterator[Record]:
    record, is_mark, likeness = Record(), evidence.is_mark, search.likeness

    def classified(known: Evidence, bounds: Bounds, min_images: int) -> bool:
        verdict = is_mark(known, bounds, min_images)
        record.classified.append((known, bounds, verdict))
        return verdict

    def compared(first: Overlay, second: Overlay) -> float:
        record.likeness.append(likeness(first, second))
        return record.likeness[-1]

    with (
        mock.patch.object(evidence, "is_mark", classified),
        mock.patch.object(search, "likeness", compared),
    ):
        yield record


def _result(
    paths: Paths,
    pixels: Pixels,
    rows: list[dict[str, Any]],
    labels: npt.NDArray[np.int64],
    marks: int,
    record: Record,
) -> Result:
    shards.write(paths.pixel_shard(pixels.shape[1], "all"), pixels)
    tables.write(paths.table("images"), IMAGES, tables.from_rows(IMAGES, rows))
    started = time.process_time()
    watermark.run(paths, Watermark())
    cpu_ms = 1000 * (time.process_time() - started) / len(pixels)
    groups = json.loads((paths.overlay / "overlay.json").read_text())["groups"]
    table = tables.read(paths.table("watermark"), WATERMARK)
    score, template = table["score"].to_numpy(), np.array(table["template"].to_pylist(), object)
    is_marked = score > MARKED_SCORE
    is_clean = labels == marks
    return Result(
        templates=sum(len(group["marks"]) for group in groups),
        recall=tuple(float(is_marked[labels == mark].mean()) for mark in range(marks)),
        own=_own([template[(labels == mark) & is_marked].tolist() for mark in range(marks)]),
        false_alarms=int(is_marked[is_clean].sum()),
        clean=int(is_clean.sum()),
        shown=float(np.mean(~np.isnan(score[~is_clean].astype(float)))) if marks else 0.0,
        lowest_marked=_percentile(score[~is_clean], 1),
        highest_clean=_percentile(score[is_clean], 100),
        cpu_ms=cpu_ms,
        record=record,
    )


def _own(templates: list[list[str]]) -> float:
    usual = [Counter(names).most_common(1)[0] if names else ("", 0) for names in templates]
    firsts = {name: count for name, count in sorted(usual, key=lambda pair: pair[1]) if name}
    return sum(firsts.values()) / max(sum(map(len, templates)), 1)


def _percentile(scores: npt.NDArray[Any], share: float) -> float | None:
    known = scores[~np.isnan(scores.astype(float))]
    return float(np.percentile(known, share)) if len(known) else None


def _row(number: int, width: int, height: int) -> dict[str, Any]:
    left, top, _ = window(width, height, 0.5)
    known: dict[str, Any] = {
        "image_id": f"{number:024x}",
        "sha256": f"{number:064x}",
        "capture": "bench",
    }
    known |= {"shard": "all", "row": number, "bytes": 1, "width": width, "height": height}
    known |= {"crop_left": left, "crop_top": top}
    return {**dict.fromkeys(IMAGES.arrow.names), **known}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="?", type=int, default=300)
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--several", action="store_true")
    parser.add_argument("--tied", action="store_true")
    parser.add_argument("--unmarked", action="store_true")
    parser.add_argument("--vary", nargs="+", metavar=("CONSTANT", "VALUE"))
    main(parser.parse_args())
