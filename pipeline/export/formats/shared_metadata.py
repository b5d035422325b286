"""Pieces of the Hugging Face card and of croissant.json that several formats share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.export.contents import Contents
from pipeline.export.exported_items import FACTS, Column
from pipeline.export.writer import FileRecord

_DTYPES = {"text": "string", "address": "string", "whole number": "int64"}
_CROISSANT_TYPES = {"text": "sc:Text", "address": "sc:URL", "whole number": "sc:Integer"}
_KNOWN_VALUES = {"label": "classes/label", "split": "splits/name"}
_MEDIA_TYPES = {"jpg": "jpeg", "tif": "tiff"}
PARQUET = "application/x-parquet"
Json = dict[str, Any]


def card_features(contents: Contents, facts: Iterable[Column] = FACTS) -> list[Json]:
    """The facts as features of the card, so that no reader guesses their types from a few rows."""
    return [class_label(contents) if fact.name == "label" else feature(fact) for fact in facts]


def feature(fact: Column) -> Json:
    """One fact by name and type."""
    return {"name": fact.name, "dtype": _DTYPES[fact.kind]}


def class_label(contents: Contents, name: str = "label") -> Json:
    """The class as a feature that knows the names behind the numbers."""
    names = {str(each.label): each.creator for each in contents.classes}
    return {"name": name, "dtype": {"class_label": {"names": names}}}


def config(contents: Contents, patterns: Mapping[str, str], name: str = "default") -> Json:
    """One configuration: the files of each split, named.

    A split called held_out is lost by readers that are not told of it.
    """
    files = [{"split": split, "path": patterns[split]} for split in contents.splits]
    return {"config_name": name, "data_files": files}


def file_object(record: FileRecord, encoding: str) -> Json:
    """One file of the export, by address and digest."""
    return {
        "@type": "cr:FileObject",
        "@id": record.path,
        "name": record.path,
        "contentUrl": record.path,
        "contentSize": f"{record.bytes} B",
        "encodingFormat": encoding,
        "sha256": record.sha256,
    }


def media_types(contents: Contents) -> list[str]:
    """What kinds of pictures there are, as the web calls them."""
    return [f"image/{_MEDIA_TYPES.get(kind, kind)}" for kind in contents.kinds]


def file_set(
    name: str, pattern: str | list[str], encoding: str | list[str], within: list[str]
) -> Json:
    """Files that a pattern names, inside the archives ``within`` or in the folder itself."""
    held = {"containedIn": [{"@id": each} for each in within]} if within else {}
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": encoding,
        "includes": pattern,
        **held,
    }


def record_set(name: str, description: str, fields: list[Json]) -> Json:
    """Records with the fields given."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "field": fields,
    }


def fact_fields(of: str, source: Json) -> list[Json]:
    """The facts as fields of the record set ``of``, out of the columns of tables."""
    return [_fact_field(of, fact, source) for fact in FACTS]


def _fact_field(of: str, fact: Column, source: Json) -> Json:
    known = _KNOWN_VALUES.get(fact.name)
    refers = {"references": {"field": {"@id": known}}} if known else {}
    kind = _CROISSANT_TYPES[fact.kind]
    return {
        "@type": "cr:Field",
        "@id": f"{of}/{fact.name}",
        "name": fact.name,
        "description": fact.meaning,
        "dataType": [kind, "cr:Label"] if fact.name == "label" else kind,
        "source": {**source, "extract": {"column": fact.name}},
        **refers,
    }


def picture_fields(of: str, source: Json) -> list[Json]:
    """The picture of each file, and the name of the file, which begins with the key."""
    return [
        {
            "@type": "cr:Field",
            "@id": f"{of}/filename",
            "name": "filename",
            "description": "the key of the picture, and its suffix",
            "dataType": "sc:Text",
            "source": {**source, "extract": {"fileProperty": "filename"}},
        },
        {
            "@type": "cr:Field",
            "@id": f"{of}/picture",
            "name": "picture",
            "description": "the picture",
            "dataType": "sc:ImageObject",
            "source": {**source, "extract": {"fileProperty": "content"}},
        },
    ]


def croissant_of_tables(
    contents: Contents, pictures: Json, indexes: str, archives: Iterable[Json] = ()
) -> tuple[list[Json], list[Json]]:
    """Files and records of a format whose facts lie in tables beside the ``pictures``.

    ``pictures`` is the set of their files, ``indexes`` the pattern of the tables.
    """
    suffix = indexes.rpartition("*")[2]
    tables = [file_object(record, PARQUET) for record in contents.files_like("", suffix)]
    distribution = [
        *archives,
        *tables,
        file_set("indexes", indexes, PARQUET, []),
        pictures,
    ]
    of_pictures = {"fileSet": {"@id": pictures["@id"]}}
    return distribution, [
        record_set(
            "images",
            "what is known of each picture",
            fact_fields("images", {"fileSet": {"@id": "indexes"}}),
        ),
        record_set(
            "pictures",
            "the pictures; the name of a file begins with the key of its record in images",
            picture_fields("pictures", of_pictures),
        ),
    ]
