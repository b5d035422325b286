"""The reasons that no rule gives: copies, the variants of an image, a curator's own word.

Those of rules, with all their words, stand in `declarations.py`, whose `REASONS` has both.
"""

from __future__ import annotations

from curation.selection.rules.rule import Reason

EXACT_DUPLICATE = Reason(
    "exact_duplicate",
    "Exact duplicate",
    "It decodes to the very pixels of another image that was kept.",
    param="select.exact_duplicates",
)
NEAR_DUPLICATE = Reason(
    "near_duplicate",
    "Near duplicate",
    "It shows the same picture as another image that was kept.",
    "colours differ by {value:.1f} in Lab",
    param="select.near_duplicates",
    digit=4,
)
OF_COPIES = (EXACT_DUPLICATE, NEAR_DUPLICATE)
"""Found by `curation.selection.groups` among the images that every rule lets pass."""

CLASS_BALANCE = Reason(
    "class_balance",
    "Class balance",
    "Its artist or brand has more images than the balance asks for, and the lot fell on it.",
    param="augment.max_images_per_creator",
    of_variants=True,
)
SAME_AS_OTHER_VARIANT = Reason(
    "same_as_other_variant",
    "Same as another variant",
    "Turned or mirrored it equals another variant of its image.",
    param="augment.min_difference",
    of_variants=True,
)
OF_VARIANTS = (CLASS_BALANCE, SAME_AS_OTHER_VARIANT)
"""Found by `augment`, after the selection."""

CURATOR_REMOVED = Reason(
    "curator_removed",
    "Removed by a curator",
    "A line in the curators’ lists takes the image out.",
)
OF_CURATORS = (
    Reason("taste", "Taste", "It is not to the curator\u2019s taste.", digit=1),
    Reason("off_topic", "Off topic", "It is not what the collection is about.", digit=2),
)
"""What only a curator can say, in a list; tables have `CURATOR_REMOVED` for it."""
