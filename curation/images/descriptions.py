"""What a file says of its colours, the most trusted first, as Chromium trusts it."""

from __future__ import annotations

from typing import Final

from PIL import Image

from curation.images.boxes import colours_of
from curation.images.code_points import Description, profile_of_nclx

_ISO_MEDIA: Final = frozenset({"AVIF", "HEIF"})
_BMP_HEADER_AT: Final = 14
_BMP_VERSION_5: Final = 124
"""Bytes of the header of a BMP that may carry a profile."""
_EMBEDDED: Final = b"DEBM"


def descriptions_of(file: Image.Image, data: bytes) -> tuple[Description, ...]:
    """What ``data``, which Pillow opened as ``file``, says; for PNGs see `png_chunks`."""
    profile = file.info.get("icc_profile") or (_bmp_profile(data) if file.format == "BMP" else b"")
    if profile:
        return (profile,)
    points = colours_of(data) if file.format in _ISO_MEDIA else None
    described = profile_of_nclx(points) if points else None
    return (described,) if described else ()


def _bmp_profile(data: bytes) -> bytes:
    """The profile that a BMP carries; Pillow does not read it."""
    header = data[_BMP_HEADER_AT : _BMP_HEADER_AT + _BMP_VERSION_5]
    if header[:4] != _BMP_VERSION_5.to_bytes(4, "little") or header[56:60] != _EMBEDDED:
        return b""
    begin = _BMP_HEADER_AT + int.from_bytes(header[112:116], "little")
    return data[begin : begin + int.from_bytes(header[116:120], "little")]
