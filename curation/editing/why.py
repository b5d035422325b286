"""The history of one image in words, for a curator who asks why it is in or out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from curation.editing.image_history import Row
from curation.selection.evidence import BY_RULE
from curation.selection.picture_notes import SUSPICIONS, SYMMETRIES, note_of
from curation.selection.rules.declarations import REASONS
from curation.selection.rules.other_causes import CURATOR_REMOVED
from pipeline.core.schema import Fetch, PairKind, Split, Suspicion
from pipeline.core.transforms import Symmetry

Tables = dict[str, list[Row] | None]

_LABEL = 11
"""Characters before the text of a line."""

_OUTCOMES = {
    Fetch.FETCHED: "the bytes came",
    Fetch.CHANGED: "other bytes came than before",
    Fetch.UNCHANGED: "unchanged since an earlier capture",
    Fetch.GONE: "gone from the site",
    Fetch.PLACEHOLDER: "a stand-in picture, not fetched",
    Fetch.OPTED_OUT: "opted out, bytes not kept",
    Fetch.FAILED: "no usable answer",
}
_WITHOUT_PICTURE = {
    None: "no longer in the lists in which it stood",
    Fetch.GONE: "its page is gone",
    Fetch.OPTED_OUT: "its page asks not to be used",
    Fetch.FAILED: "its page gave no usable answer",
}
"""What a capture saw of a listing that showed no picture, by the outcome for its own page."""
_SCOPES = {"image": "this image", "group": "its duplicate group", "pair": "this pair"}
_ACTIONS = {"keep": "Keep", "remove": "Leave out", "distinct": "Tell apart"}
_ABSENT = {"requests": "no capture is here to ask; `dvc pull` brings it"}
_NOTHING: Row = {}


def verdict(history: Tables) -> str:
    """What became of the image, in one clause."""
    rows = history["selection"]
    if not rows:
        return "not decided yet: `select` has not seen it"
    row = rows[0]
    if row["reason"]:
        return f"left out: {_lower(REASONS[row['reason']].label)}"
    variants = [variant for variant in history["variants"] or [] if variant["status"] == "keep"]
    held = bool(variants) and variants[0]["split"] == Split.HELD_OUT
    count = f"{len(variants)} variant{'' if len(variants) == 1 else 's'}"
    use = f"held out from training in {count}" if held else f"trained on in {count}"
    return f"kept, {use}" if variants else "kept"


def sentences(history: Tables) -> list[str]:
    """The history as lines: a label for each stage, and what it found or did."""
    facts = (history["images"] or [_NOTHING])[0]
    lines: list[str] = []
    for label, name, words in _STAGES:
        rows = history[name]
        texts = [_ABSENT.get(name, "not made yet")] if rows is None else words(rows, facts)
        lines += [
            f"{label if first == 0 else '':{_LABEL}}{_plain(text)}"
            for first, text in enumerate(texts)
        ]
    return lines


def _plain(text: str) -> str:
    """``text`` without what a terminal would obey: titles come from the web."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for letter in text.replace("\N{NO-BREAK SPACE}", " ")
    )


def _listed(rows: Sequence[Row], facts: Row) -> list[str]:
    if not rows:
        return ["in no listing that was captured"]
    listings: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        listings.setdefault((row["source"], row["listing_id"]), []).append(row)
    own = facts.get("image_id")
    return [text for each in listings.values() for text in _listing(each, own)]


def _listing(rows: Sequence[Row], own: str | None) -> list[str]:
    """What the newest page tells of a listing, and what each capture saw where the image stood."""
    described = [row for row in rows if row["layer"]]
    newest = described[-1] if described else rows[-1]
    shown = f'"{newest["title"]}"' if newest["title"] else "without a title"
    creator = newest["creator_name"] or newest["creator"] or "nobody named"
    mine = [row for row in rows if row["image_id"] == own]
    keys, places = {row["image_key"] for row in mine}, {row["position"] for row in mine}
    about = [
        row
        for row in rows
        if not row["image_key"] or row["image_key"] in keys or row["position"] in places
    ]
    return [
        f"{shown} by {creator}: {newest['source']} {newest['listing_id']}",
        str(newest["page_url"]),
        *(f"{row['capture']}: {_sighting(row, own, keys)}" for row in about),
    ]


def _sighting(row: Row, own: str | None, keys: set[str]) -> str:
    if not row["image_key"]:
        page = row["page_fetch"]
        return _WITHOUT_PICTURE.get(page and Fetch(page), "its page shows no picture")
    outcome = _OUTCOMES[Fetch(row["fetch"])] if row["fetch"] else "shown, not asked for"
    picture = f"image {row['position'] + 1}"
    if row["image_id"] not in (own, None):
        picture += f" is another, {row['image_id']}"
    elif row["image_key"] not in keys:
        picture += " is another"
    page = ", its page asks not to be used" if row["page_fetch"] == Fetch.OPTED_OUT else ""
    return f"{picture}, {outcome}{page}; rights: {row['rights'] or 'not stated'}"


def _requested(rows: Sequence[Row], _: Row) -> list[str]:
    return [
        f"{row['url']}: {row['http_status'] or 'no answer'}, "
        f"{_OUTCOMES[Fetch(row['fetch'])]}, {row['fetched_at']} (capture {row['capture']})"
        for row in rows
    ] or ["no request of the captures that are here"]


def _image(rows: Sequence[Row], _: Row) -> list[str]:
    return [
        f"{row['bytes']:,} bytes that are no picture: {row['fault_detail']}"
        if row["fault"]
        else f"{row['format']}, {row['width']} x {row['height']} pixels, {row['bytes']:,} bytes; "
        f"luminance varies by {row['luminance_std']:.1f}, sharpness {row['sharpness']:.0f}, "
        f"pHash {row['phash']}"
        for row in rows
    ]


def _mark(rows: Sequence[Row], _: Row) -> list[str]:
    if not rows:
        return ["not looked for: there are no pixels"]
    row = rows[0]
    if row["score"] is None:
        return ["no overlay was found among images like it"]
    return [f"score {row['score']:.1f} for the overlay {row['template']}"]


def _copies(rows: Sequence[Row], facts: Row) -> list[str]:
    own = facts.get("image_id")
    return [_pair(row, row["b"] if row["a"] == own else row["a"]) for row in rows] or ["none found"]


def _pair(row: Row, other: str) -> str:
    kind = PairKind(row["kind"])
    turned = SYMMETRIES[Symmetry(row["symmetry"])]
    if kind is PairKind.EXACT:
        return f"the same pixels as {other}"
    measured = (
        f"pHash {row['phash_distance']} bits apart, colours {row['lab_distance']:.1f} in Lab, "
        f"edges agree by {row['gradient_correlation']:.2f}"
    )
    if row["suspicion"]:
        measured = f"{SUSPICIONS[Suspicion(row['suspicion'])]}; {measured}"
    says = "the same picture as" if kind is PairKind.NEAR else "perhaps the same picture as"
    return f"{says} {other}{', ' + turned if turned else ''} ({measured})"


def _decided(rows: Sequence[Row], facts: Row) -> list[str]:
    return [_decision_line(row, facts) for row in rows] or ["nobody has decided about it"]


def _decision_line(row: Row, facts: Row) -> str:
    about = _SCOPES.get(row["scope"], f"its variant {row['other']}")
    if row["scope"] == "pair":
        about = (
            f"it from {row['other'] if row['target'] == facts.get('image_id') else row['target']}"
        )
    action = f"{_ACTIONS[row['action']]} {about}"
    who = " on ".join(filter(None, (row["by"] or "a curator", row["date"])))
    return f"{action}, says {who}" + (f" ({row['reason']})" if row["reason"] else "")


def _selected(rows: Sequence[Row], facts: Row) -> list[str]:
    return [text for row in rows for text in _selection({**row, **_fault(facts)})]


def _selection(row: Row) -> list[str]:
    lines = [_ruling(row)]
    if row["group"] == row["image_id"]:
        lines.append(f"the preferred one of its copies: {row['group_note']}")
    elif row["group"]:
        lines.append(f"of these copies {row['group']} is preferred: {row['group_note']}")
    return lines


def _ruling(row: Row) -> str:
    if row["reason"]:
        reason = REASONS[row["reason"]]
        note = note_of(row) if row["decided_by"] == BY_RULE else f"says {row['decided_by']}"
        final = " A line in keep.txt cannot bring it back." if reason.is_final else ""
        return f"left out. {reason.means}{f' ({note})' if note else ''}{final}"
    if row["overruled"]:
        reason = REASONS[row["overruled"]]
        note = note_of({**row, "reason": reason.name, "decided_by": BY_RULE})
        against = f"{_lower(reason.label)}{f' ({note})' if note else ''}"
        return f"kept by {row['decided_by']}, although it is {against}"
    by = "" if row["decided_by"] == BY_RULE else f" by {row['decided_by']}"
    return f"kept{by}: no rule speaks against it"


def _fault(facts: Row) -> Row:
    return {"fault_detail": facts.get("fault_detail")}


def _varied(rows: Sequence[Row], _: Row) -> list[str]:
    return [f"{row['transform']}: {_variant(row)}" for row in rows] or [
        "none: only an image that stays has variants"
    ]


def _variant(row: Row) -> str:
    if row["reason"] == CURATOR_REMOVED.name:
        return f"left out, says {row['decided_by']}"
    if row["reason"]:
        return f"left out. {REASONS[row['reason']].means}"
    by = "" if row["decided_by"] == BY_RULE else f" by {row['decided_by']}"
    return f"kept{by}, {'held out' if row['split'] == Split.HELD_OUT else 'trained on'}"


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


_STAGES: tuple[tuple[str, str, Callable[[Sequence[Row], Row], list[str]]], ...] = (
    ("listed", "listings", _listed),
    ("requested", "requests", _requested),
    ("image", "images", _image),
    ("mark", "watermark", _mark),
    ("copies", "pairs", _copies),
    ("curators", "decisions", _decided),
    ("decision", "selection", _selected),
    ("variants", "variants", _varied),
)
