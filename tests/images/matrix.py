"""The files on which Salon is compared with Chromium: formats, colours, orientations."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from curation.images import optional_formats
from tests.curation.pictures import composition, encoded
from tests.images import profiles
from tests.images.files import (
    SIZE,
    Chunk,
    Samples,
    alpha,
    apng,
    bmp_with_profile,
    exif,
    gif_in_a_corner,
    grey,
    iccp,
    jpeg,
    nclx,
    picture,
    png,
    rgb,
    sixteen,
    without_segment,
    xmp,
    ycck_jpeg,
)
from tests.images.odd_files import odd_files

_P3: Final = profiles.rgb_profile(profiles.DISPLAY_P3, profiles.srgb_curve, "Display P3")
PROFILES: Final[dict[str, bytes]] = {
    "sRGB": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    "linear sRGB": profiles.rgb_profile(profiles.SRGB, 1.0, "Linear sRGB"),
    "Display P3": _P3,
    "Adobe RGB": profiles.rgb_profile(profiles.ADOBE_RGB, 563 / 256, "Adobe RGB (1998)"),
    "wide gamut": profiles.rgb_profile(profiles.WIDE, 1.8, "wide, not sRGB"),
    "linear grey": profiles.grey_profile(1.0),
    "grey 2.2": profiles.grey_profile(2.2),
    "press": profiles.cmyk_profile(),
    "noise": b"not a profile at all" * 9,
    "torn": _P3[:300],
}
"""By name; each is tried beside pixels of its own kind and of others."""

CHUNKS: Final[dict[str, list[Chunk]]] = {
    "gAMA 1.0": [profiles.gama(1.0)],
    "gAMA 0.45455": [profiles.gama(0.45455)],
    "gAMA 0.55": [profiles.gama(0.55)],
    "gAMA 0": [profiles.gama(0)],
    "cHRM of sRGB": [profiles.chrm(profiles.SRGB)],
    "cHRM of Display P3": [profiles.chrm(profiles.DISPLAY_P3)],
    "gAMA 0.45455 and cHRM of sRGB": [profiles.gama(0.45455), profiles.chrm(profiles.SRGB)],
    "gAMA 0.45455 and cHRM of P3": [profiles.gama(0.45455), profiles.chrm(profiles.DISPLAY_P3)],
    "gAMA 1.0 and cHRM of P3": [profiles.gama(1.0), profiles.chrm(profiles.DISPLAY_P3)],
    "gAMA and cHRM of nothing": [profiles.gama(0.45455), (b"cHRM", bytes(32))],
    "sRGB": [(b"sRGB", b"\0")],
    "sRGB and gAMA 1.0": [(b"sRGB", b"\0"), profiles.gama(1.0)],
    "gAMA 1.0 and sRGB": [profiles.gama(1.0), (b"sRGB", b"\0")],
    "gAMA 1.0 and a profile": [profiles.gama(1.0), iccp(_P3)],
    "sRGB and a profile": [(b"sRGB", b"\0"), iccp(_P3)],
    "gAMA 1.0 and no profile": [profiles.gama(1.0), iccp(PROFILES["noise"])],
    "cICP sRGB": [profiles.cicp(1, 13)],
    "cICP P3": [profiles.cicp(12, 13)],
    "cICP linear": [profiles.cicp(1, 8)],
    "cICP BT.709": [profiles.cicp(1, 1)],
    "cICP BT.2020": [profiles.cicp(9, 14)],
    "cICP gamma 2.2": [profiles.cicp(1, 4)],
    "cICP gamma 2.8": [profiles.cicp(5, 5)],
    "cICP SMPTE 240": [profiles.cicp(7, 7)],
    "cICP unspecified": [profiles.cicp(2, 2)],
    "cICP reserved": [profiles.cicp(3, 3)],
    "cICP narrow": [profiles.cicp(12, 13, 0, 0)],
    "cICP of YCbCr": [profiles.cicp(12, 13, 1)],
    "cICP P3 and gAMA 1.0": [profiles.cicp(12, 13), profiles.gama(1.0)],
    "cICP P3 and sRGB": [profiles.cicp(12, 13), (b"sRGB", b"\0")],
    "cICP sRGB and a profile": [profiles.cicp(1, 13), iccp(_P3)],
    "cICP reserved and a profile": [profiles.cicp(3, 3), iccp(_P3)],
    "cICP PQ": [profiles.cicp(9, 16)],
    "cICP HLG": [profiles.cicp(9, 18)],
    "cICP of films": [profiles.cicp(11, 17)],
    "cICP of 1953": [profiles.cicp(4, 4)],
    "gAMA 0.435": [profiles.gama(0.435)],
    "gAMA 0.48": [profiles.gama(0.48)],
    "two gAMA": [profiles.gama(1.0), profiles.gama(0.45455)],
    "gAMA 0.45455 and cHRM under another white": [
        profiles.gama(0.45455),
        profiles.chrm(profiles.WIDE),
    ],
}
"""What stands before the pixels of a PNG."""

NCLX: Final = {
    "sRGB": (1, 13), "P3": (12, 13), "linear": (1, 8), "BT.709": (1, 1), "BT.2020": (9, 14),
    "P3 linear": (12, 8), "unspecified": (2, 2), "gamma 2.2": (1, 4), "BT.601": (6, 6),
    "gamma 2.8": (5, 5), "reserved": (3, 3), "PQ": (9, 16), "HLG": (9, 18),
    "primaries alone": (12, 2), "curve alone": (2, 8), "films": (11, 17),
}  # fmt: skip


def _with_alpha(mode: str) -> Image.Image:
    image = picture().convert(mode)
    image.putalpha(Image.fromarray(alpha()[..., 0].astype(np.uint8)))
    return image


def _palette(colours: int) -> tuple[bytes, Samples]:
    """The colours and the indices (h, w, 1) of the picture in so many colours."""
    image = picture().quantize(colours)
    return bytes(image.getpalette() or ()), np.asarray(image).astype(np.uint16)[..., None]


def png_kinds() -> Iterator[tuple[str, Callable[[list[Chunk]], bytes]]]:
    """PNGs by how their pixels are stored, each to be written behind some chunks."""
    both = np.concatenate([rgb(), alpha()], axis=2)
    grey_both = np.concatenate([grey(), alpha()], axis=2)
    for interlaced in (False, True):
        suffix = ", interlaced" if interlaced else ""

        def kind(
            samples: Samples,
            colour: int,
            depth: int,
            before: list[Chunk] | None = None,
            interlaced: bool = interlaced,
        ) -> Callable[[list[Chunk]], bytes]:
            return lambda chunks: png(
                samples, colour, depth, [*chunks, *(before or [])], interlaced=interlaced
            )

        for depth in (1, 2, 4, 8):
            yield (
                f"{depth}-bit grey{suffix}",
                kind((grey() >> 8 - depth).astype(np.uint16), 0, depth),
            )
        yield f"16-bit grey{suffix}", kind(sixteen(grey()), 0, 16)
        for depth in (1, 2, 4, 8):
            colours, indices = _palette(2**depth)
            plte: list[Chunk] = [(b"PLTE", colours[: 3 * 2**depth])]
            yield f"{depth}-bit palette{suffix}", kind(indices, 3, depth, plte)
            clear = (b"tRNS", bytes(range(0, 250, 250 // 2 ** min(depth, 4)))[: 2**depth])
            yield (
                f"{depth}-bit palette, some clear{suffix}",
                kind(indices, 3, depth, [*plte, clear]),
            )
        yield f"8-bit RGB{suffix}", kind(rgb(), 2, 8)
        yield f"16-bit RGB{suffix}", kind(sixteen(rgb()), 2, 16)
        yield f"8-bit RGBA{suffix}", kind(both, 6, 8)
        yield f"16-bit RGBA{suffix}", kind(sixteen(both), 6, 16)
        yield f"8-bit grey and alpha{suffix}", kind(grey_both, 4, 8)
        yield f"16-bit grey and alpha{suffix}", kind(sixteen(grey_both), 4, 16)
        few = (rgb() >> 6 << 6).astype(np.uint16)
        clear_rgb = struct.pack(">3H", *few[40, 50])
        yield f"8-bit RGB, one colour clear{suffix}", kind(few, 2, 8, [(b"tRNS", clear_rgb)])
        clear_rgb = struct.pack(">3H", *sixteen(few)[40, 50])
        yield f"16-bit RGB, one clear{suffix}", kind(sixteen(few), 2, 16, [(b"tRNS", clear_rgb)])
        levels = (grey() >> 5 << 5).astype(np.uint16)
        clear_grey = struct.pack(">H", levels[40, 50, 0])
        yield f"8-bit grey, one clear{suffix}", kind(levels, 0, 8, [(b"tRNS", clear_grey)])
        clear_grey = struct.pack(">H", sixteen(levels)[40, 50, 0])
        yield (
            f"16-bit grey, one clear{suffix}",
            kind(sixteen(levels), 0, 16, [(b"tRNS", clear_grey)]),
        )
        for depth in (1, 2, 4):
            clear_grey = struct.pack(">H", (grey() >> (8 - depth))[40, 50, 0])
            yield (
                f"{depth}-bit grey, one clear{suffix}",
                kind((grey() >> 8 - depth).astype(np.uint16), 0, depth, [(b"tRNS", clear_grey)]),
            )


def _pngs(every: bool) -> Iterator[tuple[str, bytes]]:
    kinds = dict(png_kinds())
    for name, kind in kinds.items():
        yield f"PNG, {name}", kind([])
    profiled = ["8-bit RGB", "16-bit grey and alpha", "8-bit palette, some clear"]
    coloured = ["8-bit RGB", "8-bit grey and alpha"]
    if every:
        profiled = [name for name in kinds if "interlaced" not in name]
        coloured = ["8-bit RGB", "8-bit RGBA", "16-bit RGB", "8-bit grey", "8-bit grey and alpha",
                    "16-bit grey", "8-bit palette", "8-bit palette, some clear"]  # fmt: skip
    for name in profiled:
        for profile, data in PROFILES.items():
            yield f"PNG, {name}; profile {profile}", kinds[name]([iccp(data)])
    for name in coloured:
        for description, chunks in CHUNKS.items():
            yield f"PNG, {name}; {description}", kinds[name](chunks)
    for name in ("gAMA", "tEXt"):
        data = png(rgb(), 2, chunks=[profiles.gama(1.0), (b"tEXt", b"Title\0word")])
        place = data.index(name.encode()) + 8
        yield f"PNG, {name} damaged", data[:place] + b"\x11" + data[place + 1 :]
    yield "PNG, gAMA behind the pixels", png(rgb(), 2, after=[profiles.gama(1.0)])
    text = zlib.compress(b"A" * 2_000_000)
    yield "PNG, 2 MB of text", png(rgb(), 2, chunks=[(b"zTXt", b"Comment\0\0" + text)])
    yield "PNG, 2 MB of text behind", png(rgb(), 2, after=[
        (b"iTXt", b"Comment\0\1\0\0\0" + text)])  # fmt: skip
    large = profiles.rgb_profile(profiles.DISPLAY_P3, 1.0) + np.random.default_rng(1).bytes(
        1_500_000
    )
    large = struct.pack(">I", len(large)) + large[4:]
    yield "PNG, a profile of 1.5 MB", png(rgb(), 2, chunks=[iccp(large)])
    whole = png(rgb(), 2)
    yield "PNG, no end", whole[:-12]
    yield "PNG, a torn end", whole[:-4]
    yield "PNG, a trailer", whole + b"anything" * 99
    prefixed = png(rgb(), 2, chunks=[(b"eXIf", exif(6))])
    yield "PNG, eXIf with a prefix", prefixed
    yield (
        "PNG, a background",
        png(np.concatenate([rgb(), alpha()], axis=2), 6, chunks=[(b"bKGD", b"\0\xff\0\0\0\0")]),
    )
    yield "PNG, APNG", apng(True)
    yield "PNG, APNG with a hidden default", apng(False)
    yield "PNG, APNG whose first frame is a part", apng(False, part=True)


def _jpegs() -> Iterator[tuple[str, bytes]]:
    yield "JPEG, baseline", jpeg()
    yield "JPEG, progressive", jpeg(progressive=True)
    yield "JPEG, 4:4:4", jpeg(subsampling=0)
    yield "JPEG, 4:2:2", jpeg(subsampling=1)
    yield "JPEG, quality 10", jpeg(quality=10)
    yield "JPEG, RGB", jpeg(keep_rgb=True)
    yield "JPEG, restarts", jpeg(restart_marker_blocks=3)
    cmyk, ycck = jpeg("CMYK"), ycck_jpeg()
    yield "JPEG, CMYK", cmyk
    yield "JPEG, YCCK", ycck
    yield "JPEG, CMYK progressive", jpeg("CMYK", progressive=True)
    yield "JPEG, CMYK without Adobe", without_segment(cmyk, 0xEE)
    adobe = jpeg(keep_rgb=True)
    yield "JPEG, RGB without Adobe", without_segment(adobe, 0xEE)
    whole = jpeg()
    frame = whole.index(b"\xff\xc0")
    yield "JPEG, 12-bit", whole[: frame + 4] + b"\x0c" + whole[frame + 5 :]
    for mode in ("RGB", "L", "CMYK"):
        for profile, data in PROFILES.items():
            yield f"JPEG, {mode}; profile {profile}", jpeg(mode, icc_profile=data)
    yield "JPEG, YCCK; profile press", ycck_jpeg(icc_profile=PROFILES["press"])
    tail = bytes(range(256)) + b"\xff\xda" * 150
    yield "JPEG, a trailer", whole + tail
    yield "JPEG, progressive with a trailer", jpeg(progressive=True) + tail
    yield "JPEG, no end mark", whole[:-2]
    yield "JPEG, no end mark but a trailer", whole[:-2] + bytes(64) + tail
    yield "JPEG, no end mark but text", whole[:-2] + b"a trailer of words " * 9
    yield "JPEG, progressive, no end mark", jpeg(progressive=True)[:-2]
    yield "JPEG, progressive, no end mark but a trailer", jpeg(progressive=True)[:-2] + bytes(99)
    yield "JPEG, 4:1:1", jpeg(subsampling="4:1:1")
    yield "JPEG, CMYK, EXIF 6", jpeg("CMYK", exif=exif(6))
    yield "JPEG, two pictures", encoded(picture(), "MPO", save_all=True, quality=95,
                                        append_images=[composition(8, SIZE)])  # fmt: skip


def _others() -> Iterator[tuple[str, bytes]]:
    image = picture()
    frames = [composition(8, SIZE), composition(9, SIZE)]
    gif = image.quantize(255)
    yield "GIF", encoded(gif, "GIF")
    yield "GIF, clear", encoded(gif, "GIF", transparency=7)
    yield "GIF, interlaced", encoded(gif, "GIF", interlace=1)
    yield "GIF, moving", encoded(image, "GIF", save_all=True, append_images=frames, duration=90)
    yield "GIF, a trailer", encoded(gif, "GIF") + b"anything" * 99
    yield "GIF, one bit", encoded(image.convert("1"), "GIF")
    for name, options in (("lossy", {"quality": 90}), ("lossless", {"lossless": True})):
        yield f"WebP, {name}", encoded(image, "WEBP", **options)
        yield f"WebP, {name}, alpha", encoded(_with_alpha("RGB"), "WEBP", exact=True, **options)
        for profile, data in PROFILES.items():
            yield (
                f"WebP, {name}; profile {profile}",
                encoded(image, "WEBP", icc_profile=data, **options),
            )
    yield "WebP, moving", encoded(image, "WEBP", save_all=True, append_images=frames, duration=90)
    yield "WebP, moving, alpha", encoded(_with_alpha("RGB"), "WEBP", save_all=True, duration=90,
                                         append_images=frames)  # fmt: skip
    for depth, mode in ((24, "RGB"), (8, "L"), (8, "P"), (1, "1")):
        yield f"BMP, {mode} of {depth} bits", encoded(image.convert(mode), "BMP")
    yield "GIF, a frame in a corner", gif_in_a_corner()
    yield (
        "WebP, alpha and profile",
        encoded(
            _with_alpha("RGB"),
            "WEBP",
            lossless=True,
            exact=True,
            icc_profile=PROFILES["linear sRGB"],
        ),
    )
    yield "BMP, linear profile", bmp_with_profile(PROFILES["linear sRGB"])
    yield "BMP, RGBA", encoded(_with_alpha("RGB"), "BMP")
    for name, options in (("TIFF", {}), ("JPEG2000", {}), ("PPM", {})):
        yield name, encoded(image, name, **options)
    yield "ICO", encoded(image.resize((48, 48)), "ICO", sizes=[(16, 16), (48, 48)])


def _jxls() -> Iterator[tuple[str, bytes]]:
    for kind in optional_formats.OPTIONAL_FORMATS:
        assert optional_formats.prepare(kind), kind.package
    yield "JPEG XL", encoded(picture(), "JXL", quality=95)
    yield "JPEG XL, lossless", encoded(picture(), "JXL", lossless=True)
    yield "JPEG XL, grey", encoded(picture().convert("L"), "JXL", quality=95)
    yield "JPEG XL, alpha", encoded(_with_alpha("RGB"), "JXL", lossless=True)
    for number in (3, 6):
        data = encoded(picture(), "JXL", quality=95, exif=exif(number), use_container=True)
        yield f"JPEG XL; EXIF {number}", data


def _avifs() -> Iterator[tuple[str, bytes]]:
    image, fast = picture(), {"speed": 9, "quality": 95, "subsampling": "4:4:4", "max_threads": 1}
    for mode in ("RGB", "L"):
        plain = encoded(image.convert(mode), "AVIF", **fast)
        for name, codes in NCLX.items():
            yield f"AVIF, {mode}; nclx {name}", nclx(plain, *codes)
    yield "AVIF, 4:2:0", encoded(image, "AVIF", **{**fast, "subsampling": "4:2:0"})
    yield "AVIF, limited range", encoded(image, "AVIF", range="limited", **fast)
    yield "AVIF, BT.709 matrix", nclx(encoded(image, "AVIF", **fast), 1, 13, 1)
    yield "AVIF, identity matrix", nclx(encoded(image, "AVIF", **fast), 1, 13, 0)
    for mode in ("RGB", "L"):
        with_alpha = encoded(_with_alpha(mode), "AVIF", **fast)
        yield f"AVIF, {mode} and alpha", with_alpha
        yield f"AVIF, {mode} and alpha; nclx linear", nclx(with_alpha, 1, 8)
    more = [composition(8, SIZE)]
    yield "AVIF, moving", encoded(image, "AVIF", save_all=True, append_images=more, **fast)
    alpha_picture = _with_alpha("RGB")
    yield (
        "AVIF, alpha multiplied in",
        encoded(alpha_picture, "AVIF", alpha_premultiplied=True, **fast),
    )
    yield (
        "AVIF, alpha and profile",
        encoded(alpha_picture, "AVIF", icc_profile=PROFILES["linear sRGB"], **fast),
    )
    yield (
        "AVIF, L; profile linear grey",
        encoded(
            image.convert("L"), "AVIF", icc_profile=PROFILES["linear grey"], speed=9, quality=95
        ),
    )
    yield "AVIF, a trailer", encoded(image, "AVIF", **fast) + b"anything" * 99
    for profile, data in PROFILES.items():
        yield f"AVIF; profile {profile}", encoded(image, "AVIF", icc_profile=data, **fast)


def _turned() -> Iterator[tuple[str, bytes]]:
    image = picture()
    fast = {"speed": 9, "quality": 95, "max_threads": 1}
    for number in range(1, 9):
        yield f"JPEG; EXIF {number}", jpeg(exif=exif(number))
        yield f"JPEG; EXIF {number}, profile", jpeg(exif=exif(number), icc_profile=_P3)
        yield f"JPEG, L; EXIF {number}", jpeg("L", exif=exif(number))
        yield f"JPEG; XMP {number}", jpeg(xmp=xmp(number))
        body = exif(number).removeprefix(b"Exif\0\0")
        yield f"PNG; eXIf {number}", png(rgb(), 2, chunks=[(b"eXIf", body)])
        yield f"PNG; eXIf {number} behind", png(rgb(), 2, after=[(b"eXIf", body)])
        yield f"PNG; XMP {number}", png(rgb(), 2, chunks=[
            (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(number))])  # fmt: skip
        raw = b"\nexif\n%8d\n" % len(exif(number)) + exif(number).hex().encode() + b"\n"
        yield f"PNG; raw profile {number}", png(rgb(), 2, chunks=[
            (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))])  # fmt: skip
        yield f"WebP; EXIF {number}", encoded(image, "WEBP", exif=exif(number), quality=90)
        yield f"WebP; XMP {number}", encoded(image, "WEBP", xmp=xmp(number), quality=90)
        yield f"AVIF; irot and imir {number}", encoded(image, "AVIF", exif=exif(number), **fast)
        yield f"AVIF; XMP {number}", encoded(image, "AVIF", xmp=xmp(number), **fast)
    for number in (0, 9, 65535):
        yield f"JPEG; EXIF {number}", jpeg(exif=exif(number))
    yield "JPEG; EXIF 1 and XMP 6", jpeg(exif=exif(1), xmp=xmp(6))
    yield "JPEG; EXIF 3 and XMP 6", jpeg(exif=exif(3), xmp=xmp(6))
    yield "AVIF; EXIF 6 alone", _exif_alone(6)


def _exif_alone(orientation: int) -> bytes:
    """An AVIF whose EXIF data state the orientation, which Pillow would turn into irot and imir."""
    description = Image.Exif()
    description[0x010E] = "abc"
    data = encoded(picture(), "AVIF", exif=description.tobytes(), speed=9, max_threads=1)
    place = data.index(struct.pack(">HHI", 0x010E, 2, 4) + b"abc\0")
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return data[:place] + entry + data[place + len(entry) :]


def cases(*, every: bool) -> dict[str, bytes]:
    """The files by what is special about them; ``every`` pixel format under every description."""
    parts = (_jpegs(), _pngs(every), _others(), _avifs(), _jxls(), _turned(), odd_files())
    return {name: data for part in parts for name, data in part}


DIFFERENCES: Final = {
    r"PNG, .*; cICP of YCbCr": "Chromium draws nothing; Salon leaves the chunk out of account",
    r"AVIF; profile (linear grey|grey 2.2|press|noise|torn)":
        "Chromium draws nothing; Salon leaves the profile out of account, as in other formats",
    r"AVIF, alpha multiplied in": "Chromium draws it darker than the same picture as PNG",
    r"AVIF, moving": "Chromium takes the full range of a film's samples for the narrow one",
    r"JPEG, no end mark": "Chromium waits for the last rows, which are there",
    r"TIFF|JPEG2000|PPM": "Chromium draws nothing",
    r"(PNG|GIF|BMP|JPEG), (.*, )?cut|PNG, half the (pixels|lines)|BMP, RLE8, (half|moved)":
        "torn: Chromium draws what there is of it; a part of a picture is none here",
    r"PNG, (unknown ABCD|text) between( the pixels)?|PNG, an unknown filter"
    r"|PNG, a palette (for none|behind)":
        "Chromium shows its frame, and no pixel of it; Salon calls it unreadable",
    r"PNG, a wrong sum of the pixels": "Chromium does not look at the sum; Salon calls it damaged",
    r"PNG, 16-bit RGB and tRNS one level off":
        "the clear colour is looked for among the upper bytes of 16-bit colours",
    r"GIF, no palette": "Chromium draws it black; Salon in levels of grey",
    r"GIF, an unknown block": "Chromium shows nothing behind such a block",
    r"BMP, (16 bits, masks 4444|32 bits, ten a colour|2 bits)": "unusual bits: Salon reads none",
    r"JPEG, a profile, beyond the count": "Chromium leaves out the parts beyond the count",
    r"ICO": "an icon: Salon reads none",
}  # fmt: skip
"""Where the two are known to differ, by a pattern of the file's name, and how."""
