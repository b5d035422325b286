from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.core.errors import ParamsError, SalonError, UsageError
from pipeline.core.params.load import load_params
from pipeline.new_collection import with_collection

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "tests" / "default_params.yaml").read_text()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pics").mkdir()
    (tmp_path / "list.txt").write_text("https://a.test/1.jpg\n")
    (tmp_path / "params.yaml").write_text(TEXT)
    return tmp_path


def new(*words: str) -> str:
    done = CliRunner().invoke(cli, ["new", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


WAYS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "folder": (["--folder", "pics"], {"origin": "files", "path": "pics"}),
    "list": (
        ["--addresses", "list.txt", "--contact", "ana@example.org"],
        {"origin": "addresses", "path": "list.txt", "contact": "ana@example.org"},
    ),
    "saved": (
        ["--saved", "pics", "--site", "wikiart"],
        {"origin": "folder", "folder": "pics", "site": "wikiart"},
    ),
    "site": (
        ["--site", "chrono24", "--start", "brands=rolex", "--start", "brands=omega"],
        {"origin": "live", "site": "chrono24", "brands": ("rolex", "omega")},
    ),
    "site that says where it starts": (
        ["--site", "carlogos", "--contact", "ana@example.org"],
        {"origin": "live", "site": "carlogos", "image_size": "large"},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_collection_is_put_behind_what_is_there(project: Path, way: str) -> None:
    words, expected = WAYS[way]
    new("mine", *words, "--as-of", "2026-11-30")
    assert (project / "params.yaml").read_text().startswith(TEXT)
    params = load_params(project / "params.yaml")
    assert list(params.collections) == ["paintings", "watches", "mine"]
    scrape = params.collection("mine").scrape
    assert {name: getattr(scrape, name) for name in expected} == expected
    assert scrape.as_of == "2026-11-30"


def test_the_others_are_left_out_with_a_word(project: Path) -> None:
    said = new("mine", "--folder", "pics", "--only")
    assert list(load_params(project / "params.yaml").collections) == ["mine"]
    assert "left out of it: paintings, watches" in said
    assert "next: `dvc repro report@mine`" in said


def test_there_need_be_no_params_yet(project: Path) -> None:
    (project / "params.yaml").unlink()
    new("mine", "--folder", "pics")
    assert list(load_params(project / "params.yaml").collections) == ["mine"]


WRONG: dict[str, tuple[list[str], type[SalonError], str]] = {
    "taken": (["watches", "--folder", "pics"], UsageError, "there is a collection of that name"),
    "no name": (["My shells", "--folder", "pics"], UsageError, "small letters, digits and _"),
    "nothing": (["mine"], UsageError, "name one of --folder, --addresses"),
    "two": (["mine", "--folder", "pics", "--addresses", "list.txt"], UsageError, "name one of"),
    "not there": (["mine", "--folder", "pix"], UsageError, "pix: there is nothing"),
    "no site": (["mine", "--site", "wikirt"], UsageError, "did you mean 'wikiart'"),
    "no start": (["mine", "--site", "wikiart"], UsageError, "say where to --start, as styles=SLUG"),
    "start": (["mine", "--site", "wikiart", "--start", "brands=x"], UsageError, "write KEY=SLUG"),
    "start of its own": (
        ["mine", "--site", "museum", "--start", "a=b"],
        UsageError,
        "leave it out",
    ),
    "date": (["mine", "--folder", "pics", "--as-of", "today"], ParamsError, "write a date as"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_changes_nothing(project: Path, name: str) -> None:
    words, kind, says = WRONG[name]
    with pytest.raises(kind, match=says):
        new(*words)
    assert (project / "params.yaml").read_text() == TEXT


def test_a_file_of_another_shape_is_left_alone() -> None:
    for text in ("collections: {a: {b: 1}}\n", "collections:\n  a:\n    b: 1\nother: 2\n"):
        with pytest.raises(UsageError, match="put this below `collections:` yourself"):
            with_collection(text, "mine", "c: 1\n", only=False)


def test_the_indent_of_the_file_is_kept() -> None:
    made = with_collection("collections:\n    a:\n        b: 1", "mine", "c: 1\n", only=False)
    assert yaml.safe_load(made) == {"collections": {"a": {"b": 1}, "mine": {"c": 1}}}
