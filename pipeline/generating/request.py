"""What somebody asks a trained model for, and what cannot be asked for at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

DEFAULT_COUNT: Final = 64
ROW_COUNT: Final = 8
"""Pictures of each text, where there are several."""
SWEPT_ROWS: Final = 6
STRIP_COUNT: Final = 9
"""Pictures on the way between two images."""


@dataclass(frozen=True, kw_only=True)
class GenerateRequest:
    """The options of `salon generate`."""

    model: str
    """A collection, or the path of a model file."""
    out: Path
    """File or folder to write."""
    seed: int
    count: int | None
    """Pictures; None: as many as are usual for what is asked."""
    class_name: str | None
    texts: tuple[str, ...]
    values: tuple[str, ...]
    """Of a data sheet, each as ``column=value``."""
    sweep: str | None
    files: bool
    interpolate: bool
    near: str | None
    between: tuple[str, str] | None
    mix: bool
    latent: Path | None
    """A file that `salon walk` saved."""
    truncation: float | None

    @property
    def count_of_each(self) -> int:
        """How many pictures of a seed to draw, of each text where there are several."""
        return self.count or (ROW_COUNT if len(self.texts) > 1 else DEFAULT_COUNT)

    def check(self) -> None:
        """See that one thing is asked for.

        Raises:
            UsageError: what is asked excludes each other, or has no place to go.
        """
        asked = {
            "--files": self.files, "--near": self.near, "--between": self.between,
            "--mix": self.mix, "--sweep": self.sweep,
            "--latent": self.latent,
            "--interpolate": self.interpolate and not self.between,
        }  # fmt: skip
        names = [name for name, value in asked.items() if value]
        if len(names) > 1:
            raise click.UsageError(f"{' and '.join(names)} exclude each other")
        moves_or_mixes = self.interpolate or self.near or self.between or self.mix
        if len(self.texts) > 1 and moves_or_mixes:
            raise click.UsageError("several --text are drawn as a sheet, or by --files; name one")
        if self.out.is_dir() and not self.files:
            raise click.UsageError(
                f"--out: {self.out} is a folder; name a file in it, or write one file a picture "
                f"by --files"
            )
