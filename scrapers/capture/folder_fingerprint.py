"""What a folder or file held when a capture was made of it, so that changes are noticed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

FOLDER: Final = "folder"
PATH: Final = "path"
"""Their keys among the params of a capture, and among what it notes of its making."""
_TABLES: Final = frozenset({".csv", ".tsv"})
"""In these a cell may be mended without a change of length, so that their content counts."""


def fingerprint_of(path: Path) -> str:
    """How many files lie at ``path``, and a hash of their names and sizes."""
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    lines = (f"{file.relative_to(path).as_posix()} {_size(file)}\n" for file in files)
    return f"{len(files)} files, {hashlib.sha256(''.join(lines).encode()).hexdigest()[:16]}"


def _size(file: Path) -> str:
    size = str(file.stat().st_size)
    if file.suffix.lower() not in _TABLES:
        return size
    return f"{size} {hashlib.sha256(file.read_bytes()).hexdigest()}"


def changes_since(selection: Mapping[str, Any], made_of: Mapping[str, str]) -> str | None:
    """What to say where that of which a capture was made has changed since; None where it has not.

    Args:
        selection: the params of the capture.
        made_of: what it notes of its making.
    """
    return next(_changed_sources(selection, made_of), None)


def _changed_sources(selection: Mapping[str, Any], made_of: Mapping[str, str]) -> Iterator[str]:
    for key in (FOLDER, PATH):
        name, before = selection.get(key), made_of.get(key)
        if not isinstance(name, str) or before is None or not Path(name).exists():
            continue
        now = fingerprint_of(Path(name))
        if now != before:
            counts = [text.partition(",")[0] for text in (before, now)]
            told = f"{counts[0]} then, {counts[1]} now"
            yield (
                f"the files of {name} have changed since this capture was made "
                f"({told if counts[0] != counts[1] else 'others than then'}); set a new "
                f"scrape.as_of in params.yaml to capture them, too"
            )
