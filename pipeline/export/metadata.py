"""What an export holds besides its parts: tables, documents, and the manifest of everything."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.card.funnel_bars import image_funnel
from pipeline.export import manifest
from pipeline.export.admission import Admitted
from pipeline.export.contents import Contents, ExportOptions, Origin, SplitSize
from pipeline.export.croissant import croissant
from pipeline.export.documents import datasheet, readme, written_by_people
from pipeline.export.exported_items import Part
from pipeline.export.formats import format_of
from pipeline.export.formats.format import Format
from pipeline.export.item_catalogue import Catalogue
from pipeline.export.manifest import PartRecord
from pipeline.export.parts import LICENSE_COLUMNS
from pipeline.export.source import ExportSource
from pipeline.export.sqlite import PathSet
from pipeline.export.staging import Staging
from pipeline.export.writer import FileRecord, Writer, compact, line

LICENSES: Final = "LICENSES.csv"
DATASHEET: Final = "DATASHEET.md"
DOCUMENTS: Final = "documents"
"""Under this name the manifest lists what is no part."""


def write_metadata(
    staging: Staging,
    catalogue: Catalogue,
    source: ExportSource,
    asked: ExportOptions,
    admitted: Admitted,
    parts: Sequence[Part],
    made: Iterable[PartRecord],
    files: PathSet,
    out: Path,
) -> Contents:
    """Write everything that follows from the parts as they are ``made``, and the manifest.

    The paths of all go into ``files``; of ``out``, what people wrote into the datasheet is taken
    over.
    """
    chosen = format_of(asked.format)
    lines = staging.folder / "parts.jsonl"
    archives = _note(lines, files, made, chosen)
    written = Writer(staging.files)
    _write_tables(written, staging, chosen, parts)
    contents = _contents(catalogue, source, asked, admitted, [*archives, *written.records])
    _write_documents(written, contents, source, out)
    files.add(record.path for record in written.records)
    about = PartRecord(DOCUMENTS, "", 0, tuple(written.records))
    manifest.write_manifest(
        staging.folder / manifest.NAME, asked, source.commit, _all_parts(lines, about)
    )
    return contents


def _note(
    lines: Path, files: PathSet, made: Iterable[PartRecord], chosen: Format
) -> list[FileRecord]:
    """Write down the records of the parts as they come; the answer is their archives."""
    archives: list[FileRecord] = []
    with lines.open("wb") as file:
        for record in made:
            file.write(line(record.as_json()))
            files.add(each.path for each in record.files)
            archives += record.files if chosen.one_file_a_part else ()
    return archives


def _all_parts(lines: Path, about: PartRecord) -> Iterator[PartRecord]:
    with lines.open("rb") as file:
        yield from (PartRecord.from_json(json.loads(each)) for each in file)
    yield about


def _write_tables(written: Writer, staging: Staging, chosen: Format, parts: Sequence[Part]) -> None:
    """Join what the parts have written of LICENSES.csv and of the tables of the splits."""
    with written.opened(LICENSES) as target:
        target.write(f"{','.join(LICENSE_COLUMNS)}\n".encode())
        for part in parts:
            with staging.licenses(part.name).open("rb") as lines:
                shutil.copyfileobj(lines, target)
    for split, of_split in itertools.groupby(parts, key=attrgetter("split")):
        path = chosen.index_path(split)
        if path is not None:
            _join(written, path, chosen.index_schema, [staging.index(p.name) for p in of_split])


def _join(written: Writer, path: str, schema: pa.Schema, pieces: Sequence[Path]) -> None:
    with written.opened(path) as file, pq.ParquetWriter(file, schema) as writer:
        for piece in pieces:
            with pq.ParquetFile(piece) as rows:
                for number in range(rows.num_row_groups):
                    writer.write_table(rows.read_row_group(number))


def _contents(
    catalogue: Catalogue,
    source: ExportSource,
    asked: ExportOptions,
    admitted: Admitted,
    files: Sequence[FileRecord],
) -> Contents:
    of_splits = sorted(catalogue.count("split").items(), reverse=True)
    return Contents(
        asked=asked,
        origin=Origin(source.commit, source.params),
        splits={split: SplitSize(*counted) for split, counted in of_splits},
        kinds=list(catalogue.count("item.kind")),
        classes=catalogue.classes(),
        per_class={name: images for name, (_, images) in catalogue.count("creator").items()},
        rights=catalogue.images_by_rights(),
        rights_of_version=admitted.rights_of_version,
        withheld=admitted.withheld,
        captured={day: images for day, (_, images) in catalogue.count("captured").items()},
        sources=[name for name in catalogue.count("source") if name is not None],
        years=catalogue.extent("year"),
        sides=catalogue.extent("min(width, height)"),
        files=files,
    )


def _write_documents(written: Writer, contents: Contents, source: ExportSource, out: Path) -> None:
    chosen = format_of(contents.asked.format)
    names = [each.creator for each in contents.classes]
    earlier = out / DATASHEET
    people = written_by_people(earlier.read_text("utf-8")) if earlier.exists() else {}
    sheet = datasheet(contents, image_funnel(source.paths.funnel), people)
    described = json.dumps(croissant(contents, chosen), indent=2, ensure_ascii=False)
    written.add("README.md", _text(readme(contents, chosen)))
    written.add(DATASHEET, _text(sheet))
    written.add("croissant.json", _text(f"{described}\n"))
    written.add("classes.json", compact(names) + b"\n")


def _text(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
