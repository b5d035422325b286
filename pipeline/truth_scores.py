"""Rules against the truth: how many planted defects each found, missed, or saw where none is.

A rule is judged on the images that reached it: one that an earlier rule or a curator took out is
neither right nor wrong. Duplicates are judged before any selection, on the pairs as measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curation.selection.rules.declarations import REASONS
from pipeline.core.schema import PairKind

Row = dict[str, Any]
Place = tuple[str, str, int]
Pair = tuple[str, str]
_ORDER = {reason: place for place, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class DefectScore:
    """How one defect was found."""

    name: str
    found: int
    wrong: int | None
    """Seen where none was planted; None where that cannot be told from other kinds."""
    missed: int
    not_judged: int = 0
    """Planted, but taken out before it could be looked for."""
    doubtful: int = 0
    """Of those missed, how many are left for a person to look at."""

    @property
    def precision(self) -> float | None:
        """Share of what was seen that had been planted; None when nothing was seen."""
        seen = self.found + (self.wrong or 0)
        return self.found / seen if seen and self.wrong is not None else None

    @property
    def recall(self) -> float | None:
        """Share of what had been planted that was seen; None when nothing was planted."""
        planted = self.found + self.missed
        return self.found / planted if planted else None


@dataclass(frozen=True)
class CapturedTruth:
    """The truth about the pictures that were captured, and what the tables say of them."""

    truth: tuple[Row, ...]
    """Rows of the truth whose listing was captured."""
    listings: dict[Place, Row]
    """The newest listed image of each place: ``image_id`` (None without bytes) and ``fetch``."""
    image_of: dict[str, str]
    """Image id by the picture's key, where bytes came."""
    families: dict[str, set[str]]
    """For each image the originals that it shows."""
    not_captured: int


def captured(truth: Sequence[Row], listings: pa.Table, stand_in: str) -> CapturedTruth:
    """Join truth (source, listing_id, position, key, defects, original) and the listed images.

    The truth is of the gallery as it is now, so of each place the image that was seen last counts.
    Pictures with the defect ``stand_in`` show nothing of their own, so they have no family.
    """
    columns = listings.sort_by([("shown", "ascending"), ("last_capture", "ascending")]).select(
        ["source", "listing_id", "position", "image_id", "fetch"]
    )
    by_place = {_place(row): row for row in columns.to_pylist()}
    here = tuple(row for row in truth if _place(row) in by_place)
    image_of: dict[str, str] = {}
    families: dict[str, set[str]] = {}
    for row in here:
        image_id = by_place[_place(row)]["image_id"]
        if image_id is not None:
            image_of[row["key"]] = image_id
            originals = families.setdefault(image_id, set())
            if stand_in not in _defects(row):
                originals.add(row["original"] or row["key"])
    return CapturedTruth(here, by_place, image_of, families, len(truth) - len(here))


def score_outcomes(
    known: CapturedTruth, selection: pa.Table, planted: Mapping[str, str]
) -> list[DefectScore]:
    """How pictures that a site does not have (by defect) were told; the unit is the picture.

    The request may have told it, or the selection under the same name.
    """
    reasons = _reasons_of(selection)
    scores = []
    for defect, outcome in planted.items():
        detected: dict[str, bool] = {}
        for row in known.truth:
            listing = known.listings[_place(row)]
            detected[row["key"]] = outcome in (listing["fetch"], reasons.get(listing["image_id"]))
        has_defect = {row["key"]: defect in _defects(row) for row in known.truth}
        scores.append(_score(defect, detected, has_defect))
    return scores


def score_rules(
    known: CapturedTruth,
    selection: pa.Table,
    planted: Mapping[str, str],
    implied: Mapping[str, str],
) -> list[DefectScore]:
    """How each rule (by defect) found what was planted for it; the unit is the image.

    A defect in ``implied`` looks like another one as well, and is to be found as that.
    """
    defects: dict[str, set[str]] = {}
    for row in known.truth:
        if row["key"] in known.image_of:
            own = _defects(row)
            defects.setdefault(known.image_of[row["key"]], set()).update(
                own, (implied[defect] for defect in own if defect in implied)
            )
    reasons = {
        known_id: word
        for known_id, word in _reasons_of(selection).items()
        if known_id in known.families
    }
    scores = []
    for defect, reason in planted.items():
        reached = {
            image_id: word == reason
            for image_id, word in reasons.items()
            if word is None or _ORDER[word] >= _ORDER[reason]
        }
        has_defect = {image_id: defect in defects.get(image_id, ()) for image_id in reasons}
        scores.append(_score(defect, reached, has_defect))
    return scores


def score_copies(
    known: CapturedTruth, pairs: pa.Table, exact: str, near: Sequence[str], other: str
) -> list[DefectScore]:
    """How copies were found: those of the same bytes, the others together, and kind by kind.

    A pair of two copies of one original is right too, but nothing that had to be found. Of the
    copies that were not decided, the queue finds those that a person is asked about. The works of
    the kind ``other`` only resemble another one: they are found where they are taken for none.
    """
    measured, doubtful = _measured(pairs)
    # Nobody knows what an image shows that the site has replaced since, or taken down.
    strangers, asked = (
        {
            pair
            for pair in pairs_told
            if known.families.keys() >= {*pair} and not _related(known, *pair)
        }
        for pairs_told in (measured, doubtful)
    )
    by_kind = [_recall(known, kind, measured, doubtful) for kind in near]
    queued = sum(score.doubtful for score in by_kind)
    return [
        _exact(known, exact),
        DefectScore(
            "near copies",
            sum(score.found for score in by_kind),
            len(strangers),
            sum(score.missed for score in by_kind),
            sum(score.not_judged for score in by_kind),
            queued,
        ),
        DefectScore("queue", queued, len(asked), sum(score.missed for score in by_kind) - queued),
        *by_kind,
        _distinct_score(known, other, strangers),
    ]


def _measured(pairs: pa.Table) -> tuple[set[Pair], set[Pair]]:
    """The pairs that count as one picture, and those that a person should look at."""
    measured: set[Pair] = set()
    doubtful: set[Pair] = set()
    for row in pairs.select(["a", "b", "kind"]).to_pylist():
        (doubtful if row["kind"] == PairKind.DOUBTFUL else measured).add((row["a"], row["b"]))
    return measured, doubtful


def _related(known: CapturedTruth, a: str, b: str) -> bool:
    return bool(known.families.get(a, set()) & known.families.get(b, set()))


def _distinct_score(known: CapturedTruth, kind: str, strangers: AbstractSet[Pair]) -> DefectScore:
    mistaken = {image_id for pair in strangers for image_id in pair}
    images = [known.image_of.get(row["key"]) for row in known.truth if kind in _defects(row)]
    seen = [image_id for image_id in images if image_id is not None]
    lost = _count(image_id in mistaken for image_id in seen)
    return DefectScore(kind, len(seen) - lost, None, lost, len(images) - len(seen))


def _reasons_of(selection: pa.Table) -> dict[str, str | None]:
    """For each image the reason that applied, whether or not a curator set it aside."""
    columns = selection.select(["image_id", "reason", "overruled"]).to_pylist()
    return {row["image_id"]: row["reason"] or row["overruled"] for row in columns}


def _exact(known: CapturedTruth, kind: str) -> DefectScore:
    same = _recall(known, kind, set(), set())
    wrong = sum(max(0, len(originals) - 1) for originals in known.families.values())
    return DefectScore(kind, same.found, wrong, same.missed, same.not_judged)


def _recall(
    known: CapturedTruth, kind: str, measured: AbstractSet[Pair], doubtful: AbstractSet[Pair]
) -> DefectScore:
    detected = missed = not_judged = queued = 0
    for row in known.truth:
        if kind not in _defects(row):
            continue
        copy, original = known.image_of.get(row["key"]), known.image_of.get(row["original"])
        if copy is None or original is None:
            not_judged += 1
        elif copy == original or (min(copy, original), max(copy, original)) in measured:
            detected += 1
        else:
            missed += 1
            queued += (min(copy, original), max(copy, original)) in doubtful
    return DefectScore(kind, detected, None, missed, not_judged, queued)


def _score(name: str, detected: Mapping[str, bool], has_defect: Mapping[str, bool]) -> DefectScore:
    """Compare what was told with what was wanted, on the keys of ``detected``."""
    return DefectScore(
        name,
        found=_count(seen and has_defect[key] for key, seen in detected.items()),
        wrong=_count(seen and not has_defect[key] for key, seen in detected.items()),
        missed=_count(has_defect[key] and not seen for key, seen in detected.items()),
        not_judged=_count(want and key not in detected for key, want in has_defect.items()),
    )


def _count(truths: Iterable[bool]) -> int:
    return sum(truths)


def _defects(row: Row) -> list[str]:
    return str(row["defects"]).split(",")


def _place(row: Row) -> Place:
    return row["source"], row["listing_id"], row["position"]
