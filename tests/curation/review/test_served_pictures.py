from __future__ import annotations

from curation.review.served_pictures import lies_over
from curation.watermark.anchors import ANCHORS


def test_no_overlay_that_moves_with_the_size_lies_over_a_square() -> None:
    assert {lies_over(anchor.name) for anchor in ANCHORS} == {None}
    assert {lies_over(f"{anchor.name}-2") for anchor in ANCHORS} == {None}
    names = (None, "square", "640x480", "640x480-2")
    assert tuple(map(lies_over, names)) == names
