"""What there is of a translation now: the numbers of `salon status`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.errors import TableError
from pipeline.core.files import read_object
from pipeline.core.params.translation import Translation
from pipeline.core.paths import TranslationPaths


@dataclass(frozen=True)
class TranslationStatus:
    """One translation; what no stage has written yet is None."""

    name: str
    collection: str
    task: str
    resolution: int
    kimg: float | None
    """Thousands of pairs shown."""
    psnr: float | None
    """Of what was made, from its truth."""
    trivial_psnr: float | None
    ssim: float | None
    trivial_ssim: float | None


def translation_status(root: Path, name: str, params: Translation) -> TranslationStatus:
    """Read what there is.

    Raises:
        TableError: a file of results is torn.
    """
    paths = TranslationPaths(root, name, params.collection)
    model = _there(paths.model / "model.json")
    judged = _there(paths.evaluation / "evaluation.json")
    try:
        return TranslationStatus(
            name=name,
            collection=params.collection,
            task=params.task,
            resolution=params.resolution,
            kimg=None if model is None else model["images_seen"] / 1000,
            psnr=None if judged is None else judged["psnr"]["translated"],
            trivial_psnr=None if judged is None else judged["psnr"]["trivial"],
            ssim=None if judged is None else judged["ssim"]["translated"],
            trivial_ssim=None if judged is None else judged["ssim"]["trivial"],
        )
    except (KeyError, TypeError) as error:
        raise TableError(
            f"{paths.model}, {paths.evaluation}: not of a translation; run `dvc repro "
            f"evaluate-translation@{name}`"
        ) from error


def _there(path: Path) -> Mapping[str, Any] | None:
    return read_object(path) if path.exists() else None


def lines(state: TranslationStatus) -> Iterator[tuple[str, str]]:
    """What is said about one translation, as labels with their text."""
    yield "pairs", f"{state.task} of {state.collection} at {state.resolution} px"
    if state.kimg is not None:
        yield "model", f"{state.kimg:g} kimg of pairs"
    if state.psnr is not None:
        yield "PSNR", f"{state.psnr:.2f} dB (trivial {state.trivial_psnr:.2f})"
        yield "SSIM", f"{state.ssim:.3f} (trivial {state.trivial_ssim:.3f})"
