"""Picture files of every format and mode, and what accidents on the way make of them."""

from __future__ import annotations

import os
import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from curation.images.facts import Facts
from tests.curation.pictures import composition, encoded

SIZE = (96, 72)
MODES = {
    "JPEG": ("RGB", "L", "CMYK"),
    "PNG": ("RGB", "L", "LA", "RGBA", "P", "1", "I;16"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P", "L", "1"),
    "AVIF": ("RGB", "RGBA"),
    "TIFF": ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr", "LAB", "1", "P", "I;16", "I"),
    "BMP": ("RGB", "L", "P", "1"),
    "JPEG2000": ("RGB", "L", "RGBA"),
    "PPM": ("RGB", "L", "1"),
}
"""The modes in which Pillow writes each format that is read."""


def picture(mode: str) -> Image.Image:
    """One and the same picture; an alpha channel leaves all of it opaque."""
    image = composition(3, SIZE)
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
        assert converted is not None
        del converted.info["icc_profile"]  # it bears the time of its making
        return converted
    if mode == "I":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.int32) * 257)
    return image.convert(mode)


@cache
def still_files() -> dict[str, bytes]:
    """Files of one picture by the name of what is special about them."""
    files = {
        f"{name} {mode}": encoded(picture(mode), name)
        for name, modes in MODES.items()
        for mode in modes
    }
    files["progressive JPEG"] = encoded(picture("RGB"), "JPEG", progressive=True)
    files["JPEG 4:4:4"] = encoded(picture("RGB"), "JPEG", subsampling=0)
    files["lossless WEBP"] = encoded(picture("RGB"), "WEBP", lossless=True)
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits"):
        files[f"{compression} TIFF"] = encoded(picture("RGB"), "TIFF", compression=compression)
    return files


@cache
def moving_files() -> dict[str, bytes]:
    """Files of several pictures, of which the first is `picture`."""
    first, *others = (picture("RGB"), composition(8, SIZE), composition(9, SIZE))
    return {
        f"moving {name}": encoded(first, name, save_all=True, append_images=others)
        for name in ("GIF", "WEBP", "PNG", "AVIF", "TIFF", "MPO")
    }


def mutations(data: bytes, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """What is left of ``data`` after one accident of each kind: (kind, bytes)."""
    place = rng.randrange(len(data))
    length = rng.randrange(1, 100)
    start = rng.randrange(min(len(data), 150))
    bit = bytes([data[place] ^ 1 << rng.randrange(8)])
    yield "one bit", data[:place] + bit + data[place + 1 :]
    yield "zeros", data[:place] + bytes(min(length, len(data) - place)) + data[place + length :]
    yield "noise", data[:place] + rng.randbytes(length) + data[place + length :]
    yield "loss", data[:place] + data[place + length :]
    yield "repetition", data[:place] + data[start : start + length] + data[place:]
    yield "noise in the header", data[:start] + rng.randbytes(4) + data[start + 4 :]
    yield "huge numbers in the header", data[:start] + b"\xff" * 4 + data[start + 4 :]


CHILD = """
import pickle, re, resource, sys
from curation.images.facts import Facts, examine
from pipeline.core.params.ingest import Ingest
files = pickle.load(sys.stdin.buffer)
limit = int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
facts = [examine(data, Ingest(sizes=(64, 256)))[0] for data in files]
status = open("/proc/self/status").read()  # ru_maxrss would begin with what the parent has
peak = int(re.search(r"VmHWM:\\s+([0-9]+) kB", status)[1]) // 1024
open(sys.argv[2], "wb").write(pickle.dumps((facts, peak)))
"""
MEMORY_MB = 4096
"""Of addresses, libraries included; what is really used is asserted."""


def examined_in_a_child(files: list[bytes], result: Path, **env: str) -> tuple[list[Facts], int]:
    """The facts of ``files``, and the peak memory (MB), of a process that may not say a word."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(MEMORY_MB), str(result)],
        input=pickle.dumps(files),
        env={**os.environ, **env},
        capture_output=True,
        check=False,
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, b"", b"")
    facts, peak_mb = pickle.loads(result.read_bytes())  # noqa: S301 - our own
    return facts, peak_mb
