"""Every key of a description; `docs/description-keys.md` is made from these and `field_rule`."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator

from pipeline.core.params.base import Section
from scrapers.sites.described import bounded
from scrapers.sites.described.field_rule import (
    FieldName,
    LinkedPath,
    Regex,
    Rewriting,
    Rules,
    SheetRule,
    as_tuple,
    checked_text,
)

_PRIVATE: Final = re.compile(
    r"(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa)$"
)
_HOST: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_LONGEST_HOST: Final = 253
_HOLES: Final = re.compile(r"\{(\w*)\}")
QUERY, PAGE = "{query}", "{page}"


def _check_host(host: str) -> None:
    """Refuse what is no public name; where a name leads is looked at when it is asked."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) and not _PRIVATE.search(host):
            return
    raise ValueError(
        "not a public host; write a name such as shop.example.org, in lower case, without "
        "https:// and without a port"
    )


def _check_start(url: str) -> None:
    foreign = set(_HOLES.findall(url)) - {"query", "page"}
    if foreign:
        raise ValueError(f"{{{min(foreign)}}} has no meaning here; write {{query}} or {{page}}")
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    if scheme != "https":
        raise ValueError("not an https:// address; only those are asked")


Host = Annotated[str, checked_text(_check_host)]
Start = Annotated[str, checked_text(_check_start)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Format = Literal["html", "json", "sitemap", "feed"]


class _Part(Section):
    format: Format = "html"
    """What the pages are: `html`, `json`, `sitemap` or `feed` (RSS, Atom)."""
    fields: dict[FieldName, Rules] = Field(default_factory=dict)
    """A rule, or several of which the first that answers is believed, for each field: `id`,
    `images`, `title`, `original_title`, `creator` (as in addresses; made from `creator_name` where
    it is not told), `creator_name`, `model`, `reference`, `year_text`, `style`, `genre`, `media`,
    `tags`, `period`, `series`, `location`, `gallery`, `dimensions`, `width_px`, `height_px`,
    `price`, `currency`, `condition`, `seller`, `rights`, `description`; in `listing` also `link`,
    the address of the item's own page."""
    sheet: SheetRule | None = None
    """Tables of labels and values; all of them are kept, and `{sheet: LABEL}` reads one."""
    needs: tuple[FieldName, ...] = ()
    """Fields without which a page is not what it was: the error names their rules."""

    @model_validator(mode="before")
    @classmethod
    def _plain_texts(cls, written: Any) -> Any:
        """A text in place of a rule, as the format means it."""
        if not isinstance(written, dict):
            return written
        source = "path" if written.get("format") == "json" else "css"
        of_items = "path" if isinstance(written.get("item"), dict) else source
        defaults = _DEFAULTS.get(str(written.get("format")), {})
        part = {**{k: v for k, v in defaults.items() if k != "fields"}, **written}
        fields = {**defaults.get("fields", {}), **_mapping(written.get("fields", {}))}
        if isinstance(written.get("fields", {}), dict):
            part["fields"] = {name: _rules(value, of_items) for name, value in fields.items()}
        for name in ("next", "total", "empty", "lists", "gone"):
            if name in part:
                part[name] = _rules(part[name], source)
        return part

    @model_validator(mode="after")
    def _fits_together(self) -> _Part:
        lacking = [name for name in self.needs if name not in self.fields]
        if lacking:
            raise ValueError(f"needs: {', '.join(lacking)}: there is no such rule in fields")
        known = {*self.fields}
        for name, rules in self.fields.items():
            for rule in rules:
                if rule.sheet is not None and self.sheet is None:
                    raise ValueError(f"fields.{name}: sheet: this part has no sheet")
                if rule.field is not None and rule.field not in known - {name}:
                    raise ValueError(f"fields.{name}: field: {rule.field} is no other field here")
        return self


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rules(value: Any, source: str) -> Any:
    if isinstance(value, tuple):
        return tuple({source: each} if isinstance(each, str) else each for each in value)
    return {source: value} if isinstance(value, str) else value


_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    "sitemap": {
        "item": "url",
        "fields": {
            "link": {"xpath": "./loc/text()"},
            "images": {"xpath": "./image/loc/text()"},
        },
    },
    "feed": {
        "item": "item, entry",
        "fields": {
            "link": (
                {"css": 'link[rel="alternate"]::attr(href)'},
                {"xpath": "./link/text()"},
                {"xpath": "./link/@href"},
            ),
            "title": {"xpath": "./title"},
            "images": (
                {"css": 'enclosure[type^="image"]::attr(url)'},
                {"css": "content[url]::attr(url), thumbnail[url]::attr(url)"},
                {"css": 'link[rel="enclosure"]::attr(href)'},
                {
                    "xpath": "./encoded | ./content | ./description | ./summary",
                    "re": """<img[^>]+src=["']([^"']+)""",
                },
            ),
            "year_text": {
                "xpath": "./pubDate | ./published | ./updated",
                "re": r"\b([12][0-9]{3})\b",
            },
            "creator_name": {"css": "creator, author > name, author"},
        },
    },
}
"""What a sitemap and a feed hold by their standards; what the file writes takes its place."""


class LinkedItems(Section):
    """Items that a page tells by JSON-LD."""

    json_ld: LinkedPath
    """A type, then a JMESPath to the items, where these are not the blocks themselves."""

    def __str__(self) -> str:
        return f"json_ld: {self.json_ld}"


class Listing(_Part):
    """The pages that list."""

    start: Annotated[tuple[Start, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    """Where listings start: an address or several. `{query}` stands for each of `queries` in
    params.yaml; `{page}` counts the pages up where no page names the next one."""
    first_page: Annotated[int, Field(ge=0)] = 1
    """The first `{page}`."""
    page_step: Annotated[int, Field(ge=1)] = 1
    """By how much `{page}` grows; the items of a page where a site counts those."""
    next: Rules | None = None
    """The address of the next page."""
    total: Rules | None = None
    """How many items the whole listing holds; it ends when so many came."""
    match: Regex | None = None
    """Addresses of pages that list. In a sitemap: of the pages that it names and that are listed.
    Without it, every page that is not a detail page lists."""
    lists: Rules | None = None
    """Addresses of further pages that list, on a page that leads to them, such as an index of
    categories; that page needs no items. Where they count pages, write them with `{page}`:
    `{css: "nav a::attr(href)", to: '\\0?page={page}'}`."""
    item: str | LinkedItems
    """One item: CSS in `html`, `sitemap` and `feed`, JMESPath in `json`. In `html` also
    `{json_ld: Product}`: each block of that type, or what a path leads to in it, such as
    `{json_ld: "ItemList.itemListElement[].item"}`; a plain text in `fields` is then a JMESPath."""
    empty: Rules | None = None
    """The proof that a page without items is right: this rule answers. Without proof it is an
    error, since a page that changed looks the same. (An empty list of JSON is a proof.)"""

    @model_validator(mode="after")
    def _listing_fits(self) -> Listing:
        if isinstance(self.item, LinkedItems):
            if self.format != "html":
                raise ValueError(f"item: json_ld stands in html, not in {self.format}")
        else:
            (bounded.path if self.format == "json" else bounded.css)(self.item)
        if not {"link", "images"} & self.fields.keys():
            raise ValueError("fields: name link or images; without either there is nothing to take")
        counted = [PAGE in start for start in self.start]
        if any(counted) and self.next is not None:
            raise ValueError("next: there is {page} in start, which counts; keep one of the two")
        return self


class Detail(_Part):
    """An item's own page."""

    match: Regex
    """Addresses of such pages, anywhere in them; it tells them from pages that list."""
    address: Rewriting | None = None
    """What becomes of the address of such a page, in links and of the page itself, where it would
    change from day to day: `{re: "[?&]sid=[^&]+", to: ""}` cuts a session out."""
    gone: Rules | None = None
    """This rule answers where the item has left the site."""

    @model_validator(mode="after")
    def _detail_fits(self) -> Detail:
        if "link" in self.fields:
            raise ValueError("fields.link: an item's own page is where it is; leave it out")
        if not self.fields:
            raise ValueError("fields: name at least one")
        return self


def _as_listed() -> dict[str, Rewriting | None]:
    return {"as_listed": None}


class Image(Section):
    """The addresses of the images."""

    only: Regex | None = None
    """Addresses of the site's pictures; others (icons, buttons) are passed over."""
    placeholder: Regex | None = None
    """Addresses of the stand-in that a page shows in place of a picture."""
    sizes: dict[Name, Rewriting | None] = Field(default_factory=_as_listed)
    """The sizes that `image_size` in params.yaml may name, the usual one first: how an address is
    rewritten to it, or null for the size that the page names."""
    key: Rewriting | None = None
    """What the addresses of all sizes of one image share: the path of the address, rewritten.
    Without it, the path in the first of `sizes`."""


class SiteDescription(Section):
    """One site."""

    title: str
    """As people write it."""
    creators: str = "creators"
    """Who makes what it lists, in plural, such as artists."""
    hosts: Annotated[tuple[Host, ...], Field(min_length=1)]
    """Its hosts, subdomains included: of the pages and of the images. No other is ever asked."""
    needs_permission: bool = False
    """Whether its terms forbid automated reading, so that a live capture states a permission."""
    replicated: bool = False
    """Whether the embedded gallery has a replica of it."""
    listing: Listing
    """The pages that list."""
    detail: Detail | None = None
    """An item's own page; left out where the listing tells all."""
    image: Image = Image()
    """The addresses of the images."""

    @model_validator(mode="after")
    def _starts_at_home(self) -> SiteDescription:
        for start in self.listing.start:
            host = urlsplit(start).hostname or ""
            if not any(host == name or host.endswith(f".{name}") for name in self.hosts):
                raise ValueError(f"listing.start: {start}: {host} is none of hosts")
        return self
