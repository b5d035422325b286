"""Bringing the lists into canonical form, and saying what was done to them."""

from __future__ import annotations

from pathlib import Path

from curation.decisions.entries import folded, render
from curation.decisions.list_files import Lists, write_list


def tidy(folder: Path, lists: Lists, *, write: bool) -> list[str]:
    """Rewrite the lists that are not in canonical form, or only name them: one line each.

    A list with lines that cannot be read is left as it is, so that none of them is lost.
    """
    told: list[str] = []
    unreadable = {problem.file for problem in lists.problems}
    for name, curators_list in lists.by_name.items():
        path, shown = folder / f"{name}.txt", lists.file(name)
        canonical, twice = folded(curators_list)
        if not path.exists() or shown in unreadable:
            continue
        if path.read_bytes() == render(canonical).encode():
            continue
        if not write:
            told.append(f"{shown}: not in canonical form; `salon lists check --fix` sorts it")
            continue
        write_list(folder, name, canonical)
        told.append(f"{shown}: sorted and spaced")
        told += [f"{shown}: line {gone} said the same as line {kept}" for kept, gone in twice]
    return told
