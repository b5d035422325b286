"""Rule `not_an_image`: the bytes are something else, such as an error page."""

from __future__ import annotations

import pyarrow.compute as pc

from curation.selection.evidence import Evidence, as_mask
from curation.selection.rules.verdict import Verdict
from pipeline.core.schema import Reason


def judge(evidence: Evidence) -> Verdict:
    """Reject what `ingest` found to be no image."""
    return Verdict(as_mask(pc.equal(evidence.images["fault"], Reason.NOT_AN_IMAGE.value)))
