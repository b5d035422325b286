"""A capture of a list of addresses, in its order, with a guest's manners at each host."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from pipeline.core.errors import CaptureError, NotPermittedError
from pipeline.core.ids import sha256_hex
from pipeline.core.log import Bar, counted, progress, say
from pipeline.core.params.scrape import Scrape
from pipeline.core.schema import Fetch
from scrapers.address import FILE_SCHEME, AddressBook, file_url, origin_of
from scrapers.addresses.asking import Asker
from scrapers.addresses.listed import Listed, addresses_listed, read_list
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.file_names import IMAGE, PAGE
from scrapers.capture.folder_fingerprint import PATH, fingerprint_of
from scrapers.capture.outcome import Outcome, now
from scrapers.crawl.capture_crawl import CrawlProgress
from scrapers.crawl.dry_run import Plan
from scrapers.crawl.host_health import MAX_TRIES
from scrapers.crawl.image_queue import ImageQueue
from scrapers.http.http_session import Session
from scrapers.http.image_fetch import ImageFetcher
from scrapers.http.robots import Robots
from scrapers.politeness.listed_hosts import ListedHosts
from scrapers.politeness.rate_limit import RateLimiter
from scrapers.politeness.retry import RetryPolicy
from scrapers.politeness.user_agent import user_agent

_MB: Final = 1_000_000
_MOST_HOSTS: Final = 64
"""Hosts with connections at one time; a list may name thousands."""
_HOSTS_TOLD: Final = 10
_TYPE: Final = "application/octet-stream"


def capture_addresses(
    folder: Path, params: Scrape, asked_for: CaptureDescription, retry_policy: RetryPolicy
) -> CaptureDescription:
    """Make the capture in ``folder`` of the list at ``params.path``, or go on with it.

    Raises:
        FilesError: there is no list, or no address in it.
        NotPermittedError: it names several hosts, and the params state no permission.
        CaptureError: the folder holds a capture of another list.
        BudgetSpentError: as many requests were made as the params allow.
    """
    path = Path(params.path)
    body = read_list(path)
    rows = _checked_list(path, addresses_listed(path, body, params.columns), params)
    with ExitStack() as stack:
        writer = CaptureWriter(folder, asked_for, AddressBook(), int(params.shard_mb * _MB))
        stack.callback(writer.abandon)
        writer.allow(int(params.max_image_mb * _MB))
        crawl_progress = CrawlProgress(writer)
        title = f"{folder.parent.name} {params.as_of}"
        bar = stack.enter_context(progress(title, words=crawl_progress.words))
        limiter = RateLimiter(most_requests=params.max_requests)
        policy = dataclasses.replace(retry_policy, on_retry=crawl_progress.retried)
        asker = _asker(params, rows, policy, limiter, writer)
        stack.callback(limiter.stop)
        walk = _AddressWalk(writer, asker, params.connections, bar)
        document = Outcome(
            file_url(path.name), FILE_SCHEME, Fetch.FETCHED, now(), content_type=_TYPE, body=body
        )
        for number in range(1, MAX_TRIES + 1):
            walk.begin(document)
            walk.ask_all(rows, is_last=number == MAX_TRIES)
            retries = sum(writer.retries().values())
            if not retries:
                break
            if number < MAX_TRIES:
                say(f"{counted(retries, 'request')} failed in a way that may pass; asking again")
        _tell_left(asker)
        return writer.finish({PATH: fingerprint_of(path)})


def plan_addresses(params: Scrape, tell: Callable[[str, str], None]) -> Plan:
    """What `capture_addresses` would ask for, without asking; at the pace of the params.

    Raises:
        FilesError, NotPermittedError: as in `capture_addresses`.
    """
    path = Path(params.path)
    plan = Plan()
    for url in _checked_list(
        path, addresses_listed(path, read_list(path), params.columns), params
    ).pages:
        tell(IMAGE, url)
        plan.images[origin_of(url)] += 1
        plan.seconds_of[origin_of(url)] += params.seconds_between_images
    return plan


def _checked_list(path: Path, rows: Listed, params: Scrape) -> Listed:
    """Tell what is in the list, and refuse it where nobody said that it may be fetched."""
    hosts = len({origin_of(url) for url in rows.pages})
    say(
        f"{path}: {counted(len(rows.pages), 'request')} to {counted(hosts, 'host')}; "
        f"{counted(rows.repeated, 'row')} with an address that an earlier one has, "
        f"{len(rows.wrong):,} with something else, {rows.without:,} without any"
    )
    if hosts > 1 and not params.permission.strip():
        raise NotPermittedError(
            f"{path}: names {hosts:,} hosts, whose terms nobody here knows; state in "
            f"scrape.permission who allowed the capture, and when"
        )
    return rows


def _asker(
    params: Scrape, rows: Listed, policy: RetryPolicy, limiter: RateLimiter, writer: CaptureWriter
) -> Asker:
    hosts = ListedHosts(rows.hosts, private=params.private_addresses)
    session = Session(
        AddressBook(),
        hosts,
        agent=user_agent(params.contact),
        timeout_s=params.timeout_s,
        retry_policy=policy,
        rate_limiter=limiter,
    )
    robots = Robots(session, seconds=params.seconds_between_images)
    images = ImageFetcher(
        session,
        robots,
        AddressBook(),
        seconds=params.seconds_between_images,
        max_bytes=int(params.max_image_mb * _MB),
        earlier=writer.earlier,
    )
    return Asker(images, robots)


def _tell_left(asker: Asker) -> None:
    for _, why in list(asker.left.values())[:_HOSTS_TOLD]:
        say(f"{why}; the next capture asks again")
    if len(asker.left) > _HOSTS_TOLD:
        say(f"and {counted(len(asker.left) - _HOSTS_TOLD, 'more host')} like that")


class _AddressWalk:
    """Goes through the list; what is answered already is not asked for again."""

    def __init__(self, writer: CaptureWriter, asker: Asker, connections: int, bar: Bar) -> None:
        self._writer, self._asker, self._connections, self._bar = writer, asker, connections, bar

    def begin(self, document: Outcome) -> None:
        """Start from the top of the list, which the capture keeps as ``document``.

        Raises:
            CaptureError: it keeps another list.
        """
        self._writer.begin_walk()
        self._asker.begin_walk()
        answer = self._writer.ask(PAGE, [document.url])
        if not answer.is_known:
            self._writer.record_page(document)
        elif answer.sha256 != sha256_hex(document.body or b""):
            raise CaptureError(
                f"{self._writer.folder}: begun with another list than there is now; put the list "
                f"back to go on, or delete the folder to begin again"
            )

    def ask_all(self, rows: Listed, *, is_last: bool) -> None:
        """Ask for every address; in the last walk no failure is left open."""
        self._bar.expect(len(rows.pages))
        queue, hosts = ImageQueue(self._connections), set[str]()
        try:
            for url, page in rows.pages.items():
                answer = self._writer.ask(IMAGE, [url])
                if answer.is_known:
                    continue
                hosts.add(origin_of(url))
                if len(hosts) > _MOST_HOSTS:
                    queue.finish()
                    queue.close()
                    queue, hosts = ImageQueue(self._connections), {origin_of(url)}
                fetch = partial(self._asker.fetch, url, page or "")
                queue.add(origin_of(url), fetch, partial(self._record_outcome, url, is_last))
            queue.finish()
        finally:
            queue.close()
        for wrong, why in rows.wrong.items():
            if not self._writer.ask(IMAGE, [wrong]).is_known:
                outcome = Outcome(wrong, FILE_SCHEME, Fetch.FAILED, now(), error=why)
                self._writer.record_image(outcome, asked_as=wrong)

    def _record_outcome(self, url: str, is_last: bool, outcome: Outcome) -> None:
        self._writer.record_image(outcome, asked_as=url, give_up=is_last)
        self._bar.advance(note=url)
