"""The modules of the gallery form no circle, however an import is written."""

from __future__ import annotations

import graphlib

import grimp


def test_no_module_imports_itself_by_any_way_round() -> None:
    """Imports inside functions and behind TYPE_CHECKING count like all others."""
    graph = grimp.build_graph("scrapers", exclude_type_checking_imports=False)
    modules = graph.find_descendants("scrapers.gallery")
    imports = {
        module: graph.find_modules_directly_imported_by(module) & modules for module in modules
    }
    assert len(modules) > 50
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle
