"""The page of a walk between two pictures, in a real Chromium."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import requests
from click.testing import CliRunner
from PIL import Image
from pydantic import TypeAdapter
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.support.wait import WebDriverWait

from pipeline.commands.generate import generate
from pipeline.core.errors import UsageError
from pipeline.core.params.train import Train
from pipeline.core.paths import Paths
from pipeline.core.shards import Pixels
from tests.browser.chromium import chromium, console, requested, show, violations
from tests.train import small
from train.compute.device import find, make_deterministic
from train.data.real_images import shrunk
from train.export import model_file
from train.export.model_description import WEIGHTS
from train.networks.conditions import ConditionShape
from train.networks.registry import recipe_for
from train.samples import projection
from train.samples.saved_latents import read_saved
from train.watch.walk import LatentWalk, WalkPlace
from train.watch.walk_page import WalkServer

IMAGE_ID: Final = f"{4:024x}"
HOSTILE: Final = "<img src=x onerror=alert(1)>"
CLASSES: Final = {"ana": 3, HOSTILE: 1}
VIEWS: Final = [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")]


def _real_of(image_id: str) -> Pixels:
    if image_id != IMAGE_ID:
        raise UsageError(f"paintings keeps no image {image_id!r}")
    picture: Pixels = shrunk(small.pictures()[4:5], 32)[0]
    return picture


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a published model that tells two classes apart."""
    make_deterministic()
    root = tmp_path_factory.mktemp("walk")
    settings = small.RESIDUAL | {"condition": "creator"}
    small.build(root, settings)
    params: Train = TypeAdapter(Train).validate_python(settings)
    description = small.description(settings).model_copy(update={"classes": CLASSES})
    folder = Paths(root, small.COLLECTION).model
    recipe = recipe_for(params, find(), ConditionShape(classes=2))
    model_file.write_model(folder, recipe.generator, description)
    return root


@pytest.fixture(scope="module")
def walk(project: Path) -> LatentWalk:
    model = model_file.load_model(Paths(project, small.COLLECTION).model / WEIGHTS, find())
    return LatentWalk(model, small.COLLECTION, "f" * 16, _real_of, project / "kept")


@pytest.fixture(scope="module")
def address(walk: LatentWalk) -> Iterator[str]:
    server = WalkServer(0, walk)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.address
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Chrome]:
    with chromium() as running:
        running.get(address)
        _drawn(running, 50)
        yield running


def _ask(browser: Chrome, script: str) -> Any:
    return browser.execute_script(f"return {script}")


def _drawn(browser: Chrome, percent: int) -> None:
    """Wait until the picture of that place is shown."""
    script = "document.getElementById('picture').dataset.percent"
    WebDriverWait(browser, 60).until(lambda page: _ask(page, script) == str(percent))


def _press(browser: Chrome, key: str) -> None:
    ActionChains(browser).send_keys(key).perform()


def _words(browser: Chrome, element: str) -> str:
    text: str = _ask(browser, f"document.querySelector('{element}').textContent")
    return text


def test_keys_move_save_and_the_picture_is_drawn_again(
    browser: Chrome, walk: LatentWalk, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        _press(browser, Keys.ARROW_RIGHT)
    _drawn(browser, 53)
    _press(browser, "s")
    WebDriverWait(browser, 60).until(lambda page: "Saved as" in _words(page, "#state"))
    name = _words(browser, "#state").split()[-1].removesuffix(".png.")
    kept = walk.out / f"{name}.png"
    expected = walk.draw(WalkPlace("1", "2", 0.53, "ana"))
    assert np.array_equal(np.asarray(Image.open(kept)), expected)
    assert read_saved(kept.with_suffix(".json")).walked == "53% of the way from 1 to 2"
    command = _words(browser, "#kept li code")
    monkeypatch.chdir(project)
    done = CliRunner().invoke(generate, command.split()[2:], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert np.array_equal(np.asarray(Image.open(project / "again.png")), expected)
    assert "another one" not in done.stderr


def test_ends_and_the_middle_are_on_the_great_circle(walk: LatentWalk) -> None:
    ends = [walk.model.latents(1, seed)[0].numpy() for seed in (1, 2)]
    places = [
        walk.latent(WalkPlace("1", "2", share, "ana"))[0].numpy() for share in (0.0, 0.5, 1.0)
    ]
    assert places[0] == pytest.approx(ends[0], abs=1e-6)
    assert places[2] == pytest.approx(ends[1], abs=1e-6)
    middle = (ends[0] + ends[1]) / (2 * np.cos(np.arccos(_cosine(*ends)) / 2))
    assert places[1] == pytest.approx(middle, abs=1e-5)
    assert np.linalg.norm(places[1]) > 1.05 * np.linalg.norm((ends[0] + ends[1]) / 2)


def _cosine(some: Any, others: Any) -> float:
    return float(some @ others / np.linalg.norm(some) / np.linalg.norm(others))


def _is_said(words: str, browser: Chrome) -> bool:
    return words in _words(browser, "#first .words")


def test_a_real_image_can_be_an_end_and_what_is_none_is_said(
    browser: Chrome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "STEPS", 4)
    for typed, said in (
        (HOSTILE, "is neither a seed (a number) nor the id of an image"),
        ("e" * 24, "paintings keeps no image"),
        (IMAGE_ID, "the nearest picture differs by"),
    ):
        field = browser.find_element("css selector", "#first input")
        field.clear()
        field.send_keys(typed, Keys.ENTER)
        WebDriverWait(browser, 60).until(partial(_is_said, said))
    images = "[...document.querySelectorAll('#first .pair img')].every(i => i.naturalWidth === 32)"
    WebDriverWait(browser, 60).until(lambda page: _ask(page, images))
    assert _ask(browser, "document.querySelectorAll('#first .pair img').length") == 2
    # Keys that are typed into a field do nothing else.
    assert _ask(browser, "document.querySelectorAll('#kept li').length") == 1


def test_markup_is_shown_and_not_obeyed(browser: Chrome) -> None:
    names = _ask(browser, "[...document.getElementById('class').options].map(o => o.text)")
    assert names == list(CLASSES)
    assert _ask(browser, "document.querySelectorAll('img[src=x]').length") == 0


def test_what_is_hidden_takes_no_place(browser: Chrome) -> None:
    """The choice of a class, where the model tells none apart."""
    heights = browser.execute_script("""const choice = document.getElementById('class-choice');
        const shown = choice.offsetHeight;
        choice.hidden = true;
        const hidden = choice.offsetHeight;
        choice.hidden = false;
        return [shown, hidden];""")
    assert heights[0] > 0
    assert heights[1] == 0


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_it_fits_any_window_and_axe_finds_nothing(browser: Chrome, width: int, scheme: str) -> None:
    show(browser, width, scheme)
    script = """[...document.querySelectorAll('main *, header *')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 80))"""
    assert _ask(browser, script) == []
    root = "document.documentElement"
    assert _ask(browser, f"{root}.scrollWidth") == _ask(browser, f"{root}.clientWidth")
    assert violations(browser, "minor", "moderate", "serious", "critical") == []


def test_walking_on_begins_where_the_walk_ended(browser: Chrome) -> None:
    browser.refresh()
    _drawn(browser, 50)
    _press(browser, "n")
    _drawn(browser, 0)
    ends = "['first', 'last'].map(id => document.getElementById(id).elements.of.value)"
    first, last = _ask(browser, ends)
    assert first == "2"
    assert last not in ("1", "2")
    _press(browser, "p")
    moved = "Number(document.getElementById('share').value) > 3"
    WebDriverWait(browser, 60).until(lambda page: _ask(page, moved))
    _press(browser, "p")


def test_nothing_is_asked_of_other_hosts_and_the_console_stays_empty(
    browser: Chrome, address: str
) -> None:
    # Answers that tell of a mistake are told by the browser, too.
    said = [line for line in console(browser) if "end.json" not in line]
    assert said == []
    asked = {url for url in requested(browser) if not url.startswith("data:")}
    assert all(url.startswith(f"{address}/") for url in asked)
    assert asked


def test_no_other_page_can_save_or_ask(
    address: str, walk: LatentWalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    place = {"from": "1", "to": "2", "share": "0.5", "class": "ana"}
    before = sorted(walk.out.glob("*"))
    for headers in ({}, {"Origin": "http://example.org"}, {"Origin": "null"}):
        refused = requests.post(f"{address}/save", data=place, headers=headers, timeout=60)
        assert refused.status_code == 403
    for stranger in ({"Host": "example.org"}, {"Sec-Fetch-Site": "cross-site"}):
        refused = requests.get(f"{address}/walk.json", headers=stranger, timeout=60)
        assert refused.status_code == 403
    own = {"Origin": address}
    for wrong in ({"share": "1.5"}, {"share": "nan"}, {"share": "x"}, {"class": "nobody"}):
        refused = requests.post(f"{address}/save", place | wrong, headers=own, timeout=60)
        assert refused.status_code == 400
        assert refused.json()["error"]
    long = requests.post(f"{address}/save", "x" * 5000, headers=own, timeout=60)
    assert long.status_code == 404
    assert requests.get(f"{address}/../params.yaml", timeout=60).status_code == 404
    assert sorted(walk.out.glob("*")) == before


def test_a_latent_of_another_model_is_refused(
    project: Path, walk: LatentWalk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    walk.save(WalkPlace("1", "2", 0.25, "ana"))
    saved = json.loads(next(walk.out.glob("*.json")).read_text())
    file = tmp_path / "other.json"

    def draw() -> Any:
        words = [small.COLLECTION, "--latent", str(file), "--out", "other.png"]
        return CliRunner().invoke(generate, words)

    file.write_text(json.dumps(saved | {"fingerprint": "0" * 16}))
    assert "was saved of the training 0000000000000000" in draw().stderr
    file.write_text(json.dumps(saved | {"latent": [1.0, 2.0]}))
    assert "holds 2 numbers, and this model draws from 8" in str(draw().exception)
    for content in ("{}", "no JSON", json.dumps(saved | {"latent": ["x"]})):
        file.write_text(content)
        assert "no latent that `salon walk` saved" in str(draw().exception)
    file.unlink()
    assert "cannot be read (No such file or directory)" in str(draw().exception)
