"""Rule `unreadable`: the bytes are torn, or of a format that cannot be decoded."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, Verdict
from pipeline.core.schema import FaultKind

RULE = Rule(
    Reason(
        FaultKind.UNREADABLE.value,
        "Unreadable",
        "The bytes are torn, or in a format that cannot be decoded.",
        "{fault_detail}",
        is_final=True,
    ),
    lambda evidence, _: Verdict(evidence.equals("fault", FaultKind.UNREADABLE.value)),
)
