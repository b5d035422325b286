"""Params of `scrape`: which site, which part of it, and how gently."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from pipeline.core.params.base import Section
from pipeline.core.params.column_keys import DIGESTS, NO_COLUMNS, SteeringColumns
from pipeline.core.sites import OWN, SITES, SIZE_AS_IT_IS, UNREADABLE


def _quoted_date(value: object) -> object:
    """A date as text; YAML reads a bare one as a date, which DVC does not take."""
    try:
        dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('write a date as "YYYY-MM-DD", in quotes') from None
    return value


Date = Annotated[str, BeforeValidator(_quoted_date)]
Slug = Annotated[str, Field(pattern=r"^[^\s/\\?#%]+$")]
Model = Annotated[str, Field(pattern=r"^[^\s/\\?#%]+/[^\s/\\?#%]+--mod[0-9]+$")]
Query = Annotated[str, Field(pattern=r"^[^\s/\\?#%{}]+(?:/[^\s/\\?#%{}]+)*$")]
Reference = Annotated[str, Field(pattern=r"^[^\s/\\?#%]+/ref-[^\s/\\?#%]+$")]


def _known_site(name: str) -> str:
    if name in UNREADABLE:
        raise ValueError(f"its description cannot be read; {UNREADABLE[name]}")
    if name not in SITES:
        raise ValueError(f"no such site; write one of {', '.join(SITES)}")
    return name


SiteName = Annotated[str, AfterValidator(_known_site)]


class Gallery(Section):
    """How large the embedded gallery is, and which one of all possible galleries it is."""

    seed: Annotated[int, Field(ge=0)] = 1
    """Picks one of all possible galleries."""
    works: Annotated[int, Field(ge=60, le=1_000_000)] = 240
    """Paintings or watches listed."""
    creators: Annotated[int, Field(ge=1, le=500)] = 30
    """Artists or brands that made them."""
    revision: Annotated[int, Field(ge=0, le=1000)] = 0
    """How often it has changed since it opened: each time, a hundredth of the works."""
    kind: Literal["site", "shop", "walls"] = "site"
    """What is shown. shop (Chrono24): listings of one shop in place of many sellers: white ground,
    300 models in 40 poses, every dial of a watch, a few fans and straps. walls (WikiArt): the same
    works under the same ids, each photographed as it hangs on a wall."""

    @model_serializer(mode="wrap")
    def _told(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without the kind where it is the usual one: captures from before there was another."""
        shown: dict[str, Any] = handler(self)
        return {name: value for name, value in shown.items() if (name, value) != ("kind", "site")}


class Scrape(Section):
    """One capture of one site."""

    site: SiteName
    """The site whose listings are captured; left out where origin is files or addresses."""
    origin: Literal["gallery", "live", "folder", "files", "addresses"] = "gallery"
    """The embedded gallery on 127.0.0.1, the live site, a folder of pages that were saved, pictures
    of one's own, or a list of addresses."""
    as_of: Date
    """Names the capture. A new date captures again; a finished capture is never edited."""
    gallery: Gallery = Gallery()
    """Which gallery to serve, where origin is gallery."""
    folder: str = ""
    """Where origin is folder: the pages saved from a browser ("Webpage, Complete", or MHTML), as a
    path below the project's folder or an absolute one."""
    path: str = ""
    """Where origin is files: the folder, archive or parquet file of the pictures; where it is
    addresses: the list (txt, csv, tsv, jsonl, parquet). Below the project's folder, or absolute."""
    columns: SteeringColumns = NO_COLUMNS
    """Where origin is files or addresses: which column of their tables names the file, address or
    page_url, as {file: picture}. Usual names need none; what describes goes to parse.columns. Files
    are held against a column given as sha256 or md5, and fail where they differ."""
    allow_unmatched: bool = False
    """Files: go on although rows lack their file, files their row, or some are of unknown kind."""
    private_addresses: bool = False
    """Addresses: also ask hosts in private networks and on this machine."""
    styles: tuple[Slug, ...] = ()
    """WikiArt: slugs of the styles to list, such as color-field-painting."""
    genres: tuple[Slug, ...] = ()
    """WikiArt: slugs of the genres to list, such as abstract."""
    media: tuple[Slug, ...] = ()
    """WikiArt: slugs of the media to list, such as oil."""
    artists: tuple[Slug, ...] = ()
    """WikiArt: slugs of the artists to list."""
    list_by: Literal["json", "text-list", "sitemap"] = "json"
    """WikiArt: where the artists' works are looked up. With sitemap, no artists means all."""
    brands: tuple[Slug, ...] = ()
    """Chrono24: slugs of the brands to list; in the gallery, empty means all of them."""
    models: tuple[Model, ...] = ()
    """Chrono24: models to list, as in their addresses, such as rolex/submariner--mod1."""
    references: tuple[Reference, ...] = ()
    """Chrono24: references to list, as in their addresses, such as rolex/ref-16610."""
    queries: tuple[Query, ...] = ()
    """A site that a file describes: what stands for `{query}` where its listings start."""
    max_listings: Annotated[int, Field(ge=1)] | None = None
    """Stop after this many works or watches, in the order of the site."""
    images_per_listing: Annotated[int, Field(ge=1, le=20)] = 1
    """Images fetched of each work or watch, in the order of its page."""
    details: bool = True
    """Visit each work's or watch's own page (style, rights, data sheet)."""
    image_size: str
    """WikiArt: Large, HD or original; Chrono24: ExtraLarge; a described site: one of its sizes; own
    files and addresses have none."""
    contact: str = ""
    """Address that the user agent names; needed for a live site, and for addresses."""
    permission: str = ""
    """Chrono24 live, and addresses of more than one host: who allowed the capture, and when."""
    seconds_between_pages: Annotated[float, Field(ge=0)] = 2.0
    """Least time between two pages of one host."""
    seconds_between_images: Annotated[float, Field(ge=0)] = 0.5
    """Least time between two images of one host."""
    max_requests: Annotated[int, Field(ge=1)] | None = None
    """Stop after so many requests of one run; the next run goes on."""
    connections: Annotated[int, Field(ge=1, le=8)] = 2
    """Images of one host fetched at the same time."""
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Longest wait for one page or image."""
    retries: Annotated[int, Field(ge=0, le=10)] = 4
    """Further tries after a failure that may pass, each after a longer wait."""
    max_image_mb: Annotated[float, Field(gt=0, le=512)] = 64.0
    """Larger responses are cut off and recorded as failed."""
    shard_mb: Annotated[float, Field(gt=0, le=4096)] = 64.0
    """Size at which a new tar of images is begun."""

    @model_validator(mode="before")
    @classmethod
    def _own(cls, section: Any) -> Any:
        """What people bring themselves is of no site, and comes in one size."""
        if not isinstance(section, dict):
            return section
        own = section.get("origin") or section.get("site")
        if own not in OWN:
            return section
        return {"site": own, "origin": own, "image_size": SIZE_AS_IT_IS, **section}

    @model_validator(mode="after")
    def _fits_together(self) -> Scrape:
        declared = SITES[self.site]
        self._check_own()
        if self.image_size not in declared.image_sizes:
            raise ValueError(
                f"image_size {self.image_size} does not exist on {self.site}; "
                f"write {' or '.join(declared.image_sizes)}"
            )
        self._check_lists()
        if self.list_by not in declared.list_by:
            raise ValueError(f"list_by {self.list_by} does not exist on {self.site}")
        if self.list_by != "json" and not self.details:
            raise ValueError(f"list_by {self.list_by} names no images; it needs details: true")
        if self.origin == "gallery" and not declared.gallery_kinds:
            raise ValueError(f"{self.site} has no embedded gallery; set origin: live or folder")
        if self.origin == "gallery" and self.gallery.kind not in declared.gallery_kinds:
            raise ValueError(f"gallery.kind: {self.gallery.kind} does not exist on {self.site}")
        if (self.origin == "folder") != bool(self.folder):
            raise ValueError("folder names the saved pages of origin: folder, and of it alone")
        self._check_manners()
        return self

    def _check_own(self) -> None:
        is_own = self.origin in OWN
        if self.site != self.origin and (is_own or self.site in OWN):
            raise ValueError(
                f"origin {self.origin} is of no site; leave site out"
                if is_own
                else f"site {self.site} goes with origin: {self.site} alone"
            )
        if is_own != bool(self.path):
            raise ValueError(
                f"origin {self.origin} needs path: where they are"
                if is_own
                else f"path: belongs to origin: {' or '.join(OWN)}"
            )
        if self.columns and not is_own:
            raise ValueError(f"columns: belong to origin: {' or '.join(OWN)}")
        if self.origin == "addresses" and (digests := [d for d in DIGESTS if d in self.columns]):
            raise ValueError(f"columns.{digests[0]}: only files are held against it")
        if self.folder and is_own:
            raise ValueError("folder names saved pages; write path")
        if self.origin == "addresses" and not self.contact.strip():
            raise ValueError("other people's hosts need a contact that the user agent can name")

    def _check_manners(self) -> None:
        if self.origin != "live":
            return
        if not self.contact.strip():
            raise ValueError("a live site needs a contact that the user agent can name")
        if SITES[self.site].needs_permission and not self.permission.strip():
            raise ValueError(f'{self.site} needs permission: "<who gave it, when>"')

    def _check_lists(self) -> None:
        declared = SITES[self.site]
        for site, other in SITES.items():
            foreign = [
                name
                for name in other.start_lists
                if name not in declared.start_lists and getattr(self, name)
            ]
            if foreign:
                raise ValueError(f"{', '.join(foreign)}: belong to {site}")
        named = [name for name in declared.start_lists if getattr(self, name)]
        if named and self.origin == "folder":
            raise ValueError(f"{', '.join(named)}: a folder of saved pages is read as a whole")
        may_name_none = (
            self.origin in {"folder", *OWN}
            or self.list_by == "sitemap"
            or (declared.lists_everything and self.origin == "gallery")
            or not declared.start_lists  # its description says where they start
        )
        if not named and not may_name_none:
            raise ValueError(f"name at least one of {', '.join(declared.start_lists)}")
