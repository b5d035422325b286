"""`scrape`: the only stage that touches a site; what it fetched is kept as it came."""

from __future__ import annotations

from pipeline.core.files import exclusive
from pipeline.core.log import say
from pipeline.core.params.scrape import Scrape
from pipeline.core.paths import Paths
from scrapers.capture.description import Description
from scrapers.job import capture, finished
from scrapers.patience import Patience


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
            say(f"{_title(paths, held)}: finished before, nothing to do")
            return
        patience = Patience(params.retries)
        made = capture(folder, params, work=work, patience=patience)
    say(f"{_title(paths, made)}: {summary(made)}")


def _title(paths: Paths, description: Description) -> str:
    return f"{paths.collection} {description.as_of}"


def summary(made: Description) -> str:
    """Requests by outcome, in one line that adds up."""
    parts = []
    for kind in ("page", "image"):
        counts = made.counts[kind]
        outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items())
        parts.append(f"{sum(counts.values()):,} {kind}s{f' = {outcomes}' if outcomes else ''}")
    stored, referred = (made.counts["bytes"][each] / 1e6 for each in ("stored", "referred"))
    held = f", {referred:,.1f} MB held by earlier captures" if referred else ""
    return f"{'; '.join(parts)}; {stored:,.1f} MB stored{held}"
