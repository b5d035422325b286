"""What is told of a translation between two collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.card.templating import counted
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.card.translated_pairs import JUDGES
from pipeline.core.paths import TranslationPaths

SECTIONS: Final = {"forth": "There", "back": "Back"}
ROWS: Final = "its input, what was made of it while the training went on, what came back"
_SHEET_PX: Final = 1400
_NAMED: Final = {
    "translated": "what the model made",
    "trivial": "the inputs as they are",
    "floor": "other pictures of the collection",
}


@dataclass(frozen=True)
class Truth:
    """How near pictures of known truth come to it."""

    count: int
    rows: list[tuple[str, float, float, float | None]]
    """Of whom, PSNR, SSIM, and the share that is recognised."""
    of: int
    """Among how many works they are recognised."""


@dataclass(frozen=True)
class Way:
    """One direction."""

    start: str
    end: str
    sheet: Thumbnail
    split: str
    count: int
    cycle_psnr: float
    distances: list[tuple[str, list[float | None]]]
    """Of whom, and by KID, by MobileNetV2, by patches; None: not measured."""
    truth: Truth | None


@dataclass(frozen=True)
class Part:
    """Both directions."""

    forth: Way
    back: Way


def words(paths: TranslationPaths, model: Mapping[str, Any], results: Mapping[str, Any]) -> str:
    """What it does."""
    del results
    return (
        f"Pictures of {paths.collection} as if they were of {paths.target}, and back, learnt "
        f"without pairs from {counted(model['data']['images'], 'image')} of both at "
        f"{model['params']['resolution']} pixels."
    )


def figures(results: Mapping[str, Any]) -> dict[str, str]:
    """The numbers above all."""
    forth = results["forth"]
    if "truth" in forth:
        psnr = forth["truth"]["psnr"]
        return {"PSNR": f"{psnr['translated']:.2f} dB", "untouched": f"{psnr['trivial']:.2f} dB"}
    if "kid" in forth:
        kid = forth["kid"]
        return {
            "KID": f"{kid['translated']['mean']:.3f}",
            "untouched": f"{kid['trivial']['mean']:.3f}",
        }
    return {}


def weights(params: Mapping[str, Any]) -> str:
    """What its losses weighed."""
    return (
        f"The way there and back weighed {params['cycle_weight']:g}, the change of what is of the "
        f"other collection already {params['identity_weight']:g}; {params['pool']} outputs of the "
        f"past were kept for the discriminators."
    )


def part(paths: TranslationPaths, results: Mapping[str, Any]) -> Part:
    """The sheets and the tables."""
    return Part(
        forth=_way(paths, results, "forth", (paths.collection, paths.target)),
        back=_way(paths, results, "back", (paths.target, paths.collection)),
    )


def _way(
    paths: TranslationPaths, results: Mapping[str, Any], name: str, ends: tuple[str, str]
) -> Way:
    told = results[name]
    return Way(
        start=ends[0],
        end=ends[1],
        sheet=from_file(paths.sheets / f"{name}.png", longest_px=_SHEET_PX),
        split=told["pictures"]["split"],
        count=told["pictures"]["count"],
        cycle_psnr=told["cycle_psnr"],
        distances=[
            (said, [told[judge][who]["mean"] for judge in JUDGES])
            for who, said in _NAMED.items()
            if "kid" in told
        ],
        truth=_truth(told["truth"]) if "truth" in told else None,
    )


def _truth(told: Mapping[str, Any]) -> Truth:
    named = _NAMED | {"mean_colour": "the mean colour of the collection"}
    rows = [
        (named[who], psnr, told["ssim"][who], told["recognised"].get(who))
        for who, psnr in told["psnr"].items()
    ]
    return Truth(count=told["count"], rows=rows, of=told["recognised"]["of"])
