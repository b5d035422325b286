"""A first description, proposed from a page that lists and pages of items.

What repeats with a link in it is an item; what stands in the items under one class is a field. It
is a beginning: a person looks at it beside the page, and `salon site try` shows what it reads.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import yaml
from parsel import Selector

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.embedded import json_ld, of_type
from scrapers.parsing.markup import attribute, classes_of, text_of, tree
from scrapers.parsing.money import is_price
from scrapers.sites.described import bounded
from scrapers.trial.draft_json import drafted_from_json as drafted_json
from scrapers.trial.draft_json import is_json
from scrapers.trial.tried_page import TriedPage

_MENU: Final = "ancestor-or-self::nav or ancestor-or-self::header or ancestor-or-self::footer"
"""Where links repeat and are no items."""
_FEWEST: Final = 3
"""Blocks that look alike before they are taken for items."""
_MOST: Final = 0.8
"""Share of the items in which a field stands."""
_CLASS: Final = re.compile(r"-?[A-Za-z_][\w-]*")
_NAMES: Final = {
    "title": re.compile(r"title|name|heading|caption", re.IGNORECASE),
    "creator_name": re.compile(r"brand|maker|artist|author|creator|marque|designer", re.IGNORECASE),
    "year_text": re.compile(r"year|date|period", re.IGNORECASE),
    "rights": re.compile(r"licen[cs]e|rights|copyright", re.IGNORECASE),
}
"""Words in the classes of elements."""
_HEADINGS: Final = ("h1", "h2", "h3", "h4")
_LONGEST_LABEL: Final = 40
_NEXT: Final = ("a[rel=next]", "link[rel=next]", ".next a", "a.next", ".pagination-next a")
_EMPTY: Final = "p, div, span, h2"
_COUNTED: Final = re.compile(r"^\D{0,20}[0-9][0-9.,\s]* (\w+)")
_LACKING: Final = """\
# It lacks listing.empty, the proof that a page without items is right to be empty: look at what a
# page past the end says, and write the rule that finds it.
"""
_ONE_PAGE: Final = """\
# It lacks listing.next, or {page} in listing.start: as it is, it ends with the first page.
"""
_TYPES: Final = ("Product", "VisualArtwork", "Painting", "Photograph", "CreativeWork")
_LINKED: Final = {
    "id": ("sku", "identifier", "productID"),
    "images": ("image[].contentUrl", "image.contentUrl", "image.url", "image[]", "image"),
    "title": ("name",),
    "creator_name": ("brand.name", "creator.name", "artist.name", "author.name", "brand"),
    "year_text": ("dateCreated", "datePublished"),
    "price": ("offers.price",),
    "currency": ("offers.priceCurrency",),
    "rights": ("license",),
}
"""What schema.org calls the fields."""


def drafted(pages: Sequence[TriedPage]) -> str:
    """A description in YAML, of a page that lists and, behind it, pages of items.

    Raises:
        LayoutChangedError: nothing repeats in the first page.
    """
    first, *others = pages
    if is_json(first):
        description = drafted_json(first, others)
    else:
        description = {"listing": _listing(first)}
        if others:
            description["detail"] = _detail(others[0])
    host = urlsplit(first.url).hostname or ""
    domain = host.removeprefix("www.")
    head = {"title": domain.partition(".")[0].title(), "creators": "creators", "hosts": [domain]}
    text = yaml.safe_dump({**head, **description}, sort_keys=False, allow_unicode=True, width=100)
    listing = description["listing"]
    lacking = "" if "empty" in listing or is_json(first) else _LACKING
    if "next" not in listing and "{page}" not in listing["start"]:
        lacking += _ONE_PAGE
    return f"# Drafted from {first.url}; see docs/describe-a-site.md.\n{lacking}{text}"


def _listing(page: TriedPage) -> dict[str, Any]:
    root = tree(page.body)
    item, nodes = _items(root, page.url)
    fields = dict(_field_rules(nodes))
    following = next((css for css in _NEXT if root.css(css)), None)
    listing: dict[str, Any] = {"start": page.url}
    if following is None:
        listing |= _counted(page.url, len(nodes))
    if following is not None:
        listing["next"] = f"{following}::attr(href)"
    listing |= {"item": item, **_counts(root), "fields": fields}
    return listing


def _counted(url: str, items: int) -> dict[str, Any]:
    """Where listings start, with ``{page}`` where the address counts pages, or items."""
    pages = re.sub(r"(?i)\b((?:page|p)[=/-])[0-9]+", r"\1{page}", url, count=1)
    if pages != url:
        return {"start": pages}
    offsets = re.sub(r"(?i)\b((?:start|offset|skip|from)=)[0-9]+", r"\1{page}", url, count=1)
    steps = {"first_page": 0, "page_step": items} if offsets != url else {}
    return {"start": offsets, **steps}


def _items(root: Selector, url: str) -> tuple[str, list[Selector]]:
    """The selector of the blocks that repeat, most of them with a link and a picture."""
    best: tuple[float, str, list[Selector]] | None = None
    for parent in root.xpath(f"//body/descendant-or-self::*[count(*) > 2][not({_MENU})]"):
        groups: dict[str, list[Selector]] = defaultdict(list)
        for child in parent.xpath("./*"):
            groups[_signature(child)].append(child)
        for group in groups.values():
            linked = sum(bool(node.xpath("descendant-or-self::a[@href]")) for node in group)
            pictured = sum(bool(node.css("img, picture")) for node in group)
            if len(group) < _FEWEST or linked < _MOST * len(group):
                continue
            score = linked + 2.0 * pictured
            selector = _selector(root, parent, group)
            if selector is not None and (best is None or score > best[0]):
                best = (score, selector, group)
    if best is None:
        raise LayoutChangedError(
            f"{url}: nothing repeats on it with links in it; give the page that lists first, as a "
            f"browser shows it when it is whole"
        )
    return best[1], best[2]


def _signature(node: Selector) -> str:
    return " ".join([node.root.tag, *classes_of(node)[:1]])


def _selector(root: Selector, parent: Selector, group: list[Selector]) -> str | None:
    """The shortest selector that finds the group and nothing else."""
    tag = group[0].root.tag
    shared = [c for c in classes_of(group[0]) if all(c in classes_of(node) for node in group)]
    steps = [f"{tag}.{name}" for name in shared if _CLASS.fullmatch(name)] or [tag]
    above = [f".{name}" for name in classes_of(parent) if _CLASS.fullmatch(name)]
    for step in (*steps, *(f"{name} > {steps[0]}" for name in above)):
        if len(root.css(step)) == len(group):
            return step
    return None


def _field_rules(nodes: list[Selector]) -> Iterator[tuple[str, Any]]:
    yield "link", _link(nodes)
    id_ = _id_attribute(nodes)
    if id_ is not None:
        yield "id", {"xpath": f"./@{id_}"}
    for css in ("picture", "img", '[style*="url("]'):
        if _count_matching(nodes, css) >= _MOST * len(nodes):
            yield "images", f"{css}::image"
            break
    texts, most = _texts(nodes), _MOST * len(nodes)
    names = {name: _named(texts, words) for name, words in _NAMES.items()}
    headings = (css for css in _HEADINGS if _count_matching(nodes, f"{css}:not(:empty)") >= most)
    names["title"] = next(headings, names["title"])
    priced = (css for css, said in texts.items() if sum(map(is_price, said)) >= 0.5 * len(said))
    names["price"] = next(priced, None)
    yield from ((name, css) for name, css in names.items() if css is not None)


def _link(nodes: list[Selector]) -> Any:
    if all(node.root.tag == "a" for node in nodes):
        return {"xpath": "./@href"}
    links = [node.css("a[href]") for node in nodes]
    shared = set.intersection(*({c for a in each[:1] for c in classes_of(a)} for each in links))
    name = next((c for c in sorted(shared) if _CLASS.fullmatch(c)), None)
    return "a::attr(href)" if name is None else f"a.{name}::attr(href)"


def _id_attribute(nodes: list[Selector]) -> str | None:
    """The attribute of the items that differs in all of them and looks like an id."""
    for name in nodes[0].root.attrib:
        values = {attribute(node, name) or "" for node in nodes}
        is_id = all(re.fullmatch(r"[\w-]{1,40}", value) for value in values)
        if (name.startswith("data-") or name == "id") and is_id and len(values) == len(nodes):
            return str(name)
    return None


def _count_matching(nodes: list[Selector], css: str) -> int:
    return sum(bool(node.css(css)) for node in nodes)


def _texts(nodes: list[Selector]) -> dict[str, list[str]]:
    """The texts of elements without others in them, by a selector that most items have."""
    texts: dict[str, list[str]] = defaultdict(list)
    for node in nodes:
        met: set[str] = set()
        for leaf in node.xpath(".//*[not(*)]"):
            tag, classes = leaf.root.tag, classes_of(leaf)
            css = next((f".{c}" for c in classes if _CLASS.fullmatch(c)), tag)
            text = text_of(leaf)
            if text and css not in met and tag not in {"script", "style"}:
                met.add(css)
                texts[css].append(text)
    return {css: said for css, said in texts.items() if len(said) >= _MOST * len(nodes)}


def _named(texts: dict[str, list[str]], words: re.Pattern[str]) -> str | None:
    return next((css for css in texts if css.startswith(".") and words.search(css)), None)


def _counts(root: Selector) -> dict[str, Any]:
    """The text that counts the items, which also proves a page empty where it says 0."""
    for node in root.css(_EMPTY):
        text = text_of(node) or ""
        counted = _COUNTED.match(text)
        name = next((c for c in classes_of(node) if _CLASS.fullmatch(c)), None)
        if counted and name and len(root.css(f".{name}")) == 1:
            proof = {"css": f".{name}", "re": rf"^\D*0 {counted[1]}"}
            return {"total": f".{name}", "empty": proof}
    return {}


def _detail(page: TriedPage) -> dict[str, Any]:
    root = tree(page.body)
    fields: dict[str, Any] = {}
    nodes = json_ld(root)
    kind = next((name for name in _TYPES if of_type(nodes, name)), None)
    block = of_type(nodes, kind) if kind else None
    for name, paths in _LINKED.items() if block and kind else ():
        path = next((each for each in paths if _reaches(block, each)), None)
        if path is not None:
            fields[name] = {"json_ld": f"{kind}.{path}"}
    if root.css("h1"):
        fields["title"] = [fields["title"], "h1"] if "title" in fields else "h1"
    previews = root.css('meta[property="og:image"]')
    if "images" not in fields:
        fields["images"] = {"meta": "og:image"} if previews else "img::image"
    sheet = _sheet(root)
    part: dict[str, Any] = {"match": _match(page.url)}
    if sheet:
        part["sheet"] = sheet
    return part | {"fields": fields}


def _reaches(block: Any, path: str) -> bool:
    return bounded.path(path).search(block) not in (None, [], "")


def _sheet(root: Selector) -> dict[str, str] | None:
    if root.css("dl dt"):
        name = next((c for c in classes_of(root.css("dl")[0]) if _CLASS.fullmatch(c)), None)
        return {"list": f"dl.{name}" if name else "dl"}
    if root.xpath("//tr[th and td]"):
        return {"rows": "tr", "label": "th", "value": "td"}
    return _table_of_blocks(root)


def _table_of_blocks(root: Selector) -> dict[str, str] | None:
    """A table made of blocks, as of `<div class=row><b>Year</b><i>1962</i></div>`."""
    for parent in root.xpath(f"//body/descendant-or-self::*[count(*) > 2][not({_MENU})]"):
        rows = [child for child in parent.xpath("./*") if _is_row(child)]
        alike = [row for row in rows if _signature(row) == _signature(rows[0])]
        selector = _selector(root, parent, alike) if len(alike) >= _FEWEST else None
        if selector is not None:
            label, value = (_child(alike[0].xpath(f"./*[{n}]")[0], n) for n in (1, 2))
            return {"rows": selector, "label": label, "value": value}
    return None


def _is_row(node: Selector) -> bool:
    """Whether it holds a short text and another one, and nothing else."""
    texts = [text_of(child) or "" for child in node.xpath("./*")]
    plain = not node.xpath("./text()[normalize-space()] | .//a | .//img")
    return plain and len(texts) == 2 and all(texts) and len(texts[0]) <= _LONGEST_LABEL


def _child(node: Selector, place: int) -> str:
    name = next((c for c in classes_of(node) if _CLASS.fullmatch(c)), None)
    return f".{name}" if name else f"{node.root.tag}:nth-child({place})"


def _match(url: str) -> str:
    """A pattern of the addresses like this one: its last part is left open, but for an id.

    Where the query names the item (``item.php?id=7``), the path stays as it is.
    """
    asked = urlsplit(url).query.partition("=")[0]
    if asked:
        page = urlsplit(url).path.rpartition("/")[2]
        return re.escape(f"/{page}?{asked}=").replace(r"\-", "-")
    folder, _, last = urlsplit(url).path.rstrip("/").rpartition("/")
    ending = "[0-9]+" if last[-1:].isdecimal() else ""
    opened = f"[^/?]*{ending}" if ending else "[^/?]+"
    above = re.escape(folder[folder.rfind("/") :]).replace(r"\-", "-")
    return f"{above}/{opened}/?(\\?|$)"
