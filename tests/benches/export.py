"""Images per second and memory of `salon export`; `make bench-export` prints them.

Beside each export stands a bare loop, in a process of its own, that writes the same files and knows
nothing: no rows, no digests, no rights, no manifest. Images are a few kilobytes, so that the cost
of each is seen and not that of the disk; CPU seconds are those of all processes.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from PIL import Image
from rich.console import Console

from pipeline.core import shards, tables
from pipeline.core.files import write_json
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, MANIFEST, SELECTION, VARIANTS, TableSchema
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.image_shards import BLOCK, END_OF_ARCHIVE, tar_member
from tests.benches.tables import timed
from tests.small_project import field

SALON: Final = str(Path(sys.executable).with_name("salon"))
NAME, DAY = "paintings", "2026-11-22"
IMAGES_OF_A_SHARD: Final = 1024
CREATORS: Final = 300
MEMORY: Final = (1_000, 100_000, 1_000_000)
CASES: Final = (
    ("webdataset", "original", 100_000),
    ("folder", "original", 100_000),
    ("webdataset", "64", 20_000),
)
"""Format, size and images; squares are encoded anew, which takes ten times as long."""


@dataclass(frozen=True)
class Made:
    """One image of the made-up collection, and where its bytes lie."""

    image_id: str
    sha256: str
    number: int
    shard: str
    offset: int
    length: int


def make(root: Path, count: int, image_bytes: int) -> None:
    """A finished collection of ``count`` images of about ``image_bytes`` bytes each."""
    paths = Paths(root, NAME)
    (root / "params.yaml").write_text("collections:\n  paintings: {ingest: {square: crop}}\n")
    made = _capture(paths, count, image_bytes)
    pixels = np.stack([field(number % 64) for number in range(IMAGES_OF_A_SHARD)])
    first = paths.pixel_shard(64, _pixel_shard(0))
    shards.write(first, pixels)
    for number in range(1, -(-count // IMAGES_OF_A_SHARD)):
        paths.pixel_shard(64, _pixel_shard(number * IMAGES_OF_A_SHARD)).hardlink_to(first)
    ordered = sorted(made, key=lambda each: each.image_id)
    _write(paths, IMAGES, ordered, _image)
    _write(paths, SELECTION, ordered, _selected)
    _write(paths, VARIANTS, ordered, _variant)
    _write(paths, LISTINGS, made, _listing)
    write_json(paths.funnel, {"listed": count, "steps": [], "kept": count})


def _capture(paths: Paths, count: int, image_bytes: int) -> list[Made]:
    """Tars of a thousand images, and the manifest; digests make noise of the wanted length."""
    folder = paths.capture(DAY)
    folder.mkdir(parents=True)
    jpeg = io.BytesIO()
    Image.fromarray(field(1, 32)).save(jpeg, "JPEG", quality=30)
    filling = bytes(max(0, image_bytes - len(jpeg.getvalue()) - 8))
    made: list[Made] = []
    for start in range(0, count, IMAGES_OF_A_SHARD):
        name = f"images-{start // IMAGES_OF_A_SHARD:05d}.tar"
        with (folder / name).open("wb") as file:
            for number in range(start, min(count, start + IMAGES_OF_A_SHARD)):
                data = jpeg.getvalue() + filling + number.to_bytes(8, "big")
                sha256 = sha256_hex(data)
                offset = file.tell() + BLOCK
                file.write(tar_member(sha256, data))
                made.append(Made(image_id_of(sha256), sha256, number, name, offset, len(data)))
            file.write(END_OF_ARCHIVE)
    _write(paths, MANIFEST, made, _request, folder / "manifest.parquet")
    CaptureDescription("wikiart", "gallery", DAY, {}, complete=True).write(folder)
    return made


def _write(
    paths: Paths,
    schema: TableSchema,
    made: list[Made],
    row: Callable[[Made], dict[str, Any]],
    path: Path | None = None,
) -> None:
    with tables.appending(path or paths.table(schema.name), schema) as append:
        for start in range(0, len(made), 50_000):
            rows = [
                dict.fromkeys(schema.arrow.names) | row(each)
                for each in made[start : start + 50_000]
            ]
            append(pa.Table.from_pylist(rows, schema=schema.arrow))


def _pixel_shard(number: int) -> str:
    return f"{DAY}-{number // IMAGES_OF_A_SHARD:05d}-000"


def _request(each: Made) -> dict[str, Any]:
    return {
        "seq": each.number, "kind": "image", "url": f"https://images.test/{each.number}",
        "address": "http://127.0.0.1:1", "fetch": "fetched", "bytes": each.length,
        "sha256": each.sha256, "shard": each.shard, "offset": each.offset, "fetched_at": DAY,
        "elapsed_ms": 1,
    }  # fmt: skip


def _image(each: Made) -> dict[str, Any]:
    return {
        "image_id": each.image_id, "sha256": each.sha256, "capture": DAY,
        "shard": _pixel_shard(each.number), "row": each.number % IMAGES_OF_A_SHARD,
        "bytes": each.length, "format": "JPEG", "mode": "RGB", "width": 32, "height": 32,
    }  # fmt: skip


def _selected(each: Made) -> dict[str, Any]:
    return {
        "image_id": each.image_id, "status": "keep", "decided_by": "rule",
        "creator": f"artist-{each.number % CREATORS}", "rights": "Public domain",
        "shard": _pixel_shard(each.number), "row": each.number % IMAGES_OF_A_SHARD,
    }  # fmt: skip


def _variant(each: Made) -> dict[str, Any]:
    return {
        "image_id": each.image_id, "transform": "identity", "status": "keep", "decided_by": "rule",
        "split": "held_out" if each.number % 10 == 0 else "train",
        "creator": f"artist-{each.number % CREATORS}", "rights": "Public domain",
        "shard": _pixel_shard(each.number), "row": each.number % IMAGES_OF_A_SHARD,
    }  # fmt: skip


def _listing(each: Made) -> dict[str, Any]:
    return {
        "capture": DAY, "source": "wikiart", "listing_id": f"{each.number:024x}", "position": 0,
        "image_key": f"images/{each.number}.jpg",
        "page_url": f"https://www.wikiart.org/en/{each.number}", "image_id": each.image_id,
        "image_url": f"https://uploads0.wikiart.org/images/{each.number}.jpg", "fetch": "fetched",
        "layer": "json",
        "title": f"Field no. {each.number}", "creator": f"artist-{each.number % CREATORS}",
        "creator_name": f"Artist {each.number % CREATORS}", "year": 1960,
        "rights": "Public domain",
    }  # fmt: skip


def bare(root: Path, form: str, size: str, like: Path, out: Path) -> float:
    """Write what the export in ``like`` holds; the CPU seconds of the loop alone."""
    plan = _plan(root, like)
    files: dict[Path | str, Any] = {}
    start = time.process_time()
    for (path, offset, length, pixels), row in plan:
        if path not in files:
            files[path] = np.load(path, mmap_mode="r") if pixels else path.open("rb")
        if size == "original":
            files[path].seek(offset)
            data = files[path].read(length)
        else:
            buffer = io.BytesIO()
            Image.fromarray(files[path][offset]).save(buffer, "PNG")
            data = buffer.getvalue()
        if form == "folder":
            target = out / row["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            continue
        if row["file"] not in files:
            shard = out / row["file"]
            files[row["file"]] = tarfile.open(shard, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115
        facts = json.dumps(row).encode()
        key, _, kind = row["member"].partition(".")
        for suffix, content in ((kind, data), ("json", facts), ("cls", row["label"].encode())):
            info = tarfile.TarInfo(f"{key}.{suffix}")
            info.size = len(content)
            files[row["file"]].addfile(info, io.BytesIO(content))
    for file in files.values():
        if not isinstance(file, np.ndarray):
            file.close()
    return time.process_time() - start


def _plan(root: Path, like: Path) -> list[tuple[tuple[Path, int, int, bool], dict[str, str]]]:
    """Where the bytes of each picture of an export come from, in the order of its files."""
    paths = Paths(root, NAME)
    originals: dict[str, tuple[Path, int, int]] = {
        image_id_of(row["sha256"]): (paths.capture(DAY) / row["shard"], row["offset"], row["bytes"])
        for row in tables.read(paths.capture(DAY) / "manifest.parquet", MANIFEST).to_pylist()
    }
    squares = {
        row["image_id"]: (paths.pixel_shard(64, row["shard"]), row["row"])
        for row in tables.read(paths.table("images"), IMAGES).to_pylist()
    }
    with (like / "LICENSES.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows[0]["member"].endswith(".png"):
        return [((*squares[row["image_id"]], 0, True), row) for row in rows]
    return [((*originals[row["image_id"]], False), row) for row in rows]


def speed(form: str, size: str, count: int, root: Path) -> tuple[float, float, float]:
    """Images per second, per CPU second, and per CPU second of the bare loop."""
    make(root, count, 6_000)
    out, copy = root / "out", root / "bare"
    copy.mkdir()
    command = [SALON, "export", NAME, "--format", form, "--size", size, "--out", str(out)]
    took = timed(count, form, command, root)
    again = [sys.executable, "-m", "tests.benches.export", "bare", str(root), form, size]
    done = subprocess.run(
        [*again, str(out), str(copy)], check=True, stdout=subprocess.PIPE, text=True
    )
    return count / took.seconds, count / took.cpu_seconds, count / float(done.stdout)


def memory(count: int, root: Path) -> tuple[float, float]:
    """Peak of the largest process in MB, and CPU seconds, of an export of so many tiny images."""
    make(root, count, 0)
    words = ["--format", "webdataset", "--size", "original", "--out", "out"]
    took = timed(count, "webdataset", [SALON, "export", NAME, *words], root)
    return took.megabytes, took.cpu_seconds


def main() -> None:
    """Print what exports take, line by line."""
    console = Console()
    console.print("format, size: images/s, images/CPU-s, bare loop: images/CPU-s")
    for form, size, count in CASES:
        with tempfile.TemporaryDirectory() as folder:
            numbers = speed(form, size, count, Path(folder))
        console.print(f"{form}, {size}:", *(f"{number:,.0f}" for number in numbers))
    console.print("images: peak MB, CPU s")
    for count in MEMORY:
        with tempfile.TemporaryDirectory() as folder:
            megabytes, cpu = memory(count, Path(folder))
        console.print(f"{count:,}: {megabytes:,.0f}, {cpu:,.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        root, form, size, like, out = sys.argv[2:]
        sys.stdout.write(f"{bare(Path(root), form, size, Path(like), Path(out))}\n")
    else:
        main()
