from __future__ import annotations

from curation.review.pictures import lies_over
from curation.watermark.anchors import ANCHORS


def test_no_overlay_that_moves_with_the_size_lies_over_a_square() -> None:
    assert {lies_over(anchor.name) for anchor in ANCHORS} == {None}
    assert [lies_over(name) for name in (None, "square", "640x480")] == [None, "square", "640x480"]
