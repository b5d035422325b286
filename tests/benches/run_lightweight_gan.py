"""Trains `lightweight-gan` 1.2.1 of PyPI as it comes, on a CPU, for `tests.benches.presets`.

As a program: ``python run_lightweight_gan.py PACKAGES IMAGES OUT SECONDS MARKS COUNT``. PACKAGES is
a folder into which pip has installed it without what it asks for, so that torch stays the one that
Salon has. Its networks, params and losses are those of its command line. Changed is what refuses
to run without a GPU: it asserts CUDA when it is imported, moves tensors to `cuda:0`, and
torchvision wants operators that its wheel for CUDA brings along.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

SEED = 42
"""Of its command line."""
AT_ONCE = 32


class _OnCpu:
    """The module `torch`, but that every device is the CPU."""

    def __getattr__(self, name: str) -> Any:
        return (lambda _: torch.device("cpu")) if name == "device" else getattr(torch, name)


def trainer(packages: Path, out: Path) -> Any:
    """Its trainer with the params of its command line, at 64 pixels."""
    sys.path.append(str(packages))
    for operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{operator}", "(Tensor a, Tensor b, float c) -> Tensor")
    with mock.patch("torch.cuda.is_available", return_value=True):
        lightweight_gan = importlib.import_module("lightweight_gan.lightweight_gan")
    for kind in (torch.Tensor, torch.nn.Module):
        setattr(kind, "cuda", lambda self, *_: self)  # noqa: B010 - mypy forbids the other way
    setattr(lightweight_gan, "torch", _OnCpu())  # noqa: B010 - as above
    return lightweight_gan.Trainer(
        base_dir=str(out), image_size=64, batch_size=10, gradient_accumulate_every=4,
        aug_types=["cutout", "translation"], attn_res_layers=[32], disc_output_size=1,
        num_workers=0, use_aim=False, save_every=10**9, evaluate_every=10**9,
    )  # fmt: skip


def samples(model: Any, count: int) -> np.ndarray:
    """Pictures of fixed latents by its averaged generator, uint8 (n, 64, 64, 3)."""
    source = torch.Generator().manual_seed(7)
    latents = torch.randn(count, model.latent_dim, generator=source)
    model.GAN.eval()
    with torch.no_grad():
        made = torch.cat([model.GAN.GE(part).clamp(0, 1) for part in _parts(latents)])
    model.GAN.train()
    return (made * 255).round().byte().permute(0, 2, 3, 1).numpy()


def _parts(latents: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return latents.split(AT_ONCE)  # type: ignore[no-any-return, no-untyped-call] # torch leaves it


def main(packages: Path, images: Path, out: Path, seconds: float, marks: int, count: int) -> None:
    """Train for ``seconds`` of CPU time; write the samples of each mark and what it took."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    model = trainer(packages, out)
    model.set_data_src(str(images))
    model.init_GAN()
    curve: list[dict[str, float]] = []
    started = time.process_time()
    while len(curve) <= marks:
        spent = time.process_time() - started
        if spent >= len(curve) * seconds / marks:
            np.save(out / f"{len(curve)}.npy", samples(model, count))
            curve.append({"minutes": spent / 60, "images": model.steps * 40})
            started = time.process_time() - spent
            continue
        model.train()
    weights = {
        name: sum(weight.numel() for weight in network.parameters())
        for name, network in (("generator", model.GAN.G), ("discriminator", model.GAN.D))
    }
    (out / "ran.json").write_text(json.dumps({"weights": weights, "curve": curve}))


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    first, second, third, *numbers = sys.argv[1:]
    main(Path(first), Path(second), Path(third), float(numbers[0]), *map(int, numbers[1:]))
