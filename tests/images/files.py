"""Image files of every kind that the web serves, made from one picture; none is a real one."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.curation.pictures import composition, encoded

SIZE: Final = (96, 72)
ADAM7: Final = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
                (1, 0, 2, 1))  # fmt: skip
"""First row, first column, and the steps of both, of the passes of an interlaced PNG."""
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ORIENTATION: Final = 0x0112
Chunk = tuple[bytes, bytes]
Samples = npt.NDArray[np.uint16]


@cache
def picture() -> Image.Image:
    """The one picture: no two quarters alike, so that no turn goes unnoticed."""
    return composition(3, SIZE)


def rgb() -> Samples:
    """The picture as 8-bit samples (h, w, 3)."""
    return np.asarray(picture()).astype(np.uint16)


def grey() -> Samples:
    """Its luminance (h, w, 1)."""
    return np.asarray(picture().convert("L")).astype(np.uint16)[..., None]


def alpha() -> Samples:
    """A slope from clear to opaque (h, w, 1)."""
    return np.broadcast_to(np.linspace(0, 255, SIZE[0]).astype(np.uint16), SIZE[::-1])[..., None]


def sixteen(samples: Samples) -> Samples:
    """8-bit samples as 16-bit ones."""
    return samples * np.uint16(257)


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _packed(samples: Samples, depth: int) -> bytes:
    """The scan lines of ``samples`` (h, w, c), unfiltered."""
    if 0 in samples.shape:
        return b""
    if depth == 16:
        lines = samples.astype(">u2").reshape(len(samples), -1).view(np.uint8)
    else:
        bits = np.unpackbits(samples.astype(np.uint8)[..., None], axis=-1)[..., 8 - depth :]
        lines = np.packbits(bits.reshape(len(samples), -1), axis=1)
    return b"".join(b"\0" + line.tobytes() for line in lines)


def png(
    samples: Samples,
    colour: int,
    depth: int = 8,
    chunks: Iterable[Chunk] = (),
    *,
    interlaced: bool = False,
    after: Iterable[Chunk] = (),
) -> bytes:
    """A PNG of ``samples`` (h, w, c), with ``chunks`` before its pixels and some ``after``."""
    height, width, channels = samples.shape
    assert channels == _CHANNELS[colour]
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    lines = b"".join(
        _packed(samples[top::down, left::right], depth) for top, left, down, right in passes
    )
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(lines)), *after, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in parts)


def png_header(width: int, height: int) -> bytes:
    """A PNG that states its size and has no pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IEND", b"")


def iccp(profile: bytes) -> Chunk:
    """The chunk iCCP."""
    return b"iCCP", b"profile\0\0" + zlib.compress(profile)


def exif(orientation: int) -> bytes:
    """EXIF data that say no more than the orientation."""
    data = Image.Exif()
    data[_ORIENTATION] = orientation
    return data.tobytes()


def xmp(orientation: int) -> bytes:
    """An XMP packet that says no more than the orientation."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        f'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{orientation}"/></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def jpeg(mode: str = "RGB", **options: object) -> bytes:
    """The picture as JPEG."""
    return encoded(picture().convert(mode), "JPEG", **{"quality": 95, **options})


def ycck_jpeg(**options: object) -> bytes:
    """The picture in four inks, stored as lightness, two hues, and black."""
    inks = np.asarray(picture().convert("CMYK")).copy()
    light = Image.fromarray(255 - inks[..., :3]).convert("YCbCr")
    stored = np.concatenate([255 - np.asarray(light), inks[..., 3:]], axis=2)
    data = encoded(Image.fromarray(stored, "CMYK"), "JPEG", quality=95, **options)
    adobe = data.index(b"Adobe")
    return data[: adobe + 11] + b"\2" + data[adobe + 12 :]


def without_segment(data: bytes, mark: int) -> bytes:
    """A JPEG without its first segment of that mark."""
    place = data.index(bytes([0xFF, mark]))
    length = int.from_bytes(data[place + 2 : place + 4], "big")
    return data[:place] + data[place + 2 + length :]


def nclx(data: bytes, primaries: int, transfer: int, matrix: int | None = None) -> bytes:
    """An AVIF file whose colour box says so; ``matrix`` None leaves how its samples are stored."""
    place = data.index(b"colrnclx") + 8
    stored = data[place + 4 : place + 6] if matrix is None else struct.pack(">H", matrix)
    return data[:place] + struct.pack(">HH", primaries, transfer) + stored + data[place + 6 :]


def apng(default_is_shown: bool, *, part: bool = False) -> bytes:
    """An APNG of two frames, with or without a still picture for who cannot show it move.

    Its first frame may be only a ``part`` of the canvas.
    """
    frames = [rgb()[30:60, 20:70] if part else rgb(), 255 - rgb()]
    bodies = [zlib.compress(_packed(frame, 8)) for frame in frames]
    still = zlib.compress(_packed(np.full_like(rgb(), 200), 8))
    numbers = iter(range(9))

    def control(frame: Samples, left: int = 0, top: int = 0) -> Chunk:
        shape = struct.pack(">IIIII", next(numbers), *frame.shape[1::-1], left, top)
        return b"fcTL", shape + struct.pack(">HHBB", 1, 10, 0, 0)

    parts: list[Chunk] = [(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 0))]
    parts.append((b"acTL", struct.pack(">II", 2, 0)))
    if default_is_shown:
        parts += [control(frames[0]), (b"IDAT", bodies[0])]
    else:
        parts += [(b"IDAT", still), control(frames[0], 20 * part, 30 * part)]
        parts.append((b"fdAT", struct.pack(">I", next(numbers)) + bodies[0]))
    parts.append(control(frames[1]))
    parts += [(b"fdAT", struct.pack(">I", next(numbers)) + bodies[1]), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in parts)


def gif_in_a_corner() -> bytes:
    """A GIF whose only frame leaves the left and the upper part of its screen free."""
    data = encoded(picture().quantize(64), "GIF")
    frame = data.index(b",\0\0\0\0")
    larger = struct.pack("<HH", SIZE[0] + 20, SIZE[1] + 10)
    return data[:6] + larger + data[10 : frame + 1] + b"\x14\0\x0a\0" + data[frame + 5 :]


def bmp_with_profile(profile: bytes) -> bytes:
    """A BMP (version 5) with an embedded profile."""
    width, height = SIZE
    pixels = np.asarray(picture())[::-1, :, ::-1].tobytes()
    size = 14 + 124 + len(pixels) + len(profile)
    head = b"BM" + struct.pack("<IHHI", size, 0, 0, 14 + 124)
    body = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    body += bytes(16) + b"DEBM" + bytes(36 + 12)
    body += struct.pack("<IIII", 4, 124 + len(pixels), len(profile), 0)
    return head + body + pixels + profile
