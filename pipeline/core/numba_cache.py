"""Where numba keeps compiled loops: beside their sources, or else in the user's cache folder.

Where neither can be written (an installation of the system's, run by a service without a home),
numba would end in a traceback; a temporary folder serves this run and its workers instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from pipeline.core.log import say

VARIABLE: Final = "NUMBA_CACHE_DIR"


def find_room(sources: Path) -> None:
    """See to it that numba, not imported yet, can keep what it compiles of ``sources``."""
    if os.environ.get(VARIABLE):
        return
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    places = (sources / "__pycache__", Path(caches) / "numba")
    if any(map(_can_write, places)):
        return
    folder = tempfile.mkdtemp(prefix="salon-numba-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[VARIABLE] = folder  # workers inherit it
    say(
        f"neither {places[0]} nor {places[1]} can be written, so loops are compiled anew in each "
        f"run (some seconds); set {VARIABLE} to a folder that keeps them"
    )


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
