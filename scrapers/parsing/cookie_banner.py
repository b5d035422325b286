"""Questions about cookies, by the marks of the scripts that ask them.

Salon answers none. Good pages carry such marks too, beside their content, so they are only looked
for in a page in which a parser found nothing.
"""

from __future__ import annotations

from typing import Final

from parsel import Selector

from scrapers.parsing.markup import first

_BANNERS: Final = (
    ".js-cookie-accept-all",
    ".wt-consent-layer-accept-all",
    '[action*="getConsentManagerResolution"]',
    '[data-url*="getConsentManagerResolution"]',
    'form[action*="consent"]',
    'iframe[src*="consent"]',
    "#onetrust-banner-sdk",
    "body > dialog",
)
"""CSS selectors; a banner of another maker is one more line."""


def has_cookie_banner(page: Selector) -> bool:
    """Whether ``page`` asks about cookies."""
    return first(page, ", ".join(_BANNERS)) is not None
