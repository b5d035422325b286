"""Params of `enhance`: super-resolution of the samples."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline.core.params.base import Section


class Enhance(Section):
    """Which Real-ESRGAN network enlarges how many samples fourfold."""

    network: Literal["x4plus", "x4plus-anime", "animevideov3"] = "x4plus"
    """Real-ESRGAN network; x4plus is the best and the slowest."""
    weights: str | None = None
    """File of yours with the weights of a fourfold ESRGAN (.pth or .safetensors), used in place of
    `network`'s. A path from the project's root; the file is not followed, so give another one
    another name."""
    samples: Annotated[int, Field(ge=1, le=1024)] = 16
    """Images drawn and enlarged."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Picks the latents of the samples."""
