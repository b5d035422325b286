"""Where an export is made, and how it gets its final names: by renames, once it is on the disk."""

from __future__ import annotations

import filecmp
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.files import storage_errors
from pipeline.export import manifest
from pipeline.export.sqlite import PathSet


@dataclass(frozen=True)
class Staging:
    """The folder in which an export is made before anything gets its final name."""

    folder: Path

    @property
    def files(self) -> Path:
        """New files, laid out as in the export."""
        return self.folder / "files"

    @property
    def rows(self) -> Path:
        """The catalogue."""
        return self.folder / "rows.db"

    @property
    def records(self) -> Path:
        """One file a part, written when its new files are whole: a stopped export goes on."""
        return self.folder / "records"

    def record(self, part: str) -> Path:
        """The record of one part."""
        return self.records / f"{part}.json"

    def licenses(self, part: str) -> Path:
        """The lines of LICENSES.csv about one part."""
        return self.folder / "pieces" / f"{part}.csv"

    def index(self, part: str) -> Path:
        """The rows of a split's table about one part."""
        return self.folder / "pieces" / f"{part}.parquet"


STAGING: Final = ".partial"
"""Below the export's folder; readers pass over names that begin with a dot."""


def publish_export(staging: Staging, finished: Path, files: PathSet) -> int:
    """Move all new files of ``staging`` to ``finished``, and take out those not in ``files``.

    The manifest comes last: a folder without one, or with another, is known to be unfinished.
    Returns how many files were written.
    """
    os.sync()  # one call for all files, before any of them gets its final name
    earlier = manifest.read_manifest(finished)
    with storage_errors(finished):
        written = _move(staging.files, finished)
        # Only what Salon's earlier manifest names is removed, never a file that somebody put there.
        if earlier is not None:
            _remove_others(earlier, finished, files)
        (staging.folder / manifest.NAME).replace(finished / manifest.NAME)
        shutil.rmtree(staging.folder)
    return written


def _move(source: Path, target: Path) -> int:
    """Move what lies in ``source`` into ``target``: a folder that is new there as a whole.

    What lies there already, byte for byte, is left alone. Returns how many files were moved.
    """
    moved = 0
    for entry in sorted(source.iterdir()):
        place = target / entry.name
        if entry.is_dir() and place.is_dir():
            moved += _move(entry, place)
        elif not (place.is_file() and filecmp.cmp(entry, place, shallow=False)):
            moved += sum(path.is_file() for path in entry.rglob("*")) if entry.is_dir() else 1
            entry.replace(place)
    return moved


def _remove_others(earlier: manifest.Manifest, finished: Path, files: PathSet) -> None:
    folders: set[Path] = set()
    for part in earlier.parts():
        for file in part.files:
            if file.path not in files:
                (finished / file.path).unlink(missing_ok=True)
                folders.add((finished / file.path).parent)
    for folder in sorted(folders, reverse=True):
        while folder != finished and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
