"""A page on which the rules of a description are tried: HTML, JSON, a sitemap or a feed."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin

from parsel import Selector

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.embedded import all_of_type, json_document, json_ld, of_type
from scrapers.parsing.markup import VISIBLE, attribute, decoded, first, tree
from scrapers.parsing.page_layers import JSON_LD
from scrapers.parsing.text import plain, plain_or_none
from scrapers.sites.described import bounded, images
from scrapers.sites.described.description_schema import LinkedItems, SiteDescription
from scrapers.sites.described.field_rule import IMAGE, FieldRule, SheetRule

MOST_ELEMENTS: Final = 20_000
"""Of a page on which any selector may be tried; `tests.benches.descriptions` times the worst."""
MOST_BYTES: Final = 16_000_000
MOST_SECONDS: Final = 20.0
"""Of one page, all rules together. Pages for people take thousandths."""
# Of one rule on one node: `//text()` on a page of 16 MB answers with millions.
_MOST_VALUES: Final = 5_000
_XML: Final = re.compile(r"<(?P<name>(?:\w+:)?(?:rss|feed|urlset|sitemapindex|RDF))[\s>]")
"""The root of a feed or a sitemap."""
_META: Final = "//meta[@property=$name or @name=$name or @itemprop=$name]/@content"
_VISIBLE: Final = bounded.select_xpath(VISIBLE)
LAYERS: Final = {"json_ld": JSON_LD, "address": "address", "value": "description"}


class RuleAnswer(NamedTuple):
    """What a field says, and which rule told it; no rule where none did."""

    values: tuple[str, ...] = ()
    rule: FieldRule | None = None


class Page:
    """One page; ``node`` arguments are its items, or None for the page itself."""

    def __init__(self, body: bytes, url: str, form: str, site: SiteDescription) -> None:
        """Take ``body`` apart as its ``form`` (a `schema.Format`) says.

        Raises:
            LayoutChangedError: it is larger than any page of a site.
            ScrapeError: JSON or XML was promised, and something else came.
        """
        self.body, self.url, self._form, self._site = body, url, form, site
        self._deadline = time.thread_time() + MOST_SECONDS
        if len(body) > MOST_BYTES:
            raise LayoutChangedError(f"{url}: {len(body):,} bytes; no page of a site is as long")
        self._tree = None if form == "json" else self._markup()
        self.root: Any = json_document(body, url) if self._tree is None else self._tree.root
        """The JSON, or an element of lxml."""

    def _markup(self) -> Selector:
        if self._form == "html":
            return tree(self.body)
        inner = _xml_in(decoded(self.body))
        if inner is None:
            raise LayoutChangedError(f"{self.url}: neither a feed nor a sitemap came")
        xml = Selector(text=inner, type="xml")
        xml.remove_namespaces()
        return xml

    @cached_property
    def elements(self) -> int:
        """How many elements it has."""
        return 0 if self._tree is None else int(self.root.xpath("count(//*)"))

    @cached_property
    def base(self) -> str:
        """What its links are relative to."""
        if self._tree is None or self._form != "html":
            return self.url
        return urljoin(self.url, attribute(first(self._tree, "base[href]"), "href") or "")

    def items(self, selector: str | LinkedItems) -> list[Any]:
        """What the selector of items finds.

        Raises:
            LayoutChangedError: that cannot be told in bounded time.
        """
        if isinstance(selector, LinkedItems):
            return self._json_ld_items(selector)
        if self._form == "json":
            items = bounded.path(selector).search(self.root)
            return items if isinstance(items, list) else [] if items is None else [items]
        return self._select(self.root, bounded.css(selector), selector)

    def _json_ld_items(self, selector: LinkedItems) -> list[Any]:
        """The JSON-LD blocks of a type, or what a path leads to in them, each once."""
        name, _, path = selector.json_ld.partition(".")
        blocks = all_of_type(self._json_ld, name)
        answers = [bounded.path(path or "@").search(block) for block in blocks]
        nodes = [node for each in answers for node in (each if isinstance(each, list) else [each])]
        once = {json.dumps(node, sort_keys=True): node for node in nodes if isinstance(node, dict)}
        return list(once.values())

    def is_empty_list(self, selector: str | LinkedItems) -> bool:
        """Whether a path of JSON leads to a list that is there, and has nothing in it."""
        if isinstance(selector, LinkedItems):
            return False
        if self._form != "json" or not selector.endswith("[]"):
            return False
        return bool(bounded.path(selector.removesuffix("[]") or "@").search(self.root) == [])

    def answer(
        self,
        rules: Sequence[FieldRule],
        node: Any,
        sheet: Mapping[str, str],
        field: Callable[[str], RuleAnswer] = lambda _: RuleAnswer(),
    ) -> RuleAnswer:
        """What the first of ``rules`` that says anything says.

        Args:
            rules: tried in their order.
            node: the item on which they are tried.
            sheet: labels and values of the page.
            field: tells what other fields say.
        """
        for rule in rules:
            raw = self._values(rule, node, sheet, field)
            values = tuple(dict.fromkeys(_made_of(rule, raw)))[:_MOST_VALUES]
            if time.thread_time() > self._deadline:
                raise LayoutChangedError(
                    f"{self.url}: {rule} was reached after {MOST_SECONDS:.0f} s; a page that takes "
                    f"as long is none for people"
                )
            if values:
                return RuleAnswer(values, rule)
        return RuleAnswer()

    def _values(
        self,
        rule: FieldRule,
        node: Any,
        sheet: Mapping[str, str],
        field: Callable[[str], RuleAnswer],
    ) -> Sequence[str]:
        source, written = rule.source, getattr(rule, rule.source)
        match source:
            case "field":
                return field(written).values
            case "address":
                return (self.url,)
            case "value":
                return (written,)
            case "sheet":
                return tuple(filter(None, (sheet.get(label_key(written)),)))
            case "path":
                return _scalars(bounded.path(written).search(node)) if _is_json_value(node) else ()
        return () if _is_json_value(node) else self._of_markup(source, written, node)

    def _of_markup(self, source: str, written: str, node: Any) -> Sequence[str]:
        match source:
            case "json_ld":
                name, _, path = written.partition(".")
                nodes = self._json_ld if node is self.root else json_ld(Selector(root=node))
                block = of_type(nodes, name)
                return () if block is None else _scalars(bounded.path(path or "@").search(block))
            case "meta":
                return [plain(value) for value in self.root.xpath(_META, name=written)]
            case "xpath":
                return self._texts(node, bounded.xpath(written), written)
        if written.endswith(IMAGE):
            expression = bounded.css(written.removesuffix(IMAGE))
            elements = self._select(node, expression, written)
            named = map(images.named_by, elements)
            best = (images.best_address(each, self.base, self._site.image) for each in named)
            return [url for url in best if url is not None]
        return self._texts(node, bounded.css(written), written)

    @cached_property
    def _json_ld(self) -> list[dict[str, Any]]:
        return [] if self._tree is None else json_ld(self._tree)

    def _select(self, node: Any, expression: str, written: str) -> list[Any]:
        if self.elements > MOST_ELEMENTS and not bounded.is_linear(expression):
            raise LayoutChangedError(
                f"{self.url}: {self.elements:,} elements, too many to try {written!r} on; no page "
                f"for people has as many"
            )
        return bounded.select_xpath(expression)(node)

    def _texts(self, node: Any, expression: str, written: str) -> list[str]:
        selected = self._select(node, expression, written)
        return [text for each in selected if (text := plain(_text(each)))]

    def sheet(self, sheet: SheetRule | None, node: Any) -> tuple[tuple[str, str], ...]:
        """The labels and the values below ``node``, in the order of the page."""
        if sheet is None:
            return ()
        if sheet.path is not None:
            labelled = bounded.path(sheet.path).search(node) if _is_json_value(node) else None
            items = labelled.items() if isinstance(labelled, dict) else ()
            pairs = ((plain(str(k)), ", ".join(_scalars(v)) or json.dumps(v)) for k, v in items)
            return tuple((label, value) for label, value in pairs if label and value)
        if _is_json_value(node):
            return ()
        if sheet.list is not None:
            return tuple(self._terms(sheet.list, node))
        return tuple(self._rows(sheet, node))

    def _rows(self, sheet: SheetRule, node: Any) -> Iterator[tuple[str, str]]:
        label_css, value_css = bounded.css(sheet.label), bounded.css(sheet.value)
        rows = sheet.rows or ""
        for row in self._select(node, bounded.css(rows), rows):
            label = next(iter(self._texts(row, label_css, sheet.label)), "").rstrip(": ")
            values = self._texts(row, value_css, sheet.value)
            if label and values:
                yield label, ", ".join(values)

    def _terms(self, selector: str, node: Any) -> Iterator[tuple[str, str]]:
        for terms in self._select(node, bounded.css(selector), selector):
            label, values = "", list[str]()
            for element in terms.iter("dt", "dd"):
                text = plain(_text(element))
                if element.tag == "dd":
                    values += [text] if text else []
                    continue
                if label and values:
                    yield label, ", ".join(values)
                label, values = text.rstrip(": "), []
            if label and values:
                yield label, ", ".join(values)


def _xml_in(text: str) -> str | None:
    """The feed or sitemap in ``text``: bare, amid a browser's view of it, or as the text of one."""
    start = _XML.search(text)
    if start is None and "<pre" in text:
        text = html.unescape(text.partition("<pre")[2].partition(">")[2].rpartition("</pre>")[0])
        start = _XML.search(text)
    if start is None:
        return None
    closing = f"</{start['name']}>"
    end = text.rfind(closing)
    return text[start.start() : len(text) if end < 0 else end + len(closing)]


def _is_json_value(node: Any) -> bool:
    """Whether ``node`` is a value of JSON, and no element of lxml."""
    return not hasattr(node, "tag")


def _text(selected: Any) -> str:
    """The visible text below an element; a text or a number as it is."""
    return " ".join(_VISIBLE(selected)) if hasattr(selected, "tag") else str(selected)


def label_key(label: str) -> str:
    """A label as it is compared: ``Year :`` is ``year``."""
    return plain(label).rstrip(": ").casefold()


def _scalars(value: Any) -> list[str]:
    """The scalars of a JSON value that is one, or a list of them, as texts."""
    values = value if isinstance(value, list) else [value]
    return [text for each in values if (text := plain_or_none(each)) is not None]


def _made_of(rule: FieldRule, values: Sequence[str]) -> Iterator[str]:
    """The values after ``re``, ``to`` and ``split``."""
    for value in values:
        if rule.re is not None:
            match = bounded.regex(rule.re).search(value)
            if match is None:
                continue
            made = (
                match.expand(bounded.replacement(rule.to))
                if rule.to is not None
                else _first_group(match)
            )
        else:
            made = value if rule.to is None else rule.to.replace("\\0", value)
        parts = [made] if rule.split is None else made.split(rule.split)
        yield from (text for part in parts if (text := plain(part)))


def _first_group(match: Any) -> str:
    groups = [group for group in match.groups() if group is not None]
    return str(groups[0] if groups else match.group(0))
