"""The training monitor: what it found, what it said, and whether the training may go on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from pipeline.core import log
from pipeline.core.errors import UnhealthyError
from train.monitor.rules import Course, Finding, Row, examine
from train.networks.recipe import Objective

MOST_SETBACKS: Final = 2
_DIGITS: Final = 6

Action = Literal["stop", "rollback", "go_on"]


class MonitorState(BaseModel):
    """All that a monitor remembers; checkpoints hold it."""

    model_config = ConfigDict(strict=True, extra="forbid")

    setbacks: int = Field(default=0, ge=0)
    sample_metrics: list[Row] = []
    """Measurements on samples, and after how many images."""
    findings: list[dict[str, int | str]] = []
    """Each finding when it first held: images, step, rule, what was seen and what helps."""
    active_rules: list[str] = Field(
        default=[], validation_alias=AliasChoices("active_rules", "standing")
    )
    """Rules that held at the last row, which are not said again; `standing` in old checkpoints."""


class Monitor:
    """Applies the rules of `train.monitor.rules` and acts on what they find."""

    def __init__(
        self,
        action: Action,
        epoch_steps: float,
        objective: Objective | None,
        section: str = "train",
    ) -> None:
        """Start with nothing seen.

        Args:
            action: what to do about a fatal finding.
            epoch_steps: steps of one pass over the data.
            objective: what the losses are; None: not judged.
            section: of params.yaml, as messages name it.
        """
        self.seen = MonitorState()
        self._action = action
        self._epoch_steps = epoch_steps
        self._objective = objective
        self._section = section

    def note_samples(self, images_seen: int, metrics: dict[str, float]) -> None:
        """Remember a measurement on samples."""
        rounded = {name: float(f"{value:.{_DIGITS}g}") for name, value in metrics.items()}
        self.seen.sample_metrics.append({"images": images_seen, **rounded})

    def may_go_on(self, rows: Sequence[Row], kept: Sequence[Path], *, finite: bool) -> bool:
        """Whether the training goes on as it is; if not, it goes back to the last of ``kept``.

        ``kept`` are its checkpoints, the latest first; ``finite``: whether all weights are
        numbers.

        Raises:
            UnhealthyError: neither makes sense.
        """
        seen = self.seen
        course = Course(
            rows, seen.sample_metrics, self._epoch_steps, finite, self._objective, self._section
        )
        findings = examine(course)
        self._say_what_is_new(findings, rows[-1])
        fatal = next((finding for finding in findings if finding.fatal), None)
        if fatal is None or (self._action == "go_on" and finite):
            return True
        if self._action == "rollback" and kept and seen.setbacks < MOST_SETBACKS:
            seen.setbacks += 1
            seen.active_rules = []
            log.say(f"{self._section}: back to {kept[-1]} with half the learning rates")
            return False
        raise UnhealthyError(_sentence(fatal, rows[-1], kept, self._section))

    def _say_what_is_new(self, findings: list[Finding], row: Row) -> None:
        for finding in findings:
            if finding.rule in self.seen.active_rules:
                continue
            where = {"images": int(row["images"]), "step": int(row["step"])}
            what = {"rule": finding.rule, "saw": finding.saw, "remedy": finding.remedy}
            self.seen.findings.append({**where, **what})
            log.say(f"{self._section}: {_place(row)}: {finding.rule}: {finding.saw}")
        self.seen.active_rules = sorted({finding.rule for finding in findings})


def _sentence(finding: Finding, row: Row, kept: Sequence[Path], section: str) -> str:
    good = f"; the last checkpoint before is {kept[0]}" if kept else ""
    return (
        f"training stopped after {_place(row)}: {finding.rule}: {finding.saw}; "
        f"what usually helps: {finding.remedy}{good}; to go on all the same, set "
        f"{section}.on_unhealthy to go_on"
    )


def _place(row: Row) -> str:
    return f"{row['images']:,} images (step {row['step']:,})"
