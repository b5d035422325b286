"""Why an image or a variant is left out: the name that tables hold, and every word about it.

The reason of a rule is declared with the rule (`curation/selection/rules/`), any other here.
`curation.selection.rules.declarations.REASONS` has them all.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason; tables, funnel, card, review page and docs know it by this declaration alone."""

    name: str
    """As tables and curators' lists write it."""
    label: str
    """Heading of its sheet in the card and of its filter in the review page."""
    means: str
    """A sentence, in the card, in `salon lists why` and in docs/reasons.md."""
    note: str = ""
    """What stands under a picture: a format over ``value``, ``threshold``, ``fault_detail`` and
    ``crop_loss``, the per cent of a picture with sides as ``value`` to 1 that are not in its
    largest square."""
    param: str = ""
    """Key of params.yaml that sets it, such as ``select.min_side_px``."""
    digit: int = 0
    """Key that gives this reason to a removal in the review page; 0: none does."""
    is_final: bool = False
    """A curator's `keep` cannot overrule it."""
    of_variants: bool = False
    """It leaves out a variant, and never an image."""


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
