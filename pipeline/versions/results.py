"""The models of two versions side by side: what was trained, and how far its samples are off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.files import read_object
from pipeline.versions.revision import Version

_MODEL = {
    "model": ("params", "model"),
    "resolution": ("params", "resolution"),
    "images seen": ("images_seen",),
    "images trained on": ("data", "images"),
    "variants trained on": ("data", "variants"),
    "parameters of the generator": ("parameters", "generator"),
}
_METRICS = {
    "KID": ("kid", "trained"),
    "KID to held-out images": ("kid", "held_out"),
    "KID of real images (floor)": ("kid", "floor"),
    "Fréchet distance": ("frechet", "trained"),
    "KID by MobileNetV2": ("kid_mobilenet", "trained"),
    "sliced Wasserstein distance": ("sliced_wasserstein", "trained"),
    "KID by Inception": ("kid_inception", "trained"),
    "FID by Inception": ("fid_inception", "trained"),
    "precision": ("precision",),
    "recall": ("recall",),
    "diversity": ("diversity", "trained"),
}
"""What `train` and `evaluate` left, each by its place in model.json and evaluation.json."""


@dataclass(frozen=True)
class Compared:
    """One fact or metric; None where a version does not have it."""

    name: str
    before: float | int | str | None
    after: float | int | str | None
    spread: tuple[float | None, float | None] = (None, None)
    """Standard deviations over subsets of images, where they were measured."""


@dataclass(frozen=True)
class ComparedResults:
    """The model and its metrics, before and after; only what at least one version has."""

    model: list[Compared]
    metrics: list[Compared]
    is_same_model: bool
    """Whether both versions have the very same weights."""
    judged_against: tuple[int | None, int | None] = (None, None)
    """Images on each side of the distances; None where none were measured."""
    features: tuple[str | None, str | None] = (None, None)
    """The network whose features the distances are in."""

    @property
    def not_comparable(self) -> str:
        """Why the distances of the two models cannot be compared; "" where they can or lack."""
        (before, after), (old, new) = self.judged_against, self.features
        if self.is_same_model or before is None or after is None:
            return ""
        if before != after:
            return f"not comparable: judged against {before:,} and {after:,} images"
        return f"not comparable: judged by the features of {old} and {new}" if old != new else ""


def results(old: Version, new: Version, names: tuple[str, str]) -> ComparedResults:
    """Read what both versions say of their models.

    Raises:
        VersionError: a version has a model that can be had neither here nor from the remote.
        TableError: a description is torn.
    """
    pair = tuple(zip((old, new), names, strict=True))
    models = [
        object_of(version, version.paths(name).model / "model.json") for version, name in pair
    ]
    evaluations = [
        object_of(version, version.paths(name).evaluation / "evaluation.json")
        for version, name in pair
    ]
    weights = [_weights(version, version.paths(name).model) for version, name in pair]
    return ComparedResults(
        model=_compared(_MODEL, models),
        metrics=_compared(_METRICS, evaluations),
        is_same_model=bool(weights[0]) and weights[0] == weights[1],
        judged_against=_both(evaluations, ("images", "each_side")),
        features=_both(evaluations, ("features", "name")),
    )


def recorded_kid(version: Version, collection: str) -> float | None:
    """The KID of a version's model, where its evaluation is here."""
    path = version.paths(collection).evaluation / "evaluation.json"
    value, _ = _number(_at(object_of(version, path), _METRICS["KID"]))
    return value if isinstance(value, float) else None


def model_words(version: Version, collection: str) -> str:
    """A version's model in a few words, such as ``progan 64 px, 22 kimg``; "" without one."""
    model = object_of(version, version.paths(collection).model / "model.json")
    kind, side, seen = (_at(model, _MODEL[name]) for name in ("model", "resolution", "images seen"))
    return f"{kind} {side} px, {seen / 1000:g} kimg" if kind and side and seen else ""


def object_of(version: Version, path: Path) -> dict[str, Any]:
    """What a JSON file of a version holds; nothing where the version has no such file."""
    if not version.holds(path):
        return {}
    version.bring(path)
    return read_object(path)


def _weights(version: Version, folder: Path) -> dict[str, str]:
    """The digests of a model's weights; nothing in the workspace, whose files have none."""
    return {
        name: md5
        for name, md5 in version.digests(folder).items()
        if md5 and name.endswith(".safetensors")
    }


def _compared(
    places: Mapping[str, Sequence[str]], objects: Sequence[Mapping[str, Any]]
) -> list[Compared]:
    rows = []
    for name, place in places.items():
        (before, low), (after, high) = (_number(_at(told, place)) for told in objects)
        if before is not None or after is not None:
            rows.append(Compared(name, before, after, (low, high)))
    return rows


def _both(evaluations: Sequence[Mapping[str, Any]], place: Sequence[str]) -> tuple[Any, Any]:
    """What two evaluations have at ``place``, None where no distance was measured."""
    before, after = (_at(told, place) if told.get("kid") else None for told in evaluations)
    return before, after


def _at(tree: Any, place: Sequence[str]) -> Any:
    for part in place:
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree


def _number(cell: Any) -> tuple[Any, float | None]:
    """A metric and its spread; metrics over subsets have both, others are a number alone."""
    return (cell.get("mean"), cell.get("std")) if isinstance(cell, Mapping) else (cell, None)
