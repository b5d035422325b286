"""Page shards: documents as WARC `resource` records (ISO 28500), one gzip member a record.

What a browser shows after its scripts ran never went over the wire as such, so it is kept as a
`resource`, not as a `response`. warcio returns a record that ends early without complaint; every
body is therefore held against the length and the sha256 of the manifest.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.warcwriter import WARCWriter

from pipeline.core.errors import CaptureError

_SECONDS: Final = len("2026-11-30T00:00:00")


def opening(name: str, software: str, as_of: str) -> bytes:
    """The `warcinfo` record with which the shard of that ``name`` starts."""
    file = BytesIO()
    writer = WARCWriter(file, gzip=True)
    info = {"software": software, "format": "WARC File Format 1.0"}
    made = writer.create_warcinfo_record(name, info)
    for header, value in _identity(name, f"{as_of}T00:00:00").items():
        made.rec_headers.replace_header(header, value)
    writer.write_record(made)
    return file.getvalue()


def warc_record(url: str, content_type: str, body: bytes, fetched_at: str) -> bytes:
    """The record of one document, compressed by itself."""
    file = BytesIO()
    writer = WARCWriter(file, gzip=True)
    writer.write_record(
        writer.create_warc_record(
            url,
            "resource",
            payload=BytesIO(body),
            length=len(body),
            warc_content_type=content_type,
            warc_headers_dict=_identity(url, fetched_at),
        )
    )
    return file.getvalue()


def _identity(name: str, moment: str) -> dict[str, str]:
    """Date and id of a record, which follow from what it is: the same file is written again.

    warcio would take the time of writing and a random number.
    """
    return {
        "WARC-Date": f"{moment[:_SECONDS]}Z",
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{name} {moment}')}>",
    }


class PageReader:
    """Reads records of page shards by their offsets; the shard read last stays open."""

    def __init__(self) -> None:
        self._path: Path | None = None
        self._file: IO[bytes] | None = None

    def __enter__(self) -> PageReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the shard that was read last."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def read(self, path: Path, offset: int, length: int, sha256: str) -> bytes:
        """The body of the record at ``offset`` of the shard at ``path``.

        Raises:
            CaptureError: the shard is missing, ends early, or holds another body.
        """
        body = _record_body(self._open(path), offset)
        if body is None or len(body) != length or hashlib.sha256(body).hexdigest() != sha256:
            raise CaptureError(
                f"{path}: torn: at byte {offset:,} the manifest expects a document of "
                f"{length:,} bytes; restore it (`dvc checkout`, `dvc pull`), or delete the "
                f"capture's folder to capture again"
            )
        return body

    def _open(self, path: Path) -> IO[bytes]:
        if self._file is None or self._path != path:
            self.close()
            try:
                self._file, self._path = path.open("rb"), path
            except FileNotFoundError as error:
                raise CaptureError(f"{path}: missing; restore it (`dvc checkout`)") from error
        return self._file


def _record_body(file: IO[bytes], offset: int) -> bytes | None:
    file.seek(offset)
    try:
        record = next(iter(ArchiveIterator(file)), None)
        return None if record is None else bytes(record.content_stream().read())
    except (ArchiveLoadFailed, EOFError, zlib.error):
        return None
