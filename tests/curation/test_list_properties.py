"""What holds of the lists whatever people write into them."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.decisions.list_files import IDS_A_LINE, read_lists
from curation.decisions.list_syntax import CuratorsList, ListEntry, folded, parse, render
from curation.editing.list_check import tidy

ROOT = Path(__file__).parents[2]
FILE = "curation/lists/remove.txt"

IDS = st.sampled_from(
    ["a91f03c2", "A91F03C2", "a91f03c2a", "b0b0b0b0/rot90", "group:b0b0b0b0", "artist:ada-vorn"]
)
COLUMNS = st.sampled_from(["", "-", "taste", "- ana", "taste\tana 2026-11-22", "blurry  jo"])
NOTES = st.sampled_from(["", "# note", "#", "  #  two   words ", "# a # b", "# \u00e9\u2028\x0bz"])
GOOD_LINES = st.builds("{} {} {}".format, IDS, COLUMNS, NOTES)
OTHER_LINES = st.one_of(
    st.sampled_from(["", "  ", "# comment", "#", "\t# indented", "\ufeff# mark", "\x0c"]),
    st.just("# -----"),
)
READABLE = st.lists(st.one_of(GOOD_LINES, OTHER_LINES), max_size=12).map("\n".join)
ANYTHING = st.one_of(
    st.text(),
    st.lists(st.one_of(GOOD_LINES, OTHER_LINES, st.text(max_size=20)), max_size=10).map("\n".join),
)


def decisions(curators_list: CuratorsList) -> set[tuple[object, ...]]:
    return {(entry.ids, entry.content) for entry in curators_list.entries}


def remarks(curators_list: CuratorsList) -> Counter[str]:
    lines = [*curators_list.header, *curators_list.footer]
    lines += [line for entry in curators_list.entries for line in entry.comments]
    return Counter(line for line in lines if line)


@settings(max_examples=300)
@given(ANYTHING, st.sampled_from([1, 2]))
def test_any_text_has_a_canonical_form_or_an_error_with_file_and_line(text: str, ids: int) -> None:
    curators_list, problems = parse(text, FILE, ids)
    for problem in problems:
        assert problem.file == FILE
        line = text.split("\n")[problem.line - 1].lstrip("\ufeff \t").strip()
        assert line, "a problem names a line that says something"
        assert not line.startswith("#")
        assert str(problem).startswith(f"{FILE}:{problem.line}: ")
    canonical = render(curators_list)
    again, none = parse(canonical, FILE, ids)
    assert none == []
    assert render(again) == canonical
    assert decisions(again) == decisions(curators_list)
    assert remarks(again) == remarks(curators_list)


@settings(max_examples=100)
@given(st.lists(READABLE, min_size=3, max_size=3))
def test_fixing_twice_is_fixing_once_and_loses_no_decision(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "lists"
        folder.mkdir()
        for list_name, text in zip(("keep", "remove", "distinct"), texts, strict=True):
            (folder / f"{list_name}.txt").write_text(
                text if IDS_A_LINE[list_name] == 1 else "# None.\n", newline=""
            )
        before = read_lists(folder, Path(name))
        assert before.problems == ()
        tidy(folder, before, write=True)
        once = {path.name: path.read_bytes() for path in folder.iterdir()}
        after = read_lists(folder, Path(name))
        assert tidy(folder, after, write=True) == []
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == once
        for list_name, curators_list in before.by_name.items():
            assert decisions(after.by_name[list_name]) == decisions(curators_list)
            assert remarks(after.by_name[list_name]) == remarks(curators_list)


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


NUMBERS = st.sets(st.integers(0, 400), max_size=30)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with this project's attributes and an empty list."""
    folder = tmp_path_factory.mktemp("lists")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / ".gitattributes").write_text((ROOT / ".gitattributes").read_text())
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text("# Left out.\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Empty")
    git(folder, "tag", "empty")
    return folder


@settings(max_examples=6)
@given(NUMBERS, NUMBERS, NUMBERS)
def test_merged_branches_keep_the_decisions_of_both(
    repository: Path, base: set[int], ana: set[int], jo: set[int]
) -> None:
    git(repository, "switch", "--quiet", "--force-create", "main", "empty")
    wish = write(repository, base, "", "Base")
    branches = {"ana": ana - base, "jo": jo - base}
    for name, numbers in branches.items():
        git(repository, "switch", "--quiet", "--force-create", name, "main")
        wish |= write(repository, numbers, name, name)
    git(repository, "merge", "--quiet", "--no-edit", "ana")
    merged, problems = parse((repository / FILE).read_text(), FILE)
    assert problems == []
    assert decisions(merged) == wish
    once, _ = folded(merged)
    assert len(once.entries) == len(wish)


def write(repository: Path, numbers: set[int], by: str, message: str) -> set[tuple[object, ...]]:
    """Commit an entry for each number; all decisions that the list then holds."""
    path = repository / FILE
    longer, _ = parse(path.read_text(), FILE)
    for number in sorted(numbers):
        comments = (f"# About {number}.",) if number % 5 == 0 else ()
        longer = longer.with_entry(ListEntry((f"{number:08x}",), "taste", by, comments=comments))
    path.write_text(render(longer))
    git(repository, "commit", "--quiet", "--all", "--allow-empty", "--message", message)
    return decisions(longer)
