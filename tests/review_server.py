"""`salon review` as a process of its own, over a small finished collection under real git."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.project import ROOT
from tests.small_project import build

LISTS = ("keep", "remove", "distinct")


@dataclass(frozen=True)
class Server:
    """A running server, and a session that has opened its page."""

    process: subprocess.Popen[str]
    opening: str
    """The address that was printed, with its token."""
    origin: str
    token: str
    session: requests.Session
    root: Path

    def get(self, path: str, **headers: str) -> requests.Response:
        """Ask for ``path`` as the page would."""
        return self.session.get(f"{self.origin}{path}", headers=headers, timeout=20)

    def post(self, path: str, body: object, **headers: str) -> requests.Response:
        """Send a command as the page would; headers given here take the place of the page's."""
        own = {"Origin": self.origin, "X-Salon-Token": self.token}
        sent = {name: value for name, value in (own | headers).items() if value}
        return self.session.post(f"{self.origin}{path}", json=body, headers=sent, timeout=20)

    def decide(self, tab: str, number: int, *changes: dict[str, Any]) -> dict[str, Any]:
        """Have one step carried out."""
        body = {"tab": tab, "number": number, "of": "", "steps": [list(changes)]}
        answer = self.post("/api/paintings/decide", body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def lines(self, name: str) -> list[str]:
        """The entries of a list on disk."""
        text = (self.root / "curation" / "lists" / f"{name}.txt").read_text()
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    def run(self, *words: str) -> str:
        """What a `salon` command says in the project."""
        done = subprocess.run(
            [_salon(), *words],
            cwd=self.root,
            env=_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


def make(root: Path) -> Path:
    """A project with a finished collection, empty lists, and a first commit."""
    build(root)
    (root / "params.yaml").write_bytes((ROOT / "tests" / "default_params.yaml").read_bytes())
    (root / ".gitattributes").write_bytes((ROOT / ".gitattributes").read_bytes())
    for name in LISTS:
        path = root / "curation" / "lists" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# The list {name}.\n")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "config", "user.name", "Ana B.")
    git(root, "config", "user.email", "ana@example.org")
    git(root, "add", "curation", ".gitattributes", "params.yaml")
    git(root, "commit", "--quiet", "--message", "Begin")
    return root


def git(root: Path, *words: str) -> str:
    """What git says."""
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Serve the page for the block, and end it as Ctrl-C would."""
    process = start(root)
    try:
        server = connect(process, root)
        with server.session:
            yield server
    finally:
        process.terminate()
        process.communicate(timeout=20)


def start(root: Path) -> subprocess.Popen[str]:
    """The process; it has not said its address yet."""
    return subprocess.Popen(
        [_salon(), "review", "paintings"],
        cwd=root,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def connect(process: subprocess.Popen[str], root: Path) -> Server:
    """Wait for the address, and open it."""
    assert process.stdout is not None
    said = process.stdout.readline()
    address = re.search(r"(http://127\.0\.0\.1:\d+)/open\?token=(\S+)", said)
    assert address, said + process.stdout.read()
    session = requests.Session()
    session.trust_env = False
    opened = session.get(address[0], timeout=20)
    assert opened.url == f"{address[1]}/paintings/grid"
    return Server(process, address[0], address[1], address[2], session, root)


def _salon() -> str:
    return str(Path(sys.executable).with_name("salon"))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
