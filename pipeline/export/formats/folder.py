"""Format ``folder``: pictures in a folder a class, and a table beside them for each split.

::

    train/metadata.parquet
    train/images/<class>/<key>.jpg
    held_out/...
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

import pyarrow as pa

from pipeline.export.contents import Contents
from pipeline.export.exported_items import COLUMNS, Item, Part
from pipeline.export.formats import shared_metadata
from pipeline.export.formats.format import Format, Pictured
from pipeline.export.writer import Writer

_INDEX: Final = "metadata.parquet"


class Folder(Format):
    """What `datasets` calls an imagefolder, and torchvision's ``ImageFolder`` reads as well."""

    name = "folder"
    layout: ClassVar = {
        "train/images/CLASS/KEY.*": "pictures to train on, a folder a class",
        "train/metadata.parquet": "file name and facts of each",
        "held_out/": "the same for the pictures held out",
    }
    one_file_a_part = False

    def file_of(self, part: Part, item: Item) -> tuple[str, str]:
        """Where a picture lies."""
        return f"{part.split}/{_inside(item)}", ""

    def write(
        self,
        part: Part,
        pictures: Pictured,
        heading: bytes,  # noqa: ARG002 - it has none
        written: Writer,
    ) -> None:
        """Write the files of one part."""
        for item, data in pictures:
            written.add(self.file_of(part, item)[0], data)

    def index_path(self, split: str) -> str:
        """The table beside the pictures."""
        return f"{split}/{_INDEX}"

    @property
    def index_schema(self) -> pa.Schema:
        """Its columns; by the first, `datasets` finds the pictures."""
        return pa.schema([pa.field("file_name", pa.string()), *COLUMNS])

    def index(self, part: Part, items: Iterable[Item]) -> pa.Table:  # noqa: ARG002
        """Rows of that table."""
        rows = [{"file_name": _inside(item), **item.facts} for item in items]
        return pa.Table.from_pylist(rows, schema=self.index_schema)

    def reading(self, contents: Contents) -> str:  # noqa: ARG002 - one way for all
        """How it is read."""
        return (
            "from datasets import load_dataset\n"
            'dataset = load_dataset("path/to/this/folder")\n'
            'dataset["train"][0]["image"], dataset["held_out"][0]["rights"]\n'
            "\n"
            "# or, by class folders alone (a split that lacks a class numbers them otherwise):\n"
            "from torchvision.datasets import ImageFolder\n"
            'train = ImageFolder("path/to/this/folder/train/images")'
        )

    def hugging_face(self, contents: Contents) -> dict[str, Any]:
        """One configuration; an imagefolder takes its features from there alone."""
        features = [{"name": "image", "dtype": "image"}, *shared_metadata.card_features(contents)]
        patterns = {split: f"{split}/**" for split in contents.splits}
        return {"configs": [{**shared_metadata.config(contents, patterns), "features": features}]}

    def croissant(self, contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Files and records."""
        suffixes = [f"*/images/*/*.{kind}" for kind in contents.kinds]
        pictures = shared_metadata.file_set(
            "files", suffixes, shared_metadata.media_types(contents), []
        )
        return shared_metadata.croissant_of_tables(contents, pictures, f"*/{_INDEX}")


def _inside(item: Item) -> str:
    return f"images/{item.folder}/{item.key}.{item.kind}"
