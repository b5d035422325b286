"""What curators said of doubtful pairs moves the chance of the others.

The coefficients of `curation.duplicates.chance` are what is believed before; each pair of which a
curator said whether it is one picture is evidence (logistic regression with a normal prior). A
dozen answers move what they speak of, and hardly anything else.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from curation.duplicates.chance import COEFFICIENTS

SPREAD: Final = 1.0
"""Standard deviation of each coefficient before anything was said."""
STEPS: Final = 25

Floats = npt.NDArray[np.float64]


def learned(rows: Floats, is_same: npt.NDArray[np.bool_]) -> Floats:
    """The coefficients once curators said of the pairs ``rows`` (n, terms) which are the same.

    Newton's steps to the most likely coefficients; the ones of `COEFFICIENTS` where n is 0.
    """
    made = COEFFICIENTS.copy()
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ made, -50, 50)))
        slope = rows.T @ (is_same - chance) - (made - COEFFICIENTS) / SPREAD**2
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.eye(len(made)) / SPREAD**2
        step = np.linalg.solve(curve, slope)
        made = made + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return made
