"""Rule `not_an_image`: the bytes are something else, such as an error page."""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, Verdict
from pipeline.core.schema import FaultKind

RULE = Rule(
    Reason(
        FaultKind.NOT_AN_IMAGE.value,
        "Not an image",
        "The address of an image answered with something else, such as a page.",
        "{fault_detail}",
        is_final=True,
    ),
    lambda evidence, _: Verdict(evidence.equals("fault", FaultKind.NOT_AN_IMAGE.value)),
)
