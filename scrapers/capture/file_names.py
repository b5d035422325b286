"""The names of the files in a capture's folder.

::

    data/captures/<collection>/<as_of>/
        capture.json         what was asked for, of whom, and whether it is complete
        manifest.parquet     one row a request, once the capture is complete
        requests.sqlite      the same rows while it is open (`scrapers.capture.requests`)
        pages-00000.warc.gz  documents as WARC `resource` records, one gzip member each
        images-00000.tar     images as fetched, named <image_id>.<extension>
"""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = "capture.json"
MANIFEST: Final = "manifest.parquet"
REQUESTS: Final = "requests.sqlite"
LEGACY_JOURNAL: Final = "manifest.jsonl"
"""What stood in the place of `REQUESTS` in captures begun before Salon 0.2."""
PAGE_SHARD: Final = "pages-{:05d}.warc.gz"
IMAGE_SHARD: Final = "images-{:05d}.tar"

PAGE: Final = "page"
IMAGE: Final = "image"
"""The two kinds of requests."""
