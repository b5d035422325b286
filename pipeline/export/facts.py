"""What an export tells about each picture: the columns of every format, declared once.

A listing's description (somebody's prose), its prices and sellers are not among them, and never
leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

Value = str | int | None


@dataclass(frozen=True)
class Fact:
    """One column."""

    name: str
    kind: Literal["text", "whole number", "address"]
    meaning: str

    @property
    def arrow(self) -> pa.DataType:
        """Its type in tables."""
        return pa.int64() if self.kind == "whole number" else pa.string()


FACTS: Final = (
    Fact("key", "text", "names the picture: image_id, and the transform where it is a variant"),
    Fact("image_id", "text", "the first 24 hex digits of the sha256 of the bytes as fetched"),
    Fact("transform", "text", "what was done to the square; identity: nothing"),
    Fact("split", "text", "train, or held_out to judge a model"),
    Fact("label", "whole number", "index of the class, from 0 without gaps; see classes.json"),
    Fact("rights", "text", "the site's label of rights, several by ' / ' where listings differ"),
    Fact("page_url", "address", "the page on which the picture was listed"),
    Fact("image_url", "address", "the address from which the bytes came"),
    Fact("source", "text", "the site"),
    Fact("listing_id", "text", "the site's own id of the listing"),
    Fact("captured", "text", "date of the capture that brought the bytes"),
    Fact("creator", "text", "slug of the artist or brand"),
    Fact("creator_name", "text", "the artist or brand as the site writes it"),
    Fact("title", "text", "title of the work or the listing"),
    Fact("model", "text", "model of the watch"),
    Fact("reference", "text", "reference number of the watch"),
    Fact("year", "whole number", "first year that the page names"),
    Fact("style", "text", "style of the work"),
    Fact("genre", "text", "genre of the work"),
    Fact("media", "text", "what the work is made of"),
    Fact("width", "whole number", "of the picture as fetched, upright, in pixels"),
    Fact("height", "whole number", "of the picture as fetched, upright, in pixels"),
)

COLUMNS: Final = [pa.field(fact.name, fact.arrow) for fact in FACTS]
"""The facts as columns of a table."""

OF_LISTING: Final = (
    "page_url", "image_url", "source", "listing_id", "creator_name", "title", "model",
    "reference", "year", "style", "genre", "media",
)  # fmt: skip
"""Facts that come from the first listing of an image, under the same name in its table."""

UNKNOWN_CREATOR: Final = "unknown"
"""Class of the images of which no listing names a creator: readers want all labelled or none."""
