"""Filling the catalogue from the tables of a version, and asking who may leave."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.rules import opted_out
from pipeline.core.errors import CaptureError
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
from pipeline.export.catalogue import Catalogue
from pipeline.export.contents import OPTED_OUT, OPTED_OUT_SINCE, RELABELLED, Asked, Rights
from pipeline.export.facts import OF_LISTING
from pipeline.export.pictures import SQUARE_KIND, kind_of
from pipeline.export.places import is_needed_first, places
from pipeline.export.rights import Admission, admission, refused
from pipeline.export.source import Source, newest_selection
from pipeline.export.tables import batches, rows_of

_ITEM: Final = ["image_id", "transform", "split", "creator", "rights", "shard", "row"]


@dataclass(frozen=True)
class Admitted:
    """What the questions of rights came to."""

    rights_of_version: Rights
    withheld: dict[str, int]


def fill(catalogue: Catalogue, source: Source, asked: Asked) -> Admitted:
    """Read the version's tables, and keep of them what was asked for and may leave.

    Raises:
        UsageError: nothing may leave, or a label was asked for that does not exist.
        TableError, VersionError, CaptureError: the version cannot be read.
    """
    paths = source.paths
    catalogue.add_images(_images(_read(paths, IMAGES, _OF_IMAGE)))
    listed = _read(paths, LISTINGS, ["image_id", "capture", *OF_LISTING])
    catalogue.add_listings(rows_of(listed, lambda batch: pc.is_valid(batch["image_id"])))
    selected = rows_of(_read(paths, SELECTION, ["image_id", "reason"]), _opted_out)
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
    for image_id, sha256, capture, image_format, width, height in rows_of(read):
        yield image_id, sha256, capture, kind_of(image_format), width, height


def _items(read: Iterator[pa.RecordBatch], variants: bool) -> Iterator[tuple[Any, ...]]:
    def kept(batch: pa.RecordBatch) -> Any:
        keep = pc.equal(batch["status"], Status.KEEP.value)
        whole = pc.equal(batch["transform"], Symmetry.IDENTITY.value)
        return keep if variants else pc.and_(keep, whole)

    return (row[:-1] for row in rows_of(read, kept))


def _opted_out(batch: pa.RecordBatch) -> Any:
    """Whatever the variants say: `select` knows the newest word of every listing."""
    return pc.equal(batch["reason"], opted_out.RULE.name)


def _withdraw(catalogue: Catalogue, source: Source, chosen: Admission) -> dict[str, int]:
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
    for image_id, reason, rights in rows_of(
        batches(today, SELECTION, ["image_id", "reason", "rights"]).rows
    ):
        if reason == opted_out.RULE.name:
            yield image_id, OPTED_OUT_SINCE
        elif not chosen.admits(rights):
            yield image_id, RELABELLED


def _find_bytes(catalogue: Catalogue, source: Source) -> None:
    source.bring_captures(is_needed_first)
    catalogue.add_places(places(source.paths.captures))
    count, example = catalogue.without_place()
    if count:
        raise CaptureError(
            f"{source.paths.captures}: the bytes of {counted(count, 'image')} are in no capture "
            f"(such as {example}); restore the captures (`dvc checkout`, `dvc pull`), or export "
            f"squares with --size 64"
        )
    source.bring(catalogue.paths_needed())
