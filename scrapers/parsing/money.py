"""Prices as shops of many countries write them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scrapers.parsing.text import plain

_CONVERTED = re.compile(r"\(\s*=\s*([^)]+)\)")
_NUMBER = re.compile(r"[0-9](?:[0-9.,'\u2019\s]*[0-9])?")
_DECIMALS = re.compile(r"[.,]([0-9]{1,2})$")
# A longer run of digits is a telephone number or an article's, and no price.
_MOST_DIGITS: Final = 12
_MARKS: Final = {
    # The marks of the 37 currencies that the site offers, as its pages list them.
    "$": "USD", "€": "EUR", "£": "GBP", "zł": "PLN", "Kč": "CZK", "HK$": "HKD", "DKK": "DKK",
    "RM": "MYR", "chil$": "CLP", "lei": "RON", "S$": "SGD", "Ft": "HUF", "BHD": "BHD",
    "C$": "CAD", "₽": "RUB", "kn": "HRK", "฿": "THB", "MX$": "MXN", "AED": "AED", "NZ$": "NZD",
    "AU$": "AUD", "R$": "BRL", "KWD": "KWD", "TL": "TRY", "OMR": "OMR", "SEK": "SEK",
    "NOK": "NOK", "Php": "PHP", "Rs.": "INR", "R": "ZAR", "QAR": "QAR", "Rp.": "IDR",
    "NT$": "TWD", "CHF": "CHF", "₩": "KRW",
    # What its mirrors and older pages write.
    "US$": "USD", "CA$": "CAD", "A$": "AUD", "Fr.": "CHF", "Rs": "INR", "₹": "INR", "Rp": "IDR",
    "₺": "TRY", "₫": "VND", "₪": "ILS", "₱": "PHP", "元": "CNY", "円": "JPY",
}  # fmt: skip
_SHARED: Final = {"¥": ("JPY", "CNY"), "￥": ("JPY", "CNY")}
"""Marks of more than one currency: which it is, only the rest of the page tells."""
_LONGEST_FIRST: Final = tuple(sorted([*_MARKS, *_SHARED], key=len, reverse=True))
_CODE_BEFORE = re.compile(r"(?<![A-Za-z])([A-Z]{3})$")
_CODE_BEHIND = re.compile(r"([A-Z]{3})(?![A-Za-z])")


class Amount(NamedTuple):
    """A price as a number."""

    amount: float
    currency: str | None
    """ISO 4217; None where the text names none that is known."""


def money(text: str | None) -> str | None:
    """A price as the site writes it, in the page's currency; None where it names no amount.

    >>> [money(t) for t in ("¥1,600,000 (= $10,307)", "$18,725", "Price on request")]
    ['$10,307', '$18,725', None]
    """
    if text is None or not any(c.isdigit() for c in text):
        return None
    converted = _CONVERTED.search(text)
    return plain(converted[1] if converted else text.partition("[")[0]) or None


def amount_of(text: str | None, page_currency: str | None = None) -> Amount | None:
    """The number and the currency in a price; None without a number.

    Args:
        text: of the price.
        page_currency: in which the page shows its prices, where it says so: ¥ is the yen's mark,
            and the yuan's.

    >>> [amount_of(t) for t in ("18.725 €", "CHF 12'500", "$1,234.50", "10 307,00 zł")]
    [Amount(amount=18725.0, currency='EUR'), Amount(amount=12500.0, currency='CHF'), \
Amount(amount=1234.5, currency='USD'), Amount(amount=10307.0, currency='PLN')]
    """
    number = _NUMBER.search(text or "")
    if text is None or number is None:
        return None
    written = number[0]
    cents = _DECIMALS.search(written)
    whole = re.sub(r"[^0-9]", "", written[: cents.start()] if cents else written)
    if not 0 < len(whole) <= _MOST_DIGITS:
        return None
    before, behind = text[: number.start()].rstrip(), text[number.end() :].lstrip()
    currency = _currency(before, behind, page_currency)
    return Amount(float(f"{whole}.{cents[1] if cents else 0}"), currency)


def _currency(before: str, behind: str, page_currency: str | None) -> str | None:
    """Told by what stands next to the number, on either side of it."""
    mark = _mark(before, behind)
    if mark is not None:
        shared = page_currency if page_currency in _SHARED.get(mark, ()) else None
        return _MARKS.get(mark, shared)
    code = _CODE_BEFORE.search(before) or _CODE_BEHIND.match(behind)
    return None if code is None else code[1]


def _mark(before: str, behind: str) -> str | None:
    """The longest mark that no letter goes on: the ``$`` of an unknown ``X$`` is no dollar."""
    for mark in _LONGEST_FIRST:
        if before.endswith(mark) and not before.removesuffix(mark)[-1:].isalpha():
            return mark
        if behind.startswith(mark) and not behind.removeprefix(mark)[:1].isalpha():
            return mark
    return None


def is_price(text: str) -> bool:
    """Whether ``text`` is a price and nothing else."""
    number = _NUMBER.search(text)
    if number is None:
        return False
    rest = (text[: number.start()] + text[number.end() :]).strip()
    return rest in _MARKS or rest in _SHARED or _CODE_BEFORE.fullmatch(rest) is not None


def written(amount: Amount) -> str:
    """A price that only its JSON-LD tells, written as the site's cards write dollars."""
    digits = f"{amount.amount:,.0f}"
    return f"${digits}" if amount.currency in {"USD", None} else f"{amount.currency} {digits}"
