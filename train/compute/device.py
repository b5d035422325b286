"""Where the training runs and in which precision: found, never asked for, and written down.

The choice follows from what the machine can do, not from timing it, so that the same machine
always chooses alike; `Compute.description` goes into `model.json`, because results differ in the
last bits between devices, precisions and numbers of threads.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import nn

from train.compute.ranks import ALONE, Ranks, join

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_LARGEST_KEPT: Final = 1 << 30


@dataclass(frozen=True)
class Compute:
    """A device and the precision in which networks run on it; weights stay 32-bit."""

    device: torch.device
    bfloat16: bool
    ranks: Ranks = ALONE
    """The processes that train together."""

    def autocast(self) -> AbstractContextManager[Any]:
        """Run what is inside in the lower precision where that keeps its meaning."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    def place(self, network: nn.Module) -> None:
        """Move ``network`` to the device, channels last: up to a third faster than planes."""
        network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def description(self) -> dict[str, Any]:
        """What another machine would need to get the same bits, for `model.json`."""
        is_cpu = self.device.type == "cpu"
        return {
            "device": "cpu" if is_cpu else torch.cuda.get_device_name(self.device),
            "precision": "bfloat16" if self.bfloat16 else "float32",
            "threads": torch.get_num_threads() if is_cpu else None,
            "processes": self.ranks.count,
            "torch": torch.__version__,
        }


def find() -> Compute:
    """A GPU if there is one, else the CPU; bfloat16 where the hardware multiplies it."""
    ranks = join()
    if torch.cuda.is_available():
        able = torch.cuda.is_bf16_supported(including_emulation=False)
        return Compute(torch.device("cuda"), able, ranks)
    capabilities = torch.cpu.get_capabilities()
    able = bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return Compute(torch.device("cpu"), able, ranks)


def make_deterministic(threads: int = 1) -> None:
    """Make every operation of this process repeat its result to the bit.

    ``threads`` share one operation on a CPU. Their number is never the machine's, since a sum
    that is split otherwise rounds otherwise.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS reads it when it starts
    # `use_deterministic_algorithms` sets the same and imports the compiler, for three seconds.
    torch.set_deterministic_debug_mode("error")
    # Clearing what is about to be overwritten costs a tenth of a step and guards only against
    # reading memory that nobody wrote.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.set_num_threads(threads)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """Tell glibc not to return large blocks to the kernel after each step.

    A training step frees and asks again for the same hundreds of megabytes; clearing their pages
    anew took a third of the CPU time.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(_M_TOP_PAD, _LARGEST_KEPT // 4)
