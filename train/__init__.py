"""Training, judging and enlarging: the only package that knows torch."""

import os

# Threads that wait for each other must sleep, not spin: on cores that other work uses as well,
# spinning made a training ten times slower. OpenMP reads this when torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
