"""The code that each stage of dvc.yaml depends on; `make deps` writes it, a test compares it.

DVC follows no imports, so the list is made: the modules that a stage imports, directly or not, and
the files beside them that they name. A folder stands for itself where all of it is among them.
What a stage does not import is not listed: an edit of it leaves the stage as it is.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from pipeline.core.code import PACKAGES, closure
from pipeline.core.sites import DESCRIPTIONS
from pipeline.stage_command import module_of

ROOT = Path(__file__).parent.parent
BASES = ROOT / "train/bases"
DVC_YAML = ROOT / "dvc.yaml"

_RESOURCES = {".j2", ".html", ".css", ".js", ".svg", ".yaml"}
_WITHOUT_CODE = {"scrape"}
"""Mending a parser must never hit a site again."""
_SAY_ONLY = {
    "pipeline.core.errors",
    "pipeline.core.log",
    "pipeline.core.params.problems",
}
"""Modules that say what went well or wrong; no byte of a result depends on them."""
_PACKAGE = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.[a-z_]+)+")
_MARK = "        # code, by `make deps`\n"
_DEPS = re.compile(r"(      deps:\n)((?:        [-#] .*\n)*)")
_DATA = re.compile(r"\$\{|- (?:curation/lists|params\.yaml)$")


def code_of(stage: str) -> list[str]:
    """What ``stage`` depends on: modules, resources and folders, from the project's root."""
    files = _modules(stage)
    files |= {path for file in files for path in _resources(file)}
    if stage == "parse":  # the descriptions of sites are found by looking into their folder
        files |= set(DESCRIPTIONS.glob("*.yaml"))
    if stage == "train":  # which weights are read follows from the params
        files |= set(BASES.glob("*.safetensors"))
    return sorted(str(path.relative_to(ROOT)) for path in _folded(files))


def written(text: str) -> str:
    """The content of dvc.yaml, ``text``, with the code of each stage as it is now."""
    head, *stages = re.split(r"(?m)^(?=  [a-z-]+:\n    foreach:)", text)
    return "".join([head, *map(_with_code, stages)])


def _with_code(block: str) -> str:
    """The lines of one stage: data among its deps stay, code is listed anew behind them."""
    stage = block.split(":", 1)[0].strip()
    if stage in _WITHOUT_CODE:
        return block
    code = "".join(f"        - {path}\n" for path in code_of(stage))
    return _DEPS.sub(lambda deps: f"{deps[1]}{_data(deps[2])}{_MARK}{code}", block)


def _data(lines: str) -> str:
    """Those of the lines of deps that name data."""
    kept = (line for line in lines.splitlines(keepends=True) if _DATA.search(line))
    return "".join(kept)


def _modules(stage: str) -> set[Path]:
    files = map(_file_of, closure({module_of(stage)}) - _SAY_ONLY)
    return set(filter(_says_something, files))


@cache
def _says_something(module: Path) -> bool:
    """Whether a module holds more than its docstring."""
    return len(ast.parse(module.read_text("utf-8")).body) > 1


def _file_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _resources(module: Path) -> set[Path]:
    """Files of its package that ``module`` names in its code, by name or by their folder."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    packages = {ROOT.joinpath(*text.split(".")) for text in texts if _PACKAGE.fullmatch(text)}
    loads = "PackageLoader" in module.read_text("utf-8")
    named: set[Path] = set()
    for package in {path for path in packages if path.is_dir()}:
        files = {path for path in package.rglob("*") if path.suffix in _RESOURCES}
        named |= {path for path in files if path.name in texts}
        if loads:  # jinja2 looks for templates in the folder of that name
            named |= {path for path in files if package / "templates" in path.parents}
    return named


def _folded(files: set[Path]) -> set[Path]:
    """``files``, with a folder in place of all it holds wherever it holds nothing else."""
    folders = {parent for file in files for parent in file.parents if ROOT in parent.parents}
    whole = {folder for folder in folders if _contents(folder) <= files}
    return {path for path in files | whole if not any(parent in whole for parent in path.parents)}


@cache
def _contents(folder: Path) -> set[Path]:
    """What in ``folder`` could change a result: modules that say something, and resources."""
    return {
        path
        for path in folder.rglob("*")
        if path.suffix in _RESOURCES or (path.suffix == ".py" and _says_something(path))
    }


def main() -> None:
    """Write dvc.yaml."""
    text = DVC_YAML.read_text("utf-8")
    DVC_YAML.write_text(written(text), "utf-8")


if __name__ == "__main__":
    main()
