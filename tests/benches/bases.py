"""Train the bases that a collection can start from; `make bases` runs it (an hour or two).

``python -m tests.benches.bases`` paints works of galleries with other seeds than those of the
default collections and trains one network on each kind for ``--kimg`` thousand images, in turns,
so that each has come as far when it is stopped. It writes ``train/bases/NAME.safetensors`` and what
is known of it into ``train/bases/bases.yaml``, and goes on where it was stopped; ``--publish``
writes what there is.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from pydantic import TypeAdapter
from rich.console import Console

from curation.images.facts import examine
from pipeline.core import shards
from pipeline.core.errors import InterruptedRunError
from pipeline.core.files import write_bytes, write_json
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.train import Train
from pipeline.core.transforms import SYMMETRIES, Symmetry
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.items import Defect
from train.bases.base_catalogue import CATALOGUE, NETWORK_PARAMS, Base, catalogue, weights_of
from train.compute import device
from train.data.variants import Variants
from train.loop import checkpoint
from train.loop.checkpoint import Checkpoint, Record
from train.loop.training import Training
from train.networks import state_dicts
from train.networks.phase import images

OUT: Final = Path("work/bench/bases")
_TURN_S: Final = 60.0
"""CPU seconds after which another base has its turn."""
_SIDE: Final = 64
_SHARD: Final = "00000"

_PARAMS: Final[dict[str, Any]] = {
    "model": "residual",
    "resolution": _SIDE,
    "channels_base": 512,
    "channels_max": 64,
    "latent": 64,
    "batch": 16,
    "learning_rate": 1e-2,
    "ema_half_life_kimg": 5.0,
    "log_every_kimg": 1.0,
    "checkpoint_every_kimg": 2.0,
    "samples_every_kimg": 5.0,
    "on_unhealthy": "go_on",
}


@dataclass(frozen=True)
class Kind:
    """One base: what is painted for it, and under which symmetries it is shown."""

    words: str
    pictures: Callable[[], Iterator[bytes]]
    symmetries: tuple[Symmetry, ...]


def fields() -> Iterator[bytes]:
    """1,500 paintings of five galleries without planted defects, as the site serves them."""
    for seed in range(101, 106):
        gallery = Paintings(seed, 300, 30, counts={})
        for work in gallery.works:
            data = gallery.image(work.picture, "Large") or gallery.image(work.picture, None)
            assert data is not None
            yield data


def watches() -> Iterator[bytes]:
    """The unmarked of 2,880 first photographs of eight galleries: some 1,150."""
    for seed in range(101, 109):
        gallery = Watches(seed, 360, 12, counts={})
        for watch in gallery.watches:
            if Defect.WATERMARK in watch.pictures[0].defects:
                continue
            data = gallery.image(watch.pictures[0], "ExtraLarge")
            assert data is not None
            yield data


BASES: Final = {
    "fields-64": Kind(
        "paintings of five galleries of Salon's (seeds 101 to 105)", fields, SYMMETRIES
    ),
    "watches-64": Kind(
        "watches without a mark, of eight galleries of Salon's (seeds 101 to 108)",
        watches,
        (Symmetry.IDENTITY, Symmetry.FLIP_LEFT_RIGHT),
    ),
}


def painted(base: Kind, folder: Path) -> Variants:
    """All variants of a base's pictures; the pixels lie in one shard below ``folder``."""
    path = folder / str(_SIDE) / f"{_SHARD}.npy"
    if not path.is_file():
        with shards.appending(path, _SIDE) as append:
            for data in base.pictures():
                append(examine(data, Ingest(sizes=(_SIDE,)))[1][_SIDE])
    return variants_of(_SHARD, len(shards.open_shard(path)), base.symmetries)


def variants_of(
    shard: str, count: int, symmetries: Sequence[Symmetry] = (Symmetry.IDENTITY,)
) -> Variants:
    """The variants of all ``count`` images of one shard, of one class."""
    kinds = np.array([SYMMETRIES.index(symmetry) for symmetry in symmetries])
    rows = np.repeat(np.arange(count), len(kinds))
    return Variants(
        shard_names=(shard,),
        image_id=np.array([f"{row:024x}" for row in rows], object),
        shard=np.zeros_like(rows),
        row=rows,
        symmetry=np.tile(kinds, count),
        classes=("unknown",),
        of_class=np.zeros_like(rows),
    )


class Making:
    """A base in the making: it goes on where it was stopped."""

    def __init__(self, name: str, kimg: float) -> None:
        self.name = name
        self._clock = OUT / name / "cpu_seconds.json"
        self._pixels = OUT / name / "pixels"
        params: Train = TypeAdapter(Train).validate_python({**_PARAMS, "kimg": kimg})
        self.variants = painted(BASES[name], self._pixels)
        self.total = images(kimg)
        self.training = Training(params, device.find(), self._pixels, self.variants, OUT / name)
        saved, _ = checkpoint.load_latest(OUT / name)
        if saved is not None:
            path = checkpoint.path_of(OUT / name, saved.record.images_seen)
            self.training.restore(saved, path)

    @property
    def is_made(self) -> bool:
        """Whether all images were shown."""
        return self.training.state.images_seen >= self.total

    @property
    def cpu_s(self) -> float:
        """What the training took so far, in all runs."""
        return float(json.loads(self._clock.read_text())) if self._clock.is_file() else 0.0

    def take_turn(self) -> None:
        """Train for `_TURN_S` of CPU time, or to the end."""
        before = time.process_time()
        with suppress(InterruptedRunError):
            self.training.run(lambda _row: None, lambda: time.process_time() - before > _TURN_S)
        write_json(self._clock, self.cpu_s + time.process_time() - before)

    def publish(self) -> None:
        """Write the weights, without the optimizers, and what is known of them."""
        state = self.training.state
        average = {"average": state.averaged_generator()}
        tensors = state_dicts.pack({**self.training.recipe.networks(), **average}, {}, {})
        record = Record(images_seen=state.images_seen, images_before=0, steps=state.steps)
        write_bytes(weights_of(self.name), checkpoint.checkpoint_bytes(Checkpoint(record, tensors)))
        params = self.training.params.model_dump(mode="json")
        base = Base(
            network={param: params[param] for param in NETWORK_PARAMS},
            pictures=BASES[self.name].words,
            images=len(self.variants.originals()[0]),
            kimg=state.images_seen / 1000,
            cpu_minutes=round(self.cpu_s / 60, 1),
            licence="Apache-2.0, as Salon: its own painters drew all that it was shown",
        )
        known = catalogue() | {self.name: base}
        facts = {name: known[name].model_dump() for name in sorted(known)}
        text = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)
        write_bytes(CATALOGUE, text.encode())


def main() -> None:
    """Train the bases that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(BASES))
    parser.add_argument("--publish", action="store_true", help="as they are, without training")
    parser.add_argument("--kimg", type=float, default=150.0, help="thousands of images shown each")
    args = parser.parse_args()
    console = Console()
    device.make_deterministic()
    bases = [Making(name, args.kimg) for name in args.names]
    while not args.publish and not all(base.is_made for base in bases):
        for base in bases:
            if not base.is_made:
                base.take_turn()
                shown = f"{base.training.state.images_seen:,} of {base.total:,} images"
                console.print(f"{base.name}: {shown}, {base.cpu_s / 60:.1f} CPU min")
    for base in bases:
        base.publish()


if __name__ == "__main__":
    main()
