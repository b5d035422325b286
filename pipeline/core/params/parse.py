"""Params of `parse`: what of the pages goes into the table."""

from __future__ import annotations

from pipeline.core.params.base import Section


class Parse(Section):
    """What is taken from captured pages."""

    description: bool = False
    """Keep the texts about works and watches too. They are somebody's own prose, under copyright
    of their own; nothing in Salon reads them."""
