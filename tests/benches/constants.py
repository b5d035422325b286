"""Other values of a constant, tried in processes that begin with them.

What a module computes when it is imported, and what is compiled, keeps the constants of that time,
and so do the modules that import them. So a process is given a copy of the package, with another
value in its source.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import curation

Result = TypeVar("Result")
PACKAGE = Path(curation.__file__).parent


def with_value(
    name: str, value: str, function: Callable[..., Result], *arguments: object
) -> Result:
    """What ``function`` comes to in a process in which a constant has another value.

    Args:
        name: such as ``duplicates.bounds.STRICT_REGION``, below `curation`; none changes nothing.
        value: as it would stand in the source.
        function: of a module.
        arguments: of the function.
    """
    with (
        _copied(name, value),
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh,
    ):
        return fresh.submit(function, *arguments).result()


@contextmanager
def _copied(name: str, value: str) -> Iterator[None]:
    """Let the processes that begin meanwhile find a copy of the package first."""
    if not name:
        yield
        return
    *modules, constant = name.split(".")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        source = copy.joinpath(*modules).with_suffix(".py")
        source.write_text(assigned(source.read_text(), constant, value))
        sys.path.insert(0, folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


def assigned(source: str, constant: str, value: str) -> str:
    """``source`` with another value of a constant that is given in one line."""
    pattern = rf"^({re.escape(constant)}(?:: [^=\n]+)?) = [^\n]*[^\n(\[{{]$"
    made, count = re.subn(pattern, rf"\g<1> = {value}", source, flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"{constant}: no constant that is given in one line")
    return made
