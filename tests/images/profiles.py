"""Colour profiles and colour chunks, byte by byte: what cameras and editors write beside pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Primaries = tuple[tuple[float, float], ...]
"""The chromaticities x, y of white, red, green and blue."""

SRGB: Final[Primaries] = ((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3: Final[Primaries] = ((0.3127, 0.3290), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB: Final[Primaries] = ((0.3127, 0.3290), (0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
WIDE: Final[Primaries] = ((0.3457, 0.3585), (0.735, 0.265), (0.115, 0.826), (0.157, 0.018))

_D50: Final = np.array([0.9642, 1.0, 0.8249])
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_CORNERS: Final = 16


def srgb_curve(level: float) -> float:
    """The transfer function of sRGB, from what is stored to light."""
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def _xyz(x: float, y: float) -> Floats:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _matrix(primaries: Primaries) -> Floats:
    """From linear light to XYZ under D50, a column for each of red, green and blue."""
    white = _xyz(*primaries[0])
    columns = np.stack([_xyz(*chromaticity) for chromaticity in primaries[1:]], axis=1)
    columns = columns * np.linalg.solve(columns, white)
    adapted = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    matrix: Floats = np.linalg.inv(_BRADFORD) @ adapted @ _BRADFORD @ columns
    return matrix


def _s15(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz_tag(values: Sequence[float] | Floats) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_s15(float(value)) for value in values)


def _curve_tag(curve: float | Callable[[float], float]) -> bytes:
    if not callable(curve):
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(curve * 256)) + b"\0\0"
    levels = [round(65535 * curve(place / 1023)) for place in range(1024)]
    return b"curv\0\0\0\0" + struct.pack(f">I{len(levels)}H", len(levels), *levels)


def _desc_tag(name: str) -> bytes:
    text = name.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


def _profile(space: bytes, connection: bytes, kind: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body = b"", b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", start + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"test", 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(map(_s15, _D50)) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


def rgb_profile(
    primaries: Primaries, curve: float | Callable[[float], float], name: str = "test"
) -> bytes:
    """A profile of three primaries and one curve (or a power)."""
    matrix, curve_tag = _matrix(primaries), _curve_tag(curve)
    tags = {b"desc": _desc_tag(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz_tag(_D50)}
    for letter, column in zip((b"r", b"g", b"b"), matrix.T, strict=True):
        tags[letter + b"XYZ"] = _xyz_tag(column)
        tags[letter + b"TRC"] = curve_tag
    return _profile(b"RGB ", b"XYZ ", b"mntr", tags)


def grey_profile(curve: float | Callable[[float], float], name: str = "test grey") -> bytes:
    """A profile of one curve (or a power)."""
    tags = {b"desc": _desc_tag(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz_tag(_D50)}
    return _profile(b"GRAY", b"XYZ ", b"mntr", tags | {b"kTRC": _curve_tag(curve)})


def cmyk_profile(name: str = "test press") -> bytes:
    """A press whose inks overprint to muddy colours: a table of the sixteen solid overprints."""
    rows = b""
    for corner in range(_CORNERS):
        cyan, magenta, yellow, black = (corner >> shift & 1 for shift in (3, 2, 1, 0))
        lightness = 255 * (1 - 0.42 * cyan) * (1 - 0.5 * magenta) * (1 - 0.1 * yellow)
        lightness *= 1 - 0.88 * black
        red_green = 128 + (70 * magenta - 35 * cyan - 5 * yellow) * (1 - black)
        yellow_blue = 128 + (85 * yellow - 45 * cyan - 5 * magenta) * (1 - black)
        rows += bytes(round(value) for value in (lightness, red_green, yellow_blue))
    identity = bytes(range(256))
    unit = b"".join(_s15(float(value)) for value in np.eye(3).ravel())
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + unit + identity * 4 + rows + identity * 3
    tags = {b"desc": _desc_tag(name), b"cprt": b"text\0\0\0\0none\0", b"wtpt": _xyz_tag(_D50)}
    return _profile(b"CMYK", b"Lab ", b"prtr", tags | {b"A2B0": table})


def gama(gamma: float) -> tuple[bytes, bytes]:
    """The chunk gAMA."""
    return b"gAMA", struct.pack(">I", round(gamma * 100_000))


def chrm(primaries: Primaries) -> tuple[bytes, bytes]:
    """The chunk cHRM."""
    numbers = [round(value * 100_000) for chromaticity in primaries for value in chromaticity]
    return b"cHRM", struct.pack(">8I", *numbers)


def cicp(primaries: int, transfer: int, matrix: int = 0, full: int = 1) -> tuple[bytes, bytes]:
    """The chunk cICP, by code points of ITU-T H.273."""
    return b"cICP", bytes([primaries, transfer, matrix, full])
