"""`capture.json`: what was asked for, of whom, and whether the capture is complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from pipeline.core.errors import CaptureError
from pipeline.core.files import write_json
from pipeline.core.sites import SITES
from scrapers.address import AddressBook
from scrapers.capture.layout import DESCRIPTION


@dataclass(frozen=True)
class Description:
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


def read_description(folder: Path) -> Description | None:
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
def _reader() -> TypeAdapter[Description]:
    return TypeAdapter(Description)


def canonical(books: Iterable[AddressBook], url: str) -> str:
    """``url`` as the first of ``books`` that knows its origin names it; else as it is."""
    return next((name for book in books if (name := book.to_canonical(url)) != url), url)
