"""Going on with an interrupted capture: what of it is whole, and where each file must be cut.

A killed process leaves at most a torn last line in the journal and bytes without a line behind
the last item. A machine that lost power may also have kept a line and lost its bytes, so what the
journal says about the last shard of each kind is read back and compared; the journal is cut
before the first row that does not hold.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pipeline.core.errors import CaptureError
from pipeline.core.ids import image_id_of
from pipeline.core.schema import Fetch
from scrapers.capture.images import ImageEntry, read_image_shard
from scrapers.capture.journal import END, Line, Row, read_lines
from scrapers.capture.known import BodyPlace, Known
from scrapers.capture.layout import IMAGE, JOURNAL, PAGE
from scrapers.capture.pages import PageReader
from scrapers.capture.series import Place

_NOTHING_YET = -1
_REFUSALS = frozenset({401, 403, 429, 451})


class RecordedPage(NamedTuple):
    """A request for a page that an earlier run made."""

    seq: int
    url: str
    fetch: Fetch
    error: str | None
    sha256: str | None
    """Of the document; None where none came."""


def _no_counts() -> dict[str, Counter[str]]:
    return {PAGE: Counter(), IMAGE: Counter()}


@dataclass
class Holdings:
    """What a capture holds so far."""

    last_image: int = _NOTHING_YET
    """``seq`` of the last image; images are written in the order of the plan."""
    last: dict[str, Place] = field(default_factory=dict)
    """The last item in the shards of each kind."""
    counts: dict[str, Counter[str]] = field(default_factory=_no_counts)
    stored_bytes: int = 0
    """Of all bodies that the capture itself holds."""
    referred_bytes: int = 0
    """Of all bodies for which a row refers to an earlier capture."""
    refused: int = 0
    """Requests that the host turned down, or that it asks not to use what came."""
    journal_end: int = 0
    """Bytes of the journal that hold."""

    def add(self, row: Row) -> None:
        """Take one row of the journal into account."""
        kind = row["kind"]
        self.counts[kind][row["fetch"]] += 1
        if kind == IMAGE:
            self.last_image = row["seq"]
        self.refused += row["http_status"] in _REFUSALS or row["fetch"] == Fetch.OPTED_OUT
        if row["held_in"] is not None:
            self.referred_bytes += row["bytes"]
        if row[END] is None:
            return
        self.stored_bytes += row["bytes"]
        self.last[kind] = Place(row["shard"], row["offset"], row[END])


def recorded_pages(folder: Path, journal_end: int) -> Iterator[RecordedPage]:
    """The requests for pages in the first ``journal_end`` bytes of the journal, in plan order."""
    for line in read_lines(folder / JOURNAL):
        if line.end > journal_end:
            return
        row = line.row
        if row["kind"] == PAGE:
            yield RecordedPage(
                row["seq"],
                row["url"],
                Fetch(row["fetch"]),
                row["error"],
                row["sha256"],
            )


def recover(folder: Path, known: Known) -> Holdings:
    """Read the journal in ``folder`` and cut it behind its last row that holds.

    What it holds becomes part of ``known``.

    Raises:
        CaptureError: a shard other than the last of its kind is missing or torn, which no
            interruption explains.
    """
    journal = folder / JOURNAL
    holdings, tails = _replayed(folder, read_lines(journal), known)
    starts = [line.start for tail in tails.values() for line in tail if not _holds(folder, line)]
    if starts:
        cut = min(starts)
        whole = itertools.takewhile(lambda line: line.start < cut, read_lines(journal))
        known.forget_own_bodies()
        holdings, _ = _replayed(folder, whole, known)
    if journal.exists():
        os.truncate(journal, holdings.journal_end)
    return holdings


def _replayed(
    folder: Path, lines: Iterable[Line], known: Known
) -> tuple[Holdings, dict[str, list[Line]]]:
    """What is held after ``lines``, and the lines about the last shard of each kind."""
    holdings, tails = Holdings(), dict[str, list[Line]]()
    for line in lines:
        row, kind = line.row, line.row["kind"]
        before = holdings.last.get(kind)
        holdings.add(line.row)
        holdings.journal_end = line.end
        if row[END] is None:
            continue
        known.add_body(row["sha256"], BodyPlace(None, row["shard"], row["offset"], row["bytes"]))
        if before is not None and before.shard != row["shard"]:
            _check_size(folder, before)
            tails[kind] = []
        tails.setdefault(kind, []).append(line)
    return holdings, tails


def _check_size(folder: Path, last: Place) -> None:
    path = folder / last.shard
    if not path.exists() or path.stat().st_size < last.end:
        raise CaptureError(
            f"{path}: torn or missing although later shards exist; delete {folder} to capture again"
        )


def _holds(folder: Path, line: Line) -> bool:
    row = line.row
    path = folder / row["shard"]
    if not path.exists() or path.stat().st_size < row[END]:
        return False  # a document can be read without the last bytes of its record
    try:
        if row["kind"] == PAGE:
            with PageReader() as reader:
                reader.read(path, row["offset"], row["bytes"], row["sha256"])
        else:
            entry = ImageEntry(
                image_id_of(row["sha256"]), row["sha256"], row["offset"], row["bytes"]
            )
            list(read_image_shard(path, [entry]))
    except CaptureError:
        return False
    return True
