"""Format ``folder``: pictures in a folder a class, and a table beside them for each split.

::

    train/metadata.jsonl
    train/images/<class>/<key>.jpg
    held_out/...
"""

from __future__ import annotations

from typing import Any

from pipeline.export.catalogue import Item, Part
from pipeline.export.contents import Contents
from pipeline.export.files import Written
from pipeline.export.formats import cards
from pipeline.export.formats.format import Format, Pictured
from pipeline.export.json_lines import line

_INDEX = "metadata.jsonl"


class Folder(Format):
    """What `datasets` calls an imagefolder, and torchvision's ``ImageFolder`` reads as well."""

    name = "folder"
    one_file_a_part = False

    def file_of(self, part: Part, item: Item) -> tuple[str, str]:
        """Where a picture lies."""
        return f"{part.split}/{_inside(item)}", ""

    def write(
        self,
        part: Part,
        pictures: Pictured,
        heading: bytes,  # noqa: ARG002 - it has none
        written: Written,
    ) -> None:
        """Write the files of one part."""
        for item, data in pictures:
            written.add(self.file_of(part, item)[0], data)

    def index_path(self, split: str) -> str:
        """The table beside the pictures."""
        return f"{split}/{_INDEX}"

    def index_line(self, part: Part, item: Item) -> bytes:  # noqa: ARG002 - the same for all parts
        """A line of that table."""
        return line({"file_name": _inside(item), **item.facts})

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

    def hugging_face(self, contents: Contents) -> list[dict[str, Any]]:
        """One configuration, or one a kind of picture."""
        features = [{"name": "image", "dtype": "image"}, *cards.features(contents)]
        patterns = {split: f"{split}/**" for split in contents.splits}
        return [cards.config(contents, patterns, features, "default")]

    def croissant(self, contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Files and records."""
        indexes = contents.files_like("", f"/{_INDEX}")
        suffixes = sorted({f"*/images/*/*.{kind}" for kind in contents.kinds})
        distribution = [
            *(cards.file_object(record, "application/jsonlines") for record in indexes),
            cards.file_set("indexes", f"*/{_INDEX}", "application/jsonlines", []),
            cards.file_set("files", suffixes, "image/*", []),
        ]
        return distribution, [
            cards.record_set(
                "images",
                "what is known of each picture",
                cards.fact_fields("images", {"fileSet": {"@id": "indexes"}}, "column"),
            ),
            cards.record_set(
                "pictures",
                "the pictures; the name of a file begins with the key of its record in images",
                cards.picture_fields("pictures", {"fileSet": {"@id": "files"}}),
            ),
        ]


def _inside(item: Item) -> str:
    return f"images/{item.folder}/{item.key}.{item.kind}"
