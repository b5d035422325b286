"""Example images with the words of a catalogue: title, creator, year, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.card.dataset import Dataset, records, rows_with
from pipeline.card.thumbnails import Thumbnail, thumbnails
from pipeline.core.paths import Paths

SHORT_ID = 8
"""Hex digits of an image id under a picture: enough for a curator's list."""


@dataclass(frozen=True)
class Caption:
    """What the site says of an image; everything in it comes from the web."""

    title: str = "Untitled"
    creator: str = ""
    year: str = ""
    link: str = ""
    """Address of the listing, only where it is an http one."""


@dataclass(frozen=True)
class Example:
    """One image of the card."""

    image_id: str
    caption: Caption
    note: str
    """What was measured or decided, in a few words."""
    picture: Thumbnail | None
    """None where the bytes could not be decoded."""
    preferred: bool = False
    """The member of its duplicate group that was chosen."""

    @property
    def short_id(self) -> str:
        """The first digits of the id."""
        return self.image_id[:SHORT_ID]


def captions(listings: pd.DataFrame, image_ids: Sequence[str]) -> dict[str, Caption]:
    """The words of the first listing of each image."""
    by_image: dict[str, Caption] = {}
    for row in records(rows_with(listings, "image_id", image_ids)):
        url = row["page_url"] or ""
        by_image.setdefault(
            row["image_id"],
            Caption(
                title=row["title"] or "Untitled",
                creator=row["creator_name"] or row["creator"] or "",
                year=row["year_text"] or "",
                link=url if url.startswith(("https://", "http://")) else "",
            ),
        )
    return by_image


def examples(
    paths: Paths, dataset: Dataset, rows: Sequence[dict[str, object]], notes: Sequence[str]
) -> list[Example]:
    """One example a row of `Dataset.images`, with its note."""
    named = captions(dataset.listings, [str(row["image_id"]) for row in rows])
    shown = [row for row in rows if row["shard"] is not None]
    made = thumbnails(paths, [(str(row["shard"]), int(str(row["row"]))) for row in shown])
    pictures = {row["image_id"]: picture for row, picture in zip(shown, made, strict=True)}
    return [
        Example(
            image_id=str(row["image_id"]),
            caption=named.get(str(row["image_id"]), Caption()),
            note=note,
            picture=pictures.get(row["image_id"]),
            preferred=row["image_id"] == row["group"],
        )
        for row, note in zip(rows, notes, strict=True)
    ]


def spread_over_creators(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """``count`` rows in turns from every creator, so that no prolific one fills the sheet."""
    ordered = table.sort_values(["creator", "image_id"])
    turn = ordered.groupby("creator", dropna=False).cumcount()
    return ordered.loc[turn.sort_values(kind="stable").index[:count]]


def nearest_to_threshold(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """``count`` rejected rows, those that a small change of the threshold would bring back first.

    Rows without a number follow in the order of their ids.
    """
    keyed = table.assign(distance=(table["value"] - table["threshold"]).abs())
    return keyed.sort_values(["distance", "image_id"]).head(count).drop(columns="distance")
