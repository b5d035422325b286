"""From 300 addresses at three hosts that misbehave to a trained model, as a person does it.

``python -m tests.benches.addresses`` copies the project, runs `salon new`, fills in what that asks
for, and then two commands, `salon scrape` and `dvc repro`. It prints what became of the rows beside
the truth, and fails where they differ. The model is trained for a moment only.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

import yaml
from rich.console import Console
from rich.table import Table

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, SELECTION, Status
from tests.project import Project, make_project, small_params
from tests.scrapers.addresses import misbehaving

NAME: Final = "lamps"


def main() -> None:
    """Run it, and print the counts."""
    with tempfile.TemporaryDirectory() as folder, misbehaving.hosts() as hosts:
        project = make_project(Path(folder) / "project", small_params())
        misbehaving.write_list(project.root / "lamps.csv", [host.origin for host in hosts])
        project.run(
            "salon", "new", NAME, "--addresses", "lamps.csv", "--contact", "a@example.org", "--only"
        )
        _fill_in(project)
        project.run("salon", "scrape", NAME)
        done = project.run("dvc", "repro", f"report@{NAME}")
        requests = sum(len(host.asked) for host in hosts)
        sys.exit(_tell(Paths(project.root, NAME), requests, done.stdout))


def _fill_in(project: Project) -> None:
    """What a person writes, and a shorter training than the usual one."""
    params = yaml.safe_load((project.root / "params.yaml").read_text())
    collection = params["collections"][NAME]
    collection["scrape"] |= {
        "permission": "the hosts are mine",
        "private_addresses": True,
        "seconds_between_images": 0.0,
    }
    collection["train"] |= {"channels_base": 256, "channels_max": 8, "kimg": 0.5}
    collection["evaluate"] |= {"samples": 32}
    collection["enhance"] |= {"samples": 1}
    project.write_params(params)


def _tell(paths: Paths, requests: int, said: str) -> int:
    """Print truth and outcome; 1 where they differ."""
    truth = misbehaving.rows()
    listings = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    selection = tables.read(paths.table("selection"), SELECTION).to_pylist()
    kept = {row["image_id"] for row in selection if row["status"] == Status.KEEP}
    well = {row.image_id for row in truth if row.image_id is not None and row.fault is None}
    table = Table("rows and pictures", "truth", "came out")
    came, expected = (Counter(str(row) for row in rows) for rows in (
        [row["fetch"] for row in listings], [row.fetch for row in truth],
    ))  # fmt: skip
    for fetch in sorted(came | expected):
        table.add_row(fetch, str(expected[fetch]), str(came[fetch]))
    table.add_row("pictures kept", str(len(well)), f"{len(kept)}, {len(kept ^ well)} differ")
    told = {(row["listing_id"], row["fetch"], row["image_id"]) for row in listings}
    unlike = told ^ {(f"{row.number:03d}", row.fetch, row.image_id) for row in truth}
    table.add_row("rows that differ", "0", str(len(unlike)))
    Console().print(table)
    model = json.loads((paths.model / "model.json").read_text())
    trained = {"images": model["data"]["images"], "images seen": model["images_seen"]}
    Console().print(f"{requests} requests; {said.count('Running stage')} stages; model: {trained}")
    return int(bool(unlike) or kept != well or paths.report.stat().st_size == 0)


if __name__ == "__main__":
    main()
