"""Pieces of the Hugging Face card and of croissant.json that several formats share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.export.contents import Contents
from pipeline.export.facts import FACTS, Fact
from pipeline.export.files import FileRecord

_DTYPES = {"text": "string", "address": "string", "whole number": "int64"}
_CROISSANT_TYPES = {"text": "sc:Text", "address": "sc:URL", "whole number": "sc:Integer"}
Json = dict[str, Any]


def features(contents: Contents, facts: Iterable[Fact] = FACTS) -> list[Json]:
    """The facts as features of the card, so that no reader guesses their types from a few rows."""
    return [label(contents) if fact.name == "label" else feature(fact) for fact in facts]


def feature(fact: Fact) -> Json:
    """One fact by name and type."""
    return {"name": fact.name, "dtype": _DTYPES[fact.kind]}


def label(contents: Contents, name: str = "label") -> Json:
    """The class as a feature that knows the names behind the numbers."""
    names = {str(each.label): each.creator for each in contents.classes}
    return {"name": name, "dtype": {"class_label": {"names": names}}}


def config(contents: Contents, patterns: Mapping[str, str], of: list[Json], name: str) -> Json:
    """One configuration: the files of each split, named, and the features of their rows.

    A split called held_out is lost by readers that are not told of it.
    """
    files = [{"split": split, "path": patterns[split]} for split in contents.splits]
    return {"config_name": name, "data_files": files, "features": of}


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


def file_set(name: str, pattern: str | list[str], encoding: str, within: list[str]) -> Json:
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


def fact_fields(of: str, source: Json, extract: str) -> list[Json]:
    """The facts as fields of the record set ``of``; ``extract`` is "column" or "json"."""
    return [_fact_field(of, fact, source, extract) for fact in FACTS]


def _fact_field(of: str, fact: Fact, source: Json, extract: str) -> Json:
    where: Json = (
        {"extract": {"column": fact.name}}
        if extract == "column"
        else {"extract": {"fileProperty": "content"}, "transform": {"jsonPath": f"$.{fact.name}"}}
    )
    kinds = [_CROISSANT_TYPES[fact.kind]]
    extra: Json = {}
    if fact.name == "label":
        kinds, extra = (
            ["sc:Integer", "cr:Label"],
            {"references": {"field": {"@id": "classes/label"}}},
        )
    if fact.name == "split":
        kinds, extra = ["sc:Text"], {"references": {"field": {"@id": "splits/name"}}}
    return {
        "@type": "cr:Field",
        "@id": f"{of}/{fact.name}",
        "name": fact.name,
        "description": fact.meaning,
        "dataType": kinds[0] if len(kinds) == 1 else kinds,
        "source": {**source, **where},
        **extra,
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
