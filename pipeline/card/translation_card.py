"""The card of a translation: what it is, how it was trained, how near it comes to its aim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from pipeline.card import translated_both_ways, translated_pairs
from pipeline.card.charts import curves
from pipeline.card.templating import counted, environment, number, stylesheet
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.card.training_section import model_description, read_history
from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.paths import TranslationPaths

_SHEET_PX = 1400
_PLOTTED = ("l1", "cycle", "identity", "generator", "discriminator_real", "discriminator_fake")
_KINDS: Final = {"paired": translated_pairs, "unpaired": translated_both_ways}
_TRAINING: Final = {"translation": "Training"}
"""The last part of the page, with a partial of that name in `templates/`; the others are of the
kind."""


@dataclass(frozen=True)
class TranslationCard:
    """The content of the page."""

    name: str
    words: str
    figures: dict[str, str]
    contents: dict[str, str]
    """The parts of the page in their order; each has a partial of that name in `templates/`."""
    part: translated_pairs.Part | translated_both_ways.Part
    """What is of the kind."""
    training: str
    curves: Markup
    plotted: list[str]
    film_strip: Thumbnail
    rows: str
    """Of the film strip, from left to right."""
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
        .render(card=card, contents=card.contents, css=stylesheet())
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
        kind = _KINDS[results["kind"]]
        return TranslationCard(
            name=paths.name,
            words=kind.words(paths, model, results),
            figures=kind.figures(results)
            | {
                "inputs shown": number(model["images_seen"]),
                "parameters": number(model["parameters"]["generator"]),
            },
            contents=kind.SECTIONS | _TRAINING,
            part=kind.part(paths, results),
            training=f"{_shown(model)} {kind.weights(model['params'])}{_begun(model)}",
            curves=curves(
                "losses",
                history["images"] / 1000,
                {name.replace("_", " "): history[name] for name in plotted},
                steps={},
            ),
            plotted=plotted,
            film_strip=from_file(paths.evaluation / "film_strip.png", longest_px=_SHEET_PX),
            rows=kind.ROWS,
            rights=model["data"]["rights"],
        )
    except (KeyError, TypeError) as error:
        raise TableError(
            f"{path}: not of a translation; run `dvc repro evaluate-translation@{paths.name}`"
        ) from error


def _shown(model: Mapping[str, Any]) -> str:
    params, data = model["params"], model["data"]
    return (
        f"A {model['title']} was shown {number(model['images_seen'])} inputs in "
        f"{counted(model['steps'], 'step')} of {params['batch']}, drawn from "
        f"{counted(data['variants'], 'variant')} of {counted(data['images'], 'image')}."
    )


def _begun(model: Mapping[str, Any]) -> str:
    start = model["params"]["warm_start"]
    return f" It began with the weights of {start}." if start else ""
