"""What a folder or archive of pictures holds, found out before any picture is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.core.errors import FilesError, UnmatchedError
from pipeline.core.log import counted
from scrapers.capture.images import extension
from scrapers.files.columns import ADDRESS, FILE, Columns
from scrapers.files.containers import folder
from scrapers.files.containers.member import Member
from scrapers.files.matching import Match, Pictures
from scrapers.files.names import first_names, url_of
from scrapers.files.sidecars import PACK, SUFFIXES, names_beside, packed
from scrapers.files.tables import is_table, rows_of

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
_OF_EXPORTS: Final = frozenset({"classes.json", "croissant.json", "LICENSES.csv"})
"""What Salon's exports hold besides `MANIFEST.jsonl`, and say again in their tables."""
_MANIFEST: Final = "MANIFEST.jsonl"
_STATS: Final = "_stats.json"
"""How img2dataset's counts of a shard end."""
_HEAD_BYTES: Final = 32
_MOST_TABLE_BYTES: Final = 1 << 28
_MOST_SIDECAR_BYTES: Final = 1 << 20


class Kind(Enum):
    """What a file is."""

    PICTURE = auto()
    TABLE = auto()
    SIDECAR = auto()
    DOCUMENT = auto()
    UNKNOWN = auto()


@dataclass
class Survey:
    """What there is, by name in order."""

    pictures: list[str] = field(default_factory=list)
    tables: dict[str, bytes] = field(default_factory=dict)
    sidecars: list[tuple[str, bytes]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    """Files about the whole set, which are passed over."""
    unknown: list[str] = field(default_factory=list)

    def kept(self) -> Iterator[tuple[str, bytes]]:
        """Address and body of every document of the capture."""
        for name, body in self.tables.items():
            yield url_of(name), body
        for number, pack in enumerate(packed(self.sidecars)):
            yield f"{PACK}{number:05d}", pack


@dataclass
class Matching:
    """How tables and pictures fit together."""

    missing: list[str] = field(default_factory=list)
    """Files that rows name and that are not there."""
    failed: dict[str, str] = field(default_factory=dict)
    """Addresses that somebody's downloader could not get, by what it said."""
    digests: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What the bytes of pictures must come to: name of the digest, and its hex digits."""
    without_row: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def check(self, path: Path) -> None:
        """Pass what fits.

        Raises:
            UnmatchedError: something does not.
        """
        told = self.words()
        if told:
            raise UnmatchedError(
                f"{path}: {told}; correct them, or set scrape.allow_unmatched: true to capture "
                f"what is there"
            )

    def words(self) -> str:
        """What does not fit, with the first three of each; empty where all fits."""
        parts = (
            (self.missing, "row", "without a file"),
            (self.without_row, "file", "without a row"),
            (self.unknown, "file", "of unknown kind"),
        )
        return "; ".join(
            f"{counted(len(names), noun)} {what} ({first_names(names)})"
            for names, noun, what in parts
            if names
        )


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
    if not held.pictures:
        raise FilesError(
            f"{root}: holds no picture ({counted(len(seen), 'other file')}); set scrape.path in "
            f"params.yaml to where they are"
        )
    return held


def _sort(held: Survey, member: Member) -> None:
    match kind_of(member):
        case Kind.PICTURE:
            held.pictures.append(member.name)
        case Kind.DOCUMENT:
            held.documents.append(member.name)
        case Kind.UNKNOWN:
            held.unknown.append(
                member.name if member.odd is None else f"{member.name}: {member.odd}"
            )
        case Kind.TABLE:
            held.tables[member.name] = _read(member, _MOST_TABLE_BYTES)
        case Kind.SIDECAR:
            body = _read(member, _MOST_TABLE_BYTES)
            if PurePosixPath(member.name).suffix == ".json" and _is_list(member.name, body):
                held.tables[member.name] = body
            elif len(body) > _MOST_SIDECAR_BYTES:
                held.unknown.append(f"{member.name}: too long for a text about one picture")
            else:
                held.sidecars.append((member.name, body))


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


def match(held: Survey, mapping: Mapping[str, str]) -> Matching:
    """Hold the tables against the pictures.

    Raises:
        FilesError: a table is torn, or names a file outside.
    """
    pictures, columns = Pictures(held.pictures), Columns(mapping)
    matching = Matching(unknown=held.unknown)
    told: set[str] = set()
    tells = False
    for name, body in held.tables.items():
        of_table = Match(name, pictures, columns)
        for number, row in enumerate(rows_of(name, body)):
            there, missing = of_table.of_row(number, row)
            told.update(there)
            tells = tells or bool(there)
            if there:
                digest = columns.digest(row)
                matching.digests |= {} if digest is None else dict.fromkeys(there, digest)
                continue
            address = columns.first(row, ADDRESS)
            error = _failure(row)
            if address is not None and error is not None:
                matching.failed[address] = error
            else:
                matching.missing += missing
    if FILE in mapping and not columns_have(held, mapping[FILE]):
        raise FilesError(_no_column(held, mapping[FILE]))
    beside = {name for name, _ in held.sidecars}
    if tells or _belong(held.pictures, beside):
        matching.without_row = [
            name for name in held.pictures if name not in told and not _has_sidecar(name, beside)
        ]
    return matching


def columns_have(held: Survey, column: str) -> bool:
    """Whether a table has that column."""
    return any(column in names for names in map(_columns_of, held.tables.items()))


def _columns_of(table: tuple[str, bytes]) -> set[str]:
    first = next(rows_of(*table), None)
    return set() if first is None else set(first)


def _no_column(held: Survey, column: str) -> str:
    names = sorted(set().union(*map(_columns_of, held.tables.items())))
    return (
        f"params.yaml: scrape.columns.file: no table has a column {column!r}; there are: "
        f"{', '.join(names) or 'none'}"
    )


def _failure(row: Mapping[str, object]) -> str | None:
    """Why somebody's downloader has no file for the row, as img2dataset writes it."""
    status = row.get("status")
    if not isinstance(status, str) or status == "success":
        return None
    return f"{status}: {row.get('error_message') or ''}".strip(" :")


def _belong(pictures: list[str], beside: set[str]) -> bool:
    return bool(beside) and any(_has_sidecar(name, beside) for name in pictures)


def _has_sidecar(picture: str, beside: set[str]) -> bool:
    return any(name in beside for suffix in SUFFIXES for name in names_beside(picture, suffix))
