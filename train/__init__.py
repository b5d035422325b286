"""Training, evaluating and enlarging: the only package that knows torch."""

import os
from pathlib import Path

from pipeline.core.numba_cache import find_room

# A thread that waits for another may spin for some microseconds, then must sleep. Left to itself
# it spins for milliseconds, which on cores shared with other work made a training ten times
# slower. OpenMP reads this when torch is first imported.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# Before any of the modules below imports numba, which reads where to keep what it compiles.
find_room(Path(__file__).parent / "data")
