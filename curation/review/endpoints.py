"""What the page's scripts ask for, as objects ready for JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request

from curation.review import duplicate_groups
from curation.review.app_state import AppState, Opened
from curation.review.collection import NONE
from curation.review.commit_summary import commit_summary
from curation.review.contact_sheets import ContactSheet
from curation.review.decision_store import Ids
from curation.review.details import as_object, details
from curation.review.edit_session import EditOutcome, Notice
from curation.review.query import FACETS, VARIANT_FACETS, answer, parse_query, whole_number
from curation.review.served_pictures import sizes
from curation.review.training_samples import samples
from curation.review.training_samples import training as find_training
from pipeline.core.errors import UsageError
from pipeline.core.paths import Paths

Object = dict[str, Any]
MOST_ITEMS = 400
"""Items of which the details are sent at once."""


def sheet(state: AppState, request: Request) -> Object:
    """The items that the address asks for, in order, with the counts beside the filters."""
    opened, shown = _shown(state, request)
    state.follow()
    of_variants = request.query_params.get("of") == "variants"
    facets = (*FACETS, *VARIANT_FACETS) if of_variants else FACETS
    result = answer(shown, parse_query(request.query_params.multi_items(), facets))
    letters = shown.statuses.letters
    return {
        "order": result.order.tolist(),
        "at": shown.find([request.query_params.get("at", "")]).tolist()[0],
        "statuses": "".join(letters[result.order].tolist()),
        "matching": result.matching,
        "items": len(shown),
        "undecided": int((shown.statuses.codes == 0).sum()),
        "counts": result.counts,
        "ranges": result.ranges,
        "sizes": sizes(opened.collection.paths),
        "version": _version(opened),
        "revision": state.session.revision,
        "undo": state.session.can_undo,
        "redo": state.session.can_redo,
        "problems": state.store.problems(),
    }


def items(state: AppState, request: Request) -> list[Object]:
    """The details of some items."""
    _, shown = _shown(state, request)
    places = _places(request, len(shown))
    return details(shown, places, lambda key: state.session.entries_of((key,)))


def groups(state: AppState, request: Request) -> Object:
    """Duplicate groups, or doubtful pairs with their chances and why, as places of their images."""
    opened, _ = _shown(state, request)
    state.follow()
    if request.query_params.get("kind") != "doubtful":
        return {"groups": duplicate_groups.groups(opened.collection)}
    queue = duplicate_groups.doubtful(opened.collection, state.session.entries_of)
    return {
        "groups": queue.pairs,
        "chances": queue.chances,
        "suspicions": queue.suspicions,
        "same": queue.same,
        "distinct": queue.distinct,
    }


def places(state: AppState, request: Request) -> list[int]:
    """The places of some items by their ids, -1 for one that is not here."""
    _, shown = _shown(state, request)
    numbers: list[int] = shown.find(request.query_params.get("ids", "").split(",")).tolist()
    return numbers


def pairs(state: AppState, request: Request) -> list[Object]:
    """How alike some images are, and which pairs curators tell apart."""
    opened, shown = _shown(state, request)
    among = _places(request, len(shown))
    measured = duplicate_groups.measured(opened.collection, among, state.session.entries_of)
    return [
        pair | {"entries": as_object(state.session.entries_of((pair["a"], pair["b"])))}
        for pair in measured
    ]


def candidates(state: AppState, request: Request) -> list[int]:
    """The places of images that were measured to be like one, the likeliest first."""
    opened, shown = _shown(state, request)
    [place] = _places(request, len(shown)) or [NONE]
    return [] if place == NONE else duplicate_groups.candidates(opened.collection, place)


def changes(state: AppState, request: Request) -> Object:
    """What happened to the lists since a revision, whoever did it."""
    opened, shown = _shown(state, request)
    state.follow()
    changed, notices = state.session.since(_since(request))
    return _changed_statuses(state, shown, changed) | {
        "notices": [asdict(notice) for notice in notices],
        "version": _version(opened),
    }


def training(state: AppState, request: Request) -> Object:
    """The last samples, and for each the images that look most like it."""
    opened, _ = _shown(state, request)
    trained = find_training(opened.collection.paths)
    pictures = samples(trained)
    nearest = [state.nearest(opened).rows(picture) for picture in pictures] if len(pictures) else []
    return {"nearest": nearest, "side": trained.side, **trained.facts}


def finish(state: AppState, request: Request) -> Object:
    """What git would commit, and what that would change."""
    state.follow()
    summary = commit_summary(state.root, Paths(state.root, "").lists)
    name = request.path_params["collection"]
    return asdict(summary) | {
        "problems": state.store.problems(),
        "effect": state.services.effect(name),
    }


def stale(state: AppState, request: Request) -> list[dict[str, str]]:
    """What `dvc repro` would do now."""
    return state.services.stale(request.path_params["collection"])


def run_status(state: AppState, request: Request) -> Object:
    """How the run goes on."""
    return state.rerun.status(_since(request))


def decide(state: AppState, collection: str, asked: Object) -> Object:
    """Carry out the steps of a tab."""
    opened = state.open(collection)
    steps = asked.get("steps")
    if not isinstance(steps, list) or not all(map(_is_step, steps)):
        raise UsageError("the page sent no steps")
    prepared = [[state.item(opened, change) for change in step] for step in steps]
    return _carried_out(state, opened, asked, lambda: state.session.decide(prepared))


def undo(state: AppState, collection: str, asked: Object) -> Object:
    """Take the last step back."""
    return _carried_out(state, state.open(collection), asked, state.session.undo)


def redo(state: AppState, collection: str, asked: Object) -> Object:
    """Take again what was taken back."""
    return _carried_out(state, state.open(collection), asked, state.session.redo)


def restore(state: AppState, collection: str, asked: Object) -> Object:
    """Write again the decisions that another program dropped."""
    opened, lost = state.open(collection), _number(asked, "lost")
    return _carried_out(state, opened, asked, lambda: state.session.restore(lost))


def run(state: AppState, collection: str, asked: Object) -> Object:  # noqa: ARG001 - every command's signature
    """Bring the collection up to its variants."""
    state.open(collection)
    state.rerun.start(state.services.repro(collection))
    return state.rerun.status()


def _carried_out(
    state: AppState, opened: Opened, asked: Object, command: Callable[[], EditOutcome]
) -> Object:
    """Do what a tab asks once, even when it asks again because the answer got lost."""
    tab, number = str(asked.get("tab", "")), _number(asked, "number")
    outcome = state.session.once(tab, number, command)
    state.follow()
    shown = opened.sheet(str(asked.get("of", "")))
    return _changed_statuses(state, shown, outcome.changed) | {"notices": _plain(outcome.notices)}


def _changed_statuses(state: AppState, shown: ContactSheet, changed: Iterable[Ids]) -> Object:
    """The new status of some items, by their places in the sheet that is shown."""
    keys = [ids[0] for ids in changed if len(ids) == 1]
    pairs = [list(ids) for ids in changed if len(ids) == 2]
    # What names many images (an artist, a group) makes the page ask for everything again.
    many = any(":" in key for key in keys)
    keys = [key for key in keys if ":" not in key]
    places = shown.find(keys).tolist()
    letters = shown.statuses.letters if keys else ()
    return {
        "changed": [
            {
                "id": key,
                "place": place,
                "decision": str(letters[place]) if place != NONE else "",
                "entries": as_object(state.session.entries_of((key,))),
            }
            for key, place in zip(keys, places, strict=True)
        ],
        "pairs": pairs,
        "many": many,
        "revision": state.session.revision,
        "undo": state.session.can_undo,
        "redo": state.session.can_redo,
        "undecided": int((shown.statuses.codes == 0).sum()),
    }


def _is_step(step: object) -> bool:
    return isinstance(step, list) and all(isinstance(change, dict) for change in step)


def _number(asked: Object, name: str) -> int:
    number = asked.get(name)
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) >= 2**63:
        raise UsageError(f"the page sent no number as {name!r}")
    return number


def _plain(notices: Iterable[str]) -> list[Object]:
    return [asdict(Notice(0, text)) for text in notices]


def _shown(state: AppState, request: Request) -> tuple[Opened, ContactSheet]:
    opened = state.open(request.path_params["collection"])
    return opened, opened.sheet(request.query_params.get("of", ""))


def _places(request: Request, count: int) -> list[int]:
    asked = request.query_params.get("places", "").split(",")[:MOST_ITEMS]
    places = [whole_number(number, "places") for number in asked if number]
    if any(place >= count for place in places):
        raise UsageError("the page asks for more than there is; load it anew")
    return places


def _since(request: Request) -> int:
    return whole_number(request.query_params.get("since", ""), "since")


def _version(opened: Opened) -> str:
    return "-".join(str(changed) for _, changed in opened.collection.version)
