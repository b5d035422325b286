from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from curation.images import jpeg_decoder
from curation.images.decode import Decoded, Fault, decode
from pipeline.core.schema import FaultKind
from tests.images.files import chunk

COLOUR = (200, 80, 40)


def file_of(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def plain(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    return Image.new("RGB", size, COLOUR).convert(mode)


def picture_of(data: bytes) -> Decoded:
    decoded = decode(data, max_megapixels=10)
    assert isinstance(decoded, Decoded), decoded
    assert decoded.pixels.dtype == np.uint8
    assert decoded.pixels.shape[2] == 3
    return decoded


def fault_of(data: bytes, max_megapixels: float = 10) -> Fault:
    fault = decode(data, max_megapixels=max_megapixels)
    assert isinstance(fault, Fault)
    return fault


def grey(image: Image.Image) -> tuple[int, int, int]:
    level = int(np.asarray(image.convert("L"))[0, 0])
    return (level, level, level)


GREY = grey(plain())


def with_alpha(mode: str, alpha: int) -> Image.Image:
    image = plain("RGBA")
    image.putalpha(alpha)
    return image.convert(mode)


def sixteen_bits(level: int) -> Image.Image:
    return Image.fromarray(np.full((32, 48), level, np.uint16))


def palette_with_hole() -> bytes:
    image = Image.new("P", (48, 32), 1)
    image.putpalette([*COLOUR, 0, 0, 0])
    return file_of(image, "PNG", transparency=1)


def animation() -> bytes:
    frames = [plain(), Image.new("RGB", (48, 32), "blue")]
    return file_of(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)


MODES: list[tuple[str, Callable[[], bytes], str, str, tuple[int, int, int]]] = [
    ("JPEG", lambda: file_of(plain(), "JPEG", quality=95), "JPEG", "RGB", COLOUR),
    ("CMYK JPEG", lambda: file_of(plain("CMYK"), "JPEG", quality=95), "JPEG", "CMYK", COLOUR),
    ("grey JPEG", lambda: file_of(plain("L"), "JPEG", quality=95), "JPEG", "L", GREY),
    ("PNG", lambda: file_of(plain()), "PNG", "RGB", COLOUR),
    ("palette", lambda: file_of(plain().quantize()), "PNG", "P", COLOUR),
    ("palette with a hole", palette_with_hole, "PNG", "P", (255, 255, 255)),
    ("one bit", lambda: file_of(Image.new("1", (48, 32), 1)), "PNG", "1", (255, 255, 255)),
    ("half clear", lambda: file_of(with_alpha("RGBA", 128)), "PNG", "RGBA", (227, 167, 147)),
    ("all clear", lambda: file_of(with_alpha("LA", 0)), "PNG", "LA", (255, 255, 255)),
    ("16 bits", lambda: file_of(sixteen_bits(0x8000)), "PNG", "I;16", (128, 128, 128)),
    ("16 bits TIFF", lambda: file_of(sixteen_bits(0xC0FF), "TIFF"), "TIFF", "I;16", (192,) * 3),
    ("WEBP", lambda: file_of(plain(), "WEBP", lossless=True), "WEBP", "RGB", COLOUR),
    ("first frame", animation, "GIF", "P", COLOUR),
    ("BMP", lambda: file_of(plain(), "BMP"), "BMP", "RGB", COLOUR),
]


@pytest.mark.parametrize(("make", "file_format", "mode", "colour"), [m[1:] for m in MODES],
                         ids=[m[0] for m in MODES])  # fmt: skip
def test_every_mode_becomes_what_a_viewer_sees(
    make: Callable[[], bytes], file_format: str, mode: str, colour: tuple[int, int, int]
) -> None:
    decoded = picture_of(make())
    assert (decoded.format, decoded.mode, decoded.pixels.shape) == (file_format, mode, (32, 48, 3))
    seen = decoded.pixels.reshape(-1, 3).astype(int)
    assert np.abs(seen - colour).max() <= 4


ORIENTED = {
    1: "ab/cd", 2: "ba/dc", 3: "dc/ba", 4: "cd/ab", 5: "ac/bd", 6: "ca/db", 7: "db/ca", 8: "bd/ac",
}  # fmt: skip
"""What is seen of the four quarters a b / c d of the file, by its EXIF orientation."""


@pytest.mark.parametrize(("orientation", "seen"), ORIENTED.items())
def test_the_exif_orientation_is_applied(orientation: int, seen: str) -> None:
    levels = {"a": 10, "b": 80, "c": 160, "d": 240}
    quarters = np.array([[levels["a"], levels["b"]], [levels["c"], levels["d"]]], np.uint8)
    image = Image.fromarray(np.kron(quarters, np.ones((16, 24), np.uint8)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = picture_of(file_of(image, "PNG", exif=exif))
    pixels = decoded.pixels[..., 0]
    rows, columns = pixels.shape
    assert (columns, rows) == ((48, 32) if orientation <= 4 else (32, 48))
    quarter_levels = pixels[
        [[rows // 4] * 2, [3 * rows // 4] * 2], [columns // 4, 3 * columns // 4]
    ]
    assert quarter_levels.tolist() == [[levels[name] for name in row] for row in seen.split("/")]


def test_an_embedded_profile_is_honoured_and_srgb_left_alone() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert tuple(picture_of(file_of(plain(), icc_profile=srgb)).pixels[5, 5]) == COLOUR
    # A profile of another colour space than the pixels', and one that is no profile at all.
    for unusable in (lab, b"not a profile"):
        assert tuple(picture_of(file_of(plain(), icc_profile=unusable)).pixels[5, 5]) == COLOUR


def profile_of_swapped_primaries() -> bytes:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = bytearray(srgb.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be")))
    count = int.from_bytes(profile[128:132], "big")
    tags = {bytes(profile[p : p + 4]): p for p in range(132, 132 + 12 * count, 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


JPEG = file_of(Image.effect_noise((64, 64), 60), "JPEG")
PNG = file_of(Image.effect_noise((64, 64), 60))

FAULTS: list[tuple[str, bytes, FaultKind, str]] = [
    ("nothing", b"", FaultKind.UNREADABLE, "no bytes"),
    ("torn JPEG", JPEG[: len(JPEG) // 2], FaultKind.UNREADABLE, "truncated"),
    ("JPEG without its last bytes", JPEG[:-30], FaultKind.UNREADABLE, "truncated"),
    ("torn PNG", PNG[: len(PNG) // 2], FaultKind.UNREADABLE, "truncated"),
    ("PNG with a flipped bit", PNG[:900] + bytes([PNG[900] ^ 1]) + PNG[901:],
     FaultKind.UNREADABLE, ""),
    ("only a JPEG's start", b"\xff\xd8\xff\xe0\x00\x10JFIF", FaultKind.UNREADABLE, "Truncated"),
    ("HEIF", b"\0\0\0\x18ftypheic" + bytes(40), FaultKind.UNREADABLE, "HEIF"),
    ("zeros", bytes(600), FaultKind.UNREADABLE, "no known image format"),
    ("HTML", b"<!DOCTYPE html>\n<html><body>None</body></html>", FaultKind.NOT_AN_IMAGE, "HTML"),
    ("HTML after a comment", b"\n<!-- x -->\n<html>", FaultKind.NOT_AN_IMAGE, "HTML"),
    ("HTML in UTF-16", "<html></html>".encode("utf-16"), FaultKind.NOT_AN_IMAGE, "HTML"),
    ("HTML in Latin-1", b"<html>caf\xe9</html>", FaultKind.NOT_AN_IMAGE, "HTML"),
    ("SVG", b'<?xml version="1.0"?>\n<svg xmlns="x"/>', FaultKind.NOT_AN_IMAGE, "SVG"),
    ("JSON", b'{"error": "rate limited"}', FaultKind.NOT_AN_IMAGE, "JSON"),
    ("text", b"Service unavailable\n", FaultKind.NOT_AN_IMAGE, "text"),
    ("PDF", b"%PDF-1.7\n\x00\x01", FaultKind.NOT_AN_IMAGE, "PDF"),
    ("video", b"\0\0\0\x18ftypmp42" + bytes(40), FaultKind.NOT_AN_IMAGE, "video"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "reason", "detail"), [f[1:] for f in FAULTS],
                         ids=[f[0] for f in FAULTS])  # fmt: skip
def test_what_is_no_picture_says_why(data: bytes, reason: FaultKind, detail: str) -> None:
    fault = fault_of(data)
    assert (fault.reason, detail in fault.detail) == (reason, True), fault


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(_self: Image.Image) -> None:
        raise AssertionError("decoded")

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(20_000 * 2_501))
    bomb = PNG[:8] + b"".join(
        chunk(name, body) for name, body in ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    )
    assert len(bomb) < 100_000
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", explode)
    fault = fault_of(bomb, max_megapixels=200)
    assert fault == Fault(FaultKind.UNREADABLE, "400.0 megapixels, more than 200")


def test_details_never_name_an_address_in_memory() -> None:
    assert "0x" not in fault_of(b"\x89PNG\r\n\x1a\n" + bytes(20)).detail


@pytest.mark.parametrize("size", [(64, 48), (65, 47), (1, 1), (17, 203)])
@pytest.mark.parametrize(
    "options",
    [{"subsampling": 0}, {"subsampling": 1}, {"subsampling": 2}, {"progressive": True},
     {"quality": 30}, {"keep_rgb": True}],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_the_fast_way_gives_the_pixels_of_pillow(
    size: tuple[int, int], options: dict[str, object], mode: str
) -> None:
    noise = np.random.default_rng(6).integers(0, 256, (size[1], size[0], 3), np.uint8)
    data = file_of(Image.fromarray(noise).convert(mode), "JPEG", **options)
    file = Image.open(io.BytesIO(data))
    pixels = jpeg_decoder.pixels_of(file, data)
    assert pixels is not None
    np.testing.assert_array_equal(pixels, np.asarray(file.convert("RGB")))


def test_what_is_not_plain_is_left_to_pillow() -> None:
    whole = file_of(Image.effect_noise((64, 64), 60), "JPEG")
    for data in (whole[:-30], file_of(plain("CMYK"), "JPEG"), file_of(plain())):
        assert jpeg_decoder.pixels_of(Image.open(io.BytesIO(data)), data) is None
    assert jpeg_decoder.pixels_of(Image.open(io.BytesIO(file_of(plain(), "JPEG"))), whole) is None


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_a_profile_is_honoured_whatever_the_format(file_format: str) -> None:
    swapped = file_of(plain(), file_format, icc_profile=profile_of_swapped_primaries())
    red_level, green_level, _ = picture_of(swapped).pixels[5, 5]
    assert red_level < green_level, "red and green have changed places"
