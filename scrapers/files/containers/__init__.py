"""What holds many files in one: a module a kind, all of them in `KINDS`; none is ever unpacked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from scrapers.files.containers import parquet, tarred, zipped
from scrapers.files.containers.member import Member


class ContainerKind(NamedTuple):
    """One kind of container."""

    suffixes: tuple[str, ...]
    holds_files: Callable[[Path], bool]
    """Whether a file of that suffix is one."""
    members: Callable[[Path, str], Iterator[Member]]
    """Its files, in its own order; the names start with the given one."""
    is_outermost: bool
    """Whether names begin inside of it where it is all there is."""


KINDS: Final = (
    ContainerKind((".zip",), lambda _: True, zipped.members, True),
    ContainerKind(tarred.SUFFIXES, lambda _: True, tarred.members, True),
    ContainerKind((".parquet",), parquet.holds_pictures, parquet.members, False),
)


def kind_of(path: Path) -> ContainerKind | None:
    """What kind of container lies at ``path``; None where it is any other file."""
    name = path.name.lower()
    return next(
        (kind for kind in KINDS if name.endswith(kind.suffixes) and kind.holds_files(path)), None
    )
