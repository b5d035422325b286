"""Rule `unreadable`: the bytes are torn, or of a format that cannot be decoded."""

from __future__ import annotations

import pyarrow.compute as pc

from curation.selection.evidence import Evidence, as_mask
from curation.selection.rules.verdict import Verdict
from pipeline.core.schema import Reason


def judge(evidence: Evidence) -> Verdict:
    """Reject what `ingest` could not decode."""
    return Verdict(as_mask(pc.equal(evidence.images["fault"], Reason.UNREADABLE.value)))
