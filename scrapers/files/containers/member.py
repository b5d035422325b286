"""One file in a folder or container, and how much of a container may come out of it."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pipeline.core.errors import FilesError

# A zip bomb unpacks 1,000 times its size and more, a table of honest text about ten times.
MOST_EXPANSION: Final = 50
FREE_BYTES: Final = 1 << 30
"""A container is taken for a bomb once it unpacks to more than this and to more than
`MOST_EXPANSION` times its size; pictures hardly shrink, and tables by ten."""


@dataclass(frozen=True)
class Member:
    """A file. Of a container, it can be read only until the next one is asked for."""

    name: str
    """From the outermost folder, with slashes."""
    read: Callable[[int], bytes]
    """Its first bytes, at most so many."""
    odd: str | None = None
    """What it is instead of a file, such as a link."""
    is_picture: bool = False
    """Whether it stands where only pictures do, so that nothing else may tell what it is."""


def most_bytes(path: Path) -> int:
    """How much may come out of the container at ``path``."""
    return FREE_BYTES + MOST_EXPANSION * path.stat().st_size


def check_expansion(path: Path, size: int) -> None:
    """Pass a container that unpacks to ``size`` bytes, unless that is absurd.

    Raises:
        FilesError: it is a bomb.
    """
    if size > most_bytes(path):
        raise FilesError(
            f"{path}: has {path.stat().st_size:,} bytes and unpacks to {size:,} or more; no "
            f"pictures shrink like that, so it is not read"
        )


class Counting(io.RawIOBase):
    """What is read of a compressed stream, until it is too much."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file, self._path, self._most, self._read = file, path, most_bytes(path), 0

    def readable(self) -> bool:
        """As every stream to be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next bytes.

        Raises:
            FilesError: the stream is a bomb.
        """
        data = self._file.read(size)
        self._read += len(data)
        if self._read > self._most:
            check_expansion(self._path, self._read)
        return data


@contextmanager
def torn_as_sentence(path: Path, *errors: type[BaseException]) -> Iterator[None]:
    """Turn what a library says of a torn container into a sentence about ``path``."""
    expected: tuple[type[BaseException], ...] = (EOFError, zlib.error, *errors)
    try:
        yield
    except expected as error:
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise FilesError(f"{path}: torn, or not what its name says ({said})") from error


def reader(path: Path | os.DirEntry[Any]) -> Callable[[int], bytes]:
    """Reads the file at ``path``."""

    def read(most: int) -> bytes:
        with Path(path).open("rb") as file:
            return file.read(most)

    return read
