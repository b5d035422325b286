"""Params of `evaluate`: how many samples are compared, and with what seed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline.core.params.base import Section


class Evaluate(Section):
    """The comparison of samples with real images."""

    samples: Annotated[int, Field(ge=32)] = 256
    """Images drawn and compared with the real ones."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Picks the latents of the samples."""
    nearest_shown: Annotated[int, Field(ge=1, le=64)] = 12
    """Samples shown beside the training image nearest to them."""
    inception: str | None = None
    """TorchScript file of the Inception network, such as StyleGAN's inception-2015-12-05.pt, in
    whose features the distances are measured as well (`fid_inception`, `kid_inception`). A path
    from the project's root; the file is not followed, so give another one another name."""
