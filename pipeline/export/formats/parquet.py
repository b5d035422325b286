"""Format ``parquet``: pictures and facts in one table, typed, and with the names of the classes.

::

    data/train-00000.parquet
    data/held_out-00000.parquet
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.export.contents import Contents
from pipeline.export.exported_items import COLUMNS, FACTS, Class, Item, Part
from pipeline.export.formats import shared_metadata
from pipeline.export.formats.format import Format, Pictured
from pipeline.export.writer import Writer, compact

ROW_GROUP: Final = 100
"""Pictures that a reader must load to have one of them."""
_IMAGE: Final = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_SCHEMA: Final = pa.schema([pa.field("image", _IMAGE), *COLUMNS])


class Parquet(Format):
    """What the Hugging Face hub makes of any dataset."""

    name = "parquet"
    layout: ClassVar = {
        "data/train-*.parquet": "pictures to train on, with the facts of each",
        "data/held_out-*.parquet": "the same for those held out",
    }

    def file_of(self, part: Part, item: Item) -> tuple[str, str]:  # noqa: ARG002 - all in one table
        """Where a picture lies."""
        return f"data/{part.name}.parquet", ""

    def heading(self, classes: Sequence[Class]) -> bytes:
        """The features as `datasets` keeps them in a schema, so that a single file says all."""
        types: dict[str, Any] = {
            fact.name: {"dtype": str(fact.arrow), "_type": "Value"} for fact in FACTS
        }
        names = [each.creator for each in classes]
        types["label"] = {"names": names, "_type": "ClassLabel"}
        return compact({"info": {"features": {"image": {"_type": "Image"}, **types}}})

    def write(self, part: Part, pictures: Pictured, heading: bytes, written: Writer) -> None:
        """Write the files of one part."""
        schema = _SCHEMA.with_metadata({b"huggingface": heading})
        with (
            written.opened(f"data/{part.name}.parquet") as file,
            # Pictures are compressed already, and no reader asks which of two is the greater.
            pq.ParquetWriter(
                file, schema, compression="none", use_dictionary=False, write_statistics=False
            ) as writer,
        ):
            while group := list(itertools.islice(pictures, ROW_GROUP)):
                writer.write_table(table(group).cast(schema))

    def index_path(self, split: str) -> None:  # noqa: ARG002 - the pictures are in one
        """No other table."""
        return

    def reading(self, contents: Contents) -> str:  # noqa: ARG002 - one way for all
        """How it is read."""
        return (
            "from datasets import load_dataset\n"
            'dataset = load_dataset("path/to/this/folder")\n'
            'dataset["train"][0]["image"], dataset["held_out"][0]["rights"]'
        )

    def hugging_face(self, contents: Contents) -> dict[str, Any]:
        """One configuration."""
        features = [{"name": "image", "dtype": "image"}, *shared_metadata.card_features(contents)]
        patterns = {split: f"data/{split}-*.parquet" for split in contents.splits}
        return {
            "configs": [shared_metadata.config(contents, patterns)],
            "dataset_info": [{"config_name": "default", "features": features}],
        }

    def croissant(self, contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Files and records."""
        shards = contents.files_like("data/", ".parquet")
        distribution = [
            *(shared_metadata.file_object(record, shared_metadata.PARQUET) for record in shards),
            shared_metadata.file_set("rows", "data/*.parquet", shared_metadata.PARQUET, []),
        ]
        source = {"fileSet": {"@id": "rows"}}
        picture = {
            "@type": "cr:Field",
            "@id": "images/picture",
            "name": "picture",
            "description": "the picture",
            "dataType": "sc:ImageObject",
            "source": {
                **source,
                "extract": {"column": "image"},
                "transform": {"jsonPath": "bytes"},
            },
        }
        fields = [picture, *shared_metadata.fact_fields("images", source)]
        return distribution, [
            shared_metadata.record_set("images", "the pictures and what is known of each", fields)
        ]


def table(pictured: Iterable[tuple[Item, bytes]]) -> pa.Table:
    """Rows of the table."""
    rows = [
        {"image": {"bytes": data, "path": f"{item.key}.{item.kind}"}, **item.facts}
        for item, data in pictured
    ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)
