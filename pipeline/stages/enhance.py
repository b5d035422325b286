"""Stage `enhance`: samples, enlarged fourfold by super-resolution."""

from __future__ import annotations

import shutil

import numpy as np

from pipeline.core import log
from pipeline.core.files import storage_errors
from pipeline.core.params.enhance import Enhance
from pipeline.core.paths import Paths
from train.compute import device
from train.export import model_file
from train.export.model_description import WEIGHTS
from train.samples import sheets
from train.super_resolution import esrgan_file, real_esrgan

_SHEET_COLUMNS = 4


def run(paths: Paths, params: Enhance) -> None:
    """Draw ``params.samples`` images, enlarge them, and write each and a sheet of all.

    Raises:
        TrainingError: there is no trained model, or the weights are not what they should be.
        StorageError: the disk is full or the folder cannot be written.
    """
    device.make_deterministic()
    compute = device.find()
    samples = model_file.load_model(paths.model / WEIGHTS, compute).draw(
        params.samples, params.seed
    )
    if params.weights is None:
        network, name = real_esrgan.load(params.network), str(params.network)
    else:
        network, name = esrgan_file.load(paths.root / params.weights), params.weights
    enlarged = real_esrgan.enlarge(network, samples, compute)
    with storage_errors(paths.enhanced):
        shutil.rmtree(paths.enhanced, ignore_errors=True)
    for number, picture in enumerate(enlarged):
        sheets.write_png(paths.enhanced / f"{number:04d}.png", picture)
    before = sheets.enlarged(samples, enlarged.shape[1])
    pairs = np.stack([before, enlarged], axis=1).reshape(-1, *enlarged.shape[1:])
    sheets.write_png(paths.enhanced_sheet, sheets.sheet(pairs, _SHEET_COLUMNS))
    log.say(
        f"enhance: {len(enlarged)} samples from {samples.shape[1]} to {enlarged.shape[1]} px "
        f"by {name}; {paths.enhanced_sheet}"
    )
