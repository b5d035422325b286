from __future__ import annotations

from typing import Any

from curation.scoring import captured, score_rules
from curation.selection.listing_state import newest_state
from pipeline.core.schema import LISTINGS, SELECTION, Reason
from tests.decision_tables import Row, id_of, listing, table

MARKED = {"watermark": Reason.WATERMARK}


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
