"""`salon captures`: what the sites sent, checked and shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from scrapers.capture import Capture

# What a subcommand needs is imported in it: a help page should not wait for pyarrow.


@click.group("captures")
def captures() -> None:
    """List the captures of the collections, verify them, and show what a site sent.

    \b
    Example:
      salon captures list
      salon captures verify paintings
    """


@captures.command("list")
@click.argument("collection", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
def list_(collection: str | None, as_json: bool) -> None:
    """List the captures with what became of their requests.

    \b
    Example:
      salon captures list paintings
    """
    rows = [_summary(each) for each in _captures(collection)]
    if as_json:
        click.echo(json.dumps({"captures": rows}, indent=2))
        return
    for row in rows:
        click.echo(f"{row['collection']}  {row['as_of']}  {row['site']} ({row['origin']})")
        click.echo(f"  {_words(row)}")
    if not rows:
        click.echo("No captures yet; `salon scrape COLLECTION` makes one.")


@captures.command("verify")
@click.argument("collection", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.pass_context
def verify(ctx: click.Context, collection: str | None, as_json: bool) -> None:
    """Recompute every length and digest, and name all that is wrong.

    Leaves with 13 if anything is.

    \b
    Example:
      salon captures verify
    """
    from pipeline.core.errors import CaptureError
    from pipeline.core.log import counted, progress
    from scrapers.capture.capture_checks import problems

    messages: list[str] = []
    bodies = 0
    for each in _captures(collection):
        title = f"verify {each.folder.parent.name} {each.as_of}"
        if not each.description.complete:
            messages.append(f"{each.folder}: unfinished; `salon scrape {each.folder.parent.name}`")
            continue
        with progress(title, _requests(each)) as bar:
            messages += problems(each, bar.advance)
        bodies += _requests(each)
    if as_json:
        click.echo(json.dumps({"requests": bodies, "problems": messages}, indent=2))
        ctx.exit(CaptureError.exit_code if messages else 0)
    for problem in messages:
        click.echo(printable(problem))
    if messages:
        what = counted(len(messages), "problem")
        raise CaptureError(f"{what} with the captures, as listed above")
    click.echo(f"{bodies:,} requests: every length and every digest is as recorded")


@captures.command("show")
@click.argument("url")
@click.option("--as-of", help="The capture to look into; the newest that knows it, if not given.")
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows of the manifest instead.")
def show(url: str, as_of: str | None, open_it: bool, as_json: bool) -> None:
    """Print what came from URL, or open it; as in the site's own addresses.

    On a terminal, control characters are escaped and pictures are only described; a pipe or a
    file gets the bytes as they came. A page is opened as a picture of itself: its scripts do not
    run, and nothing is loaded from anywhere.

    \b
    Example:
      salon captures show https://www.wikiart.org/en/ada-vorn --open
      salon captures show https://uploads2.wikiart.org/images/ada-vorn/x-1.jpg > x.jpg
    """
    from pipeline.core.errors import UsageError

    newest = _newest_with(url, as_of)
    if newest is None:
        raise UsageError(
            f"{printable(url)}: no capture asked for that address"
            f"{f' on {as_of}' if as_of else ''}; `salon captures list` names the captures"
        )
    capture, rows = newest
    if as_json:
        click.echo(json.dumps({"capture": str(capture.folder), "requests": rows}, indent=2))
        return
    for row in rows:
        click.echo(_request_words(capture, row), err=True)
    held = [row for row in rows if row["sha256"] is not None]
    if held:
        body = capture.body(held[-1]) or b""
        _open(held[-1], body) if open_it else _print(held[-1], body)


def printable(text: str) -> str:
    """Text from the web for a terminal: whatever could steer it is escaped.

    >>> printable("a\\x1b[2Jb\\u202ec")
    'a\\\\x1b[2Jb\\\\u202ec'
    """
    return "".join(
        c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text
    )


def _captures(collection: str | None) -> Iterator[Capture]:
    """The captures of one collection or of all in params.yaml, by name and date."""
    from pipeline.core.params.file import check_collection, collection_names
    from pipeline.core.paths import Paths
    from scrapers.capture.capture_description import read_description
    from scrapers.capture.capture_reader import Capture

    names = collection_names(Path.cwd() / "params.yaml")
    if collection is not None:
        check_collection(collection, names)
    for name in [collection] if collection else names:
        for folder in sorted(Paths(Path.cwd(), name).captures.glob("*")):
            if read_description(folder) is not None:
                yield Capture(folder, strict=False)


def _newest_with(url: str, as_of: str | None) -> tuple[Capture, list[dict[str, Any]]] | None:
    """The newest finished capture that asked for ``url``, and what it says about it."""
    finished = [each for each in _captures(None) if each.description.complete]
    for capture in sorted(finished, key=lambda each: each.as_of, reverse=True):
        if as_of in (None, capture.as_of) and (rows := capture.requests(url)):
            return capture, rows
    return None


def _requests(capture: Capture) -> int:
    counts = capture.description.counts
    return sum(sum(counts.get(kind, {}).values()) for kind in ("page", "image"))


def _summary(capture: Capture) -> dict[str, Any]:
    described = capture.description
    return {
        "collection": capture.folder.parent.name,
        "as_of": described.as_of,
        "site": described.site,
        "origin": described.origin,
        "complete": described.complete,
        "counts": described.counts,
    }


def _words(row: dict[str, Any]) -> str:
    """What became of the requests of one capture."""
    if not row["complete"]:
        return f"unfinished: `salon scrape {row['collection']}` goes on with it"
    from pipeline.core.log import counted

    counts = row["counts"]
    parts = []
    for kind in ("page", "image"):
        outcomes = ", ".join(f"{count:,} {fetch}" for fetch, count in counts[kind].items())
        total = counted(sum(counts[kind].values()), kind)
        parts.append(f"{total} ({outcomes})" if outcomes else total)
    stored, referred = (counts["bytes"].get(each, 0) / 1e6 for each in ("stored", "referred"))
    held = f", {referred:,.1f} MB in earlier captures" if referred else ""
    return f"{'; '.join(parts)}; {stored:,.1f} MB{held}"


def _request_words(capture: Capture, row: dict[str, Any]) -> str:
    facts = [
        f"capture {capture.as_of}",
        row["fetch"],
        None if row["http_status"] is None else f"HTTP {row['http_status']}",
        row["content_type"],
        None if row["bytes"] is None else f"{row['bytes']:,} bytes",
        None if row["sha256"] is None else f"sha256 {row['sha256']}",
        None if row["held_in"] is None else f"held in {row['held_in']}",
        row["error"],
    ]
    return printable(", ".join(fact for fact in facts if fact))


def _print(row: dict[str, Any], body: bytes) -> None:
    if not sys.stdout.isatty():
        click.echo(body, nl=False)
    elif row["kind"] == "page":
        click.echo(printable(body.decode("utf-8", "replace")))
    else:
        click.echo("a picture: send it to a file (`> picture.jpg`), or use --open", err=True)


def _open(row: dict[str, Any], body: bytes) -> None:
    """Put what came into a file of its own and have the browser show it."""
    import tempfile
    import webbrowser

    from scrapers.capture.image_shards import extension

    is_page = row["kind"] == "page"
    folder = Path(tempfile.mkdtemp(prefix="salon-"))
    path = folder / ("page.html" if is_page else f"picture.{extension(body)}")
    path.write_bytes(still(row["url"], body.decode("utf-8", "replace")) if is_page else body)
    webbrowser.open(path.as_uri())
    click.echo(f"{path}", err=True)


def still(url: str, page: str) -> bytes:
    """A page around a captured page, in which no script runs and nothing is loaded."""
    from markupsafe import escape

    return (
        "<!DOCTYPE html>\n<html><head><meta charset='utf-8'>\n"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; img-src data:\">\n"
        f"<title>{escape(url)}</title>\n"
        "<style>body { margin: 0 } iframe { border: 0; width: 100vw; height: 100vh }</style>\n"
        f"</head><body><iframe sandbox srcdoc='{escape(page)}'></iframe></body></html>\n"
    ).encode()
