"""Params of `report`: how much the data card shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.core.params.base import Section


class Report(Section):
    """Sizes of the galleries on the data card."""

    examples: Annotated[int, Field(ge=1, le=64)] = 12
    """Images shown for each reason, and of those kept."""
    groups: Annotated[int, Field(ge=0, le=200)] = 12
    """Duplicate groups shown."""
