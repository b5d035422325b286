"""The history of the listings: facts of the pages joined with what became of the images.

Captures are added one after the other, oldest first, and each is told in rows of its own; what
the earlier ones showed only decides which rows there are. Everything here is a query over
columns; no step goes through the rows one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.ids import ID_LENGTH
from pipeline.core.schema import LISTINGS, Fetch
from scrapers.parsing.facts import DETAIL, LISTING

_PREFERRED: Final = (
    Fetch.FETCHED,
    Fetch.CHANGED,
    Fetch.UNCHANGED,
    Fetch.OPTED_OUT,
    Fetch.PLACEHOLDER,
    Fetch.GONE,
    Fetch.FAILED,
)
"""Of several requests for sizes of one image, the outcome that counts stands first."""
_WITHOUT_PICTURE: Final = ""
"""``image_key`` of a row that speaks of the listing alone."""
_NOT_TOLD: Final = ("key", "listing_id", "rank", "position", "image_key", "image_url")
"""Columns of `FACTS` that are no word of the page about the listing."""
_KNOWN: Final = pa.schema(
    [
        ("listing_id", pa.string()),
        ("page_url", pa.string()),
        ("capture", pa.string()),
        ("left", pa.bool_()),
    ]
)
_PICTURES: Final = pa.schema(
    [("listing_id", pa.string()), ("position", pa.int32()), ("image_key", pa.string())]
)


@dataclass(frozen=True)
class Captured:
    """What one capture says of the listings of one site."""

    capture: str
    """Its date."""
    facts: pa.Table
    """What the pages say (`FACTS`), in the order in which they were captured."""
    manifest: pa.Table
    """The requests (`MANIFEST`)."""
    page_fetch: dict[str, Fetch]
    """Pages that came, but are something else than their request says: they tell that the listing
    left, or cannot be read."""
    walked_again: Collection[str]
    """Dates of the earlier captures all of whose lists it walked to the end."""


class ListingHistory:
    """What the captures of one site showed, as far as it matters for the rows of the next."""

    def __init__(self, source: str, image_key: Callable[[str], str]) -> None:
        """Begin without any.

        Args:
            source: Name of the site.
            image_key: What all sizes of one image of this site share.
        """
        self._source, self._image_key = source, image_key
        self._known = _KNOWN.empty_table()
        self._pictures = _PICTURES.empty_table()

    @property
    def listings(self) -> int:
        """How many were seen so far."""
        return int(self._known.num_rows)

    def rows(self, captured: Captured) -> pa.Table:
        """The rows of `LISTINGS` of the next capture, sorted by their key."""
        pages = _pages(captured.manifest, captured.page_fetch)
        facts = self._named(captured.facts)
        told = _told(facts)
        shown = self._shown(facts, _images(captured.manifest, self._image_key))
        without = self._without_picture(captured, told, pages, shown)
        places = pa.concat_tables([shown, without], promote_options="default")
        rows = self._completed(places, captured.capture, told, pages)
        self._remember(rows)
        return rows

    def _named(self, facts: pa.Table) -> pa.Table:
        """The facts with one ``listing_id`` for all that speak of one listing.

        The id that an earlier capture gave it stays; and where no page tells an id, the address
        of the listing's own page finds it, or stands for it.
        """
        named = _firsts(facts, "key", ["listing_id", "page_url"])
        known = _looked_up(named["page_url"], self._known, "page_url", "listing_id")
        listing_id = pc.coalesce(named["listing_id"], known, named["key"])
        earlier = pc.is_in(named["key"], value_set=self._known["listing_id"].combine_chunks())
        named = named.set_column(1, "listing_id", pc.if_else(earlier, named["key"], listing_id))
        at = facts.column_names.index("listing_id")
        return facts.set_column(
            at, "listing_id", _looked_up(facts["key"], named, "key", "listing_id")
        )

    def _shown(self, facts: pa.Table, images: pa.Table) -> pa.Table:
        """The pictures that the capture asked for, and others that bear on earlier ones.

        Those are pictures that an earlier capture asked for, or that now stand in the place of one.
        """
        pictures = _pictures(facts)
        asked = pictures.join(images, keys="image_key", join_type="inner")
        others = pictures.join(images, keys="image_key", join_type="left anti")
        same = others.join(self._pictures, keys="image_key", join_type="left semi")
        there = others.join(self._pictures, keys=["listing_id", "position"], join_type="left semi")
        known = pa.concat_tables([same, there]).group_by(_PICTURES.names).aggregate([])
        known = known.join(
            _first_rows(facts.select(["image_key", "image_url"]), ["image_key"]), keys="image_key"
        )
        return pa.concat_tables([asked, known], promote_options="default")

    def _without_picture(
        self, captured: Captured, told: pa.Table, pages: pa.Table, shown: pa.Table
    ) -> pa.Table:
        """A row for each known listing of which the capture says more than a picture.

        Its own page was asked for and shows none; or the lists in which it stood were walked
        again, and it is in none of them.
        """
        silent = self._known.filter(_is_new(self._known["listing_id"], shown["listing_id"]))
        asked = pc.is_in(silent["page_url"], value_set=pages["page_url"].combine_chunks())
        unmet = pc.and_(
            _is_new(silent["listing_id"], told["listing_id"]),
            _is_new(silent["page_url"], told["page_url"]),
        )
        walked = pa.array(sorted(captured.walked_again), pa.string())
        left = pc.and_(
            pc.and_(unmet, pc.is_in(silent["capture"], value_set=walked)),
            pc.invert(silent["left"]),
        )
        rows = silent.filter(pc.or_(asked, left)).select(["listing_id", "page_url"])
        count = rows.num_rows
        rows = rows.append_column("position", pa.repeat(pa.scalar(0, pa.int32()), count))
        return rows.append_column("image_key", pa.repeat(_WITHOUT_PICTURE, count))

    def _completed(
        self, places: pa.Table, capture: str, told: pa.Table, pages: pa.Table
    ) -> pa.Table:
        """The rows with all that the pages tell of their listings, and what became of those."""
        of_listing = pc.index_in(
            places["listing_id"], value_set=told["listing_id"].combine_chunks()
        )
        columns = {name: told[name].take(of_listing) for name in told.column_names}
        page_url = pc.coalesce(columns["page_url"], places["page_url"])
        columns |= {name: places[name] for name in places.column_names}
        columns |= {
            "capture": pa.repeat(capture, places.num_rows),
            "source": pa.repeat(self._source, places.num_rows),
            "page_url": page_url,
            "page_fetch": _looked_up(page_url, pages, "page_url", "page_fetch"),
        }
        table = pa.table([columns[name] for name in LISTINGS.arrow.names], LISTINGS.arrow.names)
        return table.cast(LISTINGS.arrow).sort_by([(name, "ascending") for name in LISTINGS.key])

    def _remember(self, rows: pa.Table) -> None:
        picture = pc.not_equal(rows["image_key"], _WITHOUT_PICTURE)
        left = pc.and_(pc.invert(picture), pc.is_null(rows["page_fetch"]))
        now = rows.select(["listing_id", "page_url", "capture"]).append_column("left", left)
        now = _first_rows(now, ["listing_id"])
        before = self._known.filter(_is_new(self._known["listing_id"], now["listing_id"]))
        self._known = pa.concat_tables([now.cast(_KNOWN), before]).combine_chunks()
        pictures = rows.filter(picture).select(_PICTURES.names).cast(_PICTURES)
        both = pa.concat_tables([self._pictures, pictures])
        self._pictures = both.group_by(_PICTURES.names).aggregate([]).combine_chunks()


def _told(facts: pa.Table) -> pa.Table:
    """One row a listing: for each column the first page that tells it, its own page before all."""
    names = [name for name in facts.column_names if name not in _NOT_TOLD]
    return _firsts(facts, "listing_id", names)


def _pictures(facts: pa.Table) -> pa.Table:
    """The places and pictures of each listing; where its own page shows a picture, as it does."""
    facts = facts.filter(pc.is_valid(facts["image_key"]))
    own, listed = (
        facts.filter(pc.equal(facts["rank"], rank))
        .select(_PICTURES.names)
        .group_by(_PICTURES.names)
        .aggregate([])
        for rank in (DETAIL, LISTING)
    )
    more = listed.join(own, keys=["listing_id", "image_key"], join_type="left anti")
    return pa.concat_tables([own, more]).cast(_PICTURES)


def _images(manifest: pa.Table, image_key: Callable[[str], str]) -> pa.Table:
    """One row an image: the request that brought it, or the outcome when none did."""
    asked = manifest.filter(pc.equal(manifest["kind"], "image"))
    asked = pa.concat_tables([asked.filter(pc.equal(asked["fetch"], f)) for f in _PREFERRED])
    table = pa.table(
        {
            "image_key": pa.array(map(image_key, asked["url"].to_pylist()), pa.string()),
            "image_url": asked["url"],
            "image_id": pc.utf8_slice_codeunits(asked["sha256"], 0, ID_LENGTH),
            "fetch": asked["fetch"],
        }
    )
    return _first_rows(table, ["image_key"])


def _pages(manifest: pa.Table, otherwise: dict[str, Fetch]) -> pa.Table:
    """What became of the last request for each page."""
    pages = manifest.filter(pc.equal(manifest["kind"], "page"))
    table = _first_rows(
        pa.table({"page_url": pages["url"], "page_fetch": pages["fetch"]})[::-1], ["page_url"]
    )
    outcome = {
        "page_url": pa.array(otherwise.keys(), pa.string()),
        "page_fetch": pa.array(map(str, otherwise.values()), pa.string()),
    }
    known = _looked_up(table["page_url"], pa.table(outcome), "page_url", "page_fetch")
    return table.set_column(1, "page_fetch", pc.coalesce(known, table["page_fetch"]))


def _firsts(facts: pa.Table, key: str, names: list[str]) -> pa.Table:
    """One row a ``key``: of each other column the first value in the order of the ranks."""
    ranked = pa.concat_tables(
        [facts.filter(pc.equal(facts["rank"], rank)) for rank in (DETAIL, LISTING)]
    )
    # One thread: with more, which value of a group comes first is a matter of luck.
    grouped = ranked.select([key, *names]).group_by(key, use_threads=False)
    firsts = grouped.aggregate([(name, "first") for name in names])  # that are not null
    return firsts.select([key, *(f"{name}_first" for name in names)]).rename_columns([key, *names])


def _first_rows(table: pa.Table, key: list[str]) -> pa.Table:
    """The first row of each group of ``key``, in the order of ``table``."""
    numbered = table.select(key).append_column("row", pa.array(range(table.num_rows), pa.int64()))
    return table.take(numbered.group_by(key).aggregate([("row", "min")])["row_min"])


def _looked_up(values: pa.ChunkedArray, table: pa.Table, key: str, column: str) -> pa.ChunkedArray:
    """The cell of ``column`` in the row of ``table`` of each key, null where there is none."""
    return table[column].take(pc.index_in(values, value_set=table[key].combine_chunks()))


def _is_new(values: pa.ChunkedArray, among: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(values, value_set=among.combine_chunks()))
