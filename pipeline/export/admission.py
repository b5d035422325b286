"""Which images may leave: the tables of a version, read into the catalogue by what was asked for.

An image leaves where its label was asked for and nobody has withdrawn it since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.rules.declarations import OPTED_OUT as OPTED_OUT_RULE
from pipeline.core.errors import CaptureError, UsageError, nearest
from pipeline.core.log import counted, say
from pipeline.core.paths import Paths
from pipeline.core.schema import (
    IMAGES,
    LISTINGS,
    SELECTION,
    VARIANTS,
    Status,
    Symmetry,
    TableSchema,
)
from pipeline.export.contents import (
    ANY,
    OPTED_OUT,
    OPTED_OUT_SINCE,
    RELABELLED,
    ExportOptions,
    Rights,
)
from pipeline.export.exported_items import OF_LISTING
from pipeline.export.image_bytes import SQUARE_KIND, byte_places, is_needed_first, suffix_of
from pipeline.export.item_catalogue import Catalogue
from pipeline.export.source import ExportSource, newest_selection
from pipeline.export.wording import labels_words
from pipeline.versions.old_tables import batches, tuples_of

_WHAT_TO_NAME: Final = (
    f"name what may leave with --rights LABEL, or take all with --rights {ANY}, at your own risk"
)
SEPARATOR: Final = " / "
"""Between the labels of an image whose listings do not agree."""


@dataclass(frozen=True)
class Admission:
    """The labels that were asked for; none means that any label will do, but not its absence."""

    labels: tuple[str, ...]
    any: bool

    def admits(self, label: str | None) -> bool:
        """Whether an image with that label may leave; all its listings must agree.

        >>> Admission(("Public domain",), False).admits("Fair Use / Public domain")
        False
        """
        if self.any or label is None:
            return self.any
        return (
            not self.labels
            or label in self.labels
            or all(each in self.labels for each in label.split(SEPARATOR))
        )


def admission(asked: Sequence[str], known: Rights) -> Admission:
    """What ``asked``, the words of ``--rights``, admits of the labels ``known``.

    Raises:
        UsageError: a label that no image has, or nothing that may leave.
    """
    chosen = Admission(tuple(sorted(set(asked) - {ANY})), ANY in asked)
    single = {part for label in known if label for part in (label, *label.split(SEPARATOR))}
    for label in chosen.labels:
        if label not in single:
            raise UsageError(
                f"--rights {label!r}: no image has that label{nearest(label, single)}; "
                f"{labels_sentence(known)}; {_WHAT_TO_NAME}"
            )
    if not any(chosen.admits(label) for label in known):
        raise UsageError(f"no image may leave: {labels_sentence(known)}; {_WHAT_TO_NAME}")
    return chosen


def refused(chosen: Admission, labels: Iterable[str | None]) -> list[str | None]:
    """Those of the ``labels`` that were not asked for."""
    return [label for label in labels if not chosen.admits(label)]


def labels_sentence(known: Rights) -> str:
    """Which labels exist.

    >>> labels_sentence({"Fair Use": 2, None: 1})
    'the images are labelled: Fair Use (2), no label (1)'
    """
    return f"the images are labelled: {labels_words(known)}" if known else "there are no images"


_ITEM: Final = ["image_id", "transform", "split", "creator", "rights", "shard", "row"]


@dataclass(frozen=True)
class Admitted:
    """What the questions of rights came to."""

    rights_of_version: Rights
    withheld: dict[str, int]


def load_catalogue(catalogue: Catalogue, source: ExportSource, asked: ExportOptions) -> Admitted:
    """Read the version's tables, and keep of them what was asked for and may leave.

    Raises:
        UsageError: nothing may leave, or a label was asked for that does not exist.
        TableError, VersionError, CaptureError: the version cannot be read.
    """
    paths = source.paths
    catalogue.add_images(_images(_read(paths, IMAGES, _OF_IMAGE)))
    listed = _read(paths, LISTINGS, ["image_id", "capture", *OF_LISTING])
    catalogue.add_listings(tuples_of(listed, lambda batch: pc.is_valid(batch["image_id"])))
    selected = tuples_of(_read(paths, SELECTION, ["image_id", "reason"]), _opted_out)
    catalogue.withhold((image_id, OPTED_OUT) for image_id, _ in selected)
    kind = None if asked.is_original else SQUARE_KIND
    catalogue.add_items(_items(_read(paths, VARIANTS, [*_ITEM, "status"]), asked.variants), kind)
    withheld = catalogue.drop_withheld()
    labels = catalogue.images_by_rights()
    chosen = admission(asked.rights, labels)
    catalogue.drop_rights(refused(chosen, labels))
    withheld |= _withdraw(catalogue, source, chosen)
    if asked.is_original:
        _find_bytes(catalogue, source)
    return Admitted(labels, withheld)


_OF_IMAGE: Final = ["image_id", "sha256", "capture", "format", "width", "height"]


def _read(paths: Paths, schema: TableSchema, columns: list[str]) -> Iterator[pa.RecordBatch]:
    read = batches(paths.table(schema.name), schema, columns)
    if read.missing:
        say(
            f"{paths.table(schema.name)}: an older table, without {', '.join(read.missing)}; "
            f"those facts stay empty"
        )
    return read.rows


def _images(read: Iterator[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    for image_id, sha256, capture, image_format, width, height in tuples_of(read):
        yield image_id, sha256, capture, suffix_of(image_format), width, height


def _items(read: Iterator[pa.RecordBatch], variants: bool) -> Iterator[tuple[Any, ...]]:
    def kept(batch: pa.RecordBatch) -> Any:
        keep = pc.equal(batch["status"], Status.KEEP.value)
        whole = pc.equal(batch["transform"], Symmetry.IDENTITY.value)
        return keep if variants else pc.and_(keep, whole)

    return (row[:-1] for row in tuples_of(read, kept))


def _opted_out(batch: pa.RecordBatch) -> Any:
    """Whatever the variants say: `select` knows the newest word of every listing."""
    return pc.equal(batch["reason"], OPTED_OUT_RULE.name)


def _withdraw(catalogue: Catalogue, source: ExportSource, chosen: Admission) -> dict[str, int]:
    """Take out what is known by now to be opted out, or labelled otherwise.

    The newest word of a site counts for everything that it ever showed.
    """
    if source.version is None:
        return {}
    today = newest_selection(source.version.project, source.paths.collection)
    if today is None:
        say(
            f"WARNING: no newer selection is here, so whoever opted out after {source.name} is in "
            f"this export; `dvc pull` brings it"
        )
        return {}
    catalogue.withhold(_withdrawn(today, chosen))
    return catalogue.drop_withheld()


def _withdrawn(today: Path, chosen: Admission) -> Iterable[tuple[str, str]]:
    for image_id, reason, rights in tuples_of(
        batches(today, SELECTION, ["image_id", "reason", "rights"]).rows
    ):
        if reason == OPTED_OUT_RULE.name:
            yield image_id, OPTED_OUT_SINCE
        elif not chosen.admits(rights):
            yield image_id, RELABELLED


def _find_bytes(catalogue: Catalogue, source: ExportSource) -> None:
    source.bring_captures(is_needed_first)
    catalogue.add_places(byte_places(source.paths.captures))
    count, example = catalogue.without_place()
    if count:
        raise CaptureError(
            f"{source.paths.captures}: the bytes of {counted(count, 'image')} are in no capture "
            f"(such as {example}); restore the captures (`dvc checkout`, `dvc pull`), or export "
            f"squares with --size 64"
        )
    source.bring(catalogue.paths_needed())
