"""The versions of a project: the commits in which `dvc.lock` changed, and what each of them is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.versions import git
from pipeline.versions.causes import Causes, captures_of, causes
from pipeline.versions.lock import LOCK_FILE
from pipeline.versions.results import model_words, recorded_kid
from pipeline.versions.revision import Version, open_version
from pipeline.versions.splits import sides
from pipeline.versions.store import Store


@dataclass(frozen=True)
class Entry:
    """One version of one collection; None is what cannot be told without fetching."""

    collection: str
    captures: list[str] | None
    kept: int | None
    variants: int | None
    model: str | None
    kid: float | None
    changed: str
    """What was done since the version before, in half a line."""


@dataclass(frozen=True)
class Release:
    """One commit in which the data changed."""

    commit: str
    tags: list[str]
    date: str
    author: str
    subject: str
    entries: list[Entry]

    @property
    def name(self) -> str:
        """The newest tag, else the head of the hash."""
        return self.tags[-1] if self.tags else self.commit[:8]


def releases(root: Path, collection: str | None, limit: int, *, fetch: bool) -> list[Release]:
    """The versions that led to the current commit: first those with a tag, each part newest first.

    Args:
        root: The project's folder.
        collection: Tell only of this one; None: of all.
        limit: At most so many of either part.
        fetch: Bring tables that are not here; else what they would tell is None.

    Raises:
        UsageError: no version has the collection.
        VersionError: the folder is no repository, or fetching fails.
    """
    git.commit_of(root, "HEAD")
    tagged = _tags(root)
    commits = git.changes_of(root, LOCK_FILE)
    order = sorted(range(len(commits)), key=lambda place: commits[place].sha not in tagged)
    chosen = [place for place in order if commits[place].sha in tagged][:limit]
    chosen += [place for place in order if commits[place].sha not in tagged][:limit]
    told, store = [], Store(root)
    for place in chosen:
        commit = commits[place]
        version = _opened(root, commit.sha, store)
        if version is None:
            continue
        before = (_opened(root, older.sha, store) for older in commits[place + 1 :])
        earlier = next(filter(None, before), None)
        names = [name for name in version.collections if collection in (None, name)]
        told.append(
            Release(
                commit.sha,
                tagged.get(commit.sha, []),
                commit.date,
                commit.author,
                commit.subject,
                [_entry(version, earlier, name, fetch=fetch) for name in names],
            )
        )
    if collection is not None and not any(release.entries for release in told):
        open_version(root).check_collection(collection)
    return [release for release in told if release.entries]


def _tags(root: Path) -> dict[str, list[str]]:
    """The tags of each version, by its commit: a tag names the last one that led to it."""
    tags_of: dict[str, list[str]] = {}
    for commit, names in git.tags_by_commit(root).items():
        version = git.last_change(root, LOCK_FILE, commit)
        if version is not None:
            tags_of.setdefault(version, []).extend(names)
    return tags_of


def _opened(root: Path, commit: str, store: Store) -> Version | None:
    """The version of a commit; None where the lock file was taken away."""
    return open_version(root, commit, store) if git.content_at(root, commit, LOCK_FILE) else None


def _entry(version: Version, earlier: Version | None, name: str, *, fetch: bool) -> Entry:
    paths = version.paths(name)
    can = _Can(version, fetch=fetch)
    has_captures = fetch or version.is_listed(paths.captures)
    return Entry(
        collection=name,
        captures=list(captures_of(version, name)) if has_captures else None,
        kept=_images_kept(version, paths.funnel) if can.read(paths.funnel) else None,
        variants=_variants(version, name) if can.read(paths.table("variants")) else None,
        model=model_words(version, name) if can.read(paths.model / "model.json") else None,
        kid=recorded_kid(version, name) if can.read(paths.evaluation / "evaluation.json") else None,
        changed=_change_words(version, earlier, name, fetch=fetch),
    )


@dataclass(frozen=True)
class _Can:
    version: Version
    fetch: bool

    def read(self, path: Path) -> bool:
        """Whether a file of the version may be read: it is here, or may be fetched."""
        if self.fetch:
            return self.version.holds(path)
        return self.version.is_here(path)


def _images_kept(version: Version, funnel: Path) -> int | None:
    version.bring(funnel)
    kept = json.loads(funnel.read_bytes()).get("kept")
    return kept if isinstance(kept, int) else None


def _variants(version: Version, name: str) -> int:
    path = version.paths(name).table("variants")
    version.bring(path)
    return sum(sides(path).variants.values())


def _change_words(version: Version, earlier: Version | None, name: str, *, fetch: bool) -> str:
    if earlier is None or name not in earlier.collections:
        return "first version"
    listed = all(each.is_listed(each.paths(name).captures) for each in (version, earlier))
    if not (fetch or listed):
        return "its captures are not here to compare"
    return ", ".join(half_a_line(causes(earlier, version, (name, name)))) or "nothing"


def half_a_line(done: Causes) -> Iterator[str]:
    """What was done, each kind in a few words."""
    signs = {"+": "added", "-": "taken out", "~": "rewritten"}
    for capture in done.captures:
        yield f"capture {capture.as_of} {signs[capture.sign]}"
    if done.lists:
        counts = {sign: sum(line.sign == sign for line in done.lists) for sign in "+-~"}
        yield "lists " + " ".join(f"{sign}{count}" for sign, count in counts.items() if count)
    if len(done.params) == 1:
        (param,) = done.params
        yield f"{param.key} {param.before} -> {param.after}"
    elif done.params:
        sections = dict.fromkeys(param.key.partition(".")[0] for param in done.params)
        yield f"{len(done.params)} params of {', '.join(sections)}"
    if done.code:
        stages = dict.fromkeys(stage for change in done.code for stage in change.stages)
        yield f"code of {', '.join(stages)}" if len(stages) < 4 else f"code of {len(stages)} stages"
