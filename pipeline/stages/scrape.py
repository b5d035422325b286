"""`scrape`: the only stage that touches a site; what it fetched is kept as it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from pipeline.core.files import exclusive
from pipeline.core.log import counted, say
from pipeline.core.params.scrape import Scrape
from pipeline.core.paths import Paths
from scrapers import job
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.folder_fingerprint import changes_since
from scrapers.crawl.dry_run import Plan
from scrapers.job import capture, finished
from scrapers.politeness.retry import RetryPolicy


def run(paths: Paths, params: Scrape) -> None:
    """Make the capture of ``params.as_of``, go on with it, or leave it alone when it is finished.

    Raises:
        BusyError: another process makes captures of this collection.
        CaptureError: the capture is finished, with other params.
        ScrapeError: the site cannot be read any further; what was fetched is kept.
        BrowserError: there is no usable browser.
    """
    folder, work = paths.capture(params.as_of), paths.work("scrape")
    with exclusive(work / "lock", what=f"the captures of {paths.collection}"):
        held = finished(folder, params)
        if held is not None:
            changed = changes_since(held.selection, held.versions)
            stays = "nothing to do" if changed is None else f"and stays as it is; {changed}"
            say(f"{_title(paths, held)}: finished before, {stays}")
            return
        retry_policy = RetryPolicy(params.retries)
        made = capture(folder, params, work=work, retry_policy=retry_policy)
    say(f"{_title(paths, made)}: {summary(made)}")


def dry_run(paths: Paths, params: Scrape, tell: Callable[[str, str], None]) -> None:
    """Tell what `run` would request and how long it would take; nothing is kept.

    ``tell`` is called with the kind and the address of each request.

    Raises:
        BusyError, CaptureError, ScrapeError, BrowserError: as in `run`.
    """
    folder, work = paths.capture(params.as_of), paths.work("scrape")
    title = f"{paths.collection} {params.as_of}"
    with exclusive(work / "lock", what=f"the captures of {paths.collection}"):
        if finished(folder, params) is not None:
            say(f"{title}: finished before, nothing would be fetched")
            return
        plan = job.dry_run(
            folder, params, work=work, retry_policy=RetryPolicy(params.retries), tell=tell
        )
    say(f"{title}: {forecast(plan)}")


def forecast(plan: Plan) -> str:
    """What a capture would take, and what nobody can know before."""
    pages = counted(plan.pages.total(), "page")
    images = counted(plan.images.total(), "image")
    if not (plan.listing_pages or plan.images):
        return f"{pages} and the images saved with them would be read; no host is asked"
    if not (plan.listing_pages or plan.seconds_of):
        return f"{pages} and {images} named above would be read; no host is asked"
    least = dt.timedelta(seconds=round(plan.seconds))
    return (
        f"{pages} ({plan.listing_pages:,} opened just now) and {images} ({plan.held:,} held by an "
        f"earlier capture); at least {least} at the pace of params.yaml, or of robots.txt where "
        f"that asks for more. Not known before: how large the images are, which are missing, "
        f"images that only the works' own pages name, how slow the site is, and what an "
        f"interrupted capture holds already"
    )


def _title(paths: Paths, description: CaptureDescription) -> str:
    return f"{paths.collection} {description.as_of}"


def summary(made: CaptureDescription) -> str:
    """Requests by outcome, in one line that adds up."""
    parts = []
    for kind in ("page", "image"):
        counts = made.counts[kind]
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
        total = counted(sum(counts.values()), kind)
        parts.append(f"{total} = {outcomes}" if outcomes else total)
    stored, referred = (made.counts["bytes"][each] / 1e6 for each in ("stored", "referred"))
    held = f", {referred:,.1f} MB held by earlier captures" if referred else ""
    return f"{'; '.join(parts)}; {stored:,.1f} MB stored{held}"
