"""The table of a capture's requests, asked by walk after walk."""

from __future__ import annotations

from scrapers.capture.file_names import IMAGE
from scrapers.capture.requests import RequestStore

SMALL, ORIGINAL = "https://x.org/a.jpg!Large.jpg", "https://x.org/a.jpg"


def row(url: str, fetch: str) -> dict[str, object]:
    return {"kind": IMAGE, "url": url, "fetch": fetch}


def test_what_failed_at_its_second_address_is_asked_for_again_by_its_first() -> None:
    requests = RequestStore(None)
    requests.begin_walk()
    assert not requests.ask(IMAGE, [SMALL, ORIGINAL]).is_known
    failed = row(ORIGINAL, "failed")  # the derivative was gone, and the original cut off
    requests.record(failed, asked_as=SMALL, may_pass=True, give_up=False)
    requests.begin_walk()
    answer = requests.ask(IMAGE, [SMALL, ORIGINAL])
    assert (answer.is_known, answer.tries) == (False, 1)
    requests.record(row(ORIGINAL, "fetched"), asked_as=SMALL, may_pass=False, give_up=False)
    assert requests.outcome_of(IMAGE, ORIGINAL) == "fetched"
    assert requests.outcome_of(IMAGE, SMALL) is None
    requests.close()
