from __future__ import annotations

from pathlib import Path

import numpy as np

from curation.review.scores import scores
from pipeline.core import tables
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, PAIRS, WATERMARK
from tests.decision_tables import image, inputs, score


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
    shown = scores(paths, Select())["watermark"].value
    assert sorted(shown.tolist()) == [3.0, 9.0]
    refused = scores(paths, Select(refused_overlays=("overlay",)))["watermark"].value
    assert np.isnan(refused).all()
