"""Rule `opted_out`: the site or the author asked not to be used.

One of the listings that ever showed the image is enough.
"""

from __future__ import annotations

from curation.selection.reason import Reason
from curation.selection.rules.rule import Rule, Verdict

RULE = Rule(
    Reason(
        "opted_out",
        "Opted out",
        "The site or the author asked that the image not be used.",
        is_final=True,
    ),
    lambda evidence, _: Verdict(evidence.any_listing(evidence.listings["opted_out"])),
)
