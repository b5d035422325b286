"""Rule `opted_out`: the site or the author asked not to be used."""

from __future__ import annotations

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict


def judge(evidence: Evidence) -> Verdict:
    """Reject an image as soon as one of the listings that ever showed it opts out."""
    return Verdict(evidence.any_listing(evidence.listings["opted_out"]))
