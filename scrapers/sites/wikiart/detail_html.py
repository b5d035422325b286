"""The article of a work's own page: its microdata, its labelled items, the rights beside it.

Its headings have changed (h3 and h5 until early 2026, h1 and h2 since); only its microdata, its
labels and the addresses of its links are relied upon.
"""

from __future__ import annotations

from typing import Any, Final

from parsel import Selector

from scrapers.parsing.markup import attribute, first, text_of, text_outside, texts_of
from scrapers.parsing.text import comma_separated, path_segments
from scrapers.sites.wikiart.pages import artist_of, page_kind, same_site

_ARTICLE: Final = '[itemtype*="schema.org/Painting"], [itemtype*="schema.org/VisualArtwork"]'
_FACETS: Final = ("style", "genre", "media")
_KNOWN: Final = {
    "Original Title": "original_title",
    "Period": "period",
    "Series": "series",
    "Location": "gallery",
    "Gallery": "gallery",
    "Dimensions": "dimensions",
}
"""Labels of single values, and the fields of `Work` that they fill."""
_DATES: Final = ("Date", "Completion Date")
_READ_APART: Final = {*_DATES, "Style", "Genre", "Media", "Technique", "Tag", "Tags", "Share"}
"""Labels whose values are read by other means, or are no facts."""
_LABEL: Final = "s, b, strong, dt, span"
_OWN_NAME: Final = './/*[@itemprop="name"][count(ancestor::*[@itemprop]) = $depth]'
_RIGHTS: Final = (
    ".copyright-wrapper a.copyright:not(.copyright-author)",
    "a.copyright:not(.copyright-author)",
    ".copyright-wrapper .copyright-clear",
)


def article_of(page: Selector) -> Selector | None:
    """The article about a painting; None on a page of anything else."""
    about = first(page, _ARTICLE)
    return None if about is None else first(about, "article") or about


def of_article(page: Selector, article: Selector | None, url: str) -> dict[str, Any]:
    """The fields of `Work` that the document tells people."""
    labelled = _labelled(article)
    creator = _itemprop(article, "creator")
    link = None if creator is None else first(creator, "a[href]")
    year_text, place = _made(article, labelled)
    by_facet = {facet: _facet_links(article, facet) for facet in _FACETS}
    style, genre, media = (
        tuple(text for _, text in by_facet[facet]) or _values(labelled.get(facet.capitalize()))
        for facet in _FACETS
    )
    return {
        "title": text_of(_work_heading(article)),
        "artist_slug": _artist_in(attribute(link, "href"), url) or artist_of(url),
        "artist_name": text_of(creator if link is None else link),
        "year_text": year_text,
        "location": place,
        "styles": style or _own_text(article, "style"),
        "genres": genre or _own_text(article, "genre"),
        "media": media or _values(labelled.get("Technique")),
        "tags": _tags(page) or _values(labelled.get("Tag")),
        "facets": tuple(path for links in by_facet.values() for path, _ in links),
        "rights": _rights(page),
        "description": text_of(first(page, '[itemprop="description"]')),
        "sheet": tuple(
            (label, value)
            for label, item in labelled.items()
            if label not in _KNOWN and label not in _READ_APART and (value := _value(item))
        ),
        **{
            field: _value(labelled.get(label))
            for label, field in _KNOWN.items()
            if label in labelled
        },
    }


def before_semicolon(text: str | None) -> str | None:
    """A date without the place that the site adds behind it ("1955; Brussels")."""
    return (text or "").partition(";")[0].strip() or None


def _made(article: Selector | None, labelled: dict[str, Selector]) -> tuple[str | None, str | None]:
    """When and where the work was made: ``1958; Brussels, Belgium``, with or without microdata."""
    item = next((labelled[label] for label in _DATES if label in labelled), None)
    # The place may have an element of its own, and go on behind it.
    line = _value(item, between="") or ""
    place = text_of(_itemprop(article, "locationCreated"), between="")
    date = text_of(_itemprop(article, "dateCreated")) or line.removesuffix(place or "")
    behind = line.partition(";")[2].strip() or date.partition(";")[2].strip()
    return before_semicolon(date), behind or place


def _itemprop(article: Selector | None, name: str) -> Selector | None:
    return None if article is None else first(article, f'[itemprop="{name}"]')


def _own_text(article: Selector | None, name: str) -> tuple[str, ...]:
    return comma_separated(text_of(_itemprop(article, name)) or "")


def _work_heading(article: Selector | None) -> Selector | None:
    """The work's name: of no other thing (creator, place) inside the article; or its heading."""
    if article is None:
        return None
    depth = len(article.xpath("ancestor-or-self::*[@itemprop]"))
    own_names = article.xpath(_OWN_NAME, depth=depth)
    headings = article.css("h1:not([itemprop]), h2:not([itemprop]), h3:not([itemprop])")
    return next(iter([*own_names, *headings]), None)


def _artist_in(href: str | None, url: str) -> str | None:
    target = same_site(url, href)
    segments = path_segments(target or "")
    return segments[1] if target and len(segments) == 2 and page_kind(target) == "gallery" else None


def _facet_links(article: Selector | None, facet: str) -> list[tuple[str, str]]:
    """Path and text of each link to a listing by ``facet``."""
    folder = f"paintings-by-{facet}"
    links = [] if article is None else article.css(f'a[href*="/{folder}/"]')
    slugs = ((attribute(link, "href") or "").partition(f"/{folder}/")[2] for link in links)
    paths = [f"{folder}/{slug.partition('?')[0].strip('/')}" for slug in slugs]
    texts = [text_of(link) for link in links]
    return [(path, text) for path, text in zip(paths, texts, strict=True) if text]


def _labelled(article: Selector | None) -> dict[str, Selector]:
    """The items ``<s>Label:</s> value`` of the article, by label."""
    labelled: dict[str, Selector] = {}
    for item in article.css("li, .info-line") if article is not None else []:
        label = first(item, _LABEL)
        text = text_of(label) or ""
        if label is not None and (text.endswith(":") or (label.root.tag == "s" and text)):
            labelled.setdefault(text.rstrip(": "), item)
    return labelled


def _value(item: Selector | None, between: str = " ") -> str | None:
    """The text behind a label."""
    if item is None:
        return None
    label = text_of(first(item, _LABEL), between) or ""
    return (text_of(item, between) or "").removeprefix(label).strip(" :,") or None


def _values(item: Selector | None) -> tuple[str, ...]:
    """The values behind a label: one a link, or one text split at its commas."""
    links = () if item is None else tuple(texts_of(item.css("a")))
    return links or comma_separated(_value(item) or "")


def _tags(page: Selector) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts_of(page.css(".tags-cheaps a, .tags-cheaps__item"))))


def _rights(page: Selector) -> str | None:
    """The label, without the name of who holds the rights that some pages put before it."""
    label = text_of(first(page, *_RIGHTS)) or text_outside(
        first(page, ".copyright-wrapper"), "copyright-author"
    )
    if label is None and first(page, ".copyright-icon-public-domain") is not None:
        return "Public domain"
    return label
