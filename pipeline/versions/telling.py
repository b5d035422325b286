"""A difference in words: one sentence that adds up, and what a terminal shows below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from curation.selection.evidence import BY_RULE
from pipeline.core.log import counted
from pipeline.versions.causes import CaptureChange, Causes, ListChange
from pipeline.versions.decisions import Move, Share, by_hand
from pipeline.versions.difference import Difference
from pipeline.versions.results import Compared, ComparedResults

SHOWN = 8
"""Lines of one kind in the terminal; the page and ``--json`` have all."""
SHORT_ID = 8


def headline(difference: Difference) -> str:
    """Which versions are compared, and what became of the images kept."""
    return f"{version_title(difference)}: {outcome(difference)}"


def outcome(difference: Difference) -> str:
    """What became of the images kept: before + arrived + returned - left - vanished = after."""
    decisions = difference.decisions
    before, after = decisions.kept
    moves = [
        f"{decisions.count(move):,} {move}{_by_reason(difference, move)}"
        for move in (Move.ARRIVED, Move.RETURNED, Move.LEFT, Move.VANISHED)
    ]
    measured = f"; {difference.facts.images:,} measured otherwise" if difference.facts else ""
    return f"{before:,} -> {after:,} kept; {', '.join(moves)}{measured}"


def version_title(difference: Difference) -> str:
    """Which versions of what are compared."""
    was = f"{difference.was} of " if difference.was != difference.collection else ""
    return f"{difference.collection} {was}{difference.old} -> {difference.new}"


def _by_reason(difference: Difference, move: Move) -> str:
    """Why images left or had been out, and which curator said so."""
    if move not in (Move.LEFT, Move.RETURNED):
        return ""
    state = "after" if move is Move.LEFT else "before"
    counts = by_hand(difference.decisions.moves[move], state)
    words = [
        f"{count:,} {reason}" + (f" by {by}" if by != BY_RULE else "")
        for (reason, by), count in counts.items()
    ]
    prefix = "was " if move is Move.RETURNED else ""
    return f" ({prefix}{', '.join(words)})" if words else ""


def lines(difference: Difference) -> Iterator[tuple[str, str]]:
    """What is said below the sentence, as labels with their text."""
    yield from _causes(difference.causes)
    for (before, after), images in difference.decisions.transitions.items():
        yield "moves", f"{images:>6,}  {printable(before)} -> {printable(after)}"
    for label, shares in difference.decisions.shares.items():
        yield from _shares(label, shares)
    for label, changes in difference.decisions.relabelled.items():
        for change in changes[:SHOWN]:
            labels = f"{printable(change.before)} -> {printable(change.after)}"
            yield f"{label} now", f"{labels}: {counted(change.images, 'image')}"
    for group in difference.decisions.regrouped[:SHOWN]:
        short = f"{group.before[:SHORT_ID]} -> {group.after[:SHORT_ID]}"
        yield "preferred", f"{short}, in a group with {counted(group.members, 'image')}"
    yield from _more("preferred", len(difference.decisions.regrouped))
    yield from _shares("variants", difference.splits)
    yield from _measured(difference)
    yield from _model(difference.results)
    yield from _not_compared(difference)
    if not difference.causes and difference.decisions.transitions:
        yield "note", "no param, list, capture or code differs: was a stage run by hand?"


def leak(difference: Difference) -> str:
    """What images that changed sides mean; "" where none did."""
    crossed = difference.crossings
    if not crossed:
        return ""
    ways = Counter((crossing.before, crossing.after) for crossing in crossed)
    words = ", ".join(f"{count:,} from {a} to {b}" for (a, b), count in sorted(ways.items()))
    return (
        f"{version_title(difference)}: {counted(len(crossed), 'image')} changed sides ({words}), "
        f"such as {crossed[0].image_id}: a model of one version was trained on what judges the "
        f"other, so their metrics cannot be compared, and no model may be warm-started"
    )


def _causes(causes: Causes) -> Iterator[tuple[str, str]]:
    for param in causes.params[:SHOWN]:
        yield "params", f"{param.key}: {param.before} -> {param.after}"
    yield from _more("params", len(causes.params))
    for line in causes.lists[:SHOWN]:
        yield "lists", list_words(line)
    yield from _more("lists", len(causes.lists))
    for capture in causes.captures:
        yield "captures", capture_words(capture)
    for code in causes.code[:SHOWN]:
        yield "code", f"{code.path} ({', '.join(code.stages)})"
    yield from _more("code", len(causes.code))
    for subject in causes.commits[:3]:
        yield "code", f'"{printable(subject)}"'


def list_words(line: ListChange) -> str:
    """One changed line of a list."""
    who = " ".join(filter(None, (line.by or "nobody", line.date)))
    note = f": {line.note}" if line.note else ""
    return printable(
        f"{line.sign} {line.list}.txt {' '.join(line.ids)}  {line.reason or '-'}, {who}{note}"
    )


_SIGNS = {"+": "added", "-": "no longer there", "~": "rewritten, though finished ones never are"}


def capture_words(capture: CaptureChange) -> str:
    """One capture that one version does not have."""
    images = capture.counts.get("image", {})
    outcomes = ", ".join(f"{count:,} {fetch}" for fetch, count in images.items())
    return f"{capture.as_of} {_SIGNS[capture.sign]}" + (
        f" (images: {outcomes})" if outcomes else ""
    )


def _shares(label: str, shares: Sequence[Share]) -> Iterator[tuple[str, str]]:
    changed = [share for share in shares if share.change]
    for share in changed[:SHOWN]:
        yield (
            label,
            f"{printable(share.name)}: {share.before:,} -> {share.after:,} ({share.change:+,})",
        )
    yield from _more(label, len(changed))


def _measured(difference: Difference) -> Iterator[tuple[str, str]]:
    if not difference.facts:
        return
    counts = ", ".join(f"{name} of {n:,}" for name, n in difference.facts.columns.items())
    measured = counted(difference.facts.images, "image")
    yield "measured", f"{measured} otherwise, though the bytes are the same: {counts}"


def _model(results: ComparedResults) -> Iterator[tuple[str, str]]:
    for row in (*results.model, *results.metrics):
        if row.before != row.after:
            yield "model", f"{row.name}: {_value(row, 0)} -> {_value(row, 1)}"
    if results.is_same_model:
        yield "model", "the same weights"
    if results.not_comparable:
        yield "model", f"distances: {results.not_comparable}"


def _not_compared(difference: Difference) -> Iterator[tuple[str, str]]:
    for version, tables in difference.lacking.items():
        for table, columns in tables.items():
            yield "note", f"{table} of {version} has no {', '.join(columns)}: not compared"
    for version, absent in difference.absent.items():
        yield "note", f"{version} has no table of {' and '.join(absent)} yet: not compared"


def _value(row: Compared, side: int) -> str:
    value, spread = (row.before, row.after)[side], row.spread[side]
    if value is None:
        return "none"
    number = f"{value:.4f}" if isinstance(value, float) else str(value)
    return number if spread is None else f"{number} ± {spread:.4f}"


def _more(label: str, count: int) -> Iterator[tuple[str, str]]:
    if count > SHOWN:
        yield label, f"... and {count - SHOWN:,} more; --json has all"


def printable(text: str) -> str:
    """``text`` without what a terminal would obey: names come from the web."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def as_object(difference: Difference) -> dict[str, Any]:
    """The whole difference for ``--json``; its keys are the same whatever there is."""
    decisions = difference.decisions
    columns = ["image_id", "before", "after", "value", "threshold", "decided_by"]
    return {
        "collection": difference.collection,
        "was": difference.was,
        "old": difference.old,
        "new": difference.new,
        "sentence": headline(difference),
        "images": decisions.images,
        "kept": decisions.kept,
        "counts": {move.value: decisions.count(move) for move in Move},
        "moves": {move.value: decisions.moves[move].select(columns).to_pylist() for move in Move},
        "transitions": [
            {"before": before, "after": after, "images": images}
            for (before, after), images in decisions.transitions.items()
        ],
        "causes": asdict(difference.causes),
        "shares": {
            label: [asdict(share) for share in shares if share.change]
            for label, shares in {**decisions.shares, "split": difference.splits}.items()
        },
        "relabelled": {
            label: [asdict(row) for row in changes]
            for label, changes in decisions.relabelled.items()
        },
        "regrouped": [asdict(row) for row in decisions.regrouped],
        "leaks": [asdict(row) for row in difference.crossings],
        "facts": asdict(difference.facts),
        "results": asdict(difference.results),
        "lacking": difference.lacking,
        "absent": difference.absent,
    }
