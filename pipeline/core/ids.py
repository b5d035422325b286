"""How things are named: an image is its bytes, a variant is an image and a symmetry."""

from __future__ import annotations

import hashlib
import re
from typing import Final, NewType

ImageId = NewType("ImageId", str)

ID_LENGTH: Final = 24
"""Hex digits of an image id: the first 96 bits of the sha256 of the bytes as fetched."""

SHORTEST_PREFIX: Final = 8
"""Fewest hex digits by which a curator may name an image."""

IMAGE_ID = re.compile(rf"[0-9a-f]{{{ID_LENGTH}}}")
ID_PREFIX = re.compile(rf"[0-9a-f]{{{SHORTEST_PREFIX},{ID_LENGTH}}}")


def sha256_hex(data: bytes) -> str:
    """The sha256 of ``data`` as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def image_id_of(sha256: str) -> ImageId:
    """The image id that belongs to a sha256 in hex.

    >>> image_id_of("a" * 64)
    'aaaaaaaaaaaaaaaaaaaaaaaa'
    """
    return ImageId(sha256[:ID_LENGTH])
