"""Rule `rights`: its rights label is not among those allowed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import Evidence
from curation.selection.rules.verdict import Verdict


def judge(evidence: Evidence, rights: Sequence[str] | None) -> Verdict:
    """Reject an image as soon as a listing that ever showed it has another label now, or none."""
    if rights is None:
        return Verdict(np.zeros(len(evidence), bool))
    allowed = pc.is_in(evidence.listings["rights"], value_set=pa.array(rights, pa.string()))
    return Verdict(evidence.any_listing(pc.invert(allowed)))
