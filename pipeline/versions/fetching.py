"""Bringing the files of a version: into the cache, and from there to where they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.core.errors import VersionError
from pipeline.core.files import partial_name, storage_errors
from pipeline.core.log import counted
from pipeline.versions.store import Missing, NoRemoteError, RemoteDownError, Store


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
