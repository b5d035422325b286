"""What the page tells of an item: captions from the web, facts, and why it stays or goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from curation.decisions.list_syntax import CURATORS_REASONS
from curation.review.contact_sheets import ContactSheet
from curation.review.decision_store import Placed
from curation.review.served_pictures import lies_over
from curation.selection.picture_notes import note_of

Row = dict[str, Any]


LABELS = {name: reason.label for name, reason in CURATORS_REASONS.items()}
"""A heading for each reason that a rule or a curator may give."""


def details(
    sheet: ContactSheet,
    places: Sequence[int],
    entries_of: Callable[[str], Sequence[Placed]],
) -> list[Row]:
    """One object an item, ready for JSON; ``entries_of`` tells what the lists say of a key."""
    collection = sheet.collection
    owners = pa.array(sheet.owner[np.array(places, np.int64)])
    images = collection.images.take(owners).to_pylist()
    listings = collection.listings.take(owners).to_pylist()
    selected = collection.selection.take(owners).to_pylist()
    marks = collection.marks.take(owners).to_pylist()
    objects = []
    for place, image, listing, chosen, mark in zip(
        places, images, listings, selected, marks, strict=True
    ):
        key = sheet.key(place)
        objects.append(
            {"place": place, "id": key, "image": image["image_id"]}
            | _caption(listing)
            | _facts(image, mark)
            | _decision(_decided_here(sheet, place, chosen), image)
            | {"rules": _rules(sheet, place), "entries": as_object(entries_of(key))}
        )
    return objects


def as_object(entries: Sequence[Placed]) -> list[Row]:
    """Entries of the lists, ready for JSON."""
    return [
        {
            "list": name,
            "reason": entry.reason,
            "by": entry.by,
            "date": entry.date,
            "note": entry.note,
        }
        for name, entry in entries
    ]


def _caption(listing: Row) -> Row:
    url = listing["page_url"] or ""
    return {
        "title": listing["title"] or "Untitled",
        "creator": listing["creator_name"] or listing["creator"] or "",
        "year": listing["year_text"] or "",
        "source": listing["source"] or "",
        "rights": listing["rights"] or "",
        "link": url if url.startswith(("https://", "http://")) else "",
    }


def _facts(image: Row, mark: Row) -> Row:
    return {
        "width": image["width"],
        "height": image["height"],
        "format": image["format"] or "",
        "bytes": image["bytes"],
        "capture": image["capture"],
        "cropLoss": image["crop_loss"],
        "decodes": image["shard"] is not None,
        "overlay": lies_over(mark["template"]),
    }


def _decided_here(sheet: ContactSheet, place: int, chosen: Row) -> Row:
    """The row of SELECTION; for a variant with its own status in place of its image's."""
    if sheet.table is sheet.collection.selection:
        return chosen
    own = sheet.table.slice(place, 1).select(["status", "reason", "decided_by", "split"])
    decided: Row = own.to_pylist()[0]
    return chosen | decided | {"value": None, "threshold": None, "overruled": None}


def _decision(chosen: Row, image: Row) -> Row:
    reason = chosen["reason"]
    return {
        "status": chosen["status"],
        "reason": reason,
        "label": LABELS.get(reason, reason) if reason else "",
        "note": note_of(chosen | image) if reason else "",
        "decidedBy": chosen["decided_by"],
        "overruled": chosen["overruled"] and LABELS.get(chosen["overruled"]),
        "group": chosen["group"],
        "groupNote": chosen["group_note"],
        "split": chosen.get("split"),
    }


def _rules(sheet: ContactSheet, place: int) -> list[Row]:
    """Every number that a rule compared, and whether it speaks against the item."""
    numbers = []
    for name, score in sheet.scores.items():
        value = float(score.value[place])
        if not np.isnan(value):
            numbers.append(
                {
                    "rule": name,
                    "label": LABELS.get(name, name),
                    "value": round(value, 3),
                    "threshold": score.threshold,
                    "rejects": score.rejects(place),
                }
            )
    return numbers
