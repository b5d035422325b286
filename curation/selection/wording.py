"""The words for what `select` and `augment` decide, for every page and command that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.core.schema import Reason, Suspicion, Symmetry


@dataclass(frozen=True)
class Wording:
    """A reason as a heading, as a sentence, and as the note under a picture."""

    label: str
    means: str
    compared: str = ""
    """Format of the note, over ``value``, ``threshold`` and ``crop_loss``, the per cent of a
    picture with sides as ``value`` to 1 that are not in its largest square."""


REASONS: dict[Reason, Wording] = {
    Reason.UNREADABLE: Wording(
        "Unreadable", "The bytes are torn, or in a format that cannot be decoded."
    ),
    Reason.NOT_AN_IMAGE: Wording(
        "Not an image", "The address of an image answered with something else, such as a page."
    ),
    Reason.OPTED_OUT: Wording(
        "Opted out", "The site or the author asked that the image not be used."
    ),
    Reason.CURATOR_REMOVED: Wording(
        "Removed by a curator", "A line in the curators’ lists takes the image out."
    ),
    Reason.UNLISTED: Wording(
        "No longer listed",
        "No listing shows it any more: the picture was replaced, or its listings left the site.",
    ),
    Reason.PLACEHOLDER: Wording(
        "Placeholder",
        "One and the same picture stands in for many listings.",
        "served for {value:g} listings; {threshold:g} make a placeholder",
    ),
    Reason.TOO_SMALL: Wording(
        "Too small",
        "The shorter side has too few pixels.",
        "shorter side {value:g} px; at least {threshold:g}",
    ),
    Reason.ASPECT_RATIO: Wording(
        "Too tall or too wide",
        "Squaring it would cut away, or squeeze, too much of the picture.",
        "sides as {value:.2f} to 1, of which a square crop loses {crop_loss:.0f}\u00a0%; "
        "at most {threshold:g}",
    ),
    Reason.BLANK: Wording(
        "Blank",
        "Neither luminance nor hue varies: there is nothing on it.",
        "luminance and hue vary by {value:.2f}; at least {threshold:g}",
    ),
    Reason.BLURRY: Wording(
        "Blurry",
        "Out of focus: the luminance has hardly any edges.",
        "sharpness {value:.1f}; at least {threshold:g}",
    ),
    Reason.COLOUR_OUTLIER: Wording(
        "Colour outlier",
        "Its mean colour is far from those of the collection.",
        "{value:.1f} deviations from the usual colour; at most {threshold:g}",
    ),
    Reason.WATERMARK: Wording(
        "Watermarked",
        "It carries the mark that the site lays over its images.",
        "score {value:.1f}; at most {threshold:g}",
    ),
    Reason.RIGHTS: Wording("Rights", "Its rights label is not among those allowed."),
    Reason.EXACT_DUPLICATE: Wording(
        "Exact duplicate", "It decodes to the very pixels of another image that was kept."
    ),
    Reason.NEAR_DUPLICATE: Wording(
        "Near duplicate",
        "It shows the same picture as another image that was kept.",
        "colours differ by {value:.1f} in Lab",
    ),
    Reason.CLASS_BALANCE: Wording(
        "Class balance",
        "Its artist or brand has more images than the balance asks for, and the lot fell on it.",
    ),
    Reason.SAME_AS_OTHER_VARIANT: Wording(
        "Same as another variant", "Turned or mirrored it equals another variant of its image."
    ),
}


def note_of(row: dict[str, Any]) -> str:
    """What was compared with what, or who decided, for one row of `selection`."""
    reason = Reason(row["reason"])
    if row["decided_by"] != "rule":
        return f"by {row['decided_by']}"
    if reason in (Reason.UNREADABLE, Reason.NOT_AN_IMAGE):
        return str(row["fault_detail"] or "")
    compared = REASONS[reason].compared
    if row["value"] is None:
        return ""
    crop_loss = 100 * (1 - 1 / max(row["value"], 1.0))
    return compared.format(value=row["value"], threshold=row["threshold"], crop_loss=crop_loss)


SYMMETRIES: dict[Symmetry, str] = {
    Symmetry.IDENTITY: "",
    Symmetry.ROT90: "turned by 90°",
    Symmetry.ROT180: "turned by 180°",
    Symmetry.ROT270: "turned by 270°",
    Symmetry.FLIP_LEFT_RIGHT: "mirrored left to right",
    Symmetry.FLIP_TOP_BOTTOM: "mirrored top to bottom",
    Symmetry.TRANSPOSE: "mirrored along the diagonal",
    Symmetry.TRANSVERSE: "mirrored along the other diagonal",
}
"""How a copy lies in relation to the image it was copied from."""

SUSPICIONS: dict[Suspicion, str] = {
    Suspicion.BORDER: "alike once borders are cut off",
    Suspicion.CROP: "alike once moved, so perhaps cropped, tilted or bordered",
    Suspicion.SQUASHED: "alike once the proportions are undone",
    Suspicion.GREY: "alike but for the colours, which one of them lacks",
    Suspicion.COLOURS: "alike in edges, not in colours: another reproduction, or a colourway",
    Suspicion.DETAIL: "alike but in one region",
    Suspicion.FLAT: "alike, but too little is on them to tell",
}
"""Why a person should look at two images whose hashes are far apart."""
