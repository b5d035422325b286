"""What there is of a translation now: the numbers of `salon status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.params.translation import PairedTranslation, Translation
from pipeline.core.paths import TranslationPaths


@dataclass(frozen=True)
class TranslationStatus:
    """One translation; what no stage has written yet, or its kind does not measure, is None."""

    name: str
    kind: str
    collection: str
    target: str
    task: str | None
    resolution: int
    kimg: float | None
    """Thousands of inputs shown."""
    psnr: float | None
    """Of what was made, from its truth, where that is known."""
    trivial_psnr: float | None
    ssim: float | None
    trivial_ssim: float | None
    kid: float | None
    """Of what was made, from the pictures it should be like."""
    trivial_kid: float | None


def translation_status(root: Path, name: str, params: Translation) -> TranslationStatus:
    """Read what there is.

    Raises:
        TableError: a file of results is torn.
    """
    paths = TranslationPaths(root, name, params.collection, params.target)
    model = _there(paths.model / "model.json")
    judged = _there(paths.evaluation / "evaluation.json")
    try:
        near, kid = _measured(params.kind, judged)
        return TranslationStatus(
            name=name,
            kind=params.kind,
            collection=params.collection,
            target=params.target,
            task=params.task if isinstance(params, PairedTranslation) else None,
            resolution=params.resolution,
            kimg=None if model is None else model["images_seen"] / 1000,
            psnr=near["psnr"]["translated"] if near else None,
            trivial_psnr=near["psnr"]["trivial"] if near else None,
            ssim=near["ssim"]["translated"] if near else None,
            trivial_ssim=near["ssim"]["trivial"] if near else None,
            kid=kid["translated"]["mean"] if kid else None,
            trivial_kid=kid["trivial"]["mean"] if kid else None,
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise TableError(
            f"{paths.model}, {paths.evaluation}: not of a translation; run `dvc repro "
            f"evaluate-translation@{name}`"
        ) from error


def _measured(
    kind: str, judged: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """Nearness to the truth, and distances by KID; of two directions those to the target."""
    if judged is None or judged["kind"] != kind:  # of a kind that the params named before
        return None, None
    told = judged if kind == "paired" else judged["forth"]
    return (judged if kind == "paired" else told.get("truth")), told.get("kid")


def _there(path: Path) -> Mapping[str, Any] | None:
    return read_object(path) if path.exists() else None


def lines(state: TranslationStatus) -> Iterator[tuple[str, str]]:
    """What is said about one translation, as labels with their text."""
    if state.task is None:
        yield "pictures", f"{state.collection} to {state.target} and back at {state.resolution} px"
    else:
        yield "pairs", f"{state.task} of {state.collection} at {state.resolution} px"
    if state.kimg is not None:
        yield "model", f"{state.kimg:g} kimg of {'pictures' if state.task is None else 'pairs'}"
    if state.psnr is not None:
        yield "PSNR", f"{state.psnr:.2f} dB (trivial {state.trivial_psnr:.2f})"
        yield "SSIM", f"{state.ssim:.3f} (trivial {state.trivial_ssim:.3f})"
    if state.kid is not None:
        yield "KID", f"{state.kid:.3f} (trivial {state.trivial_kid:.3f})"
