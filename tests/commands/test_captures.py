"""`salon captures`: what there is, whether it is whole, and what a site really sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.commands.captures import printable, still
from pipeline.core.errors import SalonError
from pipeline.core.params.load import load_params
from pipeline.core.paths import Paths
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.capture import Capture
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome, now
from scrapers.job import description_of
from tests.project import small_params

WWW, WIRE = "https://www.example.org", "http://127.0.0.1:4001"
HOSTILE = "<title>\x1b]0;taken\x07</title><script>document.title = 'taken'</script>"
FIRST, SECOND = "2026-05-04", "2026-06-01"
Salon = Callable[..., "Said"]


def picture(number: int) -> bytes:
    return b"\xff\xd8\xff" + bytes([number]) * 5000


def capture(root: Path, as_of: str, pictures: list[int], page: str = HOSTILE) -> Path:
    """One page and a few pictures; picture number n stands at the n-th address."""
    folder = root / "data" / "captures" / "paintings" / as_of
    description = CaptureDescription("wikiart", "gallery", as_of, {})
    writer = CaptureWriter(folder, description, AddressBook({WWW: WIRE}), 12_000)
    writer.add_page(Outcome(f"{WWW}/", WIRE, Fetch.FETCHED, now(), body=page.encode()))
    for place, number in enumerate(pictures, start=1):
        url = f"{WWW}/{place}.jpg"
        writer.add_image(Outcome(url, WIRE, Fetch.FETCHED, now(), body=picture(number)))
    writer.add_image(Outcome(f"{WWW}/gone.jpg", WIRE, Fetch.GONE, now(), http_status=404))
    writer.finish({})
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two captures; in the second, one picture of five has changed."""
    root = tmp_path_factory.mktemp("project")
    (root / "params.yaml").write_text(yaml.safe_dump(small_params()))
    capture(root, FIRST, [1, 2, 3, 4, 5])
    capture(root, SECOND, [1, 2, 30, 4, 5])
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project"))


class Said(NamedTuple):
    """What a command printed, its error included."""

    stdout: bytes
    stderr: str


@pytest.fixture
def salon(root: Path, monkeypatch: pytest.MonkeyPatch) -> Salon:
    """Run `salon` with some words, which must leave with ``code``."""
    monkeypatch.chdir(root)

    def run(*words: str, code: int = 0) -> Said:
        done = CliRunner().invoke(cli, words, standalone_mode=False)
        error = done.exception
        if error is not None and not isinstance(error, SalonError):
            raise error
        assert (0 if error is None else error.exit_code) == code, error
        return Said(done.stdout_bytes, f"{done.stderr}{error or ''}")

    return run


def test_captures_are_listed_with_what_became_of_their_requests(salon: Salon) -> None:
    text = salon("captures", "list").stdout.decode()
    assert "1 page (1 fetched); 6 images (5 fetched, 1 gone); 0.0 MB\n" in text
    assert "1 page (1 unchanged); 6 images (1 changed, 1 gone, 4 unchanged)" in text
    listed = json.loads(salon("captures", "list", "paintings", "--json").stdout)["captures"]
    assert [row["as_of"] for row in listed] == [FIRST, SECOND]
    assert listed[1]["counts"]["image"] == {"changed": 1, "gone": 1, "unchanged": 4}
    assert listed[1]["counts"]["bytes"]["stored"] == len(picture(30))


def test_whole_captures_are_verified(salon: Salon) -> None:
    words = "14 requests: every length and every digest is as recorded\n"
    assert salon("captures", "verify").stdout.decode() == words
    assert json.loads(salon("captures", "verify", "--json").stdout) == {
        "requests": 14,
        "problems": [],
    }


def flip(path: Path, at: int) -> int:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    return path.write_bytes(content)


DAMAGE: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "two flipped bits": (
        lambda first: [flip(first / "images-00000.tar", at) for at in (600, 7000)],
        ["the 5,003 bytes at 512 are not image", "the 5,003 bytes at 6,144 are not image"],
    ),
    "a torn tar": (
        lambda first: os.truncate(first / "images-00002.tar", 3000),
        ["images-00002.tar: torn: ends at byte 3,000"],
    ),
    "a tar header that names another file": (
        lambda first: flip(first / "images-00000.tar", 3),
        ["the tar header or padding around image"],
    ),
    "a tar that goes on behind its last image": (
        lambda first: os.truncate(first / "images-00001.tar", 100_000),
        ["images-00001.tar: does not end as a tar file behind its last image"],
    ),
    "a torn page": (
        lambda first: os.truncate(first / "pages-00000.warc.gz", 500),
        ["pages-00000.warc.gz: torn"],
    ),
    "a shard that went missing": (
        lambda first: (first / "images-00001.tar").unlink(),
        ["images-00001.tar: missing, and 2 bodies with it"],
    ),
    "a shard that nobody knows": (
        lambda first: (first / "images-00009.tar").write_bytes(b"?"),
        ["images-00009.tar: no row of the manifest names it"],
    ),
    "a manifest that is none": (
        lambda first: (first / "manifest.parquet").write_bytes(b"PAR1"),
        ["manifest.parquet: torn", "of its bodies lie in 2026-05-04"],
    ),
    "an earlier capture that is gone": (
        lambda first: shutil.rmtree(first),
        ["5 of its bodies lie in 2026-05-04", "no capture here"],
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_everything_that_is_wrong_is_named(salon: Salon, root: Path, kind: str) -> None:
    damage, words = DAMAGE[kind]
    damage(root / "data" / "captures" / "paintings" / FIRST)
    done = salon("captures", "verify", code=13)
    text = done.stdout.decode()
    assert all(each in text for each in words)
    assert "with the captures, as listed above" in done.stderr


def test_a_finished_capture_is_held_against_its_digests_on_request(
    salon: Salon, root: Path
) -> None:
    params = load_params(root / "params.yaml").collection("paintings").scrape
    folder = Paths(root, "paintings").capture(params.as_of)
    shutil.rmtree(folder, ignore_errors=True)
    writer = CaptureWriter(folder, description_of(params), AddressBook({WWW: WIRE}), 12_000)
    writer.add_image(Outcome(f"{WWW}/1.jpg", WIRE, Fetch.FETCHED, now(), body=picture(99)))
    writer.finish({})
    words = ("scrape", "paintings", "--verify")
    assert "every length and every digest is as recorded" in salon(*words).stderr
    flip(folder / "images-00000.tar", 600)
    assert "finished before, nothing to do" in salon(*words[:2]).stderr
    damaged = salon(*words, code=13).stderr
    assert "the 5,003 bytes at 512 are not image" in damaged
    assert "1 fault, as listed above; restore it (`dvc checkout`, `dvc pull`)" in damaged
    os.truncate(folder / "images-00000.tar", 3000)
    assert "has 3,000 bytes where" in salon(*words[:2], code=13).stderr


def test_a_reference_to_other_bytes_is_named(salon: Salon, root: Path) -> None:
    first = root / "data" / "captures" / "paintings" / FIRST
    shutil.rmtree(first)
    capture(root, FIRST, [1, 2, 3, 40, 5])
    text = salon("captures", "verify", code=13).stdout.decode()
    assert f"{FIRST} does not hold what it should of {WWW}/4.jpg" in text
    assert f"{WWW}/5.jpg" not in text


def test_what_a_site_sent_is_shown_as_it_came(salon: Salon) -> None:
    done = salon("captures", "show", f"{WWW}/3.jpg")
    assert done.stdout == picture(30)
    assert "capture 2026-06-01, changed" in done.stderr
    assert salon("captures", "show", f"{WWW}/3.jpg", "--as-of", FIRST).stdout == picture(3)
    held = salon("captures", "show", f"{WWW}/4.jpg")
    assert held.stdout == picture(4)
    assert "held in 2026-05-04" in held.stderr
    gone = salon("captures", "show", f"{WWW}/gone.jpg")
    assert (gone.stdout, "gone, HTTP 404" in gone.stderr) == (b"", True)
    assert "no capture asked for that" in salon("captures", "show", f"{WWW}/x", code=2).stderr
    rows = json.loads(salon("captures", "show", f"{WWW}/", "--json").stdout)["requests"]
    assert [row["fetch"] for row in rows] == ["unchanged"]


def test_a_page_is_opened_without_its_scripts(root: Path, tmp_path: Path) -> None:
    asked, temporary = tmp_path / "asked", tmp_path / "opened"
    temporary.mkdir()
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho \"$1\" > '{asked}'\n")
    browser.chmod(0o755)
    program = [sys.executable, "-c", "from pipeline.cli import main; main()"]
    command = [*program, "captures", "show", f"{WWW}/", "--open"]
    variables = {**os.environ, "BROWSER": f"{browser} %s", "TMPDIR": str(temporary)}
    subprocess.run(command, cwd=root, env=variables, check=True, stderr=subprocess.DEVNULL)
    address = asked.read_text().strip()
    page = Path(address.removeprefix("file://")).read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "iframe sandbox srcdoc" in page
    assert "default-src 'none'" in page


def test_text_from_the_web_cannot_steer_the_terminal() -> None:
    assert printable(HOSTILE).startswith("<title>\\x1b]0;taken\\x07</title>")
    assert printable("a\tb\nü") == "a\tb\nü"
    assert b"'" not in still("x", "'><script>").partition(b"srcdoc='")[2].partition(b"'></")[0]


def test_captures_share_their_bodies(made: Path) -> None:
    folder = made / "data" / "captures" / "paintings"
    first, second = (Capture(folder / each) for each in (FIRST, SECOND))
    assert [page.body for page in second.pages()] == [page.body for page in first.pages()]
    assert not list(second.folder.glob("*.warc.gz"))
    (shard,) = second.image_shards()
    assert len(shard.entries) == 1
