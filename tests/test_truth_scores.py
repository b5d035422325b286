from __future__ import annotations

from typing import Any

import pyarrow as pa

from curation.selection.listing_state import newest_state
from pipeline.core.schema import LISTINGS, PAIRS, SELECTION
from pipeline.truth_scores import captured, score_copies, score_rules
from tests.decision_tables import Row, id_of, listing, pair, table

MARKED = {"watermark": "watermark"}


def planted(key: str, defects: str) -> Row:
    known = {"source": "wikiart", "listing_id": key, "position": 0, "key": key}
    return known | {"defects": defects, "original": None}


def said(name: str, reason: str | None) -> Row:
    row: dict[str, Any] = dict.fromkeys(SELECTION.arrow.names)
    row |= {"image_id": id_of(name), "status": "reject" if reason else "keep", "reason": reason}
    return row | {"decided_by": "rule"}


def test_a_copy_that_somebody_marked_is_no_false_alarm_where_the_site_has_that_mark() -> None:
    defects = {"a": "marked_copy", "b": "watermark", "c": "", "d": "marked_copy"}
    listings = newest_state(table(LISTINGS, [listing(key, key) for key in defects]))
    truth = [planted(key, defect) for key, defect in defects.items()]
    selection = table(
        SELECTION,
        [said(key, "watermark" if key in "ab" else None) for key in defects],
    )
    known = captured(truth, listings, "placeholder")
    [own] = score_rules(known, selection, MARKED, {})
    assert (own.found, own.wrong, own.missed) == (1, 1, 0)
    [shared] = score_rules(known, selection, MARKED, {"marked_copy": "watermark"})
    assert (shared.found, shared.wrong, shared.missed) == (2, 0, 1)


def test_a_picture_that_was_replaced_since_is_not_judged() -> None:
    """The truth is of the gallery as it is now: what the place showed before is nobody's fault."""
    before = listing("mill", "old", capture="2026-05-01")
    now = listing("mill", "new", capture="2026-05-02", fetch="changed")
    listings = newest_state(table(LISTINGS, [before, now, listing("weir", "weir")]))
    truth = [planted("mill", ""), planted("weir", "")]
    selection = table(SELECTION, [said(name, None) for name in ("new", "weir")])
    selection = pa.concat_tables([selection, table(SELECTION, [said("old", "watermark")])])
    known = captured(truth, listings, "placeholder")
    assert known.image_of == {"mill": id_of("new"), "weir": id_of("weir")}
    [watermark] = score_rules(known, selection, MARKED, {})
    assert (watermark.found, watermark.wrong, watermark.missed) == (0, 0, 0)
    pairs = table(PAIRS, [pair("old", "weir")])
    copies = score_copies(known, pairs, "exact_copy", [], "colourway")
    assert [score.wrong for score in copies if score.name == "near copies"] == [0]


def test_the_queue_is_right_where_it_asks_about_a_copy() -> None:
    """Of three crops one is near, one is asked about and one is in no list."""
    names = ("mill", "near", "asked", "lost", "weir")
    listings = newest_state(table(LISTINGS, [listing(name, name) for name in names]))
    truth = [planted(name, "" if name in ("mill", "weir") else "cropped") for name in names]
    for row in truth[1:4]:
        row["original"] = "mill"
    known = captured(truth, listings, "placeholder")
    pairs = table(
        PAIRS,
        [
            pair("mill", "near"),
            pair("mill", "asked", kind="doubtful"),
            pair("mill", "weir", kind="doubtful"),
            pair("near", "asked", kind="doubtful"),
        ],
    )
    scores = {
        score.name: score for score in score_copies(known, pairs, "none", ["cropped"], "none")
    }
    queue = scores["queue"]
    assert (queue.found, queue.wrong, queue.missed) == (1, 1, 1)
    assert (queue.precision, queue.recall) == (0.5, 0.5)
