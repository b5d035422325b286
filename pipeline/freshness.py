"""Which stages are stale and why, from what DVC says, in sentences.

DVC names files and sections of params; a person wants to know which key changed, which stage a
file comes from, and what will have to follow. `ask_dvc` reads; `verdicts` is pure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import SalonError
from pipeline.core.params.file import leaves

PARAMS_FILE = "params.yaml"
LOCK_FILE = "dvc.lock"


class DvcUnavailableError(SalonError):
    """DVC cannot say what is stale now; the sentence says why."""


class StageStatus(StrEnum):
    """How a stage's outputs relate to its inputs."""

    FRESH = "fresh"
    STALE = "stale"
    """Something it depends on, or its output, is not what it was when the stage last ran."""
    FOLLOWS = "follows"
    """Itself unchanged, but a stage before it will run again."""
    ABSENT = "absent"
    """It ran, and only its outputs are not here: `dvc pull` may bring them."""
    NEVER_RUN = "never run"


@dataclass(frozen=True)
class StageFreshness:
    """What is to be said about one stage of one collection."""

    stage: str
    """As DVC names it: ``select@paintings``."""
    status: StageStatus
    because: tuple[str, ...] = ()
    """One clause a cause, none for a fresh stage."""


@dataclass(frozen=True)
class DvcView:
    """What DVC knows: the answer of ``dvc status`` and the runs recorded in dvc.lock."""

    changes: Mapping[str, Sequence[Any]]
    lock: Mapping[str, Mapping[str, Any]]


def ask_dvc(root: Path) -> DvcView:
    """Run ``dvc status`` below ``root`` (about a second) and read dvc.lock.

    Raises:
        DvcUnavailableError: there is no DVC repository, a stage is running, or DVC fails.
    """
    if not (root / ".dvc").is_dir():
        raise DvcUnavailableError(
            "this folder is no DVC repository; `git init && dvc init` makes it one"
        )
    command = [sys.executable, "-m", "dvc", "status", "--json"]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - our own words only
    if answer.returncode:
        raise DvcUnavailableError(_why_not(answer.stderr))
    try:
        changes = json.loads(answer.stdout.strip().splitlines()[-1])
        lock = yaml.load((root / LOCK_FILE).read_bytes(), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        lock = None
    except (ValueError, IndexError, yaml.YAMLError) as error:
        raise DvcUnavailableError(f"cannot read what DVC answered ({error})") from error
    return DvcView(changes, _stages_of(lock))


def _stages_of(lock: Any) -> Mapping[str, Mapping[str, Any]]:
    """The runs that the content of dvc.lock records; None, where there is no file, records none.

    Raises:
        DvcUnavailableError: it is not what DVC writes.
    """
    stages = {} if lock is None else lock.get("stages", {}) if isinstance(lock, dict) else None
    if not isinstance(stages, dict) or not all(isinstance(run, dict) for run in stages.values()):
        raise DvcUnavailableError(
            f"{LOCK_FILE} is not what DVC writes; `git checkout {LOCK_FILE}` brings back the one "
            f"that was committed"
        )
    return stages


def _why_not(stderr: str) -> str:
    if "is busy" in stderr:
        return "a stage is running (DVC is busy); ask again when it has ended"
    lines = [line for line in stderr.splitlines() if line.strip()]
    words = lines[0].removeprefix("ERROR: ").rstrip(".") if lines else "without a word"
    return f"`dvc status` failed: {words}"


def verdicts(
    view: DvcView, stages: Sequence[str], params: Mapping[str, Any]
) -> list[StageFreshness]:
    """One verdict a stage; ``stages`` in the order in which they run, ``params`` as in the file."""
    makers = {out["path"]: name for name, run in view.lock.items() for out in run.get("outs", ())}
    by_stage: dict[str, StageFreshness] = {}
    for stage in stages:
        verdict = _own(stage, view, makers, params)
        before = _stale_before(stage, view, makers, by_stage)
        if verdict.status is StageStatus.FRESH and before:
            verdict = StageFreshness(stage, StageStatus.FOLLOWS, (" and ".join(before),))
        by_stage[stage] = verdict
    return list(by_stage.values())


def _own(
    stage: str, view: DvcView, makers: Mapping[str, str], params: Mapping[str, Any]
) -> StageFreshness:
    if stage not in view.lock:
        return StageFreshness(stage, StageStatus.NEVER_RUN)
    changes = view.changes.get(stage, ())
    if not changes:
        return StageFreshness(stage, StageStatus.FRESH)
    if _only_absent(changes):
        return StageFreshness(stage, StageStatus.ABSENT, ("its outputs are not here",))
    recorded = view.lock[stage].get("params", {}).get(PARAMS_FILE, {})
    clauses = [
        clause for change in changes for clause in _clauses(change, makers, recorded, params)
    ]
    return StageFreshness(stage, StageStatus.STALE, tuple(clauses))


def _only_absent(changes: Sequence[Any]) -> bool:
    """Whether nothing changed: files are merely not in the workspace."""
    states = [
        state
        for change in changes
        for state in (next(iter(change.values())).values() if isinstance(change, dict) else [""])
    ]
    has_outs = any(isinstance(change, dict) and "changed outs" in change for change in changes)
    return has_outs and all(state in ("deleted", "not in cache") for state in states)


def _stale_before(
    stage: str, view: DvcView, makers: Mapping[str, str], by_stage: Mapping[str, StageFreshness]
) -> list[str]:
    """The nearest stages before ``stage`` that will run again."""
    paths = [dep["path"] for dep in view.lock.get(stage, {}).get("deps", ())]
    before = dict.fromkeys(makers[path] for path in paths if path in makers)
    will_run = (StageStatus.STALE, StageStatus.FOLLOWS, StageStatus.NEVER_RUN)
    return [name for name in before if name in by_stage and by_stage[name].status in will_run]


def _clauses(
    change: Any,
    makers: Mapping[str, str],
    recorded: Mapping[str, Any],
    params: Mapping[str, Any],
) -> list[str]:
    if not isinstance(change, dict):
        return ["its command in dvc.yaml changed" if change == "changed command" else str(change)]
    ((kind, states),) = change.items()
    if kind == "changed outs":
        return [f"its output {path} {_OUT[state]}" for path, state in states.items()]
    clauses: list[str] = []
    for path, state in states.items():
        if path == PARAMS_FILE and isinstance(state, dict):
            for section in state:
                clauses += _param_clauses(section, recorded.get(section), params)
        else:
            made_by = f" (from {makers[path]})" if path in makers else ""
            clauses.append(f"{path}{made_by} {_DEP.get(state, state)}")
    return clauses


_DEP = {"modified": "changed", "new": "is a new dependency", "deleted": "is missing"}
_OUT = {
    "modified": "is not what the stage wrote",
    "new": "is new in dvc.yaml",
    "deleted": "is missing",
    "not in cache": "is not in DVC's cache",
}


def _param_clauses(section: str, recorded: Any, params: Mapping[str, Any]) -> list[str]:
    """Each key of a section of params.yaml that differs from what the stage last ran with."""
    now = _at(params, section.split("."))
    name = section.rsplit(".", 1)[-1]
    if recorded is None or now is None:
        return [f"params {name} {'is new' if recorded is None else 'is gone'}"]
    before, after = leaves(recorded, name), leaves(now, name)
    return [
        f"params {key} was {_shown(before, key)}, is {_shown(after, key)}"
        for key in {**before, **after}
        if _shown(before, key) != _shown(after, key)
    ]


def _shown(section: Mapping[str, Any], key: str) -> str:
    return json.dumps(section[key], ensure_ascii=False) if key in section else "not set"


def _at(tree: Any, place: Sequence[str]) -> Any:
    for part in place:
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree
