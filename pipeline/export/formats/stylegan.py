"""Format ``stylegan``: one zip a split, as the code of StyleGAN2-ADA and StyleGAN3 reads it.

::

    train.zip       <aa>/<key>.png ... dataset.json
    held_out.zip

Its reader wants squares of one size in RGB, a label for each file of the archive, and labels that
are whole numbers from 0 without gaps.
"""

from __future__ import annotations

import tempfile
from typing import Any, ClassVar

from pipeline.export.archives import ArchiveMember, StoredZip
from pipeline.export.contents import Contents
from pipeline.export.exported_items import Item, Part
from pipeline.export.formats import shared_metadata
from pipeline.export.formats.format import Format, Pictured
from pipeline.export.writer import Writer, compact

LABELS = "dataset.json"
_DIGITS = 2
"""Of a key, as the name of a folder."""


class StyleGan(Format):
    """A zip archive of stored PNG files with their labels."""

    name = "stylegan"
    layout: ClassVar = {
        "train.zip": "pictures to train on as PNG, and their labels in dataset.json",
        "held_out.zip": "the same for those held out",
        "facts/*.parquet": "facts of each picture, a table a split",
    }
    sizes = ("256", "64")
    parts_by_shard = False
    compress_level = 0

    def file_of(self, part: Part, item: Item) -> tuple[str, str]:
        """Where a picture lies."""
        return f"{part.name}.zip", _inside(item)

    def write(
        self,
        part: Part,
        pictures: Pictured,
        heading: bytes,  # noqa: ARG002 - it has none
        written: Writer,
    ) -> None:
        """Write the files of one part."""
        with (
            written.opened(f"{part.name}.zip") as file,
            tempfile.TemporaryFile(dir=written.folder) as labels,
            StoredZip(file, written.folder) as archive,
        ):
            before = b'{"labels": ['
            for item, data in pictures:
                (name, data), entry = member(item, data)
                archive.add(name, data)
                labels.write(before + entry)
                before = b",\n"
            labels.write(b"]}\n")
            archive.add_file(LABELS, labels)

    def reading(self, contents: Contents) -> str:  # noqa: ARG002 - one way for all
        """How it is read."""
        return (
            "python train.py --data=path/to/this/folder/train.zip --cond=1 ...\n"
            "# without --cond=1 the labels in dataset.json are not looked at"
        )

    def hugging_face(self, contents: Contents) -> dict[str, Any]:
        """The facts alone: `datasets` takes the labels in the archives for a broken picture."""
        patterns = {split: f"facts/{split}.parquet" for split in contents.splits}
        return {"configs": [shared_metadata.config(contents, patterns)]}

    def croissant(self, contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Files and records."""
        zips = contents.files_like("", ".zip")
        within = [record.path for record in zips]
        pictures = shared_metadata.file_set("files", "*.png", "image/png", within)
        archives = [shared_metadata.file_object(record, "application/zip") for record in zips]
        return shared_metadata.croissant_of_tables(contents, pictures, "facts/*.parquet", archives)


def member(item: Item, data: bytes) -> tuple[ArchiveMember, bytes]:
    """The file of one picture, and its entry in dataset.json."""
    return ArchiveMember(_inside(item), data), compact([_inside(item), item.facts["label"]])


def _inside(item: Item) -> str:
    return f"{item.key[:_DIGITS]}/{item.key}.{item.kind}"
