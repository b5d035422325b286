"""`salon export --check`: whether an export is whole, and holds nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.export import manifest
from pipeline.export.metadata import DATASHEET
from pipeline.export.staging import STAGING


@dataclass
class ExportCheck:
    """What a check found."""

    pictures: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What differs, and may."""


def check(folder: Path) -> ExportCheck:
    """Hold every file of the export in ``folder`` against the manifest.

    Raises:
        UsageError: there is no export.
        TableError: the manifest is torn.
    """
    told = manifest.read_manifest(folder)
    stopped = (folder / STAGING).exists()
    if told is None:
        if stopped:
            raise UsageError(f"{folder}: an export that was stopped; run the same command again")
        raise UsageError(f"{folder}: no export here ({manifest.NAME} is missing)")
    checked = ExportCheck()
    if stopped:
        checked.problems.append(
            f"{STAGING}: a later export was stopped; run the same command again"
        )
    for part in told.parts():
        checked.pictures += part.pictures
        for file in part.files:
            checked.files += 1
            problem = file.problem_at(folder)
            if problem is not None and file.path == DATASHEET and (folder / DATASHEET).exists():
                checked.notes.append(f"{DATASHEET}: edited since, as it is meant to be")
            elif problem is not None:
                checked.problems.append(problem)
    there = sum(1 for _ in _visible_files(folder))
    missing = sum(problem.endswith(": missing") for problem in checked.problems)
    if there > checked.files + 1 - missing:
        checked.problems += _strays(folder, told)
    return checked


def _visible_files(folder: Path) -> Iterator[Path]:
    """Everything that a reader may see; names that begin with a dot are passed over."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _visible_files(entry)
        else:
            yield entry


def _strays(folder: Path, told: manifest.Manifest) -> list[str]:
    known = {file.path for part in told.parts() for file in part.files} | {manifest.NAME}
    paths = (path.relative_to(folder).as_posix() for path in _visible_files(folder))
    return [
        f"{path}: not of this export; readers may take it for a part"
        for path in paths
        if path not in known
    ]
