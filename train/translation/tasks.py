"""What is made of what: each task is one declaration in `TASKS`.

All of a task are pure functions of pictures (n, 3, r, r) in -1..1. `derive` makes the input of a
pair, of a picture and of the `chances` of its image; `read` makes it of what somebody hands in;
`guess` is the trivial answer, which the network corrects and every result is compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.core.params import translation

LUMINANCE: Final = (0.299, 0.587, 0.114)
"""Of red, green and blue (ITU-R BT.601)."""
FAINT: Final = 0.06
"""Change of a channel (0..1) between neighbouring pixels that leaves no line: grain, canvas."""
FULL: Final = 0.2
"""Change that leaves a black line."""
HOLES: Final = 2
"""Rectangles that are missing; each side is an eighth to a half of the picture's."""
SHRINK: Final = 4
"""How much smaller the side of a small picture is."""


@dataclass(frozen=True)
class Task:
    """One kind of pairs."""

    says: str
    """What becomes of what, in a few words."""
    channels: int
    """Of an input."""
    derive: Callable[[Tensor, Tensor], Tensor]
    """Pictures (n, 3, r, r) and chances (n, c) to inputs (n, channels, r, r)."""
    read: Callable[[Tensor], Tensor]
    """What is handed in, (n, 4, r, r) with its opacity in -1..1, to inputs."""
    guess: Callable[[Tensor], Tensor]
    """Inputs to the trivial pictures (n, 3, r, r)."""
    needs_clear: bool = False
    """Whether what is handed in must be clear (transparent) somewhere."""
    masked: bool = False
    """Whether the last channel of an input says where its pixels are known (1) or not (-1); known
    pixels stay as they are, to the bit."""

    def known(self, inputs: Tensor) -> Tensor:
        """Where (n, 1, r, r) the picture is known already."""
        if self.masked:
            return inputs[:, -1:] > 0
        return torch.zeros_like(inputs[:, :1], dtype=torch.bool)

    def completed(self, inputs: Tensor, made: Tensor) -> Tensor:
        """What a network ``made`` of ``inputs``, with what is known in its place."""
        if not self.masked:
            return made
        return torch.where(self.known(inputs), inputs[:, :3], made.to(inputs.dtype))


def luminance(pictures: Tensor) -> Tensor:
    """(n, 3, r, r) to (n, 1, r, r)."""
    weights = torch.tensor(LUMINANCE, device=pictures.device).view(1, 3, 1, 1)
    return (pictures * weights).sum(dim=1, keepdim=True)


def drawing(pictures: Tensor) -> Tensor:
    """Dark lines (-1) on white (1) where any channel changes: (n, 1, r, r).

    The length of Sobel's gradient, the largest of the three channels, so that a line is drawn
    between two colours of one luminance, too. Its ink rises from none at `FAINT` to all at `FULL`;
    nothing is thinned or tracked, unlike Canny's (1986).
    """
    smooth = torch.tensor([1.0, 2.0, 1.0], device=pictures.device) / 4
    change = torch.tensor([-0.5, 0.0, 0.5], device=pictures.device)
    padded = functional.pad(pictures, (1, 1, 1, 1), mode="replicate") / 2  # as of 0..1
    across, down = (
        functional.conv2d(padded, torch.outer(rows, columns).expand(3, 1, 3, 3), groups=3)
        for rows, columns in ((smooth, change), (change, smooth))
    )
    steepness = torch.hypot(across, down).amax(dim=1, keepdim=True)
    return 1 - 2 * ((steepness - FAINT) / (FULL - FAINT)).clamp(0, 1)


def holes(shape: torch.Size, chances: Tensor) -> Tensor:
    """Where (n, 1, r, r) pixels are missing: `HOLES` rectangles an image."""
    count, _, height, width = shape
    missing = torch.zeros(count, 1, height, width, dtype=torch.bool, device=chances.device)
    numbers = chances[:, : 4 * HOLES].reshape(count, HOLES, 4)
    rows = ((torch.arange(height, device=chances.device) + 0.5) / height).view(1, 1, -1, 1)
    columns = ((torch.arange(width, device=chances.device) + 0.5) / width).view(1, 1, 1, -1)
    for hole in numbers.unbind(dim=1):
        y, x, tall, wide = (number.view(-1, 1, 1, 1) for number in hole.unbind(dim=1))
        half_height, half_width = (1 / 16 + 3 / 16 * side for side in (tall, wide))
        missing |= ((rows - y).abs() < half_height) & ((columns - x).abs() < half_width)
    return missing


def surroundings(shape: torch.Size, device: torch.device) -> Tensor:
    """Where (n, 1, r, r) pixels are missing: all but the middle half of each side."""
    count, _, height, width = shape
    missing = torch.ones(count, 1, height, width, dtype=torch.bool, device=device)
    missing[..., height // 4 : height - height // 4, width // 4 : width - width // 4] = False
    return missing


def without(pictures: Tensor, missing: Tensor) -> Tensor:
    """Pictures that are 0 where they are ``missing``, and where they are known: (n, 4, r, r)."""
    known = (~missing).to(pictures.dtype)
    return torch.cat([pictures * known, known * 2 - 1], dim=1)


def filled(inputs: Tensor) -> Tensor:
    """What `without` made, with the mean of its known pixels where there are none."""
    known = (inputs[:, 3:] > 0).to(inputs.dtype)
    total = (inputs[:, :3] * known).sum(dim=(2, 3), keepdim=True)
    mean = total / known.sum(dim=(2, 3), keepdim=True).clamp(min=1)
    return torch.where(known > 0, inputs[:, :3], mean)


def shrunk(pictures: Tensor) -> Tensor:
    """Pictures averaged to a quarter of the side, as bytes hold them, and enlarged again."""
    small = functional.avg_pool2d(pictures, SHRINK)
    bytes_held = ((small + 1) * 127.5).round() / 127.5 - 1
    return functional.interpolate(
        bytes_held, scale_factor=SHRINK, mode="bicubic", align_corners=False
    ).clamp(-1, 1)


def inside(handed_in: Tensor) -> Tensor:
    """A picture (n, 4, r, r) shrunk into the middle of what is to be made around it."""
    height, width = handed_in.shape[2:]
    middle = functional.avg_pool2d(handed_in[:, :3], 2)
    margins = (width // 4, width // 4, height // 4, height // 4)
    pictures = functional.pad(middle, margins)
    return without(pictures, surroundings(pictures.shape, pictures.device))


WHOLE: Final = Task(
    "a picture of one collection becomes one of another",
    channels=3,
    derive=lambda pictures, _chances: pictures,
    read=lambda handed_in: handed_in[:, :3],
    guess=lambda inputs: inputs,
)
"""No task of pairs: the input is a whole picture, and the trivial answer leaves it as it is."""

TASKS: Final[dict[translation.Task, Task]] = {
    "edges": Task(
        "a drawing becomes a picture",
        channels=1,
        derive=lambda pictures, _chances: drawing(pictures),
        read=lambda handed_in: luminance(handed_in[:, :3]),
        guess=lambda inputs: torch.zeros_like(inputs).expand(-1, 3, -1, -1),
    ),
    "grey": Task(
        "a grey picture gets colours",
        channels=1,
        derive=lambda pictures, _chances: luminance(pictures),
        read=lambda handed_in: luminance(handed_in[:, :3]),
        guess=lambda inputs: inputs.expand(-1, 3, -1, -1),
    ),
    "holes": Task(
        "what is missing inside a picture is filled in",
        channels=4,
        derive=lambda pictures, chances: without(pictures, holes(pictures.shape, chances)),
        read=lambda handed_in: without(handed_in[:, :3], handed_in[:, 3:] < 0),
        guess=filled,
        needs_clear=True,
        masked=True,
    ),
    "border": Task(
        "a picture goes on beyond its border",
        channels=4,
        derive=lambda pictures, _chances: without(
            pictures, surroundings(pictures.shape, pictures.device)
        ),
        read=inside,
        guess=filled,
        masked=True,
    ),
    "small": Task(
        "a small picture gets four times the side",
        channels=3,
        derive=lambda pictures, _chances: shrunk(pictures),
        read=lambda handed_in: shrunk(handed_in[:, :3]),
        guess=lambda inputs: inputs,
    ),
}
"""All tasks by the names that params give them."""
