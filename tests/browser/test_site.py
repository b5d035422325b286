"""The site of docs/: built strictly, and looked at in a real Chromium."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from selenium.webdriver import Chrome

from tests.browser.chromium import chromium, console, requested, show, violations

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md"))


def _build(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("zensical")
    command = [str(program), "build", "--strict"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as they are written, in a folder of their own."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    return folder


@pytest.fixture(scope="module")
def origin(sources: Path) -> Iterator[str]:
    """Where the built site is served."""
    built = _build(sources)
    assert built.returncode == 0, built.stdout
    handler = partial(_Quiet, directory=str(sources / "build" / "site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing of requests."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as running:
        yield running


def _open(browser: Chrome, origin: str, page: str, width: int, scheme: str) -> None:
    show(browser, width, scheme)
    browser.get(f"{origin}/{page}.html")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_other_host_and_fits_a_telephone(
    browser: Chrome, origin: str, page: str
) -> None:
    _open(browser, origin, page, 390, "light")
    assert console(browser) == []
    assert {url.split("/")[2] for url in requested(browser) if not url.startswith("data:")} == {
        origin.split("/")[2]
    }


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (1400, "dark"), (390, "dark")])
@pytest.mark.parametrize("page", ["index", "training", "tutorials/cull-images"])
def test_axe_has_nothing_serious_to_say(
    browser: Chrome, origin: str, page: str, width: int, scheme: str
) -> None:
    """All pages have one template; these have all that pages are made of."""
    _open(browser, origin, page, width, scheme)
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert violations(browser, "serious", "critical") == []


def test_every_page_is_in_the_menu(browser: Chrome, origin: str) -> None:
    browser.get(f"{origin}/index.html")
    links = browser.execute_script(
        "return [...document.querySelectorAll('.md-nav--primary a')].map(a => a.href)"
    )
    assert {f"{origin}/{page}.html" for page in PAGES} <= {link.split("#")[0] for link in links}


def test_a_link_to_nowhere_stops_the_build(sources: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(sources, tmp_path / "site", ignore=shutil.ignore_patterns("build"))
    with (folder / "docs" / "index.md").open("a") as index:
        index.write("\n[nowhere](nowhere.md)\n")
    built = _build(folder)
    assert built.returncode != 0
    assert "page does not exist" in built.stdout + built.stderr
