"""HEIC and JPEG XL, which extras of Salon read: no browser shows the former, few the latter."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, NamedTuple


class OptionalFormat(NamedTuple):
    """A format that a package of its own reads."""

    name: str
    mark: re.Pattern[bytes]
    package: str
    module: str
    extra: str
    pillow_name: str


OPTIONAL_FORMATS: Final = (
    OptionalFormat(
        "HEIC",
        re.compile(rb"....ftyp(?:hei[cxms]|hev[cxms]|m[is]f1(?!.{0,40}avi[fs]))", re.DOTALL),
        "pillow-heif",
        "pillow_heif",
        "heic",
        "HEIF",
    ),
    OptionalFormat(
        "JPEG XL",
        re.compile(rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n"),
        "pillow-jxl-plugin",
        "pillow_jxl",
        "jxl",
        "JXL",
    ),
)


def format_of(data: bytes) -> OptionalFormat | None:
    """The one of `OPTIONAL_FORMATS` that ``data`` begins like."""
    return next((kind for kind in OPTIONAL_FORMATS if kind.mark.match(data)), None)


def prepare(kind: OptionalFormat) -> bool:
    """Let Pillow read ``kind``; whether the package for it is installed."""
    if importlib.util.find_spec(kind.module) is None:
        return False
    _PREPARATIONS[kind.name]()
    return True


def _prepare_heic() -> None:
    heif = importlib.import_module("pillow_heif")
    # Work is shared out by image, and a thumbnail is not the picture.
    heif.register_heif_opener(decode_threads=1, thumbnails=False)


def _prepare_jxl() -> None:
    importlib.import_module("pillow_jxl")
    plugin: Any = importlib.import_module("pillow_jxl.JpegXLImagePlugin")
    plugin.DECODE_THREADS = 0


_PREPARATIONS: Final[dict[str, Callable[[], None]]] = {
    "HEIC": _prepare_heic,
    "JPEG XL": _prepare_jxl,
}


def versions() -> list[str | None]:
    """Of the packages, None where one is missing: what the outcome for such files depends on."""
    return [_version(kind.package) for kind in OPTIONAL_FORMATS]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
