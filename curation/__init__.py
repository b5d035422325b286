"""Judging images: facts, duplicates, watermarks, rules and the curators' lists."""

from pathlib import Path

from pipeline.core.numba_cache import find_room

# Before any of the modules below imports numba, which reads where to keep what it compiles.
find_room(Path(__file__).parent / "images")
