"""The data card in a real Chromium: on wide and narrow pages, in light and dark."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome

from pipeline.core.params.report import Report
from pipeline.stages.report import run
from tests.browser.chromium import chromium, console, requested, show
from tests.small_project import build

VIEWS = [(1400, "light"), (1400, "dark"), (800, "light"), (800, "dark")]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser that has opened the card of a collection with every flaw."""
    paths = build(tmp_path_factory.mktemp("card"))
    run(paths, Report())
    with chromium() as running:
        running.get(paths.report.as_uri())
        yield running


def _ask(browser: Chrome, script: str) -> Any:
    return browser.execute_script(f"return {script}")


def test_nothing_is_requested_but_the_file(browser: Chrome) -> None:
    browser.refresh()
    addresses = {url.split(",")[0] for url in requested(browser)}
    assert addresses == {browser.current_url, "data:image/webp;base64"}


def test_the_console_stays_empty(browser: Chrome) -> None:
    browser.refresh()
    assert console(browser) == []


def test_no_picture_is_broken(browser: Chrome) -> None:
    widths = _ask(browser, "[...document.images].map(i => i.complete && i.naturalWidth)")
    assert len(widths) == 51
    assert min(widths) >= 64


def test_markup_from_the_web_does_nothing(browser: Chrome) -> None:
    assert browser.title == "Paintings: data card"
    assert _ask(browser, "document.scripts.length") == 0


def test_headings_are_in_order(browser: Chrome) -> None:
    script = "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))"
    levels = _ask(browser, script)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("width", [800, 1100, 1400])
def test_nothing_sticks_out(browser: Chrome, width: int) -> None:
    show(browser, width, "light")
    script = """[...document.querySelectorAll('main *, header *, nav *')]
        .filter(e => !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => e.outerHTML.slice(0, 80))"""
    assert _ask(browser, script) == []
    root = "document.documentElement"
    assert _ask(browser, f"{root}.scrollWidth") == _ask(browser, f"{root}.clientWidth")


CONTRAST = """((selector) => {
  const context = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
    .getContext('2d', {willReadFrequently: true});
  const luminance = colour => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const linear = [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
      .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const style = getComputedStyle(document.querySelector(selector));
  const text = luminance(selector.includes('svg') ? style.fill : style.color);
  const paper = luminance(getComputedStyle(document.body).backgroundColor);
  return (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
})"""


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
@pytest.mark.parametrize(
    "selector", ["p", ".note", "figcaption", ".badge", "svg text", ".contents a"]
)
def test_text_stands_out_from_the_paper(
    browser: Chrome, width: int, scheme: str, selector: str
) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5 to 1."""
    show(browser, width, scheme)
    assert _ask(browser, f"{CONTRAST}('{selector}')") >= 4.5


def test_the_page_and_its_figures_follow_the_dark(browser: Chrome) -> None:
    colours = []
    for scheme in ("light", "dark"):
        show(browser, 1400, scheme)
        paper = _ask(browser, "getComputedStyle(document.body).backgroundColor")
        ink = _ask(browser, "getComputedStyle(document.querySelector('svg text')).fill")
        colours.append((paper, ink))
    assert colours[0][0] != colours[1][0]
    assert colours[0][1] != colours[1][1]


def test_the_contents_stand_beside_the_page_or_above_it(browser: Chrome) -> None:
    left_of = (
        "document.querySelector('.contents').getBoundingClientRect().right < "
        "document.querySelector('main').getBoundingClientRect().left"
    )
    show(browser, 1400, "light")
    assert _ask(browser, left_of)
    show(browser, 800, "light")
    assert not _ask(browser, left_of)
