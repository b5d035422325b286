"""What the history of the listings comes to: each listed image as its listing says it today.

`LISTINGS` holds every listing once a capture, as it was seen. Here the newest word counts: an
opt-out, a label or a creator reaches every image that the listing ever showed, and an image is
`shown` until a capture that looked for it saw something else in its place, or nothing.

Everything is a query over numbered columns, so that millions of rows take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core.schema import WITH_BYTES, Fetch

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

HISTORY: Final = (
    "capture", "source", "listing_id", "position", "image_key",
    "page_fetch", "image_id", "fetch", "layer",
)  # fmt: skip
"""The columns of `LISTINGS` that the state follows from; any others may be asked for beside them,
and are told by each listing's newest pages."""
LOST: Final = (Fetch.GONE, Fetch.FAILED)
"""Outcomes that take nothing away: the listing still shows the image, its bytes did not come."""
# Smaller than every row and capture, so that `max` over a group finds any other first.
_NEVER: Final = -1
_DENSE: Final = 8
"""Up to so many possible numbers a row, marking those that occur is faster than sorting."""


@dataclass(frozen=True)
class _Seen:
    """The rows of the history in numbers; equal numbers stand for equal values."""

    rows: int
    capture: Integers
    """Place among the captures in order of their dates."""
    listing: Integers
    """In the order of source and id."""
    place: Integers
    """A position of a listing."""
    picture: Integers
    """An image key of a site; in no order."""
    showing: Integers
    """A picture of a listing."""
    image: Integers
    """Of the bytes that came, now or when this picture came last; -1 where none ever did."""
    is_picture: Mask
    asked: Mask
    """The image was asked for."""
    image_came: Mask
    image_opted_out: Mask
    image_lost: Mask
    page_came: Mask
    page_opted_out: Mask
    page_gone: Mask
    """The listing's own page is gone, or a walk of the same lists met the listing no more."""
    told: Mask
    """A page tells of the listing."""


def newest_state(history: pa.Table, known: pa.ChunkedArray | None = None) -> pa.Table:
    """One row for each image that a place of a listing ever showed, or for a place without bytes.

    The columns are those of ``history`` but for capture, image_key, page_fetch and layer, and:

    - ``fetch``: what became of the newest request for that place,
    - ``first_capture`` and ``last_capture`` that saw the image there,
    - ``shown``: a listing shows the image today, as far as captures looked,
    - ``opted_out``: the listing, or the image, asks not to be used.

    Sorted by source, listing_id and position. Where the ids of all images are ``known``, the column
    of them comes as places among these, so that nobody has to look them up again.
    """
    seen, images = _numbered(history, known)
    shown = _shown(seen)
    latest = _last_of(seen.picture, seen.capture, seen.image)
    opted_out = _opted_out(seen, shown)
    unit, first_row = _units(seen, images)
    kept = unit != _NEVER
    count = len(first_row)
    spans = [_extreme(count, unit[kept], seen.capture[kept], is_last) for is_last in (False, True)]
    is_shown, is_out = np.zeros(count, bool), np.zeros(count, bool)
    # One address may have had other bytes last year; only the newest are what it shows today.
    newest = kept & (seen.image == latest[seen.picture])
    is_shown[unit[newest & shown]] = True
    # A listing may show an address whose newest bytes came by another one, which has moved on.
    by_another = newest & np.isin(seen.picture, seen.picture[shown])
    by_another &= ~np.isin(seen.image, seen.image[newest & shown])
    is_shown[unit[by_another]] = True
    is_out[unit[kept & opted_out]] = True
    dates = pa.array(sorted(_encoded(history["capture"]).dictionary.to_pylist()), pa.string())
    columns = {
        "source": _taken(history["source"], first_row).cast(pa.string()),
        "listing_id": _taken(history["listing_id"], first_row),
        "position": _taken(history["position"], first_row),
        "image_id": _ids(seen.image[first_row], images, is_encoded=known is not None),
        "fetch": _taken(history["fetch"], _outcome(seen)[seen.place[first_row]]).cast(pa.string()),
        "first_capture": dates.take(pa.array(spans[0])),
        "last_capture": dates.take(pa.array(spans[1])),
        "shown": pa.array(is_shown),
        "opted_out": pa.array(is_out),
    }
    teller = _Tellers(seen)
    listing = seen.listing[first_row]
    for name in (name for name in history.column_names if name not in HISTORY):
        columns[name] = _taken(history[name], teller.rows(history[name])[listing])
    return pa.table(columns)


def _ids(image: Integers, images: pa.Array, *, is_encoded: bool) -> pa.Array:
    if is_encoded:
        return pa.DictionaryArray.from_arrays(_rows_or_null(image).cast(pa.int32()), images)
    return images.take(_rows_or_null(image))


def _numbered(history: pa.Table, known: pa.ChunkedArray | None) -> tuple[_Seen, pa.Array]:
    """The history in numbers, and the image ids that its numbers of images stand for."""
    capture, _ = _codes(history["capture"])
    source, _ = _codes(history["source"])
    listing = _pairs(source, _codes(history["listing_id"])[0])
    picture = _pairs(source, _codes(history["image_key"], in_order=False)[0])
    image, images = _images(history["image_id"], known)
    fetch, page = _encoded(history["fetch"]), _encoded(history["page_fetch"])
    is_picture = _mask(pc.not_equal(history["image_key"], ""))
    page_asked = _mask(page.is_valid())
    return _Seen(
        rows=history.num_rows,
        capture=capture,
        listing=listing,
        place=_pairs(listing, history["position"].to_numpy().astype(np.int64)),
        picture=picture,
        showing=_pairs(listing, picture),
        image=_carried(picture, capture, image),
        is_picture=is_picture,
        asked=_mask(fetch.is_valid()),
        image_came=_is_in(fetch, WITH_BYTES),
        image_opted_out=_is_in(fetch, (Fetch.OPTED_OUT,)),
        image_lost=_is_in(fetch, LOST),
        page_came=_is_in(page, WITH_BYTES),
        page_opted_out=_is_in(page, (Fetch.OPTED_OUT,)),
        page_gone=~is_picture & (~page_asked | _is_in(page, (Fetch.GONE,))),
        told=_mask(pc.is_valid(history["layer"])),
    ), images


def _images(ids: pa.ChunkedArray, known: pa.ChunkedArray | None) -> tuple[Integers, pa.Array]:
    """The number of each image, -1 for none, and the ids that the numbers stand for."""
    if known is not None and len(ids):
        places = pc.index_in(ids, value_set=known).combine_chunks()
        if places.null_count == ids.null_count:  # else one is unknown, which others will tell
            codes = pc.fill_null(places, _NEVER).to_numpy(zero_copy_only=False).astype(np.int64)
            return codes, known.combine_chunks()
    return _codes(ids, in_order=False)


def _shown(seen: _Seen) -> Mask:
    """Which rows are of pictures that their listing shows today.

    A listing's own page shows all its pictures, other pages perhaps the first only. So a picture
    is there until the own page came without it, another stands in its place, or the listing left.
    """
    pictures = seen.is_picture
    looked = seen.page_came | seen.page_gone
    last_look = _newest(seen.listing, seen.capture, looked)[seen.listing]
    last_there = _newest(seen.place, seen.capture, pictures)[seen.place]
    last_seen = _newest(seen.showing, seen.capture, pictures)[seen.showing]
    holds = pictures & (seen.capture == last_seen)
    holds &= (seen.capture >= last_look) & (seen.capture >= last_there)
    is_shown = np.zeros(seen.showing.max(initial=0) + 1, bool)
    is_shown[seen.showing[holds]] = True
    shown: Mask = pictures & is_shown[seen.showing]
    return shown


def _opted_out(seen: _Seen, shown: Mask) -> Mask:
    """Which rows are of images that may not be used, by the newest word of page or image.

    What a page says holds until the page comes again and does not say so; and what came with an
    image, until the image comes without it.
    """
    page = _says(seen.listing, seen.capture, seen.page_opted_out, seen.page_came)
    own = ~seen.page_opted_out  # else the image was not asked for because of its page
    image = _says(seen.picture, seen.capture, own & seen.image_opted_out, own & seen.image_came)
    listing_out = page.copy()
    listing_out[seen.listing[shown & image[seen.picture]]] = True
    rows: Mask = listing_out[seen.listing] | (seen.is_picture & image[seen.picture])
    return rows


def _units(seen: _Seen, images: pa.Array) -> tuple[Integers, Integers]:
    """The rows of the result: the number of each row's own, -1 for none, and the first of each.

    They are in the order of the places and, of one place, of the ids of its ``images``.
    """
    has_image = seen.image != _NEVER
    places = seen.place.max(initial=0) + 1
    came, asked = np.zeros(places, bool), np.zeros(places, bool)
    came[seen.place[has_image]] = True
    asked[seen.place[seen.asked]] = True
    counts = has_image | (~came & asked)[seen.place]
    rows = np.flatnonzero(counts & seen.is_picture)
    image = _in_order_of_ids(seen.place[rows], seen.image[rows], images)
    # Pairs as one number, so that numpy sorts once; + 1, as a place without bytes has image -1.
    names = seen.place[rows] * (len(images) + 1) + image + 1
    unit = np.full(seen.rows, _NEVER)
    if (names[1:] > names[:-1]).all():  # as in a table of one capture
        unit[rows] = np.arange(len(rows))
        return unit, rows
    _, first, number = np.unique(names, return_index=True, return_inverse=True)
    unit[rows] = number
    return unit, rows[first]


def _in_order_of_ids(place: Integers, image: Integers, images: pa.Array) -> Integers:
    """Other numbers for the images of places that showed several: in the order of their ids."""
    numbers = image.copy()
    order = np.argsort(place, kind="stable")
    differs = (place[order][1:] == place[order][:-1]) & (image[order][1:] != image[order][:-1])
    several = np.isin(place, place[order][1:][differs]) & (image != _NEVER)
    if not several.any():
        return numbers
    changed = np.unique(image[several])
    by_id = pc.sort_indices(images.take(pa.array(changed))).to_numpy()
    number_of = np.arange(len(images))
    number_of[changed[by_id]] = changed
    numbers[image != _NEVER] = number_of[image[image != _NEVER]]
    return numbers


def _outcome(seen: _Seen) -> Integers:
    """For each place the row whose ``fetch`` counts: the newest, but for what takes nothing."""
    # One number that sorts by: took something away or not, then the capture, then the row.
    weight = np.where(seen.image_lost, 0, seen.capture.max(initial=0) + 1) + seen.capture
    ranked = _newest(seen.place, weight * (seen.rows + 1) + np.arange(seen.rows), seen.asked)
    return np.where(ranked == _NEVER, _NEVER, ranked % (seen.rows + 1))


class _Tellers:
    """Which row of each listing tells a column: the newest page that says anything of it.

    Where the listing's own page came and says nothing, there is nothing; a page that was not
    asked for takes no word back.
    """

    def __init__(self, seen: _Seen) -> None:
        own = _newest(seen.listing, seen.capture, seen.told & seen.page_came)
        self._seen = seen
        self._told = seen.told & (seen.capture >= own[seen.listing])
        # The largest is of the newest capture, and in that of the first row.
        self._rank = seen.capture * (seen.rows + 1) + seen.rows - np.arange(seen.rows)

    def rows(self, column: pa.ChunkedArray) -> Integers:
        """The row for each listing, -1 where no page says anything."""
        seen = self._seen
        ranked = _newest(seen.listing, self._rank, self._told & _mask(pc.is_valid(column)))
        return np.where(ranked == _NEVER, _NEVER, seen.rows - ranked % (seen.rows + 1))


def _codes(column: pa.ChunkedArray, *, in_order: bool = True) -> tuple[Integers, pa.Array]:
    """Each value as its place among all values in order, -1 for null; and those values."""
    if len(column) and not pa.types.is_dictionary(column.type):
        cells = column.combine_chunks()
        earlier, later = cells[:-1], cells[1:]
        if pc.all(pc.less_equal(earlier, later), skip_nulls=False, min_count=0).as_py():
            # A table of one capture is sorted: to compare neighbours takes less than to hash.
            starts = np.r_[True, pc.not_equal(earlier, later).to_numpy(zero_copy_only=False)]
            return np.cumsum(starts) - 1, cells.take(pa.array(np.flatnonzero(starts)))
    encoded = _encoded(column)
    values = encoded.dictionary
    codes = pc.fill_null(encoded.indices, _NEVER).to_numpy(zero_copy_only=False).astype(np.int64)
    if not in_order:
        return codes, values
    order = pc.sort_indices(values).to_numpy()
    place = np.full(len(order) + 1, _NEVER)
    place[order] = np.arange(len(order))
    return place[codes], values.take(pa.array(order))


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """The texts of a column as places in a list of those that occur."""
    if not len(column):
        return pa.array([], pa.string()).dictionary_encode()
    encoded = column.combine_chunks().dictionary_encode()
    occurs = encoded.indices.unique().drop_null()
    if len(occurs) == len(encoded.dictionary):
        return encoded
    return encoded.cast(pa.string()).dictionary_encode()  # of a part of a table


def _pairs(first: Integers, second: Integers) -> Integers:
    """One number for each pair of numbers, in their order, from 0."""
    if not first.any():
        return second
    names = first * (second.max(initial=0) + 1) + second
    most = names.max(initial=0) + 1
    numbers: Integers
    if most <= _DENSE * len(names):
        occurs = np.zeros(most, bool)
        occurs[names] = True
        numbers = (np.cumsum(occurs) - 1)[names]
    else:
        numbers = np.unique(names, return_inverse=True)[1]
    return numbers


def _carried(group: Integers, capture: Integers, values: Integers) -> Integers:
    """``values`` with each -1 replaced by the value that its group had last before, if any."""
    lacks = np.zeros(group.max(initial=0) + 1, bool)
    lacks[group[values == _NEVER]] = True
    rows = np.flatnonzero(lacks[group])
    order = rows[np.lexsort((capture[rows], group[rows]))]
    sorted_values, sorted_group = values[order], group[order]
    place = np.arange(len(order))
    starts = np.r_[True, sorted_group[1:] != sorted_group[:-1]][: len(order)]
    start = np.maximum.accumulate(np.where(starts, place, 0))
    last = np.maximum.accumulate(np.where(sorted_values != _NEVER, place, _NEVER))
    carried = values.copy()
    carried[order] = np.where(last >= start, sorted_values[last], _NEVER)
    return carried


def _last_of(group: Integers, capture: Integers, values: Integers) -> Integers:
    """The value of each group in the newest capture."""
    order = np.argsort(capture, kind="stable")  # at once where the rows are in that order
    newest = np.full(group.max(initial=0) + 1, _NEVER)
    newest[group[order]] = values[order]  # the last that is written stays
    return newest


def _newest(group: Integers, values: Integers, rows: Mask) -> Integers:
    """The largest of ``values`` in each group among ``rows``, -1 where there is none."""
    return _extreme(group.max(initial=0) + 1, group[rows], values[rows], newest=True)


def _extreme(groups: int, group: Integers, values: Integers, newest: bool) -> Integers:
    if newest:
        extremes = np.full(groups, _NEVER)
        np.maximum.at(extremes, group, values)
        return extremes
    extremes = np.full(groups, np.iinfo(np.int64).max)
    np.minimum.at(extremes, group, values)
    return extremes


def _says(group: Integers, capture: Integers, yes: Mask, no: Mask) -> Mask:
    """Whether the newest row of each group that says anything says yes."""
    # Yes in the last bit: of two words of one capture, an opt-out is the one that counts.
    newest = _newest(group, capture * 2 + yes, yes | no)
    says: Mask = (newest != _NEVER) & (newest % 2 == 1)
    return says


def _is_in(cells: pa.DictionaryArray, values: tuple[Fetch, ...]) -> Mask:
    # The last, which an empty cell finds, is none of them.
    is_one = np.array([*(each in values for each in cells.dictionary.to_pylist()), False])
    mask: Mask = is_one[pc.fill_null(cells.indices, _NEVER).to_numpy(zero_copy_only=False)]
    return mask


def _mask(column: pa.ChunkedArray | pa.Array) -> Mask:
    mask: Mask = np.asarray(pc.fill_null(column, False))
    return mask


def _taken(column: pa.ChunkedArray, rows: Integers) -> pa.ChunkedArray:
    """The cells of ``column`` in some ``rows``, empty for -1."""
    if np.array_equal(rows, np.arange(len(column))):
        return column
    return column.take(_rows_or_null(rows))


def _rows_or_null(rows: Integers) -> pa.Array:
    return pa.array(rows, mask=rows == _NEVER)
