"""What the page's scripts ask for, as objects ready for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from curation.review import groups as duplicate_groups
from curation.review.closing import closing
from curation.review.collection import NONE
from curation.review.desk import Desk, Opened
from curation.review.details import as_object, details
from curation.review.ledger import Ids
from curation.review.pictures import sizes
from curation.review.query import FACETS, VARIANT_FACETS, answer, parse_query
from curation.review.session import Notice, Outcome
from curation.review.sheets import Sheet
from curation.review.training import samples
from curation.review.training import training as find_training
from pipeline.core.errors import UsageError
from pipeline.core.paths import Paths

Object = dict[str, Any]
MOST_ITEMS = 400
"""Items of which the details are sent at once."""


def sheet(desk: Desk, request: Request) -> Object:
    """The items that the address asks for, in order, with the counts beside the filters."""
    opened, shown = _shown(desk, request)
    desk.follow()
    of_variants = request.query_params.get("of") == "variants"
    facets = (*FACETS, *VARIANT_FACETS) if of_variants else FACETS
    found = answer(shown, parse_query(request.query_params.multi_items(), facets))
    letters = shown.stances.letters
    return {
        "order": found.order.tolist(),
        "at": shown.find([request.query_params.get("at", "")]).tolist()[0],
        "stances": "".join(letters[found.order].tolist()),
        "matching": found.matching,
        "items": len(shown),
        "undecided": int((shown.stances.codes == 0).sum()),
        "counts": found.counts,
        "ranges": found.ranges,
        "sizes": sizes(opened.collection.paths),
        "version": _version(opened),
        "revision": desk.session.revision,
        "undo": desk.session.can_undo,
        "redo": desk.session.can_redo,
        "problems": desk.ledger.problems(),
    }


def items(desk: Desk, request: Request) -> list[Object]:
    """The details of some items."""
    _, shown = _shown(desk, request)
    places = _places(request, len(shown))
    return details(shown, places, lambda key: desk.session.said((key,)))


def groups(desk: Desk, request: Request) -> Object:
    """Duplicate groups, or doubtful pairs with their chances and why, as places of their images."""
    opened, _ = _shown(desk, request)
    desk.follow()
    if request.query_params.get("kind") != "doubtful":
        return {"groups": duplicate_groups.groups(opened.collection)}
    queue = duplicate_groups.doubtful(opened.collection, desk.session.said)
    return {
        "groups": queue.pairs,
        "chances": queue.chances,
        "suspicions": queue.suspicions,
        "same": queue.same,
        "distinct": queue.distinct,
    }


def places(desk: Desk, request: Request) -> list[int]:
    """The places of some items by their ids, -1 for one that is not here."""
    _, shown = _shown(desk, request)
    found: list[int] = shown.find(request.query_params.get("ids", "").split(",")).tolist()
    return found


def pairs(desk: Desk, request: Request) -> list[Object]:
    """How alike some images are, and which pairs curators tell apart."""
    opened, shown = _shown(desk, request)
    measured = duplicate_groups.measured(opened.collection, _places(request, len(shown)))
    return [
        pair | {"said": as_object(desk.session.said((pair["a"], pair["b"])))} for pair in measured
    ]


def changes(desk: Desk, request: Request) -> Object:
    """What happened to the lists since a revision, whoever did it."""
    opened, shown = _shown(desk, request)
    desk.follow()
    changed, notices = desk.session.since(_since(request))
    return _changed(desk, shown, changed) | {
        "notices": [asdict(one) for one in notices],
        "version": _version(opened),
    }


def training(desk: Desk, request: Request) -> Object:
    """The last samples, and for each the images that look most like it."""
    opened, _ = _shown(desk, request)
    found = find_training(opened.collection.paths)
    drawn = samples(found)
    nearest = [desk.nearest(opened).rows(one) for one in drawn] if len(drawn) else []
    return {"nearest": nearest, "side": found.side, **found.facts}


def finish(desk: Desk, request: Request) -> Object:
    """What git would commit, and what that would change."""
    desk.follow()
    told = closing(desk.root, Paths(desk.root, "").lists)
    name = request.path_params["collection"]
    return asdict(told) | {"problems": desk.ledger.problems(), "effect": desk.around.effect(name)}


def stale(desk: Desk, request: Request) -> list[dict[str, str]]:
    """What `dvc repro` would do now."""
    return desk.around.stale(request.path_params["collection"])


def run_standing(desk: Desk, request: Request) -> Object:
    """How the run goes on."""
    return desk.rerun.standing(_since(request))


def decide(desk: Desk, collection: str, asked: Object) -> Object:
    """Carry out the steps of a tab."""
    opened = desk.open(collection)
    steps = asked.get("steps")
    if not isinstance(steps, list) or not all(map(_is_step, steps)):
        raise UsageError("the page sent no steps")
    prepared = [[desk.item(opened, one) for one in step] for step in steps]
    return _carried_out(desk, opened, asked, lambda: desk.session.decide(prepared))


def undo(desk: Desk, collection: str, asked: Object) -> Object:
    """Take the last step back."""
    return _carried_out(desk, desk.open(collection), asked, desk.session.undo)


def redo(desk: Desk, collection: str, asked: Object) -> Object:
    """Take again what was taken back."""
    return _carried_out(desk, desk.open(collection), asked, desk.session.redo)


def restore(desk: Desk, collection: str, asked: Object) -> Object:
    """Write again the decisions that another program dropped."""
    opened, lost = desk.open(collection), _number(asked, "lost")
    return _carried_out(desk, opened, asked, lambda: desk.session.restore(lost))


def run(desk: Desk, collection: str, asked: Object) -> Object:  # noqa: ARG001 - every command's signature
    """Bring the collection up to its variants."""
    desk.open(collection)
    desk.rerun.start(desk.around.repro(collection))
    return desk.rerun.standing()


def _carried_out(
    desk: Desk, opened: Opened, asked: Object, command: Callable[[], Outcome]
) -> Object:
    """Do what a tab asks once, even when it asks again because the answer got lost."""
    tab, number = str(asked.get("tab", "")), _number(asked, "number")
    outcome = desk.session.once(tab, number, command)
    desk.follow()
    shown = opened.sheet(str(asked.get("of", "")))
    return _changed(desk, shown, outcome.changed) | {"notices": _plain(outcome.notices)}


def _changed(desk: Desk, shown: Sheet, changed: Iterable[Ids]) -> Object:
    """The new standing of some items, by their places in the sheet that is shown."""
    keys = [ids[0] for ids in changed if len(ids) == 1]
    pairs = [list(ids) for ids in changed if len(ids) == 2]
    # What names many images (an artist, a group) makes the page ask for everything again.
    many = any(":" in key for key in keys)
    keys = [key for key in keys if ":" not in key]
    places = shown.find(keys).tolist()
    letters = shown.stances.letters if keys else ()
    return {
        "changed": [
            {
                "id": key,
                "place": place,
                "stance": str(letters[place]) if place != NONE else "",
                "said": as_object(desk.session.said((key,))),
            }
            for key, place in zip(keys, places, strict=True)
        ],
        "pairs": pairs,
        "many": many,
        "revision": desk.session.revision,
        "undo": desk.session.can_undo,
        "redo": desk.session.can_redo,
        "undecided": int((shown.stances.codes == 0).sum()),
    }


def _is_step(step: object) -> bool:
    return isinstance(step, list) and all(isinstance(one, dict) for one in step)


def _number(asked: Object, name: str) -> int:
    number = asked.get(name)
    if not isinstance(number, int):
        raise UsageError(f"the page sent no number as {name!r}")
    return number


def _plain(notices: Iterable[str]) -> list[Object]:
    return [asdict(Notice(0, text)) for text in notices]


def _shown(desk: Desk, request: Request) -> tuple[Opened, Sheet]:
    opened = desk.open(request.path_params["collection"])
    return opened, opened.sheet(request.query_params.get("of", ""))


def _places(request: Request, count: int) -> list[int]:
    asked = request.query_params.get("places", "").split(",")[:MOST_ITEMS]
    places = [int(one) for one in asked if one.isdecimal()]
    if any(place >= count for place in places):
        raise UsageError("the page asks for more than there is; load it anew")
    return places


def _since(request: Request) -> int:
    text = request.query_params.get("since", "0")
    return int(text) if text.isdecimal() else 0


def _version(opened: Opened) -> str:
    return "-".join(str(changed) for _, changed in opened.collection.version)
