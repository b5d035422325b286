"""Do the judges of `evaluate` order known damages? The table stands in docs/training.md.

``python -m tests.benches.damages [FOLDER ...]`` takes paintings and watches of the gallery, and the
pictures of each further folder, whose subfolders are their classes. One half of each is compared
with the other, whole and damaged in known ways, by every judge; `ORDERED` says which of two damages
must be the farther one. An early generator is one that has been trained for some steps only.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from pipeline.core import shards
from pipeline.core.params.train import Train
from pipeline.core.shards import Pixels
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from tests.benches.bases import variants_of
from train.compute import device
from train.compute.device import Compute
from train.compute.seeds import Purpose, latents
from train.data.real_images import to_bytes
from train.loop.training import Training
from train.metrics.distances import kid
from train.metrics.evaluation import Extract
from train.metrics.features import Extractor, Features
from train.metrics.mobilenet import Mobilenet
from train.metrics.pyramid import Pyramid
from train.networks.recipe import Recipe

SIDE: Final = 64
EARLY_STEPS: Final = 39
"""As many as the generator of blue blobs had that once scored well."""
_EARLY: Final[dict[str, Any]] = {
    "model": "residual",
    "resolution": SIDE,
    "channels_base": 512,
    "channels_max": 64,
    "latent": 64,
    "batch": 16,
    "learning_rate": 1e-2,
    "ema_half_life_kimg": 1.0,
    "kimg": EARLY_STEPS * 16 / 1000,
    "log_every_kimg": 1.0,
    "checkpoint_every_kimg": 1.0,
    "samples_every_kimg": 1.0,
}

WHOLE: Final = "whole"
ORDERED: Final = (
    (WHOLE, "blur 1"),
    ("blur 1", "blur 2"),
    (WHOLE, "noise 15"),
    ("noise 15", "noise 40"),
    (WHOLE, "colour shift"),
    (WHOLE, "half of the classes"),
    (WHOLE, "one image"),
    ("half of the classes", "one image"),
    ("mirrored", "blur 1"),
    ("mirrored", "colour shift"),
    ("mirrored", "half of the classes"),
    ("blur 1", "early generator"),
    ("half of the classes", "early generator"),
)
"""What must be nearer to the real images, and what farther from them."""


@dataclass(frozen=True)
class Pictures:
    """Pictures (n, s, s, 3) of one collection in random order, and the class of each."""

    pixels: Pixels
    of_class: list[str]


def paintings(count: int) -> Pictures:
    """Whole paintings of the default gallery, by artist."""
    hall = Paintings(1, works=3 * count, creators=30)
    works = islice((work for work in hall.works if not work.picture.defects), count)
    pairs = [
        (work.artist.slug, _square(hall.image(work.picture, "PinterestSmall"))) for work in works
    ]
    return Pictures(np.stack([pixels for _, pixels in pairs]), [artist for artist, _ in pairs])


def watches(count: int) -> Pictures:
    """Whole photographs of watches without a mark, by brand."""
    shop = Watches(2, watches=6 * count, creators=12)
    fronts = ((watch.brand.slug, watch.pictures[0]) for watch in shop.watches)
    whole = islice((front for front in fronts if not front[1].defects), count)
    pictures = [(brand, _square(shop.image(front, "Square140"))) for brand, front in whole]
    return Pictures(np.stack([pixels for _, pixels in pictures]), [brand for brand, _ in pictures])


def folder(path: Path, count: int) -> Pictures:
    """As many pictures below ``path``, by subfolder, drawn at random."""
    files = sorted(file for file in path.rglob("*") if file.suffix in {".jpg", ".png"})
    places = np.random.default_rng(1).permutation(len(files))[:count]
    chosen = [files[place] for place in places]
    pixels = np.stack([_square(file.read_bytes()) for file in chosen])
    return Pictures(pixels, [file.parent.name for file in chosen])


def _square(data: bytes | None) -> Pixels:
    assert data is not None
    with Image.open(io.BytesIO(data)) as picture:
        square = ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(square)


def blurred(pixels: Pixels, radius: float) -> Pixels:
    """``pixels`` under a Gaussian blur."""
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(each).filter(blur)) for each in pixels])


def noisy(pixels: Pixels, spread: float) -> Pixels:
    """``pixels`` with noise of each pixel and channel."""
    noise = np.random.default_rng(0).normal(0, spread, pixels.shape)
    noised: Pixels = (pixels + noise).clip(0, 255).astype(np.uint8)
    return noised


def shifted(pixels: Pixels) -> Pixels:
    """``pixels`` a little redder and less blue, as under a lamp."""
    moved: Pixels = (pixels + np.array([16.0, 0.0, -16.0])).clip(0, 255).astype(np.uint8)
    return moved


def of_half_the_classes(pixels: Pixels, of_class: list[str]) -> Pixels:
    """As many images, repeated, of half of the classes: the first in order of their names."""
    classes = sorted(set(of_class))
    here = np.flatnonzero(np.isin(of_class, classes[: len(classes) // 2]))
    repeated: Pixels = pixels[np.resize(here, len(pixels))]
    return repeated


def damaged(whole: Pictures) -> dict[str, Pixels]:
    """``whole`` and what becomes of it under each damage, as many images each."""
    pixels = whole.pixels
    return {
        WHOLE: pixels,
        "mirrored": np.ascontiguousarray(pixels[:, :, ::-1]),
        "blur 1": blurred(pixels, 1),
        "blur 2": blurred(pixels, 2),
        "noise 15": noisy(pixels, 15),
        "noise 40": noisy(pixels, 40),
        "colour shift": shifted(pixels),
        "half of the classes": of_half_the_classes(pixels, whole.of_class),
        "one image": pixels[:1].repeat(len(pixels), axis=0),
    }


class Judges:
    """The three judges of `evaluate`, which have seen some real images."""

    def __init__(self, reals: Pixels, extract: Extractor, second: Mobilenet) -> None:
        self._networks: dict[str, Extract] = {"KID": extract, "KID by MobileNetV2": second}
        self._reals: dict[str, Features] = {n: each(reals) for n, each in self._networks.items()}
        self._pyramid = Pyramid(reals)

    def distances(self, pixels: Pixels) -> dict[str, float]:
        """How far ``pixels`` are from the real images, by judge."""
        levels = self._pyramid.distances(pixels)
        by_network = {
            name: kid(extract(pixels), self._reals[name], 1).mean
            for name, extract in self._networks.items()
        }
        return by_network | {"sliced Wasserstein": float(np.mean(list(levels.values())))}


def disordered(judged: dict[str, dict[str, float]]) -> dict[str, list[str]]:
    """By judge, which of `ORDERED` it sees the other way round; ``judged`` is by damage."""
    pairs = [pair for pair in ORDERED if judged.keys() >= {*pair}]

    def is_wrong(distance: str, near: str, far: str) -> bool:
        return judged[near][distance] >= judged[far][distance]

    return {
        distance: [f"{near} < {far}" for near, far in pairs if is_wrong(distance, near, far)]
        for distance in judged[WHOLE]
    }


def early_generator(reals: Pixels, count: int, compute: Compute) -> Pixels:
    """What a generator draws that has seen ``reals`` for `EARLY_STEPS` steps."""
    params: Train = TypeAdapter(Train).validate_python(_EARLY)
    with TemporaryDirectory() as place:
        path = Path(place)
        shards.write(path / str(SIDE) / "0.npy", reals)
        training = Training(params, compute, path, variants_of("0", len(reals)), path)
        training.run(lambda _row: None, lambda: False)
    shown = latents(7, Purpose.GRID, count, params.latent).to(compute.device)
    no_class = torch.zeros(count, dtype=torch.int64, device=compute.device)
    state = training.state
    with torch.no_grad():
        assert isinstance(training.recipe, Recipe)
        made = training.recipe.draw(state.recipe.generator, shown, state.latest_phase, no_class)
    return to_bytes(made)


def tables_of(
    sources: Iterable[tuple[str, Callable[[int], Pictures]]], count: int, compute: Compute
) -> Iterator[tuple[str, dict[str, dict[str, float]]]]:
    """By source, all distances by damage and judge."""
    networks = Extractor(compute), Mobilenet(compute)
    for name, source in sources:
        pictures = source(2 * count)
        half = len(pictures.pixels) // 2
        judges = Judges(pictures.pixels[:half], *networks)
        whole = Pictures(pictures.pixels[half : 2 * half], pictures.of_class[half : 2 * half])
        sets = damaged(whole)
        sets["early generator"] = early_generator(pictures.pixels[:half], half, compute)
        yield name, {damage: judges.distances(pixels) for damage, pixels in sets.items()}


def main() -> None:
    """Print one table a collection, and what each judge orders wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=64, help="images on each side")
    args = parser.parse_args()
    device.make_deterministic()
    sources: list[tuple[str, Callable[[int], Pictures]]] = [
        ("paintings", paintings),
        ("watches", watches),
        *((path.name, partial(folder, path)) for path in args.folders),
    ]
    console = Console(width=120)
    for name, judged in tables_of(sources, args.count, device.find()):
        table = Table("damage", *judged[WHOLE], title=name)
        for damage, distances in judged.items():
            table.add_row(damage, *(f"{value:.4f}" for value in distances.values()))
        console.print(table)
        for distance, pairs in disordered(judged).items():
            console.print(f"{distance}: {', '.join(pairs) or 'orders all'}")


if __name__ == "__main__":
    main()
