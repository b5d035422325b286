"""A list of addresses at hosts that misbehave: every row is accounted for, nobody is pestered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.core import tables
from pipeline.core.errors import (
    BudgetSpentError,
    CaptureError,
    FilesError,
    NotPermittedError,
    ParamsError,
    SalonError,
)
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.parse import Parse
from pipeline.core.params.scrape import Scrape
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, Fetch
from pipeline.stages import parse
from scrapers.capture import Capture
from scrapers.job import capture
from scrapers.politeness.retry import RetryPolicy
from tests.scrapers.files.sets import as_csv, jpeg, put
from tests.scrapers.hosts import Host, Reply, serving

DAY = "2026-11-30"
ROBOTS = Reply(b"User-agent: *\nDisallow: /private/\n")
PAGE = Reply(b"<!doctype html><title>Gone fishing</title>")


def params(path: Path, **changes: Any) -> Scrape:
    asked = {
        "origin": "addresses", "path": str(path), "as_of": DAY, "contact": "ana@example.org",
        "permission": "all hosts are mine", "private_addresses": True,
        "seconds_between_images": 0.0, "timeout_s": 2.0, **changes,
    }  # fmt: skip
    return Scrape.model_validate(asked)


def captured(where: Path, asked: Scrape, retries: int = 1) -> Capture:
    paths = Paths(where, "mine")
    policy = RetryPolicy(retries, first_wait_s=0.01)
    capture(paths.capture(asked.as_of), asked, work=where / "work", retry_policy=policy)
    return Capture(paths.capture(asked.as_of))


def outcomes(held: Capture) -> dict[str, tuple[str, str | None]]:
    rows = held.manifest().to_pylist()
    return {row["url"]: (row["fetch"], row["error"]) for row in rows if row["kind"] == "image"}


@contextmanager
def hosts(*replies: dict[str, list[Reply]]) -> Iterator[list[Host]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving({"/robots.txt": [ROBOTS], **each})) for each in replies]


def test_each_row_is_accounted_for_whatever_its_host_does(tmp_path: Path) -> None:
    first = {
        "/a,b.jpg": [Reply(jpeg(0))],
        "/busy.jpg": [Reply(status=429, headers={"Retry-After": "0"}), Reply(jpeg(1))],
        "/noai.jpg": [Reply(jpeg(2), headers={"X-Robots-Tag": "noai"})],
        "/private/x.jpg": [Reply(jpeg(3))],
    }
    second = {
        "/page.jpg": [PAGE],
        "/torn.jpg": [Reply(jpeg(4), announced=9_000)],
        "/half.jpg": [Reply(jpeg(5)[:300])],
        "/down.jpg": [Reply(status=503), Reply(status=503), Reply(status=503), Reply(jpeg(6))],
        "/away.jpg": [Reply(status=302, headers={"Location": "http://elsewhere.test/"})],
    }
    with hosts(first, second, {"/robots.txt": [Reply(status=403)]}) as (
        open_host,
        flaky,
        shut,
    ):
        second["/moved.jpg"] = [
            Reply(status=301, headers={"Location": f"{open_host.origin}/a,b.jpg"})
        ]
        flaky.replies |= {"/moved.jpg": second["/moved.jpg"]}
        urls = [f"{open_host.origin}{path}" for path in first] + [
            f"{flaky.origin}{path}" for path in second
        ]
        urls += [f"{shut.origin}/{n}.jpg" for n in range(2)] + [f"{open_host.origin}/nowhere.jpg"]
        lines = [
            "# my list",
            "",
            f"  {urls[0]}  ",
            *urls,
            "ftp://a.test/x.jpg",
            "file:///etc/passwd",
        ]
        put(tmp_path, {"list.txt": "\n".join(lines).encode()})
        held = captured(tmp_path, params(tmp_path / "list.txt"))
        asked = open_host.paths() + flaky.paths() + shut.paths()
    fates = outcomes(held)
    assert list(fates)[: len(urls)] == urls
    assert Counter(fetch for fetch, _ in fates.values()) == {
        Fetch.FETCHED: 6, Fetch.OPTED_OUT: 1, Fetch.GONE: 1, Fetch.FAILED: 7,
    }  # fmt: skip
    came = {url for url, (fetch, _) in fates.items() if fetch == Fetch.FETCHED}
    assert {url.rpartition("/")[2] for url in came} == {
        "a,b.jpg", "busy.jpg", "page.jpg", "half.jpg", "down.jpg", "moved.jpg",
    }  # fmt: skip
    assert "forbidden by" in str(fates[f"{open_host.origin}/private/x.jpg"][1])
    assert "before its announced length" in str(fates[f"{flaky.origin}/torn.jpg"][1])
    assert "leads to another host" in str(fates[f"{flaky.origin}/away.jpg"][1])
    assert fates["file:///etc/passwd"][1] == "no address of http or https"
    assert all("robots.txt" in str(fates[f"{shut.origin}/{n}.jpg"][1]) for n in range(2))
    counts = Counter(asked)
    assert counts["/private/x.jpg"] == 0
    assert counts["/nowhere.jpg"] == counts["/noai.jpg"] == 1
    assert counts["/a,b.jpg"] == 2  # its own, and what /moved.jpg leads to
    assert counts["/0.jpg"] == counts["/1.jpg"] == 0


def test_one_address_twice_is_one_request_and_two_listings(tmp_path: Path) -> None:
    with hosts({"/a.jpg": [Reply(jpeg(0))], "/b.jpg": [Reply(jpeg(1))]}) as (host,):
        rows = [
            {
                "id": f"L{n}",
                "image_url": f"{host.origin}/{name}.jpg",
                "artist": artist,
                "page_url": p,
            }
            for n, (name, artist, p) in enumerate(
                [("a", "Ana", f"{host.origin}/p"), ("b", "Bo", ""), ("a", "Cy", "")]
            )
        ]
        put(tmp_path, {"list.csv": as_csv(rows)})
        held = captured(tmp_path, params(tmp_path / "list.csv", permission=""))
        pictures = [asked for asked in host.asked if asked.path.endswith(".jpg")]
    referers = [(asked.path, asked.headers.get("referer")) for asked in pictures]
    # Two are asked for at a time, so either may arrive first.
    assert sorted(referers) == [("/a.jpg", f"{host.origin}/p"), ("/b.jpg", None)]
    assert len(outcomes(held)) == 2
    paths = Paths(tmp_path, "mine")
    parse.run(paths, Parse())
    listings = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    first = image_id_of(sha256_hex(jpeg(0)))
    assert [(row["listing_id"], row["creator"], row["image_id"] == first) for row in listings] == [
        ("L0", "ana", True),
        ("L1", "bo", False),
        ("L2", "cy", True),
    ]


def test_the_next_capture_asks_again_for_what_failed_and_confirms_the_rest(tmp_path: Path) -> None:
    good = [Reply(jpeg(0), headers={"ETag": '"1"'}), Reply(status=304)]
    down = [Reply(status=500)] * 6 + [Reply(jpeg(1))]
    with hosts({"/a.jpg": good, "/b.jpg": down}) as (host,):
        put(tmp_path, {"list.txt": f"{host.origin}/a.jpg\n{host.origin}/b.jpg".encode()})
        first = captured(tmp_path, params(tmp_path / "list.txt"))
        second = captured(tmp_path, params(tmp_path / "list.txt", as_of="2026-12-01"))
        conditions = [each.headers.get("if-none-match") for each in host.asked]
    assert [fetch for fetch, _ in outcomes(first).values()] == [Fetch.FETCHED, Fetch.FAILED]
    assert [fetch for fetch, _ in outcomes(second).values()] == [Fetch.UNCHANGED, Fetch.FETCHED]
    assert '"1"' in conditions


def test_an_interrupted_capture_goes_on_with_the_same_list_only(tmp_path: Path) -> None:
    with hosts({f"/{n}.jpg": [Reply(jpeg(n))] for n in range(4)}) as (host,):
        text = "\n".join(f"{host.origin}/{n}.jpg" for n in range(4)).encode()
        put(tmp_path, {"list.txt": text})
        with pytest.raises(BudgetSpentError):
            captured(tmp_path, params(tmp_path / "list.txt", max_requests=3, connections=1))
        put(tmp_path, {"list.txt": text + b"\nhttp://other.test/"})
        with pytest.raises(CaptureError, match="begun with another list"):
            captured(tmp_path, params(tmp_path / "list.txt"))
        put(tmp_path, {"list.txt": text})
        held = captured(tmp_path, params(tmp_path / "list.txt"))
        asked = Counter(path for path in host.paths() if path != "/robots.txt")
    assert set(asked.values()) == {1}
    assert {fetch for fetch, _ in outcomes(held).values()} == {Fetch.FETCHED}


def test_a_dead_host_stops_no_other(tmp_path: Path) -> None:
    with serving({}) as gone:
        origin = gone.origin
    with hosts({"/a.jpg": [Reply(jpeg(0))]}) as (host,):
        dead = [f"{origin}/{n}.jpg" for n in range(20)]
        put(tmp_path, {"list.txt": "\n".join([*dead, f"{host.origin}/a.jpg"]).encode()})
        held = captured(tmp_path, params(tmp_path / "list.txt"), retries=0)
    fetches = Counter(fetch for fetch, _ in outcomes(held).values())
    assert fetches == {Fetch.FAILED: 20, Fetch.FETCHED: 1}
    unasked = [error for _, error in outcomes(held).values() if "not asked for" in str(error)]
    assert len(unasked) >= 16, "it does not answer, which one or two requests show"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{port}/a.jpg", "http://localhost:{port}/a.jpg", "http://[::1]/a.jpg",
        "http://169.254.169.254/latest", "http://10.0.0.1/a.jpg", "http://box.internal/a.jpg",
        "http://2130706433:{port}/a.jpg", "http://0x7f.1:{port}/a.jpg",
        "http://me:secret@127.0.0.1/a.jpg",
    ],
)  # fmt: skip
def test_private_hosts_are_asked_for_nothing(tmp_path: Path, address: str) -> None:
    with hosts({"/a.jpg": [Reply(jpeg(0))]}) as (host,):
        put(tmp_path, {"list.txt": address.format(port=host.server_port).encode()})
        held = captured(tmp_path, params(tmp_path / "list.txt", private_addresses=False), 0)
        assert host.asked == []
    ((fetch, error),) = outcomes(held).values()
    assert fetch == Fetch.FAILED
    assert "nothing was asked of it" in str(error) or "not asked" in str(error)


WRONG: dict[str, tuple[bytes, dict[str, Any], type[SalonError], str]] = {
    "list.txt": (b"http://a.test/1\nhttp://b.test/2", {"permission": ""}, NotPermittedError,
                 "names 2 hosts"),
    "list.csv": (b"name,link\nx,http://a.test/1", {}, FilesError, "in name, link; if a column"),
    "b.csv": (b"name,link\nx,http://a.test/1", {"columns": {"address": "lnk"}}, ParamsError,
              r"no table has a column 'lnk' \(did you mean 'link'"),
    "list.docx": (b"PK", {}, FilesError, "not a list of addresses"),
    "torn.parquet": (b"PAR1", {}, FilesError, "cannot be read as a table"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_list_is_said_before_anything_is_asked(
    tmp_path: Path, name: str
) -> None:
    body, changes, kind, says = WRONG[name]
    put(tmp_path, {name: body})
    with pytest.raises(kind, match=says):
        captured(tmp_path, params(tmp_path / name, **changes))
    assert not (tmp_path / "data").exists()


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FilesError, match="No such file"):
        captured(tmp_path, params(tmp_path / "none.txt"))


def test_without_a_contact_nobody_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="need a contact"):
        params(tmp_path / "list.txt", contact=" ")
