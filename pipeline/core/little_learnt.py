"""Whether the metrics of a model say no more than that its training was too short."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def little_learnt(results: Mapping[str, Any], images_seen: int | None) -> str:
    """A sentence where a model has hardly learnt yet, else "".

    That is where precision and recall are 0.00 as they are shown, and the KID is nearer to that of
    the untrained model than to the floor.

    Args:
        results: the content of evaluation.json.
        images_seen: how many images the model was shown in its training.
    """
    if not results.get("kid") or images_seen is None:
        return ""
    if max(results["precision"], results["recall"]) >= 0.005:
        return ""
    kid = {name: results["kid"][name]["mean"] for name in ("floor", "trained", "untrained")}
    if kid["trained"] - kid["floor"] <= kid["untrained"] - kid["trained"]:
        return ""
    return (
        f"Little is learnt yet: {images_seen / 1000:,.3g} thousand images were shown; raise "
        f"train.kimg."
    )
