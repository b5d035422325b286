"""The page on which somebody walks between two pictures, until Ctrl-C."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from PIL import Image

from pipeline.core.errors import SalonError, UsageError
from pipeline.core.shards import Pixels
from train.watch.local_page import LocalHandler, LocalServer
from train.watch.walk import LatentWalk, WalkPlace

PARTS: Final = {
    "/": "walk.html", "/walk.js": "walk.js", "/walk.css": "walk.css", "/watch.css": "watch.css",
}  # fmt: skip
_MOST_BYTES: Final = 4096
"""Of a request to save."""


class WalkServer(LocalServer):
    """Serves one walk."""

    def __init__(self, port: int, walk: LatentWalk) -> None:
        """Listen on ``port``; 0 takes any free one."""
        self.walk = walk
        super().__init__(port, WalkHandler)


class WalkHandler(LocalHandler):
    """Answers with the page, pictures and what is known of an end; saves what it is told to."""

    server: WalkServer

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        """Answer with the page, a part of it, or a picture."""
        if self.refused():
            return
        path, _, query = self.path.partition("?")
        if path in PARTS:
            self.send_part(PARTS[path])
        else:
            self._reply(path, dict(parse_qsl(query)))

    def do_POST(self) -> None:  # noqa: N802 - http.server's name
        """Save the picture at a place; only the page itself may ask for it."""
        if self.refused():
            return
        if self.headers.get("Origin") != self.server.address:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        length = self.headers.get("Content-Length", "")
        if self.path != "/save" or not length.isdecimal() or int(length) > _MOST_BYTES:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._reply(self.path, dict(parse_qsl(self.rfile.read(int(length)).decode("latin-1"))))

    def _reply(self, path: str, asked: Mapping[str, str]) -> None:
        """What ``asked`` comes to, or the sentence that says why it does not."""
        walk = self.server.walk
        try:
            match path:
                case "/walk.json":
                    self._send(
                        {"model": walk.name, "classes": walk.classes, "folder": str(walk.out)}
                    )
                case "/end.json":
                    end = walk.end(asked.get("of", ""), asked.get("class"))
                    self._send({"words": end.words, "is_image": end.real is not None})
                case "/real.png":
                    real = walk.end(asked.get("of", ""), asked.get("class")).real
                    if real is None:
                        raise UsageError("a seed stands for no image")
                    self.send_data(_png(real), ".png")
                case "/picture.png":
                    self.send_data(_png(walk.draw(_place(asked))), ".png")
                case "/save":
                    name = walk.save(_place(asked))
                    file = walk.out / f"{name}.json"
                    again = f"salon generate {walk.name} --latent {file} --out again.png"
                    self._send({"name": name, "again": again})
                case _:
                    self.send_error(HTTPStatus.NOT_FOUND)
        except SalonError as error:
            self._send({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    def _send(self, answer: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_data(json.dumps(answer).encode(), ".json", status)


def _place(asked: Mapping[str, str]) -> WalkPlace:
    """The place that the page names.

    Raises:
        UsageError: it is none.
    """
    try:
        share = float(asked.get("share", ""))
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"share: {asked.get('share', '')!r} is no part of the way; write 0 to 1")
    return WalkPlace(asked.get("from", ""), asked.get("to", ""), share, asked.get("class"))


def _png(picture: Pixels) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return data.getvalue()


def serve_walk_page(walk: LatentWalk, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; ``ready`` is told its address.

    Raises:
        BusyError: another program listens on ``port``.
    """
    server = WalkServer(port, walk)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        ready(f"{server.address}/")
        thread.join()
    finally:
        server.shutdown()
        server.server_close()
