"""What an export holds, in numbers: the source of its README, datasheet and croissant.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.export.exported_items import Class, Value
from pipeline.export.writer import FileRecord

ANY: Final = "any"
"""The word of ``--rights`` that takes the place of labels."""

OPTED_OUT: Final = "opted out"
OPTED_OUT_SINCE: Final = "opted out since this version"
RELABELLED: Final = "labelled otherwise since this version"
"""Why images may not leave, whatever their label: as the version itself knows, or by now."""

Rights = dict[str | None, int]
"""Images by their label; None is that of images without one."""


@dataclass(frozen=True)
class ExportOptions:
    """What an export was asked for."""

    collection: str
    format: str
    size: str
    """``original``, or the side of a square in pixels."""
    variants: bool
    rights: tuple[str, ...]
    """The words of ``--rights``, sorted."""

    @property
    def any_rights(self) -> bool:
        """Whether images leave whatever their label."""
        return ANY in self.rights

    @property
    def is_original(self) -> bool:
        """Whether images leave as they were fetched."""
        return self.size == "original"


@dataclass(frozen=True)
class Origin:
    """From which version the rows are, and how they were chosen."""

    commit: str | None
    """In which `dvc.lock` records these tables; None where none does yet."""
    params: Mapping[str, Any]
    """The collection's block of params.yaml."""


@dataclass(frozen=True)
class SplitSize:
    """One split."""

    pictures: int
    images: int
    """Fewer than pictures where each comes in several variants."""


@dataclass(frozen=True)
class Contents:
    """The whole export."""

    asked: ExportOptions
    origin: Origin
    splits: Mapping[str, SplitSize]
    kinds: Sequence[str]
    """Suffixes of the pictures, such as jpg."""
    classes: Sequence[Class]
    per_class: Mapping[str, int]
    """Images by creator."""
    rights: Rights
    rights_of_version: Rights
    """Before any were refused."""
    withheld: Mapping[str, int]
    """Images that may not leave whatever their label, by why."""
    captured: Mapping[str, int]
    """Images by the date of the capture that brought them."""
    sources: Sequence[str]
    years: tuple[Value, Value]
    sides: tuple[Value, Value]
    """Shortest and longest shorter side of the images as fetched."""
    files: Sequence[FileRecord]
    """Archives and tables; not the single pictures of a folder."""

    @property
    def pictures(self) -> int:
        """In all splits."""
        return sum(split.pictures for split in self.splits.values())

    @property
    def images(self) -> int:
        """In all splits."""
        return sum(split.images for split in self.splits.values())

    @property
    def refused(self) -> Rights:
        """Images of the version that stayed behind for their label."""
        left = {label: n - self.rights.get(label, 0) for label, n in self.rights_of_version.items()}
        return {label: count for label, count in left.items() if count}

    @property
    def withheld_since(self) -> dict[str, int]:
        """Of those withheld, the images that did leave with this version when it was new."""
        since = (OPTED_OUT_SINCE, RELABELLED)
        return {why: self.withheld[why] for why in since if self.withheld.get(why)}

    @property
    def by_kind(self) -> bool:
        """Whether a reader must choose among several kinds of pictures."""
        return len(self.kinds) > 1

    def files_like(self, prefix: str, suffix: str) -> list[FileRecord]:
        """Files of which the path begins and ends so."""
        return [f for f in self.files if f.path.startswith(prefix) and f.path.endswith(suffix)]
