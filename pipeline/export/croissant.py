"""croissant.json: the export in the vocabulary of MLCommons Croissant 1.1."""

from __future__ import annotations

from typing import Any, Final

from pipeline.export.contents import Contents
from pipeline.export.formats.format import Format
from pipeline.export.formats.shared_metadata import record_set
from pipeline.export.wording import (
    any_rights_warning,
    collection_process,
    export_summary,
    export_title,
    preprocessing,
    rights_words,
    version_words,
)

_CONFORMS_TO: Final = (
    "http://mlcommons.org/croissant/1.1",
    "http://mlcommons.org/croissant/RAI/1.0",
)
_OF_CROISSANT: Final = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field",
    "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset",
    "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT: Final[dict[str, Any]] = {
    # With the context of 1.0, readers of 1.1 pass over containedIn and look for loose files.
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{name: f"cr:{name}" for name in _OF_CROISSANT},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "sc": "https://schema.org/",
}
_SPLIT_TYPES: Final = {"train": "cr:TrainingSplit", "held_out": "cr:TestSplit"}


def croissant(contents: Contents, chosen: Format) -> dict[str, Any]:
    """The document."""
    distribution, records = chosen.croissant(contents)
    warning = any_rights_warning(contents)
    newest = max(contents.captured, default="")
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": list(_CONFORMS_TO),
        "name": export_title(contents),
        "description": export_summary(contents),
        "license": "LICENSES.csv",
        "citeAs": f"{export_title(contents)}, made with Salon, {version_words(contents)}",
        "usageInfo": f"{warning} {rights_words(contents)}" if warning else rights_words(contents),
        "version": "1.0.0" if contents.origin.commit is None else f"1.0.0+{contents.origin.commit}",
        "datePublished": newest,
        "isLiveDataset": False,
        "rai:dataCollection": collection_process(contents),
        "rai:dataCollectionTimeframe": sorted(contents.captured),
        "rai:dataPreprocessingProtocol": preprocessing(contents),
        "distribution": distribution,
        "recordSet": [_splits(contents), _classes(contents), *records],
    }


def _splits(contents: Contents) -> dict[str, Any]:
    fields = [_given("splits", "name", "sc:Text"), _given("splits", "url", "sc:URL")]
    rows = [{"splits/name": split, "splits/url": _SPLIT_TYPES[split]} for split in contents.splits]
    described = record_set("splits", "pictures to train on, and pictures held out", fields)
    return {**described, "dataType": "cr:Split", "key": {"@id": "splits/name"}, "data": rows}


def _classes(contents: Contents) -> dict[str, Any]:
    fields = [_given("classes", "label", "sc:Integer"), _given("classes", "name", "sc:Text")]
    rows = [
        {"classes/label": each.label, "classes/name": each.creator} for each in contents.classes
    ]
    described = record_set("classes", "names of the labels", fields)
    return {
        **described,
        "dataType": "sc:Enumeration",
        "key": {"@id": "classes/label"},
        "data": rows,
    }


def _given(of: str, name: str, kind: str) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": f"{of}/{name}", "name": name, "dataType": kind}
