"""The three judges of `evaluate` on the samples of a training in progress, while somebody watches.

The training waits for none of this: whoever watches looks at its sheets in a process of its own.
A sheet holds some dozens of pictures, so the distances say whether it goes up or down, and no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.shards import Pixels
from train.compute import device
from train.data.real_images import RealImages
from train.data.variants import Variants
from train.loop.live import Live
from train.metrics.distances import FEWEST, kid
from train.metrics.features import Extractor, Features
from train.metrics.mobilenet import Mobilenet
from train.metrics.pyramid import Pyramid
from train.samples import sheets
from train.watch.judge_curves import JudgeCurves

JUDGES: Final = ("KID", "KID by MobileNetV2", "sliced Wasserstein")
MOST_LOOKS: Final = 24
"""Earlier sheets that are judged, evenly spaced; the newest always is."""


class Judges:
    """The judges, which have seen as many real images as a sheet has pictures."""

    def __init__(self, reals: Pixels) -> None:
        compute = device.find()
        self._extract, self._second = Extractor(compute), Mobilenet(compute)
        self._reals = self._features(reals)
        self._pyramid = Pyramid(reals)

    def distances(self, pixels: Pixels) -> dict[str, float]:
        """How far ``pixels`` are from the real images, by judge."""
        by_network = [
            kid(some, reals, 1).mean
            for some, reals in zip(self._features(pixels), self._reals, strict=True)
        ]
        patches = float(np.mean(list(self._pyramid.distances(pixels).values())))
        return dict(zip(JUDGES, [*by_network, patches], strict=True))

    def _features(self, pixels: Pixels) -> tuple[Features, Features]:
        return self._extract(pixels), self._second(pixels)


class Judging:
    """Judges the sheets of one training in a thread, the newest first."""

    def __init__(self, pixels: Path, variants: Callable[[], Variants]) -> None:
        """Nothing is read before there is a sheet to judge."""
        self._pixels, self._read = pixels, variants
        self._judged: dict[str, dict[str, float]] = {}
        self._judges: Judges | None = None
        self._curves: JudgeCurves | None = None
        self._busy = threading.Lock()
        self.floor: dict[str, float] = {}
        """Other real images from the same ones: as near as samples could be."""

    @cached_property
    def _variants(self) -> Variants:
        return self._read()

    def judged(self) -> list[dict[str, float]]:
        """What is judged so far, in the order of images shown."""
        return [
            {"images": int(name), **distances}
            for name, distances in sorted(self._judged.copy().items())
        ]

    def look(self, folder: Path, live: Live) -> None:
        """Judge what is new in ``folder``, unless a look is being taken already."""
        if live.grid**2 < FEWEST or len(self._variants) < FEWEST:
            return
        if not self._busy.acquire(blocking=False):
            return
        threading.Thread(target=self._look, args=(folder, live), daemon=True).start()

    def _look(self, folder: Path, live: Live) -> None:
        judged_before = len(self._judged)
        try:
            for path in to_judge(sorted((folder / "samples").glob("*.png")), self._judged):
                shown = sheets.tiles(sheets.read_png(path), live.resolution)
                self._judged[path.stem] = self._with_reals(live).distances(
                    shown[: self._count(live)]
                )
            if len(self._judged) > judged_before:
                self._curves = self._curves or JudgeCurves(folder)
                self._curves.show(self.judged(), self.floor)
        finally:
            self._busy.release()

    def _count(self, live: Live) -> int:
        return min(live.grid**2, len(self._variants))

    def _with_reals(self, live: Live) -> Judges:
        if self._judges is None:
            count = self._count(live)
            places = np.random.default_rng(1).permutation(len(self._variants))[: 2 * count]
            images = RealImages(self._pixels, self._variants.taken(places), live.resolution)
            pictures = images.pictures(np.arange(len(places)))
            self._judges = Judges(pictures[:count])
            if len(pictures) == 2 * count:
                self.floor = self._judges.distances(pictures[count:])
        return self._judges


def to_judge(paths: list[Path], judged: dict[str, dict[str, float]]) -> list[Path]:
    """Which of the sheets at ``paths`` to judge and not yet ``judged``, the newest first."""
    chosen = {*sheets.evenly(paths, MOST_LOOKS), *paths[-1:]} if paths else set()
    return sorted((path for path in chosen if path.stem not in judged), reverse=True)
