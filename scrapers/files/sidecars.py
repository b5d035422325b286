"""Texts beside a picture that speak of it alone, and how a capture keeps very many of them.

They are kept as they are, many to one document of JSON lines: a record of its own for each would
take more room and time than most pictures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

from scrapers.files.picture_names import folder_name_of
from scrapers.parsing.table_files import text_in

SUFFIXES: Final = (".json", ".txt", ".caption", ".cls")
INFO: Final = "info.json"
PACK: Final = "sidecars:"
"""How the addresses of those documents begin; those of files begin with ``file:``."""
# Many texts make one document: a text of a line would take a WARC record with a head of its own.
_PACK_CHARACTERS: Final = 1 << 20
# Tags stand one a line and are short; a caption that is broken into lines has longer ones.
_SHORT_LINE: Final = 64


def names_beside(picture: str, suffix: str) -> Iterator[str]:
    """Where a sidecar of ``picture`` may be, the nearest first.

    >>> list(names_beside("a/b.1.jpg", ".json"))
    ['a/b.1.jpg.json', 'a/b.1.json', 'a/b.json']
    """
    folder, name = folder_name_of(picture), PurePosixPath(picture).name
    before = f"{folder}/" if folder else ""
    stem, first = PurePosixPath(name).stem, name.partition(".")[0]  # the last is WebDataset's key
    for base in dict.fromkeys((name, stem, first)):
        yield f"{before}{base}{suffix}"


def packed_sidecars(sidecars: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The documents that hold all ``sidecars``, given by name and content."""
    lines: list[str] = []
    length = 0
    for name, body in sidecars:
        lines.append(json.dumps({"name": name, "text": text_in(body)}))
        length += len(lines[-1])
        if length > _PACK_CHARACTERS:
            yield "\n".join(lines).encode()
            lines, length = [], 0
    if lines:
        yield "\n".join(lines).encode()


def unpacked_sidecars(document: bytes) -> Iterator[tuple[str, str]]:
    """Name and text of the sidecars in one document."""
    for line in document.split(b"\n"):
        held = json.loads(line)
        yield held["name"], held["text"]


def object_in(text: str) -> dict[str, object]:
    """What a JSON sidecar says; nothing where it is torn or no object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def caption_in(text: str) -> dict[str, object]:
    """What a text beside a picture says: tags, where each line is a short one, else a caption.

    >>> caption_in("blue\\nsquare\\n"), caption_in("Two fields, one above the other")
    ({'tags': 'blue, square'}, {'caption': 'Two fields, one above the other'})
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(len(line) <= _SHORT_LINE for line in lines):
        return {"tags": ", ".join(lines)}
    return {"caption": " ".join(lines)} if lines else {}
