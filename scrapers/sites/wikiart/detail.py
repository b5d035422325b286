"""A work's own page on WikiArt: the only place that tells the rights, and every size there is."""

from __future__ import annotations

import re
from typing import Any, Final

from parsel import Selector

from pipeline.core.errors import LayoutChangedError
from scrapers.parsing.embedded import json_after, json_in_scripts, json_ld, of_type
from scrapers.parsing.markup import attribute, first, first_attribute, tree
from scrapers.parsing.page_layers import DOM, JSON, JSON_LD, merge
from scrapers.parsing.text import absolute, plain, unescaped
from scrapers.sites.wikiart.detail_html import article_of, before_semicolon, of_article
from scrapers.sites.wikiart.images import is_picture
from scrapers.sites.wikiart.work import Size, WikiArtWork
from scrapers.sites.wikiart.work_json import of_record, whole

_TRACKED: Final = re.compile(
    rb"trackPageView\(\s*(?:['\"]|&#39;|&quot;)painting\W[^0-9a-f]{1,12}([0-9a-f]{24})\b"
)


def parse_detail(body: bytes, url: str) -> WikiArtWork:
    """Read a work's own page.

    Raises:
        LayoutChangedError: neither the data block nor the article about a painting is there.
    """
    page = tree(body)
    data, article = _data_block(page), article_of(page)
    if not data and article is None:
        raise LayoutChangedError(
            f"{url}: neither paintingJson nor an article with itemtype schema.org/Painting; "
            f"the site's layout has changed and its parser needs mending"
        )
    shown = of_article(page, article, url) | {"image_url": _picture(page, url)}
    merged = merge(
        {
            JSON: of_record(data, url) | {"page_url": None} | {"sizes": _sizes(page, url)},
            JSON_LD: _linked_data(page, url),
            DOM: {"id": _tracked_id(body)} | shown,
        }
    )
    return WikiArtWork(layer=merged.layer, sources=merged.sources, page_url=url, **merged.values)


def _tracked_id(body: bytes) -> str | None:
    """The work's id, as the page's script tells it to the site's statistics."""
    tracked = _TRACKED.search(body)
    return None if tracked is None else tracked[1].decode()


def _data_block(page: Selector) -> dict[str, Any]:
    """``paintingJson``: in an ``ng-init``, in the older look in a script."""
    for node in page.css("[ng-init]"):
        block = json_after(attribute(node, "ng-init") or "", "paintingJson")
        if block is not None:
            return block
    return json_in_scripts(page, "paintingJson") or {}


def _linked_data(page: Selector, url: str) -> dict[str, Any]:
    node = of_type(json_ld(page), "Painting", "VisualArtwork") or {}
    creator, image = node.get("creator"), node.get("image")
    image = image[0] if isinstance(image, list) and image else image
    image = image.get("contentUrl") or image.get("url") if isinstance(image, dict) else image
    return {
        "title": unescaped(node.get("name")),
        "artist_name": unescaped(creator.get("name") if isinstance(creator, dict) else creator),
        "year_text": before_semicolon(unescaped(node.get("dateCreated"))),
        "image_url": _picture_at(url, image if isinstance(image, str) else None),
    }


def _picture_at(url: str, source: str | None) -> str | None:
    address = absolute(url, source) if source else None
    return address if address is not None and is_picture(address, url) else None


def _picture(page: Selector, url: str) -> str | None:
    """The picture the page shows; a page that was saved may name its own copy of it there."""
    sources = (
        first_attribute(page.css('img[itemprop="image"]'), "src"),
        first_attribute(page.css('meta[property="og:image"]'), "content"),
        first_attribute(page.css(".wiki-layout-artist-image-wrapper img"), "src"),
        first_attribute(page.css('link[rel="image_src"]'), "href"),
        first_attribute(page.css("ul.image-variants-container a"), "data-image-url"),
    )
    return next((address for s in sources if (address := _picture_at(url, s))), None)


def _sizes(page: Selector, url: str) -> tuple[Size, ...]:
    """What ``thumbnailSizesModel`` lists of the first picture: the best source of what exists."""
    main = first(page, '[ng-init*="thumbnailSizesModel"]')
    model = json_after(attribute(main, "ng-init") or "", "thumbnailSizesModel") or {}
    groups = model.get("ImageThumbnailsModel")
    group = groups[0] if isinstance(groups, list) and groups else {}
    entries = group.get("Thumbnails") if isinstance(group, dict) else None
    sizes = (_size(entry, url) for entry in (entries if isinstance(entries, list) else []))
    return tuple(size for size in sizes if size is not None)


def _size(entry: Any, url: str) -> Size | None:
    if not isinstance(entry, dict):
        return None
    name, target = entry.get("Name"), entry.get("Url")
    address = _picture_at(url, target if isinstance(target, str) else None)
    if not isinstance(name, str) or address is None:
        return None
    width, height = whole(entry.get("Width")), whole(entry.get("Height"))
    return Size(name=plain(name), url=address, width=width, height=height)
