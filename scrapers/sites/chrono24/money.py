"""Prices as shops of many countries write them."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from scrapers.parsing.text import plain

_CONVERTED = re.compile(r"\(\s*=\s*([^)]+)\)")
_NUMBER = re.compile(r"[0-9](?:[0-9.,'\u2019\s]*[0-9])?")
_DECIMALS = re.compile(r"[.,]([0-9]{1,2})$")
_MOST_DIGITS: Final = 12
_SYMBOLS: Final = (
    ("US$", "USD"), ("HK$", "HKD"), ("AU$", "AUD"), ("CA$", "CAD"), ("NZ$", "NZD"), ("A$", "AUD"),
    ("C$", "CAD"), ("S$", "SGD"), ("R$", "BRL"), ("MX$", "MXN"), ("CHF", "CHF"), ("Fr.", "CHF"),
    ("€", "EUR"), ("£", "GBP"), ("¥", "JPY"), ("₹", "INR"), ("₩", "KRW"), ("₽", "RUB"),
    ("zł", "PLN"), ("₺", "TRY"), ("฿", "THB"), ("₫", "VND"), ("₪", "ILS"), ("₱", "PHP"),
    ("$", "USD"),
)  # fmt: skip
"""Marks of currencies, longer ones first; a bare dollar is the United States' on this site."""
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")


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


def amount_of(text: str | None) -> Amount | None:
    """The number and the currency in a price; None without a number.

    >>> [amount_of(t) for t in ("18.725 €", "CHF 12'500", "$1,234.50", "10 307,00 zł")]
    [Amount(amount=18725.0, currency='EUR'), Amount(amount=12500.0, currency='CHF'), \
Amount(amount=1234.5, currency='USD'), Amount(amount=10307.0, currency='PLN')]
    """
    found = _NUMBER.search(text or "")
    if text is None or found is None:
        return None
    written = found[0]
    cents = _DECIMALS.search(written)
    whole = re.sub(r"[^0-9]", "", written[: cents.start()] if cents else written)
    if not 0 < len(whole) <= _MOST_DIGITS:
        return None
    return Amount(float(f"{whole}.{cents[1] if cents else 0}"), _currency(text))


def _currency(text: str) -> str | None:
    code = _CODE.search(text)
    if code is not None and code[1] != "CHF":
        return code[1]
    return next((name for symbol, name in _SYMBOLS if symbol in text), None)


def written(amount: Amount) -> str:
    """A price that only its JSON-LD tells, written as the site's cards write dollars."""
    digits = f"{amount.amount:,.0f}"
    return f"${digits}" if amount.currency in {"USD", None} else f"{amount.currency} {digits}"
