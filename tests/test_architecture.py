"""The house rules: who imports whom, what each stage depends on, what the docs must say."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import grimp
import pytest
import yaml

from pipeline.core.params.load import Collection, load
from pipeline.core.sites import DESCRIPTIONS
from pipeline.stage_command import STAGES, WITHOUT_PARAMS
from tests import reference

ROOT = Path(__file__).parent.parent
PACKAGES = ("pipeline", "scrapers", "curation", "train")


@cache
def _dvc_stages() -> dict[str, dict[str, Any]]:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    return {name: stage["do"] for name, stage in stages.items()}


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def _file_of(module: str) -> Path:
    path = ROOT / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _says_something(file: Path) -> bool:
    """Whether a module holds more than its docstring."""
    return len(ast.parse(file.read_text()).body) > 1


def _code_behind(stage: str) -> set[str]:
    """Every file of ours on which the stage's result depends: modules, and data beside them."""
    module = f"pipeline.stages.{stage}"
    files = {_file_of(name) for name in {module, *_graph().find_upstream_modules(module)}}
    files = {file for file in files if _says_something(file)}
    folders = {file.parent for file in files}
    data = {
        file
        for folder in folders
        for file in folder.rglob("*")
        if file.suffix in {".j2", ".html", ".css", ".js"}
        and not file.parent.match("*.pages")  # recorded for `salon site check`, read by no stage
    }
    return {str(file.relative_to(ROOT)) for file in files | data}


def _code_deps(stage: str) -> set[str]:
    deps = _dvc_stages()[stage].get("deps", [])
    return {dep for dep in deps if "${" not in dep and dep not in _DATA}


_DATA = ("curation/lists", "params.yaml")
"""What people edit, beside the code."""


def _covers(dep: str, file: str) -> bool:
    return file == dep or file.startswith(f"{dep}/")


def test_import_rules() -> None:
    done = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_dvc_runs_the_stages_of_the_command_in_their_order() -> None:
    assert list(_dvc_stages()) == list(STAGES)
    for name, stage in _dvc_stages().items():
        assert stage["cmd"].endswith(f"salon {name} ${{key}}")


@pytest.mark.parametrize("stage", [name for name in STAGES if name != "scrape"])
def test_a_stage_depends_on_the_code_it_imports(stage: str) -> None:
    deps, code = _code_deps(stage), _code_behind(stage)
    uncovered = {file for file in code if not any(_covers(dep, file) for dep in deps)}
    idle = {dep for dep in deps if not any(_covers(dep, file) for file in code)}
    assert (uncovered, idle) == (set(), set())


def test_parse_depends_on_the_descriptions_of_sites() -> None:
    files = [str(file.relative_to(ROOT)) for file in DESCRIPTIONS.glob("*.yaml")]
    deps = _code_deps("parse")
    assert files
    assert [file for file in files if not any(_covers(dep, file) for dep in deps)] == []
    assert "${descriptions}" in _dvc_stages()["parse"]["deps"]


def test_all_but_scrape_wait_for_the_check_of_the_params() -> None:
    """DVC runs what a stage depends on first, and removes the outputs of none before."""
    waits = {"check"}
    for name, stage in _dvc_stages().items():
        deps = set(stage.get("deps", ()))
        makers = {
            maker
            for maker, other in _dvc_stages().items()
            if deps & {out if isinstance(out, str) else next(iter(out)) for out in other["outs"]}
        }
        if makers & waits:
            waits.add(name)
    assert set(STAGES) - waits == {"scrape"}


def test_scrape_depends_on_its_params_alone() -> None:
    assert "deps" not in _dvc_stages()["scrape"], "mending a parser must never hit the site again"


def test_data_deps_are_exactly_what_other_stages_write() -> None:
    written = [
        path if isinstance(path, str) else next(iter(path))
        for stage in _dvc_stages().values()
        for path in stage["outs"]
    ]
    assert len(set(written)) == len(written)
    for stage in _dvc_stages().values():
        assert {dep for dep in stage.get("deps", []) if "${key}" in dep} <= set(written)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_receives_its_own_section_only(stage: str) -> None:
    run = importlib.import_module(f"pipeline.stages.{stage}").run
    parameters = list(inspect.signature(run).parameters)
    if stage in WITHOUT_PARAMS:
        assert parameters == ["paths"]
        assert "params" not in _dvc_stages()[stage]
    else:
        assert parameters == ["paths", "params"]
        section = Collection.model_fields[stage].annotation
        hint = get_type_hints(run)["params"]
        assert hint == section or section in getattr(hint, "__args__", ())
        assert _dvc_stages()[stage]["params"] == [f"collections.${{key}}.{stage}"]


def test_every_section_belongs_to_a_stage() -> None:
    assert set(Collection.model_fields) == set(STAGES) - WITHOUT_PARAMS


@pytest.mark.parametrize("path", sorted(ROOT.glob("recipes/*.yaml")), ids=lambda path: path.stem)
def test_recipes_are_complete_and_live(path: Path) -> None:
    assert all(c.scrape.origin == "live" for c in load(path).collections.values())


def test_there_is_a_recipe_for_each_story() -> None:
    assert {path.stem for path in ROOT.glob("recipes/*.yaml")} == {"art-gan", "watchgan"}


@pytest.mark.parametrize("page", sorted(reference.pages()), ids=lambda page: page.name)
def test_generated_pages_are_up_to_date(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == reference.pages()[page], "run `make docs`"


def test_every_param_says_what_it_means() -> None:
    rows = reference.pages()[reference.DOCS / "params.md"].splitlines()
    assert [row for row in rows if row.startswith("| `") and row.endswith("|  |")] == []


@pytest.mark.parametrize(("words", "command"), list(reference.commands()), ids=lambda c: str(c))
def test_every_command_gives_an_example(words: str, command: Any) -> None:
    text = reference.help_text(words, command)
    assert "Example" in text
    assert words.split()[-1] in text.split("Example", 1)[1]


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys\nsys.argv = ['salon', '--help']\nfrom pipeline.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'pandas', 'selenium', 'pyarrow', 'numpy', 'pydantic', 'joblib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "salon status" in done.stdout
