"""The charset of a page, found in the order of the HTML standard, and left for UTF-8."""

from __future__ import annotations

import codecs
from typing import Final

from bs4.dammit import EncodingDetector

_CALLED: Final = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
"""What browsers read under a name, by Python's names: a page that declares UTF-16 in letters of
one byte is not in it."""
_NONE_OF_THE_WEB: Final = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7"}
)
_UNDECLARED: Final = "cp1252"
"""What browsers take a page for that declares nothing and is not in UTF-8."""


def as_utf8(body: bytes, announced: str | None = None) -> bytes:
    """The document in UTF-8: by its byte order mark, what was announced with it, or its own word.

    >>> as_utf8('<meta charset="windows-1251">Мельница'.encode("cp1251"))[-16:].decode()
    'Мельница'
    """
    text, marked = EncodingDetector.strip_byte_order_mark(body)
    if marked is not None:
        return text.decode(marked, "replace").encode("utf-8", "replace")
    declared = EncodingDetector.find_declared_encoding(text, is_html=True)
    for name in (announced, declared):
        codec = _codec(name)
        if codec is not None:
            return text.decode(codec, "replace").encode("utf-8", "replace")
    try:
        return text.decode("utf-8").encode("utf-8")
    except UnicodeDecodeError:
        return text.decode(_UNDECLARED, "replace").encode("utf-8")


def _codec(label: str | None) -> str | None:
    """Python's name for a charset; None for what is none, or none of those that browsers read."""
    try:
        name = codecs.lookup((label or "").strip()).name
        name = _CALLED.get(name, name)
        is_charset = b"a".decode(name, "replace") == "a" and name not in _NONE_OF_THE_WEB
    except (LookupError, ValueError):
        return None
    return name if is_charset else None
