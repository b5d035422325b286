"""From a look and a shot to a photograph."""

from __future__ import annotations

import numpy as np
from PIL import Image

from scrapers.gallery.watch.look import Look, Shot


def photograph(look: Look, shot: Shot, rng: np.random.Generator) -> Image.Image:
    """The photograph of a watch with that ``look``, RGB, ``shot.size`` pixels."""
    return Image.new("RGB", shot.size, look.dial_colour)
