"""What git says of the project: which commit a name means, what a file held, when it changed."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import UsageError, VersionError, nearest

_FIELD, _RECORD = "\x1f", "\x1e"
"""Characters that no name, date or ref of git holds."""


@dataclass(frozen=True)
class Commit:
    """One commit."""

    sha: str
    date: str
    """Of the author, ISO 8601."""
    author: str
    subject: str


def commit_of(root: Path, name: str) -> str:
    """The full hash of the commit that ``name`` (a tag, branch or hash) means.

    Raises:
        UsageError: there is no such commit; the sentence says whether the clone is shallow.
        VersionError: the folder is no git repository.
    """
    answer = _run_git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
    )
    if answer is not None:
        return answer.decode().strip()
    if _run_git(root, "rev-parse", "--git-dir") is None:
        raise VersionError(f"{root}: no git repository, so it has no versions to read")
    if _is_shallow(root):
        raise UsageError(
            f"no revision {name!r} in this clone, which is shallow: it lacks older commits; "
            f"run `git fetch --unshallow --tags`"
        )
    known = tags(root)
    listed = f"; the tags are: {', '.join(known[-10:])}" if known else "; there are no tags"
    raise UsageError(f"no revision {name!r}{nearest(name, known)}{listed}")


def _is_shallow(root: Path) -> bool:
    return _run_git(root, "rev-parse", "--is-shallow-repository") == b"true\n"


def content_at(root: Path, commit: str, path: str) -> bytes | None:
    """What the file at ``path`` (below the project) held at ``commit``; None where it was not."""
    return _run_git(root, "cat-file", "blob", f"{commit}:./{path}")


def files(root: Path, commit: str, path: str) -> dict[str, bytes]:
    """The file at ``path``, or all files below it, at ``commit``: as a checkout would have them."""
    packed = _run_git(root, "archive", "--format=tar", commit, "--", path)
    if packed is None:
        return {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {
            member.name: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive
            if member.isfile()
        }


def tags(root: Path) -> list[str]:
    """All tags, the oldest first."""
    listed = _run_git(
        root, "for-each-ref", "--sort=creatordate", "--format=%(refname:short)", "refs/tags"
    )
    return (listed or b"").decode().split()


def tags_by_commit(root: Path) -> dict[str, list[str]]:
    """The tags of each tagged commit, by its full hash."""
    form = f"%(objectname){_FIELD}%(*objectname){_FIELD}%(refname:short)"
    listed = _run_git(root, "for-each-ref", "--sort=creatordate", f"--format={form}", "refs/tags")
    tags_of: dict[str, list[str]] = {}
    for line in (listed or b"").decode().splitlines():
        own, peeled, name = line.split(_FIELD)
        tags_of.setdefault(peeled or own, []).append(name)  # an annotated tag points on to a commit
    return tags_of


def changes_of(root: Path, path: str) -> list[Commit]:
    """The commits that led to HEAD and changed the file at ``path``, the newest first."""
    return _git_log(root, "HEAD", [path])


def last_change(root: Path, path: str, commit: str) -> str | None:
    """The newest commit that led to ``commit`` (or is it) and changed the file at ``path``."""
    answer = _run_git(root, "log", "-1", "--format=%H", commit, "--", f"./{path}")
    return (answer or b"").decode().strip() or None


def between(root: Path, old: str, new: str, paths: Sequence[str]) -> list[Commit]:
    """The commits that led to ``new``, not to ``old``, and changed one of ``paths``."""
    return _git_log(root, f"{old}..{new}", paths)


def _git_log(root: Path, commits: str, paths: Sequence[str]) -> list[Commit]:
    form = _FIELD.join(("%H", "%aI", "%an", "%s")) + _RECORD
    places = [f"./{path}" for path in paths]
    listed = _run_git(root, "log", f"--format={form}", commits, "--", *places)
    return list(_parsed_commits((listed or b"").decode("utf-8", "replace")))


def _parsed_commits(listed: str) -> Iterator[Commit]:
    for record in listed.split(_RECORD):
        if fields := record.strip("\n"):
            yield Commit(*fields.split(_FIELD))


def is_changed(root: Path, path: str) -> bool:
    """Whether the file at ``path`` differs from the one that is committed, or is in no commit."""
    return bool(_run_git(root, "status", "--porcelain", "--", f"./{path}"))


def unpushed(root: Path) -> tuple[int, str] | None:
    """How many commits the upstream branch lacks, and its name; None where there is none."""
    upstream = _run_git(root, "rev-parse", "--abbrev-ref", "@{upstream}")
    ahead = _run_git(root, "rev-list", "--count", "@{upstream}..HEAD")
    return None if upstream is None or ahead is None else (int(ahead), upstream.decode().strip())


def signature(root: Path, by: str = "") -> str:
    """How a curator signs: ``by``, or git's user name, as one word of a list.

    Raises:
        UsageError: neither names anybody.
    """
    try:
        name = by or (_run_git(root, "config", "user.name") or b"").decode("utf-8", "replace")
    except VersionError:  # no git here
        name = ""
    word = "-".join(name.replace("#", " ").split())
    if not word:
        raise UsageError("git does not know your name; say who decides with --by NAME")
    return word


def _run_git(root: Path, *words: str) -> bytes | None:
    """What git answers, or None where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            ["git", *words],  # noqa: S607 - the user's own git
            cwd=root,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise VersionError("git is not installed, and versions are commits") from error
    return done.stdout if done.returncode == 0 else None
