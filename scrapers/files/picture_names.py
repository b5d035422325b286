"""What a picture of one's own is called: its path below the folder or archive.

Names come out of other people's archives and tables. One that would lead out of the folder in
which it stands is refused, wherever it is met; nothing is ever unpacked.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from pipeline.core.errors import FilesError

_DRIVE: Final = re.compile(r"[A-Za-z]:[/\\]")
_SHOWN: Final = 3


def checked_name(name: str, where: str) -> str:
    """``name``, as ``where`` writes it, with single slashes between its parts.

    >>> checked(".\\\\images\\\\a.jpg", "metadata.csv")
    'images/a.jpg'

    Raises:
        FilesError: it is absolute, or leads upwards.
    """
    slashed = name.replace("\\", "/")
    parts = slashed.split("/")
    if slashed.startswith("/") or _DRIVE.match(name) or ".." in parts or "\0" in name:
        raise FilesError(
            f"{where}: names {shown(name)}, which leads out of the folder or archive; nothing is "
            f"read from there, so correct the name"
        )
    return "/".join(part for part in parts if part not in {"", "."})


def shown(name: str) -> str:
    """A name as it may stand in a sentence, whatever is in it."""
    return ascii(name) if not name.isprintable() else name


def first_names(names: list[str]) -> str:
    """The first three of many names."""
    more = ", ..." if len(names) > _SHOWN else ""
    return ", ".join(map(shown, names[:_SHOWN])) + more


def same_letters(name: str) -> str:
    """``name`` in one spelling: macOS takes accents apart that tables keep together."""
    return unicodedata.normalize("NFC", name)


def folder_name_of(name: str) -> str:
    """The folder of a file, ``""`` for the outermost."""
    parent = str(PurePosixPath(name).parent)
    return "" if parent == "." else parent
