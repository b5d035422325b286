"""What a folder or archive of pictures holds, found out before any picture is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.core.errors import FilesError
from pipeline.core.log import counted
from scrapers.address import file_url
from scrapers.capture.image_shards import extension
from scrapers.files.containers import folder
from scrapers.files.containers.member import Member
from scrapers.files.sidecars import PACK, SUFFIXES, names_beside, packed_sidecars
from scrapers.parsing.table_files import is_table

PICTURES: Final = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif",
    ".heic", ".heif", ".jxl", ".jp2", ".ppm", ".pgm", ".ico",
)  # fmt: skip
"""Suffixes of pictures; whether one is one is for `ingest` to say."""


DOCUMENTS: Final = (
    ".md", ".markdown", ".rst", ".html", ".htm", ".yaml", ".yml", ".toml", ".cff", ".bib", ".log",
    ".py", ".sh", ".license",
)  # fmt: skip
"""Suffixes of what speaks of the whole set, to people."""


_ABOUT_THE_SET: Final = frozenset({"LICENSE", "LICENCE", "NOTICE", "README", "CITATION", "COPYING"})


# Enough for every signature, those of AVIF and HEIC included, which begin at the fifth byte.
_HEAD_BYTES: Final = 32


class FileKind(Enum):
    """What a file is."""

    PICTURE = auto()
    TABLE = auto()
    SIDECAR = auto()
    DOCUMENT = auto()
    UNKNOWN = auto()


def file_kind(member: Member) -> FileKind:
    """What a file is: by its suffix, and where that says nothing by its first bytes."""
    path = PurePosixPath(member.name)
    suffix = path.suffix.lower()
    if member.odd is not None:
        return FileKind.UNKNOWN
    if member.is_picture or suffix in PICTURES:
        return FileKind.PICTURE
    if suffix in SUFFIXES:
        return FileKind.SIDECAR
    if is_table(member.name):
        return FileKind.TABLE
    if suffix in DOCUMENTS or path.stem.upper() in _ABOUT_THE_SET:
        return FileKind.DOCUMENT
    is_picture = extension(member.read(_HEAD_BYTES)) != "bin"
    return FileKind.PICTURE if is_picture else FileKind.UNKNOWN


_OF_EXPORTS: Final = frozenset({"classes.json", "croissant.json", "LICENSES.csv"})
"""What Salon's exports hold besides `MANIFEST.jsonl`, and say again in their tables."""
_MANIFEST: Final = "MANIFEST.jsonl"
_STATS: Final = "_stats.json"
"""How img2dataset's counts of a shard end."""
_MOST_TABLE_BYTES: Final = 1 << 28
_MOST_SIDECAR_BYTES: Final = 1 << 20


@dataclass
class Survey:
    """What there is, by name in order."""

    pictures: list[str] = field(default_factory=list)
    tables: dict[str, bytes] = field(default_factory=dict)
    sidecars: list[tuple[str, bytes]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    """Files about the whole set, and texts beside no picture: they are passed over."""
    unknown: list[str] = field(default_factory=list)

    def kept(self) -> Iterator[tuple[str, bytes]]:
        """Address and body of every document of the capture."""
        for name, body in self.tables.items():
            yield file_url(name), body
        for number, pack in enumerate(packed_sidecars(self.sidecars)):
            yield f"{PACK}{number:05d}", pack


def survey(root: Path, advance: Callable[[], None] = lambda: None) -> Survey:
    """Look at every file at ``root``, and read those that are no pictures.

    Raises:
        FilesError: there is nothing, nothing but other files, or something hostile.
    """
    held = Survey()
    seen: set[str] = set()
    for member in folder.members(root):
        if member.name in seen:
            raise FilesError(f"{root}: holds {member.name!r} twice; keep one of the two")
        seen.add(member.name)
        _sort(held, member)
        advance()
    _pass_over(held)
    _pass_over_texts(held)
    if not held.pictures:
        raise FilesError(
            f"{root}: holds no picture ({counted(len(seen), 'other file')}); set scrape.path in "
            f"params.yaml to where they are"
        )
    return held


def _sort(held: Survey, member: Member) -> None:
    match file_kind(member):
        case FileKind.PICTURE:
            held.pictures.append(member.name)
        case FileKind.DOCUMENT:
            held.documents.append(member.name)
        case FileKind.UNKNOWN:
            held.unknown.append(
                member.name if member.odd is None else f"{member.name}: {member.odd}"
            )
        case FileKind.TABLE:
            held.tables[member.name] = _read(member, _MOST_TABLE_BYTES)
        case FileKind.SIDECAR:
            body = _read(member, _MOST_TABLE_BYTES)
            if PurePosixPath(member.name).suffix == ".json" and _is_list(member.name, body):
                held.tables[member.name] = body
            elif len(body) > _MOST_SIDECAR_BYTES:
                held.unknown.append(f"{member.name}: too long for a text about one picture")
            else:
                held.sidecars.append((member.name, body))


def _is_list(name: str, body: bytes) -> bool:
    """Whether JSON is a table, not the text about one picture."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[" or PurePosixPath(name).name in {
        "dataset.json",
        "labels.json",
    }


def _read(member: Member, most: int) -> bytes:
    body = member.read(most + 1)
    if len(body) > most:
        raise FilesError(
            f"{member.name}: longer than the {most:,} bytes that a text about pictures may have; "
            f"move it elsewhere"
        )
    return body


def _pass_over(held: Survey) -> None:
    """Set aside what exports of Salon and img2dataset say of themselves."""
    folders = {name.removesuffix(_MANIFEST) for name in held.tables if name.endswith(_MANIFEST)}

    def is_about_the_set(name: str) -> bool:
        own = any(
            name.startswith(f) and name.removeprefix(f) in {*_OF_EXPORTS, _MANIFEST}
            for f in folders
        )
        return own or name.endswith(_STATS)

    held.documents += sorted(
        name for name in (*held.tables, *(s[0] for s in held.sidecars)) if is_about_the_set(name)
    )
    held.tables = {n: body for n, body in held.tables.items() if not is_about_the_set(n)}
    held.sidecars = [each for each in held.sidecars if not is_about_the_set(each[0])]


_TEXTS: Final = tuple(suffix for suffix in SUFFIXES if suffix != ".json")
"""Suffixes of what is only ever about a picture; JSON without one tells of failed downloads."""


def _pass_over_texts(held: Survey) -> None:
    """Set aside texts beside which there is no picture: a letter is nobody's caption."""
    if not any(name.endswith(_TEXTS) for name, _ in held.sidecars):
        return
    beside = {
        name
        for picture in held.pictures
        for suffix in _TEXTS
        for name in names_beside(picture, suffix)
    }
    alone = {name for name, _ in held.sidecars if name.endswith(_TEXTS) and name not in beside}
    held.documents = sorted([*held.documents, *alone])
    held.sidecars = [each for each in held.sidecars if each[0] not in alone]
