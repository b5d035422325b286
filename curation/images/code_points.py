"""Colours stated by code points (ITU-T H.273, as in `cICP` and `nclx`) or numbers, as profiles.

One form for all descriptions: whatever a file says of its colours becomes an ICC profile, which
littlecms applies, but for the two curves of HDR, whose colours depend on one another.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Chromaticities = Sequence[float]
"""x and y of white, red, green and blue."""
Curve = tuple[float, ...]
"""From what is stored, X, to light: X ** g, or (a X + b) ** g down to d and c X below."""

_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
SRGB: Final = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
BT_2020: Final = (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)
_PRIMARIES: Final[Mapping[int, Chromaticities]] = {
    1: SRGB,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (*_C, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: BT_2020,
    10: (1 / 3, 1 / 3, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
_CURVE_OF_SRGB: Final[Curve] = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_VIDEO: Final[Curve] = (2.4,)
"""Of a display of video (ITU-R BT.1886), which Chromium takes for what BT.709 calls its own."""
_CURVES: Final[Mapping[int, Curve]] = {
    1: _VIDEO,
    4: (2.2,),
    5: (2.8,),
    6: _VIDEO,
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: (1.0,),
    11: _VIDEO,
    13: _CURVE_OF_SRGB,
    14: _VIDEO,
    15: _VIDEO,
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 1.0, 0.0),
}
_CURVES_OF_VIDEO: Final = frozenset({1, 6, 11, 14, 15})
"""Chromium shows them as sRGB in an AVIF file, but not in a PNG."""
PQ: Final = 16
HLG: Final = 18
_DARK: Final = 0.02
"""A power beyond 1 / this is no display's."""


class CodePoints(NamedTuple):
    """Of the primaries and of the transfer function."""

    primaries: int
    transfer: int


class Hdr(NamedTuple):
    """Colours brighter than white, which no profile of primaries and curves describes."""

    chromaticities: tuple[float, ...]
    transfer: int


Description = bytes | Hdr
"""What is said of the colours: an ICC profile, or the curve of HDR."""


def profile_of_cicp(points: CodePoints) -> Description | None:
    """The colours of ``points`` as a PNG means them; None where one of them is not known."""
    primaries, curve = _PRIMARIES.get(points.primaries), _CURVES.get(points.transfer)
    if primaries is None or (curve is None and points.transfer not in {PQ, HLG}):
        return None
    if curve is None:
        return Hdr(tuple(primaries), points.transfer)
    return icc_profile(tuple(primaries), curve)


def profile_of_nclx(points: CodePoints) -> Description | None:
    """The same as AVIF and HEIF mean them, where what is not known is that of sRGB."""
    primaries = points.primaries if points.primaries in _PRIMARIES else 1
    transfers = {*_CURVES, PQ, HLG} - _CURVES_OF_VIDEO
    return profile_of_cicp(
        CodePoints(primaries, points.transfer if points.transfer in transfers else 13)
    )


def chromatic_profile(chromaticities: Chromaticities | None, power: float) -> bytes | None:
    """Colours of measured primaries (None: those of sRGB); None where they cannot be."""
    if not _DARK <= power <= 1 / _DARK or (chromaticities and not chromaticities[1]):
        return None
    try:
        return icc_profile(tuple(chromaticities or SRGB), (power,))
    except (np.linalg.LinAlgError, ZeroDivisionError, struct.error, OverflowError, ValueError):
        return None


_D50: Final = np.array([0.9642, 1.0, 0.8249])
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def _xyz(x: float, y: float) -> Floats:
    return np.array([x, y, 1 - x - y])


def to_xyz(chromaticities: Chromaticities) -> Floats:
    """From light by these primaries to XYZ, white brought to D50 (by Bradford)."""
    white, *primaries = zip(chromaticities[::2], chromaticities[1::2], strict=True)
    columns = np.stack([_xyz(*primary) for primary in primaries], axis=1)
    light = _xyz(*white) / white[1]
    columns = columns * np.linalg.solve(columns, light)
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ light)
    matrix: Floats = np.linalg.solve(_BRADFORD, np.diag(cones) @ _BRADFORD @ columns)
    return matrix


@functools.lru_cache(maxsize=64)
def icc_profile(chromaticities: tuple[float, ...], curve: Curve) -> bytes:
    """An ICC profile (version 4) of three primaries and one curve for each.

    Raises:
        LinAlgError, ZeroDivisionError, struct.error: no such primaries can be.
    """
    curve_tag = b"para\0\0\0\0" + struct.pack(">HH", 0 if len(curve) == 1 else 3, 0)
    curve_tag += b"".join(map(_fixed, curve))
    tags = {b"wtpt": _xyz_tag(_D50)}
    for name, column in zip((b"r", b"g", b"b"), to_xyz(chromaticities).T, strict=True):
        tags |= {name + b"XYZ": _xyz_tag(column), name + b"TRC": curve_tag}
    return _icc_profile(tags)


def _fixed(value: float) -> bytes:
    """Whole and fraction in 16 bits each."""
    return struct.pack(">i", round(value * 65536))


def _xyz_tag(values: Floats) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(float(value)) for value in values)


def _icc_profile(tags: Mapping[bytes, bytes]) -> bytes:
    table, body, begin = b"", b"", 132 + 12 * len(tags)
    for name, tag in tags.items():
        table += name + struct.pack(">II", begin + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4xI", begin + len(body), 0x04300000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += b"".join(_fixed(float(value)) for value in _D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
