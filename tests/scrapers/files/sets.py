"""The same few pictures, with what is known of them, in every shape in which people keep such sets.

A builder writes a set below a folder and returns the path to be captured. What a capture of it must
tell is `TRUTH`, whatever the shape.
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from pipeline.core.ids import image_id_of, sha256_hex

COUNT: Final = 6
Facts = tuple[str, str, str, str, str]


@cache
def jpeg(number: int, size: int = 24) -> bytes:
    """A picture of its own."""
    pixels = np.random.default_rng(number).integers(0, 255, (size, size, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def known(number: int) -> dict[str, str]:
    """What is known of a picture; the id has zeros in front, a title commas and quotes."""
    return {
        "id": f"00{number}",
        "title": f'Field {number}, "red"\nabove blue',
        "artist": ("Žofia Králová", "max-bill")[number % 2],
        "license": ("CC0", "Public domain", "NA")[number % 3],
        "date": f"{1900 + number}",
        "shelf": f"0{number}",
    }


TRUTH: Final = {
    image_id_of(sha256_hex(jpeg(number))): {
        "listing_id": f"00{number}",
        "title": f'Field {number}, "red" above blue',
        "creator": ("zofia-kralova", "max-bill")[number % 2],
        "creator_name": ("Žofia Králová", "max-bill")[number % 2],
        "rights": ("CC0", "Public domain", "NA")[number % 3],
        "year": 1900 + number,
        "shelf": f"0{number}",
    }
    for number in range(COUNT)
}


def rows(column: str, names: Iterable[str]) -> list[dict[str, str]]:
    """A table that names each picture's file in ``column``."""
    return [{column: name, **known(number)} for number, name in enumerate(names)]


def as_csv(table: list[dict[str, str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(table[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(table)
    return buffer.getvalue().encode(encoding)


def as_json_lines(table: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table).encode()


def as_parquet(table: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(table), buffer)
    return buffer.getvalue()


def put(root: Path, files: dict[str, bytes]) -> Path:
    """Write ``files`` below ``root``."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def _names(pattern: str = "images/{}.jpg") -> list[str]:
    return [pattern.format(number) for number in range(COUNT)]


def _pictures(names: Iterable[str]) -> dict[str, bytes]:
    return {name: jpeg(number) for number, name in enumerate(names)}


def _imagefolder(root: Path) -> Path:
    """Hugging Face's: a table of its own in each split, paths from there."""
    files = {f"train/{name}": data for name, data in _pictures(_names()).items()}
    table = as_json_lines(rows("file_name", _names()))
    return put(root, {**files, "train/metadata.jsonl": table, "README.md": b"# A set"})


def _german_csv(root: Path) -> Path:
    """As a spreadsheet writes it: semicolons, a byte order mark, and any name for the table."""
    table = as_csv(rows("Filename", [f"{n}.jpg" for n in range(COUNT)]), ";", "utf-8-sig")
    return put(root, {**_pictures(_names()), "Bestand 2026.csv": table, "Thumbs.db": b"\0"})


def _zip(root: Path) -> Path:
    files = {**_pictures(_names()), "metadata.csv": as_csv(rows("file_name", _names()))}
    with zipfile.ZipFile(root / "set.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return root / "set.zip"


def _tar_gz(root: Path) -> Path:
    put(root / "set", {**_pictures(_names()), "x.parquet": as_parquet(rows("path", _names()))})
    with tarfile.open(root / "set.tar.gz", "w:gz") as archive:
        archive.add(root / "set", ".")
    return root / "set.tar.gz"


def _web_dataset(root: Path) -> Path:
    """Members of a sample are neighbours and share what stands before the first dot."""
    for shard in range(2):
        files: dict[str, bytes] = {}
        for number in range(shard, COUNT, 2):
            told = json.dumps(known(number)).encode()
            files |= {f"a/k{number}.rgb.jpg": jpeg(number), f"a/k{number}.json": told}
        put(root, {f"shards/train-{shard:05d}.tar": tar_of(files)})
    return root / "shards"


def _image_to_dataset(root: Path, *, in_tars: bool) -> Path:
    """img2dataset's: keys, a JSON a picture, a parquet of all rows, also of those that failed."""
    keys = [f"00000000{number}" for number in range(COUNT)]
    told = [
        {**known(n), "url": f"https://a.test/{n}.jpg", "key": keys[n], "status": "success",
         "error_message": None, "width": 24}
        for n in range(COUNT)
    ]  # fmt: skip
    failed = {"url": "https://a.test/9.jpg", "status": "failed_to_download",
              "error_message": "HTTP Error 404: Not Found", "key": "000000009"}  # fmt: skip
    files: dict[str, bytes] = {}
    for number, key in enumerate(keys):
        files |= {f"{key}.jpg": jpeg(number), f"{key}.json": json.dumps(told[number]).encode()}
    whole = {"00000.parquet": as_parquet([*told, failed]), "00000_stats.json": b'{"count": 7}'}
    if not in_tars:
        return put(root, {**{f"00000/{name}": data for name, data in files.items()}, **whole})
    put(root, whole)
    (root / "00000.tar").write_bytes(tar_of(files))
    return root


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _parquet(root: Path, *, struct: bool) -> Path:
    """Hugging Face's, with the bytes of the pictures in the table, and one file a split."""
    for split in range(2):
        numbers = range(split, COUNT, 2)
        table = [
            {"picture": {"bytes": jpeg(n), "path": None} if struct else jpeg(n), **known(n)}
            for n in numbers
        ]
        put(root, {f"data/train-0000{split}-of-00002.parquet": as_parquet(table)})
    return root


def _sidecars(root: Path) -> Path:
    """gallery-dl's: a JSON beside each picture that has its whole name."""
    files = _pictures(_names("gallery/{}.jpg"))
    beside = {f"{name}.json": json.dumps(known(n)).encode() for n, name in enumerate(files)}
    return put(root, files | beside)


SETS: Final[dict[str, Callable[[Path], Path]]] = {
    "imagefolder": _imagefolder,
    "german csv": _german_csv,
    "zip": _zip,
    "tar.gz": _tar_gz,
    "webdataset": _web_dataset,
    "img2dataset files": lambda root: _image_to_dataset(root, in_tars=False),
    "img2dataset tars": lambda root: _image_to_dataset(root, in_tars=True),
    "parquet of structs": lambda root: _parquet(root, struct=True),
    "parquet of bytes": lambda root: _parquet(root, struct=False),
    "sidecars": _sidecars,
}


def shuffled(root: Path, target: Path) -> Path:
    """A copy of the folder ``root`` whose files were made in another order, at another time."""
    paths: Iterator[Path] = (path for path in sorted(root.rglob("*"), reverse=True))
    for path in paths:
        if path.is_file():
            put(target, {path.relative_to(root).as_posix(): path.read_bytes()})
    return target
