"""What must hold for any text and any address that a page may contain."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.parsing.embedded import json_after
from scrapers.parsing.text import absolute, first_count, first_year, plain, unescaped
from scrapers.sites.chrono24.money import money
from scrapers.sites.chrono24.pages import listing_id
from scrapers.sites.wikiart.listing import parse_listing_json


@given(st.text())
def test_plain_text_is_one_line_and_can_be_written(text: str) -> None:
    result = plain(text)
    assert result.encode("utf-8").decode("utf-8") == result
    assert result == result.strip()
    assert not any(c in result for c in "\n\r\t\x00\x1b")
    assert plain(result) == result


@given(st.text())
def test_a_year_is_none_or_four_digits_at_most(text: str) -> None:
    year = first_year(text)
    assert year is None or -9999 <= year <= 9999


@given(
    st.integers(100, 2100), st.sampled_from(["{}", "c. {}", "{}s", "{}-2199", "{}; Oslo", "({})"])
)
def test_a_year_is_found_in_any_usual_writing(year: int, writing: str) -> None:
    assert first_year(writing.format(year)) == year


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("XX cent.", None),
        ("XIX-XX cent.", None),
        ("?", None),
        ("", None),
        ("20th century", None),
        ("12345", None),
        ("850 BC", -850),
        ("-3050", -3050),
        ("May 5, 1904", 1904),
        ("ca. 1650/55", 1650),
        ("1503-1519", 1503),
        ("Unknown", None),
        ("2004 (Approximation)", 2004),
        ("١٩٠٤", None),
    ],
)
def test_first_year(text: str, year: int | None) -> None:
    assert first_year(text) == year


@given(st.integers(0, 10**11))
def test_a_count_survives_its_thousands_separators(count: int) -> None:
    assert first_count(f"{count:,} listings including promoted listings") == count


@given(st.text(), st.text())
def test_an_address_is_http_or_nothing(page: str, href: str) -> None:
    for base in (page, "https://www.wikiart.org/en/orla-venn"):
        url = absolute(base, href)
        assert url is None or url.startswith(("http://", "https://"))


@given(st.dictionaries(st.text(), st.text()), st.text())
def test_an_object_in_a_script_ends_where_json_ends(value: dict[str, str], after: str) -> None:
    script = f"window.metaData = {json.dumps(value)};{after}"
    assert json_after(script, "metaData") == value


@given(st.text())
def test_a_script_of_any_kind_does_not_break_the_reader(text: str) -> None:
    assert json_after(f"metaData = {{{text}", "other") is None
    json_after(f"metaData = {{{text}", "metaData")


@given(st.text(min_size=1))
def test_titles_of_json_rows_come_back_as_they_were(title: str) -> None:
    row = {"id": "1", "title": title, "image": "https://uploads.wikiart.org/a.jpg"}
    body = json.dumps({"Paintings": [row], "AllPaintingsCount": 1}).encode()
    (parsed,) = parse_listing_json(body, "https://www.wikiart.org/en/a?json=2&page=1").rows
    assert parsed.title == unescaped(title)


@given(st.integers(0, 10**12))
def test_the_id_of_a_watch_is_kept_as_text(number: int) -> None:
    assert listing_id(f"https://www.chrono24.com/halden/polaris--id{number}.htm?x=1") == str(number)
    assert listing_id(f"https://www.chrono24.com/halden/polaris--mod{number}.htm") is None


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("$18,725", "$18,725"),
        ("¥1,600,000 (= $10,307)", "$10,307"),
        ("$10,307 [Negotiable]", "$10,307"),
        ("Price on request", None),
        (None, None),
    ],
)
def test_money(text: str | None, price: str | None) -> None:
    assert money(text) == price
