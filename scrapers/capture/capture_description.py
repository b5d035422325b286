"""`capture.json`: what was asked for, of whom, and whether the capture is complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from pipeline.core.errors import CaptureError
from pipeline.core.files import write_json
from pipeline.core.sites import OWN, SITES, START_LISTS
from scrapers.address import AddressBook
from scrapers.capture.file_names import DESCRIPTION


@dataclass(frozen=True)
class CaptureDescription:
    """One capture in a few lines."""

    site: str
    origin: str
    as_of: str
    selection: dict[str, Any]
    """The params that decide what the capture holds."""
    addresses: list[dict[str, str]] = field(default_factory=list)
    """Every address book in use while it was made: canonical origin -> origin that
    answered; the newest last."""
    versions: dict[str, str] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Requests by kind and outcome, and the bytes kept; empty until complete."""
    files: dict[str, int] = field(default_factory=dict)
    """Size in bytes of the manifest and of every shard; empty until complete."""
    complete: bool = False

    @cached_property
    def books(self) -> list[AddressBook]:
        """The address books, newest first."""
        return [AddressBook(wire_of) for wire_of in reversed(self.addresses)]

    def write(self, folder: Path) -> None:
        """Replace the description in ``folder``, atomically."""
        write_json(folder / DESCRIPTION, asdict(self))


def read_description(folder: Path) -> CaptureDescription | None:
    """The description in ``folder``, or None where no capture was begun.

    Raises:
        CaptureError: the file is there but cannot be read as one.
    """
    path = folder / DESCRIPTION
    try:
        description = _reader().validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, OSError) as error:
        raise CaptureError(
            f"{path}: not a description of a capture; restore it (`dvc checkout`), or delete "
            f"the folder and capture again"
        ) from error
    if description.site not in SITES:
        raise CaptureError(
            f"{path}: made of the site {description.site!r}, which this version does not know "
            f"({', '.join(SITES)}); restore the file (`dvc checkout`), or delete the folder and "
            f"capture again"
        )
    return description


@cache
def _reader() -> TypeAdapter[CaptureDescription]:
    return TypeAdapter(CaptureDescription)


def canonical(books: Iterable[AddressBook], url: str) -> str:
    """``url`` as the first of ``books`` that knows its origin names it; else as it is."""
    return next((name for book in books if (name := book.to_canonical(url)) != url), url)


STEERING: Final = "description"
"""Among what a capture was asked for: a hash of what of a site's description steers its walk."""


def walked_again(
    later: CaptureDescription,
    earlier: CaptureDescription,
    *,
    listings: int,
    most_listed: int | None,
) -> bool:
    """Whether ``later`` walked to its end each list in which ``earlier`` met its listings.

    Args:
        later: a finished capture.
        earlier: one before it.
        listings: how many ``later`` met, whether or not it asked for their images.
        most_listed: how many one list of the site hands out at most; None: as many as there are.
    """
    same_way = (later.site, later.origin) == (earlier.site, earlier.origin)
    if not same_way or later.origin == "folder":  # whoever saved pages chose what to save
        return False
    mine, theirs = later.selection, earlier.selection
    if later.origin in OWN:  # what is no longer in one's own folder or list was taken out
        return bool(mine.get("path") == theirs.get("path"))
    most = mine.get("max_listings")
    if most is not None and listings >= most:
        return False
    if most_listed is not None and listings >= most_listed:
        return False
    if any(mine.get(key) != theirs.get(key) for key in ("list_by", STEERING)):
        return False
    asked, before = _lists(mine), _lists(theirs)
    return not asked or (bool(before) and before <= asked)


def _lists(selection: dict[str, Any]) -> set[tuple[str, str]]:
    """The lists that the params named; none of them stands for all there is."""
    return {(key, slug) for key in START_LISTS for slug in selection.get(key) or ()}
