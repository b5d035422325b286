"""Why a version differs from the one before: params, lists, captures and code, from git and DVC.

No table is opened for it: what each stage ran with stands in `dvc.lock`, what curators wrote in
git, and which captures there are in the listing of their folder.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from curation.decisions.list_files import IDS_A_LINE
from curation.decisions.list_syntax import ListEntry, parse
from pipeline.core.errors import VersionError
from pipeline.core.params.file import leaves
from pipeline.stage_command import STAGES
from pipeline.versions import git
from pipeline.versions.lock import Lock
from pipeline.versions.revision import Version

LISTS = "curation/lists"
"""The folder of the curators' lists, as git and DVC know it."""
NOT_SET = "not set"


@dataclass(frozen=True)
class ParamChange:
    """One key of params.yaml with another value, or a stage that had not run before."""

    key: str
    """Within the collection, such as ``select.max_aspect_ratio``; of a stage that first ran, its
    name."""
    before: str
    after: str


@dataclass(frozen=True)
class ListChange:
    """A line of a curators' list that was added, taken out, or now says something else."""

    list: str
    sign: str
    """``+`` added, ``-`` taken out, ``~`` says something else."""
    ids: tuple[str, ...]
    reason: str
    by: str
    date: str
    note: str


@dataclass(frozen=True)
class CaptureChange:
    """A capture that one of the versions does not have, or has with other bytes."""

    as_of: str
    sign: str
    """``+`` added, ``-`` no longer there, ``~`` rewritten, which a finished one never should be."""
    counts: dict[str, dict[str, int]]
    """Requests by kind and outcome, where its description is here."""


@dataclass(frozen=True)
class CodeChange:
    """Code on which the result of stages depends."""

    path: str
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Causes:
    """Everything that was done between two versions of a collection."""

    params: list[ParamChange]
    lists: list[ListChange]
    captures: list[CaptureChange]
    code: list[CodeChange]
    commits: list[str]
    """Subjects of the commits that changed that code, the newest first."""

    def __bool__(self) -> bool:
        """Whether anything was done at all."""
        return bool(self.params or self.lists or self.captures or self.code)


def causes(old: Version, new: Version, names: tuple[str, str]) -> Causes:
    """What lies between two versions of a collection, which may have had another name in ``old``.

    Raises:
        VersionError: the listing of the captures can be had neither here nor from the remote.
    """
    code = list(_code(old.lock, new.lock, names))
    return Causes(
        params=list(_param_changes(_ran_with(old, names[0]), _ran_with(new, names[1]))),
        lists=list_changes(old, new),
        captures=list(_captures(old, new, names)),
        code=code,
        commits=_commits_between(old, new, [change.path for change in code]),
    )


def _ran_with(version: Version, collection: str) -> dict[str, Any]:
    """The params of each stage that ran: as it ran, or in the workspace as they are to be."""
    ran = version.lock.params(collection)
    if not version.is_workspace:
        return ran
    now = (version.params.get("collections") or {}).get(collection) or {}
    return {section: now[section] for section in ran if section in now}


def _param_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[ParamChange]:
    for section in (stage for stage in STAGES if stage in {*old, *new}):
        if section not in old or section not in new:
            words = ("not run", "ran") if section in new else ("ran", "not run")
            yield ParamChange(section, *words)
            continue
        before, after = leaves(old[section], section), leaves(new[section], section)
        for key in {**before, **after}:
            was, now = _written(before, key), _written(after, key)
            if was != now:
                yield ParamChange(key, was, now)


def _written(section: Mapping[str, Any], key: str) -> str:
    return json.dumps(section[key], ensure_ascii=False) if key in section else NOT_SET


def list_changes(old: Version, new: Version) -> list[ListChange]:
    """The lines of the curators' lists that differ, list by list and in the order of their ids."""
    return [
        change
        for name, ids in IDS_A_LINE.items()
        for change in _lines(name, _entries(old, name, ids), _entries(new, name, ids))
    ]


def _entries(version: Version, name: str, ids: int) -> dict[tuple[str, ...], ListEntry]:
    """The lines of a list by what they are about; lines that cannot be read are no decisions."""
    text = (version.text(f"{LISTS}/{name}.txt") or b"").decode("utf-8", "replace")
    return {entry.ids: entry for entry in parse(text, name, ids)[0].entries}


def _lines(
    name: str, old: Mapping[tuple[str, ...], ListEntry], new: Mapping[tuple[str, ...], ListEntry]
) -> Iterator[ListChange]:
    for ids in sorted({*old, *new}):
        before, after = old.get(ids), new.get(ids)
        if before and after and before.content == after.content:
            continue
        sign = "~" if before and after else "+" if after else "-"
        said = after or before
        if said is not None:
            yield ListChange(name, sign, ids, said.reason, said.by, said.date, said.note)


def _captures(old: Version, new: Version, names: tuple[str, str]) -> Iterator[CaptureChange]:
    before, after = captures_of(old, names[0]), captures_of(new, names[1])
    for as_of in sorted({*before, *after}):
        was, now = before.get(as_of), after.get(as_of)
        if was and now and (was == now or not (any(was.values()) and any(now.values()))):
            continue
        sign = "~" if was and now else "+" if now else "-"
        version, name = (new, names[1]) if now else (old, names[0])
        yield CaptureChange(as_of, sign, _counts(version, name, as_of))


def captures_of(version: Version, collection: str) -> dict[str, dict[str, str]]:
    """The captures of a version by date, each with its files and their digests ("" if unknown)."""
    captures: dict[str, dict[str, str]] = {}
    for name, md5 in version.digests(version.paths(collection).captures).items():
        as_of, _, file = name.partition("/")
        captures.setdefault(as_of, {})[file] = md5
    return captures


def _counts(version: Version, collection: str, as_of: str) -> dict[str, dict[str, int]]:
    """What the description of a capture counts; nothing where it cannot be had."""
    file = version.paths(collection).capture(as_of) / "capture.json"
    try:
        version.bring(file)
        counts: dict[str, dict[str, int]] = json.loads(file.read_bytes())["counts"]
    except (VersionError, ValueError, KeyError):
        return {}
    return counts


def _code(old: Lock, new: Lock, names: tuple[str, str]) -> Iterator[CodeChange]:
    before, after = old.inputs(names[0]), new.inputs(names[1])
    changed: dict[str, list[str]] = {}
    for stage in (stage for stage in STAGES if stage in before and stage in after):
        for path in sorted({*before[stage], *after[stage]} - {LISTS}):
            if before[stage].get(path) != after[stage].get(path):
                changed.setdefault(path, []).append(stage)
    for path, stages in sorted(changed.items()):
        yield CodeChange(path, tuple(stages))


def _commits_between(old: Version, new: Version, paths: list[str]) -> list[str]:
    if not paths or old.commit is None:
        return []
    commits = git.between(new.project, old.commit, new.commit or "HEAD", paths)
    return [commit.subject for commit in commits]
