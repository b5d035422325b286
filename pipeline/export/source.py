"""The version that is exported: the workspace, or an earlier one, as files below `Paths`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import TableError, UsageError, VersionError
from pipeline.core.params.file import check_collection, collection_names, content
from pipeline.core.paths import Paths
from pipeline.versions import git
from pipeline.versions.lock import LOCK_FILE
from pipeline.versions.revision import WORKSPACE, Version, open_version

TABLES: Final = ("variants", "images", "listings", "selection")
"""What an export is made of, besides pixels and bytes."""


@dataclass(frozen=True)
class ExportSource:
    """One version of one collection."""

    name: str
    paths: Paths
    version: Version | None
    """None for the workspace, whose files are there or not."""
    commit: str | None
    """In which the lock file came to record these tables; None where it does not yet."""
    params: dict[str, Any]

    def bring(self, files: Iterable[Path]) -> None:
        """Have these files, and say which cannot be had.

        Raises:
            VersionError: they are neither in the cache nor in the remote.
        """
        if self.version is not None:
            self.version.bring(*files)

    def bring_captures(self, names_first: Any) -> None:
        """Have what describes the captures: the files for whose names ``names_first`` is true."""
        if self.version is not None:
            folder = self.paths.captures
            names = [name for name in self.version.names(folder) if names_first(f"/{name}")]
            self.version.bring(*(folder / name for name in names))


def open_source(root: Path, collection: str, rev: str | None) -> ExportSource:
    """The version ``rev`` of a collection; the workspace where it is None.

    Raises:
        UsageError: there is no such revision or collection.
        VersionError, ParamsError: the version cannot be read.
    """
    if rev in (None, WORKSPACE):
        return _workspace(root, collection)
    version = open_version(root, rev)
    version.check_collection(collection)
    paths = version.paths(collection)
    version.bring(*(paths.table(name) for name in TABLES), paths.funnel)
    commit = _recorded_in(version)
    return ExportSource(version.name, paths, version, commit, version.lock.params(collection))


def newest_selection(root: Path, collection: str) -> Path | None:
    """The selection in the workspace, or that of the commit checked out where it was not pulled."""
    workspace = Paths(root, collection).table("selection")
    if workspace.exists():
        return workspace
    try:
        version = open_version(root, "HEAD")
        path = version.paths(collection).table("selection")
        version.bring(path)
    except VersionError:  # the commit has none, or it is neither in the cache nor in the remote
        return None
    return path


def _workspace(root: Path, collection: str) -> ExportSource:
    settings = root / "params.yaml"
    check_collection(collection, collection_names(settings))
    paths = Paths(root, collection)
    for file in (*(paths.table(name) for name in TABLES), paths.funnel):
        if not file.exists():
            raise TableError(
                f"{file}: missing; run `dvc repro` to make it, or `dvc pull` to have it"
            )
    committed = _committed(root, paths)
    if committed is None:
        params = content(settings)["collections"][collection]
        return ExportSource(WORKSPACE, paths, None, None, params)
    params = committed.lock.params(collection)
    return ExportSource(WORKSPACE, paths, None, _recorded_in(committed), params)


def _committed(root: Path, paths: Paths) -> Version | None:
    """The version at HEAD, if its tables are those of the workspace."""
    if not (root / ".dvc").is_dir():
        return None
    try:
        version = open_version(root, "HEAD")
    except (UsageError, VersionError):  # no commit yet, no git, or nothing made at that commit
        return None
    told = version.paths(paths.collection)
    same = all(version.digest(told.table(n)) == digest_of(paths.table(n)) for n in TABLES)
    return version if same else None


def _recorded_in(version: Version) -> str | None:
    """The commit that last changed the lock file: later ones hold the same version."""
    return git.last_change(version.project, LOCK_FILE, version.commit or "HEAD") or version.commit


def digest_of(path: Path) -> str:
    """The md5 of a file, by which DVC's lock file names it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
