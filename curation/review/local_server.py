"""The page on a port of 127.0.0.1, until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn

from curation.review.app_state import AppState, Services
from curation.review.guard import OPEN, Guard
from curation.review.routes import make_app
from pipeline.core.errors import port_errors
from pipeline.core.files import exclusive

LOOPBACK: Final = "127.0.0.1"
_KEEP_ALIVE_S: Final = 30
_LINGER_S: Final = 2


def serve(
    root: Path,
    services: Services,
    *,
    collection: str,
    curator: str,
    port: int,
    ready: Callable[[str], None],
) -> None:
    """Serve the page; ``ready`` is told the address to open.

    Raises:
        BusyError: the page is served already, or the port is taken.
        ListsError: a list is not UTF-8.
        TableError: the collection has no tables yet, or they are torn.
    """
    with exclusive(root / "work" / "review.lock", what="the review page of this project"):
        state = AppState(root, services, curator)
        state.open(collection)
        token = secrets.token_urlsafe(32)
        with _listening(port) as listener:
            port = listener.getsockname()[1]
            start = f"/{collection}/grid"
            app = Guard(make_app(state, token), port=port, token=token, start=start)
            config = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="off",
                server_header=False,
                ws="none",
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_LINGER_S,
            )
            opening = f"http://{LOOPBACK}:{port}{OPEN}?token={token}"
            _Server(config, lambda: ready(opening), state.rerun.stop).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it can be reached (and stopped), and ends what it started."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._tell_started, self._tell_ended = started, ended

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, whatever the signal was."""
        await super().shutdown(sockets)
        self._tell_ended()


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with port_errors(LOOPBACK, port):
            listener.bind((LOOPBACK, port))
        listener.listen(128)
        yield listener
