"""A Chromium that looks at a page: at any width, in light and dark, with what it asked and said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from axe_core_python.base import AXE_SCRIPT
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from scrapers.browser.chromium import programs

_FLAGS: Final = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
_AXE: Final = """const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})
  .then(({violations}) => done(violations
    .filter(v => arguments[0].includes(v.impact))
    .map(v => ({id: v.id, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}))));"""


@contextmanager
def chromium(*flags: str) -> Iterator[Chrome]:
    """A browser, with further ``flags``; it keeps its console and the requests of its pages."""
    binary, driver = programs()
    options = ChromeOptions()
    options.binary_location = binary
    for flag in (*_FLAGS, *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = Chrome(options, Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


def show(browser: Chrome, width: int, scheme: str) -> None:
    """Make the window ``width`` pixels wide, and prefer the colour ``scheme``, light or dark."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
    )
    preference = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [preference]})


def console(browser: Chrome) -> list[str]:
    """What was said on the console since it was last read."""
    entries: list[dict[str, Any]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries]


def requested(browser: Chrome) -> set[str]:
    """The addresses asked for since this was last read."""
    entries: list[dict[str, Any]] = browser.get_log("performance")  # type: ignore[no-untyped-call]
    messages = [json.loads(entry["message"])["message"] for entry in entries]
    return {
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }


def violations(browser: Chrome, *impacts: str) -> list[tuple[str, list[str]]]:
    """What axe finds wrong with one of ``impacts``: each rule, and up to three places."""
    browser.execute_script(AXE_SCRIPT)
    results = browser.execute_async_script(_AXE, impacts)
    return [(result["id"], result["nodes"]) for result in results]
