"""Archives whose bytes follow from their members alone: no time, no user, no machine is in them.

The standard library's writers put the time into a gzip header and a zip's entries, and `zipfile`
keeps every entry in memory until the end, a gigabyte for a few million.
"""

from __future__ import annotations

import shutil
import struct
import tarfile
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final, NamedTuple

_BLOCK: Final = tarfile.BLOCKSIZE
_CHUNK: Final = 1 << 20
_MODE: Final = 0o644


class ArchiveMember(NamedTuple):
    """One file of an archive."""

    name: str
    data: bytes


def write_tar(file: IO[bytes], members: Iterable[ArchiveMember]) -> None:
    """Write ``members`` as an uncompressed USTAR archive, in their order."""
    for name, data in members:
        file.write(b"".join((header(name, len(data)), data, bytes(-len(data) % _BLOCK))))
    file.write(bytes(2 * _BLOCK))


def header(name: str, size: int) -> bytes:
    """The header of a member, as `tarfile` makes it, in a tenth of its time.

    Only name, size and checksum differ from member to member.
    """
    encoded = name.encode("ascii")
    if not 0 < len(encoded) <= _LONGEST_NAME or size >= _SIZE_LIMIT:
        raise ValueError(f"{name}, {size:,} bytes: does not fit into a USTAR header")
    block = bytearray(_HEADER)
    block[: len(encoded)] = encoded
    block[_SIZE] = b"%011o" % size
    block[_CHECKSUM] = b"%06o\0" % (_BLANK_CHECKSUM + sum(block))
    return bytes(block)


def _blank_header() -> bytes:
    info = tarfile.TarInfo()
    info.mode = _MODE
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[_SIZE], block[_CHECKSUM] = bytes(11), bytes(7)
    return bytes(block)


# USTAR's fields: a name of 100 bytes, a size of eleven octal digits.
_LONGEST_NAME: Final = 100
_SIZE_LIMIT: Final = 8**11
_SIZE: Final = slice(124, 135)
_CHECKSUM: Final = slice(148, 155)
# The sum is taken as if its own field held blanks; that field is zero in the blank header.
_BLANK_CHECKSUM: Final = 7 * ord(" ")
"""The checksum is summed up as if its field were blank; the eighth of its bytes always is."""
_HEADER: Final = _blank_header()


_LOCAL: Final = struct.Struct("<4s5H3L2H")
_CENTRAL: Final = struct.Struct("<4s4B4H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_LONG_OFFSET: Final = struct.Struct("<2HQ")
# Fields of a zip (APPNOTE 4.4): the flag for UTF-8, the first day that its dates can state
# (a date of zero is refused by some readers), and the system whose file modes are meant.
_UTF8_NAMES: Final = 0x800
_FIRST_OF_JANUARY_1980: Final = 0x21
_UNIX: Final = 3
_VERSION: Final = 45  # the first that knows zip64
# Where a number would not fit, these stand in its place, and Zip64's records have it.
_MAX_16: Final = 0xFFFF
_MAX_32: Final = 0xFFFFFFFF


class StoredZip:
    """A zip archive of stored files, written to ``file`` in one go from where it stands.

    The table of its members lies in a temporary file until it is written behind them, when the
    block ends well.
    """

    def __init__(self, file: IO[bytes], folder: Path) -> None:
        """Begin an archive; ``folder`` holds the temporary file."""
        self._file = file
        self._offset = file.tell()
        self._table = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with the archive
        self._count = 0

    def __enter__(self) -> StoredZip:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        with self._table:
            if failed is None:
                self._write_table()

    def add(self, name: str, data: bytes) -> None:
        """Append one member."""
        crc = zlib.crc32(data)
        self._begin(name, len(data), crc)
        self._file.write(data)

    def add_file(self, name: str, source: IO[bytes]) -> None:
        """Append what ``source`` holds from its beginning."""
        crc = size = 0
        # Read twice: size and sum stand before the bytes, and a large file is not held in memory.
        source.seek(0)
        while chunk := source.read(_CHUNK):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
        self._begin(name, size, crc)
        source.seek(0)
        shutil.copyfileobj(source, self._file)

    def _write_table(self) -> None:
        start, size = self._offset, self._table.tell()
        self._table.seek(0)
        shutil.copyfileobj(self._table, self._file)
        if self._count >= _MAX_16 or start + size >= _MAX_32:
            self._file.write(
                _END_64.pack(
                    b"PK\6\6", _END_64.size - 12, _VERSION, _VERSION, 0, 0, self._count,
                    self._count, size, start,
                )
            )  # fmt: skip
            self._file.write(_LOCATOR.pack(b"PK\6\7", 0, start + size, 1))
        count = min(self._count, _MAX_16)
        ends = min(size, _MAX_32), min(start, _MAX_32)
        self._file.write(_END.pack(b"PK\5\6", 0, 0, count, count, *ends, 0))

    def _begin(self, name: str, size: int, crc: int) -> None:
        if size >= _MAX_32:
            raise ValueError(f"{name}: a member of 4 GiB and more")
        encoded = name.encode()
        dated = (0, 0, _FIRST_OF_JANUARY_1980, crc, size, size, len(encoded))
        self._file.write(_LOCAL.pack(b"PK\3\4", _VERSION, _UTF8_NAMES, *dated, 0))
        self._file.write(encoded)
        far = self._offset >= _MAX_32
        extra = _LONG_OFFSET.pack(1, 8, self._offset) if far else b""
        self._table.write(
            _CENTRAL.pack(
                b"PK\1\2", _VERSION, _UNIX, _VERSION, 0, _UTF8_NAMES, *dated, len(extra), 0, 0, 0,
                _MODE << 16, min(self._offset, _MAX_32),
            )
        )  # fmt: skip
        self._table.write(encoded + extra)
        self._offset += _LOCAL.size + len(encoded) + size
        self._count += 1
