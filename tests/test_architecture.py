"""The house rules: who imports whom, what each stage depends on, what the docs must say."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml

from pipeline.core.params.load import Collection, load_params
from pipeline.core.params.translation import Translation
from pipeline.core.paths import TranslationPaths
from pipeline.core.sites import DESCRIPTIONS
from pipeline.stage_command import SECTIONS, STAGES, TRANSLATION_STAGES, WITHOUT_PARAMS, module_of
from tests import architecture_picture, deps, reference

ROOT = Path(__file__).parent.parent


@cache
def _dvc_stages() -> dict[str, dict[str, Any]]:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    return {name: stage["do"] for name, stage in stages.items()}


def _code_deps(stage: str) -> set[str]:
    listed = _dvc_stages()[stage].get("deps", [])
    return {dep for dep in listed if "${" not in dep and dep not in _DATA}


_DATA = ("curation/lists", "params.yaml")
"""What people edit, beside the code."""


def _outs(stage: dict[str, Any]) -> set[str]:
    """All that a stage writes: results, metrics and plots."""
    written = [out for kind in ("outs", "metrics", "plots") for out in stage.get(kind, ())]
    return {out if isinstance(out, str) else next(iter(out)) for out in written}


def _data_deps(stage: dict[str, Any]) -> set[str]:
    """What a stage depends on, a translation's collections by the key that they have there."""
    ends = re.compile(r"\$\{item\.(collection|target)\}")
    return {ends.sub("${key}", dep) for dep in stage.get("deps", ())}


def test_import_rules() -> None:
    done = subprocess.run(["lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_dvc_runs_the_stages_of_the_command_in_their_order() -> None:
    assert list(_dvc_stages()) == [*STAGES, *TRANSLATION_STAGES]
    for name, stage in _dvc_stages().items():
        assert stage["cmd"].endswith(f"salon {name} ${{key}}")


def test_a_stage_depends_on_the_code_it_imports_and_no_other() -> None:
    text = deps.DVC_YAML.read_text()
    assert deps.written(text) == text, "run `make deps`"
    for stage in _dvc_stages():
        assert f"{module_of(stage).replace('.', '/')}.py" in _code_deps(stage) or stage == "scrape"


OF_THE_GALLERY = {"unpaired", "sheet", "text"}
"""Recipes that run as they are: there is no truth about live sites."""

MODELS = {"train", "evaluate", "enhance", "translate", "evaluate-translation"}


@pytest.mark.parametrize(
    ("edited", "stages"),
    [
        ("pipeline/core/styles/palette.css", {"report", "evaluate-translation"}),
        ("pipeline/card/templates/card.css", {"report", "evaluate-translation"}),
        ("pipeline/core/params/report.py", {"check", "report"}),
        ("pipeline/core/params/select.py", {"check", "select"}),
        ("pipeline/stages/evaluate.py", {"evaluate"}),
        ("train/networks/losses.py", MODELS),
        ("train/monitor/rules.py", {"train", "translate"}),
        ("train/translation/tasks.py", {"translate", "evaluate-translation"}),
        ("train/translation/judging.py", {"evaluate-translation"}),
        ("train/metrics/copies.py", {"evaluate"}),
        ("train/super_resolution/esrgan.py", {"enhance"}),
        ("train/network_summary.py", set()),
        ("train/samples/film.py", set()),
        ("pipeline/core/errors.py", set()),
        ("pipeline/commands/train.py", set()),
    ],
)
def test_an_edit_makes_only_those_stages_stale_whose_result_can_change(
    edited: str, stages: set[str]
) -> None:
    assert (ROOT / edited).is_file()
    stale = {
        stage
        for stage in _dvc_stages()
        if any(edited == dep or edited.startswith(f"{dep}/") for dep in _code_deps(stage))
    }
    assert stale == stages


def test_parse_depends_on_the_descriptions_of_sites() -> None:
    files = {str(file.relative_to(ROOT)) for file in DESCRIPTIONS.glob("*.yaml")}
    assert files
    assert files <= _code_deps("parse")
    assert "${descriptions}" in _dvc_stages()["parse"]["deps"]


def test_all_but_scrape_wait_for_the_check_of_the_params() -> None:
    """DVC runs what a stage depends on first, and removes the outputs of none before."""
    waits = {"check"}
    for name, stage in _dvc_stages().items():
        deps = _data_deps(stage)
        makers = {maker for maker, other in _dvc_stages().items() if deps & _outs(other)}
        if makers & waits:
            waits.add(name)
    assert set(_dvc_stages()) - waits == {"scrape"}


def test_scrape_depends_on_its_params_alone() -> None:
    assert "deps" not in _dvc_stages()["scrape"], "mending a parser must never hit the site again"


def test_data_deps_are_exactly_what_other_stages_write() -> None:
    written = [path for stage in _dvc_stages().values() for path in _outs(stage)]
    assert len(set(written)) == len(written)
    for stage in _dvc_stages().values():
        assert {dep for dep in _data_deps(stage) if "${key}" in dep} <= set(written)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_receives_its_own_section_only(stage: str) -> None:
    run = importlib.import_module(module_of(stage)).run
    parameters = list(inspect.signature(run).parameters)
    if stage in WITHOUT_PARAMS:
        assert parameters == ["paths"]
        assert "params" not in _dvc_stages()[stage]
    else:
        assert parameters == ["paths", "params"]
        name = SECTIONS.get(stage, stage)
        section = Collection.model_fields[name].annotation
        hint = get_type_hints(run)["params"]
        assert hint == section or section in getattr(hint, "__args__", ())
        assert _dvc_stages()[stage]["params"] == [f"collections.${{key}}.{name}"]


def test_every_section_belongs_to_a_stage() -> None:
    assert set(Collection.model_fields) == set(STAGES) - WITHOUT_PARAMS - set(SECTIONS)


@pytest.mark.parametrize("stage", TRANSLATION_STAGES)
def test_a_stage_of_a_translation_receives_all_of_it(stage: str) -> None:
    run = importlib.import_module(module_of(stage)).run
    assert get_type_hints(run) == {
        "paths": TranslationPaths, "params": get_args(Translation)[0], "return": type(None)
    }  # fmt: skip
    assert _dvc_stages()[stage]["params"] == ["translations.${key}"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("recipes/*.yaml")), ids=lambda path: path.stem)
def test_recipes_are_complete_and_live_or_of_the_gallery(path: Path) -> None:
    origins = {each.scrape.origin for each in load_params(path).collections.values()}
    assert origins == {"gallery" if path.stem in OF_THE_GALLERY else "live"}


def test_there_is_a_recipe_for_each_story() -> None:
    assert {path.stem for path in ROOT.glob("recipes/*.yaml")} == {
        "art-gan",
        "watchgan",
        "translations",
        "unpaired",
        "sheet",
        "text",
    }


@pytest.mark.parametrize("page", sorted(reference.pages()), ids=lambda page: page.name)
def test_generated_pages_are_up_to_date(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == reference.pages()[page], "run `make docs`"


def test_the_picture_is_drawn_from_the_imports() -> None:
    svg = architecture_picture.PICTURE.read_text(encoding="utf-8")
    assert svg == architecture_picture.picture(), "run `make docs`"


def test_the_picture_leaves_out_what_follows_and_refuses_circles() -> None:
    chain = {("pipeline.stages", "curation"), ("curation", "pipeline.core")}
    arrows = {*chain, ("pipeline.stages", "pipeline.core")}
    assert architecture_picture.without_what_follows(arrows) == chain
    with pytest.raises(ValueError, match=r"curation, pipeline\.core import each other"):
        architecture_picture.without_what_follows(chain | {("pipeline.core", "curation")})


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
