"""Stage `enhance`: samples, enlarged fourfold by super-resolution."""

from __future__ import annotations

import shutil

import numpy as np

from pipeline.core import log
from pipeline.core.files import storage_errors
from pipeline.core.params.enhance import Enhance
from pipeline.core.paths import Paths
from train import artifact, device, sheets, super_resolution
from train.description import WEIGHTS

_SHEET_COLUMNS = 4


def run(paths: Paths, params: Enhance) -> None:
    """Draw ``params.samples`` images, enlarge them, and write each and a sheet of all.

    Raises:
        TrainingError: there is no trained model, or the network's weights are not as published.
        StorageError: the disk is full or the folder cannot be written.
    """
    device.make_deterministic()
    compute = device.find()
    samples = artifact.load(paths.model / WEIGHTS, compute).draw(params.samples, params.seed)
    network = super_resolution.load(params.network)
    enlarged = super_resolution.enlarge(network, samples, compute)
    with storage_errors(paths.enhanced):
        shutil.rmtree(paths.enhanced, ignore_errors=True)
    for number, picture in enumerate(enlarged):
        sheets.write_png(paths.enhanced / f"{number:04d}.png", picture)
    before = sheets.enlarged(samples, enlarged.shape[1])
    pairs = np.stack([before, enlarged], axis=1).reshape(-1, *enlarged.shape[1:])
    sheets.write_png(paths.enhanced / "sheet.png", sheets.sheet(pairs, _SHEET_COLUMNS))
    log.say(
        f"enhance: {len(enlarged)} samples from {samples.shape[1]} to {enlarged.shape[1]} px "
        f"by {params.network}; {paths.enhanced / 'sheet.png'}"
    )
