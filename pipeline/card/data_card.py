"""The page: every part of the card, put into the templates."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from pipeline.card.composition import Breakdown, creators, rights, shapes
from pipeline.card.dataset import load
from pipeline.card.duplicates import Duplicates, duplicates
from pipeline.card.evaluation import Evaluation, evaluation
from pipeline.card.example_images import Example
from pipeline.card.funnel_bars import Funnel, image_funnel, variant_funnel
from pipeline.card.left_out import (
    ACTIONS,
    CuratorDecisions,
    ReasonSheet,
    decided,
    kept_examples,
    reason_sheets,
)
from pipeline.card.overlay_section import OverlaySection, overlay
from pipeline.card.provenance import Provenance, provenance
from pipeline.card.summary import Summary, summary
from pipeline.card.templating import environment, stylesheet
from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.card.training import TrainingStory, training_story
from pipeline.core.params.report import Report
from pipeline.core.paths import Paths

ENHANCED_PX = 1400
"""Longer side of the sheet of enlarged samples, which may be large."""


@dataclass(frozen=True)
class Card:
    """The content of the page; the templates add nothing but form."""

    collection: str
    summary: Summary
    images_funnel: Funnel
    variants_funnel: Funnel
    reasons: list[ReasonSheet]
    kept_count: int
    kept: list[Example]
    duplicates: Duplicates
    overlay: OverlaySection
    shapes: Markup
    creators: Breakdown
    rights: Breakdown
    decided: CuratorDecisions
    training: TrainingStory
    evaluation: Evaluation
    enhanced: Thumbnail
    provenance: Provenance


def make(paths: Paths, params: Report) -> Card:
    """Everything the page says about one collection.

    Raises:
        TableError: a table or a file of results is missing or torn.
    """
    dataset = load(paths)
    return Card(
        collection=paths.collection,
        summary=summary(dataset),
        images_funnel=image_funnel(paths.funnel),
        variants_funnel=variant_funnel(dataset.variants),
        reasons=reason_sheets(paths, dataset, params.examples),
        kept_count=len(dataset.kept()),
        kept=kept_examples(paths, dataset, params.examples),
        duplicates=duplicates(paths, dataset, params.groups),
        overlay=overlay(paths, dataset),
        shapes=shapes(dataset),
        creators=creators(dataset),
        rights=rights(dataset),
        decided=decided(paths, dataset, params.examples),
        training=training_story(paths),
        evaluation=evaluation(paths),
        enhanced=from_file(paths.enhanced_sheet, longest_px=ENHANCED_PX),
        provenance=provenance(paths, dataset),
    )


def render(card: Card) -> str:
    """The page as HTML: every text is escaped, nothing is loaded from anywhere."""
    return (
        environment()
        .get_template("card.html.j2")
        .render(card=card, actions=ACTIONS, css=stylesheet())
    )
