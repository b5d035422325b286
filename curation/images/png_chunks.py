"""The chunks of a PNG: what a browser heeds of them, and the one picture that it shows first.

Everything else is left out before the file is decoded: text that unpacks to gigabytes, metadata
that are damaged, the later frames of an animation.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
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
_ONCE: Final = frozenset({b"IHDR", b"PLTE"})
_LEAST_TRANSPARENCY: Final = {_GREY: 2, _RGB: 6}
"""Bytes of a `tRNS`, by colour type."""
_MOST_COLOURS: Final = 256
_SAMPLES: Final = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, 6: 4}
_ADAM7: Final = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
                 (1, 0, 2, 1))  # fmt: skip
"""First row, first column, and the steps of both, of the passes of an interlaced picture."""
# Unpacked at once: 30 KB of zeros may stand for 30 MB of pixels, which are only counted here.
_AT_A_TIME: Final = 1 << 20
_GAMMA_OF_SRGB: Final = (0.43182, 0.47727)
"""A `gAMA` in between, within 5 % of 1 / 2.2, means sRGB where no `cHRM` stands beside it."""


class Chunk(NamedTuple):
    """One chunk."""

    name: bytes
    body: bytes
    is_sound: bool
    """Whether its checksum is right."""


class FrameArea(NamedTuple):
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
    place: FrameArea | None
    """None where the picture fills its canvas."""
    flaw: str | None
    """Why a browser draws nothing of it, whatever its pixels are."""


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
    is_interrupted: bool = False
    """Something stands behind the first pixels: pixels behind it belong to nothing."""
    flaw: str | None = None
    torn: bytes = b""
    """What is left of a chunk that the file does not hold to its end."""

    def holds(self, name: bytes) -> bool:
        """Whether there is such a chunk in the picture already."""
        return any(chunk.name == name for chunk in self.picture)


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
        place = FrameArea(canvas, left, top) if (width, height) != canvas else None
        chunks = _with_pixels(chunks, parts.frame[4:12], parts.frame_data)
    written = b"".join(map(_written, chunks))
    return Still(
        SIGNATURE + written + parts.torn,
        tuple(_descriptions(parts.described)),
        _exif(parts.described.get(b"eXIf", b"")),
        parts.head[9:10] == bytes([_GREY_ALPHA]),
        place,
        parts.flaw,
    )


def is_short(png: bytes) -> bool:
    """Whether the pixels of ``png``, which is whole, end before its last line.

    Decoders take such a file for a whole one whose last lines are black.
    """
    chunks = [chunk for chunk in _chunks(png) if isinstance(chunk, Chunk)]
    head = next((chunk.body for chunk in chunks if chunk.name == b"IHDR"), b"")
    if len(head) < 13:
        return False
    missing = _bytes_of_lines(head)
    unpacker = zlib.decompressobj()
    packed = b"".join(chunk.body for chunk in chunks if chunk.name == b"IDAT")
    while missing > 0 and packed and not unpacker.eof:
        try:
            missing -= len(unpacker.decompress(packed, _AT_A_TIME))
        except zlib.error:
            return False  # the decoder says so itself
        packed = unpacker.unconsumed_tail
    return missing > 0


def _bytes_of_lines(head: bytes) -> int:
    """Of all lines of the picture, each with the byte of its filter."""
    width, height, depth, colour = struct.unpack(">IIBB", head[:10])
    bits = depth * _SAMPLES.get(colour, 1)
    passes = _ADAM7 if head[12] else ((0, 0, 1, 1),)
    sizes = [(len(range(left, width, right)), len(range(top, height, down)))
             for top, left, down, right in passes]  # fmt: skip
    return sum(lines * (1 + (columns * bits + 7) // 8) for columns, lines in sizes if columns)


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
            _add_part(parts, chunk)
        parts.is_interrupted |= parts.has_pixels and not _is_pixels(chunk)
    if parts.head[9:10] == bytes([_PALETTE]):
        if any(chunk.name == b"PLTE" and len(chunk.body) >= 3 for chunk in parts.picture):
            parts.picture = list(_filled_up(parts.picture))
        else:
            parts.flaw = parts.flaw or "its palette is missing"
    return parts


def _is_pixels(chunk: Chunk | bytes) -> bool:
    return isinstance(chunk, Chunk) and chunk.name == b"IDAT"


def _add_part(parts: _Parts, chunk: Chunk) -> None:
    """Add a chunk without which there is no picture, as Chromium would heed it."""
    if chunk.name == b"tRNS" and not _is_heeded(parts, chunk):
        return
    if chunk.name not in _PIXELS and not parts.has_pixels:
        parts.flaw = parts.flaw or f"an unknown chunk {chunk.name.decode('latin-1')!r} that matters"
    if chunk.name in _ONCE and parts.holds(chunk.name):
        parts.flaw = parts.flaw or f"two {chunk.name.decode()}"
    if chunk.name == b"IDAT" and parts.is_interrupted:
        return
    if chunk.name == b"PLTE" and parts.has_pixels:
        return
    parts.head = parts.head or chunk.body
    parts.has_pixels |= chunk.name == b"IDAT"
    parts.picture.append(chunk)


def _is_heeded(parts: _Parts, chunk: Chunk) -> bool:
    """Whether what ``chunk`` says of transparency counts: whole, once, where it belongs."""
    colour = parts.head[9] if len(parts.head) > 9 else _RGB
    if not chunk.is_sound or parts.has_pixels or parts.holds(b"tRNS"):
        return False
    if colour == _PALETTE:
        return parts.holds(b"PLTE")
    return len(chunk.body) >= _LEAST_TRANSPARENCY.get(colour, 0)


def _filled_up(chunks: Sequence[Chunk]) -> Iterator[Chunk]:
    """``chunks`` with a palette for every index: those beyond its colours have the last one's."""
    colours = next((len(chunk.body) // 3 for chunk in chunks if chunk.name == b"PLTE"), 0)
    for chunk in chunks:
        width = {b"PLTE": 3, b"tRNS": 1}.get(chunk.name)
        if width is None or not chunk.is_sound or len(chunk.body) < width * colours:
            yield chunk
        else:
            body = chunk.body[: width * colours]
            yield chunk._replace(body=body + body[-width:] * (_MOST_COLOURS - colours))


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
    profile_bytes = _embedded_profile(described.get(b"iCCP", b""))
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


def _embedded_profile(body: bytes) -> bytes:
    """The profile in an `iCCP`; empty where it cannot be unpacked, or is larger than any is."""
    _, _, packed = body.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MOST_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if unpacker.eof else b""
