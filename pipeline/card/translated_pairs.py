"""What is told of a translation that was learnt from pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.card.templating import counted
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.core.paths import TranslationPaths

SECTIONS: Final = {"pairs": "Pairs", "fidelity": "How near to the truth"}
ROWS: Final = "its input, what was made of it while the training went on, the truth"
JUDGES: Final = ("kid", "kid_mobilenet", "sliced_wasserstein")
_SHEET_PX: Final = 1400


@dataclass(frozen=True)
class Nearness:
    """One row of the table: of whom, and its numbers."""

    words: str
    psnr: float
    ssim: float
    judged: list[float | None]
    """By KID, by MobileNetV2, by patches; None: not measured."""


@dataclass(frozen=True)
class Part:
    """Two sheets and a table."""

    pairs: Thumbnail
    worst: Thumbnail
    split: str
    count: int
    masked: bool
    nearness: list[Nearness]


def words(paths: TranslationPaths, model: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    """What it does."""
    params = model["params"]
    return (
        f"{results['says'].capitalize()}: task {params['task']}, learnt from "
        f"{counted(model['data']['images'], 'image')} of {paths.collection} at "
        f"{params['resolution']} pixels."
    )


def figures(results: Mapping[str, Any]) -> dict[str, str]:
    """The numbers above all."""
    return {
        "PSNR": f"{results['psnr']['translated']:.2f} dB",
        "trivial": f"{results['psnr']['trivial']:.2f} dB",
        "SSIM": f"{results['ssim']['translated']:.3f}",
    }


def weights(params: Mapping[str, Any]) -> str:
    """What its losses weighed."""
    return (
        f"The distance from the truth weighed {params['l1_weight']:g}, the discriminator "
        f"{params['adversarial_weight']:g}."
    )


def part(paths: TranslationPaths, results: Mapping[str, Any]) -> Part:
    """The sheets and the table."""
    return Part(
        pairs=from_file(paths.sheets / "pairs.png", longest_px=_SHEET_PX),
        worst=from_file(paths.sheets / "worst.png", longest_px=_SHEET_PX),
        split=results["pairs"]["split"],
        count=results["pairs"]["count"],
        masked=results["masked"],
        nearness=_nearness(results),
    )


def _nearness(results: Mapping[str, Any]) -> list[Nearness]:
    named = {
        "translated": "this model",
        "trivial": "the trivial guess",
        "mean_colour": "the mean colour of other images",
    }
    return [
        Nearness(
            said,
            results["psnr"][name],
            results["ssim"][name],
            [results.get(judge, {}).get(name, {}).get("mean") for judge in JUDGES],
        )
        for name, said in named.items()
    ]
