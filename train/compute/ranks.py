"""Several processes that train one model together, each on its share of every batch.

Every process draws the same random numbers for the whole batch and takes its own part, and the
gradients of all are averaged before each update, in one piece. So the images shown, the latents
and, but for rounding, the weights are those of a single process. No wrapper is put around the
networks: torch's own does not see a backward pass that leaves a parameter out, as that of a
gradient penalty does, and lets the processes drift apart.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor

Batch = TypeVar("Batch", Tensor, npt.NDArray[np.int64])


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this is the one process that writes files."""
        return self.rank == 0

    def share(self, batch: Batch) -> Batch:
        """This process's items of ``batch`` (n, ...), every ``count``-th.

        Taken in strides, images that minibatch standard deviation compares stay together.
        """
        return batch[self.rank :: self.count]

    @torch.no_grad()
    def average(self, tensors: Iterable[Tensor | None]) -> None:
        """Replace each tensor by its mean over all processes, in one exchange."""
        held = [tensor for tensor in tensors if tensor is not None]
        if self.count == 1 or not held:
            return
        flat = torch.cat([tensor.reshape(-1).float() for tensor in held])
        dist.all_reduce(flat)
        flat /= self.count
        parts = torch.split(flat, [tensor.numel() for tensor in held])
        for tensor, part in zip(held, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    def any(self, here: bool, device: torch.device) -> bool:
        """Whether ``here`` holds in any process; all of them must ask."""
        if self.count == 1:
            return here
        flag = torch.tensor([here], dtype=torch.int32, device=device)
        dist.all_reduce(flag)
        return bool(flag.item())


ALONE: Final = Ranks()


def join() -> Ranks:
    """Meet the other processes that `torchrun` started; a process of its own meets nobody."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return ALONE
    if not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    return Ranks(dist.get_rank(), dist.get_world_size())
