"""What must hold for any text and any address that a page may contain."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.parsing.embedded import json_after
from scrapers.parsing.money import amount_of, is_price, money
from scrapers.parsing.text import absolute, first_count, first_year, plain, unescaped
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


CURRENCIES = {
    "PLN": "zł", "CZK": "Kč", "HKD": "HK$", "USD": "$", "DKK": "DKK", "MYR": "RM", "CLP": "chil$",
    "RON": "lei", "SGD": "S$", "HUF": "Ft", "BHD": "BHD", "CAD": "C$", "RUB": "₽", "HRK": "kn",
    "THB": "฿", "MXN": "MX$", "AED": "AED", "CNY": "¥", "JPY": "¥", "NZD": "NZ$", "AUD": "AU$",
    "BRL": "R$", "KWD": "KWD", "GBP": "£", "TRY": "TL", "OMR": "OMR", "EUR": "€", "SEK": "SEK",
    "NOK": "NOK", "PHP": "Php", "INR": "Rs.", "ZAR": "R", "QAR": "QAR", "IDR": "Rp.", "TWD": "NT$",
    "CHF": "CHF", "KRW": "₩",
}  # fmt: skip
"""The 37 currencies that the site offers, and how it marks them."""


@given(
    st.sampled_from(sorted(CURRENCIES)),
    st.integers(1, 10**9),
    st.sampled_from([",", ".", "'", " ", "\N{NARROW NO-BREAK SPACE}"]),
    st.sampled_from(["{mark} {digits}", "{digits} {mark}", "{mark}{digits}", "{digits}{mark}"]),
)
def test_a_price_in_any_currency_of_the_site_in_any_writing(
    currency: str, amount: int, separator: str, writing: str
) -> None:
    digits = f"{amount:,}".replace(",", separator)
    text = writing.format(mark=CURRENCIES[currency], digits=digits)
    assert amount_of(text, currency) == (amount, currency)
    assert amount_of(text, "USD") == (amount, None if CURRENCIES[currency] == "¥" else currency)
    assert is_price(text)


@given(st.text(), st.sampled_from(["JPY", "USD", None]))
def test_any_text_is_a_price_or_none(text: str, page_currency: str | None) -> None:
    amount = amount_of(text, page_currency)
    assert amount is None or 0 <= amount.amount < 10**12


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("XY$ 500", None),  # a dollar of somewhere
        ("500 Rolex", None),
        ("SAR 20,000", "SAR"),
        ("Price: NT$ 556,000", "TWD"),
        ("¥1,600,000 (= $10,307)", None),
    ],
)
def test_the_currency_stands_beside_the_number(text: str, currency: str | None) -> None:
    amount = amount_of(text)
    assert amount is not None
    assert amount.currency == currency


@pytest.mark.parametrize("text", ["Polaris R 300", "Halden 16613HB", "Price on request", "", "NEW"])
def test_what_is_no_price(text: str) -> None:
    assert not is_price(text)


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
