"""Whether a version is fit to be shared: whole, pushed, and without a leak; one line a check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from curation.decisions.list_files import IDS_A_LINE, read_lists
from curation.decisions.other_collections import collections, index_of
from curation.decisions.resolution import Index
from curation.editing.list_check import check_lists
from curation.selection.labels import SEPARATOR
from curation.selection.listing_state import HISTORY, newest_state
from curation.selection.rules import rights
from pipeline.core.errors import SalonError, TableError, VersionError
from pipeline.core.files import write_bytes
from pipeline.core.log import counted
from pipeline.core.schema import LISTINGS, SELECTION, Fetch, Status
from pipeline.core.tables import counts
from pipeline.versions import recorded
from pipeline.versions.causes import LISTS, captures_of
from pipeline.versions.revision import Version
from pipeline.versions.splits import astride, sides
from scrapers.capture.capture_checks import problems
from scrapers.capture.capture_reader import Capture

NAMED = 3
"""Of many faults of one kind, so many are named."""


class CheckOutcome(StrEnum):
    """What a check found."""

    OK = "ok"
    WRONG = "wrong"
    LEAK = "leak"
    """Wrong, and the models cannot be trusted for it."""
    UNCHECKED = "not checked"
    """The data it would look at is not here."""


@dataclass(frozen=True)
class Check:
    """One check of one collection."""

    collection: str
    """Empty for what all collections share."""
    name: str
    outcome: CheckOutcome
    words: str


def verify_version(version: Version, *, fetch: bool) -> Iterator[Check]:
    """Check a commit; ``fetch`` brings captures that are not here, tables are always brought.

    Raises:
        VersionError: a table can be had neither here nor from the remote.
        TableError: a table is torn.
    """
    yield _lists(version)
    for collection in version.collections:
        yield _lock(version, collection)
        yield _pushed(version, collection)
        yield from _captures(version, collection, fetch=fetch)
        yield _leak(version, collection)
        yield _rights(version, collection)
    for translation in version.lock.translations:
        yield _lock(version, translation)
        yield _pushed(version, translation)


def _lock(version: Version, collection: str) -> Check:
    discrepancies = list(recorded.discrepancies(version, collection))
    stages = counted(len(version.lock.of(collection)), "stage")
    return _judged(
        collection, "lock", discrepancies, f"{stages} ran with the code, lists and params"
    )


def _lists(version: Version) -> Check:
    folder = version.root / LISTS
    for name in IDS_A_LINE:
        text = version.text(f"{LISTS}/{name}.txt")
        if text is not None:
            write_bytes(folder / f"{name}.txt", text)
    for collection in version.collections:
        paths = version.paths(collection)
        named = [path for path in map(paths.table, ("images", "listings")) if version.holds(path)]
        version.bring(*named)
    checked = check_lists(read_lists(folder, version.root), _indices_by_collection(version))
    words = f"{counted(checked.entries, 'line')}, none of them wrong"
    return _judged("", "lists", [str(problem) for problem in checked.problems], words)


def _indices_by_collection(version: Version) -> dict[str, Index | None]:
    """What can be named; None for a collection whose tables are of another schema, or not made."""
    indices: dict[str, Index | None] = {}
    for collection in collections(version.root):
        try:
            indices[collection] = index_of(version.paths(collection))
        except TableError:
            indices[collection] = None
    return indices


def _pushed(version: Version, collection: str) -> Check:
    try:
        files = version.files(collection)
        there = version.store.in_remote(files.values())
    except VersionError as error:
        return Check(collection, "remote", CheckOutcome.WRONG, str(error))
    name = version.store.remote_name
    lost = [f"{path} is not in {name}" for path, md5 in files.items() if md5 not in there]
    return _judged(collection, "remote", lost, f"{counted(len(files), 'file')} in {name}")


def _captures(version: Version, collection: str, *, fetch: bool) -> Iterator[Check]:
    folder = version.paths(collection).captures
    if not version.holds(folder):
        return
    if not (fetch or version.is_here(folder)):
        words = "not here; --fetch brings the captures to verify them"
        yield Check(collection, "captures", CheckOutcome.UNCHECKED, words)
        return
    version.bring(folder)
    names = sorted(captures_of(version, collection))
    faults = [fault for name in names for fault in _faults(version, collection, name)]
    words = f"{counted(len(names), 'capture')}, every length and digest as recorded"
    yield _judged(collection, "captures", faults, words)


def _faults(version: Version, collection: str, as_of: str) -> Iterator[str]:
    try:
        yield from problems(Capture(version.paths(collection).capture(as_of)))
    except SalonError as error:
        yield str(error)


def _leak(version: Version, collection: str) -> Check:
    paths = version.paths(collection)
    if not version.holds(paths.table("variants")):
        return Check(collection, "split", CheckOutcome.UNCHECKED, "no table of variants yet")
    version.bring(paths.table("variants"))
    split_sides = sides(paths.table("variants"))
    selection = version.table(collection, SELECTION, ["image_id", "group"]).table
    both = [
        f"{trained} is trained on"
        + ("" if trained == held else f", {held} shows the same")
        + " and is held out"
        for trained, held in astride(split_sides.images, selection)
    ]
    words = ", ".join(f"{count:,} {split}" for split, count in split_sides.variants.items())
    check = _judged(collection, "split", both, f"no picture on both sides ({words})")
    return check if check.outcome is CheckOutcome.OK else _as_leak(check)


def _as_leak(check: Check) -> Check:
    return Check(check.collection, check.name, CheckOutcome.LEAK, check.words)


def _rights(version: Version, collection: str) -> Check:
    columns = ["image_id", "status", "rights", "overruled"]
    selection = version.table(collection, SELECTION, columns).table
    kept = selection.filter(pc.equal(selection["status"], Status.KEEP.value))
    allowed = version.lock.params(collection).get("select", {}).get("rights")
    offending = [f"{image_id} opted out" for image_id in _opted_out(version, collection, kept)]
    if allowed is not None:
        offending += _outside(kept, allowed)
    labels = pc.fill_null(kept["rights"], "no label")
    shown = ", ".join(f"{n:,} {name}" for name, n in counts(pa.table({"r": labels}), "r").items())
    rule = "all labels pass" if allowed is None else f"only {', '.join(allowed)} pass"
    return _judged(collection, "rights", offending, f"{rule}: {shown or 'nothing kept'}")


def _opted_out(version: Version, collection: str, kept: pa.Table) -> list[str]:
    held = version.table(collection, LISTINGS, HISTORY)
    if held.missing:  # of a Salon that kept no history: a row is the newest word
        opted_out = pc.equal(held.table["fetch"], Fetch.OPTED_OUT.value)
        named = held.table.filter(opted_out)
    else:
        state = newest_state(held.table)
        named = state.filter(state["opted_out"])
    both = kept.filter(pc.is_in(kept["image_id"], named["image_id"].combine_chunks()))
    ids: list[str] = both["image_id"].to_pylist()
    return ids


def _outside(kept: pa.Table, allowed: Iterable[str]) -> Iterator[str]:
    """Kept images with another label, or none, that no curator wanted in all the same."""
    passing = set(allowed)
    by_rule = pc.fill_null(pc.not_equal(kept["overruled"], rights.RULE.name), True)
    judged = kept.filter(by_rule)
    rows = zip(judged["image_id"].to_pylist(), judged["rights"].to_pylist(), strict=True)
    for image_id, label in rows:
        if label is None or not passing.issuperset(label.split(SEPARATOR)):
            yield f"{image_id} is labelled {label or 'nothing'}"


def _judged(collection: str, name: str, faults: list[str], fine: str) -> Check:
    if not faults:
        return Check(collection, name, CheckOutcome.OK, fine)
    more = f"; and {len(faults) - NAMED:,} more like it" if len(faults) > NAMED else ""
    return Check(collection, name, CheckOutcome.WRONG, "; ".join(faults[:NAMED]) + more)
