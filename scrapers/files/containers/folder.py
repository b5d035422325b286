"""A folder on the disk, in the order of its names whatever the file system's is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import FilesError
from scrapers.files.containers import kind_of
from scrapers.files.containers.member import Member, reader
from scrapers.files.picture_names import shown

PASSED_OVER: Final = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})
"""What systems put beside people's files; and whatever begins with a dot."""


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of that name is nobody's own."""
    return name.startswith(".") or name in PASSED_OVER


def members(root: Path) -> Iterator[Member]:
    """Every file at ``root`` and below, and those that containers among them hold.

    Raises:
        FilesError: there is nothing at ``root``, a link leads out of it, or a container is torn.
    """
    if root.is_file():
        kind = kind_of(root)
        if kind is None:
            raise FilesError(
                f"{root}: neither a folder nor an archive nor a parquet file with pictures; set "
                f"scrape.path to one of these"
            )
        yield from _own(kind.members(root, "" if kind.is_outermost else f"{root.name}/"))
        return
    if not root.is_dir():
        raise FilesError(f"{root}: there is nothing; set scrape.path in params.yaml")
    for name in sorted(_names(root, root.resolve())):
        path = root / name
        if not path.is_file():
            yield Member(name, reader(path), "no regular file")
        elif (kind := kind_of(path)) is None:
            yield Member(name, reader(path))
        else:
            yield from _own(kind.members(path, f"{name}/"))


def _own(held: Iterator[Member]) -> Iterator[Member]:
    return (m for m in held if not any(map(is_passed_over, m.name.split("/"))))


def _names(root: Path, real_root: Path) -> Iterator[str]:
    """Paths from ``root`` of all that is no folder."""
    folders = [""]
    while folders:
        folder = folders.pop()
        with os.scandir(root / folder) as entries:
            for entry in entries:
                if is_passed_over(entry.name):
                    continue
                name = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_symlink():
                    _check_link(entry, name, real_root)
                    if entry.is_dir():
                        continue  # what it leads to is read where it lies
                if entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                else:
                    yield name


def _check_link(entry: os.DirEntry[Any], name: str, real_root: Path) -> None:
    target = Path(entry.path).resolve()
    if not target.is_relative_to(real_root):
        raise FilesError(
            f"{name}: a link that leads out of the folder, to {shown(str(target))}; put the file "
            f"itself there, or remove the link"
        )
