from __future__ import annotations

from pathlib import Path

import numpy as np

from curation.review.scores import RuleScore, scores
from curation.selection.evidence import gather
from curation.selection.rules.declarations import RULES
from pipeline.core import tables
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, PAIRS, WATERMARK
from tests.decision_tables import image, inputs, listing, score


def test_scores_of_a_refused_overlay_count_for_nothing(tmp_path: Path) -> None:
    paths = Paths(tmp_path, "watches")
    made = inputs([image("a"), image("b")], scores=[score("a", 9.0), score("b", 3.0)])
    for schema, rows in (
        (IMAGES, made.images),
        (LISTINGS, made.listings),
        (PAIRS, made.pairs),
        (WATERMARK, made.watermark),
    ):
        tables.write(paths.table(schema.name), schema, rows)
    shown = scores(paths, Select(), made.listed)["watermark"].value
    assert sorted(shown.tolist()) == [3.0, 9.0]
    refused = scores(paths, Select(refused_overlays=("overlay",)), made.listed)["watermark"].value
    assert np.isnan(refused).all()


def test_badness_says_of_each_rule_what_it_rejects() -> None:
    """Low is worse for some and high for others: whatever a rule rejects is beyond its limit."""
    rows = [
        image("small", width=90), image("wide", width=900), image("flat", luminance_std=0.5),
        image("soft", sharpness=5.0), image("marked"), image("fine"),
    ]  # fmt: skip
    many = [listing(str(number), "fine") for number in range(6)]
    given = gather(inputs(rows, listings=many, scores=[score("marked", 9.0)]))
    params = Select(min_sharpness=20.0, max_colour_deviation=3.0)
    judged = 0
    for rule in RULES:
        verdict = rule.ask(given, params)
        if verdict is not None and verdict.value is not None and verdict.threshold is not None:
            shown = RuleScore(verdict.value, verdict.threshold, verdict.low_is_worse)
            assert not (verdict.rejected & ~(shown.badness >= 0)).any(), rule.name
            assert not (~verdict.rejected & (shown.badness > 0)).any(), rule.name
            each = [shown.rejects(place) for place in range(len(given))]
            assert each == (shown.badness > 0).tolist(), rule.name
            judged += bool(verdict.rejected.any())
    assert judged >= 6
