"""Any mode of a decoded picture to opaque sRGB, as a browser shows it on white."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageCms

from curation.images.boxes import colours_of
from curation.images.code_points import Description, Hdr, profile_of_nclx
from curation.images.hdr import table_of

_ISO_MEDIA: Final = frozenset({"AVIF", "HEIF"})
# Behind the file header of 14 bytes; a profile's place is counted from there, too.
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


Conversion = Callable[[Image.Image], Image.Image]

_SRGB: Final = ImageCms.createProfile("sRGB")
_LAB: Final = ImageCms.createProfile("LAB")
_MODES_WITH_ALPHA: Final = {"LA": "LA", "La": "LA", "PA": "RGBA", "RGBA": "RGBA", "RGBa": "RGBA"}
_OPAQUE: Final = {"LA": "L", "RGBA": "RGB"}
_MODES_OF_16_BITS: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_SPACES: Final = {
    b"GRAY": {"L": "L"},
    b"RGB ": {"L": "RGB", "RGB": "RGB"},
    b"CMYK": {"CMYK": "CMYK"},
}
"""The modes that a profile of each kind can describe, and the mode in which it is applied."""
_SPACE_AT: Final = slice(16, 20)
_LEAST_PROFILE_BYTES: Final = 132
"""Of its header and of the number of its tags."""
_CACHED_PROFILE_BYTES: Final = 1_000_000
"""What is built for larger ones is not cached: a few would hold gigabytes."""
_SAME: Final = 2
"""Levels within which a profile counts as sRGB: as far apart as those that call themselves so."""


def to_rgb(image: Image.Image, descriptions: Sequence[Description]) -> Image.Image:
    """``image`` in mode RGB.

    The first of ``descriptions`` that can be read, and is of the image's kind, is honoured; where
    there is none, the colours are those of sRGB, as browsers take them.

    Raises:
        ValueError: the samples are floating-point numbers, which have no agreed white.
    """
    if image.mode in _MODES_OF_16_BITS:
        image = _eight_bits(image)
    elif image.mode == "F":
        raise ValueError("floating-point samples without an agreed white")
    if image.mode in _MODES_WITH_ALPHA or "transparency" in image.info:
        return _on_white(image, descriptions)
    if image.mode in {"P", "1"}:
        image = image.convert("RGB")
    return _to_srgb(image, descriptions)


def changes(descriptions: Sequence[Description], mode: str) -> bool:
    """Whether `to_rgb` alters the colours of an opaque picture in ``mode`` because of them."""
    description = _first_usable(descriptions, mode)
    return description is not None and _conversion(description, mode) is not None


def _eight_bits(image: Image.Image) -> Image.Image:
    """The upper byte of 16-bit samples; Pillow's own conversion clips at 255 in some modes."""
    samples = np.asarray(image)
    grey = Image.fromarray((samples.clip(0, 0xFFFF) >> 8).astype(np.uint8))
    if "transparency" in image.info:
        alpha = np.where(samples == image.info["transparency"], 0, 255).astype(np.uint8)
        return Image.merge("LA", (grey, Image.fromarray(alpha)))
    return grey


def _on_white(image: Image.Image, descriptions: Sequence[Description]) -> Image.Image:
    mode = "LA" if image.mode in {"L", "1"} else _MODES_WITH_ALPHA.get(image.mode, "RGBA")
    image = image.convert(mode)
    colours = _to_srgb(image.convert(_OPAQUE[mode]), descriptions)
    white = Image.new("RGB", image.size, "white")
    white.paste(colours, mask=image.getchannel("A"))
    return white


def _to_srgb(image: Image.Image, descriptions: Sequence[Description]) -> Image.Image:
    if image.mode == "LAB":
        return _applied(ImageCms.buildTransform(_LAB, _SRGB, "LAB", "RGB"), image)
    description = _first_usable(descriptions, image.mode)
    conversion = None if description is None else _conversion(description, image.mode)
    return image.convert("RGB") if conversion is None else conversion(image)


def _first_usable(descriptions: Sequence[Description], mode: str) -> Description | None:
    return next((each for each in descriptions if _is_usable(each, mode)), None)


def _is_usable(description: Description, mode: str) -> bool:
    """Whether ``description`` can be read, and is one of pictures in ``mode``."""
    return isinstance(description, Hdr) or _transform(description, mode) is not None


def _conversion(description: Description, mode: str) -> Conversion | None:
    """The way from ``description`` to sRGB; None where there is nothing to do."""
    if isinstance(description, Hdr):
        return lambda image: image.convert("RGB").filter(table_of(description))
    transform = _transform(description, mode)
    if transform is None or _is_identity(description, mode):
        return None
    return lambda image: _applied(transform, image)


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    converted = image.convert(transform.input_mode)
    return ImageCms.applyTransform(converted, transform) or converted


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from ``profile`` to sRGB, or None where it cannot be used for ``mode``."""
    if len(profile) < _LEAST_PROFILE_BYTES:
        return None
    input_mode = _SPACES.get(profile[_SPACE_AT], {}).get(mode)
    if input_mode is None:
        return None
    return (_build_cached if len(profile) <= _CACHED_PROFILE_BYTES else _build)(profile, input_mode)


def _build(profile: bytes, input_mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.buildTransform(source, _SRGB, input_mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None


_build_cached = functools.lru_cache(maxsize=64)(_build)


@functools.lru_cache(maxsize=64)
def _is_identity_cached(profile: bytes, mode: str) -> bool:
    return _alters_nothing(profile, mode)


def _is_identity(profile: bytes, mode: str) -> bool:
    """Whether ``profile`` is sRGB in all but name; its name says nothing ("linear sRGB")."""
    if len(profile) <= _CACHED_PROFILE_BYTES:
        return _is_identity_cached(profile, mode)
    return _alters_nothing(profile, mode)


def _alters_nothing(profile: bytes, mode: str) -> bool:
    transform = _transform(profile, mode)
    if transform is None or transform.input_mode == "CMYK":
        return False
    before = np.asarray(_PROBE.convert(transform.input_mode).convert("RGB")).astype(int)
    after = np.asarray(_applied(transform, _PROBE)).astype(int)
    return bool(np.abs(after - before).max() <= _SAME)


def _probe() -> Image.Image:
    """Colours from all over the cube, and every grey."""
    steps = np.arange(0, 256, 15)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    greys = np.repeat(np.arange(256)[:, None], 3, axis=1)
    return Image.fromarray(np.concatenate([cube, greys])[None].astype(np.uint8))


_PROBE: Final = _probe()
