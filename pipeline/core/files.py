"""Writing files so that a reader sees the old content or the new, never half of either."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from pipeline.core.errors import BusyError, StorageError, TableError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
_IN_THE_WAY = {
    errno.EISDIR: "a folder stands where a file of Salon's belongs",
    errno.ENOTDIR: "something else stands where a folder of Salon's belongs",
    errno.EEXIST: "something else stands where a folder of Salon's belongs",
    errno.ELOOP: "a link that leads back to itself stands where a file of Salon's belongs",
}


_WORDS_OF_FULL = (os.strerror(errno.ENOSPC), " requested and ")
"""What libraries say that lose the number: shutil of many files, numpy of a short write."""
_WORDS_OF_FOLDER = "is a directory"
"""The same of pyarrow."""


def as_storage_error(error: OSError, path: Path | str | None = None) -> StorageError | None:
    """A full disk, or a path that cannot be written, as a sentence; None for any other error.

    A folder or link where a file of ours belongs is such a path, also where it is only read.

    Args:
        error: what happened, in our code or in a library's.
        path: what was written, where the error does not say.
    """
    name = path or error.filename or Path.cwd()
    if error.errno in _NO_ROOM or (
        error.errno is None and any(words in str(error) for words in _WORDS_OF_FULL)
    ):
        why = error.strerror or os.strerror(errno.ENOSPC)
        return StorageError(f"{name}: {why}; make room and run the same command again")
    if error.errno in _NO_RIGHT:
        return StorageError(
            f"{name}: cannot be written ({error.strerror}); make it writable and run the same "
            f"command again"
        )
    return as_obstacle(error, name)


def as_obstacle(error: OSError, path: Path | str) -> StorageError | None:
    """A folder or link where a file of ours belongs, as a sentence; None for any other error."""
    is_folder = error.errno is None and _WORDS_OF_FOLDER in str(error)
    words = _IN_THE_WAY.get(errno.EISDIR if is_folder else error.errno or 0)
    if words is None:
        return None
    # os.replace names what it would have replaced second.
    place = error.filename2 or error.filename or path
    return StorageError(f"{place}: {words}; move it away and run the same command again")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn a full disk or a path that cannot be written into a `StorageError` naming ``path``."""
    try:
        yield
    except OSError as error:
        storage_error = as_storage_error(error, path)
        if storage_error is None:
            raise
        raise storage_error from error


def partial_name(path: Path) -> Path:
    """A name beside ``path`` for what is not finished, of this writer alone.

    Two hosts may have a process of the same number, and both make the same part: one of them was
    taken for dead.
    """
    writer = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return path.with_name(f".{path.name}.{writer}.partial")


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write whose content takes the place of ``path`` when the block ends well.

    The content is on the disk before the name is; when the block fails, ``path`` is as before.
    """
    # Beside its place: a rename is atomic within one file system only.
    partial = partial_name(path)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def making_folder(path: Path) -> Iterator[Path]:
    """A folder to fill that becomes ``path`` when the block ends well.

    Where ``path`` has come to be there meanwhile, somebody else has done the same work, and theirs
    stays.
    """
    partial = partial_name(path)
    with storage_errors(path):
        partial.mkdir(parents=True)
    try:
        yield partial
        with storage_errors(path):
            _rename_unless_there(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _rename_unless_there(partial: Path, path: Path) -> None:
    try:
        partial.rename(path)
    except OSError as error:
        # A folder cannot be renamed over one with files in it: somebody was here first.
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def remove_partials(folder: Path) -> None:
    """Remove what `replacing` left behind in processes that were killed.

    Only for a folder that one process writes to at a time.
    """
    for path in folder.glob(".*.partial"):
        path.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, atomically."""
    with replacing(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Replace ``path`` by ``value`` as readable JSON with sorted keys, atomically."""
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_bytes(path, f"{text}\n".encode())


@contextmanager
def exclusive(path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock file ``path`` for the block; the kernel drops it when the process dies.

    Raises:
        BusyError: another process holds it; ``what`` names the thing it works on.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"another process works on {what}; wait for it to end") from error
        yield


def read_object(path: Path) -> dict[str, Any]:
    """The object in the JSON file at ``path``.

    Raises:
        TableError: the file is missing, torn, or holds something else.
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise TableError(f"{path}: missing; run `dvc repro` to make it") from error
    except (ValueError, RecursionError) as error:  # the latter where it is nested without end
        raise TableError(f"{path}: torn; delete it and run `dvc repro`") from error
    if not isinstance(content, dict):
        raise TableError(f"{path}: holds no JSON object; delete it and run `dvc repro`")
    return content
