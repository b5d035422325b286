"""`salon export`: one version of a collection, in a folder, for readers that know nothing of Salon.

Everything is made in a folder ``.partial`` inside the export's own, and gets its final names by
renames once all of it is on the disk. A stopped export goes on behind its last finished part.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from pipeline.core import engine
from pipeline.core.errors import UsageError
from pipeline.core.files import exclusive, storage_errors, write_bytes
from pipeline.export import manifest
from pipeline.export.admission import load_catalogue
from pipeline.export.contents import Contents, ExportOptions
from pipeline.export.exported_items import Part
from pipeline.export.formats import format_of
from pipeline.export.formats.format import Format
from pipeline.export.item_catalogue import Catalogue
from pipeline.export.metadata import write_metadata
from pipeline.export.parts import VERSION, PartTask, write_part
from pipeline.export.source import TABLES, ExportSource, digest_of, open_source
from pipeline.export.sqlite import PathSet
from pipeline.export.staging import STAGING, Staging, publish_export
from pipeline.export.writer import compact


@dataclass(frozen=True)
class ExportResult:
    """What came of an export."""

    contents: Contents
    source: str
    parts: int
    files_written: int
    """All others lay there already, byte for byte."""


def export_version(
    root: Path, asked: ExportOptions, out: Path, rev: str | None = None
) -> ExportResult:
    """Export a collection of the project at ``root`` to the folder ``out``.

    Raises:
        SalonError: whatever stops it, as one sentence; ``out`` is as it was, but for ``.partial``.
    """
    chosen = format_of(asked.format)
    source = open_source(root, asked.collection, rev)
    _check_size(source, asked, chosen)
    earlier = _check_folder(out, asked)
    staging, is_new = Staging(out / STAGING), not out.exists()
    with (
        storage_errors(staging.folder),
        exclusive(staging.folder / "lock", what=f"the export in {out}"),
        _discarded_unless_begun(staging, is_new=is_new),
    ):
        _go_on_or_begin(staging, source, asked)
        with Catalogue(staging.rows, create=True) as catalogue, PathSet() as files:
            admitted = load_catalogue(catalogue, source, asked)
            catalogue.settle()
            parts = catalogue.parts(
                by_kind=chosen.parts_by_kind and asked.is_original, by_shard=chosen.parts_by_shard
            )
            squares = _squares(catalogue, source, asked)
            task = partial(PartTask, catalogue.path, asked.format, squares, staging, out)
            tasks = [task(part, _line_of(earlier, part)) for part in parts]
            for folder in (staging.files, staging.licenses("").parent):
                folder.mkdir(parents=True, exist_ok=True)
            made = engine.run(
                write_part, tasks, title=f"export {asked.collection}", folder=staging.folder
            )
            contents = write_metadata(
                staging, catalogue, source, asked, admitted, parts, made, files, out
            )
            written = publish_export(staging, out, files)
    return ExportResult(contents, source.name, len(parts), written)


def _line_of(earlier: manifest.Manifest | None, part: Part) -> tuple[Path, int] | None:
    if earlier is None or part.name not in earlier.offsets:
        return None
    return earlier.path, earlier.offsets[part.name]


def _squares(
    catalogue: Catalogue, source: ExportSource, asked: ExportOptions
) -> tuple[int, Path] | None:
    """Side and folder of the pixels, which are there afterwards; None for images as fetched."""
    if asked.is_original:
        return None
    size = int(asked.size)
    source.bring(source.paths.pixel_shard(size, name) for name in catalogue.shards_needed())
    return size, source.paths.pixels / asked.size


def _check_size(source: ExportSource, asked: ExportOptions, chosen: Format) -> None:
    if asked.size not in chosen.sizes:
        raise UsageError(
            f"--format {asked.format} takes squares; choose --size {' or '.join(chosen.sizes)}"
        )
    if asked.is_original:
        if asked.variants:
            raise UsageError("--variants are made of squares; choose --size 256 or 64")
        return
    folder = source.paths.pixels / asked.size
    there = folder.is_dir() if source.version is None else source.version.holds(folder)
    if not there:
        raise UsageError(
            f"{folder}: no squares of {asked.size} pixels; choose another --size, or add "
            f"{asked.size} to ingest.sizes in params.yaml and run `dvc repro`"
        )


def _check_folder(out: Path, asked: ExportOptions) -> manifest.Manifest | None:
    """The export that ``out`` holds already; None for a new or empty folder.

    Raises:
        UsageError: the folder holds other things, or another export.
    """
    earlier = manifest.read_manifest(out)
    if earlier is not None:
        told = (earlier.asked.collection, earlier.asked.format)
        if told != (asked.collection, asked.format):
            raise UsageError(
                f"{out}: holds an export of {told[0]} as {told[1]}; choose another folder, or "
                f"delete this one"
            )
        return earlier
    if not out.exists() or (out / STAGING / manifest.NAME).exists():
        return None  # the second: stopped while its files were getting their names
    if not out.is_dir():
        raise UsageError(f"{out}: a file; --out names a folder")
    if others := sorted(e.name for e in out.iterdir() if not e.name.startswith(".")):
        raise UsageError(f"{out}: holds other files ({others[0]}); choose a new or empty folder")
    return None


@contextmanager
def _discarded_unless_begun(staging: Staging, *, is_new: bool) -> Iterator[None]:
    """Leave nothing behind, not even a new folder, where it failed before a part was made."""
    try:
        yield
    except BaseException:
        staging.rows.unlink(missing_ok=True)
        if not staging.records.exists():
            shutil.rmtree(staging.folder)
            if is_new:
                staging.folder.parent.rmdir()
        raise


def _go_on_or_begin(staging: Staging, source: ExportSource, asked: ExportOptions) -> None:
    """Keep what a stopped export of the same version has made, and nothing of another one."""
    tables = [digest_of(source.paths.table(name)) for name in TABLES]
    job = compact([VERSION, asdict(asked), tables])
    file = staging.folder / "job.json"
    if not file.exists() or file.read_bytes() != job:
        for folder in (staging.files, staging.records):
            shutil.rmtree(folder, ignore_errors=True)
        write_bytes(file, job)
    (staging.folder / manifest.NAME).unlink(missing_ok=True)
