"""Numbers of a translation: nearness to the truth, and distance from real images as a set.

Each beside what frames it: the trivial guess of the task, and the mean colour of other images.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pipeline.core.shards import Pixels
from train.metrics.distances import FEWEST
from train.metrics.evaluation import Sets, judged_otherwise, kids, rounded
from train.metrics.fidelity import Numbers, psnr, ssim
from train.translation.drawing import Pairs
from train.translation.evaluation import Judges

_MOST_DECIBELS: Final = 100.0
"""Of a picture that is its truth to the bit, so that a mean can be taken."""


def fidelity(pairs: Pairs, made: Pixels, others: Pairs) -> dict[str, Any]:
    """PSNR where the input does not give the pixel already, SSIM of whole pictures; means."""
    mean_colour = _flat(pairs, others)
    named = {"translated": made, "trivial": pairs.guesses(), "mean_colour": mean_colour}
    return {
        "psnr": {name: rounded(float(_psnr(pairs, each).mean())) for name, each in named.items()},
        "ssim": {
            name: rounded(float(ssim(each, pairs.truths).mean())) for name, each in named.items()
        },
    }


def errors(pairs: Pairs, made: Pixels) -> Numbers:
    """How far each of ``made`` is from its truth: (n,), the farthest largest."""
    return -_psnr(pairs, made)


def distances(
    made: Pixels, trivial: Pixels, reals: Pixels, others: Pixels, judges: Judges, seed: int
) -> dict[str, Any]:
    """What the judges of `evaluate` say of sets of pictures, as many of each as there are of all.

    ``translated`` and ``trivial`` are of what was ``made`` and of the ``trivial`` answers, from
    ``reals``; ``floor`` of ``others``, which are real as well. Nothing, where there are too few.
    """
    count = min(map(len, (made, trivial, reals, others)))
    if count < FEWEST:
        return {}
    pixels = Sets(
        samples=made[:count],
        untrained=trivial[:count],
        reals=reals[:count],
        other_reals=others[:count],
        held_out=np.empty((0, *made.shape[1:]), np.uint8),
    )
    first, second = judges
    measured = {"kid": kids(pixels.seen_by(first), seed)}
    measured |= judged_otherwise(pixels, second, seed)
    return {
        judge: {_NAMES[name]: value for name, value in by_name.items()}
        for judge, by_name in measured.items()
    }


_NAMES: Final = {"trained": "translated", "untrained": "trivial", "floor": "floor"}


def _psnr(pairs: Pairs, made: Pixels) -> Numbers:
    limited: Numbers = psnr(made, pairs.truths, pairs.unknown()).clip(max=_MOST_DECIBELS)
    return limited


def _flat(pairs: Pairs, others: Pairs) -> Pixels:
    """The mean colour of ``others`` in all that is not known of ``pairs``."""
    colour = others.truths.mean(axis=(0, 1, 2)).round().astype(np.uint8)
    unknown = pairs.unknown()[..., None]
    flat: Pixels = np.where(unknown, colour, pairs.truths)
    return flat
