"""How a curator signs: git's user name, as one word of a list."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pipeline.core.errors import UsageError


def signature(root: Path, by: str = "") -> str:
    """``by``, or git's user name where that is empty, fit for the lists' column.

    Raises:
        UsageError: neither names anybody.
    """
    name = "-".join((by or _git_user(root)).replace("#", " ").split())
    if not name:
        raise UsageError("git does not know your name; say who decides with --by NAME")
    return name


def _git_user(root: Path) -> str:
    """Git's user.name; empty when there is none, or no git."""
    try:
        asked = subprocess.run(
            ["git", "config", "user.name"],  # noqa: S607 - the user's own git
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return ""
    return asked.stdout.strip()
