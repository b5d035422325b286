"""The rules in the order in which they are asked: the first that rejects gives the reason.

A new rule is one module with its `RULE`, its place here, and its param in
`pipeline/core/params/select.py`; everything else reads the declaration.
"""

from __future__ import annotations

from curation.selection.reason import OF_COPIES, OF_VARIANTS, Reason
from curation.selection.rules import (
    aspect_ratio,
    blank,
    blurry,
    colour_outlier,
    curator_removed,
    not_an_image,
    opted_out,
    placeholder,
    rights,
    too_small,
    unlisted,
    unreadable,
    watermark,
)
from curation.selection.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    unreadable.RULE,
    not_an_image.RULE,
    opted_out.RULE,
    curator_removed.RULE,
    unlisted.RULE,
    placeholder.RULE,
    too_small.RULE,
    aspect_ratio.RULE,
    blank.RULE,
    blurry.RULE,
    colour_outlier.RULE,
    watermark.RULE,
    rights.RULE,
)
"""Rules about one image; duplicates are told apart afterwards, among those that pass."""

REASONS: dict[str, Reason] = {
    reason.name: reason for reason in (*(rule.reason for rule in RULES), *OF_COPIES, *OF_VARIANTS)
}
"""Every reason that a table may hold, by its name, in the order in which they are asked."""
