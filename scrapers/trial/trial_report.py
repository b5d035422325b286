"""What a description reads of one page: rows, the rule behind each field, rules that are silent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from pipeline.core.log import counted
from scrapers.sites.described.description_schema import Detail, Listing
from scrapers.sites.described.field_rule import FieldRule
from scrapers.sites.described.images import image_key, of_size
from scrapers.sites.described.page import Page, label_key
from scrapers.sites.described.records import Described, ListedItem, read_detail, read_listing
from scrapers.sites.described.site import page_kind
from scrapers.trial.tried_page import TriedPage, as_it_is

_SHOWN_CHARACTERS = 100
_SESSION: Final = re.compile(
    r"[?&;](?:sid|s|sess|session|session_?id|phpsessid|jsessionid|cfid|cftoken|osCsid)=",
    re.IGNORECASE,
)
_PROOFS = ("empty", "gone")
_RULES_OF_PAGE = ("next", "total", "lists", *_PROOFS)


@dataclass(frozen=True)
class Tried:
    """One rule of a description on one page."""

    field: str
    rule: str
    answers: int
    """Items (or the one page) on which it says something."""
    of: int
    believed: int
    """Items whose value it gave; the others were answered by a rule before it."""


@dataclass(frozen=True)
class TrialReport:
    """A page as a description reads it."""

    url: str
    kind: str
    items: tuple[ListedItem, ...]
    rules: tuple[Tried, ...]
    next_url: str | None = None
    total: int | None = None
    lists: tuple[str, ...] = ()

    @property
    def silent(self) -> tuple[Tried, ...]:
        """The rules that match nothing, but for those that should not on such a page."""
        return tuple(
            tried
            for tried in self.rules
            if tried.of and not tried.answers and tried.field not in _PROOFS
        )


def report(site: Described, page: TriedPage) -> TrialReport:
    """Try every rule of the part that reads such a page.

    Raises:
        ScrapeError: the page cannot be read; the sentence names what matched nothing.
    """
    kind = page_kind(site, page.url)
    if kind == "detail" and site.detail is not None:
        own = read_detail(site, page.body, page.url, as_it_is)
        return TrialReport(page.url, kind, (own,), tuple(_tried(site, page, site.detail, [own])))
    listing = read_listing(site, page.body, page.url, as_it_is)
    items = [*listing.items]
    rules = tuple(_tried(site, page, site.listing, items))
    return TrialReport(
        page.url, kind, listing.items, rules, listing.next_url, listing.total, listing.lists
    )


def _tried(
    site: Described, tried: TriedPage, part: Listing | Detail, items: list[ListedItem]
) -> Iterator[Tried]:
    page = Page(tried.body, tried.url, part.format, site.description)
    nodes = page.items(part.item) if isinstance(part, Listing) else [page.root]
    sheets = [dict(page.sheet(part.sheet, node)) for node in nodes]
    by_label = [{label_key(label): value for label, value in sheet.items()} for sheet in sheets]
    for name, rules in part.fields.items():
        for rule in rules:
            said = [_says(page, rule, n, s) for n, s in zip(nodes, by_label, strict=True)]
            believed = sum(item.answers[name].rule is rule for item in items)
            answers = believed if rule.field is not None else sum(said)
            yield Tried(f"fields.{name}", str(rule), answers, len(nodes), believed)
    for key in _RULES_OF_PAGE:
        for rule in getattr(part, key, None) or ():
            answers = int(_says(page, rule, page.root, {}))
            yield Tried(key, str(rule), answers, 1, answers)


def _says(page: Page, rule: FieldRule, node: Any, sheet: dict[str, str]) -> bool:
    return bool(page.answer((rule,), node, sheet).values)


def words(site: Described, said: TrialReport, shown: int) -> Iterator[str]:
    """The report for people, with the first ``shown`` items in full."""
    what = "an item's own page" if said.kind == "detail" else "a page that lists"
    yield f"{site.file}: {said.url} is {what}: {counted(len(said.items), 'item')}"
    if said.kind != "detail":
        yield f"  next page: {said.next_url or 'none'}; items in all: {said.total or 'not told'}"
        if said.lists:
            yield f"  leads to {counted(len(said.lists), 'list')}, such as {said.lists[0]}"
    width = max((len(tried.field) for tried in said.rules), default=0)
    for tried in said.rules:
        yield f"  {tried.field:<{width}}  {_count(tried):>14}  {tried.rule}"
    for number, item in enumerate(said.items[:shown], start=1):
        yield f"item {number}"
        yield from (f"  {line}" for line in _item(site, item))
    if len(said.items) > shown:
        yield f"... and {len(said.items) - shown} more (--rows {len(said.items)} shows them)"
    for host, count in _foreign(site, said.items).items():
        links = counted(count, "link")
        yield f"none of hosts: {host} ({links}); add it, or nothing is asked of it"
    for link in _with_session(said.items):
        yield (
            f"looks like a session: {link}; if it changes from visit to visit, cut it out by "
            f"detail.address, as address: {{re: '[?&;]sid=[^&]+', to: ''}}"
        )
    for tried in said.silent:
        yield f"matches nothing: {tried.field}: {tried.rule}"


def _foreign(site: Described, items: Sequence[ListedItem]) -> Counter[str]:
    """Hosts of links and images that the description does not name, and how often they stand."""
    hosts = site.description.hosts
    urls = [url for item in items for url in (item.link, *item.images.values()) if url]
    named = Counter(urlsplit(url).hostname or "" for url in urls)
    is_ours = {h: any(h == each or h.endswith(f".{each}") for each in hosts) for h in named}
    return Counter({host: count for host, count in named.items() if not is_ours[host]})


def _with_session(items: Sequence[ListedItem]) -> list[str]:
    """The first of the links that hold what sites call a session."""
    links = (item.link for item in items if item.link is not None)
    return [link for link in links if _SESSION.search(link)][:1]


def _count(tried: Tried) -> str:
    if tried.of == 1:
        return "answers" if tried.answers else "nothing"
    return f"{tried.answers} of {tried.of}"


def _item(site: Described, item: ListedItem) -> Iterator[str]:
    image = site.description.image
    yield f"key: {item.key}"
    for name, answer in item.answers.items():
        if answer.rule is not None and name != "images":
            yield f"{name}: {_short(', '.join(answer.values))}  [{answer.rule}]"
    for url in item.images.values():
        yield f"image: {url}  [{item.answers['images'].rule}]"
        yield f"  key: {image_key(url, image)}"
        sizes = {of_size(url, size, image): size for size in image.sizes}
        yield from (f"  {size}: {address}" for address, size in sizes.items())
    yield from (f"sheet: {label} = {_short(value)}" for label, value in item.sheet)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
