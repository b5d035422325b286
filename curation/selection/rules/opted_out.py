"""Rule `opted_out`: the site or the author asked not to be used."""

from __future__ import annotations

import pyarrow.compute as pc

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict
from pipeline.core.schema import Fetch


def judge(evidence: Evidence) -> Verdict:
    """Reject an image as soon as one of its listings opts out."""
    opted_out = pc.equal(evidence.listings["fetch"], Fetch.OPTED_OUT.value)
    return Verdict(evidence.any_listing(opted_out))
