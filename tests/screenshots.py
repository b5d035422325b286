"""The pictures of README and docs, drawn from a default run: `make screenshots`.

Each is a window of Chromium of a fixed width over the same data, looked at once it stands still, so
that a second run draws the same bytes. Nothing is changed in the project: what is looked at is a
clone of it, which takes its data from the project's cache.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from PIL import Image
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.chromium import chromium, show
from tests.project import ROOT, Project

PICTURES: Final = ROOT / "docs" / "pictures"
MOST_BYTES: Final = 1_500_000
"""Of all pictures together: who reads the front page waits for them."""
WIDTH: Final = 1200
HEIGHT: Final = 800
_QUALITY: Final = 82
_AIR: Final = 20
_FILM_WIDTH, _FILM_QUALITY = 800, 55
_LONGEST_S: Final = 60
_STEADY: Final = ("--disable-partial-raster", "--disable-lcd-text")
"""Else the edges of what was painted before, in part or as a whole, differ by a bit or two."""
_COLLECTION: Final = "paintings"
_READY: Final = "return document.body.dataset.ready"
_LOADED: Final = "return [...document.images].every(image => image.complete)"
_MANY_REQUESTS: Final = "performance.setResourceTimingBufferSize(10000)"
_ASKED: Final = "return performance.getEntriesByType('resource').length"
_FILM: Final = (
    *(("", 1.5), ("x", 1.0), ("3", 1.0), ("p", 0.8), ("x", 0.8), ("x", 0.8), ("z", 1.2)),
    *(("e", 2.0), ("v", 1.6), ("p", 1.2), ("x", 1.2), ("g", 1.5), ("x", 0.8), ("p", 0.8)),
    *(("?", 3.3),),
)
"""Keys of the film of the review page, and for how many seconds each is seen: 20 together."""


def draw(project: Path, pictures: Path = PICTURES) -> dict[str, int]:
    """Draw all pictures from a finished run at ``project``; the bytes of each."""
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium(*_STEADY) as browser:
        clone = _clone(project, Path(folder) / "salon")
        card = clone.root / "reports" / f"{_COLLECTION}.html"
        by_name = {
            "funnel": _element(browser, card, "#funnel", 720),
            "duplicates": _element(browser, card, "#duplicates h3", 640),
            "samples": _samples(clone.root / "metrics" / _COLLECTION),
        }
        with _reviewed(clone) as address:
            browser.get(address)
            grid = f"{_origin(address)}/{_COLLECTION}/grid?status=keep"
            by_name["review"] = _window(browser, grid)
            film = _film(browser)
        by_name["diff"] = _element(browser, _difference(clone), "header", 1180)
    for name, picture in by_name.items():
        picture.save(pictures / f"{name}.webp", quality=_QUALITY, method=6)
    _save_film(film, pictures / "review-film.webp")
    return {path.name: path.stat().st_size for path in sorted(pictures.glob("*.webp"))}


def _clone(project: Path, root: Path) -> Project:
    """The project as it was run, without what was edited since, elsewhere."""
    subprocess.run(["git", "clone", "--quiet", str(project), str(root)], check=True)
    clone = Project(root)
    (root / "dvc.lock").write_bytes((project / "dvc.lock").read_bytes())
    clone.run("git", "config", "user.name", "Ana")
    clone.run("git", "config", "user.email", "ana@example.org")
    clone.run("git", "add", "dvc.lock")
    clone.run("git", "commit", "--quiet", "--allow-empty", "--message", "The default run")
    clone.run("dvc", "cache", "dir", "--local", str(project.resolve() / ".dvc" / "cache"))
    clone.run("dvc", "checkout", "--quiet")
    return clone


def _difference(clone: Project) -> Path:
    """The page of what another threshold changes."""
    params = clone.root / "params.yaml"
    before, after = "max_aspect_ratio: 2.0", "max_aspect_ratio: 1.6"
    params.write_text(params.read_text().replace(before, after, 1))
    clone.run("dvc", "repro", "--quiet", f"augment@{_COLLECTION}")
    page = clone.root / "work" / "difference.html"
    page.parent.mkdir(exist_ok=True)
    clone.run("salon", "diff", "HEAD", "--collection", _COLLECTION, "--html", str(page))
    return page


@contextmanager
def _reviewed(clone: Project) -> Iterator[str]:
    """The address of the review page of the clone."""
    process = subprocess.Popen(
        ["salon", "review", _COLLECTION],
        cwd=clone.root,
        env=clone.environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _origin(address: str) -> str:
    return address.partition("/open")[0]


def _window(browser: Chrome, address: str) -> Image.Image:
    """What is seen at ``address`` without scrolling."""
    _size(browser, HEIGHT)
    browser.get(address)
    _wait(browser, _READY)
    return _shot(browser)


def _element(browser: Chrome, page: Path, selector: str, height: int) -> Image.Image:
    """A page on the disk from the first element that fits, with some air around it."""
    _size(browser, height)
    browser.get(page.as_uri())
    box: dict[str, float] = browser.execute_script(
        "const element = document.querySelector(arguments[0]);"
        "const top = element.getBoundingClientRect().y + scrollY - arguments[1];"
        "window.scrollTo({top, behavior: 'instant'});"
        "const box = element.getBoundingClientRect(); return {x: box.x, width: box.width}",
        selector,
        _AIR,
    )
    left, right = round(box["x"]) - _AIR, round(box["x"] + box["width"]) + _AIR
    return _shot(browser).crop((max(left, 0), 0, min(right, WIDTH), height))


def _size(browser: Chrome, height: int) -> None:
    show(browser, WIDTH, "light")
    browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False},
    )


def _shot(browser: Chrome) -> Image.Image:
    _wait(browser, _LOADED)
    taken: dict[str, Any] = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    return Image.open(io.BytesIO(b64decode(taken["data"]))).convert("RGB")


def _still(browser: Chrome) -> Image.Image:
    """What is seen once nothing moves any more: two looks that are the same.

    Between them the page has asked for news twice: it renews the counts beside the filters then.
    """
    deadline = time.monotonic() + _LONGEST_S
    before = _shot(browser)
    while time.monotonic() < deadline:
        asked = browser.execute_script(_ASKED)
        _wait(browser, f"{_ASKED} >= {asked + 2}")
        shot = _shot(browser)
        if shot.tobytes() == before.tobytes():
            return shot
        before = shot
    raise TimeoutError(f"{browser.current_url} did not come to rest in {_LONGEST_S} s")


def _wait(browser: Chrome, script: str) -> None:
    WebDriverWait(browser, _LONGEST_S, 0.05).until(lambda _: browser.execute_script(script), script)


def _samples(metrics: Path) -> Image.Image:
    """Some latents over the time of the training, and beside them real images."""
    strip = Image.open(metrics / "film_strip.png").convert("RGB")
    sheet = Image.open(metrics / "samples_and_reals.png").convert("RGB")
    reals = sheet.crop((sheet.width - sheet.height, 0, sheet.width, sheet.height))
    gap = strip.height // 16
    reals = reals.resize((strip.height, strip.height), Image.Resampling.LANCZOS)
    both = Image.new("RGB", (strip.width + gap + reals.width, strip.height), "white")
    both.paste(strip, (0, 0))
    both.paste(reals, (strip.width + gap, 0))
    height = round(WIDTH * both.height / both.width)
    return both.resize((WIDTH, height), Image.Resampling.LANCZOS)


def _film(browser: Chrome) -> list[tuple[Image.Image, float]]:
    """The review page under some keys: each picture, and how long it is seen."""
    browser.execute_script(_MANY_REQUESTS)
    # How fast it goes, and the minutes left, are another in each film.
    browser.execute_script("document.getElementById('progress').style.display = 'none'")
    frames = []
    for key, seconds in _FILM:
        if key:
            ActionChains(browser, duration=0).send_keys(key).perform()
            _wait(browser, "return document.body.dataset.waiting === '0'")
        shot = _still(browser)
        size = (_FILM_WIDTH, round(_FILM_WIDTH * HEIGHT / WIDTH))
        frames.append((shot.resize(size, Image.Resampling.LANCZOS), seconds))
    return frames


def _save_film(frames: list[tuple[Image.Image, float]], path: Path) -> None:
    pictures, seconds = zip(*frames, strict=True)
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=[round(1000 * each) for each in seconds],
        loop=0,
        quality=_FILM_QUALITY,
        method=6,
    )


def main() -> None:
    """Draw the pictures from the run in the folder that is named, or in this one."""
    project = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    if not (project / "reports" / f"{_COLLECTION}.html").exists():
        sys.exit(f"{project}: nothing was run here yet; `make run` makes what the pictures show")
    sizes = draw(project)
    for name, size in sizes.items():
        print(f"{name:<20} {size:>9,} bytes")  # noqa: T201 - what a command prints
    if sum(sizes.values()) > MOST_BYTES:
        sys.exit(f"{sum(sizes.values()):,} bytes together; {MOST_BYTES:,} is the most")


if __name__ == "__main__":
    main()
