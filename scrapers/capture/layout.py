"""The names of the files in a capture's folder.

::

    data/captures/<collection>/<as_of>/
        capture.json         what was asked for, of whom, and whether it is complete
        manifest.parquet     one row a request, once the capture is complete
        manifest.jsonl       the same rows as they come, until then
        pages-00000.warc.gz  documents as WARC `resource` records, one gzip member each
        images-00000.tar     images as fetched, named <image_id>.<extension>
"""

from __future__ import annotations

from typing import Final

DESCRIPTION: Final = "capture.json"
MANIFEST: Final = "manifest.parquet"
JOURNAL: Final = "manifest.jsonl"
PAGE_SHARD: Final = "pages-{:05d}.warc.gz"
IMAGE_SHARD: Final = "images-{:05d}.tar"

PAGE: Final = "page"
IMAGE: Final = "image"
"""The two kinds of manifest rows."""
