"""Zip archives, read member by member."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.core.errors import FilesError
from scrapers.files.containers.member import Member, check_expansion, torn_as_sentence
from scrapers.files.picture_names import checked_name, shown

_ENCRYPTED = 1
_READABLE = frozenset(
    {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
)
_LINK_MODE, _TYPE_MASK = 0o120000, 0o170000


def members(path: Path, prefix: str) -> Iterator[Member]:
    """The files of the archive at ``path``, in the order in which they lie in it.

    Raises:
        FilesError: it is torn, encrypted or a bomb, or a name leads out of it.
    """
    with (
        torn_as_sentence(path, zipfile.BadZipFile, RuntimeError, OSError),
        zipfile.ZipFile(path) as archive,
    ):
        entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
        _check(path, entries)
        for entry in entries:
            if entry.is_dir():
                continue
            name = prefix + checked_name(entry.filename, str(path))
            is_link = (entry.external_attr >> 16) & _TYPE_MASK == _LINK_MODE
            yield Member(name, _reader(archive, entry), "a link" if is_link else None)


def _reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with archive.open(entry) as file:
            return file.read(most)

    return read


def _check(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse what no honest archive does, before anything of it is inflated."""
    check_expansion(path, sum(entry.file_size for entry in entries))
    end = 0
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise FilesError(f"{path}: {shown(entry.filename)} is encrypted; unpack it yourself")
        if entry.compress_type not in _READABLE:
            raise FilesError(
                f"{path}: {shown(entry.filename)} is packed by method {entry.compress_type}, which "
                f"cannot be read; pack the archive again as an ordinary zip"
            )
        if entry.header_offset < end:
            raise FilesError(
                f"{path}: {shown(entry.filename)} lies over the file before it, as in an archive "
                f"made to burst; it is not read"
            )
        end = entry.header_offset + entry.compress_size
