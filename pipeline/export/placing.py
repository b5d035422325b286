"""Giving a finished export its final names: renames alone, once all of it is on the disk."""

from __future__ import annotations

import filecmp
import os
import shutil
from pathlib import Path
from typing import Final

from pipeline.core.files import storage_errors
from pipeline.export import manifest
from pipeline.export.making import Staging
from pipeline.export.sqlite import PathSet

STAGING: Final = ".partial"
"""Below the export's folder; readers pass over names that begin with a dot."""


def place(staging: Staging, finished: Path, files: PathSet) -> int:
    """Move all new files of ``staging`` to ``finished``, and take out those not in ``files``.

    The manifest comes last: a folder without one, or with another, is known to be unfinished.
    Returns how many files were written.
    """
    os.sync()  # one call for all files, before any of them gets its final name
    earlier = manifest.read(finished)
    with storage_errors(finished):
        written = _move(staging.files, finished)
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
