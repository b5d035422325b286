"""Settings of all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Threads of OpenBLAS that wait for a busy core spin: with two test processes on two cores the
# search for marks took 23 seconds of CPU instead of 8. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("salon", deadline=None)
settings.load_profile("salon")

# Files of half a minute and more. They begin first: `make test` gives each file to one worker, and
# one of these as the last would leave the other worker idle.
LONG_FILES = (
    "test_end_to_end.py",
    "versions/test_story.py",
    "stages/test_train.py",
    "stages/test_watermark.py",
    "stages/test_scrape.py",
    "docs/test_pages.py",  # waits for the project that test_end_to_end makes first
    "stages/test_second_capture.py",
    "scrapers/crawl/test_storms.py",
    "train/test_loop.py",
    "train/test_evaluation.py",
    "train/test_parallel.py",
    "curation/test_duplicates.py",
    "test_listing_history.py",
    "cluster/test_cluster.py",
)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors: the tests of captures wait for a quarter of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of long files before all others."""
    folder = Path(__file__).parent
    place = {folder / name: index for index, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_sessionstart() -> None:
    """Refuse a list that names a file which is gone."""
    gone = [name for name in LONG_FILES if not (Path(__file__).parent / name).exists()]
    if gone:
        raise pytest.UsageError(f"tests/conftest.py: LONG_FILES: no file {', '.join(gone)}")
