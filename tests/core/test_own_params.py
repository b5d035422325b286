"""Params of one's own files and addresses, as people write them at first: each says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.core.errors import ParamsError
from pipeline.core.params.column_keys import DESCRIBING, STEERING
from pipeline.core.params.load import load_params
from scrapers.parsing.column_meanings import DIGESTS, UNDERSTOOD

DAY = {"as_of": "2026-11-30"}
FILES = {"origin": "files", "path": "pics", **DAY}
LIST = {"origin": "addresses", "path": "list.txt", "contact": "ana@example.org", **DAY}
LIVE = {"site": "wikiart", "styles": ["x"], "image_size": "Large", **DAY}

MISTAKES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"origin": "files", **DAY}, {}, "origin files needs path: where they are"),
    ({**FILES, "site": "wikiart"}, {}, "origin files is of no site; leave site out"),
    ({**FILES, "folder": "pics"}, {}, "folder names saved pages; write path"),
    ({**FILES, "styles": ["x"]}, {}, "styles: belong to wikiart"),
    ({**FILES, "image_size": "Large"}, {}, "write original"),
    ({**LIVE, "path": "pics"}, {}, "path: belongs to origin: files or addresses"),
    ({**LIVE, "columns": {"file": "x"}}, {}, "columns: belong to origin: files or addresses"),
    ({**LIST, "contact": " "}, {}, "other people's hosts need a contact"),
    ({**LIST, "columns": {"md5": "sum"}}, {}, "columns.md5: only files are held against it"),
    ({**FILES, "columns": {"creator": "x"}}, {}, "creator belongs to parse.columns"),
    ({**FILES, "columns": {"fle": "x"}}, {}, "(did you mean 'file'?)"),
    ({**FILES, "columns": {"filename": "x"}}, {}, "filename is called file here: write {file: x}"),
    ({**FILES, "columns": ["x"]}, {}, "as {creator: painter}"),
    (FILES, {"columns": {"file": "x"}}, "file belongs to scrape.columns"),
    (FILES, {"columns": {"artist": "x"}}, "artist is called creator here: write {creator: x}"),
    (FILES, {"columns": {"maler": "creator"}}, "the other way round, as {creator: maler}"),
]


def load_with(tmp_path: Path, scrape: dict[str, Any], parse: dict[str, Any]) -> Any:
    others = ("ingest", "dedupe", "watermark", "select", "augment", "evaluate", "enhance", "report")
    block = {"scrape": scrape, "parse": parse, **{name: {} for name in others}}
    block["train"] = {"model": "dcgan"}
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump({"collections": {"mine": block}}))
    return load_params(path).collection("mine")


@pytest.mark.parametrize(("scrape", "parse", "said"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_a_mistake_is_named(
    tmp_path: Path, scrape: dict[str, Any], parse: dict[str, Any], said: str
) -> None:
    with pytest.raises(ParamsError) as caught:
        load_with(tmp_path, scrape, parse)
    assert said in str(caught.value)


@pytest.mark.parametrize("scrape", [FILES, LIST, {"site": "files", "path": "pics", **DAY}])
def test_the_least_that_has_to_be_written(tmp_path: Path, scrape: dict[str, Any]) -> None:
    made = load_with(tmp_path, scrape, {"columns": {"creator": "maler"}})
    assert made.scrape.site == made.scrape.origin


def test_params_and_parser_speak_of_the_same_columns() -> None:
    assert {*STEERING, *DESCRIBING} == {*UNDERSTOOD, *DIGESTS}
