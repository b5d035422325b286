"""The history of a training, written down for people, for DVC and for TensorBoard."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from pipeline.core.files import write_bytes

Row = dict[str, Any]
"""Numbers of one tick by name; ``images`` and ``step`` say when."""


def write_history(path: Path, rows: Sequence[Row]) -> None:
    """Write ``rows`` as CSV, one line each."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


class Journal:
    """Live curves: DVCLive's plots in one folder, TensorBoard's events in another.

    Both folders are written anew from the rows so far, so that a resumed training shows one
    curve without a seam.
    """

    def __init__(self, dvclive: Path, tensorboard: Path, rows: Sequence[Row]) -> None:
        # Imported here: DVCLive brings all of DVC along, a second that tests of the loop save.
        os.environ.setdefault("DVC_STUDIO_OFFLINE", "true")
        from dvclive.live import Live
        from tensorboard.summary import Writer  # type: ignore[import-untyped]

        self._live = Live(dir=str(dvclive), save_dvc_exp=False, dvcyaml=None, report=None)
        # It looked into git for the name of an experiment, and would hold git's packs open for
        # the weeks of a training; nothing of what is asked of it below needs the repository.
        if self._live._dvc_repo is not None:
            self._live._dvc_repo.close()
        shutil.rmtree(tensorboard, ignore_errors=True)
        self._board = Writer(str(tensorboard))
        for row in rows:
            self.add(row)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._board.close()

    def add(self, row: Row) -> None:
        """Add one row to the curves, at its number of images."""
        self._live.step = row["images"]
        for name, value in row.items():
            if name in {"images", "step", "steps"}:
                continue
            self._live.log_metric(name, value)
            self._board.add_scalar(name, value, row["images"])
        self._live.make_summary()  # type: ignore[no-untyped-call]
        self._board.flush()
