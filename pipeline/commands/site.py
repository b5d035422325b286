"""`salon site`: describe a listing site in one file, and see what the file reads."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scrapers.sites.described.records import Described
    from scrapers.trial.tried_page import TriedPage

# What a subcommand needs is imported in it: a help page should not wait for lxml.

_CONTACT = click.option(
    "--contact", default="", help="Your address, for the user agent; needed for a live site."
)
_URL = click.option("--url", help="Where the page in the file stands on the site.")


@click.group("site")
def site() -> None:
    """Describe a listing site in one file: draft it, try it, check it.

    docs/describe-a-site.md is the way from a page to a collection.

    \b
    Example:
      salon site draft saved.html > sites/shop.yaml
      salon site try sites/shop.yaml saved.html
      salon site check
    """


@site.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("page")
@_URL
@_CONTACT
@click.option("--gallery", is_flag=True, help="Ask the embedded gallery's replica of the site.")
@click.option("--rows", default=2, show_default=True, help="Items shown in full.")
@click.option("--keep", metavar="NAME", help="Record the page beside the description.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON instead.")
def try_(
    file: Path,
    page: str,
    url: str | None,
    contact: str,
    gallery: bool,
    rows: int,
    keep: str | None,
    as_json: bool,
) -> None:
    """Read PAGE by the description in FILE: rows, the rule behind each field, silent rules.

    PAGE is a file (a page saved from a browser, or what came from a site), or an https:// address,
    which is asked for once, as politely as a capture asks.

    \b
    Example:
      salon site try scrapers/sites/museum.yaml saved.html
      salon site try scrapers/sites/fashion.yaml --gallery \\
        'https://www.fashion.example/c/coats/?page=1'
    """
    from scrapers.trial import recorded_pages
    from scrapers.trial.trial_report import report, words

    described = _described(file)
    with ExitStack() as stack:
        hosts = described.description.hosts
        replica = described.name if gallery else None
        tried = _page(stack, page, url, hosts, contact, replica)
        if keep is not None:
            suffix = Path(page).suffix if Path(page).is_file() else _suffix(tried.body)
            click.echo(
                f"kept: {recorded_pages.keep(described, file, tried, keep, suffix)}", err=True
            )
        if as_json:
            read = recorded_pages.read_recorded(described, tried)
            click.echo(json.dumps(read, indent=2, ensure_ascii=False))
        else:
            for line in words(described, report(described, tried), rows):
                click.echo(line)


@site.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write what the pages are read as now.")
def check(files: tuple[Path, ...], update: bool) -> None:
    """Read the pages recorded beside each description again, and compare.

    They lie in NAME.pages beside NAME.yaml, each with NAME.expected.json: the address of the page
    and its rows, or the error. Without FILES, all that come along and all of your own. Leaves
    with 17 if a description is wrong or a page is read otherwise than expected.

    \b
    Example:
      salon site check
      salon site check sites/shop.yaml --update
    """
    from pipeline.core.errors import DescriptionError
    from pipeline.core.sites import DESCRIPTIONS, OWN_DESCRIPTIONS, UNREADABLE
    from scrapers.trial import recorded_pages

    wrong: list[str] = [] if files else [*UNREADABLE.values()]
    folders = (DESCRIPTIONS, OWN_DESCRIPTIONS)
    for file in files or [file for each in folders for file in sorted(each.glob("*.yaml"))]:
        try:
            described = _described(file)
        except DescriptionError as error:
            wrong += [line for line in str(error).splitlines() if line not in wrong]
            continue
        pages = recorded_pages.recorded_pages_of(file)
        if update:
            written = sum(recorded_pages.update(described, path) for path in pages)
            click.echo(f"{file.name}: {written} of {len(pages)} expectations written")
            continue
        differing = {path: recorded_pages.differences(described, path) for path in pages}
        wrong += [line for lines in differing.values() for line in lines]
        right = sum(not lines for lines in differing.values())
        click.echo(f"{file.name}: {right} of {len(pages)} recorded pages read as expected")
    if wrong:
        raise DescriptionError("\n".join(wrong))


@site.command("draft")
@click.argument("pages", nargs=-1, required=True, metavar="LISTING [DETAIL]")
@click.option(
    "--url", "urls", multiple=True, help="Where the pages in the files stand, one for each."
)
@_CONTACT
def draft(pages: tuple[str, ...], urls: tuple[str, ...], contact: str) -> None:
    """Propose a description, from a page that lists and, behind it, an item's own page.

    Each is a file or an https:// address. What it proposes is a beginning: look at it beside the
    page, and try it.

    \b
    Example:
      salon site draft listing.html item.html > sites/shop.yaml
      salon site draft listing.html item.html --url https://shop.example/coats \\
        --url https://shop.example/coats/7 > sites/shop.yaml
      salon site draft https://museum.example/works --contact ana@example.org
    """
    from itertools import zip_longest
    from urllib.parse import urlsplit

    from scrapers.trial.draft import drafted

    with ExitStack() as stack:
        tried = []
        for page, url in zip_longest(pages, urls[: len(pages)]):
            host = urlsplit(page).hostname or ""
            tried.append(_page(stack, page, url, (host,), contact, None))
        click.echo(drafted(tried), nl=False)


def _described(file: Path) -> Described:
    from scrapers.sites.described.load_description import load_description
    from scrapers.sites.described.records import Described

    return Described(file.stem, file.name, load_description(file))


def _page(
    stack: ExitStack,
    page: str,
    url: str | None,
    hosts: tuple[str, ...],
    contact: str,
    replica: str | None,
) -> TriedPage:
    from pipeline.core.errors import UsageError
    from scrapers.trial.tried_page import fetched, is_address, page_in

    if not is_address(page):
        return page_in(Path(page), url)
    if replica is None and not contact.strip():
        raise UsageError("a live site needs a contact that the user agent can name: --contact")
    return stack.enter_context(fetched(page, hosts, contact, replica))


def _suffix(body: bytes) -> str:
    return ".json" if body.lstrip()[:1] in {b"{", b"["} else ".html"
