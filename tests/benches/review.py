"""The review page under load; ``python -m tests.benches.review`` prints the figures.

    keys       two hundred decisions by keyboard in the loupe, in a real Chromium
    kills      the server killed ten times amid five hundred rapid decisions
    many       a collection of 100,000 images: page, scrolling, next undecided, memory
    lists      one decision beside 100,000 lines

Figures are wall-clock: they are what a curator waits for.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from curation.decisions.list_syntax import ListEntry
from curation.review.decision_store import DecisionStore
from curation.selection.decide import select
from curation.selection.inputs import read_inputs
from pipeline.core import shards, tables
from pipeline.core.params.load import load_params
from pipeline.core.paths import Paths
from pipeline.core.schema import (
    DECISIONS,
    IMAGES,
    LISTINGS,
    PAIRS,
    SELECTION,
    WATERMARK,
    TableSchema,
)
from tests.project import ROOT
from tests.review_server import LISTS, Server, connect, git, make, serving, start
from tests.small_project import field

MANY = 100_000
DECISIONS_BY_KEY = 200
LIST_OF_KEY = {"p": "keep", "x": "remove"}
RAPID, KILLS = 500, 10
_PIXEL_SHARDS, _SHARD_ROWS = 8, 512

WATCH = """
window.seen = [];
addEventListener('keydown', event => {
  if (!['p', 'x'].includes(event.key)) return;
  const start = performance.now();
  const before = document.getElementById('found').textContent;
  const look = () => {
    const shown = document.querySelector('.picture').firstElementChild;
    const isNext = document.getElementById('found').textContent !== before;
    const isThere = shown && (shown.tagName !== 'IMG' || (shown.complete && shown.naturalWidth));
    if (!isNext || !isThere) return requestAnimationFrame(look);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.seen.push(performance.now() - start);
      channel.port2.postMessage(0);
    });
  };
  requestAnimationFrame(look);
}, true);
"""


def main() -> None:
    """Print the figures that were asked for, or all."""
    parts: dict[str, Callable[[], None]] = {
        "keys": keys,
        "kills": kills,
        "many": many,
        "lists": lists,
    }
    for name in sys.argv[1:] or parts:
        sys.stdout.write(f"{name}\n")
        parts[name]()


def tell(what: str, value: str) -> None:
    """One figure."""
    sys.stdout.write(f"  {what:<52} {value}\n")
    sys.stdout.flush()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for a project."""
    folder = Path(tempfile.mkdtemp(prefix="salon-review-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def chromium() -> Iterator[Chrome]:
    """A browser of 1400 by 900 pixels."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.add_argument("--window-size=1400,900")
    driver = Chrome(options, Service(shutil.which("chromedriver") or ""))
    try:
        yield driver
    finally:
        driver.quit()


def until(driver: Chrome, script: str, patience_s: float = 60) -> float:
    """Wait for something to be so; the seconds it took."""
    begun = time.perf_counter()
    while not driver.execute_script(f"return {script}"):
        if time.perf_counter() - begun > patience_s:
            raise TimeoutError(script)
        time.sleep(0.005)
    return time.perf_counter() - begun


def keys() -> None:
    """Cull 250 pictures in the loupe, each key as soon as the next picture is painted."""
    with scratch() as root:
        _collection(root, 250)
        with serving(root) as server, chromium() as driver:
            driver.get(server.opening)
            driver.get(f"{server.origin}/paintings/loupe?sort=id")
            until(driver, "document.body.dataset.ready")
            time.sleep(1)
            driver.execute_script(WATCH)
            rng = random.Random(1)
            pressed = rng.choices("px", k=DECISIONS_BY_KEY)
            begun = time.perf_counter()
            for number, key in enumerate(pressed):
                ActionChains(driver, duration=0).send_keys(key).perform()
                until(driver, f"window.seen.length > {number}")
            minutes = (time.perf_counter() - begun) / 60
            until(driver, "document.body.dataset.waiting === '0'")
            seen = driver.execute_script("return window.seen")
            stand, expected = _stand(root), dict(zip(_ids(root), pressed, strict=False))
            meant = sum(
                stand.get(image_id) == LIST_OF_KEY[key] for image_id, key in expected.items()
            )
            tell("decisions, lines, lines as keyed", f"{len(seen)}, {len(stand)}, {meant}")
            tell("decisions a minute, driver included", f"{len(seen) / minutes:.0f}")
            tell("key to next picture painted, median, p95, worst", _milliseconds(seen))
            tell("salon lists check", server.run("lists", "check").splitlines()[-1])


def kills() -> None:
    """Kill the server at any moment, and look for what the page had shown as saved."""
    rng = random.Random(2)
    acknowledged = lost = torn = 0
    with scratch() as root:
        _collection(root, RAPID)
        for _ in range(KILLS):
            git(root, "checkout", "--quiet", "HEAD", "--", "curation/lists")
            shown = _decide_until_killed(root, rng.uniform(0.5, 6.0))
            acknowledged += len(shown)
            stand = _stand(root)
            lost += sum(stand.get(image_id) != want for image_id, want in shown.items())
            torn += _torn(root)
    tell("decisions shown as saved before ten kills", str(acknowledged))
    tell("of them lost; torn lines", f"{lost}; {torn}")


def _decide_until_killed(root: Path, after_s: float) -> dict[str, str]:
    """What the page said to be saved: list by image."""
    process = start(root)
    server = connect(process, root)
    with chromium() as driver:
        driver.get(server.opening)
        until(driver, "document.body.dataset.ready")
        driver.execute_script(SHOWN_AS_SAVED)
        threading.Timer(after_s, process.kill).start()
        for _ in range(RAPID // 20):
            ActionChains(driver, duration=0).send_keys("pxpxxppxxpxpxxppxxpp").perform()
            if process.poll() is not None:
                break
        process.wait()
        time.sleep(0.2)
        shown: dict[str, str] = driver.execute_script("return window.shown")
    return shown


SHOWN_AS_SAVED = """
window.shown = {};
const fetched = window.fetch;
window.fetch = async (path, options) => {
  const response = await fetched(path, options);
  if (!String(path).endsWith('/decide')) return response;
  const sent = JSON.parse(options.body).steps.flat();
  const text = await response.clone().text();
  if (response.ok) for (const {ids, want} of sent) window.shown[ids[0]] = want;
  return new Response(text, response);
};
"""
"""Notes each decision when its answer has come: then the page counts it as saved."""


def _ids(root: Path) -> list[str]:
    table = tables.read(Paths(root, "paintings").table("images"), IMAGES, ["image_id"])
    return sorted(table["image_id"].to_pylist())


def _stand(root: Path) -> dict[str, str]:
    stand = {}
    for name in ("keep", "remove"):
        for line in (root / "curation" / "lists" / f"{name}.txt").read_text().splitlines():
            if line and not line.startswith("#"):
                stand[line.split()[0]] = name
    return stand


def _torn(root: Path) -> int:
    whole = re.compile(r"[0-9a-f]{24}  (-|[a-z_]+)  \S+  \d{4}-\d\d-\d\d")
    texts = [(root / "curation" / "lists" / f"{name}.txt").read_text() for name in LISTS]
    lines = [line for text in texts for line in text.splitlines() if line and line[0] != "#"]
    return sum(not whole.fullmatch(line) for line in lines) + sum(
        bool(text) and not text.endswith("\n") for text in texts
    )


def many() -> None:
    """A collection of 100,000 images."""
    with scratch() as root:
        _collection(root, MANY)
        begun = time.perf_counter()
        with serving(root) as server, chromium() as driver:
            tell("server ready", f"{time.perf_counter() - begun:.2f} s")
            begun = time.perf_counter()
            driver.get(server.opening)
            until(driver, "document.body.dataset.ready")
            until(driver, "[...document.querySelectorAll('.tile img')].some(i => i.complete)")
            tell("page ready, first pictures there", f"{time.perf_counter() - begun:.2f} s")
            _scroll(driver)
            _seek(driver)
            _requests(server)
            _memory(server, driver)


SCROLL = """
const done = arguments[0], list = document.getElementById('pictures'), frames = [];
let step = 0, last = performance.now();
const height = list.scrollHeight;
const frame = now => {
  frames.push(now - last);
  last = now;
  list.scrollTop = height * (step / 200) ** 2;
  step += 1;
  if (step <= 200) requestAnimationFrame(frame); else done(frames.slice(1));
};
requestAnimationFrame(frame);
"""
SETTLED = (
    "[...document.querySelectorAll('.tile')].length > 0 &&"
    "[...document.querySelectorAll('.tile')].every("
    "t => t.dataset.item && (!t.querySelector('img') || t.querySelector('img').complete))"
)


def _scroll(driver: Chrome) -> None:
    driver.set_script_timeout(120)
    frames = driver.execute_async_script(SCROLL)
    tell("frames while scrolling over all, median, p95, worst", _milliseconds(frames))
    tell("pictures there after the scrolling", f"{until(driver, SETTLED):.2f} s")


def _seek(driver: Chrome) -> None:
    """Everything but the last image is decided: the next undecided is 100,000 away."""
    driver.execute_script("document.getElementById('pictures').scrollTop = 0")
    script = """
      const {state, stand} = await import('/static/state.js');
      stand(0);
      state.sheet.statuses.fill('k', 0, state.sheet.length - 1);
      const begun = performance.now();
      dispatchEvent(new KeyboardEvent('keydown', {key: ']'}));
      const cursor = state.cursor, seekMs = performance.now() - begun;
      await new Promise(requestAnimationFrame);
      arguments[0]([cursor, seekMs, performance.now() - begun]);
    """
    wrapped = (
        f"(async (...args) => {{ {script.replace('arguments[0]', 'args[0]')} }})(arguments[0])"
    )
    cursor, seek_ms, paint_ms = driver.execute_async_script(wrapped)
    tell("next undecided at place", str(cursor))
    tell("found, painted", f"{seek_ms:.1f} ms, {paint_ms:.1f} ms")


def _requests(server: Server) -> None:
    for name, query in {
        "all items": "",
        "one artist": "creator=artist-7",
        "words": "q=Field%2012",
        "worst aspect ratios": "sort=aspect_ratio",
    }.items():
        taken = _timed(partial(server.get, f"/api/paintings/sheet?{query}"), 5)
        tell(f"filter: {name}, median, p95, worst", _milliseconds(taken))
    first = server.get("/api/paintings/items?places=" + ",".join(map(str, range(200)))).json()
    numbers = iter(range(1, 100))

    def decide() -> None:
        number = next(numbers)
        change = {"ids": [first[number]["id"]], "want": "remove", "reason": "taste"}
        server.decide("bench", number, change)

    tell("one decision saved, median, p95, worst", _milliseconds(_timed(decide, 50)))


def _memory(server: Server, driver: Chrome) -> None:
    tell("memory of the server", f"{_resident_mib(server.process.pid):.0f} MiB")
    heap = driver.execute_cdp_cmd("Runtime.getHeapUsage", {})["usedSize"]
    tab = max(map(_resident_mib, _renderers(driver.service.process.pid)))
    tell("memory of the tab, of it the scripts'", f"{tab:.0f} MiB, {heap / 2**20:.0f} MiB")


def _resident_mib(process: int) -> float:
    """Resident memory, from Linux."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _renderers(ancestor: int) -> list[int]:
    """The processes that show pages, among those that ``ancestor`` started."""
    parents: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            parents[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
    ours = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return [pid for pid in ours if "--type=renderer" in Path(f"/proc/{pid}/cmdline").read_text()]


def lists() -> None:
    """Write one line beside 100,000."""
    with scratch() as root:
        folder = root / "curation" / "lists"
        folder.mkdir(parents=True)
        ids = sorted(hashlib.sha256(b"%d" % n).hexdigest()[:24] for n in range(MANY))
        text = "".join(f"{image_id}  watermark  ana  2026-11-22\n" for image_id in ids)
        (folder / "remove.txt").write_text(text)
        begun = time.perf_counter()
        store = DecisionStore(folder, root, str)
        tell("lists read", f"{time.perf_counter() - begun:.2f} s")
        numbers = iter(range(1000))

        def decide() -> None:
            ids = (f"{next(numbers):024x}",)
            store.write(lambda: {ids: (("remove", ListEntry(ids, "taste", "ana", "2026-11-22")),)})

        tell("one line written, median, p95, worst", _milliseconds(_timed(decide, 50)))
        (folder / "remove.txt").write_text(text + f"{'f' * 24}  taste  jo\n")
        time.sleep(0.1)
        begun = time.perf_counter()
        store.refresh()
        tell("an editor's line taken in", f"{1000 * (time.perf_counter() - begun):.0f} ms")


def _timed(work: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def _milliseconds(taken: list[float]) -> str:
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{statistics.median(ordered):.1f}, {p95:.1f}, {ordered[-1]:.1f} ms"


def _collection(root: Path, count: int) -> None:
    """A project whose one collection has so many images, of a few shared pixel shards."""
    make(root)
    paths = Paths(root, "paintings")
    shutil.rmtree(paths.pixels)
    for number in range(_PIXEL_SHARDS):
        first = number * _SHARD_ROWS
        pixels = np.stack([field(first + row) for row in range(_SHARD_ROWS)])
        shards.write(paths.pixel_shard(64, f"2026-05-04-{number:05d}"), pixels)
    ids = sorted(hashlib.sha256(b"%d" % number).hexdigest()[:24] for number in range(count))
    _write_tables(paths, ids)
    inputs = read_inputs(paths, tables.from_rows(DECISIONS, []))
    params = load_params(ROOT / "tests" / "default_params.yaml").collection("paintings").select
    tables.write(paths.table("selection"), SELECTION, select(inputs, params))


def _write_tables(paths: Paths, ids: list[str]) -> None:
    count, rng = len(ids), np.random.default_rng(1)
    number = np.arange(count)
    images: dict[str, Any] = {
        "image_id": ids,
        "sha256": [name.ljust(64, "0") for name in ids],
        "capture": pa.repeat("2026-05-04", count),
        "image_key": ids,
        "shard": [f"2026-05-04-{name:05d}" for name in number % _PIXEL_SHARDS],
        "row": (number // _PIXEL_SHARDS % _SHARD_ROWS).astype(np.int32),
        "bytes": rng.integers(20_000, 200_000, count),
        "format": pa.repeat("JPEG", count),
        "mode": pa.repeat("RGB", count),
        "width": rng.integers(100, 900, count, np.int32),
        "height": rng.integers(300, 900, count, np.int32),
        "crop_loss": rng.random(count, np.float32),
        "pixel_digest": ids,
        "luminance_std": rng.random(count, np.float32) * 60,
        "entropy": rng.random(count, np.float32) * 8,
        "sharpness": rng.random(count, np.float32) * 500,
    }
    listings: dict[str, Any] = {
        "source": pa.repeat("wikiart", count),
        "listing_id": ids,
        "position": np.zeros(count, np.int32),
        "page_url": [f"https://www.wikiart.org/en/{name}" for name in ids],
        "image_url": [f"https://uploads.wikiart.org/{name}.jpg" for name in ids],
        "image_id": ids,
        "fetch": pa.repeat("fetched", count),
        "capture": pa.repeat("2026-05-04", count),
        "image_key": ids,
        "layer": pa.repeat("json", count),
        "title": [f"Field {name}" for name in number],
        "creator": [f"artist-{name % 500}" for name in number],
        "creator_name": [f"Artist {name % 500}" for name in number],
    }
    marks = {"image_id": ids, "score": rng.random(count, np.float32) * 8}
    for schema, columns in (
        (IMAGES, images),
        (LISTINGS, listings),
        (WATERMARK, marks),
        (PAIRS, {}),
    ):
        _write(paths, schema, columns, len(ids) if columns else 0)


def _write(paths: Paths, schema: TableSchema, columns: dict[str, Any], rows: int) -> None:
    """A table of ``columns``; what is not among them is empty, or nothing where it may not be."""
    if unknown := columns.keys() - set(schema.arrow.names):
        raise KeyError(f"{schema.name} has no {unknown}")
    made = {
        field.name: columns.get(field.name, pa.nulls(rows, field.type)) for field in schema.arrow
    }
    tables.write(paths.table(schema.name), schema, pa.table(made))


if __name__ == "__main__":
    main()
