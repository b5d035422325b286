"""The card of a translation: what it is, how it was trained, how near it comes to the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pipeline.card.charts import curves
from pipeline.card.templating import counted, environment, number, stylesheet
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.card.training import model_description, read_history
from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.paths import TranslationPaths

_SHEET_PX = 1400
_PLOTTED = ("l1", "generator", "discriminator_real", "discriminator_fake")
SECTIONS = {
    "pairs": "Pairs",
    "fidelity": "How near to the truth",
    "translation": "Training",
}
"""The parts of the page in their order; each has a partial of that name in `templates/`."""


@dataclass(frozen=True)
class Nearness:
    """One row of the table: of whom, and its numbers."""

    words: str
    psnr: float
    ssim: float
    judged: list[float | None]
    """By KID, by MobileNetV2, by patches; None: not measured."""


@dataclass(frozen=True)
class TranslationCard:
    """The content of the page."""

    name: str
    words: str
    figures: dict[str, str]
    pairs: Thumbnail
    worst: Thumbnail
    split: str
    count: int
    masked: bool
    nearness: list[Nearness]
    training: str
    curves: Markup
    plotted: list[str]
    film_strip: Thumbnail
    rights: dict[str, int]


def page(paths: TranslationPaths) -> str:
    """The page as HTML, of what `translate` and `evaluate-translation` wrote.

    Raises:
        TableError: a file of results is missing or torn.
    """
    card = make(paths)
    return (
        environment()
        .get_template("translation-card.html.j2")
        .render(card=card, contents=SECTIONS, css=stylesheet())
    )


def make(paths: TranslationPaths) -> TranslationCard:
    """Everything the page says.

    Raises:
        TableError: a file of results is missing or torn.
    """
    path = paths.evaluation / "evaluation.json"
    model, results = model_description(paths.model / "model.json"), read_object(path)
    history = read_history(paths.model / "history.csv")
    plotted = [name for name in _PLOTTED if name in history]
    try:
        nearness, pairs = _nearness(results), results["pairs"]
        return TranslationCard(
            name=paths.name,
            words=f"{results['says'].capitalize()}: task {results['task']}, learnt from "
            f"{counted(model['data']['images'], 'image')} of {paths.collection} at "
            f"{model['params']['resolution']} pixels.",
            figures=_figures(model, results),
            pairs=from_file(paths.evaluation / "pairs.png", longest_px=_SHEET_PX),
            worst=from_file(paths.evaluation / "worst.png", longest_px=_SHEET_PX),
            split=pairs["split"],
            count=pairs["count"],
            masked=results["masked"],
            nearness=nearness,
            training=_training(model),
            curves=curves(
                "losses",
                history["images"] / 1000,
                {name.replace("_", " "): history[name] for name in plotted},
                steps={},
            ),
            plotted=plotted,
            film_strip=from_file(paths.evaluation / "film_strip.png", longest_px=_SHEET_PX),
            rights=model["data"]["rights"],
        )
    except (KeyError, TypeError) as error:
        raise TableError(
            f"{path}: not of a translation; run `dvc repro evaluate-translation@{paths.name}`"
        ) from error


def _nearness(results: Mapping[str, Any]) -> list[Nearness]:
    words = {
        "translated": "this model",
        "trivial": "the trivial guess",
        "mean_colour": "the mean colour of other images",
    }
    judges = ("kid", "kid_mobilenet", "sliced_wasserstein")
    return [
        Nearness(
            said,
            results["psnr"][name],
            results["ssim"][name],
            [results.get(judge, {}).get(name, {}).get("mean") for judge in judges],
        )
        for name, said in words.items()
    ]


def _figures(model: Mapping[str, Any], results: Mapping[str, Any]) -> dict[str, str]:
    return {
        "PSNR": f"{results['psnr']['translated']:.2f} dB",
        "trivial": f"{results['psnr']['trivial']:.2f} dB",
        "SSIM": f"{results['ssim']['translated']:.3f}",
        "pairs shown": number(model["images_seen"]),
        "parameters": number(model["parameters"]["generator"]),
    }


def _training(model: Mapping[str, Any]) -> str:
    params, data = model["params"], model["data"]
    start = params["warm_start"]
    begun = f" It began with the weights of {start}." if start else ""
    return (
        f"A U-Net was shown {number(model['images_seen'])} pairs in "
        f"{counted(model['steps'], 'step')} of {params['batch']}, drawn from "
        f"{counted(data['variants'], 'variant')} of {counted(data['images'], 'image')}; the "
        f"distance from the truth weighed {params['l1_weight']:g}, the discriminator "
        f"{params['adversarial_weight']:g}.{begun}"
    )
