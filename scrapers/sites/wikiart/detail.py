"""A work's own page on WikiArt: the only place that tells the rights.

Its headings have changed (h3 and h5 until early 2026, h1 and h2 since); only its microdata, its
labels and the addresses of its links are relied upon.
"""

from __future__ import annotations

import re
from typing import Any, Final

from bs4 import BeautifulSoup, Tag

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.layers import DOM, JSON, JSON_LD, merge
from scrapers.parsing.markup import (
    attribute,
    first_attribute,
    json_after,
    json_ld,
    of_type,
    text_of,
    tree,
)
from scrapers.parsing.text import absolute, listed, path_segments, plain, unescaped
from scrapers.sites.wikiart.images import is_picture
from scrapers.sites.wikiart.pages import artist_of, page_kind, same_site
from scrapers.sites.wikiart.record import of_record, whole
from scrapers.sites.wikiart.work import Size, Work

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
_ELSEWHERE: Final = {
    "Date",
    "Completion Date",
    "Style",
    "Genre",
    "Media",
    "Technique",
    "Tag",
    "Tags",
    "Share",
}
"""Labels whose values are read by other means, or are no facts."""
_TRACKED: Final = re.compile(
    rb"trackPageView\(\s*(?:['\"]|&#39;|&quot;)painting\W[^0-9a-f]{1,12}([0-9a-f]{24})\b"
)
_LABEL_TAGS: Final = ("s", "b", "strong", "dt", "span")


def parse_detail(body: bytes, url: str) -> Work:
    """Read a work's own page.

    Raises:
        LayoutChangedError: neither the data block nor the article about a painting is there.
    """
    soup = tree(body)
    data = _data_block(soup)
    article = _article(soup)
    if not data and article is None:
        raise LayoutChangedError(
            f"{url}: neither paintingJson nor an article with itemtype schema.org/Painting; "
            f"the site's layout has changed and its parser needs mending"
        )
    merged = merge(
        {
            JSON: of_record(data, url) | {"page_url": None} | {"sizes": _sizes(soup, url)},
            JSON_LD: _linked_data(soup, url),
            DOM: {"id": _tracked_id(body)} | _document(soup, article, url),
        }
    )
    return Work(layer=merged.layer, sources=merged.sources, page_url=url, **merged.values)


def _tracked_id(body: bytes) -> str | None:
    """The work's id, as the page's script tells it to the site's statistics."""
    found = _TRACKED.search(body)
    return None if found is None else found[1].decode()


def _article(soup: BeautifulSoup) -> Tag | None:
    about = soup.select_one(_ARTICLE)
    return (about.select_one("article") or about) if about is not None else None


def _data_block(soup: BeautifulSoup) -> dict[str, Any]:
    """``paintingJson``: in an ``ng-init``, in the older look in a script."""
    for node in soup.select("[ng-init]"):
        block = json_after(attribute(node, "ng-init") or "", "paintingJson")
        if block is not None:
            return block
    for script in soup.select("script:not([src])"):
        block = json_after(script.get_text(), "paintingJson")
        if block is not None:
            return block
    return {}


def _linked_data(soup: BeautifulSoup, url: str) -> dict[str, Any]:
    node = of_type(json_ld(soup), "Painting", "VisualArtwork") or {}
    creator, image = node.get("creator"), node.get("image")
    image = image[0] if isinstance(image, list) and image else image
    image = image.get("contentUrl") or image.get("url") if isinstance(image, dict) else image
    return {
        "title": unescaped(node.get("name")),
        "artist_name": unescaped(creator.get("name") if isinstance(creator, dict) else creator),
        "year_text": _before_semicolon(unescaped(node.get("dateCreated"))),
        "image_url": _picture_at(url, image if isinstance(image, str) else None),
    }


def _document(soup: BeautifulSoup, article: Tag | None, url: str) -> dict[str, Any]:
    labelled = _labelled(article)
    creator = _itemprop(article, "creator")
    link = None if creator is None else creator.select_one("a[href]")
    created = text_of(_itemprop(article, "dateCreated")) or _value(
        labelled.get("Date") or labelled.get("Completion Date")
    )
    by_facet = {facet: _facet_links(article, facet) for facet in _FACETS}
    style, genre, media = (
        tuple(text for _, text in by_facet[facet]) or _values(labelled.get(facet.capitalize()))
        for facet in _FACETS
    )
    return {
        "title": text_of(_heading(article)),
        "artist_slug": _artist_in(attribute(link, "href"), url) or artist_of(url),
        "artist_name": text_of(link or creator),
        "year_text": _before_semicolon(created),
        "location": (created or "").partition(";")[2].strip(),
        "styles": style or _own_text(article, "style"),
        "genres": genre or _own_text(article, "genre"),
        "media": media or _values(labelled.get("Technique")),
        "tags": _tags(soup) or _values(labelled.get("Tag")),
        "facets": tuple(path for links in by_facet.values() for path, _ in links),
        "rights": _rights(soup),
        "description": text_of(soup.select_one('[itemprop="description"]')),
        "image_url": _picture(soup, url),
        "sheet": tuple(
            (label, value)
            for label, item in labelled.items()
            if label not in _KNOWN and label not in _ELSEWHERE and (value := _value(item))
        ),
        **{
            field: _value(labelled.get(label))
            for label, field in _KNOWN.items()
            if label in labelled
        },
    }


def _itemprop(article: Tag | None, name: str) -> Tag | None:
    return None if article is None else article.select_one(f'[itemprop="{name}"]')


def _own_text(article: Tag | None, name: str) -> tuple[str, ...]:
    return listed(text_of(_itemprop(article, name)) or "")


def _heading(article: Tag | None) -> Tag | None:
    """The work's name: the itemprop that is not inside the creator's, or the first heading."""
    if article is None:
        return None
    for node in article.select('[itemprop="name"]'):
        if node.find_parent(attrs={"itemprop": "creator"}) is None:
            return node
    headings = article.select("h1, h2, h3")
    return next((node for node in headings if not node.has_attr("itemprop")), None)


def _artist_in(href: str | None, url: str) -> str | None:
    target = same_site(url, href)
    segments = path_segments(target or "")
    return segments[1] if target and len(segments) == 2 and page_kind(target) == "gallery" else None


def _before_semicolon(text: str | None) -> str | None:
    """A date without the place that the site adds behind it ("1955; Brussels")."""
    return (text or "").partition(";")[0].strip() or None


def _facet_links(article: Tag | None, facet: str) -> list[tuple[str, str]]:
    """Path and text of each link to a listing by ``facet``."""
    if article is None:
        return []
    found = []
    for link in article.select(f'a[href*="/paintings-by-{facet}/"]'):
        slug, text = (
            (attribute(link, "href") or "").partition(f"/paintings-by-{facet}/")[2],
            text_of(link),
        )
        if text:
            found.append((f"paintings-by-{facet}/{slug.partition('?')[0].strip('/')}", text))
    return found


def _labelled(article: Tag | None) -> dict[str, Tag]:
    """The items ``<s>Label:</s> value`` of the article, by label."""
    labelled: dict[str, Tag] = {}
    for item in article.select("li, .info-line") if article is not None else []:
        label = item.find(_LABEL_TAGS)
        text = plain(label.get_text(" ")) if isinstance(label, Tag) else ""
        if text.endswith(":") or (isinstance(label, Tag) and label.name == "s" and text):
            labelled.setdefault(text.rstrip(": "), item)
    return labelled


def _value(item: Tag | None) -> str | None:
    """The text behind a label."""
    if item is None:
        return None
    label = item.find(_LABEL_TAGS)
    before = text_of(label) if isinstance(label, Tag) else None
    return (text_of(item) or "").removeprefix(before or "").strip(" :,") or None


def _values(item: Tag | None) -> tuple[str, ...]:
    """The values behind a label: one a link, or one text split at its commas."""
    links = [text for link in item.select("a") if (text := text_of(link))] if item else []
    return tuple(links) or listed(_value(item) or "")


def _tags(soup: BeautifulSoup) -> tuple[str, ...]:
    items = soup.select(".tags-cheaps a, .tags-cheaps__item")
    return tuple(dict.fromkeys(text for item in items if (text := text_of(item))))


def _rights(soup: BeautifulSoup) -> str | None:
    label = soup.select_one(".copyright-wrapper a.copyright") or soup.select_one("a.copyright")
    text = text_of(label) or text_of(soup.select_one(".copyright-wrapper"))
    if text is None and soup.select_one(".copyright-icon-public-domain"):
        return "Public domain"
    return text


def _picture_at(url: str, source: str | None) -> str | None:
    address = absolute(url, source) if source else None
    return address if address is not None and is_picture(address, url) else None


def _picture(soup: BeautifulSoup, url: str) -> str | None:
    """The picture the page shows; a page that was saved may name its own copy of it there."""
    sources = (
        first_attribute(soup.select('img[itemprop="image"]'), "src"),
        first_attribute(soup.select('meta[property="og:image"]'), "content"),
        first_attribute(soup.select(".wiki-layout-artist-image-wrapper img"), "src"),
        first_attribute(soup.select('link[rel="image_src"]'), "href"),
        first_attribute(soup.select("ul.image-variants-container a"), "data-image-url"),
    )
    return next((address for s in sources if (address := _picture_at(url, s))), None)


def _sizes(soup: BeautifulSoup, url: str) -> tuple[Size, ...]:
    """What ``thumbnailSizesModel`` lists of the first picture: the best source of what exists."""
    main = soup.select_one('[ng-init*="thumbnailSizesModel"]')
    model = json_after(attribute(main, "ng-init") or "", "thumbnailSizesModel") or {}
    groups = model.get("ImageThumbnailsModel")
    group = groups[0] if isinstance(groups, list) and groups else {}
    entries = group.get("Thumbnails") if isinstance(group, dict) else None
    found = (_size(entry, url) for entry in (entries if isinstance(entries, list) else []))
    return tuple(size for size in found if size is not None)


def _size(entry: Any, url: str) -> Size | None:
    if not isinstance(entry, dict):
        return None
    name, target = entry.get("Name"), entry.get("Url")
    address = _picture_at(url, target if isinstance(target, str) else None)
    if not isinstance(name, str) or address is None:
        return None
    width, height = whole(entry.get("Width")), whole(entry.get("Height"))
    return Size(name=plain(name), url=address, width=width, height=height)
