"""How far the samples are from the data, and whether they are copies of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.card.thumbnails import Thumbnail, from_file
from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.little_learnt import little_learnt
from pipeline.core.paths import Paths

_SHEET_PX = 1400

COMPARED = {
    "floor": "real images against other real images: the floor",
    "trained": "samples of the trained model",
    "held_out": "the same, against images held out",
    "untrained": "samples of the untrained model",
}
"""Rows of the table of distances, in their order."""


@dataclass(frozen=True)
class Distance:
    """One row of the table of distances to the real images."""

    name: str
    words: str
    kid: float
    kid_std: float
    frechet: float | None
    kid_mobilenet: float | None
    sliced_wasserstein: float | None
    """None in what an earlier version measured, and against images held out."""
    kid_inception: float | None
    fid_inception: float | None

    @property
    def is_frame(self) -> bool:
        """Whether it only frames what the model could reach."""
        return self.name in ("floor", "untrained")


@dataclass(frozen=True)
class CopyNearness:
    """How near some pictures lie to training images: by features, and by pixels."""

    whose: str
    median: tuple[float, float]
    share_of_near_copies: tuple[float, float] | None


@dataclass(frozen=True)
class AskedFor:
    """Whether samples show one thing that they were asked for."""

    column: str
    numbers: dict[str, Any] | None
    """As `train.metrics.attributes` has them; None: too few images to say."""

    @property
    def samples(self) -> float | None:
        """The share that shows it, or how what is shown goes with what was asked."""
        numbers = self.numbers or {}
        return numbers.get("right", numbers.get("correlation"))

    @property
    def by_chance(self) -> float:
        """What `samples` would be if what is shown had nothing to do with it."""
        return float((self.numbers or {}).get("chance", 0))


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found, with its pictures."""

    distances: list[Distance]
    each_side: int
    features: str
    precision: float | None
    recall: float | None
    diversity: float | None
    nearness: list[CopyNearness]
    near_copy_below: tuple[float, float] | None
    copying: tuple[float, float] | None
    """How much nearer samples are than images held out; below -3 speaks for copies."""
    samples_and_reals: Thumbnail
    nearest: Thumbnail
    inception: str | None
    """Name of the file by whose features the distances were measured as well."""
    persistence: Thumbnail
    drawn_of: list[AskedFor]
    """What samples were asked for, where the model is drawn of data sheets."""
    persists_in_samples: float
    persists_in_reals: float
    little_learnt: str
    """What to say of a model that has hardly learnt yet; "" of others."""

    @property
    def is_judged_otherwise(self) -> bool:
        """Whether a second network and the pyramid judged, too; earlier versions had neither."""
        return any(distance.kid_mobilenet is not None for distance in self.distances)

    @property
    def longest(self) -> float:
        """The KID that fills the width of a bar."""
        return max((distance.kid for distance in self.distances), default=0.0)


def evaluation(paths: Paths) -> Evaluation:
    """Read the results of `evaluate` for one collection.

    Raises:
        TableError: a file is missing, torn or of another shape.
    """
    path = paths.evaluation / "evaluation.json"
    results = read_object(path)
    try:
        return Evaluation(
            distances=_distances(results),
            each_side=results["images"]["each_side"],
            features=results["features"]["name"],
            precision=results["precision"],
            recall=results["recall"],
            diversity=results["diversity"]["trained"],
            **_nearness(results["copies"]),
            samples_and_reals=from_file(
                paths.evaluation / "samples_and_reals.png", longest_px=_SHEET_PX
            ),
            nearest=from_file(paths.evaluation / "nearest.png", longest_px=_SHEET_PX),
            inception=results["inception"]["name"] if "inception" in results else None,
            persistence=from_file(paths.evaluation / "persistence.png"),
            drawn_of=[AskedFor(*each) for each in results.get("drawn_of", {}).items()],
            persists_in_samples=results["persistence"]["samples"],
            persists_in_reals=results["persistence"]["reals"],
            little_learnt=little_learnt(
                results, read_object(paths.model / "model.json").get("images_seen")
            ),
        )
    except (KeyError, TypeError) as error:
        raise TableError(f"{path}: not an evaluation; run `dvc repro evaluate`") from error


def _distances(results: dict[str, Any]) -> list[Distance]:
    by_inception = results.get("kid_inception", {}), results.get("fid_inception", {})
    return [
        Distance(
            name,
            words,
            results["kid"][name]["mean"],
            results["kid"][name]["std"],
            results["frechet"].get(name),
            results.get("kid_mobilenet", {}).get(name, {}).get("mean"),
            results.get("sliced_wasserstein", {}).get(name, {}).get("mean"),
            by_inception[0].get(name, {}).get("mean"),
            by_inception[1].get(name),
        )
        for name, words in COMPARED.items()
        if name in results["kid"]
    ]


def _nearness(copies: dict[str, Any]) -> dict[str, Any]:
    spaces = [copies[space] for space in ("features", "pixels")]
    if not all(spaces):  # too few images
        return {"nearness": [], "near_copy_below": None, "copying": None}
    held_out = [space["held_out"] for space in spaces]
    some = all(held_out)
    rows = [_row("samples", spaces)]
    if some:
        rows.append(_row("images held out", held_out))
    between = tuple(space["median_between_reals"] for space in spaces)
    rows.append(CopyNearness("training images, to each other", between, None))
    return {
        "nearness": rows,
        "near_copy_below": tuple(space["threshold"] for space in spaces),
        "copying": tuple(each["copying"] for each in held_out) if some else None,
    }


def _row(whose: str, numbers: list[dict[str, float]]) -> CopyNearness:
    features, pixels = numbers
    return CopyNearness(
        whose,
        (features["median"], pixels["median"]),
        (features["share_of_near_copies"], pixels["share_of_near_copies"]),
    )
