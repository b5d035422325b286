"""What lies below `select.min_colour_std`: failed scans of one colour, and real works beside them.

``python -m tests.benches.blank [FOLDER ...]`` measures scans without a picture (one colour, a
sensor's noise, light that falls off to the edges), works in which hardly anything varies, and the
pictures of each folder, of which it names those that vary least. A bound between the highest scan
and the lowest work loses neither. Figures stand in docs/curation.md.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.console import Console

from curation.images.facts import examine
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.select import Select

SIDE: Final = 640
GROUNDS: Final = ((250, 250, 246), (128, 120, 110), (24, 40, 130))
NOISE: Final = (0, 2, 5, 8)
"""Standard deviations of each pixel and channel: 5 is a bad scanner, 8 a telephone at night."""
FALL_OFF: Final = (0.0, 0.01, 0.02)
"""How much darker the corners are than the middle."""
LISTED: Final = 6
"""Pictures of a folder that are named."""

Field = npt.NDArray[np.float64]


def main(folders: list[Path]) -> None:
    """Print the spread of each picture: the larger of that of its luminance and that of its hue."""
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print("| picture | spread | blank |\n|---|---|---|")
    bound = Select().min_colour_std or 0.0
    for name, data in [*scans(), *works()]:
        spread = spread_of(data)
        console.print(f"| {name} | {spread:.2f} | {'yes' if spread < bound else 'no'} |")
    for folder in folders:
        spreads = sorted(
            (spread_of(file.read_bytes()), file.name)
            for file in folder.rglob("*")
            if file.suffix in {".jpg", ".png"}
        )
        below = sum(spread < bound for spread, _ in spreads)
        console.print(f"{folder.name}: {below} of {len(spreads)} blank; those that vary least:")
        console.print("\n".join(f"  {spread:.2f} {name}" for spread, name in spreads[:LISTED]))


def spread_of(data: bytes) -> float:
    """What the rule `blank` compares; infinite where the file is not read."""
    facts, _ = examine(data, Ingest())
    if facts.luminance_std is None or facts.chroma_std is None:
        return float("inf")
    return max(facts.luminance_std, facts.chroma_std)


def scans() -> Iterator[tuple[str, bytes]]:
    """Files of one colour: the worst of each noise and fall-off."""
    rng = np.random.default_rng(1)
    down, across = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    for noise in NOISE:
        for fall_off in FALL_OFF:
            light = 1 - fall_off * (down**2 + across**2)[..., None] / 2
            files = [
                saved(np.array(ground) * light + rng.normal(0, noise, (SIDE, SIDE, 3)))
                for ground in GROUNDS
            ]
            name = f"scan, noise {noise}, corners {fall_off:.0%} darker"
            yield name, max(files, key=spread_of)


def works() -> Iterator[tuple[str, bytes]]:
    """Pictures with something on them, of which there is little."""
    rng = np.random.default_rng(2)
    paper = np.full((SIDE, SIDE, 3), 246.0) + rng.normal(0, 2, (SIDE, SIDE, 3))
    outline = paper.copy()
    outline[40:-40, [40, 41, -42, -41]] -= 90
    outline[[40, 41, -42, -41], 40:-40] -= 90
    yield "one pencil outline near the edge of white paper", saved(outline)
    lines = paper.copy()
    lines[::16] -= 14
    lines[:, ::16] -= 14
    yield "faint pencil lines, 16 pixels apart", saved(lines)
    white = paper.copy()
    white[160:-160, 160:-160] -= 6
    yield "a white square on white, 6 levels darker", saved(white)
    fields = np.full((SIDE, SIDE, 3), (200.0, 40, 60))
    fields[SIDE // 2 :] = (30.0, 100, 230)
    yield "a red and a blue field of one luminance", saved(fields)
    near = np.full((SIDE, SIDE, 3), (150.0, 150, 140))
    near[SIDE // 2 :] = (154.0, 148, 140)
    yield "two greys that differ in hue by 6", saved(near)


def saved(picture: Field) -> bytes:
    """A JPEG."""
    file = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).round().astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]])
