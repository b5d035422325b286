"""What there is of a collection now, from its tables and files: the numbers of `salon status`."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core import tables
from pipeline.core.errors import TableError
from pipeline.core.paths import Paths
from pipeline.core.schema import (
    IMAGES,
    LISTINGS,
    SELECTION,
    VARIANTS,
    WITH_BYTES,
    Status,
    TableSchema,
)
from scrapers.capture.capture_description import read_description
from scrapers.capture.folder_fingerprint import changes_since


@dataclass(frozen=True)
class CaptureStatus:
    """One capture; the counts are None until it is complete."""

    as_of: str
    complete: bool
    pages: int | None
    images: int | None


@dataclass(frozen=True)
class ModelStatus:
    """The trained model in a few numbers."""

    kind: str
    resolution: int
    kimg: float
    """Thousands of real images shown."""
    images: int
    """Different images among them, variants not counted."""
    warm_start: str | None
    """Where the first weights came from, if not from scratch."""


@dataclass(frozen=True)
class Judged:
    """Distances from real images by one judge; smaller is nearer."""

    trained: float
    untrained: float
    floor: float
    """Of real images from other real images."""


@dataclass(frozen=True)
class EvaluationStatus:
    """What the judges say; None is one that an earlier version of Salon did not ask."""

    kid: Judged
    kid_mobilenet: Judged | None
    sliced_wasserstein: Judged | None


@dataclass(frozen=True)
class CollectionStatus:
    """One collection; what no stage has written yet is None."""

    collection: str
    captures: list[CaptureStatus]
    folder_changes: str | None
    """What to do where the folder of saved pages has changed since the newest capture."""
    listings: int | None
    images: int | None
    kept: int | None
    rejected: dict[str, int] | None
    """Count by reason, the most frequent first."""
    variants: dict[str, int] | None
    """Kept variants by split."""
    model: ModelStatus | None
    evaluation: EvaluationStatus | None

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all has been made."""
        return not self.captures and self.listings is None and self.images is None


def collection_status(paths: Paths) -> CollectionStatus:
    """Read what there is of one collection; only the columns that are counted.

    Raises:
        TableError: a table or a file of results is torn.
        CaptureError: the description of a capture is torn.
    """
    return CollectionStatus(
        collection=paths.collection,
        captures=_captures(paths),
        folder_changes=_folder_changes(paths),
        listings=_listings(paths),
        images=_rows(paths, IMAGES),
        **_selected(paths),
        variants=_variants(paths),
        model=_model(paths.model / "model.json"),
        evaluation=_evaluation(paths.evaluation / "evaluation.json"),
    )


def _captures(paths: Paths) -> list[CaptureStatus]:
    statuses = []
    for folder in sorted(paths.captures.glob("*")):
        description = read_description(folder)
        if description is not None:
            pages, images = (_held(description.counts, kind) for kind in ("page", "image"))
            statuses.append(CaptureStatus(folder.name, description.complete, pages, images))
    return statuses


def _folder_changes(paths: Paths) -> str | None:
    newest = max(paths.captures.glob("*"), default=None)
    description = None if newest is None else read_description(newest)
    return (
        None if description is None else changes_since(description.selection, description.versions)
    )


def _held(counts: Mapping[str, Mapping[str, int]], kind: str) -> int | None:
    """How many requests of a kind led to bytes, of this capture or of an earlier one."""
    return sum(counts[kind].get(fetch, 0) for fetch in WITH_BYTES) if kind in counts else None


def _rows(paths: Paths, schema: TableSchema) -> int | None:
    path = paths.table(schema.name)
    return tables.row_count(path, schema) if path.exists() else None


def _listings(paths: Paths) -> int | None:
    """Different listings, in however many captures each was seen."""
    path = paths.table(LISTINGS.name)
    if not path.exists():
        return None
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for batch in tables.read_batches(path, LISTINGS, ["source", "listing_id"]):
        sources, listed = (column.to_pylist() for column in batch.columns)
        if len(set(sources)) == 1:  # in nearly all batches, as a capture is of one site
            ids[sources[0]].update(listed)
        else:
            for source, listing_id in zip(sources, listed, strict=True):
                ids[source].add(listing_id)
    return sum(map(len, ids.values()))


def _selected(paths: Paths) -> dict[str, Any]:
    path = paths.table("selection")
    if not path.exists():
        return {"kept": None, "rejected": None}
    counted = tables.count_values(path, SELECTION, ["status", "reason"])
    kept = sum(count for (status, _), count in counted.items() if status == Status.KEEP)
    reasons = Counter[str]()
    for (_, reason), count in counted.items():
        if reason is not None:
            reasons[reason] += count
    rejected = dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    return {"kept": kept, "rejected": rejected}


def _variants(paths: Paths) -> dict[str, int] | None:
    path = paths.table("variants")
    if not path.exists():
        return None
    counted = tables.count_values(path, VARIANTS, ["status", "split"])
    kept = {str(split): n for (status, split), n in counted.items() if status == Status.KEEP}
    return dict(sorted(kept.items(), key=lambda item: (-item[1], item[0])))


def _model(path: Path) -> ModelStatus | None:
    model = _json(path)
    if model is None:
        return None
    try:
        params, kimg = model["params"], model["images_seen"] / 1000
        return ModelStatus(
            params["model"],
            params["resolution"],
            kimg,
            model["data"]["images"],
            params.get("warm_start"),
        )
    except (KeyError, TypeError) as error:
        raise TableError(f"{path}: not a model's description; run `dvc repro train`") from error


def _evaluation(path: Path) -> EvaluationStatus | None:
    evaluation = _json(path)
    if evaluation is None or evaluation.get("kid") == {}:  # of too few images nothing is measured
        return None
    second = "kid_mobilenet" in evaluation
    try:
        return EvaluationStatus(
            kid=_judged(evaluation["kid"]),
            kid_mobilenet=_judged(evaluation["kid_mobilenet"]) if second else None,
            sliced_wasserstein=_judged(evaluation["sliced_wasserstein"]) if second else None,
        )
    except (KeyError, TypeError) as error:
        raise TableError(f"{path}: not an evaluation; run `dvc repro evaluate`") from error


def _judged(distances: Mapping[str, Any]) -> Judged:
    return Judged(*(distances[name]["mean"] for name in ("trained", "untrained", "floor")))


def _json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file, or None where there is no file.

    Raises:
        TableError: the file is torn.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise TableError(f"{path}: torn; delete it and run `dvc repro`") from error
    if not isinstance(content, dict):
        raise TableError(f"{path}: not an object; delete it and run `dvc repro`")
    return content
