"""The review page as a curator uses it: real keys in a real Chromium, and the lists read back."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.chromium import chromium, console, requested, show, violations
from tests.review_server import Server, git, make, serving

VIEWS = (
    *("grid", "loupe", "groups", "groups?of=doubtful", "compare", "borderline", "sample"),
    *("variants", "training", "finish"),
)
PATIENCE_S = 30


class Curator:
    """Somebody at the page."""

    def __init__(self, driver: Chrome, server: Server) -> None:
        self.driver = driver
        self.server = server

    def open(self, path: str) -> None:
        self.driver.get(f"{self.server.origin}/paintings/{path}")
        self.until("document.body.dataset.ready")

    def ask(self, script: str) -> Any:
        return self.driver.execute_script(f"return {script}")

    def until(self, script: str) -> None:
        WebDriverWait(self.driver, PATIENCE_S, 0.02).until(lambda _: self.ask(script), script)

    def press(self, *keys: str) -> None:
        chain = ActionChains(self.driver, duration=0)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def shift(self, key: str) -> None:
        chain = ActionChains(self.driver, duration=0)
        chain.key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()

    def saved(self) -> None:
        """Wait until nothing waits to be saved."""
        self.until("document.body.dataset.waiting === '0'")

    def current(self) -> str:
        """The id under the cursor."""
        self.until("document.querySelector('.tile.current')?.dataset.item")
        return str(self.ask("document.querySelector('.tile.current').dataset.item"))


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make(tmp_path_factory.mktemp("review"))) as running:
        yield running


@pytest.fixture
def curator(driver: Chrome, server: Server) -> Curator:
    """A curator with empty lists."""
    git(server.root, "checkout", "--quiet", "HEAD", "--", "curation/lists")
    driver.get(server.opening)
    at_work = Curator(driver, server)
    at_work.until("document.body.dataset.ready === 'grid'")
    at_work.until("document.querySelectorAll('.tile .words').length > 5")
    return at_work


def test_one_key_one_decision(curator: Curator) -> None:
    order = curator.ask("[...document.querySelectorAll('.tile')].map(t => t.dataset.item)")
    curator.press("x", "p", "x", "3", "p", "u")
    curator.saved()
    assert [line.split()[:2] for line in curator.server.lines("remove")] == sorted(
        [[order[0], "taste"], [order[2], "watermark"]]
    )
    assert [line.split()[0] for line in curator.server.lines("keep")] == sorted(
        [order[1], order[3]]
    )
    assert curator.current() == order[5]
    signed = [line.split()[2:] for line in curator.server.lines("remove")]
    assert all(by == "Ana-B." and re.fullmatch(r"\d{4}-\d\d-\d\d", day) for by, day in signed)


def test_undo_reaches_back_over_a_reload(curator: Curator) -> None:
    first = curator.current()
    curator.press("x", "x")
    curator.saved()
    curator.open("grid")
    curator.press("z", "z")
    curator.saved()
    assert curator.server.lines("remove") == []
    curator.shift("z")
    curator.saved()
    assert [line.split()[0] for line in curator.server.lines("remove")] == [first]


def test_several_pictures_are_one_step(curator: Curator) -> None:
    curator.shift(Keys.ARROW_RIGHT)
    curator.shift(Keys.ARROW_RIGHT)
    curator.press("x")
    curator.saved()
    assert len(curator.server.lines("remove")) == 3
    curator.press("z")
    curator.saved()
    assert curator.server.lines("remove") == []


def test_typing_a_filter_decides_nothing(curator: Curator) -> None:
    curator.press("/")
    curator.press(*"Field no. 1")
    curator.until("new URLSearchParams(location.search).get('q') === 'Field no. 1'")
    curator.until("document.getElementById('found').textContent.startsWith('11 ')")
    curator.press(*"xpu12z", Keys.ESCAPE)
    curator.saved()
    assert curator.server.lines("remove") == curator.server.lines("keep") == []
    assert curator.ask("document.body.dataset.saved") == "0"


def test_a_group_is_settled_by_one_key(curator: Curator) -> None:
    curator.open("groups")
    members = curator.ask(
        "[...document.querySelectorAll('.group')[0].querySelectorAll('.tile')]"
        ".map(t => t.dataset.item)"
    )
    curator.press(Keys.ARROW_RIGHT)
    curator.shift("p")
    curator.saved()
    assert [line.split()[0] for line in curator.server.lines("keep")] == [members[1]]
    removed = {tuple(line.split()[:2]) for line in curator.server.lines("remove")}
    assert removed == {(member, "near_duplicate") for member in (members[0], *members[2:])}
    assert curator.ask("document.querySelector('.group.current').dataset.row") == "1"
    curator.press("d")
    curator.saved()
    assert len(curator.server.lines("distinct")) == 2


def test_a_doubtful_pair_says_why_and_an_answer_is_counted(curator: Curator) -> None:
    curator.open("groups?of=doubtful")
    curator.until("document.querySelector('.group-head')?.textContent")
    words = (
        "1. One picture with a chance of 1\u00a0%; alike once moved, so perhaps cropped, tilted or"
    )
    heading = curator.ask("document.querySelector('.group-head').textContent")
    assert heading == f"{words} bordered"
    curator.press("d")
    curator.saved()
    assert len(curator.server.lines("distinct")) == 1
    curator.open("groups?of=doubtful")
    curator.until(
        "document.getElementById('found').textContent.includes('0 pairs called the same')"
    )
    assert "and 1 told apart" in curator.ask("document.getElementById('found').textContent")


COMPARED = "[...document.querySelectorAll('.pane .window img')].map(i => i.alt)"
NOTE = "document.getElementById('found').textContent"
LIKENESS = "[...document.querySelectorAll('.likeness')].map(words => words.textContent)"


def test_compare_says_what_it_compares(curator: Curator) -> None:
    first, second = curator.ask(
        "[...document.querySelectorAll('.tile')].slice(0, 2).map(t => t.dataset.item)"
    )
    alone = next(
        tile
        for tile in (first, second)
        if curator.server.get(_candidates(curator, tile)).json() == []
    )
    curator.open(f"compare?at={alone}")
    assert len(curator.ask(COMPARED)) == 1, "no picture that has nothing to do with it"
    assert curator.ask(NOTE).startswith("Nothing was measured to be like ")
    curator.open(f"compare?with={first},{second}")
    assert curator.ask(NOTE) == "The 2 pictures that you chose."
    assert curator.ask(LIKENESS)[1].startswith("Never measured against the first")


def test_compare_shows_what_is_like_the_picture_at_the_cursor(curator: Curator) -> None:
    curator.open("groups?of=doubtful")
    curator.until("document.querySelector('.group .tile')?.dataset.item")
    image, other = curator.ask(
        "[...document.querySelectorAll('.group .tile')].slice(0, 2).map(t => t.dataset.item)"
    )
    curator.open(f"compare?at={image}")
    assert "and 1 picture like it." in curator.ask(NOTE)
    heading, likeness = curator.ask(LIKENESS)
    assert heading == ""
    assert likeness.startswith(
        "In doubt: alike once moved, so perhaps cropped, tilted or bordered. "
        "One picture with a chance of 1\u00a0%. Hashes "
    )
    assert other in curator.ask(
        "[...document.querySelectorAll('.pane img')].map(i => i.src).join()"
    )


def _candidates(curator: Curator, image: str) -> str:
    [place] = curator.server.get(f"/api/paintings/places?ids={image}").json()
    return f"/api/paintings/candidates?places={place}"


def test_a_variant_is_removed_by_its_own_name(curator: Curator) -> None:
    curator.open("variants")
    variant = curator.current()
    curator.press("x")
    curator.saved()
    assert [line.split()[0] for line in curator.server.lines("remove")] == [variant]
    assert variant.split("/")[1] in ("identity", "rot180")


def test_an_editor_s_line_appears_and_stays(curator: Curator) -> None:
    curator.press("x")
    curator.saved()
    other = curator.ask("document.querySelectorAll('.tile')[7].dataset.item")
    path = curator.server.root / "curation" / "lists" / "remove.txt"
    path.write_text(f"{path.read_text()}{other}  blurry  jo  # out of focus\n")
    curator.until("document.querySelectorAll('.tile')[7].dataset.decision === 'remove'")
    curator.until("document.getElementById('notices').textContent.includes('1 line added')")
    curator.press("x")
    curator.saved()
    assert len(curator.server.lines("remove")) == 3
    assert f"{other}  blurry  jo  # out of focus" in curator.server.lines("remove")


def test_two_tabs_know_of_each_other(curator: Curator) -> None:
    driver, first = curator.driver, curator.driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        curator.open("grid")
        curator.press("p")
        curator.saved()
        kept = curator.server.lines("keep")[0].split()[0]
        driver.switch_to.window(first)
        curator.press("x")  # the first tab has not heard of it
        curator.saved()
        assert curator.server.lines("keep") == []
        assert curator.server.lines("remove")[0].split()[0] == kept
        told = "document.getElementById('notices').textContent"
        curator.until(f"{told}.includes('had been kept by Ana-B. meanwhile')")
    finally:
        for handle in driver.window_handles:
            if handle != first:
                driver.switch_to.window(handle)
                driver.close()
        driver.switch_to.window(first)


def test_a_merge_is_taken_in(curator: Curator) -> None:
    root = curator.server.root
    ids = curator.ask("[...document.querySelectorAll('.tile')].map(t => t.dataset.item)")
    git(root, "checkout", "--quiet", "-b", "other")
    path = root / "curation" / "lists" / "remove.txt"
    path.write_text(f"{path.read_text()}\n{ids[9]}  blurry  jo\n")
    git(root, "commit", "--quiet", "--message", "Of another branch", "curation")
    git(root, "checkout", "--quiet", "main")
    try:
        curator.press("x")
        curator.saved()
        git(root, "commit", "--quiet", "--message", "Of this one", "curation")
        git(root, "merge", "--quiet", "--no-edit", "other")
        curator.until("document.querySelectorAll('.tile')[9].dataset.decision === 'remove'")
        curator.press("x")
        curator.saved()
        assert len(curator.server.lines("remove")) == 3
    finally:
        git(root, "reset", "--quiet", "--hard", "HEAD~1")
        git(root, "checkout", "--quiet", "HEAD~1", "--", "curation/lists")
        git(root, "commit", "--quiet", "--message", "As it was", "curation")
        git(root, "branch", "--quiet", "-D", "other")


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_sound(curator: Curator, view: str) -> None:
    """Nothing leaves the machine or fails, nothing sticks out, and axe finds nothing serious."""
    console(curator.driver)
    requested(curator.driver)
    for width, scheme in ((1400, "light"), (800, "dark")):
        show(curator.driver, width, scheme)
        curator.open(view)
        curator.until("[...document.images].every(i => i.complete)")
        assert violations(curator.driver, "serious", "critical", "moderate") == []
        assert curator.ask("document.documentElement.scrollWidth") <= width
        assert curator.ask(LEAST_HEIGHT) > 90
    assert console(curator.driver) == []
    hosts = {url.split("/")[2] for url in requested(curator.driver)}
    assert hosts == {curator.server.origin.split("/")[2]}


def test_every_key_is_shown(curator: Curator) -> None:
    curator.press("?")
    curator.until("document.getElementById('help').open")
    shown = curator.ask("document.getElementById('help-keys').textContent")
    for words in ("keep", "remove", "undo", "next undecided", "loupe", "compare", "filter"):
        assert words in shown
    curator.press("x", Keys.ESCAPE)
    assert curator.server.lines("remove") == []


def test_the_next_picture_waits_decoded(curator: Curator) -> None:
    curator.open("loupe")
    for _ in range(5):
        curator.until("document.querySelector('.picture img')?.complete")
        before = curator.ask("document.querySelector('.picture img').src")
        time.sleep(0.3)
        curator.press("p")
        after = "document.querySelector('.picture img')"
        assert curator.ask(f"{after}.src") != before
        assert curator.ask(f"{after}.complete && {after}.naturalWidth > 0")


DVC_YAML = """stages:
  augment:
    foreach: [paintings]
    do:
      cmd: python -u count.py
      deps: [curation/lists]
"""
COUNT = "import time\nfor n in range(5):\n    print('at', n)\n    time.sleep(0.2)\n"


def test_a_press_of_the_button_runs_dvc(driver: Chrome, tmp_path: Path) -> None:
    root = make(tmp_path)
    (root / "dvc.yaml").write_text(DVC_YAML)
    (root / "count.py").write_text(COUNT)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet"], cwd=root, check=True)
    with serving(root) as server:
        curator = Curator(driver, server)
        driver.get(server.opening)
        curator.open("finish")
        output = "document.querySelector('.output')"
        driver.find_element("id", "run").click()
        curator.until(f"{output}.textContent.includes('at 0')")
        assert curator.ask(f"{output}.dataset.exit") == ""
        curator.until(f"{output}.dataset.exit")
        assert curator.ask(f"{output}.dataset.exit") == "0"
        assert "at 4" in curator.ask(f"{output}.textContent")
        assert "augment@paintings" in (root / "dvc.lock").read_text()


LEAST_HEIGHT = """Math.min(...[...document.querySelectorAll(
  '.tile .frame, .window, .picture, .finish')].map(e => e.getBoundingClientRect().height))"""
