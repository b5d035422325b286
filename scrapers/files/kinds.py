"""What a file of somebody's set is, told by its name, else by its first bytes."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Final

from scrapers.capture.images import extension
from scrapers.files.containers.member import Member
from scrapers.files.sidecars import SUFFIXES
from scrapers.parsing.tables import is_table

PICTURES: Final = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif",
    ".heic", ".heif", ".jxl", ".jp2", ".ppm", ".pgm", ".ico",
)  # fmt: skip
"""Suffixes of pictures; whether one is one is for `ingest` to say."""
DOCUMENTS: Final = (
    ".md", ".markdown", ".rst", ".html", ".htm", ".yaml", ".yml", ".toml", ".cff", ".bib", ".pdf",
    ".log", ".py", ".sh", ".license",
)  # fmt: skip
"""Suffixes of what speaks of the whole set, to people."""
_ABOUT_THE_SET: Final = frozenset({"LICENSE", "LICENCE", "NOTICE", "README", "CITATION", "COPYING"})
_HEAD_BYTES: Final = 32


class Kind(Enum):
    """What a file is."""

    PICTURE = auto()
    TABLE = auto()
    SIDECAR = auto()
    DOCUMENT = auto()
    UNKNOWN = auto()


def kind_of(member: Member) -> Kind:
    """What a file is: by its suffix, and where that says nothing by its first bytes."""
    path = PurePosixPath(member.name)
    suffix = path.suffix.lower()
    if member.odd is not None:
        return Kind.UNKNOWN
    if member.is_picture or suffix in PICTURES:
        return Kind.PICTURE
    if suffix in SUFFIXES:
        return Kind.SIDECAR
    if is_table(member.name):
        return Kind.TABLE
    if suffix in DOCUMENTS or path.stem.upper() in _ABOUT_THE_SET:
        return Kind.DOCUMENT
    is_picture = extension(member.read(_HEAD_BYTES)) != "bin"
    return Kind.PICTURE if is_picture else Kind.UNKNOWN
