"""The folder of the curators' lists: three files that are read together and replaced one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from curation.decisions.list_syntax import CuratorsList, ListEntry, Problem, parse, render
from pipeline.core.files import exclusive, write_bytes

KEEP, REMOVE, DISTINCT = "keep", "remove", "distinct"
IDS_A_LINE = {KEEP: 1, REMOVE: 1, DISTINCT: 2}
"""The lists, each with the number of ids that start its lines."""


@dataclass(frozen=True)
class Lists:
    """All lists of a folder, and what cannot be read in them."""

    folder: str
    """As problems name it, such as ``curation/lists``."""
    by_name: dict[str, CuratorsList]
    problems: tuple[Problem, ...]

    def file(self, name: str) -> str:
        """How problems name the file of a list."""
        return f"{self.folder}/{name}.txt"

    def named_entries(self) -> list[tuple[str, ListEntry]]:
        """Every entry with the name of its list."""
        return [
            (name, entry)
            for name, curators_list in self.by_name.items()
            for entry in curators_list.entries
        ]


def read_lists(folder: Path, root: Path) -> Lists:
    """Read the lists in ``folder``; a file that is not there is an empty list."""
    shown = folder.relative_to(root).as_posix()
    by_name: dict[str, CuratorsList] = {}
    problems: list[Problem] = []
    for name, ids in IDS_A_LINE.items():
        by_name[name], list_problems = _read_list(
            folder / f"{name}.txt", f"{shown}/{name}.txt", ids
        )
        problems += list_problems
    for path in sorted(folder.glob("*.txt")):
        if path.stem not in IDS_A_LINE:
            known = ", ".join(f"{name}.txt" for name in IDS_A_LINE)
            problems.append(
                Problem(
                    f"{shown}/{path.name}", 1, f"no such list; move its lines to one of {known}"
                )
            )
    return Lists(shown, by_name, tuple(problems))


@contextmanager
def editing(root: Path) -> Iterator[None]:
    """Keep others from rewriting the lists between reading and writing them.

    Raises:
        BusyError: another process is at it.
    """
    with exclusive(root / "work" / "lists.lock", what="the folder of the curators' lists"):
        yield


def write_list(folder: Path, name: str, curators_list: CuratorsList) -> None:
    """Replace one list by its canonical text, atomically."""
    write_bytes(folder / f"{name}.txt", render(curators_list).encode())


def _read_list(path: Path, shown: str, ids: int) -> tuple[CuratorsList, list[Problem]]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return CuratorsList(), []
    try:
        return parse(data.decode(), shown, ids)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return CuratorsList(), [Problem(shown, line, "not UTF-8; save the file as UTF-8")]
