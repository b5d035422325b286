"""The watcher of a training: what it saw, what it said, and whether the training may go on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pipeline.core import log
from pipeline.core.errors import UnhealthyError
from train.health import Course, Finding, Row, examine

MOST_SETBACKS: Final = 2
_DIGITS: Final = 6

Action = Literal["stop", "rollback", "go_on"]


class Watcher:
    """Applies the rules of `train.health` and acts on what they find."""

    def __init__(self, action: Action, epoch_steps: float) -> None:
        """Start with nothing seen; ``epoch_steps``: steps of one pass over the data."""
        self.setbacks = 0
        self.vitals: list[Row] = []
        self.findings: list[dict[str, Any]] = []
        """Each finding when it first held: images, step, rule, what was seen and what helps."""
        self._action = action
        self._epoch_steps = epoch_steps
        self._standing: set[str] = set()

    def note_vitals(self, images_seen: int, measured: dict[str, float]) -> None:
        """Remember a measurement on samples."""
        rounded = {name: float(f"{value:.{_DIGITS}g}") for name, value in measured.items()}
        self.vitals.append({"images": images_seen, **rounded})

    def may_go_on(self, rows: Sequence[Row], kept: Sequence[Path], *, finite: bool) -> bool:
        """Whether the training goes on as it is; if not, it goes back to the last of ``kept``.

        ``kept`` are its checkpoints, the latest first; ``finite``: whether all weights are
        numbers.

        Raises:
            UnhealthyError: neither makes sense.
        """
        found = examine(Course(rows, self.vitals, self._epoch_steps, finite))
        self._say_what_is_new(found, rows[-1])
        fatal = next((finding for finding in found if finding.fatal), None)
        if fatal is None or (self._action == "go_on" and finite):
            return True
        if self._action == "rollback" and kept and self.setbacks < MOST_SETBACKS:
            self.setbacks += 1
            self._standing = set()
            log.say(f"train: back to {kept[-1]} with half the learning rates")
            return False
        raise UnhealthyError(_sentence(fatal, rows[-1], kept))

    def record(self) -> dict[str, Any]:
        """All that is remembered; plain JSON."""
        return {
            "setbacks": self.setbacks,
            "vitals": self.vitals,
            "findings": self.findings,
            "standing": sorted(self._standing),
        }

    def restore(self, record: dict[str, Any]) -> None:
        """Remember what ``record`` says."""
        self.setbacks = record["setbacks"]
        self.vitals = record["vitals"]
        self.findings = record["findings"]
        self._standing = set(record["standing"])

    def _say_what_is_new(self, found: list[Finding], row: Row) -> None:
        for finding in found:
            if finding.rule in self._standing:
                continue
            where = {"images": row["images"], "step": row["step"]}
            what = {"rule": finding.rule, "saw": finding.saw, "remedy": finding.remedy}
            self.findings.append({**where, **what})
            log.say(f"train: {_place(row)}: {finding.rule}: {finding.saw}")
        self._standing = {finding.rule for finding in found}


def _sentence(finding: Finding, row: Row, kept: Sequence[Path]) -> str:
    good = f"; the last checkpoint before is {kept[0]}" if kept else ""
    return (
        f"training stopped after {_place(row)}: {finding.rule}: {finding.saw}; "
        f"what usually helps: {finding.remedy}{good}"
    )


def _place(row: Row) -> str:
    return f"{row['images']:,} images (step {row['step']:,})"
