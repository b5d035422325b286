"""Outputs of the past, shown to a discriminator beside new ones (Shrivastava et al. 2017)."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from train.compute.ranks import Ranks

_SHARE: Final = 0.5
"""Of what is shown, once the pool is full, that is from the past."""


def exchanged(pool: Tensor, held: int, made: Tensor, ranks: Ranks) -> Tensor:
    """What a discriminator is shown in place of ``made`` (n, 3, r, r); ``pool`` is changed.

    The first ``held`` of ``pool`` (m, 3, r, r) are outputs of the past. Until it is full each new
    one is kept and shown; then half of them are, and the others take the place of one of the past,
    which is shown (section 2.3, as Zhu et al. 2017 have it).

    Of several processes all keep the outputs of all, and each is shown its share.
    """
    if not len(pool):
        return made
    batch = ranks.gathered(made.detach().to(pool.dtype))
    # Drawn on the CPU, so that no decision waits for a GPU.
    is_old, places = torch.rand(len(batch)) < _SHARE, torch.randint(len(pool), (len(batch),))
    shown = batch.clone()
    for turn, (old, place) in enumerate(zip(is_old.tolist(), places.tolist(), strict=True)):
        if held < len(pool):
            pool[held] = batch[turn]
            held += 1
        elif old:
            shown[turn] = pool[place]
            pool[place] = batch[turn]
    return ranks.share(shown)
