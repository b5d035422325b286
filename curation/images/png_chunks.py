"""The chunks of a PNG: what a browser heeds of them, and the one picture that it shows first.

Everything else is left out before the file is decoded: text that unpacks to gigabytes, metadata
that are damaged, the later frames of an animation.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from curation.images.code_points import (
    CodePoints,
    Description,
    chromatic_profile,
    profile_of_cicp,
)

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MOST_PROFILE_BYTES: Final = 16_000_000
"""Of a profile once unpacked; as much as a JPEG can hold. Those of presses have 1 to 3 MB."""

_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_DESCRIPTIONS: Final = frozenset({b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf"})
_PALETTE, _RGB, _GREY, _GREY_ALPHA = 3, 2, 0, 4
_GAMMA_OF_SRGB: Final = (0.43182, 0.47727)
"""A `gAMA` in between, within 5 % of 1 / 2.2, means sRGB where no `cHRM` stands beside it."""


class Chunk(NamedTuple):
    """One chunk."""

    name: bytes
    body: bytes
    is_sound: bool
    """Whether its checksum is right."""


class Place(NamedTuple):
    """Where the first frame of an animation lies on its canvas."""

    canvas: tuple[int, int]
    left: int
    top: int


@dataclass(frozen=True)
class Still:
    """The picture that is shown first."""

    data: bytes
    """A PNG that has its pixels and nothing else."""
    descriptions: tuple[Description, ...]
    """What is said of its colours, the most trusted first."""
    exif: bytes
    is_grey: bool
    """Grey with an alpha channel, which Pillow gives as colours where it has 16 bits."""
    place: Place | None
    """None where the picture fills its canvas."""


@dataclass
class _Parts:
    """What a walk over the chunks collects."""

    head: bytes = b""
    picture: list[Chunk] = field(default_factory=list)
    described: dict[bytes, bytes] = field(default_factory=dict)
    is_animated: bool = False
    frame: bytes = b""
    """The body of the `fcTL` of the first frame, where that is not the default image."""
    frame_data: list[bytes] = field(default_factory=list)
    has_pixels: bool = False
    torn: bytes = b""
    """What is left of a chunk that the file does not hold to its end."""


def still_of(data: bytes) -> Still:
    """What a browser shows first of the PNG ``data``.

    A torn file stays torn.
    """
    parts = _collected(data)
    chunks = [_scaled(chunk, parts.head) for chunk in parts.picture]
    place = None
    if parts.frame_data and len(parts.frame) >= 20 and len(parts.head) >= 8:
        width, height, left, top = struct.unpack(">4I", parts.frame[4:20])
        canvas = struct.unpack(">2I", parts.head[:8])
        place = Place(canvas, left, top) if (width, height) != canvas else None
        chunks = _with_pixels(chunks, parts.frame[4:12], parts.frame_data)
    written = b"".join(map(_written, chunks))
    return Still(
        SIGNATURE + written + parts.torn,
        tuple(_descriptions(parts.described)),
        _exif(parts.described.get(b"eXIf", b"")),
        parts.head[9:10] == bytes([_GREY_ALPHA]),
        place,
    )


def _chunks(data: bytes) -> Iterator[Chunk | bytes]:
    """The chunks of ``data``, and the bytes of one that is torn."""
    place = len(SIGNATURE)
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        end = place + 12 + length
        if end > len(data):
            yield data[place:]
            return
        name, body = data[place + 4 : place + 8], data[place + 8 : end - 4]
        yield Chunk(
            name, body, zlib.crc32(name + body) == int.from_bytes(data[end - 4 : end], "big")
        )
        if name == b"IEND":
            return
        place = end


def _collected(data: bytes) -> _Parts:
    parts = _Parts()
    for chunk in _chunks(data):
        if isinstance(chunk, bytes):
            parts.torn = chunk
        elif chunk.name == b"acTL":
            parts.is_animated = not parts.has_pixels
        elif chunk.name in {b"fcTL", b"fdAT"}:
            _add_frame(parts, chunk)
        elif chunk.name in _DESCRIPTIONS:
            if not parts.has_pixels and chunk.is_sound:
                parts.described.setdefault(chunk.name, chunk.body)
        elif chunk.name in _PIXELS or chunk.name[:1].isupper():
            parts.head = parts.head or chunk.body
            parts.has_pixels |= chunk.name == b"IDAT"
            if chunk.is_sound or chunk.name != b"tRNS":
                parts.picture.append(chunk)
    return parts


def _add_frame(parts: _Parts, chunk: Chunk) -> None:
    """Note the frame that is shown first, unless it is the default image."""
    if chunk.name == b"fdAT":
        if parts.frame and parts.is_animated:
            parts.frame_data.append(chunk.body[4:])
    elif not parts.has_pixels or parts.frame_data:
        # The default image is the first frame, or the second frame begins: nothing more to note.
        parts.is_animated = False
    else:
        parts.frame = chunk.body


def _with_pixels(chunks: list[Chunk], size: bytes, pixels: list[bytes]) -> list[Chunk]:
    """``chunks`` of another picture: its ``size``, its ``pixels``."""
    head, *rest = chunks
    before = [chunk for chunk in rest if chunk.name not in {b"IDAT", b"IEND"}]
    return [
        Chunk(b"IHDR", size + head.body[8:], is_sound=True),
        *before,
        *(Chunk(b"IDAT", body, is_sound=True) for body in pixels),
        Chunk(b"IEND", b"", is_sound=True),
    ]


def _scaled(chunk: Chunk, head: bytes) -> Chunk:
    """The transparent level of ``chunk`` on the scale on which Pillow gives the pixels."""
    if chunk.name != b"tRNS" or len(head) < 10 or head[9] == _PALETTE:
        return chunk
    depth, colour = head[8], head[9]
    levels = [
        level for (level,) in struct.iter_unpack(">H", chunk.body[: len(chunk.body) // 2 * 2])
    ]
    if colour == _RGB and depth == 16:
        levels = [level >> 8 for level in levels]
    elif colour == _GREY and depth in {2, 4}:
        levels = [min(level, (1 << depth) - 1) * 255 // ((1 << depth) - 1) for level in levels]
    return Chunk(b"tRNS", struct.pack(f">{len(levels)}H", *levels), is_sound=True)


def _written(chunk: Chunk) -> bytes:
    check = zlib.crc32(chunk.name + chunk.body) ^ (not chunk.is_sound)
    return struct.pack(">I", len(chunk.body)) + chunk.name + chunk.body + struct.pack(">I", check)


def _descriptions(described: dict[bytes, bytes]) -> Iterator[Description]:
    """In the order in which Chromium believes them."""
    code_points = described.get(b"cICP", b"")
    if len(code_points) >= 4 and code_points[2:4] == b"\0\1":
        profile = profile_of_cicp(CodePoints(*code_points[:2]))
        if profile is not None:
            yield profile
    profile_bytes = _profile(described.get(b"iCCP", b""))
    if profile_bytes:
        yield profile_bytes
    if b"sRGB" in described:
        return
    gamma = int.from_bytes(described.get(b"gAMA", b"")[:4], "big") / 100_000
    chromaticities = described.get(b"cHRM", b"")[:32]
    if not gamma:
        return
    if len(chromaticities) == 32:
        numbers = [number / 100_000 for number in struct.unpack(">8I", chromaticities)]
        measured = chromatic_profile(numbers, 1 / gamma)
        if measured is not None:
            yield measured
            return
    if not _GAMMA_OF_SRGB[0] <= gamma <= _GAMMA_OF_SRGB[1]:
        plain = chromatic_profile(None, 1 / gamma)
        if plain is not None:
            yield plain


def _exif(body: bytes) -> bytes:
    """The EXIF data of an `eXIf`, which begin with the order of their bytes and nothing else."""
    return body if body[:2] in {b"II", b"MM"} else b""


def _profile(body: bytes) -> bytes:
    """The profile in an `iCCP`; empty where it cannot be unpacked, or is larger than any is."""
    _, _, packed = body.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MOST_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if unpacker.eof else b""
