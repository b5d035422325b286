"""The end of a session: what git would commit, in numbers and in words."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from curation.decisions.list_files import DISTINCT, IDS_A_LINE, KEEP, REMOVE
from curation.decisions.list_syntax import CuratorsList, ListEntry, parse

_FOLDER = "curation/lists"


@dataclass(frozen=True)
class CommitSummary:
    """What the lists say that the last commit does not."""

    summary: str
    stat: str
    diff: str
    message: str
    """A proposal for the commit; empty when there is nothing to commit."""
    trouble: str
    """Why git cannot tell, as a sentence; empty when it can."""


def commit_summary(root: Path, folder: Path) -> CommitSummary:
    """Compare the lists in ``folder`` with the last commit of the repository at ``root``."""
    stat, trouble = _git(root, "diff", "HEAD", "--stat", "--", _FOLDER)
    if trouble:
        return CommitSummary("", "", "", "", trouble)
    added: dict[str, list[ListEntry]] = {}
    gone: dict[str, list[ListEntry]] = {}
    for name, ids in IDS_A_LINE.items():
        before = _entries(_git(root, "show", f"HEAD:./{_FOLDER}/{name}.txt")[0], ids)
        path = folder / f"{name}.txt"
        after = _entries(path.read_text(encoding="utf-8") if path.exists() else "", ids)
        added[name] = [entry for entry in after if entry not in before]
        gone[name] = [entry for entry in before if entry not in after]
    diff, _ = _git(root, "diff", "HEAD", "--unified=0", "--", _FOLDER)
    summary = summarise(added, gone)
    return CommitSummary(summary, stat.rstrip(), diff, _message(summary, added), "")


def summarise(added: dict[str, list[ListEntry]], gone: dict[str, list[ListEntry]]) -> str:
    """The difference in one line: ``37 removed (20 watermark, 17 blurry); 4 kept``."""
    verbs = {REMOVE: "removed", KEEP: "kept", DISTINCT: "told apart"}
    parts = []
    for name, verb in verbs.items():
        if added.get(name):
            parts.append(f"{len(added[name])} {verb}{_reasons(added[name])}")
    named = {entry.ids for entries in added.values() for entry in entries}
    back = sum(entry.ids not in named for entries in gone.values() for entry in entries)
    if back:
        parts.append(f"{back} decision{'s' if back > 1 else ''} taken back")
    return "; ".join(parts)


def _reasons(entries: Iterable[ListEntry]) -> str:
    counted = Counter(entry.reason for entry in entries if entry.reason)
    named = (f"{count} {reason}" for reason, count in counted.most_common())
    words = ", ".join(named)
    return f" ({words})" if words else ""


def _message(summary: str, added: dict[str, list[ListEntry]]) -> str:
    if not summary:
        return ""
    hands = sorted({entry.by for entries in added.values() for entry in entries if entry.by})
    signed = f"\n\nDecided by {', '.join(hands)}." if hands else ""
    return f"Curate: {summary}{signed}\n"


def _entries(text: str, ids: int) -> dict[ListEntry, None]:
    curators_list: CuratorsList = parse(text, "", ids)[0]
    return dict.fromkeys(
        ListEntry(entry.ids, entry.reason, entry.by, entry.date, entry.note)
        for entry in curators_list.entries
    )


def _git(root: Path, *words: str) -> tuple[str, str]:
    """What git answers, or why it does not."""
    try:
        done = subprocess.run(  # noqa: S603 - our own words only
            ["git", *words],  # noqa: S607 - the user's own git
            cwd=root,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        return "", "git is not installed"
    if done.returncode:
        errors = done.stderr.strip().splitlines()
        return "", errors[0] if errors else "git failed without a word"
    return done.stdout, ""
