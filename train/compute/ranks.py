"""Several processes that train one model together, each on its share of every batch.

Every process draws the same random numbers for the whole batch and takes its own part, and the
gradients of all are averaged before each update, in one piece. So the images shown, the latents
and, but for rounding, the weights are those of a single process. No wrapper is put around the
networks: torch's own does not see a backward pass that leaves a parameter out, as that of a
gradient penalty does, and lets the processes drift apart.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor

from pipeline.core.errors import TrainingError

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
        _reduce(flat)
        flat /= self.count
        parts = torch.split(flat, [tensor.numel() for tensor in held])
        for tensor, part in zip(held, parts, strict=True):
            tensor.copy_(part.view_as(tensor))

    @torch.no_grad()
    def gathered(self, items: Tensor) -> Tensor:
        """The batch of which `share` gave each process its ``items`` (n, ...), in every process."""
        if self.count == 1:
            return items
        batch = items.new_zeros(self.count * len(items), *items.shape[1:])
        batch[self.rank :: self.count] = items
        _reduce(batch)
        return batch

    def any(self, here: bool, device: torch.device) -> bool:
        """Whether ``here`` holds in any process; all of them must ask."""
        if self.count == 1:
            return here
        flag = torch.tensor([here], dtype=torch.int32, device=device)
        _reduce(flag)
        return bool(flag.item())

    def agree(self, state: str, device: torch.device) -> bool:
        """Whether ``state`` is the same in all processes; all of them must ask."""
        if self.count == 1:
            return True
        number = int(hashlib.sha256(state.encode()).hexdigest()[:15], 16)
        ends = torch.tensor([number, -number], device=device)
        _reduce(ends, dist.ReduceOp.MAX)
        return bool((ends == torch.tensor([number, -number], device=device)).all())


ALONE: Final = Ranks()


def join() -> Ranks:
    """Meet the other processes that `torchrun` started; a process of its own meets nobody."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return ALONE
    if not dist.is_initialized():
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        try:
            dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        except RuntimeError as error:
            raise TrainingError(
                f"the processes on {socket.gethostname()} did not meet the others that torchrun "
                f"started ({_first_sentence(error)}); see docs/cluster.md for the network they need"
            ) from error
    return Ranks(dist.get_rank(), dist.get_world_size())


def _reduce(tensor: Tensor, by: dist.ReduceOp.RedOpType = dist.ReduceOp.SUM) -> None:
    """Replace ``tensor`` by the sum, or another summary, of those of all processes.

    Raises:
        TrainingError: a process is gone.
    """
    try:
        dist.all_reduce(tensor, by)
    except RuntimeError as error:
        raise TrainingError(
            f"another process of this training is gone, as {socket.gethostname()} notices "
            f"({_first_sentence(error)}); start it again by the same command on all hosts: it goes "
            f"on from its last checkpoint"
        ) from error


def _first_sentence(error: Exception) -> str:
    """What ``error`` says, without the place in torch's sources and the advice behind it."""
    return re.sub(r"^\[[^]]*] ", "", str(error).partition("\n")[0]).partition(". ")[0]
