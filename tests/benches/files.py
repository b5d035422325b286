"""What a capture of many small pictures of one's own costs, and a second one that adds a few.

As a program: ``python -m tests.benches.files COUNT``; the numbers in docs/your-images.md are of
100,000.
"""

from __future__ import annotations

import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from pipeline.core.params.parse import Parse
from pipeline.core.params.scrape import Scrape
from pipeline.core.paths import Paths
from pipeline.stages import parse, scrape

_SIDE: Final = 64
_PER_FOLDER: Final = 1_000
_ADDED: Final = 0.01


def make(root: Path, count: int) -> None:
    """Write ``count`` pictures of 64 pixels and a table of them."""
    generator = np.random.default_rng(0)
    lines = ["file_name,title,artist,license"]
    for number in range(count):
        path = root / f"{number // _PER_FOLDER:04d}" / f"{number:07d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = generator.integers(0, 255, (8, 8, 3), np.uint8)
        buffer = io.BytesIO()
        pixels = cells.repeat(_SIDE // 8, 0).repeat(_SIDE // 8, 1)
        Image.fromarray(pixels).save(buffer, "JPEG", quality=80)
        path.write_bytes(buffer.getvalue())
        lines.append(f"{path.relative_to(root)},Field {number},Artist {number % 50},CC0")
    (root / "metadata.csv").write_text("\n".join(lines))


def add(root: Path, count: int) -> None:
    """Put copies of the first pictures beside the others."""
    copies = root / "copies"
    copies.mkdir()
    for path in sorted(root.glob("0*/*.jpg"))[:count]:
        (copies / path.name).write_bytes(path.read_bytes())


def timed(what: str, work: Callable[[], object]) -> None:
    """Print what ``work`` took of the processor, and the most memory so far."""
    started = time.process_time()
    work()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what}: {time.process_time() - started:.1f} CPU s, {peak_mb} MB at most")  # noqa: T201


def main(count: int) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        root, paths = Path(folder) / "set", Paths(Path(folder), "mine")
        make(root, count)
        asked = {"origin": "files", "path": str(root), "allow_unmatched": True}
        first = Scrape.model_validate({**asked, "as_of": "2026-11-30"})
        second = Scrape.model_validate({**asked, "as_of": "2026-12-01"})
        timed(f"capture of {count:,}", lambda: scrape.run(paths, first))
        timed("parse", lambda: parse.run(paths, Parse()))
        add(root, int(count * _ADDED))
        timed("capture again", lambda: scrape.run(paths, second))


if __name__ == "__main__":
    main(int(sys.argv[1]))
