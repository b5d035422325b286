"""The files of versions by digest: in DVC's cache, or fetched into it from the remote of today.

A lock file names digests, and both cache and remote are laid out by them. So a version is read
without opening the repository as it was: DVC would go by the `.dvc/config` of that commit, which
does not know a remote that was added later, and would open the repository anew for every file.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pipeline.core.errors import SalonError, StorageError, VersionError
from pipeline.core.files import partial_name, storage_errors
from pipeline.core.log import counted, say

_OBJECTS = ("files", "md5")


class NoRemoteError(VersionError):
    """No remote is set up, so only this machine has the data."""


class RemoteDownError(VersionError):
    """The remote does not answer, or does not let us in."""


@dataclass(frozen=True)
class Missing:
    """A digest that is neither here nor in the remote, and why it could not be had."""

    md5: str
    why: str


class Store:
    """The cache and the remote of the project at ``root``."""

    def __init__(self, root: Path) -> None:
        """Nothing is opened until it is asked for."""
        self._root = root

    def place(self, md5: str) -> Path:
        """Where the cache keeps the object, whether or not it is there."""
        return self._cache / md5[:2] / md5[2:]

    def holds(self, md5: str) -> bool:
        """Whether the object is in the cache."""
        return self.place(md5).exists()

    def listing(self, md5: str) -> dict[str, str]:
        """The digests of the files of a folder, by path below it; its listing must be here.

        Raises:
            VersionError: the listing is torn.
        """
        try:
            entries = json.loads(self.place(md5).read_bytes())
            return {entry["relpath"]: entry["md5"] for entry in entries}
        except (ValueError, TypeError, KeyError) as error:
            raise VersionError(
                f"{self.place(md5)}: torn; delete it and run `dvc fetch` to have it anew"
            ) from error

    def fetch(self, md5s: Iterable[str]) -> list[Missing]:
        """Bring into the cache what is not there; the answer names what could not be had.

        Raises:
            NoRemoteError: there is no remote to fetch from.
            RemoteDownError: it cannot be reached.
        """
        absent = sorted({md5 for md5 in md5s if not self.holds(md5)})
        if not absent:
            return []
        remote = self._remote()
        say(f"fetching {len(absent):,} of a version's files from {self.remote_name} ...")
        failures: dict[str, BaseException] = {}
        with _remote_errors(self.remote_name):
            self._repo.cache.local.add(
                [remote.oid_to_path(md5) for md5 in absent],
                remote.fs,
                absent,
                verify=True,
                on_error=failures.__setitem__,
            )
        down = [error for error in failures.values() if not isinstance(error, FileNotFoundError)]
        if down:
            raise failure(down[0], self._cache, self.remote_name)
        lacking, damaged = (
            f"{word} in the remote {self.remote_name}" for word in ("not", "damaged")
        )
        return [
            Missing(md5, lacking if md5 in failures else damaged)
            for md5 in absent
            if not self.holds(md5)
        ]

    def in_remote(self, md5s: Iterable[str]) -> set[str]:
        """Those of the digests that the remote has.

        Raises:
            NoRemoteError: there is no remote.
            RemoteDownError: it cannot be reached.
        """
        remote = self._remote()
        asked = sorted(set(md5s))
        with _remote_errors(self.remote_name):
            # One knock is enough to learn whether anybody is there; the rest is asked in bulk.
            for md5 in asked[:1]:
                _knock(remote, md5)
            return set(remote.list_oids_exists(asked))

    @cached_property
    def remote_name(self) -> str:
        """The remote as a person knows it: its name and address."""
        name = self._dvc_config["core"].get("remote", "")
        url = self._dvc_config["remote"].get(name, {}).get("url", "")
        return f"{name} ({url})"

    @cached_property
    def _dvc_config(self) -> Any:
        # Imported here, like all of DVC: it takes a tenth of a second, and a few commands use it.
        from dvc.config import Config, ConfigError

        try:
            return Config(str(self._root / ".dvc"))
        except ConfigError as error:
            raise VersionError(
                f"{self._root / '.dvc'}: DVC cannot read its config: {error}"
            ) from error

    @cached_property
    def _cache(self) -> Path:
        folder = self._dvc_config["cache"].get("dir") or self._root / ".dvc" / "cache"
        return Path(folder).joinpath(*_OBJECTS)

    @cached_property
    def _repo(self) -> Any:
        from dvc.repo import Repo

        return Repo(str(self._root))

    def _remote(self) -> Any:
        """The remote's objects by digest, as DVC's own `HashFileDB`."""
        if not self._dvc_config["core"].get("remote"):
            raise NoRemoteError(
                "no remote is set up; `dvc remote add --default NAME ADDRESS` names the one that "
                "holds the data"
            )
        with _remote_errors(self.remote_name):
            remote = self._repo.cloud.get_remote_odb()
        if remote.fs.protocol == "local" and not Path(remote.path).parents[1].is_dir():
            # A folder on a disk that is not mounted would look like one to which nobody pushed.
            raise RemoteDownError(
                _unreachable(
                    self.remote_name,
                    NotADirectoryError("no such folder (the first `dvc push` makes it)"),
                )
            )
        return remote


def _knock(remote: Any, md5: str) -> None:
    """Ask for a byte of an object, whether or not it is there.

    To ask what exists is not enough: fsspec takes every failure for "it does not", so a server
    that is down would look like one to which nothing was ever pushed.
    """
    with suppress(FileNotFoundError):
        remote.fs.fs.cat_file(remote.oid_to_path(md5), start=0, end=1)


@contextmanager
def _remote_errors(remote: str) -> Iterator[None]:
    """Whatever a remote's library raises, as one sentence: each of them has errors of its own."""
    try:
        yield
    except SalonError:
        raise
    except Exception as error:
        raise RemoteDownError(_unreachable(remote, error)) from error


def failure(error: BaseException, cache: Path, remote: str) -> SalonError:
    """Whose fault it is that a file could not be fetched: the disk's, or the remote's."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"{cache}: {error.strerror}; make room and run the same command again")
    return RemoteDownError(_unreachable(remote, error))


def _unreachable(remote: str, error: BaseException) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return f"the remote {remote} cannot be read: {words}"


def fetch(version: str, store: Store, files: Mapping[str, str]) -> None:
    """Have the ``files`` of a version (digests by path) in the cache.

    Raises:
        VersionError: one of them is neither there nor in the remote; the sentence says which, and
            what to do.
    """
    try:
        missing = store.fetch(files.values())
    except NoRemoteError as error:
        absent = next(path for path, md5 in files.items() if not store.holds(md5))
        raise VersionError(f"{absent} of {version} is not in DVC's cache, and {error}") from error
    except RemoteDownError as error:
        raise RemoteDownError(
            f"{version} is not in DVC's cache, and {error}; mend the remote (`dvc remote list`), "
            f"then run `dvc fetch --all-tags`"
        ) from error
    if missing:
        raise VersionError(_nowhere(version, files, missing))


def _nowhere(version: str, files: Mapping[str, str], missing: Sequence[Missing]) -> str:
    """Which files cannot be had, why, and what to do about it."""
    lost = {each.md5 for each in missing}
    named = [path for path, md5 in files.items() if md5 in lost]
    more = f" and {counted(len(named) - 1, 'more file')}" if len(named) > 1 else ""
    # Of an older commit DVC pushes nothing, without a word, if its own config names no remote.
    return (
        f"{named[0]}{more} of {version} {'are' if more else 'is'} not in this cache, and "
        f"{missing[0].why}: where {version} was made, name the remote in .dvc/config.local "
        f"(`dvc remote add --local`) and run `dvc push --all-commits`; or make it again here: "
        f"`git worktree add ../{version} {version}`, and `dvc repro` in it"
    )


def link(place: Path, target: Path) -> None:
    """Let ``place`` be a link to ``target``; a reader sees the old link or the new."""
    if place.is_symlink() and place.readlink() == target:
        return
    partial = partial_name(place)
    with storage_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        partial.symlink_to(target)
        partial.replace(place)
