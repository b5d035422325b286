"""What is changed on every image before the discriminator sees it, whether real or fake.

So it cannot learn few real images by heart, and the generator does not learn the changes (Zhao et
al. 2020). Each image is changed by numbers of its own; gradients pass through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch import Tensor

from train.augmentation import geometric

_GATES, _WARP = 7, 10
"""Where the numbers begin that say whether, and those that `geometric` needs."""

NUMBERS: Final = _WARP + geometric.NUMBERS
"""Random numbers in 0..1 that one image needs: two to move it, two to cut, three to colour, three
to say which of these are done, and the rest to warp it."""
FARTHEST: Final = 0.125
"""Share of the side by which an image is moved at most."""
CUT: Final = 0.5
"""Side of the square that is cut out, as a share of the image's."""


def augment(
    images: Tensor, chances: Tensor, kinds: Sequence[str], share: Tensor | None = None
) -> Tensor:
    """``images`` (n, 3, s, s), each changed as its row of ``chances`` (n, `NUMBERS`) says.

    Each kind is done to a ``share`` of the images, a scalar, or to all.
    """
    share = torch.ones((), device=images.device) if share is None else share
    for kind in kinds:
        if kind == "geometric":
            images = geometric.geometric(images, chances[:, _WARP:], share)
            continue
        done = chances[:, _GATES + _ORDER.index(kind)] < share
        images = torch.where(done.view(-1, 1, 1, 1), _KINDS[kind](images, chances), images)
    return images


def translate(images: Tensor, chances: Tensor) -> Tensor:
    """Move by up to an eighth of the side; what comes in is grey."""
    side = images.shape[-1]
    most = int(side * FARTHEST)
    down, right = ((chances[:, k] * (2 * most + 1)).long().clamp(max=2 * most) for k in (0, 1))
    padded = torch.nn.functional.pad(images, (most, most, most, most))
    span = torch.arange(side, device=images.device)
    rows, columns = down[:, None] + span, right[:, None] + span
    which = torch.arange(len(images), device=images.device)[:, None, None]
    moved = padded.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)


def cutout(images: Tensor, chances: Tensor) -> Tensor:
    """Make a square grey; its centre lies anywhere."""
    side = images.shape[-1]
    span = torch.arange(side, device=images.device)
    cut = []
    for k in (2, 3):
        centre = (chances[:, k] * side).floor()[:, None]
        cut.append((span >= centre - side * CUT / 2) & (span < centre + side * CUT / 2))
    hole = cut[0][:, None, :, None] & cut[1][:, None, None, :]
    return images * ~hole


def colour(images: Tensor, chances: Tensor) -> Tensor:
    """Change brightness by up to a half, saturation and contrast by up to the double."""
    brightness, saturation, contrast = (chances[:, k].view(-1, 1, 1, 1) for k in (4, 5, 6))
    images = images + brightness - 0.5
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * 2 * saturation
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (0.5 + contrast)


_KINDS: Final[dict[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "translate": translate,
    "cutout": cutout,
    "colour": colour,
}
_ORDER: Final = tuple(_KINDS)
