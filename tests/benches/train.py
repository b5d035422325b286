"""What training costs beside the plain way of writing it; `make bench-train` prints the tables.

``python -m tests.benches.train batches`` prints one of them; `steps` and `stores` are the others.

Every figure but the memory's is the CPU time, user and system, of one thread in a process of its
own: the least of a few rounds in which the ways take turns, so that a busy machine disturbs all of
them alike.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

import numpy as np
from PIL import Image
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from pipeline.core import shards
from pipeline.core.errors import InterruptedRunError
from pipeline.core.params.train import DcganTrain, Train
from pipeline.core.shards import Pixels
from train.compute.device import find, make_deterministic
from train.data.real_images import RealImages
from train.data.sampler import ShuffledSampler
from train.data.variants import Variants
from train.loop.training import Training

ROUNDS: Final = 3
WARM_UP: Final = 2
PNGS: Final = 512
IMAGES: Final = 1656
"""As many as ART GAN was trained on."""
SHARD_ROWS: Final = 1000
STORES: Final = (2_000, 200_000)
STORE_STEPS: Final = 2000
SYMMETRIES: Final = 6
"""The identity and the five transforms of the paintings."""
TURNS: Final = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.FLIP_TOP_BOTTOM,
)
"""The latter to Pillow, in the order of `pipeline.core.transforms`."""

MODELS: Final[dict[str, tuple[int, dict[str, Any]]]] = {
    "dcgan, width 128": (4, {"model": "dcgan"}),
    "dcgan, width 16": (16, {"model": "dcgan", "width": 16, "batch": 16}),
    "residual": (16, {"model": "residual", "channels_base": 512, "channels_max": 64, "batch": 16}),
    "progan": (8, {
        "model": "progan", "resolution": 64, "channels_base": 512, "channels_max": 64,
        "fade_kimg": 1.0, "stable_kimg": 1.0, "batch": 16,
    }),
}  # fmt: skip
"""All at 64 pixels, and how many steps are measured: a whole round of lazy penalties."""

Figures = dict[str, float]


def collection(root: Path, count: int, size: int = 64) -> Variants:
    """``count`` images of coarse noise in shards below ``root``, under six symmetries each."""
    rng = np.random.default_rng(0)
    names = [f"2026-01-01-{number:05d}" for number in range(-(-count // SHARD_ROWS))]
    for number, name in enumerate(names):
        path = root / str(size) / f"{name}.npy"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shards.write(path, _noise(min(SHARD_ROWS, count - number * SHARD_ROWS), size, rng))
    image = np.arange(count).repeat(SYMMETRIES)
    ids = np.array([f"{number:024x}" for number in range(count)], object).repeat(SYMMETRIES)
    symmetry = np.tile(np.arange(SYMMETRIES), count)
    return Variants(
        tuple(names), ids, image // SHARD_ROWS, image % SHARD_ROWS, symmetry,
        ("somebody",), np.zeros_like(image),
    )  # fmt: skip


def _noise(count: int, size: int, rng: np.random.Generator) -> Pixels:
    coarse = rng.integers(0, 224, (count, 8, 8, 3), np.uint8)
    fine = coarse.repeat(size // 8, axis=1).repeat(size // 8, axis=2)
    fine += rng.integers(0, 32, fine.shape, np.uint8)
    return fine


def plain_step() -> Figures:
    """ART GAN's step as one first writes it: 32 bits, planes, torch's own Adam, allocator as is."""
    import torch
    from torch.nn.functional import softplus

    from train.networks import dcgan
    from train.networks.conditions import UNCONDITIONAL

    torch.set_num_threads(1)
    params = DcganTrain(model="dcgan")
    half = params.batch // 2
    generator, discriminator = dcgan.build(params, UNCONDITIONAL)
    optimizers = [
        torch.optim.Adam(network.parameters(), params.learning_rate, (0.5, 0.999))
        for network in (generator, discriminator)
    ]
    reals = torch.rand(half, 3, params.resolution, params.resolution) * 2 - 1

    def update(loss: torch.Tensor, optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def step() -> None:
        update(softplus(-discriminator(reals)).mean(), optimizers[1])
        with torch.no_grad():
            fakes = generator(torch.randn(half, params.latent))
        update(softplus(discriminator(fakes)).mean(), optimizers[1])
        fakes = generator(torch.randn(params.batch, params.latent))
        update(softplus(-discriminator(fakes)).mean(), optimizers[0])

    step()
    return {"images": params.batch, "seconds": min(_cpu_seconds(step) for _ in range(ROUNDS))}


def _cpu_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def salon_step(model: str, precision: str, root: Path) -> Figures:
    """A step of `train.loop` as `salon train` runs it: real images and the average included."""
    count, settings = MODELS[model]
    params: Train = TypeAdapter(Train).validate_python(settings)
    make_deterministic()
    compute = find()
    if precision == "float32":
        compute = replace(compute, bfloat16=False)
    training = Training(params, compute, root, collection(root, IMAGES), root / "run")
    total = training.budget.images or 0
    training.state.images_seen = total - 999  # progressive growing has reached its end
    clock: list[float] = []
    reading: list[float] = []
    read = RealImages.batch

    def timed(*arguments: Any) -> Any:
        start = time.process_time()
        batch = read(*arguments)
        reading.append(time.process_time() - start)
        return batch

    def stop() -> bool:
        clock.append(time.process_time())
        return len(clock) > WARM_UP + count

    with mock.patch.object(RealImages, "batch", timed):
        _run(training, stop)
    seconds = clock[-1] - clock[WARM_UP]
    share = sum(reading[WARM_UP:]) / seconds
    return {"images": count * params.batch, "seconds": seconds, "reading": share}


def _run(training: Training, stop: Callable[[], bool]) -> None:
    try:
        training.run(lambda _row: None, stop)
    except InterruptedRunError:
        return
    raise AssertionError("the training ended before it was told to")


def salon_batches(size: int, root: Path) -> Figures:
    """Batches as the loop takes them."""
    import torch

    make_deterministic()
    variants = collection(root, IMAGES, size)
    images, order, cpu = (
        RealImages(root, variants, size),
        ShuffledSampler(1, len(variants)),
        torch.device("cpu"),
    )
    places = iter(range(0, 10**6, 64))
    count = 16

    def take() -> None:
        for _ in range(count):
            images.batch(order.take(next(places), 64), cpu)

    return {"images": count * 64, "seconds": min(_cpu_seconds(take) for _ in range(ROUNDS))}


def loader_batches(size: int, root: Path) -> Figures:
    """The same images as PNG files, decoded and turned by Pillow in a DataLoader."""
    import torch
    from torch.utils.data import DataLoader, Dataset

    torch.set_num_threads(1)
    collection(root, IMAGES, size)
    folder = root / f"png-{size}"
    folder.mkdir(exist_ok=True)
    for number, picture in enumerate(np.load(next((root / str(size)).iterdir()))[:PNGS]):
        Image.fromarray(picture).save(folder / f"{number:05d}.png")

    class Pngs(Dataset[torch.Tensor]):
        paths = sorted(folder.iterdir())

        def __len__(self) -> int:
            return len(self.paths) * SYMMETRIES

        def __getitem__(self, place: int) -> torch.Tensor:
            path, turn = divmod(place, SYMMETRIES)
            picture: Image.Image = Image.open(self.paths[path]).convert("RGB")
            if turn:
                picture = picture.transpose(TURNS[turn - 1])
            planes = torch.from_numpy(np.array(picture)).permute(2, 0, 1)
            return planes.float().div_(127.5).sub_(1)

    batches = iter(DataLoader(Pngs(), 64, shuffle=True))
    count = 8
    next(batches)

    def take() -> None:
        for _ in range(count):
            next(batches)

    return {"images": count * 64, "seconds": min(_cpu_seconds(take) for _ in range(ROUNDS))}


def large_store(count: int, root: Path) -> Figures:
    """A training on a store that is larger than what is held in memory: start, then steps."""
    begun = time.process_time(), time.monotonic()
    make_deterministic()
    variants = collection(root, count)
    params: Train = TypeAdapter(Train).validate_python(MODELS["dcgan, width 16"][1])
    training = Training(params, find(), root, variants, root / "run")
    after: list[tuple[float, float]] = []
    held: list[float] = []

    def stop() -> bool:
        after.append((time.process_time(), time.monotonic()))
        held.append(_own_mib())
        return len(after) > STORE_STEPS

    _run(training, stop)
    return {
        "images": count,
        "cpu_s": after[1][0] - begun[0],
        "wall_s": after[1][1] - begun[1],
        "first_mib": held[1],
        "middle_mib": held[len(held) // 2],
        "last_mib": held[-1],
    }


def _own_mib() -> float:
    """Memory of this process that is no page of a file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def measured(root: Path, *question: str) -> Figures:
    """The answer of a process of its own to one of `QUESTIONS`."""
    command = [sys.executable, "-m", "tests.benches.train", str(root), *question]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    answer: Figures = json.loads(done.stdout)
    return answer


def answer(root: Path, kind: str, *rest: str) -> Figures:
    """What one child process measures."""
    match kind:
        case "plain":
            return plain_step()
        case "salon":
            return salon_step(rest[0], rest[1], root)
        case "batches":
            return salon_batches(int(rest[0]), root)
        case "loader":
            return loader_batches(int(rest[0]), root)
        case _:
            return large_store(int(rest[0]), root)


def best(root: Path, questions: Sequence[tuple[str, ...]]) -> list[Figures]:
    """The cheapest answer to each question, asked in turns."""
    rounds = [[measured(root, *each) for each in questions] for _ in range(ROUNDS)]
    return [
        min(each, key=lambda measurement: measurement["seconds"])
        for each in zip(*rounds, strict=True)
    ]


def steps(root: Path) -> Table:
    """A step of each model, in 32 bits and as it runs by default, and of the plain loop."""
    table = Table("step", "images a CPU s", "times", "of it reading", title="a training step")
    for model in MODELS:
        questions: list[tuple[str, ...]]
        questions = [("salon", model, "float32"), ("salon", model, "found")]
        names = [f"{model}: in 32 bits", f"{model}: as found"]
        if model == "dcgan, width 128":
            questions, names = [("plain",), *questions], [f"{model}: the plain loop", *names]
        seconds = best(root, questions)
        rates = [each["images"] / each["seconds"] for each in seconds]
        for name, rate, each in zip(names, rates, seconds, strict=True):
            reading = f"{each['reading']:.2%}" if "reading" in each else ""
            table.add_row(name, f"{rate:.1f}", f"{rate / rates[0]:.2f}", reading)
    return table


def batches(root: Path) -> Table:
    """Real images as they reach the networks."""
    table = Table("size", "PNG, DataLoader", "Salon", "times", title="images a CPU s, read alone")
    for size in ("64", "256"):
        loader, salon = best(root, [("loader", size), ("batches", size)])
        rates = [each["images"] / each["seconds"] for each in (loader, salon)]
        table.add_row(size, *(f"{rate:,.0f}" for rate in rates), f"{rates[1] / rates[0]:.1f}")
    return table


def stores(root: Path) -> Table:
    """Memory and the way to the first step, by the number of images."""
    columns = ("images", "CPU s to first step", "wall s", "MiB then", "MiB half-way", "MiB at end")
    table = Table(*columns, title=f"{STORE_STEPS:,} steps on a store of 64 pixels")
    for count in STORES:
        folder = root / f"store-{count}"
        collection(folder, count)
        figures = measured(folder, "store", str(count)).values()
        table.add_row(*(f"{value:,.0f}" if value > 99 else f"{value:.1f}" for value in figures))
    return table


TABLES: Final = {"batches": batches, "steps": steps, "stores": stores}


def main(arguments: list[str]) -> None:
    """Print the tables, or those that are named; with a folder, be one of those that measure."""
    if arguments and arguments[0] not in TABLES:
        sys.stdout.write(json.dumps(answer(Path(arguments[0]), *arguments[1:])))
        return
    with tempfile.TemporaryDirectory() as root:
        for name in arguments or TABLES:
            Console().print(TABLES[name](Path(root)))


if __name__ == "__main__":
    main(sys.argv[1:])
