"""Five versions of one small collection under real git and DVC, each with a truth counted by hand.

The tables that `ingest` and its neighbours would measure are made up; `lists`, `select` and
`augment` really decide. No pipeline code is a dependency, so that no stage has to be run by DVC.

======== =============================================================== ==================== ====
version  what was done                                                   what becomes of it   kept
======== =============================================================== ==================== ====
v1       a capture of p00..p19                                           5 left out             15
v2       ana removes p10, bo p11; ana keeps p04 although too wide        -2 +1                  14
v3       min_side_px 128 -> 160, max_aspect_ratio 2.0 -> 3.0             -1 +1                  14
v4       a second capture: p14 opts out, p15's picture is replaced by    -4 +4                  14
         q15, larger copies of p07 and p16, one new, one blank
v5       trained for longer, by changed code                             nothing                14
======== =============================================================== ==================== ====
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from dvc.repo import Repo

from pipeline.core import shards, tables
from pipeline.core.files import write_bytes, write_json
from pipeline.core.ids import sha256_hex
from pipeline.core.params.load import load_params
from pipeline.core.paths import Paths
from pipeline.core.schema import MANIFEST
from pipeline.stages import augment, check, condition, lists, select
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.image_shards import BLOCK, END_OF_ARCHIVE, tar_member
from tests.decision_tables import Row, id_of, image, inputs, listing, pair, score, write_inputs
from tests.project import ROOT, Project, small_params
from tests.small_project import EVALUATION, field

NAME = "paintings"
FIRST, SECOND = "2026-05-04", "2026-06-01"
TAGS = ("v1", "v2", "v3", "v4", "v5")
STAGES = (
    *("check", "scrape", "parse", "ingest", "dedupe", "watermark"),
    *("lists", "select", "augment", "condition", "train"),
)
KEPT = {"v1": 15, "v2": 14, "v3": 14, "v4": 14, "v5": 14}
OLD = tuple(f"p{number:02}" for number in range(20))
NEW = ("q15", "r20", "r21", "r22", "s07")
"""The replacement of p15, a new picture, a copy of p16, a blank one, and a copy of p07."""


@dataclass(frozen=True)
class State:
    """What the collection is made of in one version."""

    captures: tuple[tuple[str, tuple[str, ...]], ...] = ((FIRST, OLD),)
    """Date of each, and the images it was the first to bring."""
    keep: str = ""
    remove: str = ""
    select: tuple[tuple[str, Any], ...] = ()
    kimg: float = 1.0
    kid: float = 0.0421
    trainer: str = "def train(): ...\n"

    @property
    def images(self) -> tuple[str, ...]:
        """All images, capture by capture."""
        return tuple(name for _, names in self.captures for name in names)


V1 = State()
V2 = replace(
    V1,
    keep=f"{id_of('p04')}  aspect_ratio  ana  2026-05-10  # it is a frieze\n",
    remove=f"{id_of('p10')}  taste  ana  2026-05-10\n"
    f"{id_of('p11')[:12]}  off_topic  bo  2026-05-11  # a <map>\n",
)
V3 = replace(V2, select=(("min_side_px", 160), ("max_aspect_ratio", 3.0)))
V4 = replace(V3, captures=((FIRST, OLD), (SECOND, NEW)))
V5 = replace(V4, kimg=4.0, kid=0.0305, trainer="def train(): return 1\n")
STATES = dict(zip(TAGS, (V1, V2, V3, V4, V5), strict=True))


def make_story(root: Path) -> Project:
    """All five versions, each a tagged commit."""
    project = begin(root)
    for tag, state in STATES.items():
        write_state(project, state)
        commit_version(project, f"Make {tag}", tag)
    return project


def begin(root: Path) -> Project:
    """A project in which nothing has been made."""
    root.mkdir(parents=True, exist_ok=True)
    project = Project(root)
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": _stages()}, sort_keys=False))
    (root / ".gitignore").write_text("/work/\n")
    for folder in ("data", "models", "metrics"):
        write_bytes(root / folder / ".gitignore", (ROOT / folder / ".gitignore").read_bytes())
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.run("git", "config", "user.name", "Ana")
    project.run("git", "config", "user.email", "ana@example.org")
    project.run("dvc", "init", "--quiet")
    write_bytes(root / ".dvc" / "config", (ROOT / ".dvc" / "config").read_bytes())
    return project


def commit_version(project: Project, message: str, tag: str = "") -> None:
    """Record in dvc.lock what lies in the folder, as if the stages had written it, and commit."""
    record(project.root)
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", message)
    if tag:
        project.run("git", "tag", tag)


def record(root: Path) -> None:
    """What `dvc commit --force` does, without the second that a process takes to start."""
    with contextlib.chdir(root), Repo(str(root)) as repo:
        repo.commit(force=True)


def push(root: Path, remote: Path) -> None:
    """Push all versions to a folder; DVC goes by the config of each commit, or a local one."""
    lines = ["[core]", "    remote = store", "['remote \"store\"']", f"    url = {remote}", ""]
    (root / ".dvc" / "config.local").write_text("\n".join(lines))
    with contextlib.chdir(root), Repo(str(root)) as repo:
        repo.push(all_tags=True)


def write_state(project: Project, state: State) -> None:
    """Write params, lists, captures, tables, pixels and a model as ``state`` has them."""
    paths = Paths(project.root, NAME)
    _write_params(project, state)
    write_bytes(project.root / "train" / "networks" / "losses.py", state.trainer.encode())
    for as_of, names in state.captures:
        _write_capture(paths, as_of, names)
        pixels = np.stack([field(number) for number in map(_number, names)])
        shards.write(paths.pixel_shard(64, f"{as_of}-00000"), pixels)
    write_inputs(project.root, NAME, inputs(*_measured(state)))
    for name, text in (("keep", state.keep), ("remove", state.remove), ("distinct", "")):
        write_bytes(paths.lists / f"{name}.txt", text.encode())
    write_json(paths.overlay / "overlay.json", {"pixels_per_side": 64, "groups": []})
    decide(project)
    _write_model(paths, state)


def decide(project: Project) -> None:
    """Run the stages that work on tables alone, by the params as they stand."""
    paths = Paths(project.root, NAME)
    params = load_params(project.root / "params.yaml").collection(NAME)
    check.run(paths)
    lists.run(paths)
    select.run(paths, params.select)
    augment.run(paths, params.augment)
    condition.run(paths, params.train)


def _stages() -> dict[str, Any]:
    """The stages of dvc.yaml without what is not made, and of their code with one folder only."""
    stages: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    chain = {name: stages[name] for name in (*STAGES, "evaluate")}
    for stage in chain.values():
        deps = [dep for dep in stage["do"].get("deps", ()) if _is_made(dep)]
        kept = {key: value for key, value in stage["do"].items() if key not in {"deps", "plots"}}
        stage["do"] = kept | ({"deps": deps} if deps else {})
    return chain


def _is_made(dep: str) -> bool:
    return dep.startswith(("data/", "models/", "curation/lists")) or dep == "train/networks"


def _write_params(project: Project, state: State) -> None:
    collection = small_params()["collections"][NAME]
    collection["scrape"]["as_of"] = state.captures[-1][0]
    collection["select"] |= dict(state.select)
    collection["augment"]["transforms"] = ["flip_left_right"]
    collection["train"]["kimg"] = state.kimg
    project.write_params({"collections": {NAME: collection}})


def _number(name: str) -> int:
    return int(name[1:]) + (30 if name[0] == "s" else 40 if name[0] == "q" else 0)


def _measured(state: State) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    second = len(state.captures) > 1
    images = [
        _image(name, as_of, row)
        for as_of, names in state.captures
        for row, name in enumerate(names)
    ]
    listings = [_listing(name, FIRST) for name in OLD]
    if second:
        listings += [_listing(name, SECOND) for name in (*OLD, *NEW) if name != "q15"]
    near = [("p07", "p08"), ("p16", "r21"), ("p07", "s07"), ("p08", "s07")]
    pairs = [pair(a, b) for a, b in near if {a, b} <= {*state.images}]
    return images, listings, pairs, [score(name, 1.0) for name in state.images]


def _image(name: str, as_of: str, row: int) -> Row:
    body = name.encode()
    made = image(name, capture=as_of, shard=f"{as_of}-00000", row=row, bytes=len(body))
    made |= {"pixel_digest": sha256_hex(body)[:32], "phashes": [_number(name)] * 8}
    return made | _FACTS.get(name, {})


_FACTS: dict[str, dict[str, Any]] = {
    "p03": {"width": 90, "height": 90},
    "p04": {"width": 720, "height": 300},
    "p05": {"width": 780, "height": 300},
    "p07": {"width": 440, "height": 330},
    "p12": {"luminance_std": 1.5},
    "p13": {"width": 150, "height": 150},
    "r21": {"width": 800, "height": 600},
    "r22": {"luminance_std": 0.5},
    "s07": {"width": 880, "height": 660},
}
"""What is remarkable about an image; all others are of 400 by 300 pixels."""


def _listing(name: str, as_of: str) -> Row:
    """A listing as a capture saw it: in the second one, some are not what they were."""
    second = as_of == SECOND
    shown = {"p15": "q15", "p14": None}.get(name, name) if second else name
    creator = "ada-vorn" if _number(name) % 20 < 10 else "bo-okoro"
    return listing(
        name,
        shown,
        capture=as_of,
        creator=creator,
        creator_name=creator.replace("-", " ").title(),
        title=f"Field {name}",
        rights="Public domain" if second and name == "p17" else "Fair use",
        fetch="opted_out" if shown is None else "fetched",
    )


def _write_capture(paths: Paths, as_of: str, names: Sequence[str]) -> None:
    """A finished capture of images whose bytes are their names."""
    folder, shard, data = paths.capture(as_of), "images-00000.tar", b""
    rows: list[Row] = []
    for seq, name in enumerate(names):
        body = name.encode()
        row: Row = dict.fromkeys(MANIFEST.arrow.names)
        row |= {"seq": seq, "kind": "image", "url": f"https://x.org/{name}.jpg", "address": ""}
        row |= {"fetch": "fetched", "fetched_at": f"{as_of}T12:00:00Z", "elapsed_ms": 5}
        row |= {"bytes": len(body), "sha256": sha256_hex(body), "shard": shard}
        rows.append(row | {"offset": len(data) + BLOCK})
        data += tar_member(sha256_hex(body), body)
    write_bytes(folder / shard, data + END_OF_ARCHIVE)
    tables.write(folder / "manifest.parquet", MANIFEST, tables.from_rows(MANIFEST, rows))
    counts = {"page": {}, "image": {"fetched": len(names)}, "bytes": {"stored": len(data)}}
    CaptureDescription("wikiart", "gallery", as_of, {}, counts=counts, complete=True).write(folder)


def _write_model(paths: Paths, state: State) -> None:
    weights = hashlib.sha256(repr((state.trainer, state.kimg, state.images)).encode()).digest()
    write_bytes(paths.model / "generator.safetensors", weights)
    write_json(
        paths.model / "model.json",
        {
            "params": {"model": "residual", "resolution": 64},
            "images_seen": round(1000 * state.kimg),
            "data": {"images": 12, "variants": 24},
        },
    )
    kid = {**EVALUATION["kid"], "trained": {"mean": state.kid, "std": 0.003}}  # type: ignore[dict-item]
    write_json(paths.evaluation / "evaluation.json", {**EVALUATION, "kid": kid})
