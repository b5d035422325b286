"""Tar archives, plain or compressed: WebDataset's shards, img2dataset's, anybody's."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from pipeline.core.errors import FilesError
from scrapers.files.containers.member import Counting, Member, torn_as_sentence
from scrapers.files.picture_names import checked_name, shown

_OPENERS: Final[dict[str, Callable[[Path], Any]]] = {
    ".tar.gz": gzip.open,
    ".tgz": gzip.open,
    ".tar.bz2": bz2.open,
    ".tbz2": bz2.open,
    ".tar.xz": lzma.open,
    ".txz": lzma.open,
}
SUFFIXES: Final = (".tar", *_OPENERS)
_LOOK_BEHIND: Final = 1 << 20
"""Bytes behind the end of an archive in which nothing may stand; tar pads to 10,240."""


def members(path: Path, prefix: str) -> Iterator[Member]:
    """The files of the archive at ``path``, in its order.

    Raises:
        FilesError: it is torn or a bomb, or a name leads out of it.
    """
    with (
        torn_as_sentence(path, tarfile.TarError, lzma.LZMAError, OSError),
        _opened(path) as (archive, plain),
    ):
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # else it remembers every member
            if info.isdir():
                continue
            name = prefix + checked_name(info.name, str(path))
            yield Member(name, _reader(archive, info), _oddity(info, path))
        if plain is not None:
            _check_end(path, plain, archive.offset)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[tarfile.TarFile, IO[bytes] | None]]:
    """The archive; and where it is not compressed, its file."""
    opener = next((o for s, o in _OPENERS.items() if path.name.lower().endswith(s)), None)
    if opener is None:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            yield archive, file
        return
    with opener(path) as stream:
        counting: Any = Counting(stream, path)
        with tarfile.open(fileobj=counting, mode="r|") as archive:
            yield archive, None


def _oddity(info: tarfile.TarInfo, path: Path) -> str | None:
    if info.issym() or info.islnk():
        target = info.linkname if info.islnk() else f"{Path(info.name).parent}/{info.linkname}"
        if info.linkname.startswith("/") or _climbs(target):
            raise FilesError(
                f"{path}: {shown(info.name)} is a link to {shown(info.linkname)}, out of the "
                f"archive; it is not read"
            )
        return "a link"
    return None if info.isreg() and not info.issparse() else "no regular file"


def _climbs(path: str) -> bool:
    """Whether a path leads above where it starts."""
    depth = 0
    for part in path.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return True
    return False


def _reader(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        file = archive.extractfile(info)
        return b"" if file is None else file.read(most)

    return read


def _check_end(path: Path, file: IO[bytes], offset: int) -> None:
    """Refuse an archive that was cut off, or one behind another, which tar does not read."""
    file.seek(offset)
    rest = file.read(_LOOK_BEHIND)
    if len(rest) < tarfile.BLOCKSIZE:
        raise FilesError(f"{path}: torn: ends before its end mark; get it again")
    if rest.strip(b"\0"):
        raise FilesError(
            f"{path}: more stands behind its end, as where archives were put one behind the other; "
            f"keep them as files of their own"
        )
