"""What stands for the reader's world when the pages are run: declared, so that it can be counted.

Everything else is as the pages have it: real DVC and git, a real browser, HTTP on 127.0.0.1,
training.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Final

import yaml
from PIL import Image

from pipeline.core import tables
from pipeline.core.paths import Paths
from pipeline.core.schema import SELECTION, Status
from tests.browser.chromium import chromium
from tests.docs.blocks import ROOT, blocks
from tests.docs.reader import Hands, Reader, ask_once
from tests.project import Project
from tests.small_project import field


class State(Enum):
    """How far the reader's project is when a page begins."""

    UNTOUCHED = "a clone, in which nothing was run"
    RUN = "everything was run once, and nothing is committed"
    FIRST = "that is committed as v1"
    CULLED = "three pictures were removed since v1, and everything was run again"
    SECOND = "that is committed as v2"


OWN_FOLDER: Final = "docs/tutorials/own-folder.md"
CULLING: Final = "docs/tutorials/cull-images.md"
"""The page that is read through once; what it leaves is where others begin."""
CLUSTER: Final = "docs/tutorials/cluster.md"
SERVERS: Final = "docs/tutorials/servers.md"
TRANSLATING: Final = "docs/tutorials/translations.md"
BEGINS: Final[dict[str, State]] = {
    "README.md": State.CULLED,
    "docs/tutorials/first-run.md": State.RUN,
    OWN_FOLDER: State.UNTOUCHED,
    "docs/tutorials/describe-a-site.md": State.FIRST,
    CLUSTER: State.FIRST,
    SERVERS: State.FIRST,
    TRANSLATING: State.FIRST,
    CULLING: State.FIRST,
    "docs/tutorials/two-versions.md": State.CULLED,
    "docs/versions.md": State.CULLED,
    "docs/export.md": State.SECOND,
    "docs/lists.md": State.FIRST,
    "docs/review.md": State.FIRST,
}
"""Pages of which every command is in `NOT_RUN` need no project."""

PRELOADED: Final = (
    OWN_FOLDER,
    CLUSTER,
    SERVERS,
    TRANSLATING,
    "docs/tutorials/describe-a-site.md",
    "docs/review.md",
    "docs/lists.md",
)
"""Pages whose commands begin in `tests.preloaded`.

Those of other pages begin in an interpreter of their own, as a reader's do.
"""

NOT_RUN: Final[dict[str, str]] = {
    "make run": "it is the default run; the project that all pages begin with is the same, smaller",
    "make setup": "it installs what these tests run with",
    "make test": "these tests are part of it",
    "make format": "it would rewrite the code under test",
    "make docs": "tests/browser/test_site.py builds the site, tests/test_architecture.py the pages",
    "make screenshots": "it draws the pictures of the pages from a whole default run",
    "make bench-gpu": "it needs a CUDA device",
    **dict.fromkeys(
        (
            "rsync -a .dvc/cache/ you@server:salon/.dvc/cache/",
            "ssh you@server salon/.venv/bin/dvc --cd salon checkout",
            "ssh -L 8000:127.0.0.1:8000 you@server",
            "salon train paintings --watch --port 8000",
        ),
        "it needs a host with SSH; tests/train/test_watch.py looks at the page",
    ),
    "salon scrape shop --dry-run": "it walks a live site, which no test does",
    "python -m tests.benches.real_copies FOLDER... [--copies 150] [--sheets DIR] "
    "[--distinct FILE] [--same FILE]": "it measures folders of real pictures, which are not here",
    "pip install --constraint constraints.txt --editable '.[cluster]'": "it installs what these "
    "tests run with",
    **dict.fromkeys(
        (
            "SALON_CLUSTER=/shared/salon.json dvc repro ingest@watches",
            "SALON_CLUSTER=tcp://10.0.0.5:8786 salon dedupe watches",
            "dask scheduler --scheduler-file /shared/salon.json --no-dashboard --host 10.0.0.5",
            (
                "dask worker --scheduler-file /shared/salon.json --nworkers auto --nthreads 1 "
                "--memory-limit 0 --local-directory /tmp"
            ),
            (
                "torchrun --nnodes 2 --nproc-per-node 4 --rdzv-backend c10d "
                "--rdzv-endpoint 10.0.0.5:29400 --no-python salon train watches"
            ),
        ),
        "it needs several hosts; docs/tutorials/cluster.md and servers.md do the same on one",
    ),
    "dask scheduler --protocol tls --scheduler-file /shared/salon.json --no-dashboard": "as those "
    "above; tests/docs/test_examples.py has Dask load the certificate",
    "dask ssh --hostfile hosts.txt --nworkers 8 --nthreads 1 --memory-limit 0 "
    "--local-directory /tmp --remote-python /shared/venv/bin/python": "it needs hosts with SSH",
    "SALON_CLUSTER=tcp://salon-scheduler.default.svc:8786 dvc repro ingest@watches": "it needs "
    "Kubernetes",
    **dict.fromkeys(
        (
            "salon translate colours",
            "salon evaluate-translation colours",
            "salon translate painted photos/ --derive --out out/",
            "salon translate unframed snapshot.jpg --out paintings/",
            "salon translate unframed print.png --back --out hung/",
        ),
        "a training of the usual length takes minutes; docs/tutorials/translations.md does the "
        "same by `dvc repro`, tests/stages/test_translate.py by each command, on smaller ones",
    ),
    **dict.fromkeys(
        (
            'salon generate watches --text "steel diver, green dial" --out green.png',
            (
                'salon generate watches --text "black dial, rubber strap" --text "gold watch" '
                "--out rows.png"
            ),
        ),
        "it needs a model of captions, which takes minutes; tests/stages/test_text.py has one",
    ),
    **dict.fromkeys(
        (
            'salon generate watches --set "Dial=Blue" --set "Case diameter=40" --out blue.png',
            'salon generate watches --sweep "Case diameter=36..46" --out wider.png',
            'salon generate watches --sweep "Dial=Blue,White,Black" --out dials.png',
        ),
        "the watches of the project are drawn of nothing; tests/train/test_sheet.py types the same",
    ),
}
"""Each is held against the parser of its program all the same."""

TYPED_THERE: Final[dict[tuple[str, str], str]] = {
    ("README.md", "source .venv/bin/activate"): OWN_FOLDER,
    ("README.md", "salon new mine --folder ~/pictures --only"): OWN_FOLDER,
    ("README.md", "dvc repro"): OWN_FOLDER,
    ("README.md", 'git commit -am "My pictures"'): OWN_FOLDER,
    ("README.md", "git tag v1"): OWN_FOLDER,
    ("docs/translations.md", "salon model colours"): TRANSLATING,
    (
        "docs/translations.md",
        "salon translate colours scans/ letter.jpg --out coloured/",
    ): TRANSLATING,
    (SERVERS, "source .venv/bin/activate"): OWN_FOLDER,
    ("docs/your-images.md", "salon new mine --folder ~/pictures --only"): OWN_FOLDER,
    ("docs/your-images.md", "dvc repro"): OWN_FOLDER,
}
"""Commands that would take as long again, and the page whose reader types the very same."""

ANOTHERS_PROGRAMS: Final = ("git", "source", "cp", "pip", "pre-commit", "rm", "rsync", "ssh")
"""Their command lines are not held against a parser."""

REPLACED: Final = {
    "/mnt/data/salon": "a folder beside the project",
    "--nproc_per_node=4": "two processes, as there may be two cores",
    "a91f03c2": "the first eight digits of an image that is kept",
}
"""Words of the pages for which `stand_ins` has something of this machine."""


def stand_ins(project: Project, home: Path) -> dict[str, str]:
    """The words of `REPLACED` with what stands for each; no image where nothing was run."""
    images = [image_id[:8] for image_id in kept_images(project)[:1]]
    return dict(zip(REPLACED, [str(home / "store"), "--nproc_per_node=2", *images], strict=False))


def kept_images(project: Project) -> list[str]:
    """Images of the paintings that stay, without a duplicate."""
    path = Paths(project.root, "paintings").table("selection")
    if not path.exists():
        return []
    table = tables.read(path, SELECTION)
    kept = table.select(["image_id", "status", "group"]).to_pylist()
    return sorted(
        row["image_id"] for row in kept if row["status"] == Status.KEEP and row["group"] is None
    )


def furnish(reader: Reader) -> None:
    """Give the reader what the pages take for granted, such as pictures and a place for git."""
    pictures = reader.home / "pictures"
    for number in range(40):
        path = pictures / ("harbours" if number % 2 else "fields") / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        # The last two are those before, saved again.
        Image.fromarray(field(min(number, 37), 160)).save(path, quality=90 - number % 2)
    for recorded, name in (("listing", "listing.html"), ("detail", "item.html")):
        (reader.project.root / name).write_text(_saved_page(recorded))
    programs = reader.project.root / ".venv" / "bin"
    if not programs.exists():  # it does where the project is one in which another page was read
        programs.mkdir(parents=True)
        (programs / "activate").symlink_to(Path(sys.prefix) / "bin" / "activate")
    address, folder = "https://git.example.org/you/salon", reader.home / "salon.git"
    (reader.home / ".gitconfig").write_text(
        f'[url "{folder}"]\n    insteadOf = {address}\n'
        "[user]\n    name = Ana\n    email = ana@example.org\n"
    )
    reader.project.run("git", "init", "--quiet", "--bare", str(folder))
    reader.project.run("git", "config", "remote.origin.url", address)


def _saved_page(recorded: str) -> str:
    """A page of the replica of a fashion shop as a browser saves it: it tells where it stands."""
    folder = ROOT / "scrapers" / "sites" / "fashion.pages"
    url = json.loads((folder / f"{recorded}.expected.json").read_text())["url"]
    canonical = f'<head>\n<link rel="canonical" href="{url}">'
    return (folder / f"{recorded}.html").read_text().replace("<head>", canonical, 1)


def shorten_the_training(reader: Reader) -> None:
    """Leave the training of one's own pictures some seconds of its minutes."""
    path = reader.project.root / "params.yaml"
    params = yaml.safe_load(path.read_text())
    mine = params["collections"]["mine"]
    mine["train"] |= {"kimg": 0.5, "channels_base": 256, "channels_max": 8}
    mine["evaluate"] |= {"samples": 32}
    mine["enhance"] |= {"samples": 1}
    path.write_text(yaml.safe_dump(params, sort_keys=False))


def see_the_pictures(reader: Reader) -> None:
    """Each of one's own pictures was translated, at the resolution of the page."""
    named = {"coloured": {"fields-0.png", "letter.png"}, "again": {"harbours-1.png"}}
    for made, names in named.items():
        pictures = list((reader.project.root / made).rglob("*.png"))
        assert {picture.name for picture in pictures} == names
        for picture in pictures:
            with Image.open(picture) as opened:
                assert opened.size == (64, 64)


AFTER: Final[dict[tuple[str, str], Callable[[Reader], None]]] = {
    (TRANSLATING, "salon translate colours photos/ --derive --out again/"): see_the_pictures,
    (OWN_FOLDER, "salon new mine --folder ~/pictures --only"): shorten_the_training,
}
"""What is done behind the reader's back once a command has ended."""


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


def ask_for_colours(reader: Reader) -> None:
    """Put the page's block where the page says, for some seconds of its minutes."""
    (block,) = [block for block in blocks(TRANSLATING) if block.language == "yaml"]
    short = block.text.replace("kimg: 8.0", "kimg: 0.2\n    channels: 8\n    channels_max: 32")
    path = reader.project.root / "params.yaml"
    path.write_text(path.read_text().replace("collections:\n", f"{short}collections:\n", 1))
    for name in ("scans/fields-0.jpg", "photos/harbours-1.jpg", "letter.jpg"):
        picture = reader.project.root / name
        picture.parent.mkdir(exist_ok=True)
        Image.fromarray(field(len(name), 160)).save(picture)


BEFORE: Final[dict[str, Callable[[Reader], None]]] = {
    "docs/tutorials/first-run.md": forget_the_commit,
    "docs/versions.md": share_the_first_version,
    "docs/export.md": commit_the_second_version,
    TRANSLATING: ask_for_colours,
}
"""What happens before a page begins."""


def press_x(collection: str, times: int) -> Hands:
    """Remove the kept pictures that are nearest to a limit, by keyboard."""

    def press(address: str) -> None:
        from selenium.webdriver import ActionChains
        from selenium.webdriver.support.ui import WebDriverWait

        with chromium() as browser:
            browser.get(address)
            browser.get(f"{address.partition('/open')[0]}/{collection}/grid?status=keep")
            wait = WebDriverWait(browser, 60, 0.05)
            tiles = "return document.querySelectorAll('.tile .words').length > 5"
            wait.until(lambda _: browser.execute_script(tiles))
            ActionChains(browser, duration=0).send_keys("x" * times).perform()
            saved = (
                "const {saved, waiting} = document.body.dataset;"
                f"return saved === '{times}' && waiting === '0'"
            )
            wait.until(lambda _: browser.execute_script(saved))

    return press


SERVED: Final[dict[tuple[str, str], Hands]] = {
    (CULLING, "salon review paintings"): press_x("paintings", 3),
    (OWN_FOLDER, "salon review mine"): press_x("mine", 1),
    ("docs/review.md", "salon review paintings"): ask_once,
    ("README.md", "salon review paintings"): ask_once,
    ("docs/tutorials/first-run.md", "salon gallery wikiart"): ask_once,
}
"""Servers, and what is done while they run; then they are interrupted."""


def kill_bob(reader: Reader) -> None:
    """End the second worker as soon as a part of the work is finished."""
    parts = reader.project.root / "work" / "ingest" / "paintings"
    deadline = time.monotonic() + 300
    while not any(parts.glob("*/*")):
        assert time.monotonic() < deadline, "nothing was finished on the cluster"
        time.sleep(0.01)
    reader.started[2].kill()


_WORKER: Final = (
    "dask worker --scheduler-file work/salon.json --name {} --nthreads 1 --memory-limit 0 "
    "--local-directory /tmp --no-nanny --no-dashboard"
)
STARTED: Final = (
    (
        CLUSTER,
        "dask scheduler --scheduler-file work/salon.json --port 0 --host 127.0.0.1 --no-dashboard",
    ),
    (CLUSTER, _WORKER.format("ada")),
    (CLUSTER, _WORKER.format("bob")),
)
"""What runs in a terminal of its own until the page was read."""

MEANWHILE: Final[dict[tuple[str, str], Callable[[Reader], None]]] = {
    (
        CLUSTER,
        "SALON_CLUSTER=work/salon.json dvc repro --force --single-item ingest@paintings",
    ): kill_bob,
}
"""What is done while a command runs."""
