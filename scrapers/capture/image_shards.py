"""Image shards: plain tar files whose members are found by the manifest's offsets.

A tar file has no checksum over its members and a torn one may still open, so every image is held
against the length and the sha256 that were written down when it was fetched.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.core.errors import CaptureError
from pipeline.core.ids import ImageId, image_id_of

BLOCK = tarfile.BLOCKSIZE
END_OF_ARCHIVE = bytes(2 * BLOCK)
_SIGNATURES = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
)


class ImageEntry(NamedTuple):
    """Where the bytes of one image lie in its shard."""

    image_id: ImageId
    sha256: str
    offset: int
    length: int


@dataclass(frozen=True)
class ShardEntry:
    """One image shard and what the manifest says is in it, in the order of the file."""

    path: Path
    entries: tuple[ImageEntry, ...]


def tar_member(sha256: str, data: bytes) -> bytes:
    """The tar member that holds ``data``: a header of one block, the bytes, zeros to a block.

    Nothing in the header but name and size varies, so equal images make equal shards.
    """
    info = tarfile.TarInfo(f"{image_id_of(sha256)}.{extension(data)}")
    info.size = len(data)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % BLOCK)


def extension(data: bytes) -> str:
    """The usual file extension of what ``data`` starts like; ``bin`` when it is no picture.

    >>> extension(b"<!doctype html>")
    'bin'
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return next((name for start, name in _SIGNATURES if data.startswith(start)), "bin")


def read_image_shard(path: Path, entries: Sequence[ImageEntry]) -> Iterator[tuple[str, bytes]]:
    """Yield (sha256, bytes) of the images in the shard at ``path``, in the order of ``entries``.

    Raises:
        CaptureError: the shard is missing, ends early, or holds other bytes than were fetched.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise CaptureError(f"{path}: missing; {_REMEDY}") from error
    with file:
        for entry in entries:
            file.seek(entry.offset)
            data = file.read(entry.length)
            _check(path, entry, data)
            yield entry.sha256, data


def check_member(path: Path, entry: ImageEntry, data: bytes) -> None:
    """Pass an image in front of which the shard says what it is, so that any tar reader finds it.

    Raises:
        CaptureError: the header names another file or length.
    """
    expected = tar_member(entry.sha256, data)
    with path.open("rb") as file:
        file.seek(entry.offset - BLOCK)
        held = file.read(len(expected))
    if held != expected:
        raise CaptureError(
            f"{path}: the tar header or padding around image {entry.image_id} at "
            f"{entry.offset:,} is not what was written; {_REMEDY}"
        )


def check_end(path: Path, end: int) -> None:
    """Pass a shard that ends as a tar file does, behind the image that ends at byte ``end``.

    Raises:
        CaptureError: it has another end, or more in it.
    """
    start = -(-end // BLOCK) * BLOCK
    with path.open("rb") as file:
        file.seek(start)
        if file.read(len(END_OF_ARCHIVE) + 1) != END_OF_ARCHIVE:
            raise CaptureError(
                f"{path}: does not end as a tar file behind its last image, at byte {start:,}; "
                f"{_REMEDY}"
            )


_REMEDY = "restore it (`dvc checkout`, `dvc pull`), or delete the capture's folder to capture again"


def _check(path: Path, entry: ImageEntry, data: bytes) -> None:
    if len(data) < entry.length:
        raise CaptureError(
            f"{path}: torn: ends at byte {path.stat().st_size:,}, the manifest expects "
            f"{entry.offset + entry.length:,}; {_REMEDY}"
        )
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise CaptureError(
            f"{path}: the {entry.length:,} bytes at {entry.offset:,} are not image "
            f"{entry.image_id}; {_REMEDY}"
        )
