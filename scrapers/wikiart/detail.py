"""A work's own page on WikiArt: the only place that tells style, genre, media and rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag

from pipeline.core.errors import LayoutChangedError
from scrapers.markup import attribute, json_after, text_of, tree
from scrapers.pagetext import absolute, first_year, path_segments, plain, plain_or_none, unescaped


@dataclass(frozen=True, slots=True)
class Size:
    """One size in which the picture can be fetched."""

    name: str
    """``Original``, ``HD``, ``Large``, ..."""
    url: str
    width: int | None
    """Pixels."""
    height: int | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One work as its own page describes it; what the page does not tell is None or empty."""

    layer: str
    """``json`` where the page's own data block was read, else ``dom``."""
    page_url: str
    id: str | None
    title: str | None
    artist_slug: str | None
    artist_name: str | None
    year_text: str | None
    year: int | None
    image_url: str | None
    """The original, or the largest size that the page names."""
    styles: tuple[str, ...]
    genre: str | None
    media: tuple[str, ...]
    tags: tuple[str, ...]
    rights: str | None
    """The site's label, such as "Public domain" or "Fair Use"."""
    sizes: tuple[Size, ...]


def parse_detail(body: bytes, url: str) -> Detail:
    """Read a work's own page; titles stand in any heading, only the microdata is relied upon.

    Raises:
        LayoutChangedError: neither the data block nor the article about a painting is there.
    """
    soup = tree(body)
    data = _data_block(soup)
    article = soup.select_one('[itemtype$="schema.org/Painting"] article')
    if not data and article is None:
        raise LayoutChangedError(
            f"{url}: neither paintingJson nor an article with itemtype schema.org/Painting; "
            f"the site's layout has changed and its parser needs mending"
        )
    facts = _labelled(article)
    year_text = unescaped(data.get("year")) or _date(article)
    return Detail(
        layer="json" if data else "dom",
        page_url=url,
        id=plain_or_none(data.get("_id", data.get("id"))),
        title=unescaped(data.get("title")) or text_of(_heading(article, "name")),
        artist_slug=_artist_slug(data, article, url),
        artist_name=unescaped(data.get("artistName")) or _creator_name(article),
        year_text=year_text,
        year=first_year(year_text or ""),
        image_url=_image(soup, data, url),
        styles=_values(facts.get("Style")),
        genre=text_of(_itemprop(article, "genre")) or next(iter(_values(facts.get("Genre"))), None),
        media=_values(facts.get("Media")),
        tags=_tags(soup),
        rights=_rights(soup),
        sizes=_sizes(soup, url),
    )


def _data_block(soup: BeautifulSoup) -> dict[str, Any]:
    for node in soup.select("[ng-init]"):
        block = json_after(attribute(node, "ng-init") or "", "paintingJson")
        if block is not None:
            return block
    return {}


def _itemprop(article: Tag | None, name: str) -> Tag | None:
    return None if article is None else article.select_one(f'[itemprop="{name}"]')


def _heading(article: Tag | None, name: str) -> Tag | None:
    """The work's name: the itemprop that is not inside the creator's, or the first heading."""
    if article is None:
        return None
    for node in article.select(f'[itemprop="{name}"]'):
        if node.find_parent(attrs={"itemprop": "creator"}) is None:
            return node
    return article.select_one("h1, h3")


def _creator_name(article: Tag | None) -> str | None:
    creator = _itemprop(article, "creator")
    return None if creator is None else text_of(creator.select_one("a") or creator)


def _artist_slug(data: dict[str, Any], article: Tag | None, url: str) -> str | None:
    creator = _itemprop(article, "creator")
    link = None if creator is None else creator.select_one("a[href]")
    for candidate in (data.get("artistUrl"), attribute(link, "href"), "/".join(path_segments(url))):
        segments = path_segments(candidate) if isinstance(candidate, str) else []
        if len(segments) >= 2 and segments[0] == "en":
            return segments[1]
    return None


def _date(article: Tag | None) -> str | None:
    """The date of the microdata without what the site adds behind it ("1955; Brussels")."""
    text = text_of(_itemprop(article, "dateCreated"))
    return (text or "").partition(";")[0].strip() or None


def _labelled(article: Tag | None) -> dict[str, Tag]:
    """The list items ``<s>Label:</s> value`` of the article, by label."""
    labelled = {}
    for item in article.select("ul > li") if article is not None else []:
        label = item.select_one("s")
        if label is not None:
            labelled[plain(label.get_text()).rstrip(":")] = item
    return labelled


def _values(item: Tag | None) -> tuple[str, ...]:
    """The values behind a label: one a link, or one text split at its commas."""
    if item is None:
        return ()
    links = [text for link in item.select("a") if (text := text_of(link))]
    if links:
        return tuple(links)
    label = text_of(item.select_one("s")) or ""
    text = (text_of(item) or "").removeprefix(label)
    return tuple(part for piece in text.split(",") if (part := piece.strip()))


def _tags(soup: BeautifulSoup) -> tuple[str, ...]:
    return tuple(text for link in soup.select(".tags-cheaps a") if (text := text_of(link)))


def _rights(soup: BeautifulSoup) -> str | None:
    return text_of(soup.select_one(".copyright-wrapper a.copyright"))


def _image(soup: BeautifulSoup, data: dict[str, Any], url: str) -> str | None:
    candidates = (
        data.get("image"),
        attribute(soup.select_one('img[itemprop="image"]'), "src"),
        attribute(soup.select_one('meta[property="og:image"]'), "content"),
    )
    for candidate in candidates:
        if isinstance(candidate, str) and candidate:
            return absolute(url, candidate)
    return None


def _sizes(soup: BeautifulSoup, url: str) -> tuple[Size, ...]:
    """What ``thumbnailSizesModel`` lists, in its order: the best source of which sizes exist."""
    main = soup.select_one('[ng-init*="thumbnailSizesModel"]')
    model = json_after(attribute(main, "ng-init") or "", "thumbnailSizesModel") or {}
    groups = model.get("ImageThumbnailsModel")
    sizes = []
    for group in groups if isinstance(groups, list) else []:
        entries = group.get("Thumbnails") if isinstance(group, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            size = _size(entry, url)
            if size is not None:
                sizes.append(size)
    return tuple(sizes)


def _size(entry: Any, url: str) -> Size | None:
    if not isinstance(entry, dict):
        return None
    name, target = entry.get("Name"), entry.get("Url")
    address = absolute(url, target) if isinstance(target, str) and target else None
    if not isinstance(name, str) or address is None:
        return None
    width, height = entry.get("Width"), entry.get("Height")
    return Size(
        plain(name),
        address,
        width if isinstance(width, int) else None,
        height if isinstance(height, int) else None,
    )
