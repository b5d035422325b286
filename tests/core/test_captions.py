from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.caption_template import COLUMNS, Field, labelled, template_of

WATCH = {"creator_name": "Kestrane", "model": " Pelagos  Nord\n", "year": "1998", "Dial": "Green"}

WORDS = st.text(st.characters(exclude_characters="{},", codec="utf-8"), min_size=1, max_size=8)
LABELS = st.text(st.characters(exclude_characters="[]{}", codec="utf-8"), min_size=1, max_size=8)
FIELDS = st.one_of(
    st.sampled_from(COLUMNS).map(Field),
    LABELS.filter(str.strip).map(lambda label: Field(label.strip(), is_label=True)),
)
PARTS = st.lists(st.lists(st.one_of(WORDS, FIELDS), max_size=3), min_size=1, max_size=5).filter(
    lambda parts: any(isinstance(piece, Field) for part in parts for piece in part)
)


def _caption(template: str, said: dict[str, str] = WATCH) -> str:
    return template_of(template).caption(lambda field: said.get(field.name))


def test_what_a_listing_says_stands_in_place_of_the_fields() -> None:
    caption = _caption("{creator_name} {model}, {sheet[Dial]} dial, {year}")
    assert caption == "Kestrane Pelagos Nord, Green dial, 1998"


@pytest.mark.parametrize(
    ("template", "caption"),
    [
        ("{creator_name}, {sheet[Case]} case, {year}", "Kestrane, 1998"),
        ("{sheet[Case]}, {year}", "1998"),
        ("{year}, {sheet[Case]}", "1998"),
        ("a watch, {sheet[Case]}", ""),
        ("a watch, {year}", "a watch, 1998"),
        ("{creator_name} {title}", ""),
        (",,{year},", "1998"),
    ],
)
def test_a_part_with_an_empty_field_drops_out_with_its_comma(template: str, caption: str) -> None:
    assert _caption(template) == caption


@given(PARTS, st.data())
def test_parts_of_which_all_is_said_stay_and_no_others(
    parts: list[list[str | Field]], data: st.DataObject
) -> None:
    template = template_of(",".join("".join(map(str, part)) for part in parts))
    silent = data.draw(st.sets(st.sampled_from(template.fields)))
    caption = template.caption(lambda field: None if field in silent else f"<{field.name}>")
    stay = [
        part for part in parts if not silent & {each for each in part if isinstance(each, Field)}
    ]
    said = [
        "".join(
            each if isinstance(each, str) else f"<{' '.join(each.name.split())}>" for each in part
        )
        for part in stay
    ]
    tells = any(isinstance(piece, Field) for part in stay for piece in part)
    expected = ", ".join(" ".join(words.split()) for words in said if words.strip())
    assert caption == (expected if tells else "")


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=2, max_size=4))
def test_nothing_in_a_value_is_read_as_a_template(values: list[str]) -> None:
    names = COLUMNS[: len(values)]
    template = template_of(", ".join(f"{{{name}}}" for name in names))
    said = dict(zip(names, values, strict=True))
    assert template.caption(lambda field: said[field.name]) == ", ".join(
        " ".join(value.split()) for value in values
    )


@given(st.text(st.sampled_from("{}[],sheet titl"), max_size=20))
def test_any_text_is_a_template_or_a_wrong_one(text: str) -> None:
    with suppress(ValueError):
        assert template_of(text).fields


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{title", r"'\{' stands alone in '\{title'; a field is written \{title\} or "),
        ("title}", r"'\}' stands alone"),
        ("{{title}}", r"'\{' stands alone"),
        (
            "{titel}",
            r"\{titel\} is no column of the listings \(did you mean 'title'\?\); there are",
        ),
        ("{sheet}", r"\{sheet\} is no column of the listings.*with a label of the data sheet"),
        ("{sheet[]}", r"\{sheet\[\]\} is no column"),
        ("{sheet[ ]}", r"is no column"),
        ("{title.__class__}", r"is no column"),
        ("{title!r}", r"is no column"),
        ("{0}", r"is no column"),
        ("a watch", r"'a watch' names no field, so all captions would be the same"),
        ("", r"'' names no field"),
    ],
)
def test_a_wrong_template_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        template_of(text)


def test_a_label_is_found_whole_or_behind_its_section() -> None:
    sheet = {"Basic Info / Dial": "Black", "Case / Dial": "Blue", "Strap": "Leather"}
    assert labelled(sheet, "Dial") == "Black"
    assert labelled(sheet, "case / dial") == "Blue"
    assert labelled(sheet, "Strap") == "Leather"
    assert labelled(sheet, "Case") is None


def test_each_field_is_named_once() -> None:
    fields = template_of("{year}, {sheet[Dial]}, {year}").fields
    assert fields == (Field("year"), Field("Dial", is_label=True))
    assert list(map(str, fields)) == ["{year}", "{sheet[Dial]}"]
