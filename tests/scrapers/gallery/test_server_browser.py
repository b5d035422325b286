"""The replica's gallery page in a real Chromium: lazy images, the button, text that stays text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.replicas.wikiart.addresses import WWW
from scrapers.gallery.server import running
from scrapers.sites.wikiart.listing import parse_gallery_dom

SMALL = Gallery(seed=3, works=130, creators=6)
PATH = "/en/paintings-by-style/color-field-painting"


LOADED = """
return [...document.querySelectorAll("img[lazy-load]")].filter(
  (image) => image.src.includes("PinterestSmall") && image.naturalWidth > 1).length
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,900"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def wait_for_works(browser: webdriver.Chrome, count: int) -> None:
    items = "ul.wiki-masonry-container > li.ng-scope"
    WebDriverWait(browser, 20).until(
        lambda b: len(b.find_elements(By.CSS_SELECTOR, items)) == count
    )


def test_the_gallery_shows_twenty_works_and_sixty_more_at_each_press(
    browser: webdriver.Chrome,
) -> None:
    with running("wikiart", SMALL) as origins:
        browser.get(origins[WWW] + PATH)
        wait = WebDriverWait(browser, 20)
        wait_for_works(browser, 20)
        button = browser.find_element(By.CSS_SELECTOR, "a.masonry-load-more-button")
        for expected in (80, 130):
            assert "hide" not in (button.get_attribute("class") or "")
            button.click()
            wait_for_works(browser, expected)
        wait.until(lambda _: "hide" in (button.get_attribute("class") or ""))

        page = parse_gallery_dom(browser.page_source.encode(), WWW + PATH)
        works = Paintings(SMALL.seed, SMALL.works, SMALL.creators).works
        assert page.total == SMALL.works
        shown = [(row.title, row.artist_name, row.year_text) for row in page.rows]
        assert shown == [(w.title, w.artist.name, w.year_text or None) for w in works]

        first = browser.find_element(By.CSS_SELECTOR, "img[lazy-load]")
        wait.until(lambda _: "PinterestSmall" in (first.get_attribute("src") or ""))
        # Each size is on a host of its own, and the script names the one that has it.
        wait.until(lambda b: b.execute_script(LOADED) >= 20)
        last = browser.find_elements(By.CSS_SELECTOR, "img[lazy-load]")[-1]
        assert "lazy-load-placeholder.png" in (last.get_attribute("src") or "")
        # An alert of the hostile title would make the next command fail.
        assert browser.title.startswith("Color Field Painting")
