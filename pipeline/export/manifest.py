"""MANIFEST.jsonl: what an export was asked for, its parts, and length and digest of every file.

The first line says what was asked for, each further one tells of a part, and the last counts and
digests those before it, so that a torn manifest is known as one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.core.errors import TableError
from pipeline.core.files import storage_errors
from pipeline.export.contents import ExportOptions
from pipeline.export.writer import FileRecord, line


class PartRecord(NamedTuple):
    """What a part was made of, and its files."""

    name: str
    made_of: str
    """A digest of everything its bytes follow from."""
    pictures: int
    files: tuple[FileRecord, ...]

    def as_json(self) -> dict[str, Any]:
        """For a line of the manifest."""
        return {**self._asdict(), "files": [list(file) for file in self.files]}

    @staticmethod
    def from_json(entry: dict[str, Any]) -> PartRecord:
        """The record that a line of the manifest tells of."""
        return PartRecord(
            entry["name"],
            entry["made_of"],
            entry["pictures"],
            tuple(FileRecord(*file) for file in entry["files"]),
        )


NAME: Final = "MANIFEST.jsonl"
FORMAT: Final = 1
"""Of the manifest itself."""


@dataclass(frozen=True)
class Manifest:
    """The manifest of a finished export."""

    path: Path
    asked: ExportOptions
    commit: str | None
    offsets: dict[str, int]
    """Where the line of each part begins, by its name."""

    def parts(self) -> Iterator[PartRecord]:
        """The parts, one in memory at a time."""
        with self.path.open("rb") as file:
            for offset in self.offsets.values():
                file.seek(offset)
                yield PartRecord.from_json(json.loads(file.readline()))


def write_manifest(
    path: Path, asked: ExportOptions, commit: str | None, parts: Iterable[PartRecord]
) -> None:
    """Write a manifest, one part in memory at a time."""
    digest, count = hashlib.sha256(), 0
    with storage_errors(path), path.open("wb") as file:

        def append(value: dict[str, Any]) -> None:
            nonlocal count
            written = line(value)
            file.write(written)
            digest.update(written)
            count += 1

        append({"manifest": FORMAT, "asked": asdict(asked), "commit": commit})
        for part in parts:
            append(part.as_json())
        file.write(line({"lines": count, "sha256": digest.hexdigest()}))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the export in ``folder``; None where there is none.

    Raises:
        TableError: it is torn, was edited, or is of another version of Salon.
    """
    path = folder / NAME
    try:
        return _read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(
            f"{path}: torn, edited, or written by another version of Salon; delete the folder and "
            f"export again"
        ) from error


def _read(path: Path) -> Manifest:
    digest, offsets, offset, count = hashlib.sha256(), {}, 0, 0
    head: dict[str, Any] = {}
    with path.open("rb") as file:
        for each in file:
            entry = json.loads(each)
            if "lines" in entry:
                break
            if count:
                offsets[str(entry["name"])] = offset
            else:
                head = entry
            digest.update(each)
            offset, count = offset + len(each), count + 1
        else:
            raise ValueError("no last line")
    if (entry["lines"], entry["sha256"]) != (count, digest.hexdigest()):
        raise ValueError("other lines than were written")
    if head["manifest"] != FORMAT:
        raise ValueError("another version")
    asked = ExportOptions(**{**head["asked"], "rights": tuple(head["asked"]["rights"])})
    return Manifest(path, asked, head["commit"], offsets)
