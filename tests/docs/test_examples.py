"""Every block of README and docs that is no command: read by what would read it."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import create_autospec

import dask.config
import markdown
import pytest
import yaml
from distributed.security import Security

from curation.decisions.list_syntax import parse
from pipeline.core.errors import DescriptionError, ParamsError
from pipeline.core.params.load import ENDS, load_params
from scrapers.crawl.crawl import Crawl
from scrapers.sites.described import load_description as descriptions
from tests.docs.blocks import PAGES, ROOT, Block, blocks
from tests.docs.command_line import objection
from tests.project import Project

OUTPUTS: Final = {
    "docs/lists.md": 1,
    "docs/versions.md": 1,
    "docs/export.md": 1,
    "docs/your-images.md": 1,
    "docs/describe-a-site.md": 1,
    "README.md": 1,
}
"""Blocks of text by page that show what was said, or where things are; other texts are lists."""
_DEFAULTS: Final = yaml.safe_load((ROOT / "tests" / "default_params.yaml").read_text())


def _of(*languages: str) -> dict[str, Block]:
    every = [block for page in PAGES for block in blocks(page)]
    return {block.place: block for block in every if block.language in languages}


def test_every_block_says_what_it_is() -> None:
    known = _of("console", "bash", "yaml", "python", "json", "text", "mermaid")
    assert [block.place for page in PAGES for block in blocks(page)] == list(known)


@pytest.mark.parametrize("page", PAGES)
def test_all_code_of_a_page_is_in_blocks_that_are_tried(page: str) -> None:
    """Code that is only indented is shown by the site, and would be read by no test."""
    assert _shown_as_code((ROOT / page).read_text(encoding="utf-8")) == len(blocks(page))


def test_code_that_is_only_indented_is_seen() -> None:
    fenced = "```console\n$ salon status\n```\n"
    assert _shown_as_code(f"{fenced}\nThen\n\n    salon log\n\n- item\n\n        salon diff\n") == 3


def _shown_as_code(text: str) -> int:
    """How many blocks of code the site makes of a page."""
    extensions = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    names = ("pymdownx.superfences", *(set(extensions["markdown_extensions"]) - {"pymdownx"}))
    return markdown.markdown(text, extensions=names).count("<pre")


@pytest.mark.parametrize("place", _of("yaml"))
def test_a_block_of_yaml_is_read(place: str, tmp_path: Path) -> None:
    block = _of("yaml")[place]
    content = yaml.safe_load(block.text)
    match content:
        case {"collections": _}:
            _check_params(content, tmp_path)
        case {"translations": translations}:
            ends = [each[end] for each in translations.values() for end in ENDS]
            whole = {"collections": dict.fromkeys(ends, _DEFAULTS["collections"]["paintings"])}
            _check_params(whole | content, tmp_path)
        case {"listing": _}:
            _check_description(content, tmp_path)
        case {"jobs": jobs}:
            _check_workflow(jobs)
        case dict():
            _check_sections(content, tmp_path)
        case _:
            raise AssertionError(f"{place}: neither params, nor a description, nor a workflow")


def _check_sections(sections: Mapping[str, Any], folder: Path) -> None:
    """Some sections of a collection; where one shows a few keys, the default ones are around it."""
    whole = _DEFAULTS["collections"]["paintings"]
    if sections.get("scrape", {}).get("site") == "shop":
        # The page's description of a shop is that of the fashion shop.
        sections = {**sections, "scrape": sections["scrape"] | {"site": "fashion"}}
    around = {
        name: shown if name == "scrape" or "model" in shown else whole[name] | shown
        for name, shown in sections.items()
    }
    _check_params({"collections": {"mine": whole | around}}, folder)


def _check_params(params: Mapping[str, Any], folder: Path) -> None:
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(params))
    load_params(path)


def _check_description(shown: Mapping[str, Any], folder: Path) -> None:
    """A description; where one shows a few keys, those of the fashion shop are around it."""
    whole = yaml.safe_load((ROOT / "scrapers" / "sites" / "fashion.yaml").read_text())
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(shown if "hosts" in shown else _merged(whole, shown)))
    descriptions.load_description(path)


def _merged(whole: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    below = {
        key: _merged(whole[key], value) for key, value in shown.items() if isinstance(value, dict)
    }
    return {**whole, **shown, **below}


def _check_workflow(jobs: Mapping[str, Any]) -> None:
    steps = [step for job in jobs.values() for step in job["steps"]]
    lines = [step["run"].partition(" >>")[0] for step in steps if "run" in step]
    assert lines
    for line in lines:
        if not line.startswith("pip "):
            assert objection(line) is None


def test_a_misspelt_key_in_an_example_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="max_aspekt"):
        _check_sections({"select": {"max_aspekt": 2.0}}, tmp_path)
    with pytest.raises(DescriptionError, match="emty"):
        _check_description({"listing": {"emty": "p"}}, tmp_path)


def test_blocks_of_json_are_read() -> None:
    for block in _of("json").values():
        json.loads(block.text)


@pytest.mark.parametrize("place", _of("bash"))
def test_a_script_is_one_and_names_only_what_exists(place: str) -> None:
    """It is not run: what it asks for, such as Slurm, is not there."""
    text = _of("bash")[place].text
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)
    lines = re.findall(_STARTED, re.sub(r"\\\n\s*", " ", text))
    assert lines or place.startswith("docs/cluster.md")
    assert {line: said for line in lines if (said := objection(line))} == {}


_STARTED: Final = re.compile(r"^(?:srun \S+ )?((?:dask|dvc|salon|torchrun) .*?)(?: &)?$", re.M)
"""Programs of ours and of Dask, which `objection` knows."""


def test_the_certificate_of_a_cluster_is_found_by_dask(tmp_path: Path) -> None:
    """The script of docs/cluster.md: Dask loads the certificate, and the key belongs to it."""
    (block,) = [block for block in _of("bash").values() if "openssl" in block.text]
    script = f"set -e\n{block.text}\nenv"
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    variables = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    told = dask.config.collect_env(variables)["distributed"]["comm"]["tls"]
    with dask.config.set({f"distributed.comm.tls.{name}": value for name, value in told.items()}):
        security = Security(require_encryption=True)
        for role in ("scheduler", "worker", "client"):
            context = security.get_connection_args(role)["ssl_context"]
            assert context.cert_store_stats()["x509"] == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_text_is_a_curators_list_or_declared(page: str) -> None:
    texts = [block for block in blocks(page) if block.language == "text"]
    wrong = [problems for block in texts if (problems := parse(block.text, "remove.txt")[1])]
    assert len(wrong) == OUTPUTS.get(page, 0)


def test_a_version_is_read_elsewhere(first: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of docs/tables.md, in the project's folder."""
    (block,) = [block for block in blocks("docs/tables.md") if block.language == "python"]
    monkeypatch.chdir(first.root)
    names = _executed(block)
    assert names["pixels"].shape == (64, 64, 3)
    assert set(names["train"]["transform"]) <= set(names["turns"])


def test_a_site_s_walk_takes_what_its_pages_list() -> None:
    """The code of docs/adding-a-site.md, over two pages of a crawl that is told what to answer."""
    (block,) = [block for block in blocks("docs/adding-a-site.md") if block.language == "python"]
    works = [SimpleNamespace(id=key, page_url=f"/{key}", image_url=f"/{key}.jpg") for key in "abac"]
    pages = {
        b"first": SimpleNamespace(works=works[:2], next_url="/second"),
        b"second": SimpleNamespace(works=works[2:], next_url=None),
    }
    crawl = create_autospec(Crawl, instance=True)
    crawl.page.side_effect = [b"first", b"second"]
    crawl.canonical.side_effect = lambda url: f"https://museum.example{url}"
    crawl.is_new.side_effect = [True, True, False, True]
    names = _executed(
        block,
        Work=SimpleNamespace,
        parse_listing=lambda body, _: pages[body],
        parse_detail=lambda _, __: SimpleNamespace(image_url=None),
        image_of_size=lambda url, size: f"{url}!{size}",
    )
    asked = SimpleNamespace(artists=("ada",), max_listings=None, details=True, image_size="Large")
    names["walk"](crawl, asked)
    taken = [call.args[0] for call in crawl.image.call_args_list]
    assert taken == [[f"https://museum.example/{key}.jpg!Large"] for key in "abc"]


def test_every_block_of_python_is_executed() -> None:
    assert {block.page for block in _of("python").values()} == {
        "docs/tables.md",
        "docs/adding-a-site.md",
    }


def _executed(block: Block, **names: Any) -> dict[str, Any]:
    code = compile(block.text, block.place, "exec")
    exec(code, names)  # noqa: S102 - the page's own code is what is tried
    return names
