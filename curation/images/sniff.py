"""Sniff what bytes are that no image decoder claims: a damaged picture, or something else."""

from __future__ import annotations

import json
import re
from typing import Final

_PICTURE_MARKS: Final = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG"), "PNG"),
    (re.compile(rb"GIF8"), "GIF"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
    (re.compile(rb"(II\*\0|MM\0\*)"), "TIFF"),
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "AVIF"),
    (re.compile(rb"....ftyp(hei|hev|mif)", re.DOTALL), "HEIF"),
    (re.compile(rb"(\xff\x0a|\0\0\0\x0cJXL )"), "JPEG XL"),
    (re.compile(rb"\0\0\x01\0[\x01-\x20]\0"), "ICO"),
    (re.compile(rb"(\xff\x4f\xff\x51|\0\0\0\x0cjP  )"), "JPEG 2000"),
)
_OTHER_MARKS: Final = (
    (re.compile(rb"%PDF"), "PDF"),
    (re.compile(rb"PK\x03\x04"), "ZIP archive"),
    (re.compile(rb"\x1f\x8b"), "gzip data"),
    (re.compile(rb"....ftyp(mp4|M4|iso|avc|dash|qt|3g|f4v)", re.DOTALL), "video"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "video"),
)
# Comments are matched atomically: a page of many would else be split up in exponentially many ways.
_PROLOGUE: Final = r"\s*(?:<\?xml[^>]*>)?\s*(?>(?:<!--.*?-->\s*)*)"
_MARKUP: Final = (
    (re.compile(rf"{_PROLOGUE}(?:<!doctype svg[^>]*>\s*)?<svg\b", re.I | re.S), "SVG"),
    (
        re.compile(
            rf"{_PROLOGUE}<(?:!doctype html|html|head|body|title|script|div|p)\b", re.I | re.S
        ),
        "HTML",
    ),
    (re.compile(r"\s*<\?xml\b"), "XML"),
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def damaged_picture(data: bytes) -> str | None:
    """The format whose mark ``data`` starts with, or None."""
    return _named(data, _PICTURE_MARKS)


def something_else(data: bytes) -> str | None:
    """What ``data`` is if it is no picture: ``HTML``, ``PDF``, ``text``...; None if unknown."""
    return _named(data, _OTHER_MARKS) or _kind_of_text(data)


def _named(data: bytes, marks: tuple[tuple[re.Pattern[bytes], str], ...]) -> str | None:
    return next((name for mark, name in marks if mark.match(data)), None)


def _kind_of_text(data: bytes) -> str | None:
    """``SVG``, ``HTML``, ``XML``, ``JSON`` or ``text``; None where the bytes are no text."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if _CONTROL.search(text):
        return None
    markup = next((name for mark, name in _MARKUP if mark.match(text)), None)
    return markup or ("JSON" if _parses_as_json(text) else "text")


def _parses_as_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):  # the latter where it is nested without end
        return False
    return True
