"""Seconds and memory of `salon diff` of two versions; `make bench-versions` prints them.

Two versions of a made-up collection under real git and DVC: from the one to the other some images
come and some go, a threshold changes, curators remove a thousand images, and a few are measured
otherwise. `lists`, `select` and `augment` decide both, and each command runs in a process of its
own, as its users run it. A second table is that of the default collections, if `dvc repro` made
them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml
from rich.console import Console
from rich.table import Table

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, PAIRS, WATERMARK
from tests.benches.tables import COLLECTION, ROOT, SALON, Figure, ids, make, timed

ROWS = 1_000_000
GONE = COME = 100
"""Of so many images one is not in the second version, and of so many one is new in it."""
REMEASURED = 1000
OUTS = ("images", "listings", "pairs", "watermark", "decisions", "selection", "variants")


def figures(rows: int, root: Path) -> Iterator[Figure]:
    """The two versions compared: in the terminal, as JSON, and as a page."""
    begin(rows, root)
    for tag in ("v1", "v2"):
        decide(root)
        _run(root, "dvc", "commit", "--force", "--quiet")
        _run(root, "git", "add", "--all")
        _run(root, "git", "commit", "--quiet", "--message", tag)
        _run(root, "git", "tag", tag)
        if tag == "v1":
            move_on(rows, root)
    for what, options in (("diff", ()), ("diff --json", ("--json",))):
        yield timed(rows, what, [SALON, "diff", "v1", "v2", *options], root)
    page = ("--html", str(root / "work" / "page.html"))
    yield timed(rows, "diff --html", [SALON, "diff", "v1", "v2", *page], root)
    yield timed(rows, "log", [SALON, "log"], root)


def begin(rows: int, root: Path) -> None:
    """The first version's measurements, and a repository around them."""
    make(rows, root)
    paths = Paths(root, COLLECTION)
    tables.write(paths.table("pairs"), PAIRS, tables.empty(PAIRS))
    params = yaml.safe_load((root / "params.yaml").read_text())
    params["collections"] = {COLLECTION: params["collections"][COLLECTION]}
    params["collections"][COLLECTION]["augment"]["transforms"] = ["flip_left_right"]
    _write_params(root, params)
    outs = [f"data/tables/${{key}}/{name}.parquet" for name in OUTS]
    outs += ["data/tables/${key}/funnel.json", "data/pixels/${key}"]
    sections = [f"collections.${{key}}.{name}" for name in ("select", "augment")]
    stage = {"cmd": "true", "params": sections, "outs": outs}
    stages = {"select": {"foreach": "${collections}", "do": stage}}
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    (root / ".gitignore").write_text("/work/\n")
    _run(root, "git", "init", "--quiet")
    for key, value in (("user.name", "Ana"), ("user.email", "ana@example.org")):
        _run(root, "git", "config", key, value)
    _run(root, "dvc", "init", "--quiet")


def move_on(rows: int, root: Path) -> None:
    """The measurements, params and lists of the second version."""
    paths = Paths(root, COLLECTION)
    with (paths.lists / "remove.txt").open("a") as file:
        file.writelines(
            f"{image_id}  taste  bo  2026-11-23\n" for image_id in ids(rows)[rows // 2 :][:1000]
        )
    listed = [line.split()[0] for line in (paths.lists / "remove.txt").read_text().splitlines()]
    for schema in (IMAGES, LISTINGS, WATERMARK):
        old = tables.read(paths.table(schema.name), schema)
        goes = pc.and_(
            pa.array(np.arange(rows) % GONE == 0),
            pc.invert(pc.is_in(old["image_id"], pa.array(listed)).combine_chunks()),
        )
        new = _renamed(old[: rows // COME], schema.name)
        parts = pa.concat_tables([old.filter(pc.invert(goes)), new])
        tables.write(paths.table(schema.name), schema, _remeasured(parts))
    params = yaml.safe_load((root / "params.yaml").read_text())
    params["collections"][COLLECTION]["select"]["max_aspect_ratio"] = 2.2
    _write_params(root, params)


def _renamed(part: pa.Table, name: str) -> pa.Table:
    """Other images that measure the same."""
    columns = ["image_id", "sha256"] if name == "images" else ["image_id"]
    columns += ["listing_id"] if name == "listings" else []
    for column in columns:
        place = part.schema.get_field_index(column)
        part = part.set_column(place, part.schema.field(place), pc.utf8_reverse(part[column]))
    return part


def _remeasured(table: pa.Table) -> pa.Table:
    """Some images measured otherwise, if the table has measurements."""
    if "luminance_std" not in table.column_names:
        return table
    place = table.schema.get_field_index("luminance_std")
    more = (np.arange(table.num_rows) % REMEASURED == 0).astype(np.float32)
    values = pc.add(table["luminance_std"], pa.array(more))
    return table.set_column(place, table.schema.field(place), values)


def decide(root: Path) -> None:
    """Run the stages that work on tables."""
    for stage in ("lists", "select", "augment"):
        _run(root, SALON, stage, COLLECTION)


def _write_params(root: Path, params: dict[str, Any]) -> None:
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def _run(root: Path, *command: str) -> None:
    path = [str(Path(sys.executable).with_name("dvc")), *command[1:]]
    subprocess.run(path if command[0] == "dvc" else command, cwd=root, check=True)


def main() -> None:
    """Print the table; the number of rows may be given on the command line."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    table = Table("rows", "command", "seconds", "CPU seconds", "peak MB")
    with tempfile.TemporaryDirectory() as folder:
        for figure in figures(rows, Path(folder)):
            numbers = [f"{number:.2f}" for number in (figure.seconds, figure.cpu_seconds)]
            table.add_row(f"{figure.rows:,}", figure.what, *numbers, f"{figure.megabytes:,.0f}")
    if (ROOT / "dvc.lock").exists():
        figure = timed(0, "diff HEAD of this project", [SALON, "diff", "HEAD"], ROOT)
        table.add_row("-", figure.what, f"{figure.seconds:.2f}", f"{figure.cpu_seconds:.2f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
