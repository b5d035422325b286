"""What the dataset class of StyleGAN3 asks of an archive, told in our own words.

The class itself needs its whole repository. Each check below is one that it makes, in the order in
which it makes them: names sorted, a label for every picture, one shape, whole numbers.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

_READABLE = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"}


class Archive:
    """The pictures of a zip archive and their labels."""

    def __init__(self, path: Path, *, conditional: bool = True) -> None:
        self._zip = zipfile.ZipFile(path)
        inside = set(self._zip.namelist())
        self.names = sorted(name for name in inside if Path(name).suffix.lower() in _READABLE)
        if not self.names:
            raise OSError("No image files by_name in the specified path")
        self.shape = self.picture(0).shape
        labels = json.loads(self._zip.read("dataset.json"))["labels"] if conditional else None
        self.labels = np.zeros(len(self.names)) if labels is None else self._ordered(labels)

    def _ordered(self, labels: list[tuple[str, int]]) -> np.ndarray[Any, Any]:
        by_name = dict(labels)
        values = np.array([by_name[name] for name in self.names])  # KeyError: one has no label
        if values.dtype.kind not in "if":
            raise ValueError(f"labels of type {values.dtype}")
        return values.astype({1: np.int64, 2: np.float32}[values.ndim])

    @property
    def classes(self) -> int:
        """The length of a label as the network gets it."""
        return int(self.labels.max()) + 1

    def picture(self, index: int) -> np.ndarray[Any, Any]:
        """Channels first, as the network gets it."""
        with self._zip.open(self.names[index]) as file:
            pixels = np.asarray(Image.open(file))
        return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)

    def pictures(self) -> dict[str, np.ndarray[Any, Any]]:
        """All of them, of one shape."""
        by_name = {name: self.picture(index) for index, name in enumerate(self.names)}
        for pixels in by_name.values():
            assert pixels.shape == self.shape
            assert pixels.dtype == np.uint8
        return by_name

    def close(self) -> None:
        self._zip.close()
