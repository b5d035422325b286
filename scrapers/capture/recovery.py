"""Going on with an interrupted capture: what of it is whole, and where each file must be cut.

A killed process leaves at most bytes without a row behind the last body of a shard. A machine
that lost power may also have kept a row and lost its bytes, so what the rows say about the last
shard of each kind is read back and compared; the first body that does not hold is forgotten with
all that follow it, and they are asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from pipeline.core.errors import CaptureError
from pipeline.core.ids import image_id_of
from pipeline.core.log import counted, say
from scrapers.capture.file_names import (
    IMAGE,
    IMAGE_SHARD,
    LEGACY_JOURNAL,
    PAGE,
    PAGE_SHARD,
    REQUESTS,
)
from scrapers.capture.image_shards import ImageEntry, read_image_shard
from scrapers.capture.page_shards import PageReader
from scrapers.capture.requests import RequestStore, Row, StoredBody
from scrapers.capture.series import Place


def open_requests(folder: Path) -> tuple[RequestStore, dict[str, Place]]:
    """The requests kept in ``folder``, and the last whole body of each kind.

    Raises:
        CaptureError: a shard other than the last of its kind is missing or torn, which no
            interruption explains.
    """
    requests = RequestStore(folder / REQUESTS)
    try:
        _take_over_journal(folder, requests)
        last = {kind: _last_whole(folder, requests, kind) for kind in (PAGE, IMAGE)}
    except BaseException:
        requests.close()
        raise
    return requests, {kind: place for kind, place in last.items() if place is not None}


def remove_requests(folder: Path) -> None:
    """Remove the requests of a capture whose manifest holds them all."""
    for path in folder.glob(f"{REQUESTS}*"):
        path.unlink()


def remove_unnamed_shards(folder: Path, named: Collection[str]) -> None:
    """Remove the shards of which no request is left, such as pages of a walk that went astray."""
    for pattern in (PAGE_SHARD, IMAGE_SHARD):
        for path in folder.glob(pattern.replace("{:05d}", "*")):
            if path.name not in named:
                path.unlink()


def _last_whole(folder: Path, requests: RequestStore, kind: str) -> Place | None:
    last_shard = requests.last_shard(kind)
    if last_shard is None:
        return None
    # Only the last shard was open: in an earlier one a missing byte is no interruption's doing.
    for shard, end in requests.shard_ends(kind).items():
        path = folder / shard
        if shard != last_shard and (not path.exists() or path.stat().st_size < end):
            raise CaptureError(
                f"{path}: torn or missing although later shards exist; delete {folder} to capture "
                f"again"
            )
    whole: Place | None = None
    # A list, because `forget_bodies` deletes rows of the table that the cursor walks.
    for body in list(requests.bodies_in(kind, last_shard)):
        if not _holds(folder, body):
            requests.forget_bodies(kind, last_shard, body.offset)
            break
        whole = Place(body.shard, body.offset, body.end)
    # A shard of which nothing holds is written anew, behind the one before it.
    return whole or _last_whole(folder, requests, kind)


def _holds(folder: Path, body: StoredBody) -> bool:
    path = folder / body.shard
    if not path.exists() or path.stat().st_size < body.end:
        return False  # a document can be read without the last bytes of its record
    try:
        if body.kind == PAGE:
            with PageReader() as reader:
                reader.read(path, body.offset, body.length, body.sha256)
        else:
            image_id = image_id_of(body.sha256)
            entry = ImageEntry(image_id, body.sha256, body.offset, body.length)
            list(read_image_shard(path, [entry]))
    except CaptureError:
        return False
    return True


def _take_over_journal(folder: Path, requests: RequestStore) -> None:
    """Go on with a capture that an earlier version began, which kept its rows as JSON lines."""
    journal = folder / LEGACY_JOURNAL
    if not journal.exists():
        return
    # The last line about an address counts: a retry was written behind the failure.
    rows = {(row["kind"], row["url"]): row for row in _whole_lines(journal)}
    requests.take_over(iter(rows.values()))
    requests.sync()
    journal.unlink()
    requests_kept = counted(len(rows), "request")
    say(f"{folder}: begun by an earlier version of Salon; {requests_kept} of it taken over")


def _whole_lines(journal: Path) -> Iterator[Row]:
    """The rows up to the first line that is torn."""
    with journal.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            try:
                row = json.loads(line)
            except ValueError:
                return
            if not isinstance(row, dict):
                return
            yield row
