"""A difference as a page: what left on the left, what came on the right, and all that is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from curation.selection.rules.declarations import REASONS
from pipeline.card.example_images import Example
from pipeline.card.templating import environment, number, stylesheet
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.versions import telling
from pipeline.versions.decisions import KEEP, NOT_THERE, Move
from pipeline.versions.difference import Difference
from pipeline.versions.examples import ExampleGroup, MovedImages, Pair
from pipeline.versions.revision import Version


@dataclass(frozen=True)
class Cell:
    """Images that went one way, and where on the page they are shown ("" for nowhere)."""

    images: int
    anchor: str


@dataclass(frozen=True)
class Matrix:
    """Only states that an image went from or to; None where no image went."""

    columns: list[str]
    rows: list[tuple[str, list[Cell | None]]]


def matrix(transitions: Mapping[tuple[str, str], int]) -> Matrix:
    """Lay out the transitions; states stand in the order of the rules."""
    before = _ordered_states({old for old, _ in transitions})
    after = _ordered_states({new for _, new in transitions})
    return Matrix(
        [label(state) for state in after],
        [(label(old), [_cell_of(transitions, old, new) for new in after]) for old in before],
    )


def label(state: str) -> str:
    """A state as a heading."""
    if state in REASONS:
        return REASONS[state].label
    return {KEEP: "Kept", NOT_THERE: "Not there"}.get(state, state)


def _cell_of(transitions: Mapping[tuple[str, str], int], before: str, after: str) -> Cell | None:
    if (before, after) not in transitions:
        return None
    anchor = ""
    if after == KEEP:
        anchor = f"{'arrived' if before == NOT_THERE else 'returned'}-{before}"
    elif before == KEEP:
        anchor = f"{'vanished' if after == NOT_THERE else 'left'}-{after}"
    return Cell(transitions[before, after], anchor)


def _ordered_states(states: set[str]) -> list[str]:
    known = [KEEP, *(reason for reason in REASONS)]
    former = sorted(states.difference(known, [NOT_THERE]))
    return [state for state in (*known, *former, NOT_THERE) if state in states]


SHEET_PX = 1000
"""Longer side of the sheets of samples."""


@dataclass(frozen=True)
class DifferencePage:
    """The content of the page; the templates add nothing but form."""

    difference: Difference
    outcome: str
    """What became of the images kept, in one sentence that adds up."""
    figures: dict[str, str]
    left: list[ExampleGroup]
    came: list[ExampleGroup]
    transitions: Matrix
    leak: str
    crossed: list[Example]
    regrouped: list[Pair]
    sheets: list[tuple[str, Thumbnail]]
    """Samples beside real images, of each version that has them."""
    without_pixels: int
    """Images of which no picture could be shown."""


def write_page(old: Version, new: Version, difference: Difference, count: int) -> DifferencePage:
    """Everything the page says, with at most ``count`` pictures of each reason.

    Pictures come from the version in which the image is kept; where its pixels can be had neither
    here nor from the remote, the image is named without.
    """
    shown = MovedImages(old, new, difference)
    left = shown.groups((Move.LEFT, Move.VANISHED), "after", count)
    came = shown.groups((Move.ARRIVED, Move.RETURNED), "before", count)
    crossed = shown.crossed(count)
    return DifferencePage(
        difference=difference,
        outcome=telling.outcome(difference).replace("->", "→"),
        figures=_figures(difference),
        left=left,
        came=came,
        transitions=matrix(difference.decisions.transitions),
        leak=telling.leak(difference),
        crossed=crossed,
        regrouped=shown.regrouped(count),
        sheets=_sheets(old, new, difference),
        without_pixels=sum(
            example.picture is None for group in (*left, *came) for example in group.examples
        ),
    )


def render(page: DifferencePage) -> str:
    """The page as HTML: every text is escaped, nothing is loaded from anywhere."""
    return (
        environment("pipeline.versions")
        .get_template("difference.html.j2")
        .render(
            page=page,
            css=stylesheet(("pipeline.versions.templates", "difference.css")),
            list_words=telling.list_words,
            capture_words=telling.capture_words,
        )
    )


def _figures(difference: Difference) -> dict[str, str]:
    decisions = difference.decisions
    before, after = decisions.kept
    moves = {move.value: number(decisions.count(move)) for move in Move}
    return {
        f"kept in {difference.old}": number(before),
        **moves,
        f"kept in {difference.new}": number(after),
    }


def _sheets(old: Version, new: Version, difference: Difference) -> list[tuple[str, Thumbnail]]:
    if difference.results.is_same_model:
        return []
    sheets = []
    for version, name in ((old, difference.was), (new, difference.collection)):
        path = version.paths(name).evaluation / "samples_and_reals.png"
        if version.is_here(path):
            version.bring(path)
            sheets.append((version.name, from_file(path, longest_px=SHEET_PX)))
    return sheets
