"""Classes of an export: one a creator, numbered from 0 without gaps in the order of their folders.

Readers number class folders in the order of their names, so a label means the same to all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_UNSAFE: Final = re.compile(r"[^a-z0-9_.-]|^[._-]|\.$")
_LONGEST: Final = 120
"""Bytes of a folder's name; file systems allow 255."""
_DIGEST: Final = 8


@dataclass(frozen=True)
class Class:
    """One creator as a class."""

    label: int
    creator: str
    folder: str


def classes(creators: Iterable[str]) -> list[Class]:
    """The classes of ``creators``, by label."""
    named = sorted({(folder_name(creator), creator) for creator in creators})
    return [Class(label, creator, folder) for label, (folder, creator) in enumerate(named)]


def folder_name(creator: str) -> str:
    """``creator`` as the name of a folder that every reader takes: no two become the same.

    Readers pass over names that begin with a dot or two underscores, a slash would make two
    folders of one, and neither an accent nor a capital letter means the same to every disk.

    >>> folder_name("mark-rothko"), folder_name("a/b"), folder_name("..")
    ('mark-rothko', 'a%2Fb', '%2E%2E')
    """
    name = _UNSAFE.sub(lambda unsafe: _escaped(unsafe[0]), creator) or "%"
    if len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(creator.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{name.encode()[: _LONGEST - _DIGEST - 1].decode(errors='ignore')}%{digest}"


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
