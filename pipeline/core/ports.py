"""Ports on which a server of this machine listens."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.core.errors import BusyError


@contextmanager
def port_errors(host: str, port: int) -> Iterator[None]:
    """Turn a port that is taken, or not ours to open, into a `BusyError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise BusyError(
            f"port {port} of {host} cannot be opened ({error.strerror}); "
            f"choose another one with --port"
        ) from error
