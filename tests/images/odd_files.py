"""Image files that are well formed and seldom, or damaged where a browser does not mind or does."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from pipeline.core.shards import Pixels
from tests.curation.pictures import composition, encoded
from tests.images import profiles
from tests.images.files import (
    SIZE,
    Chunk,
    Samples,
    alpha,
    chunk,
    exif,
    grey,
    iccp,
    jpeg,
    picture,
    png,
    rgb,
    sixteen,
    ycck_jpeg,
)

_HEIGHT, _WIDTH = SIZE[1], SIZE[0]
_P3: Final = profiles.rgb_profile(profiles.DISPLAY_P3, profiles.srgb_curve, "Display P3")


def odd_files() -> Iterator[tuple[str, bytes]]:
    """All of them, by what is special about each."""
    for part in (_pngs, _palettes, _gifs, _webps, _bmps, _jpegs):
        yield from part()


def _parts(parts: Iterable[Chunk]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in parts)


def _head(colour: int = 2, depth: int = 8) -> Chunk:
    return b"IHDR", struct.pack(">IIBBBBB", *SIZE, depth, colour, 0, 0, 0)


def _lines(samples: Samples) -> bytes:
    return b"".join(b"\0" + line.astype(np.uint8).tobytes() for line in samples)


def _broken(data: bytes, name: bytes) -> bytes:
    """A PNG whose last chunk of that name has a wrong checksum."""
    place = data.rindex(name)
    length = int.from_bytes(data[place - 4 : place], "big")
    end = place + 4 + length
    return data[:end] + bytes([data[end] ^ 1]) + data[end + 1 :]


def _pngs() -> Iterator[tuple[str, bytes]]:
    packed, end = zlib.compress(_lines(rgb())), (b"IEND", b"")
    half = len(packed) // 2
    both = np.concatenate([rgb(), alpha()], axis=2)
    for unknown in ("ABCD", "IDAX", "CgBI"):
        strange = (unknown.encode(), b"anything")
        yield f"PNG, unknown {unknown} before", png(rgb(), 2, chunks=[strange])
        yield f"PNG, unknown {unknown} behind", png(rgb(), 2, after=[strange])
    strange = (b"ABCD", b"anything")
    yield "PNG, unknown ABCD first", _parts([strange, _head(), (b"IDAT", packed), end])
    yield (
        "PNG, unknown ABCD between",
        _parts([_head(), (b"IDAT", packed[:half]), strange, (b"IDAT", packed[half:]), end]),
    )
    yield (
        "PNG, unknown ABCD with a wrong checksum",
        _broken(png(rgb(), 2, chunks=[strange]), b"ABCD"),
    )
    yield "PNG, a name of no letters", png(rgb(), 2, chunks=[(b"a1b2", b"anything")])
    yield "PNG, unknown abcd before", png(rgb(), 2, chunks=[(b"abcd", b"anything")])
    yield (
        "PNG, text between the pixels",
        _parts(
            [_head(), (b"IDAT", packed[:half]), (b"tEXt", b"a\0b"), (b"IDAT", packed[half:]), end]
        ),
    )
    plain = png(rgb(), 2, chunks=[(b"tEXt", b"Title\0word")])
    for name in (b"IHDR", b"IDAT", b"IEND", b"tEXt"):
        yield f"PNG, wrong checksum of {name.decode()}", _broken(plain, name)
    yield "PNG, no pixels", _parts([_head(), end])
    yield "PNG, empty pixels first", _parts([_head(), (b"IDAT", b""), (b"IDAT", packed), end])
    single = [(b"IDAT", packed[n : n + 1]) for n in range(len(packed))]
    yield "PNG, a byte a chunk", _parts([_head(), *single, end])
    yield "PNG, pixels and more", _parts([_head(), (b"IDAT", packed + b"more"), end])
    more = zlib.compress(_lines(rgb()) + bytes(999))
    yield "PNG, lines and more", _parts([_head(), (b"IDAT", more), end])
    yield "PNG, a wrong sum of the pixels", _parts([_head(), (b"IDAT", packed[:-1] + b"x"), end])
    yield "PNG, no sum of the pixels", _parts([_head(), (b"IDAT", packed[:-4]), end])
    yield "PNG, half the pixels", _parts([_head(), (b"IDAT", packed[:half]), end])
    short = zlib.compress(_lines(rgb()[: _HEIGHT // 2]))
    yield "PNG, half the lines", _parts([_head(), (b"IDAT", short), end])
    filters = b"\5" + _lines(rgb())[1:]
    yield "PNG, an unknown filter", _parts([_head(), (b"IDAT", zlib.compress(filters)), end])
    yield "PNG, cut", png(rgb(), 2)[: len(packed) // 2]
    yield "PNG, interlaced, cut", png(rgb(), 2, interlaced=True)[: len(packed) // 2]
    yield "PNG, two heads", _parts([_head(), _head(), (b"IDAT", packed), end])
    for depth, samples in ((8, both), (16, sixteen(both))):
        wrong = (b"tRNS", bytes(6))
        yield f"PNG, {depth}-bit RGBA and tRNS", png(samples, 6, depth, [wrong])
    yield "PNG, RGB and a short tRNS", png(rgb(), 2, chunks=[(b"tRNS", b"\0\0")])
    yield "PNG, RGB and an empty tRNS", png(rgb(), 2, chunks=[(b"tRNS", b"")])
    few = (rgb() >> 6 << 6).astype(np.uint16)
    clear = (b"tRNS", struct.pack(">3H", *few[40, 50]))
    yield "PNG, RGB and a long tRNS", png(few, 2, chunks=[(b"tRNS", clear[1] + b"\0\0")])
    yield "PNG, RGB and two tRNS", png(few, 2, chunks=[clear, (b"tRNS", bytes(6))])
    yield "PNG, RGB and tRNS behind", png(few, 2, after=[clear])
    high = (b"tRNS", struct.pack(">3H", *(few[40, 50] + 256)))
    yield "PNG, RGB and tRNS of more bits", png(few, 2, chunks=[high])
    levels = (grey() >> 4).astype(np.uint16)
    high = (b"tRNS", struct.pack(">H", levels[40, 50, 0] + 16))
    yield "PNG, 4-bit grey and tRNS of more bits", png(levels, 0, 4, [high])
    wide = sixteen(few) + 3
    near = (b"tRNS", struct.pack(">3H", *(wide[40, 50] + 1)))
    yield "PNG, 16-bit RGB and tRNS one level off", png(wide, 2, 16, [near])
    for kind, samples, colour, bits in (
        ("RGB", rgb(), 2, b"\5\6\5"), ("grey", grey(), 0, b"\4"), ("RGBA", both, 6, b"\5\5\5\1"),
    ):  # fmt: skip
        yield f"PNG, {kind} and sBIT", png(samples, colour, chunks=[(b"sBIT", bits)])
    yield "PNG, 16-bit RGB and sBIT", png(sixteen(rgb()), 2, 16, [(b"sBIT", b"\x0a\x0a\x0a")])
    yield "PNG, sBIT of nothing", png(rgb(), 2, chunks=[(b"sBIT", b"\0\0\0")])
    yield "PNG, pixels that are not square", png(rgb(), 2, chunks=[
        (b"pHYs", struct.pack(">IIB", 1, 2, 0))])  # fmt: skip
    body = exif(6).removeprefix(b"Exif\0\0")
    yield (
        "PNG, eXIf with a wrong checksum",
        _broken(png(rgb(), 2, chunks=[(b"eXIf", body)]), b"eXIf"),
    )
    yield "PNG, two eXIf", png(rgb(), 2, chunks=[
        (b"eXIf", body), (b"eXIf", exif(3).removeprefix(b"Exif\0\0"))])  # fmt: skip
    yield "PNG, two profiles", png(rgb(), 2, chunks=[
        iccp(_P3), iccp(profiles.rgb_profile(profiles.SRGB, 1.0))])  # fmt: skip
    yield "PNG, a profile behind the palette", png(rgb(), 2, chunks=[
        (b"PLTE", bytes(9)), iccp(profiles.rgb_profile(profiles.SRGB, 1.0))])  # fmt: skip
    pixel = np.full((1, 1, 3), 90, np.uint16)
    yield "PNG, one pixel", png(pixel, 2)
    yield "PNG, one pixel, interlaced", png(pixel, 2, interlaced=True)


def _palettes() -> Iterator[tuple[str, bytes]]:
    image = picture().quantize(40)
    colours = bytes(image.getpalette() or ())[:120]
    indices = np.asarray(image).astype(np.uint16)[..., None]
    beyond = indices.copy()
    beyond[20:50, 30:70] = 200
    few = bytes(picture().quantize(9).getpalette() or ())[:27]
    nine = np.asarray(picture().quantize(9)).astype(np.uint16)[..., None]
    for name, samples, depth, plte in (
        ("8-bit", beyond, 8, colours), ("4-bit", np.where(nine > 7, 15, nine), 4, few),
        ("2-bit", nine % 4, 2, few[:9]), ("1-bit", nine % 2, 1, few[:3]),
    ):  # fmt: skip
        start: list[Chunk] = [(b"PLTE", plte)]
        clear: Chunk = (b"tRNS", bytes([90, 200]))
        yield f"PNG, {name} palette, too few colours", png(samples, 3, depth, start)
        yield f"PNG, {name} palette, too few, some clear", png(samples, 3, depth, [*start, clear])
        yield (
            f"PNG, {name} palette, too few, interlaced",
            png(samples, 3, depth, start, interlaced=True),
        )
        yield (
            f"PNG, {name} palette, too few; profile",
            png(samples, 3, depth, [iccp(_P3), *start]),
        )
    yield "PNG, a palette for none", png(indices, 3)
    yield "PNG, an empty palette", png(indices, 3, chunks=[(b"PLTE", b"")])
    yield "PNG, a palette of 41 and a third", png(indices, 3, chunks=[(b"PLTE", colours + b"abcd")])
    yield "PNG, two palettes", png(indices, 3, chunks=[(b"PLTE", colours), (b"PLTE", bytes(120))])
    yield "PNG, a palette behind", png(indices, 3, after=[(b"PLTE", colours)])
    yield "PNG, 4-bit palette of 40", png(nine, 3, 4, [(b"PLTE", colours)])
    yield "PNG, a palette of 300", png(indices, 3, chunks=[(b"PLTE", colours + bytes(780))])
    yield "PNG, palette, tRNS longer", png(indices, 3, chunks=[
        (b"PLTE", colours), (b"tRNS", bytes([9] * 90))])  # fmt: skip
    yield "PNG, palette, tRNS first", png(indices, 3, chunks=[
        (b"tRNS", bytes([9] * 9)), (b"PLTE", colours)])  # fmt: skip
    broken = png(indices, 3, chunks=[(b"PLTE", colours), (b"tRNS", bytes([9] * 9))])
    yield "PNG, wrong checksum of PLTE", _broken(broken, b"PLTE")
    yield "PNG, wrong checksum of tRNS", _broken(broken, b"tRNS")
    yield "PNG, palette and a background", png(indices, 3, chunks=[
        (b"PLTE", colours), (b"tRNS", bytes([9] * 9)), (b"bKGD", b"\1")])  # fmt: skip
    yield "PNG, grey and a palette", png(grey(), 0, chunks=[(b"PLTE", colours)])
    yield "PNG, RGB and a palette", png(rgb(), 2, chunks=[(b"PLTE", colours)])


def _gif(
    *,
    screen: tuple[int, int] = SIZE,
    place: tuple[int, int] = (0, 0),
    local: bool = False,
    shared: bool = True,
    clear: int | None = None,
    background: int = 0,
    colours: int = 64,
    kept: int | None = None,
    disposal: int = 0,
    frames: int = 1,
    version: bytes = b"89a",
    end: bytes = b";",
) -> bytes:
    """A GIF put together block by block."""
    image = picture().quantize(colours)
    table = (bytes(image.getpalette() or ()) + bytes(768))[: 3 * (kept or colours)]
    size = (kept or colours).bit_length() - 2
    source = encoded(image, "GIF")
    start = source.index(b",\0\0\0\0")
    pixels = source[start + 10 : -1]
    if source[start + 9] & 0x80:
        pixels = pixels[3 * 2 ** ((source[start + 9] & 7) + 1) :]
    flags = (0x80 | size) if shared else 0
    data = b"GIF" + version + struct.pack("<HHBBB", *screen, flags | 0x70, background, 0)
    data += table if shared else b""
    for number in range(frames):
        control = disposal << 2 | (clear is not None)
        data += b"!\xf9\4" + struct.pack("<BHB", control, 9, clear or 0) + b"\0"
        own = (table if not number else bytes(255 - level for level in table)) if local else b""
        data += b"," + struct.pack("<HHHHB", *place, *SIZE, (0x80 | size) if local else 0) + own
        data += pixels
    return data + end


def _gifs() -> Iterator[tuple[str, bytes]]:
    larger, smaller = (_WIDTH + 24, _HEIGHT + 12), (_WIDTH - 30, _HEIGHT - 20)
    yield "GIF, its own palette alone", _gif(local=True, shared=False)
    yield "GIF, both palettes", _gif(local=True)
    yield "GIF, no palette", _gif(shared=False)
    yield "GIF, too few colours", _gif(kept=16)
    yield "GIF, a larger screen", _gif(screen=larger)
    yield "GIF, a larger screen, a background", _gif(screen=larger, background=5)
    yield "GIF, a larger screen, clear", _gif(screen=larger, background=5, clear=5)
    yield "GIF, a larger screen, in the middle", _gif(screen=larger, place=(12, 6), background=5)
    yield "GIF, a smaller screen", _gif(screen=smaller)
    yield "GIF, a smaller screen, moved", _gif(screen=smaller, place=(10, 10))
    yield "GIF, beyond the screen", _gif(place=(30, 20))
    yield "GIF, no screen", _gif(screen=(0, 0))
    yield "GIF, clear where few colours are", _gif(clear=70)
    yield "GIF, a background beyond the palette", _gif(screen=larger, background=200)
    for disposal in (1, 2, 3):
        yield (
            f"GIF, moving, disposal {disposal}",
            _gif(frames=3, local=True, disposal=disposal, clear=3),
        )
    yield "GIF, 87a", _gif(version=b"87a")
    yield "GIF, another version", _gif(version=b"90x")
    yield "GIF, no end", _gif(end=b"")
    yield "GIF, cut", _gif()[:-900]
    yield "GIF, moving, its second frame cut", _gif(frames=2)[:-900]
    remark = b"!\xfe\5words\0"
    whole = _gif()
    place = whole.index(b"!\xf9")
    yield "GIF, a remark", whole[:place] + remark + whole[place:]
    yield "GIF, an unknown block", whole[:place] + b"?" + whole[place:]


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _24(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


def _webps() -> Iterator[tuple[str, bytes]]:
    lossy = encoded(picture(), "WEBP", quality=90)
    lossless = encoded(picture(), "WEBP", lossless=True)
    bodies = {"lossy": (b"VP8 ", lossy[20:]), "lossless": (b"VP8L", lossless[20:])}

    def extended(flags: int, size: tuple[int, int] = SIZE) -> tuple[bytes, bytes]:
        return b"VP8X", struct.pack("<I", flags) + _24(size[0] - 1) + _24(size[1] - 1)

    larger = (_WIDTH + 24, _HEIGHT + 12)
    for name, body in bodies.items():
        frame = _24(6) + _24(3) + _24(_WIDTH - 1) + _24(_HEIGHT - 1) + _24(90) + b"\0"
        frame += body[0] + struct.pack("<I", len(body[1])) + body[1] + b"\0" * (len(body[1]) % 2)
        animation = (b"ANIM", b"\x20\x90\xf0\xff\0\0")
        yield (
            f"WebP, {name}, a frame in a corner",
            _riff(extended(2, larger), animation, (b"ANMF", frame), (b"ANMF", frame)),
        )
        yield (
            f"WebP, {name}, a frame in a corner, alpha",
            _riff(extended(18, larger), animation, (b"ANMF", frame)),
        )
        yield f"WebP, {name}, profile unannounced", _riff(extended(0), (b"ICCP", _P3), body)
        yield f"WebP, {name}, EXIF unannounced", _riff(extended(0), body, (b"EXIF", exif(6)))
        raw = exif(6).removeprefix(b"Exif\0\0")
        yield f"WebP, {name}, EXIF without a prefix", _riff(extended(8), body, (b"EXIF", raw))
        yield f"WebP, {name}, EXIF first", _riff(extended(8), (b"EXIF", raw), body)
        yield f"WebP, {name}, profile behind", _riff(extended(32), body, (b"ICCP", _P3))
        yield f"WebP, {name}, another size", _riff(extended(0, larger), body)
        yield f"WebP, {name}, an unknown part", _riff(extended(0), (b"ABCD", b"words"), body)
        yield f"WebP, {name}, a trailer", _riff(body) + b"anything" * 99
        yield f"WebP, {name}, cut", _riff(body)[:-300]
        whole = _riff(body)
        yield f"WebP, {name}, too long by its head", whole[:4] + b"\xff\xff\xff\0" + whole[8:]
        yield f"WebP, {name}, too short by its head", whole[:4] + b"\x20\0\0\0" + whole[8:]


def _bmp(
    rows: bytes,
    bits: int,
    *,
    head: int = 40,
    compression: int = 0,
    masks: Sequence[int] = (),
    palette: bytes = b"",
    height: int = _HEIGHT,
    gap: int = 0,
    used: int = 0,
) -> bytes:
    """A BMP put together field by field."""
    if head == 12:
        info = struct.pack("<IHHHH", 12, _WIDTH, height, 1, bits)
    else:
        info = struct.pack(
            "<IiiHHIIiiII", head, _WIDTH, height, 1, bits, compression, len(rows), 0, 0, used, 0
        )
    fields = struct.pack(f"<{len(masks)}I", *masks)
    info += fields if head == 40 else (fields + bytes(head))[: max(head - len(info), 0)]
    start = 14 + len(info) + len(palette) + gap
    return (
        b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + info + palette
        + bytes(gap) + rows
    )  # fmt: skip


def _padded(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + bytes(-len(line) % 4) for line in lines)


def _bmps() -> Iterator[tuple[str, bytes]]:
    upside = np.asarray(picture())[::-1]
    bgr = upside[..., ::-1]
    slope = np.broadcast_to(alpha().astype(np.uint8), (*upside.shape[:2], 1))
    bgra = np.concatenate([bgr, slope], axis=2)
    red, green, blue = (upside[..., n].astype(np.uint16) for n in range(3))
    rows_555 = ((red >> 3) << 10 | (green >> 3) << 5 | blue >> 3).astype("<u2").tobytes()
    rows_565 = ((red >> 3) << 11 | (green >> 2) << 5 | blue >> 3).astype("<u2").tobytes()
    rows_4444 = (0xA000 | (red >> 4) << 8 | (green >> 4) << 4 | blue >> 4).astype("<u2").tobytes()
    rgba = np.concatenate([upside, slope], axis=2).tobytes()
    plain, clear = bgra.tobytes(), np.concatenate([bgr, slope * 0], axis=2).tobytes()
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    yield "BMP, 16 bits", _bmp(rows_555, 16)
    yield "BMP, 16 bits, masks 555", _bmp(rows_555, 16, compression=3, masks=(0x7C00, 0x3E0, 0x1F))
    yield "BMP, 16 bits, masks 565", _bmp(rows_565, 16, compression=3, masks=(0xF800, 0x7E0, 0x1F))
    yield (
        "BMP, 16 bits, masks 4444",
        _bmp(rows_4444, 16, head=56, compression=3, masks=(0xF00, 0xF0, 0xF, 0xF000)),
    )
    yield "BMP, 32 bits, a slope", _bmp(plain, 32)
    yield "BMP, 32 bits, zeros", _bmp(clear, 32)
    yield "BMP, 32 bits, masks", _bmp(plain, 32, compression=3, masks=masks[:3])
    yield "BMP, 32 bits, masks and alpha", _bmp(plain, 32, head=56, compression=3, masks=masks)
    yield "BMP, 32 bits, version 4", _bmp(plain, 32, head=108, compression=3, masks=masks)
    yield "BMP, 32 bits, version 5", _bmp(plain, 32, head=124, compression=3, masks=masks)
    yield (
        "BMP, 32 bits, RGBA masks",
        _bmp(rgba, 32, head=108, compression=3, masks=(0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    )
    yield "BMP, 32 bits, alpha all clear", _bmp(clear, 32, head=56, compression=3, masks=masks)
    tall = (*masks[:3], 0)
    yield (
        "BMP, 32 bits, version 4 without alpha",
        _bmp(plain, 32, head=108, compression=3, masks=tall),
    )
    ten = ((red.astype(np.uint32) << 2) << 20 | (green.astype(np.uint32) << 2) << 10
           | blue.astype(np.uint32) << 2).astype("<u4").tobytes()  # fmt: skip
    yield (
        "BMP, 32 bits, ten a colour",
        _bmp(ten, 32, compression=3, masks=(0x3FF00000, 0xFFC00, 0x3FF)),
    )
    lines = _padded(line.tobytes() for line in bgr)
    yield "BMP, from the top", _bmp(_padded(line.tobytes() for line in bgr[::-1]), 24,
                                    height=-_HEIGHT)  # fmt: skip
    yield "BMP, OS/2", _bmp(lines, 24, head=12)
    yield "BMP, OS/2 version 2", _bmp(lines, 24, head=64)
    yield "BMP, a gap", _bmp(lines, 24, gap=99)
    yield "BMP, cut", _bmp(lines, 24)[:-5000]
    yield from _bmp_palettes()


def _bmp_palettes() -> Iterator[tuple[str, bytes]]:
    image = picture().quantize(16)
    upside = np.asarray(image)[::-1]
    table = np.asarray(image.getpalette() or (), np.uint8)[:48].reshape(16, 3)[:, ::-1]
    four = np.concatenate([table, np.zeros((16, 1), np.uint8)], axis=1).tobytes()
    halves = (upside[:, ::2] << 4 | upside[:, 1::2]).astype(np.uint8)
    yield "BMP, 4 bits", _bmp(_padded(map(bytes, halves)), 4, palette=four, used=16)
    yield (
        "BMP, OS/2, 4 bits",
        _bmp(_padded(map(bytes, halves)), 4, head=12, palette=table.tobytes()),
    )
    yield "BMP, 8 bits, 16 colours", _bmp(_padded(map(bytes, upside)), 8, palette=four, used=16)
    yield (
        "BMP, 8 bits, too few colours",
        _bmp(_padded(map(bytes, upside)), 8, palette=four[:32], used=8),
    )
    yield "BMP, 2 bits", _bmp(_padded(map(bytes, _quarters(upside % 4))), 2,
                              palette=four[:16], used=4)  # fmt: skip
    runs = b"".join(
        b"".join(bytes([1, index]) for index in line) + b"\0\0" for line in upside.tolist()
    )
    yield "BMP, RLE8", _bmp(runs + b"\0\1", 8, compression=1, palette=four, used=16)
    yield "BMP, RLE8, no end", _bmp(runs, 8, compression=1, palette=four, used=16)
    yield (
        "BMP, RLE8, half",
        _bmp(runs[: len(runs) // 2] + b"\0\1", 8, compression=1, palette=four, used=16),
    )
    moved = b"\0\2\x0a\x0a" + runs[: len(runs) // 2] + b"\0\1"
    yield "BMP, RLE8, moved", _bmp(moved, 8, compression=1, palette=four, used=16)
    absolute = b"".join(bytes([0, _WIDTH, *line, 0, 0]) for line in upside.tolist())
    yield (
        "BMP, RLE8, as they are",
        _bmp(absolute + b"\0\1", 8, compression=1, palette=four, used=16),
    )
    runs = b"".join(
        b"".join(bytes([2, pair]) for pair in line) + b"\0\0" for line in halves.tolist()
    )
    yield "BMP, RLE4", _bmp(runs + b"\0\1", 4, compression=2, palette=four, used=16)


def _quarters(indices: Pixels) -> Pixels:
    parts = [indices[:, n::4].astype(np.uint16) << (6 - 2 * n) for n in range(4)]
    packed: Samples = np.bitwise_or.reduce(parts)
    return packed.astype(np.uint8)


def _segment(mark: int, body: bytes) -> bytes:
    return bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body


def _with_segments(data: bytes, *segments: bytes) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


def _profile_parts(profile: bytes, order: Sequence[int], of: int) -> list[bytes]:
    step = -(-len(profile) // of)
    return [
        _segment(
            0xE2, b"ICC_PROFILE\0" + bytes([n, of]) + profile[(n - 1) * step : n * step]
        )
        for n in order
    ]  # fmt: skip


def _adobe(transform: int) -> bytes:
    return _segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def _without(data: bytes, marks: Sequence[int]) -> bytes:
    """A JPEG without its application's segments of those marks."""
    kept, place = data[:2], 2
    while data[place + 1] != 0xDA:
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        kept += b"" if data[place + 1] in marks else data[place:end]
        place = end
    return kept + data[place:]


def _jpegs() -> Iterator[tuple[str, bytes]]:
    linear = profiles.rgb_profile(profiles.SRGB, 1.0, "linear")
    whole, bare = jpeg(), _without(jpeg(), (0xE0, 0xEE))
    for name, order, of in (
        ("in order", (1, 2, 3), 3), ("in another order", (3, 1, 2), 3), ("one missing", (1, 3), 3),
        ("one twice", (1, 2, 2, 3), 3), ("numbered from nothing", (0, 1), 2),
        ("beyond the count", (1, 2, 3), 2),
    ):  # fmt: skip
        yield f"JPEG, a profile, {name}", _with_segments(whole, *_profile_parts(linear, order, of))
    for transform in (0, 1, 2):
        yield f"JPEG, YCbCr, Adobe {transform}", _with_segments(bare, _adobe(transform))
    stored_rgb = _without(jpeg(keep_rgb=True), (0xE0, 0xEE))
    for transform in (0, 1):
        yield f"JPEG, RGB, Adobe {transform}", _with_segments(stored_rgb, _adobe(transform))
    frame = stored_rgb.index(b"\xff\xc0") + 10
    scan = stored_rgb.index(b"\xff\xda") + 5
    numbered = bytearray(stored_rgb)
    for place in range(3):
        numbered[frame + 3 * place] = numbered[scan + 2 * place] = place + 1
    yield "JPEG, RGB called 1, 2, 3", bytes(numbered)
    for place in range(3):
        numbered[frame + 3 * place] = numbered[scan + 2 * place] = place
    yield "JPEG, RGB called 0, 1, 2", bytes(numbered)
    yield "JPEG, YCbCr without JFIF", bare
    for base, data in (("CMYK", jpeg("CMYK")), ("YCCK", ycck_jpeg())):
        without = _without(data, (0xE0, 0xEE))
        for transform in (0, 2):
            yield f"JPEG, {base}, Adobe {transform}", _with_segments(without, _adobe(transform))
        yield f"JPEG, {base}, neither JFIF nor Adobe", without
        parts = _profile_parts(profiles.cmyk_profile(), (1, 2), 2)
        yield f"JPEG, {base}, no Adobe but a profile", _with_segments(without, *parts)
    whole_progressive = jpeg(progressive=True)
    yield "JPEG, progressive, cut", whole_progressive[: len(whole_progressive) // 2]
    yield "JPEG, cut", whole[: len(whole) // 2]
    for name, mark in (("arithmetic", 0xC9), ("lossless", 0xC3), ("extended", 0xC1)):
        place = whole.index(b"\xff\xc0")
        yield f"JPEG, {name} by its mark", whole[: place + 1] + bytes([mark]) + whole[place + 2 :]
    restarts = jpeg(restart_marker_blocks=3)
    marks = [n for n in range(len(restarts) - 1) if restarts[n] == 0xFF
             and 0xD0 <= restarts[n + 1] <= 0xD7]  # fmt: skip
    lost = marks[len(marks) // 2]
    yield "JPEG, a restart missing", restarts[:lost] + restarts[lost + 2 :]
    wrong = bytes([0xD0 + (restarts[lost + 1] - 0xD0 + 3) % 8])
    yield "JPEG, a restart misnumbered", restarts[: lost + 1] + wrong + restarts[lost + 2 :]
    middle = (whole.index(b"\xff\xda") + len(whole)) // 2
    yield "JPEG, zeros in its middle", whole[:middle] + bytes(40) + whole[middle + 40 :]
    yield "JPEG, filled up between marks", whole[:2] + b"\xff" * 9 + whole[2:]
    yield "JPEG, something before it", b"\0\0" + whole
    yield "JPEG, no tables", _without(whole, (0xC4,))
    yield (
        "JPEG, EXIF twice",
        _with_segments(
            whole,
            _segment(0xE1, b"Exif\0\0" + exif(6)[6:]),
            _segment(0xE1, b"Exif\0\0" + exif(3)[6:]),
        ),
    )
    large = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + bytes(4)
    yield "JPEG, EXIF the other way round", _with_segments(whole, _segment(0xE1, large))
    as_long = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\1" + struct.pack(">HHII", 0x0112, 4, 1, 6) + bytes(4)
    yield "JPEG, EXIF in a long number", _with_segments(whole, _segment(0xE1, as_long))
    yield "JPEG, EXIF behind the tables", _behind_tables(whole, _segment(0xE1, exif(6)))
    odd = picture().resize((97, 71))
    for sampling in ("4:2:0", "4:2:2", "4:1:1"):
        yield (
            f"JPEG, {sampling} of an odd size",
            encoded(odd, "JPEG", quality=95, subsampling=sampling),
        )
    yield "JPEG, one pixel", encoded(picture().resize((1, 1)), "JPEG")
    yield "JPEG, a film of pictures", whole + jpeg(quality=20)
    yield "JPEG, another picture", encoded(composition(8, SIZE), "JPEG", quality=95)


def _behind_tables(data: bytes, segment: bytes) -> bytes:
    place = data.index(b"\xff\xda")
    return data[:place] + segment + data[place:]
