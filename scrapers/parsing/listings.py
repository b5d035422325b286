"""The history of the listings: facts of the pages joined with what became of the images.

Captures are added one after the other, oldest first, and each is told in rows of its own; what
the earlier ones showed only decides which rows there are. Everything here is a query over
columns; no step goes through the rows one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.ids import ID_LENGTH
from pipeline.core.schema import LISTINGS, Fetch
from scrapers.parsing.listing_facts import DETAIL

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
OF_MANIFEST: Final = ("kind", "url", "fetch", "sha256")
_WITHOUT_PICTURE: Final = ""
"""``image_key`` of a row that speaks of the listing alone."""
_NONE: Final = -1
_ROWS_AT_ONCE: Final = 16_384

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Captured:
    """What one capture says of the listings of one site."""

    capture: str
    """Its date."""
    facts: pa.Table
    """What the pages say (`FACTS`), in the order in which they were captured."""
    manifest: pa.Table
    """The requests: of `MANIFEST` the columns `OF_MANIFEST`."""
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
        text = pa.array([], pa.string())
        self._listings = pa.table(
            {
                "listing_id": text,
                "page_url": text,
                "capture": text,
                "left": pa.array([], pa.bool_()),
            }
        )
        self._places = pa.table({"listing_id": text, "position": pa.array([], pa.int32())})
        self._image_keys = text

    @property
    def listings(self) -> int:
        """How many were seen so far."""
        return int(self._listings.num_rows)

    def rows(self, captured: Captured) -> pa.Table:
        """The rows of `LISTINGS` of the next capture, sorted by their key."""
        pages = _page_outcomes(captured.manifest, captured.page_fetch)
        facts = self._named(captured.facts)
        told = _Firsts(facts, "listing_id")
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
        named = _Firsts(facts, "key")
        known = _looked_up(named.column("page_url"), self._listings, "page_url", "listing_id")
        listing_id = pc.coalesce(named.column("listing_id"), known, named.keys)
        # A listing that is known by its address stays so, though a page tells its id at last.
        earlier = pc.is_in(named.keys, value_set=_whole(self._listings["listing_id"]))
        listing_id = pc.if_else(earlier, named.keys, listing_id).take(pa.array(named.group))
        at = facts.column_names.index("listing_id")
        return facts.set_column(at, "listing_id", listing_id)

    def _shown(self, facts: pa.Table, images: pa.Table) -> pa.Table:
        """The pictures that the capture asked for, and others that bear on earlier ones.

        Those are pictures that an earlier capture asked for, or that now stand in the place of one.
        """
        pictures = _pictures(facts)
        request = pc.index_in(pictures["image_key"], value_set=_whole(images["image_key"]))
        # Others say nothing yet: `images_per_listing: 1` leaves most of a page's unasked.
        bears = pc.or_(
            pc.is_in(pictures["image_key"], value_set=self._image_keys), self._is_place(pictures)
        )
        counts = pc.or_(pc.is_valid(request), bears)
        pictures, request = pictures.filter(counts), request.filter(counts)
        asked = {name: images[name].take(request) for name in ("image_id", "fetch")}
        asked["image_url"] = pc.coalesce(images["image_url"].take(request), pictures["image_url"])
        names = ("listing_id", "position", "image_key")
        return pa.table({**{name: pictures[name] for name in names}, **asked})

    def _is_place(self, pictures: pa.Table) -> pa.Array:
        """Whether earlier captures saw a picture in the place of each."""
        known = _whole(self._listings["listing_id"])
        taken, places = (
            pc.fill_null(pc.index_in(each["listing_id"], value_set=known), _NONE).to_numpy()
            # Both as one number, for `isin` to compare pairs: positions have 31 bits.
            * np.int64(1 << 31)
            + each["position"].to_numpy()
            for each in (self._places, pictures)
        )
        return pa.array(np.isin(places, taken) & (places >= 0))

    def _without_picture(
        self, captured: Captured, told: _Firsts, pages: pa.Table, shown: pa.Table
    ) -> pa.Table:
        """A row for each known listing of which the capture says more than a picture.

        Its own page was asked for and shows none; or the lists in which it stood were walked
        again, and it is in none of them.
        """
        known = self._listings
        silent = known.filter(_is_new(known["listing_id"], shown["listing_id"]))
        asked = pc.is_in(silent["page_url"], value_set=_whole(pages["page_url"]))
        # By id and by address: a page may tell the one without the other.
        unmet = pc.and_(
            _is_new(silent["listing_id"], told.keys),
            _is_new(silent["page_url"], told.column("page_url")),
        )
        walked = pa.array(sorted(captured.walked_again), pa.string())
        left = pc.and_(
            pc.and_(unmet, pc.is_in(silent["capture"], value_set=walked)),
            # Told once: a listing that left does not leave again with every capture.
            pc.invert(silent["left"]),
        )
        rows = silent.filter(pc.or_(asked, left)).select(["listing_id", "page_url"])
        count = rows.num_rows
        rows = rows.append_column("position", pa.repeat(pa.scalar(0, pa.int32()), count))
        return rows.append_column("image_key", pa.repeat(_WITHOUT_PICTURE, count))

    def _completed(
        self, places: pa.Table, capture: str, told: _Firsts, pages: pa.Table
    ) -> pa.Table:
        """The rows with all that the pages tell of their listings, and what became of those."""
        key = [name for name in LISTINGS.key if name in places.column_names]
        places = places.sort_by([(name, "ascending") for name in key])
        listing = pc.index_in(places["listing_id"], value_set=told.keys)
        listing = pc.fill_null(listing, _NONE).to_numpy()
        page_url = pc.coalesce(told.column("page_url", listing), places["page_url"])
        made = {name: places[name] for name in places.column_names}
        made |= {
            "capture": pa.repeat(capture, places.num_rows),
            "source": pa.repeat(self._source, places.num_rows),
            "page_url": page_url,
            "page_fetch": _looked_up(page_url, pages, "page_url", "page_fetch"),
        }
        columns = [
            made[each.name] if each.name in made else told.column(each.name, listing)
            for each in LISTINGS.arrow
        ]
        return pa.table(columns, LISTINGS.arrow.names).cast(LISTINGS.arrow)

    def _remember(self, rows: pa.Table) -> None:
        picture = pc.not_equal(rows["image_key"], _WITHOUT_PICTURE)
        left = pc.and_(pc.invert(picture), pc.is_null(rows["page_fetch"]))
        now = rows.select(["listing_id", "page_url", "capture"]).append_column("left", left)
        now = now.filter(pa.array(_starts(now["listing_id"])))
        before = self._listings.filter(_is_new(self._listings["listing_id"], now["listing_id"]))
        self._listings = pa.concat_tables([now, before.cast(now.schema)]).combine_chunks()
        pictures = rows.filter(picture)
        places = pictures.select(self._places.column_names)
        places = places.filter(pc.invert(self._is_place(places)))
        places = places.cast(self._places.schema)
        self._places = pa.concat_tables([self._places, places]).combine_chunks()
        keys = pictures["image_key"].filter(_is_new(pictures["image_key"], self._image_keys))
        self._image_keys = pa.concat_arrays([self._image_keys, pc.unique(_whole(keys))])


class _Firsts:
    """Facts by a key: of each column the first cell, in the order of the ranks, that tells it.

    Column by column, as rows of the facts: grouping in Arrow would keep each cell as an object.
    """

    def __init__(self, facts: pa.Table, key: str) -> None:
        encoded = _whole(facts[key]).dictionary_encode()
        self.keys: pa.Array = encoded.dictionary
        self.group: Integers = encoded.indices.to_numpy().astype(np.int64)
        """Place among the keys of each fact."""
        self._facts = facts
        self._by_rank = np.argsort(facts["rank"].to_numpy(), kind="stable")

    def column(self, name: str, of: Integers | None = None) -> pa.ChunkedArray:
        """That column for each key, or for the keys at the places ``of``; null where -1 stands."""
        rows = self._rows(name)
        if of is not None:
            rows = np.append(rows, _NONE)[of]  # so that -1 leads to -1
        return self._facts[name].take(pa.array(rows, mask=rows == _NONE))

    def _rows(self, name: str) -> Integers:
        # Places in the order of ranks, so that the smallest of a key is the word that counts.
        told = np.flatnonzero(pc.is_valid(self._facts[name]).to_numpy()[self._by_rank])
        none = self._facts.num_rows
        first = np.full(len(self.keys), none)
        np.minimum.at(first, self.group[self._by_rank[told]], told)
        rows: Integers = np.append(self._by_rank, _NONE)[first]
        return rows


def _pictures(facts: pa.Table) -> pa.Table:
    """The places and pictures of each listing; where its own page shows a picture, as it does."""
    facts = facts.select(["listing_id", "position", "image_key", "image_url", "rank"])
    facts = facts.filter(pc.is_valid(facts["image_key"]))
    listing, key = (
        _whole(facts[name]).dictionary_encode().indices.to_numpy().astype(np.int64)
        for name in ("listing_id", "image_key")
    )
    showing = listing * (key.max(initial=0) + 1) + key
    own = facts["rank"].to_numpy() == DETAIL
    # 1. where a listing's own page has the picture, its places; 2. where it has not, all others'.
    shows = np.flatnonzero(own | ~np.isin(showing, showing[own]))
    position = facts["position"].to_numpy().astype(np.int64)
    by_place = np.lexsort((position[shows], showing[shows]))
    rows = shows[by_place]
    same = (np.diff(showing[rows]) == 0) & (np.diff(position[rows]) == 0)
    return facts.take(pa.array(rows[np.append(True, ~same)[: len(rows)]]))


def _images(manifest: pa.Table, image_key: Callable[[str], str]) -> pa.Table:
    """One row an image: the request that brought it, or the outcome when none did."""
    asked = manifest.filter(pc.equal(manifest["kind"], "image"))
    # Sorted by outcome, so that the first of an image is the best of the requests for its sizes.
    asked = pa.concat_tables([asked.filter(pc.equal(asked["fetch"], f)) for f in _PREFERRED])
    table = pa.table(
        {
            "image_key": pa.chunked_array(
                [
                    pa.array(map(image_key, urls.to_pylist()), pa.string())
                    for urls in _slices(asked)
                ],
                pa.string(),
            ),
            "image_url": asked["url"],
            "image_id": pc.utf8_slice_codeunits(asked["sha256"], 0, ID_LENGTH),
            "fetch": asked["fetch"],
        }
    )
    return _first_rows(table, "image_key")


def _slices(asked: pa.Table) -> Iterator[pa.Array]:
    """The addresses a few thousand at a time, for each becomes an object."""
    for batch in asked.select(["url"]).to_batches(max_chunksize=_ROWS_AT_ONCE):
        yield batch["url"]


def _page_outcomes(manifest: pa.Table, otherwise: dict[str, Fetch]) -> pa.Table:
    """What became of the last request for each page."""
    pages = manifest.filter(pc.equal(manifest["kind"], "page"))
    table = pa.table({"page_url": pages["url"], "page_fetch": pages["fetch"]})
    # Backwards: the last request for a page counts, which may have been asked for twice.
    table = _first_rows(table[::-1], "page_url")
    outcome = {
        "page_url": pa.array(otherwise.keys(), pa.string()),
        "page_fetch": pa.array(map(str, otherwise.values()), pa.string()),
    }
    known = _looked_up(table["page_url"], pa.table(outcome), "page_url", "page_fetch")
    return table.set_column(1, "page_fetch", pc.coalesce(known, table["page_fetch"]))


def _first_rows(table: pa.Table, key: str) -> pa.Table:
    """The first row of each value of ``key``, in the order of ``table``."""
    group = _whole(table[key]).dictionary_encode().indices.to_numpy()
    return table.take(pa.array(np.unique(group, return_index=True)[1]))


def _starts(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Which rows of a sorted column have another value than the row before."""
    differs = pc.not_equal(column[1:], column[: max(len(column) - 1, 0)]).to_numpy()
    return np.append(True, differs)[: len(column)]


def _looked_up(
    values: pa.ChunkedArray | pa.Array, table: pa.Table, key: str, column: str
) -> pa.ChunkedArray:
    """The cell of ``column`` in the row of ``table`` of each key, null where there is none."""
    return table[column].take(pc.index_in(values, value_set=_whole(table[key])))


def _is_new(
    values: pa.ChunkedArray | pa.Array, among: pa.ChunkedArray | pa.Array
) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(values, value_set=_whole(among)))


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
