"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Threads of OpenBLAS that wait for a busy core spin: with two test processes on two cores the
# search for marks took 23 seconds of CPU instead of 8. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("salon", deadline=None)
settings.load_profile("salon")
