"""Format ``webdataset``: tar shards of samples, in which a picture and its facts are neighbours.

::

    train-00000.tar        <key>.png  <key>.json  <key>.cls  <key>.png ...
    held_out-00000.tar

Images as fetched come in several formats; `datasets` takes one kind of picture a shard, so each
kind has shards of its own, ``train-jpg-00000.tar``.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pipeline.export.archives import ArchiveMember, write_tar
from pipeline.export.contents import Contents
from pipeline.export.exported_items import Item, Part
from pipeline.export.formats import shared_metadata
from pipeline.export.formats.format import Format, Pictured
from pipeline.export.writer import Writer, compact


class WebDataset(Format):
    """Shards for `webdataset` and `datasets`."""

    name = "webdataset"
    layout: ClassVar = {
        "train-*.tar": "samples to train on: KEY.jpg (or .png ...), KEY.json, KEY.cls",
        "held_out-*.tar": "the same for those held out",
        "facts/*.parquet": "facts of each picture, a table a split",
    }
    parts_by_kind = True

    def file_of(self, part: Part, item: Item) -> tuple[str, str]:
        """Where a picture lies."""
        return f"{part.name}.tar", f"{item.key}.{item.kind}"

    def write(
        self,
        part: Part,
        pictures: Pictured,
        heading: bytes,  # noqa: ARG002 - it has none
        written: Writer,
    ) -> None:
        """Write the files of one part."""
        with written.opened(f"{part.name}.tar") as file:
            write_tar(file, (member for item, data in pictures for member in members(item, data)))

    def reading(self, contents: Contents) -> str:
        """How it is read."""
        chosen = ', "jpg"' if contents.by_kind else ""
        kind = contents.kinds[0]
        shards = f"train-{kind}-*.tar" if contents.asked.is_original else "train-*.tar"
        return (
            "from datasets import load_dataset\n"
            f'dataset = load_dataset("path/to/this/folder"{chosen})\n'
            "\n"
            "import glob, webdataset\n"
            f'shards = sorted(glob.glob("path/to/this/folder/{shards}"))\n'
            f'samples = webdataset.WebDataset(shards, shardshuffle=False).decode("pil")\n'
            f'for picture, label in samples.to_tuple("{kind}", "cls"): ...'
        )

    def hugging_face(self, contents: Contents) -> dict[str, Any]:
        """One configuration a kind of picture: a reader must then say which it means."""
        kinds = {kind if contents.by_kind else "default": kind for kind in contents.kinds}
        return {
            "configs": [_config(contents, name, kind) for name, kind in kinds.items()],
            "dataset_info": [
                {"config_name": name, "features": _features(contents, kind)}
                for name, kind in kinds.items()
            ],
        }

    def croissant(self, contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Files and records."""
        shards = contents.files_like("", ".tar")
        within = [record.path for record in shards]
        suffixes = [f"*.{kind}" for kind in contents.kinds]
        pictures = shared_metadata.file_set(
            "files", suffixes, shared_metadata.media_types(contents), within
        )
        archives = [shared_metadata.file_object(record, "application/x-tar") for record in shards]
        return shared_metadata.croissant_of_tables(contents, pictures, "facts/*.parquet", archives)


def _config(contents: Contents, name: str, kind: str) -> dict[str, Any]:
    infix = f"-{kind}" if contents.asked.is_original else ""
    return shared_metadata.config(
        contents, {split: f"{split}{infix}-*.tar" for split in contents.splits}, name
    )


def _features(contents: Contents, kind: str) -> list[dict[str, Any]]:
    """Named, because `datasets` goes by the first five samples where they are not."""
    return [
        {"name": "__key__", "dtype": "string"},
        {"name": "__url__", "dtype": "string"},
        {"name": kind, "dtype": "image"},
        {"name": "json", "struct": shared_metadata.card_features(contents)},
        shared_metadata.class_label(contents, "cls"),
    ]


def members(item: Item, data: bytes) -> tuple[ArchiveMember, ...]:
    """The files of one sample: what a reader groups is what lies together under one key."""
    return (
        ArchiveMember(f"{item.key}.{item.kind}", data),
        ArchiveMember(f"{item.key}.json", compact(item.facts)),
        ArchiveMember(f"{item.key}.cls", str(item.facts["label"]).encode()),
    )
