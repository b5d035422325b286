"""The page on a port of 127.0.0.1, for as long as the training is in progress."""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import BusyError
from pipeline.core.files import exclusive
from train.loop import live
from train.loop.live import Live
from train.loop.training import CLASSES
from train.monitor.rules import Row
from train.samples import sheets
from train.watch.local_page import LocalHandler, LocalServer
from train.watch.watch_judges import Judging

LOOK_EVERY_S: Final = 1.0
LINGER_S: Final = 6.0
"""After the end, so that an open page gets the last word."""
MOST_ROWS: Final = 400
"""Of the history that are sent, evenly spaced: as many as a curve has pixels."""

_SHEET: Final = re.compile(r"/samples/(\d{9}\.png)")


@dataclass
class Watched:
    """The trainings of one collection."""

    collection: str
    trainings: Path
    """The folder below which each has its own."""
    judging: Judging
    is_over: bool = False

    def is_training(self) -> bool:
        """Whether some process holds the lock of the collection's training.

        To ask takes the lock for a moment where it is free, and a training that began in that
        moment would find it taken. So once it was free nobody asks again.
        """
        if self.is_over or not self.trainings.is_dir():
            return False
        try:
            with exclusive(self.trainings / "lock", what="training"):
                self.is_over = True
        except BusyError:
            return True
        return False

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        latest = live.latest(self.trainings)
        known = {"collection": self.collection, "is_training": self.is_training()}
        if latest is None:
            return known
        folder, now = latest
        self.judging.look(folder, now)
        return known | _shown(folder, now) | {
            "judged": self.judging.judged(),
            "floor": self.judging.floor,
        }  # fmt: skip

    def file(self, path: str) -> Path | None:
        """The picture that ``path`` of the page names, if it is one of the training's."""
        latest = live.latest(self.trainings)
        if latest is None:
            return None
        if path == f"/{CLASSES}":
            return latest[0] / CLASSES
        name = _SHEET.fullmatch(path)
        return latest[0] / "samples" / name[1] if name else None


def _shown(folder: Path, now: Live) -> dict[str, Any]:
    told = now.model_dump(exclude={"rows"})
    left = now.seconds * (1 / now.share - 1) if now.share else None
    return told | {
        "training": folder.name,
        "rows": [_of_numbers(row) for row in sheets.evenly(now.rows, MOST_ROWS)],
        "samples": sorted(path.name for path in (folder / "samples").glob("*.png")),
        "seconds_left": left,
        "age": time.time() - (folder / live.FILE).stat().st_mtime,
    }


def _of_numbers(row: Row) -> Row:
    """``row`` without losses that are no numbers, which JSON cannot say."""
    return {name: value for name, value in row.items() if math.isfinite(value)}


class _PageServer(LocalServer):
    def __init__(self, port: int, watched: Watched) -> None:
        self.watched = watched
        super().__init__(port, _PageHandler)


class _PageHandler(LocalHandler):
    server: _PageServer

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        """Answer with the page, a part of it, the state, or a sheet of samples."""
        if self.refused():
            return
        path = self.path.partition("?")[0]
        if path == "/state.json":
            self.send_data(json.dumps(self.server.watched.state()).encode(), ".json")
        elif path in ("/", "/watch.js", "/watch.css"):
            self.send_part("watch.html" if path == "/" else path[1:])
        else:
            self._send_picture(self.server.watched.file(path))

    def _send_picture(self, path: Path | None) -> None:
        try:
            data = None if path is None else path.read_bytes()
        except FileNotFoundError:
            data = None
        if data is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self.send_data(data, ".png")


def serve_watch_page(watched: Watched, port: int, ready: Callable[[str], None]) -> None:
    """Serve the page until the training is over; ``ready`` is told its address.

    Raises:
        BusyError: another program listens on ``port``.
    """
    server = _PageServer(port, watched)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        ready(f"{server.address}/")
        while watched.is_training():
            time.sleep(LOOK_EVERY_S)
        time.sleep(LINGER_S)
    finally:
        server.shutdown()
        server.server_close()
