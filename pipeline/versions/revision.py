"""One version of the data: the workspace, or a commit that git knows, with its files as paths.

How to read a version, whichever it is::

    version = open_version(Path.cwd(), "v1")        # None: the workspace
    version.check_collection("paintings")
    old = version.table("paintings", SELECTION)     # an Arrow table of today's schema
    old.table, old.missing                          # columns that v1 lacked are null, and named
    paths = version.paths("paintings")              # the usual `Paths`, of files of that version
    version.bring(paths.pixel_shard(64, shard))     # a file or folder must be brought before use
    shards.open_shard(paths.pixel_shard(64, shard))
    version.names(paths.captures)                   # files of a folder, without fetching them
    version.params["collections"]["paintings"]      # params.yaml as it stood, unchecked

Files of a commit come from DVC's cache by the digests in its `dvc.lock`; what is not there is
fetched into the cache from the default remote of today. They are shown as links in a folder of
`work/versions/`, laid out like the project: whatever reads a project through `Paths` reads a
version. Nothing is checked out, and the workspace is never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import ParamsError, UsageError, VersionError, nearest
from pipeline.core.paths import Paths
from pipeline.core.schema import TableSchema
from pipeline.versions import git
from pipeline.versions.lock import LOCK_FILE, PARAMS_FILE, Lock, Out, parse_lock
from pipeline.versions.old_tables import OldTable, read_tolerantly
from pipeline.versions.store import Store, fetch, link

WORKSPACE = "workspace"
"""How the files as they lie in the project's folder are called on the command line."""


@dataclass(frozen=True)
class Version:
    """What a commit, or the workspace, says the data is."""

    name: str
    """As it was asked for: a tag, a branch, a hash, or ``workspace``."""
    commit: str | None
    """Full hash; None for the workspace."""
    project: Path
    """The project's folder, which is a git repository with DVC in it."""
    lock: Lock
    store: Store

    @property
    def is_workspace(self) -> bool:
        """Whether the files are those of the project's folder."""
        return self.commit is None

    @property
    def root(self) -> Path:
        """The folder below which the version's files lie, once they were brought."""
        if self.commit is None:
            return self.project
        return self.project / "work" / "versions" / self.commit[:16]

    def paths(self, collection: str) -> Paths:
        """Where the files of a collection lie, once they were brought."""
        return Paths(self.root, collection)

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections that were made."""
        return self.lock.collections

    def check_collection(self, collection: str, advice: str = "") -> None:
        """Refuse a collection that this version does not have, with what to do about it.

        Raises:
            UsageError: the sentence names those that it has.
        """
        if collection not in self.collections:
            has = ", ".join(self.collections) or "none"
            raise UsageError(
                f"{self.name} has no collection {collection!r}"
                f"{nearest(collection, self.collections)}; it has: {has}{advice}"
            )

    def holds(self, path: Path) -> bool:
        """Whether the version has a file or folder at ``path`` (of `paths`); fetches no file.

        Raises:
            VersionError: the listing of the folder it would lie in cannot be had.
        """
        if self.is_workspace:
            return path.exists()
        out = self.lock.holding(self._below(path))
        return out is not None and bool(self._digests_below(out, self._below(path)))

    def names(self, folder: Path) -> list[str]:
        """The files below ``folder``, as paths below it, sorted; none of them is fetched.

        Raises:
            VersionError: the folder's listing cannot be had.
        """
        return list(self.digests(folder))

    def digests(self, folder: Path) -> dict[str, str]:
        """The files below ``folder`` as in `names`, with their md5; "" in the workspace.

        Raises:
            VersionError: the folder's listing cannot be had.
        """
        if self.is_workspace:
            present = (path for path in folder.rglob("*") if path.is_file())
            return dict.fromkeys(
                sorted(path.relative_to(folder).as_posix() for path in present), ""
            )
        below = self._below(folder)
        files = self._digests_below(self.lock.holding(below), below)
        return {name.removeprefix(f"{below}/"): md5 for name, md5 in sorted(files.items())}

    def is_here(self, *paths: Path) -> bool:
        """Whether the files at ``paths`` (of `paths`) can be read without fetching anything."""
        if self.is_workspace:
            return all(path.exists() for path in paths)
        for path in map(self._below, paths):
            out = self.lock.holding(path)
            if out is None or not self.store.holds(out.md5):
                return False
            files = self._digests_below(out, path)
            if not files or not all(map(self.store.holds, files.values())):
                return False
        return True

    def is_listed(self, folder: Path) -> bool:
        """Whether `names` of ``folder`` can be told without fetching its listing."""
        out = None if self.is_workspace else self.lock.holding(self._below(folder))
        return out is None or not out.is_folder or self.store.holds(out.md5)

    def bring(self, *paths: Path) -> None:
        """Make the files or folders at ``paths`` (of `paths`) readable, in one go.

        Raises:
            VersionError: the version has no such file, or it is neither in the cache nor in the
                remote; the sentence says which, and what to do.
        """
        if self.is_workspace:
            self._check_here(paths)
            return
        files: dict[str, str] = {}
        for path in map(self._below, paths):
            out = self.lock.holding(path)
            inside = self._digests_below(out, path)
            if not inside:
                raise VersionError(f"{self.name} has no {path}: no stage had written it yet")
            files |= inside
        fetch(self.name, self.store, files)
        for path, md5 in files.items():
            link(self.root / path, self.store.place(md5))

    def table(
        self, collection: str, schema: TableSchema, columns: Sequence[str] | None = None
    ) -> OldTable:
        """A table of a collection in today's columns, or only some of them.

        Raises:
            VersionError: the table cannot be had.
            TableError: it is torn.
        """
        path = self.paths(collection).table(schema.name)
        self.bring(path)
        return read_tolerantly(path, schema, columns)

    @cached_property
    def params(self) -> dict[str, Any]:
        """The content of params.yaml, unchecked: an older one need not fit today's code.

        Raises:
            ParamsError: it is missing or not YAML.
        """
        content = yaml.load(self.text(PARAMS_FILE) or b"", Loader=yaml.CSafeLoader)
        if not isinstance(content, dict):
            raise ParamsError(f"{PARAMS_FILE} of {self.name}: missing, or not YAML")
        return content

    def text(self, path: str) -> bytes | None:
        """What a file that git tracks held, such as a curators' list; None where it was not."""
        if self.commit is not None:
            return git.content_at(self.project, self.commit, path)
        file = self.project / path
        return file.read_bytes() if file.is_file() else None

    def digest(self, path: Path) -> str | None:
        """The md5 that ``dvc.lock`` has of the out at ``path``: equal digests are equal bytes.

        None where it is no out of its own, and in the workspace, which may differ from the lock.
        """
        out = self.lock.outs.get(self._below(path))
        return None if out is None or self.is_workspace else out.md5

    def files(self, collection: str) -> dict[str, str]:
        """Every file that the stages of a collection wrote, by path, with its md5.

        Raises:
            VersionError: the listing of a folder cannot be had.
        """
        outs = (self.lock.outs[path] for path in self.lock.written_by(collection))
        return {
            path: md5
            for out in outs
            for path, md5 in (
                ({out.path: out.md5} if out.is_folder else {}) | self._digests_below(out, out.path)
            ).items()
        }

    def _below(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _digests_below(self, out: Out | None, path: str) -> dict[str, str]:
        """The digests of the files at or below ``path``, all of which lie in ``out``, by path."""
        if out is None:
            return {}
        if not out.is_folder:
            return {path: out.md5}
        if out.md5 not in self._listings:
            fetch(self.name, self.store, {out.path: out.md5})
            self._listings[out.md5] = self.store.listing(out.md5)
        inside = {f"{out.path}/{name}": md5 for name, md5 in self._listings[out.md5].items()}
        return {
            name: md5
            for name, md5 in inside.items()
            if path in (out.path, name) or name.startswith(f"{path}/")
        }

    @cached_property
    def _listings(self) -> dict[str, dict[str, str]]:
        return {}

    def _check_here(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if not path.exists():
                below = self._below(path)
                raise VersionError(
                    f"{below}: missing; run `dvc repro` to make it, or `dvc pull` to have it"
                )


def open_version(root: Path, name: str | None = None, store: Store | None = None) -> Version:
    """The version of the project at ``root`` that ``name`` (a tag, branch or hash) means.

    None, or ``workspace``, is the project's folder as it is. Versions opened with one ``store``
    open the remote once.

    Raises:
        UsageError: git knows no such revision.
        VersionError: the project is not under git and DVC, or no stage had run at that commit.
    """
    if not (root / ".dvc").is_dir():
        raise VersionError(f"{root}: no DVC repository, so it has no versions; run `dvc init`")
    store = store or Store(root)
    if name in (None, WORKSPACE):
        file = root / LOCK_FILE
        lock = parse_lock(file.read_bytes(), str(file)) if file.exists() else Lock({})
        return Version(WORKSPACE, None, root, lock, store)
    commit = git.commit_of(root, name or "HEAD")
    data = git.content_at(root, commit, LOCK_FILE)
    if data is None:
        raise VersionError(f"{name} holds no {LOCK_FILE}: nothing had been made at that commit")
    return Version(name or commit, commit, root, parse_lock(data, f"{LOCK_FILE} of {name}"), store)
