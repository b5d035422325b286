"""The items of a page that lists, and what an item's own page tells, read by a description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.core.errors import GoneError, LayoutChangedError, ScrapeError
from scrapers.parsing.empty_page import empty_page_error
from scrapers.parsing.listing_facts import Canonical
from scrapers.parsing.markup import tree
from scrapers.parsing.text import absolute, first_count
from scrapers.sites.described import bounded
from scrapers.sites.described.description_schema import Detail, Listing, SiteDescription
from scrapers.sites.described.field_rule import FieldName, FieldRule
from scrapers.sites.described.images import image_key, is_placeholder, rewritten
from scrapers.sites.described.page import Page, RuleAnswer, label_key

MOST_ITEMS: Final = 60_000
"""Of one page; a sitemap may name 50,000."""
_MOST_NAMED: Final = 4
"""Rules that an error names."""


@dataclass(frozen=True)
class Described:
    """A description, and how errors name its file."""

    name: str
    file: str
    description: SiteDescription

    @property
    def listing(self) -> Listing:
        """Its pages that list."""
        return self.description.listing

    @property
    def detail(self) -> Detail | None:
        """Its items' own pages."""
        return self.description.detail


@dataclass(frozen=True)
class ListedItem:
    """One item as one page tells it."""

    key: str
    """The same on every page that shows it: the address of its own page, else its id or image."""
    link: str | None
    images: Mapping[str, str]
    """Canonical addresses by the keys of the images."""
    answers: Mapping[str, RuleAnswer]
    sheet: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ItemList:
    """A page that lists."""

    items: tuple[ListedItem, ...]
    next_url: str | None
    total: int | None
    """Items of the whole listing, where the page says so."""
    lists: tuple[str, ...] = ()
    """Further pages that list, which an index names; sitemaps, where it is one of those."""


def read_listing(site: Described, body: bytes, url: str, canonical: Canonical) -> ItemList:
    """The page at ``url``, which lists.

    Raises:
        LayoutChangedError: no items and no proof that there are none, or items of which nothing
            can be taken; the sentence names the rules that matched nothing.
        ScrapeError: a challenge, a question about cookies, or no JSON where that was promised.
    """
    listing = site.listing
    page = Page(body, url, listing.format, site.description)
    lists = _sitemaps(page, canonical) if listing.format == "sitemap" else ()
    lists += _lists(page, listing, canonical)
    nodes = page.items(listing.item)
    if len(nodes) > MOST_ITEMS:
        raise LayoutChangedError(f"{url}: {len(nodes):,} items; no page of a site lists as many")
    if not nodes and not lists and not _is_proven_empty(page, listing):
        raise _drift(site, page, _nothing_matched(listing))
    items = [_item(site, page, node, listing, None, canonical) for node in nodes]
    _check_needs(site, page, "listing", listing, items)
    told = tuple(item for item in items if _is_listed(item, site))
    if nodes and not told:
        raise _drift(site, page, f"none of its {len(nodes):,} items leads to a page or a picture")
    rules = listing.next or ()
    following = absolute(page.base, _first_value(page, rules) or "") if rules else None
    total = first_count(_first_value(page, listing.total or ()) or "")
    return ItemList(told, None if following in (None, url) else following, total, lists)


def read_detail(site: Described, body: bytes, url: str, canonical: Canonical) -> ListedItem:
    """An item's own page.

    Raises:
        GoneError: the page says that the item has left the site.
        LayoutChangedError: no rule finds anything, or one that ``needs`` names finds nothing.
    """
    detail = site.detail
    if detail is None:
        raise LayoutChangedError(f"{url}: {site.file} has no detail, so nothing was read of it")
    page = Page(body, url, detail.format, site.description)
    said = _first_value(page, detail.gone or ())
    if said:
        raise GoneError(f"{url}: the page says {said[:80]!r}; the item has left the site")
    item = _item(site, page, page.root, detail, _lasting(site, url), canonical)
    if not any(_is_read(answer) for answer in item.answers.values()) and not item.sheet:
        rules = [rule for field in detail.fields.values() for rule in field if _is_read_by(rule)]
        raise _drift(
            site,
            page,
            f"nothing is matched by {_written(rules)} (detail.fields; "
            f"detail.match takes the address for an item's own page)",
        )
    _check_needs(site, page, "detail", detail, [item])
    return item


def _is_read(answer: RuleAnswer) -> bool:
    return answer.rule is not None and _is_read_by(answer.rule)


def _is_read_by(rule: FieldRule) -> bool:
    """Whether the page has a say in it."""
    return rule.source not in {"address", "value", "field"}


def _sitemaps(page: Page, canonical: Canonical) -> tuple[str, ...]:
    named = page.root.xpath("//sitemap/loc/text()")
    return tuple(canonical(url) for each in named if (url := absolute(page.base, each)))


def _lists(page: Page, listing: Listing, canonical: Canonical) -> tuple[str, ...]:
    named = page.answer(listing.lists or (), page.root, {}).values
    urls = (absolute(page.base, each) for each in named)
    return tuple(canonical(url).partition("#")[0] for url in urls if url is not None)


def _item(
    site: Described,
    page: Page,
    node: Any,
    part: Listing | Detail,
    own_page: str | None,
    canonical: Canonical,
) -> ListedItem:
    sheet = page.sheet(part.sheet, node)
    by_label = {label_key(label): value for label, value in reversed(sheet)}
    fields: Mapping[Any, tuple[FieldRule, ...]] = part.fields
    answers: dict[str, RuleAnswer] = {}

    def field(name: str) -> RuleAnswer:
        if name not in answers:
            answers[name] = RuleAnswer()  # of a field that is made of itself
            answers[name] = page.answer(fields.get(name, ()), node, by_label, field)
        return answers[name]

    for name in fields:
        field(name)
    link = own_page or _link(site, page, answers.get("link"), canonical)
    pictures = _pictures(site, page, answers.get("images", RuleAnswer()), canonical)
    id_ = next(iter(answers.get("id", RuleAnswer()).values), None)
    key = link or id_ or next(iter(pictures.values()), "")
    return ListedItem(key, link, pictures, answers, sheet)


def _link(
    site: Described, page: Page, answer: RuleAnswer | None, canonical: Canonical
) -> str | None:
    for value in answer.values if answer else ():
        url = absolute(page.base, value)
        if url is not None:
            return _lasting(site, canonical(url).partition("#")[0])
    return None


def _lasting(site: Described, url: str) -> str:
    """The address of an item's own page, without what changes from day to day."""
    return url if site.detail is None else rewritten(url, site.detail.address)


def _pictures(
    site: Described, page: Page, answer: RuleAnswer, canonical: Canonical
) -> dict[str, str]:
    """Addresses of pictures of the site, each picture once; stand-ins only where all are."""
    image = site.description.image
    urls = [canonical(url) for value in answer.values if (url := absolute(page.base, value))]
    of_site = [url for url in urls if _is_of(site, url)]
    pictures: dict[str, str] = {}
    for url in of_site:
        if not is_placeholder(url, image):
            pictures.setdefault(image_key(url, image), url)
    return pictures or {image_key(url, image): url for url in of_site[:1]}


def _is_of(site: Described, url: str) -> bool:
    image = site.description.image
    return (
        image.only is None
        or is_placeholder(url, image)
        or bool(bounded.regex(image.only).search(url))
    )


def _is_listed(item: ListedItem, site: Described) -> bool:
    """Whether an item leads anywhere: to a page of its own that can be read, or to a picture."""
    match = site.listing.match if site.listing.format == "sitemap" else None
    if item.link is None:
        return bool(item.images)
    return match is None or bool(bounded.regex(match).search(item.link))


def _is_proven_empty(page: Page, listing: Listing) -> bool:
    if page.is_empty_list(listing.item):
        return True
    return bool(_first_value(page, listing.empty or ()))


def _first_value(page: Page, rules: tuple[FieldRule, ...]) -> str | None:
    return next(iter(page.answer(rules, page.root, {}).values), None)


def _nothing_matched(listing: Listing) -> str:
    missing = f"nothing is matched by `{listing.item}` (listing.item)"
    if listing.empty is None:
        return f"{missing}, and no listing.empty is written that could prove the page empty"
    return f"{missing}, nor by {_written(listing.empty)} (listing.empty), which proves a page empty"


def _written(rules: Sequence[FieldRule]) -> str:
    named = [f"`{rule}`" for rule in rules[:_MOST_NAMED]]
    more = f" and {len(rules) - _MOST_NAMED} more" if len(rules) > _MOST_NAMED else ""
    return f"{', '.join(named)}{more}"


def _check_needs(
    site: Described, page: Page, part: str, rules: Listing | Detail, items: Sequence[ListedItem]
) -> None:
    """Refuse a page of whose items none says what every page says.

    Raises:
        LayoutChangedError: it names the rules.
    """
    for name in dict.fromkeys((*rules.needs, *_steering(site, rules))):
        if items and not any(item.answers[name].values for item in items):
            where = f"of its {len(items):,} items " if part == "listing" else ""
            missing = f"nothing {where}is matched by {_written(rules.fields[name])}"
            raise _drift(site, page, f"{missing} ({part}.fields.{name})")


def _steering(site: Described, rules: Listing | Detail) -> Iterator[FieldName]:
    """The fields of a listing without which nothing more is asked for."""
    if isinstance(rules, Listing):
        own = site.detail.fields if site.detail is not None else {}
        yield from (name for name in ("link", "images") if name in {*rules.fields} - {*own})


def _drift(site: Described, page: Page, looked_for: str) -> ScrapeError:
    return empty_page_error(tree(page.body), page.body, page.url, f"{site.file}: {looked_for}")
