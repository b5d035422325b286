"""The boxes of an AVIF or HEIF file (ISO/IEC 14496-12, 23008-12): what they say of its colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from curation.images.code_points import CodePoints

_ENTRIES: Final = 4096
"""More properties than any picture has; a table that claims more is not read on."""


class Box(NamedTuple):
    """A box by its name, and what it holds."""

    name: bytes
    body: bytes


def boxes(data: bytes) -> Iterator[Box]:
    """The boxes that lie one behind another in ``data``."""
    place = 0
    while place + 8 <= len(data):
        size, head = int.from_bytes(data[place : place + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        elif size == 0:
            size = len(data) - place
        if size < head:
            return
        yield Box(data[place + 4 : place + 8], data[place + head : place + size])
        place += size


def colours_of(data: bytes) -> CodePoints | None:
    """The code points (`nclx`) of the file's primary picture; None where it states none."""
    meta = _box_body(data, b"meta")[4:]
    properties = _box_body(meta, b"iprp")
    definitions = list(boxes(_box_body(properties, b"ipco")))
    item = _primary(_box_body(meta, b"pitm"))
    for number in _properties_of(item, _box_body(properties, b"ipma")):
        box = definitions[number - 1] if 0 < number <= len(definitions) else Box(b"", b"")
        if box.name == b"colr" and box.body[:4] == b"nclx" and len(box.body) >= 8:
            return CodePoints(
                int.from_bytes(box.body[4:6], "big"), int.from_bytes(box.body[6:8], "big")
            )
    return None


def _box_body(data: bytes, name: bytes) -> bytes:
    return next((box.body for box in boxes(data) if box.name == name), b"")


def _primary(pitm: bytes) -> int:
    """The id of the primary item."""
    return int.from_bytes(pitm[4:6] if pitm[:1] == b"\0" else pitm[4:8], "big")


def _properties_of(item: int, ipma: bytes) -> list[int]:
    """The numbers, from 1, of the properties of ``item``."""
    id_bytes = 2 if ipma[:1] == b"\0" else 4
    number_bytes = 2 if ipma[3:4] and ipma[3] & 1 else 1
    count, place = int.from_bytes(ipma[4:8], "big"), 8
    for _ in range(min(count, _ENTRIES)):
        entry_item = int.from_bytes(ipma[place : place + id_bytes], "big")
        length = int.from_bytes(ipma[place + id_bytes : place + id_bytes + 1], "big")
        begin = place + id_bytes + 1
        place = begin + length * number_bytes
        if entry_item == item:
            # The highest bit says whether a reader must know the property.
            essential = 1 << (8 * number_bytes - 1)
            numbers = (
                int.from_bytes(ipma[at : at + number_bytes], "big")
                for at in range(begin, place, number_bytes)
            )
            return [number & ~essential for number in numbers]
    return []
