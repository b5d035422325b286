"""The history of a training, written down for people and DVC (CSV) and for TensorBoard."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

from pipeline.core.files import storage_errors, write_bytes
from train.monitor.rules import Row

_WHEN: Final = frozenset({"images", "step", "steps"})


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write ``rows`` as CSV, one line each."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


def write_curves(folder: Path, rows: Sequence[Row]) -> None:
    """Write a table of two columns for each number, as `dvc plots` draws and compares them."""
    with storage_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
    for name in rows[0].keys() - _WHEN:
        write_csv(folder / f"{name}.csv", [{k: row[k] for k in ("images", name)} for row in rows])


class Curves:
    """Live curves in TensorBoard.

    They are written anew from the rows so far, so that a resumed training shows one curve without
    a seam.
    """

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        # Imported here: it takes a second that tests of the loop save.
        from tensorboard.summary import Writer  # type: ignore[import-untyped]

        shutil.rmtree(folder, ignore_errors=True)
        self._board = Writer(str(folder))
        for row in rows:
            self.add(row)

    def __enter__(self) -> Curves:
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
        for name, value in row.items():
            if name not in _WHEN:
                self._board.add_scalar(name, value, row["images"])
        self._board.flush()
