"""The text of one list under edits: what the canonical form says, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.decisions.list_syntax import CuratorsList, ListEntry, parse, render
from curation.review.list_text import ListText, Reader

_WORDS = st.text("abcdefgh ", max_size=12).map(lambda text: " ".join(text.split()))
_COMMENTS = st.lists(
    st.one_of(st.just(""), _WORDS.map(lambda words: f"# {words}".strip())), max_size=2
)
_ENTRIES = st.builds(
    ListEntry,
    ids=st.integers(0, 30).map(lambda number: (f"{number:024x}",)),
    reason=st.sampled_from(["", "taste", "watermark", "blurry"]),
    by=st.sampled_from(["", "ana", "jo"]),
    date=st.sampled_from(["", "2026-11-22"]),
    note=_WORDS,
    comments=_COMMENTS.map(tuple),
)
_LISTS = st.builds(
    CuratorsList,
    header=st.lists(_WORDS.map(lambda words: f"# {words}".strip()), max_size=2).map(tuple),
    entries=st.lists(_ENTRIES, max_size=12).map(tuple),
)


def _read(text: str) -> ListText:
    return ListText.read(text, Reader(1))


@settings(max_examples=60)
@given(_LISTS)
def test_a_canonical_list_is_written_as_it_was_read(made: CuratorsList) -> None:
    text = render(parse(render(made), "")[0])
    assert _read(text).encoded().decode() == text


@settings(max_examples=60)
@given(_LISTS, _ENTRIES)
def test_an_entry_is_put_where_the_canonical_form_has_it(
    made: CuratorsList, new: ListEntry
) -> None:
    new = replace(new, comments=())
    canonical = parse(render(made), "")[0]
    edited = _read(render(canonical))
    edited.add(new)
    assert edited.encoded().decode() == render(canonical.with_entry(new))


@settings(max_examples=60)
@given(_LISTS, st.data())
def test_a_dropped_entry_takes_no_other_line_along(made: CuratorsList, data: st.DataObject) -> None:
    text = render(parse(render(made), "")[0])
    edited = _read(text)
    if not edited.blocks:
        return
    gone = data.draw(st.sampled_from([block.entry for block in edited.blocks]))
    edited.drop([gone])
    left = edited.encoded().decode().splitlines()
    lost = [line for line in text.splitlines() if line and line not in left]
    assert {parse(line, "")[0].entries[0].ids for line in lost} <= {gone.ids}
    assert gone not in list(edited.entries())


def test_a_line_that_cannot_be_read_stays_above_the_entry_it_stood_above() -> None:
    text = "# head\n\n# why\nnonsense here\n03c1f2a97be0d4415a6e77aa  taste\n"
    edited = _read(text)
    assert [number for number, _ in edited.problems] == [4]
    edited.add(ListEntry(("03000000000000000000000a",), "blurry"))
    assert edited.encoded().decode() == (
        "# head\n\n03000000000000000000000a  blurry\n"
        "# why\nnonsense here\n03c1f2a97be0d4415a6e77aa  taste\n"
    )
