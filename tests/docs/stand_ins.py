"""What stands for the reader's world when the pages are run: declared, so that it can be counted.

Everything else is as the pages have it: real DVC and git, a real browser, HTTP on 127.0.0.1,
training.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Final

from PIL import Image

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import SELECTION, Status
from tests.browser.chromium import chromium
from tests.docs.blocks import ROOT
from tests.docs.reader import Hands, Reader, ask_once
from tests.project import Project
from tests.small_project import field


class State(Enum):
    """How far the reader's project is when a page begins."""

    RUN = "everything was run once, and nothing is committed"
    FIRST = "that is committed as v1"
    CULLED = "three pictures were removed since v1, and everything was run again"
    SECOND = "that is committed as v2"


CULLING: Final = "docs/tutorials/cull-images.md"
"""The page that is read through once; what it leaves is where others begin."""
BEGINS: Final[dict[str, State]] = {
    "README.md": State.CULLED,
    "docs/tutorials/first-run.md": State.RUN,
    "docs/tutorials/own-folder.md": State.FIRST,
    "docs/tutorials/describe-a-site.md": State.FIRST,
    CULLING: State.FIRST,
    "docs/tutorials/two-versions.md": State.CULLED,
    "docs/versions.md": State.CULLED,
    "docs/export.md": State.SECOND,
    "docs/lists.md": State.FIRST,
    "docs/review.md": State.FIRST,
}
"""Pages of which every command is in `NOT_RUN` need no project."""

NOT_RUN: Final[dict[str, str]] = {
    "make run": "it is the default run; the project that all pages begin with is the same, smaller",
    "make test": "these tests are part of it",
    "make format": "it would rewrite the code under test",
    "make docs": "tests/browser/test_site.py builds the site, tests/test_architecture.py the pages",
    "make screenshots": "it draws the pictures of the pages from a whole default run",
    "source .venv/bin/activate": "the reader's shell has the environment already",
    "salon scrape shop --dry-run": "it walks a live site, which no test does",
    "salon new mine --folder ~/pictures": "docs/tutorials/own-folder.md runs it with --only",
    **dict.fromkeys(
        (
            "salon translate colours",
            "salon judge colours",
            "salon model colours",
            "salon translate colours scans/ letter.jpg --out coloured/",
            "salon translate painted photos/ --derive --out out/",
        ),
        "a training of the usual length takes minutes; tests/stages/test_translate.py runs each "
        "command on a smaller one",
    ),
    **dict.fromkeys(
        (
            "dvc repro report@mine",
            "salon generate mine --out mine.png",
            "salon export mine --format folder --rights any --out out/mine",
            "salon export --check out/mine",
        ),
        "a training of the usual length takes minutes; own images up to `augment` run in the "
        "tutorial, the same commands on paintings in docs/tutorials and docs/export.md",
    ),
}
"""Each is held against the parser of its program all the same."""

ANOTHERS_PROGRAMS: Final = ("git", "source", "cp", "pre-commit")
"""Their command lines are not held against a parser."""

REPLACED: Final = {
    "a91f03c2": "the first eight digits of an image that is kept",
    "/mnt/data/salon": "a folder beside the project",
}
"""Words of the pages for which `stand_ins` has something of this machine."""


def stand_ins(project: Project, home: Path) -> dict[str, str]:
    """The words of `REPLACED` with what stands for each."""
    return {"a91f03c2": kept_images(project)[0][:8], "/mnt/data/salon": str(home / "store")}


def kept_images(project: Project) -> list[str]:
    """Images of the paintings that stay, without a duplicate."""
    table = tables.read(Paths(project.root, "paintings").table("selection"), SELECTION)
    kept = table.select(["image_id", "status", "group"]).to_pylist()
    return sorted(
        row["image_id"] for row in kept if row["status"] == Status.KEEP and row["group"] is None
    )


def furnish(reader: Reader) -> None:
    """Give the reader what the pages take for granted: pictures, saved pages, a place for git."""
    pictures = reader.home / "pictures"
    for number in range(40):
        path = pictures / ("harbours" if number % 2 else "fields") / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        # The last two are those before, saved again.
        Image.fromarray(field(min(number, 37), 160)).save(path, quality=90 - number % 2)
    for recorded, name in (("listing", "listing.html"), ("detail", "item.html")):
        (reader.project.root / name).write_text(_saved_page(recorded))
    address, folder = "https://git.example.org/you/salon", reader.home / "salon.git"
    (reader.home / ".gitconfig").write_text(f'[url "{folder}"]\n    insteadOf = {address}\n')
    reader.project.run("git", "init", "--quiet", "--bare", str(folder))
    reader.project.run("git", "config", "remote.origin.url", address)


def _saved_page(recorded: str) -> str:
    """A page of the replica of a fashion shop as a browser saves it: it tells where it stands."""
    folder = ROOT / "scrapers" / "sites" / "fashion.pages"
    url = json.loads((folder / f"{recorded}.expected.json").read_text())["url"]
    canonical = f'<head>\n<link rel="canonical" href="{url}">'
    return (folder / f"{recorded}.html").read_text().replace("<head>", canonical, 1)


def forget_the_commit(reader: Reader) -> None:
    """Take v1 back, so that the page makes it."""
    reader.project.run("git", "tag", "--delete", "v1")
    reader.project.run("git", "reset", "--quiet", "--soft", "HEAD~1")


def share_the_first_version(reader: Reader) -> None:
    """Name a folder as the remote before v2, as the page advises, and push v1 to it."""
    project, store = reader.project, str(reader.home / "store")
    project.run("dvc", "remote", "add", "--quiet", "--default", "store", store)
    project.run("git", "commit", "--quiet", "--message", "Name the remote", ".dvc/config")
    project.run("dvc", "remote", "add", "--quiet", "--local", "--default", "store", store)
    project.run("dvc", "push", "--quiet", "--all-tags")


def commit_the_second_version(reader: Reader) -> None:
    """What docs/tutorials/two-versions.md does."""
    reader.project.run("git", "commit", "--quiet", "--all", "--message", "Remove three")
    reader.project.run("git", "tag", "v2")


BEFORE: Final[dict[str, Callable[[Reader], None]]] = {
    "docs/tutorials/first-run.md": forget_the_commit,
    "docs/versions.md": share_the_first_version,
    "docs/export.md": commit_the_second_version,
}
"""What happens before a page begins."""


def press_x_three_times(address: str) -> None:
    """Remove the three kept pictures that are nearest to a limit, by keyboard."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.support.ui import WebDriverWait

    with chromium() as browser:
        browser.get(address)
        browser.get(f"{address.partition('/open')[0]}/paintings/grid?status=keep")
        wait = WebDriverWait(browser, 60, 0.05)
        tiles = "return document.querySelectorAll('.tile .words').length > 5"
        wait.until(lambda _: browser.execute_script(tiles))
        ActionChains(browser, duration=0).send_keys("xxx").perform()
        saved = (
            "return document.body.dataset.saved === '3' && document.body.dataset.waiting === '0'"
        )
        wait.until(lambda _: browser.execute_script(saved))


SERVED: Final[dict[tuple[str, str], Hands]] = {
    (CULLING, "salon review paintings"): press_x_three_times,
    ("docs/review.md", "salon review paintings"): ask_once,
    ("README.md", "salon review paintings"): ask_once,
    ("docs/tutorials/first-run.md", "salon gallery wikiart"): ask_once,
}
"""Servers, and what is done while they run; then they are interrupted."""
