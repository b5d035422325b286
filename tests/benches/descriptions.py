"""What reading by a description costs: beside a parser in Python, and on the worst pages.

    python -m tests.benches.descriptions            CPU ms of a page of 60 watches, both ways
    python -m tests.benches.descriptions --hostile  CPU s of the costliest selectors allowed

The second finds `MOST_ELEMENTS` of `scrapers.sites.described.page` again: no selector may take
longer than a few seconds on a page that has as many.
"""

from __future__ import annotations

import argparse
import time
import timeit
from collections.abc import Callable
from pathlib import Path

import yaml
from rich.console import Console

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.replica_registry import REPLICAS, app_of
from scrapers.gallery.web.messages import Request
from scrapers.parsing.markup import tree
from scrapers.site_registry import SITES
from scrapers.sites.described import bounded
from scrapers.sites.described.load_description import described
from scrapers.sites.described.page import MOST_ELEMENTS
from scrapers.sites.described.records import Described
from scrapers.sites.described.site import facts

SAY = Console(width=110, highlight=False, markup=False).print
CHRONO24 = r"""
title: Chrono24
hosts: [chrono24.com]
listing:
  start: https://www.chrono24.com/{query}/index.htm
  next: .next-item-container a::attr(href)
  item: .js-listing-item-container
  empty: {css: span.text-lg, re: '^\W*0 '}
  fields:
    link: a.js-listing-item-link::attr(href)
    id: {field: link, re: '--id(\d+)\.htm'}
    images: img::image
    title: a.js-listing-item-link p.text-ellipsis
    price: p.wt-listing-item-price strong
    creator: {field: link, re: '^(?:https?://[^/]+)?/([^/]+)/'}
    seller: {css: button.wt-listing-item-location::attr(data-title)}
detail:
  match: --id\d+\.htm
  sheet: {rows: .js-specifications tr}
  fields:
    title: [{json_ld: Product.name}, h1]
    images: {json_ld: 'Product.image[].contentUrl'}
image:
  only: /images/uhren/
  sizes: {ExtraLarge: null}
  key: {re: '-(Square(_SIZE_|\d+)|ExtraLarge)\.jpg$', to: ''}
""".replace("{ExtraLarge: null}", "{extra_large: null}")
HOSTILE = (
    bounded.css("* * * * * * * *"),
    bounded.css(".a .a .a .a .a .a"),
    bounded.css("*, * *, *"),
    bounded.css("*:nth-child(2n)"),
    bounded.css("*:has(*)"),
    bounded.css("* *:contains('x')"),
    bounded.xpath("//*[count(.//*) > 3]"),
    bounded.xpath("//*/.."),
    bounded.xpath("count(//*)"),
)
SHAPES: dict[str, Callable[[int], str]] = {
    "flat": lambda n: "<ul>" + "<li class=a>x" * n,
    "bushes": lambda n: ("<div class=a>" * 20 + "x" + "</div>" * 20) * (n // 20),
    "deep": lambda n: ("<div class=a>" * 2000 + "x" + "</div>" * 2000) * max(1, n // 2000),
}


def main() -> None:
    """Print one of the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hostile", action="store_true")
    (hostile if parser.parse_args().hostile else cost)()


def cost() -> None:
    """CPU ms a page, the best of many."""
    gallery = Gallery(works=400, creators=1)
    replica = REPLICAS["chrono24"]
    app = app_of("chrono24", gallery, {host: host for host in replica.hosts})
    brand = replica.catalogue(gallery).creators[0].slug
    path = f"/{brand}/index.htm"
    url, body = f"{replica.hosts[0]}{path}", app.answer(replica.hosts[0], Request(path)).body
    site = Described("chrono24", "chrono24.yaml", described(yaml.safe_load(CHRONO24), Path()))
    ways: dict[str, Callable[[], list[object]]] = {
        "parser in Python": lambda: list(SITES["chrono24"].facts(body, url, str)),
        "description": lambda: list(facts(site, body, url, str)),
        "the tree alone": lambda: [tree(body)],
    }
    SAY(f"{len(body):,} bytes, {int(tree(body).root.xpath('count(//*)')):,} elements")
    for name, way in ways.items():
        rows = len(way())
        best = min(timeit.repeat(way, number=1, repeat=15, timer=time.process_time))
        SAY(f"{name:<18}{1000 * best:8.1f} ms{rows:6} rows")


def hostile() -> None:
    """CPU s of one selection, by selector and shape of page, at the most elements."""
    for shape, make in SHAPES.items():
        page = tree(make(MOST_ELEMENTS).encode())
        SAY(f"{shape}: {int(page.root.xpath('count(//*)')):,} elements")
        for expression in HOSTILE:
            started = time.process_time()
            selected = len(bounded.select_xpath(expression)(page.root))
            SAY(f"  {expression[:50]:<52}{time.process_time() - started:8.2f} s{selected:9,}")


if __name__ == "__main__":
    main()
