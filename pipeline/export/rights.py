"""Which images may leave: those whose label was asked for, and that nobody has withdrawn since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.spelling import nearest
from pipeline.export.contents import ANY, Rights
from pipeline.export.wording import labels_words

SEPARATOR: Final = " / "
"""Between the labels of an image whose listings do not agree."""


@dataclass(frozen=True)
class Admission:
    """The labels that were asked for; none means that any label will do, but not its absence."""

    labels: tuple[str, ...]
    any: bool

    def admits(self, label: str | None) -> bool:
        """Whether an image with that label may leave; all its listings must agree.

        >>> Admission(("Public domain",), False).admits("Fair Use / Public domain")
        False
        """
        if self.any or label is None:
            return self.any
        return (
            not self.labels
            or label in self.labels
            or all(each in self.labels for each in label.split(SEPARATOR))
        )


def admission(asked: Sequence[str], known: Rights) -> Admission:
    """What ``asked``, the words of ``--rights``, admits of the labels ``known``.

    Raises:
        UsageError: a label that no image has, or nothing that may leave.
    """
    chosen = Admission(tuple(sorted(set(asked) - {ANY})), ANY in asked)
    single = {part for label in known if label for part in (label, *label.split(SEPARATOR))}
    for label in chosen.labels:
        if label not in single:
            raise UsageError(
                f"--rights {label!r}: no image has that label{nearest(label, single)}; "
                f"{labels_sentence(known)}"
            )
    if not any(chosen.admits(label) for label in known):
        raise UsageError(
            f"no image may leave: {labels_sentence(known)}; name what may leave with "
            f"--rights LABEL, or take all with --rights {ANY}, at your own risk"
        )
    return chosen


def refused(chosen: Admission, labels: Iterable[str | None]) -> list[str | None]:
    """Those of the ``labels`` that were not asked for."""
    return [label for label in labels if not chosen.admits(label)]


def labels_sentence(known: Rights) -> str:
    """Which labels exist.

    >>> labels_sentence({"Fair Use": 2, None: 1})
    'the images are labelled: Fair Use (2), no label (1)'
    """
    return f"the images are labelled: {labels_words(known)}" if known else "there are no images"
