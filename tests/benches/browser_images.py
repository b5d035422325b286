"""Every image file of the matrix as Salon decodes it, beside what a real Chromium draws.

``python -m tests.benches.browser_images`` prints a table: files by kind and by what they say of
their colours, how far the means of a channel are apart at most, the least structural similarity,
and each file on which the two differ, with the reason where it is a known one.
``python -m tests.benches.browser_images FOLDER`` does it for the files of a folder. The curves of
HDR
(`curation/images/hdr.py`) were fitted to what ``--curves`` prints: what Chromium makes of greys.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from curation.images.decode import Decoded, Fault, decode
from pipeline.core.shards import Pixels
from tests.images import profiles
from tests.images.chromium import drawings
from tests.images.files import png
from tests.images.likeness import Likeness, likeness
from tests.images.matrix import DIFFERENCES, cases

MAX_MEGAPIXELS = 200
LEVELS = (16, 32, 64, 96, 128, 144, 160, 176, 192, 224, 255)


def compared(ours: Decoded | Fault, theirs: Pixels | None) -> Likeness | str:
    """How alike the two are, or which of them shows nothing."""
    if isinstance(ours, Fault):
        return "both refuse" if theirs is None else f"Chromium draws it: {ours.detail}"
    return "Chromium draws nothing" if theirs is None else likeness(ours.pixels, theirs)


def tables_of(files: Mapping[str, bytes]) -> tuple[Table, Table]:
    """The kinds of ``files``, and those on which the two differ."""
    with tempfile.TemporaryDirectory() as folder:
        by_chromium = drawings(files, Path(folder))
    kinds: dict[str, list[Likeness | str]] = defaultdict(list)
    unlike = Table("file", "what differs", "known reason")
    for name, data in files.items():
        outcome = compared(decode(data, max_megapixels=MAX_MEGAPIXELS), by_chromium[name])
        kinds[re.split(r"[,;]| \(", name)[0]].append(outcome)
        if outcome != "both refuse" and (isinstance(outcome, str) or not outcome):
            unlike.add_row(name, words_of(outcome), reason_of(name))
    kinds_table = Table("kind", "files", "alike", "means apart", "least SSIM", "both refuse")
    for kind, outcomes in kinds.items():
        alike = [o for o in outcomes if isinstance(o, Likeness) and o]
        kinds_table.add_row(
            kind, str(len(outcomes)), str(len(alike)),
            f"{max((o.colour for o in alike), default=0):.2f}",
            f"{min((o.ssim for o in alike), default=1):.3f}",
            str(outcomes.count("both refuse")),
        )  # fmt: skip
    return kinds_table, unlike


def words_of(outcome: Likeness | str) -> str:
    """What differs, in a few words."""
    if isinstance(outcome, str):
        return outcome
    if not outcome.same_size:
        return "size"
    return f"means {outcome.colour:.1f} apart, SSIM {outcome.ssim:.3f}"


def reason_of(name: str) -> str:
    """Why the two are known to differ on the file of this name."""
    return next((why for like, why in DIFFERENCES.items() if re.fullmatch(like, name)), "")


def curves() -> Table:
    """What Chromium makes of each grey level under the curves that a PNG can state."""
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint16)[None, :, None], (4, 256, 3))
    files = {
        f"cICP 1, {transfer}": png(ramp, 2, chunks=[profiles.cicp(1, transfer)])
        for transfer in (1, 4, 5, 7, 8, 13, 16, 17, 18)
    }
    with tempfile.TemporaryDirectory() as folder:
        by_chromium = drawings(files, Path(folder))
    table = Table("stored", *map(str, LEVELS))
    for name, pixels in by_chromium.items():
        if pixels is not None:
            table.add_row(name, *(str(pixels[0, level, 0]) for level in LEVELS))
    return table


def main(arguments: Sequence[str]) -> None:
    """Print the tables."""
    console = Console(width=max(Console().width, 120))
    if list(arguments) == ["--curves"]:
        console.print(curves())
        return
    files = {
        path.name: path.read_bytes()
        for folder in arguments
        for path in sorted(Path(folder).iterdir())
    }
    for table in tables_of(files or cases(every=True)):
        console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
