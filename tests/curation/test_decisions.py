from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.decisions.list_files import IDS_A_LINE, Lists
from curation.decisions.list_syntax import parse
from curation.decisions.resolution import Index, Resolved, resolve
from pipeline.core.schema import IMAGES, LISTINGS
from tests.decision_tables import id_of, image, listing, table

A, B, C, D = (id_of(name) for name in "abcd")
TWINS = ("0123456789abcdef00000000", "0123456789abcdef11111111")


def index() -> Index:
    images = [image(name) for name in "abcd"]
    images += [image("x") | {"image_id": twin} for twin in TWINS]
    listings = [
        listing("1", "a", creator="ada-vorn"),
        listing("2", "b", creator="ada-vorn"),
        listing("2", "c", creator="ada-vorn", position=1),
        listing("3", "b", creator="bo-ruhl"),
        listing("4", None, creator="celeste"),
    ]
    return Index(table(IMAGES, images), lambda: table(LISTINGS, listings))


def lists(**texts: str) -> Lists:
    parsed = {
        name: parse(texts.get(name, ""), f"curation/lists/{name}.txt", count)
        for name, count in IDS_A_LINE.items()
    }
    problems = [problem for _, of_list in parsed.values() for problem in of_list]
    by_name = {name: curators_list for name, (curators_list, _) in parsed.items()}
    return Lists("curation/lists", by_name, tuple(problems))


def resolved(**texts: str) -> Resolved:
    return resolve(lists(**texts), index())


def short(resolved: Resolved) -> list[tuple[Any, ...]]:
    columns = ("scope", "target", "other", "action", "by")
    return [tuple(row[column] for column in columns) for row in resolved.decisions.to_pylist()]


def test_every_kind_of_target() -> None:
    resolution = resolved(
        keep=f"{A[:8]}/rot90 - ana\nlisting:wikiart:3 - jo\ngroup:{D[:10]} - ana\n",
        remove=f"{A} taste mira 2026-11-22\nbrand:celeste\n",
        distinct=f"{C[:9]} {B[:9]} - ana\n",
    )
    assert not resolution.problems
    assert not resolution.unknown
    assert resolution.applied == 6
    assert short(resolution) == sorted(
        [
            ("group", D, "", "keep", "ana"),
            ("image", A, "", "remove", "mira"),
            ("image", B, "", "keep", "jo"),
            ("pair", min(B, C), max(B, C), "distinct", "ana"),
            ("variant", A, "rot90", "keep", "ana"),
        ]
    )


def test_the_more_precise_entry_holds() -> None:
    resolution = resolved(
        keep=f"{A}\nlisting:wikiart:2 - jo\n", remove=f"artist:ada-vorn\n{C} - mira\n"
    )
    assert resolution.problems == ()
    assert {(target, action) for _, target, _, action, _ in short(resolution)} == {
        (A, "keep"),
        (B, "keep"),
        (C, "remove"),
    }


@given(st.permutations(["artist:ada-vorn taste", f"{A} blurry", "listing:wikiart:2", f"{D}/rot90"]))
def test_order_comments_notes_and_digits_change_nothing(lines: list[str]) -> None:
    plain = resolved(remove="\n".join(sorted(lines)))
    edited = "\n\n# why\n".join(f"{line}   # because" for line in lines).replace(A, A[:9])
    assert resolved(remove=edited).decisions.equals(plain.decisions)


def test_what_is_not_here_is_no_problem_yet() -> None:
    resolution = resolved(remove=f"{'f' * 24}\nartist:nobody\n", distinct=f"{A} ffffffff\n")
    assert resolution.problems == ()
    assert [(unknown.line, unknown.target.name) for unknown in resolution.unknown] == [
        (1, "f" * 24),
        (2, "nobody"),
        (1, "ffffffff"),
    ]
    assert resolution.decisions.num_rows == resolution.applied == 0


PROBLEMS = [
    (
        {"remove": f"{TWINS[0][:16]}\n"},
        ["remove.txt:1: '0123456789abcdef' fits 2 images (", "write more of its digits"],
    ),
    (
        {"keep": f"{A}\n", "remove": f"# x\n\n{A[:8]}\n"},
        [f"remove.txt:3: removes {A[:8]}, which curation/lists/keep.txt:1 keeps; delete one of"],
    ),
    (
        {"keep": "artist:ada-vorn\n", "remove": "brand:ada-vorn\n"},
        ["remove.txt:1: removes brand:ada-vorn, which curation/lists/keep.txt:1 keeps"],
    ),
    (
        {"keep": f"{A}/rot90\n", "remove": f"{A}/rot90\n"},
        [f"remove.txt:1: removes {A}/rot90, which"],
    ),
    (
        {"remove": f"{A} taste\n{A[:12]} blurry\n"},
        [f"remove.txt:2: {A[:12]} stands in curation/lists/remove.txt:1 with other words"],
    ),
    (
        {"remove": f"{A}  # one\n{A}  # two\n"},
        ["remove.txt:2:", "with other words"],
    ),
    (
        {"distinct": f"{A} {B} taste\n{B[:10]} {A}\n"},
        ["distinct.txt:2:", "with other words"],
    ),
    (
        {"keep": "listing:wikiart:2\n", "remove": "listing:wikiart:3\n"},
        [f"{B}, which", "decide by an entry for the image itself"],
    ),
    ({"distinct": f"{A} {A[:9]}\n"}, ["distinct.txt:1: both ids are those of one image"]),
    ({"remove": "xyz\n"}, ["remove.txt:1: 'xyz' is no image id"]),
    (
        {"keep": "ffffffff\n", "remove": "ffffffff\n"},
        ["remove.txt:1: removes ffffffff, which curation/lists/keep.txt:1 keeps"],
    ),
]


@pytest.mark.parametrize(("texts", "said"), PROBLEMS)
def test_problems(texts: dict[str, str], said: list[str]) -> None:
    [problem] = resolved(**texts).problems
    assert all(words in str(problem) for words in said)


def test_all_problems_come_at_once_and_in_order() -> None:
    resolution = resolved(keep=f"{A}\nnonsense\n", remove=f"{A}\n{TWINS[0][:16]}\n")
    places = [(problem.file.rpartition("/")[2], problem.line) for problem in resolution.problems]
    assert places == [("keep.txt", 2), ("remove.txt", 1), ("remove.txt", 2)]


def test_lines_repeated_by_a_merge_are_one() -> None:
    resolution = resolved(remove=f"{A}  taste  ana\n{B}\n{A}  taste  ana\n")
    assert resolution.problems == ()
    assert [row[1] for row in short(resolution)] == sorted([A, B])


def test_the_nearest_name_is_suggested() -> None:
    near = index().nearest
    [typo] = parse(f"{A[:10]}{'0' if A[10] != '0' else '1'}{A[11:]}", "", 1)[0].entries
    assert near(typo.targets[0]) == A
    [creator] = parse("artist:ada-vron", "", 1)[0].entries
    assert near(creator.targets[0]) == "ada-vorn"
    [stranger] = parse("ffffffff", "", 1)[0].entries
    assert near(stranger.targets[0]) is None


@given(st.sets(st.text("01", min_size=24, max_size=24), min_size=1, max_size=40), st.data())
def test_a_prefix_finds_exactly_the_ids_that_start_with_it(ids: set[str], data: Any) -> None:
    images = table(IMAGES, [image("x") | {"image_id": image_id} for image_id in ids])
    prefix = data.draw(st.sampled_from(sorted(ids)))[: data.draw(st.integers(8, 24))]
    [entry] = parse(prefix, "", 1)[0].entries
    matches = Index(images, lambda: table(LISTINGS, [])).find(entry.targets[0])
    assert matches == sorted(image_id for image_id in ids if image_id.startswith(prefix))
