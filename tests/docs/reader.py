"""Somebody who types what a page says, into a shell in a project of theirs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests import preloaded
from tests.docs.blocks import Command
from tests.project import Project

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+\S*")
_NUMBER = re.compile(r"\d[\d.,:]*")
Hands = Callable[[str], None]
"""What is done while a server runs; given the first address that it printed."""
_LONGEST_START_S = 300


@dataclass
class Started:
    """What runs in another terminal, and what it has said."""

    command: Command
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it at once, as a host ends that loses its power."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Reader:
    """A shell that stays where the last command left it."""

    project: Project
    home: Path
    replaced: Mapping[str, str] = field(default_factory=dict)
    """Words of the pages, and what stands for them here."""
    preloaded: bool = False
    """Whether `salon` and `dvc` begin with their libraries imported."""
    directory: Path = field(init=False)
    started: list[Started] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory = self.project.root

    def type(self, command: Command) -> str:
        """Run a command as it stands on the page; all that it said.

        Raises:
            AssertionError: it ended with another exit code than 0.
        """
        where = self.home / "directory"
        script = f"set -eo pipefail\n{self._as_here(command.text)}\npwd > {where}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AssertionError(f"$ {command.text}\nexit {done.returncode}\n{done.stdout}")
        self.directory = Path(where.read_text().strip())
        return done.stdout

    def type_while(self, command: Command, hands: Callable[[Reader], None]) -> str:
        """The same, with something done while it runs."""
        with ThreadPoolExecutor(1) as other:
            doing = other.submit(hands, self)
            said = self.type(command)
            doing.result()
        return said

    def start(self, command: Command) -> None:
        """Run it in a terminal of its own, and wait for the first line that the page shows."""
        log = self.home / f"started-{len(self.started)}.txt"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {self._as_here(command.text)}"],
                cwd=self.directory,
                env=self.environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(Started(command, process, log))
        deadline = time.monotonic() + _LONGEST_START_S
        while missing_lines(command.answer[:1], log.read_text()):
            assert process.poll() is None, f"$ {command.text}\nended: {log.read_text()}"
            assert time.monotonic() < deadline, f"$ {command.text}\n{log.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End what was started, and see that it said what the page shows.

        Raises:
            AssertionError: it did not.
        """
        for each in reversed(self.started):
            each.kill()
        for each in self.started:
            said = each.log.read_text()
            lost = missing_lines(each.command.answer, said)
            assert lost == [], f"$ {each.command.text}\nnot said: {lost}\n{said}"

    def serve(self, command: Command, hands: Hands) -> str:
        """Start a server, use it by the first address it prints, and press Ctrl-C."""
        spoken = self.home / "spoken.txt"
        with spoken.open("w") as out:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {self._as_here(command.text)}"],
                cwd=self.directory,
                env=self.environment() | {"PYTHONUNBUFFERED": "1"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            while (address := _ADDRESS.search(spoken.read_text())) is None:
                ended = process.poll() is not None
                assert not ended, (
                    f"$ {command.text}\nended without an address: {spoken.read_text()}"
                )
                time.sleep(0.05)
            hands(address[0])
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
        assert process.returncode == 0, f"$ {command.text}\n{spoken.read_text()}"
        return spoken.read_text()

    def environment(self) -> dict[str, str]:
        """That of a person who has activated the environment, at home in ``home``."""
        before = Path.home()
        return self.project.environment(
            {
                "HOME": str(self.home),
                "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR", str(before / ".config/matplotlib")),
                "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(before / ".cache")),
                "OPENBLAS_NUM_THREADS": "1",
                **(preloaded.path() if self.preloaded else {}),
            }
        )

    def _as_here(self, text: str) -> str:
        for word, stand_in in self.replaced.items():
            text = text.replace(word, stand_in)
        return text


def ask_once(address: str) -> None:
    """Look at a page as a browser would."""
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(address, timeout=60).status_code == 200


def missing_lines(answer: Sequence[str], said: str) -> list[str]:
    """The lines of an answer on the page that a command did not say.

    Any number stands for any other, `...` for any text, and blanks do not count: what a page shows
    was said on larger data.
    """
    lines = [" ".join(line.split()) for line in said.splitlines()]
    return [
        line
        for line in answer
        if line.strip() and not any(_pattern(line).fullmatch(each) for each in lines)
    ]


def _pattern(line: str) -> re.Pattern[str]:
    parts = []
    for part in " ".join(line.split()).split("..."):
        literals = [re.escape(text) for text in _NUMBER.split(part)]
        parts.append(r"\d[\d.,:]*".join(literals))
    return re.compile(".*".join(parts))
