"""Params of `parse`: what of the pages goes into the table."""

from __future__ import annotations

from pipeline.core.params.base import Section
from pipeline.core.params.column_keys import NO_COLUMNS, DescribingColumns


class Parse(Section):
    """What is taken from captured pages."""

    description: bool = False
    """Keep the texts about works and watches too. They are somebody's own prose, under copyright
    of their own; nothing in Salon reads them."""
    columns: DescribingColumns = NO_COLUMNS
    """Where files or addresses of one's own were captured: which column of their tables is the
    listing_id, title, creator, rights ..., as {creator: painter}. Usual names need none."""
