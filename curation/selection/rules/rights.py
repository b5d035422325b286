"""Rule `rights`: its rights label is not among those allowed.

One listing that ever showed it and has another label now, or none, is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from curation.selection.evidence import Evidence
from curation.selection.rules.rule import Reason, Rule, Verdict

RULE = Rule(
    Reason(
        "rights",
        "Rights",
        "Its rights label is not among those allowed.",
        param="select.rights",
    ),
    lambda evidence, allowed: _verdict(evidence, allowed),
)


def _verdict(evidence: Evidence, allowed: Sequence[str]) -> Verdict:
    has_one = pc.is_in(evidence.listings["rights"], value_set=pa.array(allowed, pa.string()))
    return Verdict(evidence.any_listing(pc.invert(has_one)))
