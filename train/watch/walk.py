"""A walk between two pictures of a model: its ends, the way between them, and what was kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from pipeline.core.errors import UsageError
from pipeline.core.shards import Pixels
from train.export.model_file import Model
from train.samples import sheets
from train.samples.generated_pictures import arcs
from train.samples.projection import TRIED, project
from train.samples.saved_latents import SavedLatent, write_saved

_SEED: Final = re.compile(r"[0-9]{1,18}")
_IMAGE_ID: Final = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True)
class End:
    """One end of a walk."""

    latent: Tensor
    """(d,)"""
    words: str
    real: Pixels | None = None
    """(s, s, 3): the image that it stands for, where it stands for one."""


@dataclass(frozen=True)
class WalkPlace:
    """A place on a walk, as the page names it."""

    first: str
    """A seed or the id of an image."""
    last: str
    share: float
    """Of the way from the first to the last, 0..1."""
    class_name: str | None = None

    def __str__(self) -> str:
        """For people who find the file."""
        return f"{self.share:.0%} of the way from {self.first} to {self.last}"


class LatentWalk:
    """Draws what the page asks for, by one model."""

    def __init__(
        self,
        model: Model,
        name: str,
        fingerprint: str,
        real_of: Callable[[str], Pixels],
        out: Path,
        truncation: float | None = None,
    ) -> None:
        """LatentWalk in ``model``, which the person calls ``name``; pictures are kept in ``out``.

        ``real_of`` gives the image of an id, as large as those of the model, or raises a
        `SalonError`.
        """
        self.model = model
        self.name = name
        self.out = out
        self._fingerprint = fingerprint
        self._real_of = real_of
        self._truncation = truncation
        self._ends: dict[tuple[str, str | None], End] = {}
        self._searching = threading.Lock()
        self._saving = threading.Lock()

    @property
    def classes(self) -> list[str]:
        """Those that may be walked in."""
        return [self.model.only] if self.model.only is not None else list(self.model.classes)

    def end(self, name: str, class_name: str | None) -> End:
        """The end of that name; of an image it is searched once, which takes some seconds.

        Raises:
            UsageError: it names neither a seed nor an image, or there is no such class.
            SalonError: the image cannot be had.
        """
        if _SEED.fullmatch(name):
            latent = self.model.latents(1, int(name))[0]
            return End(latent, f"as salon generate {self.name} -n 1 --seed {int(name)} draws it")
        if not _IMAGE_ID.fullmatch(name):
            raise UsageError(
                f"{name!r} is neither a seed (a number) nor the id of an image (24 hexadecimal "
                f"digits, as the review page shows them)"
            )
        with self._searching:
            key = (name, class_name)
            if key not in self._ends:
                self._ends[key] = self._nearest(name, self._of_class(class_name))
            return self._ends[key]

    def latent(self, place: WalkPlace) -> Tensor:
        """The latent (1, d) at ``place``, on the great circle through both ends.

        Raises:
            SalonError: as `end`.
        """
        first, last = (
            self.end(name, place.class_name).latent[None] for name in (place.first, place.last)
        )
        return arcs(first, last, torch.tensor([place.share])).flatten(0, 1)

    def draw(self, place: WalkPlace) -> Pixels:
        """The picture (s, s, 3) at ``place``, drawn by itself, as it will be again."""
        picture: Pixels = self._of_class(place.class_name).draw_from(self.latent(place))[0]
        return picture

    def save(self, place: WalkPlace) -> str:
        """Write the picture at ``place`` and its latent, and say what the file is called.

        Raises:
            StorageError: the folder cannot be written.
            SalonError: as `end`.
        """
        latent, picture = self.latent(place), self.draw(place)
        saved = SavedLatent(
            fingerprint=self._fingerprint,
            class_name=place.class_name,
            truncation=self._truncation,
            walked=str(place),
            latent=latent[0].tolist(),
        )
        with self._saving:
            taken = (re.fullmatch(r"walk-(\d+)", path.stem) for path in self.out.glob("walk-*"))
            number = 1 + max((int(found[1]) for found in taken if found), default=0)
            name = f"walk-{number}"
            write_saved(self.out / f"{name}.json", saved)
            sheets.write_png(self.out / f"{name}.png", picture)
        return name

    def _of_class(self, name: str | None) -> Model:
        return self.model if name is None else self.model.of_class(name)

    def _nearest(self, image_id: str, model: Model) -> End:
        real = self._real_of(image_id)
        nearest = project(model, real, seed=1)
        words = (
            f"the nearest picture differs by {nearest.apart:.1f} levels of 255 (root mean square), "
            f"the nearest of {TRIED} drawn at random by {nearest.apart_at_random:.1f}"
        )
        return End(nearest.latent, words, real)
