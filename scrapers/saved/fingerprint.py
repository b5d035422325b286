"""What a folder of saved pages held when a capture was made of it, so that changes are noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "folder"
"""Its key among what a capture notes of its making."""


def fingerprint(folder: Path) -> str:
    """How many files ``folder`` holds, and a hash of their names and sizes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n" for path in files)
    return f"{len(files)} files, {hashlib.sha256(''.join(lines).encode()).hexdigest()[:16]}"


def changes(selection: Mapping[str, Any], made_of: Mapping[str, str]) -> str | None:
    """What to say where the folder of a capture has changed since; None where it has not.

    Args:
        selection: the params of the capture.
        made_of: what it notes of its making.
    """
    name, before = selection.get(FOLDER), made_of.get(FOLDER)
    if not isinstance(name, str) or before is None or not Path(name).is_dir():
        return None
    now = fingerprint(Path(name))
    if now == before:
        return None
    counts = [text.partition(",")[0] for text in (before, now)]
    told = f"{counts[0]} then, {counts[1]} now" if counts[0] != counts[1] else "others than then"
    return (
        f"{name}: its files have changed since this capture was made ({told}); set a new "
        f"scrape.as_of in params.yaml to capture them, too"
    )
