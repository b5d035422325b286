"""The replica of WikiArt: same addresses, same JSON and markup, filled from a catalogue.

It answers as the site does also where that is inconvenient: HTML in place of JSON without the
header of the site's own scripts, entities in JSON titles, listings cut off at 3,600 works, and
derivatives that do not exist.
"""

from __future__ import annotations

import html
import io
import string
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final

from PIL import Image

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.walls import Walls
from scrapers.gallery.defects.damage import stand_in
from scrapers.gallery.items import Creator, FileVersion, Work
from scrapers.gallery.replicas.replica import Facet, ListedPicture, Replica, facets
from scrapers.gallery.replicas.wikiart.addresses import (
    FRAME,
    HOSTS,
    LAZY,
    SHARDS,
    UPLOADS,
    WWW,
    host_of,
    image_named,
    page_path,
)
from scrapers.gallery.replicas.wikiart.work_records import (
    PAGE_SIZE,
    WorkRecords,
    artist_record,
    wrapper,
)
from scrapers.gallery.web.messages import PageLayout, Request, Response
from scrapers.gallery.web.responses import Routes, image, json_answer, opted_out, page, xml
from scrapers.parsing.text import slug as slug_of

_FRAME_SIZE: Final = (600, 480)
SITEMAP_SIZE: Final = 40_000
"""Addresses in one shard of the sitemap."""
MOST_PAGES: Final = 60
"""A listing by style, genre or media ends here, whatever its AllPaintingsCount says."""

_CONTENT_TYPES: Final = {".png": "image/png"}
_ARTISTS_BY = r"/en/artists-by-(?P<facet>art-movement|genre)"
_FACET = r"/en/paintings-by-(?P<facet>style|genre|media)"


class WikiArt:
    """WikiArt with the works of one catalogue."""

    def __init__(self, catalogue: Paintings, origins: Mapping[str, str]) -> None:
        """Serve ``catalogue``; absolute links name the address that ``origins`` gives a host."""
        self._catalogue = catalogue
        self._origins = origins
        self._records = WorkRecords(self._image_url, origins[UPLOADS] + FRAME)
        self._artists = {artist.slug: artist for artist in catalogue.creators}
        sitemap = f"{origins[WWW]}/sitemap/sitemap_index.xml"
        self._pages = Routes(
            "wikiart",
            f"User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n",
            {
                r"/sitemap/sitemap_index\.xml": self._sitemap_index,
                r"/sitemap/artists\.xml": self._sitemap_of_artists,
                r"/sitemap/paintings-(?P<number>[0-9]{1,6})\.xml": self._sitemap_of_works,
                r"/(?:en)?": self._home,
                r"/en/alphabet/(?P<letter>[a-z])/text-list": self._alphabet,
                _ARTISTS_BY + r"/(?P<slug>[^/]+)/text-list": self._artists_under,
                _FACET: self._facet_index,
                _FACET + r"/(?P<slug>[^/]+)": self._facet,
                r"/en/App/Painting/PaintingsByArtist": self._all_of_artist,
                r"/en/(?P<slug>[^/]+)/all-works/text-list": self._text_list,
                r"/en/(?P<slug>[^/]+)(?P<listing>/all-works|/mode/all-paintings)?": self._artist,
                r"/en/(?P<artist>[^/]+)/(?P<slug>[^/]+)": self._detail,
            },
        )

    def answer(self, host: str, request: Request) -> Response:
        """What ``host`` says to ``request``."""
        return self._pages.answer(request) if host == WWW else self._upload(host, request)

    # Image hosts

    def _upload(self, host: str, request: Request) -> Response:
        if request.path == FRAME:
            return self._file(image(FileVersion.of(0, FRAME), request, _frame))
        if request.path == LAZY:
            return self._file(image(FileVersion.of(0, LAZY), request, _grey_pixel, "image/png"))
        named = image_named(request.path)
        work = self._catalogue.work_showing(named[0]) if named else None
        if named is None or work is None or host != host_of(request.path):
            return self._pages.not_found()
        variant, picture = named[1], work.picture
        if work.image_path(variant) != request.path:
            return self._pages.not_found()
        version = self._catalogue.version(picture, variant)
        answer = image(
            version,
            request,
            lambda: self._catalogue.image(picture, variant),
            _CONTENT_TYPES.get(work.suffix, "image/jpeg"),
        )
        return self._file(opted_out(answer) if answer and work.opted_out else answer)

    def _file(self, answer: Response | None) -> Response:
        return self._pages.not_found() if answer is None else answer

    def _image_url(self, work: Work, variant: str | None) -> str:
        path = work.image_path(variant)
        return self._origins[host_of(path)] + path

    # Pages

    def _sitemap_index(self, request: Request) -> Response:
        del request
        shards = -(-len(self._catalogue.works) // SITEMAP_SIZE)
        names = ["artists", *(f"paintings-{number}" for number in range(1, shards + 1))]
        return self._sitemap("sitemapindex", [f"/sitemap/{name}.xml" for name in names])

    def _sitemap_of_artists(self, request: Request) -> Response:
        del request
        return self._sitemap("urlset", [f"/en/{a.slug}" for a in self._catalogue.creators])

    def _sitemap_of_works(self, request: Request, number: str) -> Response:
        del request
        end = int(number) * SITEMAP_SIZE
        works = self._catalogue.works[end - SITEMAP_SIZE : end] if end else ()
        return (
            self._sitemap("urlset", [page_path(w) for w in works])
            if works
            else self._pages.not_found()
        )

    def _sitemap(self, root: str, paths: Sequence[str]) -> Response:
        entry = "sitemap" if root == "sitemapindex" else "url"
        locations = "".join(
            f"<{entry}><loc>{html.escape(self._origins[WWW] + path)}</loc></{entry}>"
            for path in paths
        )
        body = f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</{root}>'
        return xml(body)

    def _home(self, request: Request) -> Response:
        del request
        works_of = self._catalogue.works_of
        return page(
            "wikiart/home.html",
            artists=[(artist, len(works_of(artist.slug))) for artist in self._catalogue.creators],
            styles=self._facets["style"],
            letters=string.ascii_lowercase,
        )

    def _alphabet(self, request: Request, letter: str) -> Response:
        del request
        artists = [a for a in self._catalogue.creators if a.slug.startswith(letter)]
        entries = [(f"/en/{a.slug}", a.name, "") for a in artists]
        return page("wikiart/text_list.html", heading=f"Artists: {letter}", entries=entries)

    def _artists_under(self, request: Request, facet: str, slug: str) -> Response:
        """The artists of a style or genre, with whatever share of their works."""
        del request
        name, works = self._works_with("style" if facet == "art-movement" else facet, slug)
        artists = {work.artist.slug: work.artist.name for work in works}
        entries = [(f"/en/{each}", artists[each], "") for each in sorted(artists)]
        return (
            page("wikiart/text_list.html", heading=f"Artists: {name}", entries=entries)
            if artists
            else self._pages.not_found()
        )

    def _facet_index(self, request: Request, facet: str) -> Response:
        del request
        return page("wikiart/facet_index.html", kind=facet, facets=self._facets[facet])

    def _facet(self, request: Request, facet: str, slug: str) -> Response:
        name, works = self._works_with(facet, slug)
        if _wants_json(request):
            return self._wrapper(works, request, MOST_PAGES)
        return self._gallery(name, request.path, len(works))

    def _works_with(self, facet: str, slug: str) -> tuple[str, Sequence[Work]]:
        """The name behind ``slug`` and the works that bear it."""
        shared = self._catalogue.shared.get(facet)
        if shared is not None and slug == slug_of(shared):
            return shared, self._catalogue.works
        chosen = self._facets[facet].get(slug, Facet(slug))
        return chosen.name, chosen.of(self._catalogue.works)

    @cached_property
    def _facets(self) -> dict[str, dict[str, Facet]]:
        """The works by style, genre and medium; goes through all of them when first needed."""
        by_style, by_genre, by_media = facets(
            self._catalogue.works, [lambda w: w.styles, lambda w: (w.genre,), lambda w: w.media]
        )
        return {"style": by_style, "genre": by_genre, "media": by_media}

    def _artist(self, request: Request, slug: str, listing: str | None) -> Response:
        artist = self._artists.get(slug)
        works = self._catalogue.works_of(slug)
        if _wants_json(request):
            if listing is None and "page" not in request.query:
                return (
                    self._pages.not_found()
                    if artist is None
                    else json_answer(artist_record(artist))
                )
            return self._wrapper(works, request)
        if artist is None:
            return self._pages.not_found()
        return self._gallery(artist.name, f"/en/{slug}/mode/all-paintings", len(works), artist)

    def _gallery(
        self, heading: str, listing: str, total: int, artist: Creator | None = None
    ) -> Response:
        return page(
            "wikiart/gallery.html",
            heading=heading,
            listing=listing,
            total=total,
            artist=artist,
            placeholder=self._origins[UPLOADS] + LAZY,
            shards=[self._origins[host] for host in SHARDS],
        )

    def _text_list(self, request: Request, slug: str) -> Response:
        del request
        artist = self._artists.get(slug)
        if artist is None:
            return self._pages.not_found()
        works = self._catalogue.works_of(slug)
        entries = [(page_path(work), work.title, work.year_text) for work in works]
        return page("wikiart/text_list.html", heading=artist.name, entries=entries)

    def _detail(self, request: Request, artist: str, slug: str) -> Response:
        work = self._catalogue.work(artist, slug)
        if work is None:
            return self._pages.not_found()
        return page(
            "wikiart/detail.html",
            work=work,
            canonical=self._origins[WWW] + page_path(work),
            large_url=self._records.shown(work),
            thumbnails=self._records.thumbnails(work),
            painting=self._records.painting(work),
            slug=slug_of,
            of_2024=request.layout is PageLayout.OF_2024,
        )

    # JSON

    def _all_of_artist(self, request: Request) -> Response:
        works = self._catalogue.works_of(request.query.get("artistUrl", ""))
        return json_answer([self._records.plain_row(work) for work in works])

    def _wrapper(
        self, works: Sequence[Work], request: Request, most_pages: int | None = None
    ) -> Response:
        number = request.query.get("page", "1")
        at = int(number) - 1 if number.isdecimal() and int(number) > 0 else 0
        capped = most_pages is not None and at >= most_pages
        chosen = () if capped else works[at * PAGE_SIZE : (at + 1) * PAGE_SIZE]
        rows = [self._records.row(work) for work in chosen]
        return json_answer(wrapper(rows, len(works)))


def _wants_json(request: Request) -> bool:
    """The site answers with HTML unless its own script seems to ask."""
    return "json" in request.query and (
        request.headers.get("x-requested-with", "") == "XMLHttpRequest"
    )


@lru_cache(maxsize=1)
def _frame() -> bytes:
    return _encoded(stand_in(_FRAME_SIZE), "JPEG")


@lru_cache(maxsize=1)
def _grey_pixel() -> bytes:
    return _encoded(Image.new("L", (1, 1), 238), "PNG")


def _encoded(picture: Image.Image, format_: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_)
    return file.getvalue()


def _catalogue(gallery: Gallery) -> Paintings:
    kind = Walls if gallery.kind == "walls" else Paintings
    return kind(gallery.seed, gallery.works, gallery.creators, gallery.revision)


def _pictures(catalogue: Paintings) -> Iterator[ListedPicture]:
    return (ListedPicture(work.id, 0, work.picture) for work in catalogue.works)


REPLICA: Final = Replica(
    site="wikiart",
    hosts=HOSTS,
    catalogue=_catalogue,
    app=WikiArt,
    pictures=_pictures,
    marks_pictures=lambda _: False,
)
