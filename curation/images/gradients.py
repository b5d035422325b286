"""The slope of a plane at each pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def central_differences(planes: npt.NDArray[np.float32]) -> npt.NDArray[np.complex64]:
    """How ``planes`` (n, h, w) change across two pixels: (n, h - 2, w - 2).

    To the right in the real part, downwards in the imaginary one. A plane that gets one level
    lighter with each pixel to the right gives 2 everywhere.
    """
    count, height, width = planes.shape
    made = np.empty((count, height - 2, width - 2), np.complex64)
    np.subtract(planes[:, 1:-1, 2:], planes[:, 1:-1, :-2], out=made.real)
    np.subtract(planes[:, 2:, 1:-1], planes[:, :-2, 1:-1], out=made.imag)
    return made
