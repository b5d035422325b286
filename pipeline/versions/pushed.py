"""Whether what is here could be lost with this machine: is it committed, is it in the remote?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import SalonError
from pipeline.core.log import counted
from pipeline.versions import git
from pipeline.versions.lock import LOCK_FILE
from pipeline.versions.revision import Version, open_version
from pipeline.versions.store import NoRemoteError

_CONFIG = ".dvc/config"
PATIENCE_S = 5.0
"""`salon status` is asked in passing: it waits no longer for a remote that does not answer."""


@dataclass(frozen=True)
class Pushed:
    """What is known of the version that is checked out; its words are those of `salon status`."""

    version: str | None
    """The tag, or the head of the hash, of the commit with the present data; None before it."""
    is_committed: bool
    """Whether dvc.lock is as that commit has it."""
    remote: str | None
    """Name and address of the remote."""
    missing: int | None
    """Outputs that the remote lacks; None if it could not be asked."""
    ahead: int | None
    """Commits that the branch's upstream lacks; None where the branch has none."""
    why_not: str | None
    """Why the remote could not be asked."""
    is_config_committed: bool = True
    """Whether `.dvc/config`, which names the remote, is as the last commit has it."""

    def words(self) -> str:
        """All of it in one line."""
        if self.version is None:
            return f"none yet: commit {LOCK_FILE} to make one"
        parts = [self.version]
        if not self.is_committed:
            parts.append(f"{LOCK_FILE} has changed since: commit it to make the next version")
        if self.missing:
            parts.append(
                f"not pushed: {counted(self.missing, 'output')} not in {self.remote}; `dvc push`"
            )
        elif self.missing == 0:
            parts.append(f"pushed to {self.remote}")
        else:
            parts.append(self.why_not or "not pushed")
        if not self.is_config_committed:
            parts.append(f"{_CONFIG} is not committed: a clone would not know the remote to pull")
        if self.ahead:
            parts.append(f"{counted(self.ahead, 'commit')} not pushed; `git push`")
        return "; ".join(parts)


def pushed(root: Path) -> Pushed | None:
    """How the version that is checked out stands; None where the folder is no repository."""
    try:
        head = git.commit_of(root, "HEAD")
    except SalonError:
        return None
    commit = git.last_change(root, LOCK_FILE, head)
    if commit is None or git.content_at(root, commit, LOCK_FILE) is None:
        return Pushed(None, False, None, None, None, None)
    version = open_version(root, commit)
    upstream = git.unpushed(root)
    missing, why_not = _missing_in_remote(version)
    return Pushed(
        version=(git.tags_by_commit(root).get(commit) or [commit[:8]])[-1],
        is_committed=not git.is_changed(root, LOCK_FILE),
        remote=None if missing is None else version.store.remote_name,
        missing=missing,
        ahead=None if upstream is None else upstream[0],
        why_not=why_not,
        is_config_committed=not git.is_changed(root, _CONFIG),
    )


def _missing_in_remote(version: Version) -> tuple[int | None, str | None]:
    """How many outputs of a version the remote lacks, or why that cannot be told."""
    md5s = {out.md5 for out in version.lock.outs.values()}
    answer: list[set[str] | SalonError] = []

    def ask() -> None:
        try:
            answer.append(version.store.in_remote(md5s))
        except SalonError as error:
            answer.append(error)

    if not _within(PATIENCE_S, ask):
        return None, f"{version.store.remote_name} did not answer within {PATIENCE_S:g} s"
    (there,) = answer
    if isinstance(there, NoRemoteError):
        return None, f"only here: {there}"
    if isinstance(there, SalonError):
        return None, str(there)
    return len(md5s - there), None


def _within(seconds: float, ask: Callable[[], None]) -> bool:
    """Whether ``ask`` came back in time; it is left to itself if it did not."""
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
