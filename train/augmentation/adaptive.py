"""How often images are augmented, so that the discriminator does not learn the real ones by heart.

A discriminator that does calls nearly all real images real. The share of images that are augmented
rises while it is that sure and falls while it is not (Karras et al. 2020, section 3).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from train.compute.ranks import Ranks

EVERY: Final = 4
"""Steps between two adjustments."""
MOST: Final = 0.8
"""Beyond it the generator would learn the augmentations (section 2.2)."""


class Strength:
    """The share of images that are augmented; it stays on the device, nothing waits for it."""

    def __init__(self, target: float, ramp_images: int, device: torch.device) -> None:
        """Start at none; ``ramp_images`` would take it from none to all."""
        self.share = torch.zeros((), device=device)
        self.signs = torch.zeros((), device=device)
        """Sum over the steps since the last adjustment."""
        self._target = target
        self._ramp_images = ramp_images

    @torch.no_grad()
    def note(self, real_logits: Tensor, number: int, shown: int, ranks: Ranks) -> None:
        """Take in the logits of the real images of step ``number``, which showed ``shown``."""
        self.signs += real_logits.float().sign().mean()
        if number % EVERY < EVERY - 1:
            return
        ranks.average([self.signs])
        direction = (self.signs / EVERY - self._target).sign()
        self.share += direction * (EVERY * shown / self._ramp_images)
        self.share.clamp_(0, MOST)
        self.signs.zero_()
