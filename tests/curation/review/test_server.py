"""The server over real HTTP: who is let in, what is refused, what stays inert."""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.review_server import Server, connect, git, make, serving, start
from tests.small_project import HOSTILE_TITLE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(make(tmp_path_factory.mktemp("review"))) as running:
        yield running


def _items(server: Server) -> list[dict[str, Any]]:
    answer = server.get("/api/paintings/items?places=" + ",".join(map(str, range(42))))
    items: list[dict[str, Any]] = answer.json()
    return items


def _change(server: Server, place: int, want: str, reason: str = "") -> dict[str, Any]:
    return {"ids": [_items(server)[place]["id"]], "want": want, "reason": reason}


def _body(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"tab": "other", "number": 1, "of": "", "steps": [list(changes)]}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])
def test_a_foreign_host_is_refused(server: Server, host: str) -> None:
    answer = server.get("/paintings/grid", Host=host)
    assert answer.status_code == 421
    assert server.token not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"X-Salon-Token": ""},
        {"X-Salon-Token": "guess"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_decision_that_is_not_the_page_s_is_refused(
    server: Server, headers: dict[str, str]
) -> None:
    body = _body(_change(server, 0, "remove", "taste"))
    before = server.lines("remove")
    assert server.post("/api/paintings/decide", body, **headers).status_code == 403
    assert server.lines("remove") == before


def test_nothing_is_shown_without_the_cookie(server: Server) -> None:
    for path in ("/", "/paintings/grid", "/static/main.js", "/api/paintings/sheet"):
        assert requests.get(f"{server.origin}{path}", timeout=20).status_code == 403
    wrong = requests.get(f"{server.origin}/open?token=guess", timeout=20, allow_redirects=False)
    assert (wrong.status_code, wrong.cookies.get_dict()) == (403, {})


def test_another_site_cannot_show_pictures_of_the_page(server: Server) -> None:
    image = _items(server)[0]["image"]
    path = f"/picture/paintings/thumbnail/{image}"
    assert server.get(path).status_code == 200
    assert server.get(path, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize("command", ["decide", "undo", "redo", "restore"])
def test_no_get_changes_anything(server: Server, command: str) -> None:
    before = server.lines("remove")
    assert server.get(f"/api/paintings/{command}?steps=[]").status_code == 405
    assert server.lines("remove") == before


@pytest.mark.parametrize(
    "path",
    [
        "/picture/paintings/thumbnail/..%2f..%2f..%2fparams.yaml",
        "/picture/paintings/thumbnail/%2fetc%2fpasswd",
        "/picture/paintings/..%2f..%2fmodels/0",
        "/picture/paintings/64/ffffffffffffffffffffffff",
        "/picture/paintings/overlay/..%2foverlay.json",
        "/picture/paintings/overlay/square.png",
        "/picture/paintings/sample/-1",
        "/static/..%2fserver.py",
        "/static/%2e%2e/server.py",
        "/paintings/..%2f",
        "/paintings/grid/",
    ],
)
def test_a_path_in_place_of_an_id_leads_nowhere(server: Server, path: str) -> None:
    url = f"{server.origin}{path}"
    sent = requests.Request("GET", url, cookies=server.session.cookies).prepare()
    sent.url = url  # as written: requests would tidy the dots away
    assert server.session.send(sent, timeout=20).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"ids": ["../../etc/passwd"], "want": "remove"},
        {"ids": ["ffffffffffffffffffffffff"], "want": "remove"},
        {"ids": ["artist:ada-vorn"], "want": "remove"},
        {"ids": [], "want": "remove"},
        {"ids": "a", "want": "remove"},
        {"want": "remove"},
    ],
)
def test_a_decision_about_what_is_not_there_is_refused(
    server: Server, change: dict[str, Any]
) -> None:
    answer = server.post("/api/paintings/decide", _body(change))
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("the page named")


@pytest.mark.parametrize(
    ("want", "reason"), [("remove", "taste\nffff"), ("delete", ""), ("distinct", ""), ("keep", "?")]
)
def test_a_decision_that_no_list_can_hold_is_refused(
    server: Server, want: str, reason: str
) -> None:
    answer = server.post("/api/paintings/decide", _body(_change(server, 0, want, reason)))
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body", [[], "x", {"steps": 1}, {"steps": [1]}, {"steps": [["x"]]}, {"steps": []}]
)
def test_nonsense_is_refused_in_a_sentence(server: Server, body: object) -> None:
    answer = server.post("/api/paintings/decide", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_json_too_deep_is_refused(server: Server) -> None:
    own = {"Origin": server.origin, "X-Salon-Token": server.token}
    url = f"{server.origin}/api/paintings/decide"
    answer = server.session.post(url, data="[" * 100_000, headers=own, timeout=20)
    assert answer.status_code == 400
    assert answer.json()["error"] == "the page sent no JSON, or too deep a one"


@pytest.mark.parametrize("body", [{"number": 2**64}, {"number": True}, {"number": -(10**30)}])
def test_a_number_that_no_machine_has_is_refused(server: Server, body: dict[str, Any]) -> None:
    answer = server.post("/api/paintings/undo", {"tab": "a", **body})
    assert answer.status_code == 400
    assert answer.json()["error"] == "the page sent no number as 'number'"


@pytest.mark.parametrize(
    "path",
    [
        "sheet?sample=1e400", "sheet?seed=-1", f"sheet?seed={10**30}", f"items?places={10**30}",
        f"changes?since={'9' * 5000}", "sheet?sample=\u0665",
    ],
)  # fmt: skip
def test_a_number_in_an_address_has_64_bits(server: Server, path: str) -> None:
    answer = server.get(f"/api/paintings/{path}")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("in the address is no whole number up to 18 digits")


def test_a_place_asked_for_by_no_ascii_is_nowhere(server: Server) -> None:
    assert server.get("/api/paintings/sheet?at=\u00e9").json()["at"] == -1


@pytest.mark.parametrize("query", ["colour=red", "min=x", "rule=taste", "sort=beauty"])
def test_an_address_that_makes_no_sense_is_told(server: Server, query: str) -> None:
    answer = server.get(f"/api/paintings/sheet?{query}")
    assert answer.status_code == 400
    assert query.split("=")[1] in answer.text or query.split("=")[0] in answer.text


def test_scripts_from_the_web_are_text(server: Server) -> None:
    page = server.get("/paintings/grid")
    policy = page.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert [item["title"] for item in _items(server)].count(HOSTILE_TITLE) == 1
    assert server.get("/api/paintings/items?places=0").headers["content-type"] == "application/json"
    links = {item["link"].partition(":")[0] for item in _items(server)}
    assert links == {"https", ""}


def test_every_answer_is_locked_in(server: Server) -> None:
    for path in ("/paintings/grid", "/static/main.js", "/api/paintings/sheet", "/nowhere"):
        headers = server.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_collection_without_tables_is_told(server: Server) -> None:
    answer = server.get("/api/watches/sheet")
    assert answer.status_code == 503
    assert "run `dvc repro`" in answer.json()["error"]


def test_a_second_server_is_refused(server: Server) -> None:
    second = start(server.root)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 14
    assert said == (
        "salon: another process works on the review page of this project; wait for it to end\n"
    )


def test_the_end_tells_what_git_would_commit(tmp_path: Path) -> None:
    with serving(make(tmp_path)) as server:
        ids = [item["id"] for item in _items(server)]
        for number, (place, want, reason) in enumerate(
            [
                (0, "remove", "taste"),
                (1, "remove", "blurry"),
                (2, "remove", "taste"),
                (3, "keep", ""),
            ],
            start=1,
        ):
            server.decide("tab", number, {"ids": [ids[place]], "want": want, "reason": reason})
        told = server.get("/api/paintings/finish").json()
    assert told["summary"] == "3 removed (2 taste, 1 blurry); 1 kept"
    assert told["message"] == f"Curate: {told['summary']}\n\nDecided by Ana-B..\n"
    assert told["stat"].splitlines()[-1].strip() == "2 files changed, 6 insertions(+)"
    assert told["effect"].startswith("paintings: ")
    git(tmp_path, "commit", "--quiet", "--message", told["message"], "curation/lists")


def test_salon_s_own_check_finds_nothing_wrong(tmp_path: Path) -> None:
    with serving(make(tmp_path)) as server:
        ids = [item["id"] for item in _items(server)]
        changes = [{"ids": [item], "want": "remove", "reason": "taste"} for item in ids[5:15]]
        server.decide("tab", 1, *changes)
        server.decide("tab", 2, {"ids": sorted(ids[20:22]), "want": "distinct"})
        said = server.run("lists", "check")
    assert said.splitlines()[-1] == "11 entries, none of them wrong"
    assert "canonical" not in said


def test_ctrl_c_ends_it_without_a_word_of_trouble(tmp_path: Path) -> None:
    process = start(make(tmp_path))
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.splitlines()[-1] == "Stopped."


def test_a_kill_loses_nothing_that_was_said_to_be_saved(tmp_path: Path) -> None:
    process = start(make(tmp_path))
    server = connect(process, tmp_path)
    ids = [item["id"] for item in _items(server)]
    threading.Timer(0.4, process.kill).start()
    saved: dict[str, str] = {}
    with suppress(requests.ConnectionError):
        for number, place in enumerate(itertools.cycle(range(len(ids))), start=1):
            want = ("keep", "remove")[number // len(ids) % 2]
            server.decide("tab", number, {"ids": [ids[place]], "want": want})
            saved[ids[place]] = want
    process.communicate()
    server.session.close()
    stand = {line.split()[0]: name for name in ("remove", "keep") for line in server.lines(name)}
    assert saved
    in_flight = [item for item in saved if stand.get(item) != saved[item]]
    assert len(in_flight) <= 1, "only the decision that was being carried out may have moved on"
    assert all(item in stand for item in saved)
