"""What a curator wrote about a removed image: the reason, and the note of the line in the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curation.decisions.list_files import REMOVE
from curation.decisions.list_syntax import CURATORS_REASONS
from curation.selection.evidence import NAMELESS


class CuratorsWords:
    """The words of the removals, by image."""

    def __init__(
        self, decisions: Iterable[Mapping[str, Any]], notes: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Take the rows of DECISIONS, and what `lists` wrote to ``removal_notes.json``."""
        self._of_image: dict[str, str] = {}
        self._of_groups: dict[str, set[str]] = {}
        for row in decisions:
            if row["action"] != REMOVE:
                continue
            note = notes.get(row["scope"], {}).get(row["target"], "")
            if row["scope"] == "image":
                self._of_image[row["target"]] = _words_told(row["reason"], note)
            elif row["scope"] == "group":
                by = row["by"] or NAMELESS
                self._of_groups.setdefault(by, set()).add(_words_told(row["reason"], note))

    def of(self, image_id: str, by: str) -> str:
        """Reason and note of the removal of an image, such as ``: off topic (a map)``.

        It is empty where none was given. The table tells no group's members: of an image that went
        with its group it is told what all lines of that curator about groups say, else nothing.
        """
        if image_id in self._of_image:
            return self._of_image[image_id]
        of_groups = self._of_groups.get(by, set())
        return next(iter(of_groups)) if len(of_groups) == 1 else ""


def _words_told(reason: str, note: str) -> str:
    known = CURATORS_REASONS.get(reason)
    label = known.label.lower() if known else reason
    return (f": {label}" if label else "") + (f" ({note})" if note else "")
