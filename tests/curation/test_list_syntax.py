from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decisions.list_syntax import (
    CURATORS_REASONS,
    CuratorsList,
    ListEntry,
    TargetKind,
    folded,
    parse,
    parse_target,
    render,
)
from pipeline.core.transforms import SYMMETRIES, Symmetry

FILE = "curation/lists/remove.txt"

HEX = st.text("0123456789abcdef", min_size=8, max_size=24)
SLUG = st.from_regex(r"[a-z0-9:]+(-[a-zé0-9]+)?", fullmatch=True)
IDS = st.one_of(
    HEX,
    st.builds("{}/{}".format, HEX, st.sampled_from(SYMMETRIES)),
    st.builds("group:{}".format, HEX),
    st.builds("artist:{}".format, SLUG),
    st.builds("brand:{}".format, SLUG),
    st.builds("listing:{}:{}".format, st.sampled_from(["wikiart", "chrono24"]), SLUG),
)
WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Z"], exclude_characters="#"), max_size=9
)
PROSE = st.text(st.characters(exclude_characters="\n\r")).map(str.strip)
COMMENTS = st.lists(st.one_of(st.just(""), PROSE.map(lambda text: f"#{text}")), max_size=3)
ENTRIES = st.builds(
    ListEntry,
    ids=st.tuples(IDS),
    reason=st.sampled_from(["", *CURATORS_REASONS]),
    by=WORDS.filter(lambda word: word != "-"),
    date=st.one_of(st.just(""), st.dates().map(str)),
    note=PROSE,
    comments=COMMENTS.map(tuple),
)
LISTS = st.builds(
    CuratorsList,
    header=st.lists(PROSE.map(lambda text: f"#{text}"), max_size=3).map(tuple),
    entries=st.lists(ENTRIES, max_size=6).map(
        lambda entries: tuple(sorted(entries, key=lambda entry: (entry.ids, entry.content)))
    ),
    footer=COMMENTS.filter(lambda lines: not lines or lines[-1] != "").map(tuple),
)


def read(text: str, ids: int = 1) -> CuratorsList:
    curators_list, problems = parse(text, FILE, ids)
    assert problems == []
    return curators_list


@given(LISTS)
def test_what_is_written_is_read_again(curators_list: CuratorsList) -> None:
    assert read(render(curators_list)) == curators_list


@given(LISTS, st.randoms())
def test_no_word_is_lost_whatever_the_order_and_the_blanks(
    curators_list: CuratorsList, random: object
) -> None:
    lines = render(curators_list).split("\n")
    untidy = "\r\n".join(f"\t{line}   " for line in lines)
    assert read(untidy) == curators_list


@given(st.lists(ENTRIES, max_size=6))
def test_comments_move_with_their_entries(entries: list[ListEntry]) -> None:
    tidy = read(render(CuratorsList(entries=tuple(entries))))
    key = lambda entry: (entry.ids, entry.content, entry.comments)  # noqa: E731
    assert sorted(tidy.entries, key=key) == sorted(entries, key=key)


def test_canonical_form() -> None:
    untidy = (
        "# Left out.\n# Second line.\n"
        "b0b0b0b0\ttaste   ana 2026-11-22   #   too   loud\n"
        "\n# About the next one.\n"
        "A0A0A0A0\n"
        "artist:ada-vorn - jo\n"
        "# At the end."
    )
    assert render(read(untidy)) == (
        "# Left out.\n# Second line.\n"
        "\n"
        "\n# About the next one.\n"
        "a0a0a0a0\n"
        "artist:ada-vorn  -  jo\n"
        "b0b0b0b0  taste  ana  2026-11-22  # too   loud\n"
        "# At the end.\n"
    )


def test_a_pair_is_two_ids_in_order() -> None:
    [entry] = read("b0b0b0b0 a0a0a0a0 - ana", ids=2).entries
    assert entry.ids == ("a0a0a0a0", "b0b0b0b0")
    assert entry.by == "ana"


@pytest.mark.parametrize(
    ("text", "kind", "name", "symmetry"),
    [
        ("a91f03c2", TargetKind.IMAGE, "a91f03c2", None),
        ("A91F03C2/rot90", TargetKind.VARIANT, "a91f03c2", Symmetry.ROT90),
        ("listing:chrono24:38011722", TargetKind.LISTING, "chrono24:38011722", None),
        ("artist:ada-vorn", TargetKind.CREATOR, "ada-vorn", None),
        ("brand:ada-vorn", TargetKind.CREATOR, "ada-vorn", None),
        ("group:a91f03c2", TargetKind.GROUP, "a91f03c2", None),
    ],
)
def test_targets(text: str, kind: TargetKind, name: str, symmetry: Symmetry | None) -> None:
    target = parse_target(text)
    assert (target.kind, target.name, target.symmetry) == (kind, name, symmetry)


@pytest.mark.parametrize(
    ("line", "ids", "said"),
    [
        ("a91f03c", 1, "'a91f03c' is no image id; write 8 to 24 hex digits"),
        ("a91f03c2a91f03c2a91f03c2a", 1, "is no image id"),
        ("xyz", 1, "'xyz' is no image id"),
        ("a91f03c2/rot9", 1, "there is no transform 'rot9'; did you mean 'rot90'?"),
        ("a91f03c2/", 1, "there is no transform ''; one of identity, rot90"),
        ("artits:ada", 1, "there is no 'artits:'; did you mean 'artist'?"),
        ("artist:", 1, "artist: names nobody"),
        ("listing:38011722", 1, "write listing:SOURCE:ID"),
        ("listing:etsy:38011722", 1, "SOURCE of wikiart, chrono24"),
        ("group:ada", 1, "a group is named by an image in it"),
        ("a91f03c2 watermrak", 1, "there is no reason 'watermrak'; did you mean 'watermark'?"),
        ("a91f03c2 - ana 22.11.2026", 1, "'22.11.2026' is no date; write YYYY-MM-DD"),
        ("a91f03c2 - ana 2026-02-30", 1, "'2026-02-30' is no date"),
        ("a91f03c2 - ana 2026-11-22 and more", 1, "6 columns; write id  reason  by  date  # note"),
        ("a91f03c2", 2, "1 columns; write id  id  reason  by  date  # note"),
        ("a91f03c2 artist:ada", 2, "only images can be told apart"),
        ("a91f03c2 A91F03C2", 2, "both ids are the same"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_its_line(line: str, ids: int, said: str) -> None:
    curators_list, [problem] = parse(f"# Header.\n\n{line}\n", FILE, ids)
    assert curators_list.entries == ()
    assert (problem.file, problem.line) == (FILE, 3)
    assert said in problem.message


def test_all_slips_are_found_and_the_other_lines_are_read() -> None:
    curators_list, problems = parse("xyz\na91f03c2\nb0b0b0b0 nonsense\n", FILE)
    assert [problem.line for problem in problems] == [1, 3]
    assert [(entry.ids, entry.line) for entry in curators_list.entries] == [(("a91f03c2",), 2)]


def test_lines_that_say_the_same_are_folded_and_named() -> None:
    text = (
        "# Header.\n\n# One.\na91f03c2 taste\nb0b0b0b0\n# Two.\nA91F03C2  taste\na91f03c2 blurry\n"
    )
    tidy, gone = folded(read(text))
    assert gone == [(4, 7)]
    assert render(tidy) == (
        "# Header.\n\na91f03c2  blurry\n# One.\n# Two.\na91f03c2  taste\nb0b0b0b0\n"
    )


def test_an_added_entry_takes_its_place() -> None:
    longer = read("a0a0a0a0\nc0c0c0c0\n").with_entry(ListEntry(("b0b0b0b0",), by="ana"))
    assert render(longer) == "a0a0a0a0\nb0b0b0b0  -  ana\nc0c0c0c0\n"


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("places", ["the same", "different"])
def test_two_branches_of_git_merge_without_conflict(tmp_path: Path, places: str) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    attributes = Path(__file__).parents[2] / ".gitattributes"
    (tmp_path / ".gitattributes").write_text(attributes.read_text())
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    base = CuratorsList(
        header=("# Left out.",),
        entries=tuple(ListEntry((f"{number:08x}",), by="ana") for number in range(0, 400, 4)),
    )
    shift = {"the same": 0, "different": 120}[places]
    branches = {
        "jo": [ListEntry((f"{number + 1:08x}",), "taste", "jo") for number in range(0, 80, 4)],
        "mira": [ListEntry((f"{number + 2:08x}",), "blurry", "mira") for number in range(0, 80, 4)],
    }
    branches["mira"] = [
        replace(entry, ids=(f"{int(entry.ids[0], 16) + shift:08x}",)) for entry in branches["mira"]
    ]
    path.write_text(render(base))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Base")
    for name, added in branches.items():
        git(tmp_path, "switch", "--quiet", "--create", name, "main")
        longer = base
        for entry in added:
            longer = longer.with_entry(entry)
        path.write_text(render(longer))
        git(tmp_path, "commit", "--quiet", "--all", "--message", name)
    git(tmp_path, "merge", "--quiet", "--no-edit", "jo")
    merged, _ = folded(read(path.read_text()))  # a union may repeat the lines between the edits
    assert set(merged.entries) == {*base.entries, *branches["jo"], *branches["mira"]}
    assert len(merged.entries) == len(base.entries) + 40
