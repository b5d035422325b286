"""A failure is an address's own where its host gives what it gave before."""

from __future__ import annotations

import pytest

from pipeline.core.errors import SiteDownError
from scrapers.crawl.host_health import (
    FAILURES_IN_A_ROW,
    MAX_TRIES,
    MAX_TRIES_UNPROVEN,
    HostHealth,
)

UP, DOWN = "https://up.example.org", "https://down.example.org"


def test_failures_in_a_row_of_one_host_are_a_host_that_is_down() -> None:
    health = HostHealth(lambda *_: None)
    for _ in range(FAILURES_IN_A_ROW - 1):
        health.failed("image", DOWN, "HTTP 500", tries=1)
        health.succeeded(UP)  # says nothing of the other host
    with pytest.raises(SiteDownError, match=r"down\.example\.org: 8 images in a row .* HTTP 500"):
        health.failed("image", DOWN, "HTTP 500", tries=1)


def test_what_failed_before_stops_no_run_again() -> None:
    health = HostHealth(lambda *_: None)
    for _ in range(3 * FAILURES_IN_A_ROW):
        health.failed("image", DOWN, "HTTP 500", tries=2)
    health.failed("image", DOWN, "HTTP 500", tries=1)


@pytest.mark.parametrize(
    ("still_answers", "tries", "gives_up"),
    [
        (True, MAX_TRIES - 1, False),
        (True, MAX_TRIES, True),
        (False, 99, False),  # an outage may last for days
        (None, MAX_TRIES, False),
        (None, MAX_TRIES_UNPROVEN, True),
    ],
)
def test_an_address_is_given_up_where_its_host_is_well(
    still_answers: bool | None, tries: int, gives_up: bool
) -> None:
    asked: list[tuple[str, str]] = []

    def ask(kind: str, host: str) -> bool | None:
        asked.append((kind, host))
        return still_answers

    health = HostHealth(ask)
    assert [health.gives_up("image", UP, tries) for _ in range(3)] == [gives_up] * 3
    assert len(asked) <= 1, "a host is asked once in a walk"
