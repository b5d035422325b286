"""What the person at the terminal sees: one progress line a task, one last line that adds up.

Everything goes to standard error, so that standard output stays for answers (`--json`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

console = Console(stderr=True, highlight=False)

LINE_EVERY_S: Final = 30.0
"""Seconds between two lines of progress where nobody watches a terminal, as in a log file."""


def say(message: str) -> None:
    """Print one line; text from the web is shown as it is, never read as markup."""
    console.print(message, markup=False, soft_wrap=True)


def counted(value: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "page"), counted(2_000, "page")
    ('1 page', '2,000 pages')
    """
    return f"{value:,} {noun}{'' if value == 1 else 's'}"


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.1f}/s", style="progress.data.speed")


class Bar(Protocol):
    """A running progress line."""

    def advance(self, by: int = 1, *, note: str | None = None) -> None:
        """Count ``by`` more items as done, and show ``note`` behind the line."""

    def expect(self, total: int) -> None:
        """Set how many items there will be."""


class _RichBar:
    def __init__(self, progress: Progress, title: str, total: int | None, start: int) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total, completed=start, note="")

    def advance(self, by: int = 1, *, note: str | None = None) -> None:
        if note is None:
            self._progress.update(self._task, advance=by)
        else:
            self._progress.update(self._task, advance=by, note=note)

    def expect(self, total: int) -> None:
        self._progress.update(self._task, total=total)


class _WordsColumn(ProgressColumn):
    def __init__(self, words: Callable[[], str]) -> None:
        super().__init__()
        self._words = words

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's signature
        return Text(self._words())


class _Lines:
    """Progress in a log file: a line now and then, and none of what is soon over."""

    def __init__(self, title: str, total: int | None, words: Callable[[], str], start: int) -> None:
        self._title = title
        self._total = total
        self._words = words
        self._done = self._done_before = start
        self._said_at = time.monotonic()
        self._note = ""

    def advance(self, by: int = 1, *, note: str | None = None) -> None:
        self._done += by
        self._note = self._note if note is None else note
        now = time.monotonic()
        if now - self._said_at >= LINE_EVERY_S:
            rate = (self._done - self._done_before) / (now - self._said_at)
            self._done_before, self._said_at = self._done, now
            say(self._line(rate))

    def expect(self, total: int) -> None:
        self._total = total

    def _line(self, rate: float) -> str:
        done = f"{self._title}: {self._done:,}"
        parts = [done if self._total is None else f"{done} of {self._total:,}", f"{rate:,.1f}/s"]
        if self._total is not None and rate > 0:
            parts.append(f"{(self._total - self._done) / rate / 60:,.0f} min left")
        return ", ".join([*parts, *filter(None, (self._words(), self._note))])


@contextmanager
def progress(
    title: str, total: int | None = None, words: Callable[[], str] = str, start: int = 0
) -> Iterator[Bar]:
    """A progress line with count, rate and time left; in a log file a line each `LINE_EVERY_S`.

    ``words`` is asked, whenever the line is drawn, for what else it shall say; ``start`` have been
    done before.
    """
    if not console.is_terminal:
        yield _Lines(title, total, words, start)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _RateColumn(),
        _WordsColumn(words),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=console) as bars:
        yield _RichBar(bars, title, total, start)
