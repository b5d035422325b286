"""The question that stands in the address: which items, in which order, and how many of each kind.

::

    status reason source creator capture decided by transform split
                    values of a facet; one given twice means either
    q               words in title, creator or id
    rule min max    a rule, and the range of its number
    border          only items that the rule rejects, or that none does
    sort            doubt (nearest to its threshold first), id, near (to the rule's threshold),
                    or a rule (worst first; with a minus, best first)
    sample seed     so many of them, drawn by lot
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from curation.review.collection import NONE, Integers
from curation.review.contact_sheets import ContactSheet
from pipeline.core.errors import UsageError, nearest

Mask = npt.NDArray[np.bool_]
FACETS: Final = ("decided", "status", "reason", "source", "creator", "capture", "by")
VARIANT_FACETS: Final = ("transform", "split")
_OTHERS: Final = ("q", "rule", "min", "max", "border", "sort", "sample", "seed")
_PLACES: Final = ("view", "at", "with", "of")
"""Keys that say where the page stands, not what it shows."""
_MOST_DIGITS: Final = 18
"""All numbers of so many digits have 64 bits."""
MOST_VALUES: Final = 200
"""Values of a facet that are counted for the page; the most frequent come first."""


@dataclass(frozen=True)
class Query:
    """What is asked for; empty values ask for everything."""

    picks: Mapping[str, tuple[str, ...]]
    words: str = ""
    rule: str = ""
    low: float | None = None
    high: float | None = None
    border: bool = False
    sort: str = "doubt"
    sample: int = 0
    seed: int = 0


def parse_query(pairs: Iterable[tuple[str, str]], facets: tuple[str, ...] = FACETS) -> Query:
    """Read the pairs of a query string.

    Raises:
        UsageError: a key is unknown, or a number is none.
    """
    picks: dict[str, tuple[str, ...]] = {}
    single: dict[str, str] = {}
    for key, value in pairs:
        if key in facets:
            picks[key] = (*picks.get(key, ()), value)
        elif key in _OTHERS:
            single[key] = value
        elif key not in _PLACES and key not in VARIANT_FACETS:
            raise UsageError(f"the address asks for {key!r}{nearest(key, (*facets, *_OTHERS))}")
    return Query(
        picks=picks,
        words=single.get("q", "").strip(),
        rule=single.get("rule", ""),
        low=_number(single, "min"),
        high=_number(single, "max"),
        border="border" in single,
        sort=single.get("sort", "doubt"),
        sample=whole_number(single.get("sample", ""), "sample"),
        seed=whole_number(single.get("seed", ""), "seed"),
    )


@dataclass(frozen=True)
class QueryResult:
    """The items asked for, in order, and the counts beside the filters."""

    order: Integers
    counts: dict[str, dict[str, int]]
    ranges: dict[str, dict[str, Any]]
    """Threshold, least and greatest number of each rule."""
    matching: int
    """Before a sample was drawn."""


def answer(sheet: ContactSheet, query: Query) -> QueryResult:
    """Find the items.

    Raises:
        UsageError: the query names a rule or an order that there is not.
    """
    facets = sheet.facets
    masks = {
        key: np.isin(facets[key].codes, [_code(facets[key].names, value) for value in values])
        for key, values in query.picks.items()
        if key in facets
    }
    masks |= _number_masks(sheet, query)
    matches = np.flatnonzero(_all(masks.values(), len(sheet)))
    matching = len(matches)
    if query.sample:
        shuffled = np.random.default_rng(query.seed).permutation(matching)
        matches = np.sort(matches[shuffled[: query.sample]])
    counts = {
        key: _counted(facet.codes, facet.names, _all(_but(masks, key), len(sheet)))
        for key, facet in facets.items()
    }
    return QueryResult(matches[_ranking(sheet, query, matches)], counts, _ranges(sheet), matching)


def _number_masks(sheet: ContactSheet, query: Query) -> dict[str, Mask]:
    masks: dict[str, Mask] = {}
    if query.words:
        masks["q"] = sheet.matches(query.words)
    if not query.rule:
        return masks
    value = _score(sheet, query.rule).value
    masks["rule"] = ~np.isnan(value)
    if query.low is not None:
        masks["rule"] &= value >= query.low
    if query.high is not None:
        masks["rule"] &= value <= query.high
    if query.border:
        reason = sheet.fixed_facets["reason"]
        masks["rule"] &= np.isin(reason.codes, [NONE, _code(reason.names, query.rule)])
    return masks


def _ranking(sheet: ContactSheet, query: Query, places: Integers) -> Integers:
    """The places of ``places`` in the order that is wanted; equal items by their own order."""
    name = query.sort.removeprefix("-")
    if name == "id":
        return np.arange(len(places))
    if name == "doubt":
        key = sheet.doubt[places]
    elif name == "near":
        key = _score(sheet, query.rule).doubt[places]
    else:
        badness = _score(sheet, name).badness[places]
        key = badness if query.sort.startswith("-") else -badness
    return np.argsort(key, kind="stable")


def _score(sheet: ContactSheet, rule: str) -> Any:
    if rule not in sheet.scores:
        known = ", ".join(sheet.scores) or "none yet"
        raise UsageError(f"no rule {rule!r} compares a number here; there are: {known}")
    return sheet.scores[rule]


def _ranges(sheet: ContactSheet) -> dict[str, dict[str, Any]]:
    ranges = {}
    for name, score in sheet.scores.items():
        known = score.value[np.isfinite(score.value)]
        if len(known):
            low, high = float(known.min()), float(known.max())
            ranges[name] = {"threshold": score.threshold, "low": low, "high": high}
    return ranges


def _counted(codes: npt.NDArray[np.int32], names: list[str], mask: Mask) -> dict[str, int]:
    counts = np.bincount(codes[mask & (codes != NONE)], minlength=len(names))
    most = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    return {names[code]: int(counts[code]) for code in most.tolist()}


def _code(names: list[str], name: str) -> int:
    """The code of a value; one that nothing has for a value that is not there."""
    return names.index(name) if name in names else len(names)


def _but(masks: Mapping[str, Mask], key: str) -> list[Mask]:
    return [mask for name, mask in masks.items() if name != key]


def _all(masks: Iterable[Mask], count: int) -> Mask:
    together = np.ones(count, bool)
    for mask in masks:
        together &= mask
    return together


def whole_number(text: str, key: str) -> int:
    """The number that an address gives for ``key``, 0 where it gives none.

    Raises:
        UsageError: it is none, or one that no array can have.
    """
    if not text:
        return 0
    if len(text) > _MOST_DIGITS or not (text.isascii() and text.isdecimal()):
        raise UsageError(
            f"{key}={text[:_MOST_DIGITS]} in the address is no whole number up to 18 digits"
        )
    return int(text)


def _number(single: Mapping[str, str], key: str) -> float | None:
    text = single.get(key, "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(f"{key}={text[:_MOST_DIGITS]} in the address is no number") from error
