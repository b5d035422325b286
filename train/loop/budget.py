"""When a training ends: after so many images, so many minutes, or whichever comes first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

MINUTE_S: Final = 60.0


@dataclass(frozen=True)
class Budget:
    """Images to show, and seconds to train, of which at least one is given."""

    images: int | None
    seconds: float | None

    def share(self, images: int, seconds: float) -> float:
        """How far a training is, 0..1, by what will end it first."""
        of_images = 0.0 if self.images is None else images / self.images
        of_time = 0.0 if self.seconds is None else seconds / self.seconds
        return min(1.0, max(of_images, of_time))

    def counted(self, seconds: float) -> float:
        """The part of ``seconds`` that counts: the last step may end a moment too late.

        So a training that has ended has spent its minutes and no more, and does not look like one
        of more minutes.
        """
        return seconds if self.seconds is None else min(seconds, self.seconds)

    def is_spent(self, images: int, seconds: float) -> bool:
        """Whether a training that has shown ``images`` and taken ``seconds`` ends."""
        return self.share(images, seconds) >= 1.0

    def spent(self, images: int, seconds: float) -> str:
        """How much of it is spent, in words.

        >>> Budget(5000, None).spent(24, 7.0), Budget(None, 90.0).spent(24, 7.0)
        ('24 of 5,000 images', '24 images and 0.1 of 1.5 minutes')
        """
        of = "" if self.images is None else f" of {self.images:,}"
        words = f"{images:,}{of} images"
        if self.seconds is None:
            return words
        minutes = self.counted(seconds) / MINUTE_S
        return f"{words} and {minutes:.1f} of {self.seconds / MINUTE_S:g} minutes"

    @property
    def tag(self) -> str:
        """Names a folder after it.

        >>> Budget(5000, None).tag, Budget(None, 90.0).tag, Budget(5000, 90.0).tag
        ('5000', '1.5min', '5000-1.5min')
        """
        images = [] if self.images is None else [str(self.images)]
        minutes = [] if self.seconds is None else [f"{self.seconds / MINUTE_S:g}min"]
        return "-".join(images + minutes)

    def __str__(self) -> str:
        """In words.

        >>> str(Budget(5000, None)), str(Budget(5000, 90.0))
        ('5,000 images', '5,000 images or 1.5 minutes')
        """
        images = [] if self.images is None else [f"{self.images:,} images"]
        minutes = [] if self.seconds is None else [f"{self.seconds / MINUTE_S:g} minutes"]
        return " or ".join(images + minutes)


class Stopwatch:
    """Seconds on the wall that a training took, those before it was stopped included."""

    def __init__(self) -> None:
        self.before = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Until now."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self.before + running

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what is done inside."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self.set(self.seconds)
            self._since = None

    def set(self, seconds: float) -> None:
        """Stand at ``seconds`` now, and count on from there if it is running."""
        self.before = seconds
        self._since = None if self._since is None else time.monotonic()
