"""What became of one request, as it is handed to the capture."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pipeline.core.schema import Fetch


def now() -> str:
    """The time in UTC, as the manifest writes it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Outcome:
    """One request and its answer; the columns of `pipeline.core.schema.MANIFEST` explain them."""

    url: str
    address: str
    fetch: Fetch
    fetched_at: str
    elapsed_ms: int = 0
    referer: str | None = None
    http_status: int | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    error: str | None = None
    may_pass: bool = False
    """Of a failure: whether asking again, later, may bring something else."""
    body: bytes | None = None
    """Kept in a shard; None where no bytes came, or where an earlier capture holds them."""
    sha256: str | None = None
    """Of the body, or of the bytes that the site confirmed."""
