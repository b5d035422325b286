"""Which modules of ours a module needs to run, and a name for what they do."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import grimp

PACKAGES: Final = ("pipeline", "scrapers", "curation", "train")


def closure(modules: Iterable[str]) -> set[str]:
    """``modules``, all they import, and so on; imports for type checkers alone are none."""
    named = set(modules)
    return named.union(*map(_graph().find_upstream_modules, named))


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, cache_dir=None, exclude_type_checking_imports=True)


def digest(modules: Iterable[str]) -> str:
    """Names what ``modules`` do: comments, docstrings and layout leave it as it is."""
    code = [[module, essence(_source(module))] for module in sorted(modules)]
    return hashlib.sha256(repr(code).encode()).hexdigest()


def essence(source: str) -> str:
    """``source`` without its comments, its docstrings and its layout.

    >>> essence('def double(x):  # twice' + chr(10) + '  return 2*x')
    'def double(x):' + chr(10) + '    return 2 * x'
    """
    return ast.unparse(_WithoutTexts().visit(ast.parse(source)))


class _WithoutTexts(ast.NodeTransformer):
    """Drops texts that stand by themselves: docstrings of modules, functions and attributes."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node


def _source(module: str) -> str:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    return Path(spec.origin).read_text(encoding="utf-8")
