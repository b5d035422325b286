"""A capture survives a kill at any byte, and says so when something else happened to it."""

from __future__ import annotations

import json
import resource
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.core.errors import CaptureError, StorageError
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.schema import Fetch
from scrapers.address import AddressBook
from scrapers.capture import Capture, list_captures, page_shards, read_image_shard
from scrapers.capture.capture_checks import check_files
from scrapers.capture.capture_description import CaptureDescription
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.file_names import IMAGE, PAGE, REQUESTS
from scrapers.capture.outcome import Outcome, now

WWW, WIRE = "https://www.example.org", "http://127.0.0.1:4001"
BOOK = AddressBook({WWW: WIRE})
DESCRIPTION = CaptureDescription("wikiart", "gallery", "2026-05-04", {"styles": ["a"]})
REQUESTS_MADE = 40
SHARD_BYTES = 6000


def page_body(seq: int) -> bytes:
    return f"<html><a href='{WIRE}/works/{seq}'>{'word ' * seq}</a></html>".encode()


def image_body(seq: int) -> bytes:
    """Every fifth image equals an earlier one."""
    number = seq - 20 if seq % 5 == 4 and seq >= 20 else seq
    return b"\xff\xd8\xff" + bytes([number]) * (100 + 37 * number)


def outcome(seq: int) -> Outcome:
    if seq % 2 == 0:
        return Outcome(f"{WWW}/{seq}", WIRE, Fetch.FETCHED, now(), body=page_body(seq))
    url = f"{WWW}/{seq}.jpg"
    if seq % 10 == 7:
        return Outcome(url, WIRE, Fetch.GONE, now(), http_status=404)
    return Outcome(url, WIRE, Fetch.FETCHED, now(), http_status=200, body=image_body(seq))


def open_writer(folder: Path, description: CaptureDescription = DESCRIPTION) -> CaptureWriter:
    return CaptureWriter(folder, description, BOOK, SHARD_BYTES)


def go_on(folder: Path, until: int = REQUESTS_MADE) -> CaptureWriter:
    """Walk the first ``until`` requests, and write what the capture lacks of them."""
    writer = open_writer(folder)
    try:
        writer.begin_walk()
        for seq in range(until):
            write(writer, seq)
    except BaseException:
        writer.abandon()
        raise
    return writer


def write(writer: CaptureWriter, seq: int) -> None:
    made = outcome(seq)
    kind = PAGE if seq % 2 == 0 else IMAGE
    if writer.ask(kind, [made.url]).is_known:
        return
    if kind == PAGE:
        writer.record_page(made)
    else:
        writer.record_image(made, asked_as=made.url)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "paintings" / DESCRIPTION.as_of
    go_on(folder).finish({})
    return folder


def tars(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.tar")}


def test_a_finished_capture_gives_back_what_was_written(whole: Path) -> None:
    capture = Capture(whole)
    manifest = capture.manifest().to_pylist()
    assert [row["seq"] for row in manifest] == list(range(REQUESTS_MADE))
    assert [page.body for page in capture.pages()] == [
        page_body(s) for s in range(0, REQUESTS_MADE, 2)
    ]
    assert len(capture.image_shards()) > 2
    read = [
        pair
        for shard in capture.image_shards()
        for pair in read_image_shard(shard.path, shard.entries)
    ]
    distinct = {sha256_hex(o.body) for s in range(1, REQUESTS_MADE, 2) if (o := outcome(s)).body}
    assert len(read) == len(distinct)
    assert {sha256 for sha256, _ in read} == distinct
    assert all(sha256_hex(data) == sha256 for sha256, data in read)
    assert capture.description.counts["image"] == {"fetched": 16, "gone": 4}
    assert not list(whole.glob(f"{REQUESTS}*"))


def test_its_files_are_what_other_programs_expect(whole: Path) -> None:
    names = []
    for path in sorted(whole.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                file = tar.extractfile(member)
                assert file is not None
                assert member.name == f"{image_id_of(sha256_hex(file.read()))}.jpg"
                assert (member.mtime, member.uid, member.gid) == (0, 0, 0)
                names.append(member.name)
    assert len(names) == len(set(names))
    with (whole / "pages-00000.warc.gz").open("rb") as file:
        records = [(r.rec_type, r.rec_headers["WARC-Target-URI"]) for r in ArchiveIterator(file)]
    assert records[:2] == [("warcinfo", None), ("resource", f"{WWW}/0")]


def test_links_in_pages_lead_back_to_the_site(whole: Path) -> None:
    capture = Capture(whole)
    assert capture.canonical(f"{WIRE}/works/2") == f"{WWW}/works/2"
    assert capture.canonical("https://elsewhere.org/x") == "https://elsewhere.org/x"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    stops=st.lists(st.integers(1, REQUESTS_MADE), min_size=1, max_size=3),
    torn=st.sampled_from(["images", "pages", ""]),
    lost=st.integers(1, 900),
)
@example(stops=[3], torn="pages", lost=310)  # into the end of a record that can still be read
def test_a_kill_at_any_byte_changes_no_image_shard(
    whole: Path, tmp_path: Path, stops: list[int], torn: str, lost: int
) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    shutil.rmtree(folder, ignore_errors=True)
    for stop in stops:
        go_on(folder, stop).abandon()
        tear(folder, torn, lost)
    go_on(folder).finish({})
    assert tars(folder) == tars(whole)
    assert [p.body for p in Capture(folder).pages()] == [p.body for p in Capture(whole).pages()]
    columns = ["seq", "kind", "url", "fetch", "sha256", "bytes"]
    assert Capture(folder).manifest().select(columns) == Capture(whole).manifest().select(columns)


def tear(folder: Path, torn: str, lost: int) -> None:
    """Cut the end off one file, as a machine that stops may leave it."""
    paths = sorted(folder.glob(f"{torn}*")) if torn else []
    if paths:
        content = paths[-1].read_bytes()
        paths[-1].write_bytes(content[: max(0, len(content) - lost)])


def test_bytes_that_the_disk_never_got_are_fetched_again(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 20).abandon()
    shard = max(folder.glob("*.tar"))
    content = shard.read_bytes()
    shard.write_bytes(content[:-600] + bytes(600))
    go_on(folder).finish({})
    assert tars(folder) == tars(whole)


def test_bytes_without_a_line_are_cut_off(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder).abandon()
    for shard in (max(folder.glob("*.tar")), max(folder.glob("*.warc.gz"))):
        shard.write_bytes(shard.read_bytes() + b"half an item" * 300)
    next_shard = folder / f"images-{len(tars(whole)):05d}.tar"
    next_shard.write_bytes(b"half an item, too large for the shard before")
    go_on(folder).finish({})
    assert tars(folder) == tars(whole)
    urls = [f"{WWW}/{seq}" for seq in range(0, REQUESTS_MADE, 2)]
    assert [url for path in sorted(folder.glob("*.warc.gz")) for url in urls_in(path)] == urls


def urls_in(warc: Path) -> list[str]:
    with warc.open("rb") as file:
        records = [record.rec_headers["WARC-Target-URI"] for record in ArchiveIterator(file)]
    return records[1:]


def test_an_unfinished_capture_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 5).abandon()
    assert list_captures(folder.parent) == []
    with pytest.raises(CaptureError, match="unfinished; run `salon scrape paintings` again"):
        list_captures(folder.parent, strict=True)


def test_a_finished_capture_is_not_written_to(whole: Path) -> None:
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    with pytest.raises(CaptureError, match="never edited"):
        open_writer(whole)
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before


def test_an_unfinished_capture_keeps_its_params(tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 5).abandon()
    other = CaptureDescription("wikiart", "gallery", "2026-05-04", {"styles": ["b"]})
    with pytest.raises(CaptureError, match=r'styles: \["a"\] -> \["b"\]'):
        open_writer(folder, other)


def test_a_port_that_changed_hands_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 5).abandon()
    other = AddressBook({"https://uploads.example.org": WIRE})
    with pytest.raises(CaptureError, match="run the same command again"):
        CaptureWriter(folder, DESCRIPTION, other, SHARD_BYTES)


@pytest.mark.parametrize("shard", ["images-00000.tar", "pages-00000.warc.gz"])
def test_a_torn_or_altered_shard_is_named(whole: Path, tmp_path: Path, shard: str) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "paintings" / DESCRIPTION.as_of))
    content = (folder / shard).read_bytes()
    rows = [row for row in Capture(whole).manifest().to_pylist() if row["shard"] == shard]
    inside = rows[1]["offset"] + 60
    altered = content[:inside] + bytes([content[inside] ^ 1]) + content[inside + 1 :]
    for broken in (content[:inside], altered, None):
        (folder / shard).unlink()
        if broken is not None:
            (folder / shard).write_bytes(broken)
        with pytest.raises(CaptureError, match=shard):
            read_everything(Capture(folder))


def read_everything(capture: Capture) -> None:
    for _ in capture.pages():
        pass
    for shard in capture.image_shards():
        for _ in read_image_shard(shard.path, shard.entries):
            pass


def test_a_torn_tar_says_where_it_ends(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "paintings" / DESCRIPTION.as_of))
    path = folder / "images-00001.tar"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CaptureError, match=r"torn: ends at byte 1,000, the manifest expects"):
        read_everything(Capture(folder))


def test_a_shard_lost_in_the_middle_is_no_interruption(tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder).abandon()
    (folder / "images-00000.tar").unlink()
    with pytest.raises(CaptureError, match=r"images-00000\.tar: torn or missing"):
        open_writer(folder)


def test_a_description_that_is_none_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    folder.mkdir(parents=True)
    with pytest.raises(CaptureError, match="no capture here"):
        Capture(folder)
    (folder / "capture.json").write_text("{")
    with pytest.raises(CaptureError, match=r"capture\.json: not a description"):
        Capture(folder)


def test_what_an_earlier_version_began_is_gone_on_with(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 12).finish({})
    rows = [row | {"end": end_of(row)} for row in Capture(folder).manifest().to_pylist()]
    (folder / "manifest.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows) + "{")
    (folder / "manifest.parquet").unlink()
    described = json.loads((folder / "capture.json").read_text())
    (folder / "capture.json").write_text(json.dumps(described | {"complete": False, "files": {}}))
    go_on(folder).finish({})
    assert "12 requests of it taken over" in " ".join(capsys.readouterr().err.split())
    assert tars(folder) == tars(whole)
    assert not (folder / "manifest.jsonl").exists()


def end_of(row: dict[str, Any]) -> int | None:
    """Where the body ends, as journals told; a member of a tar is padded to whole blocks."""
    if row["shard"] is None:
        return None
    length: int = row["offset"] + row["bytes"]
    if row["kind"] == IMAGE:
        return -(-length // 512) * 512
    body = page_body(row["seq"])
    record = page_shards.warc_record(
        row["url"], "text/html; charset=utf-8", body, row["fetched_at"]
    )
    return int(row["offset"]) + len(record)


def test_what_failed_is_asked_for_again_and_a_final_word_is_not(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "paintings" / DESCRIPTION.as_of)
    asked = {"timeout": True, "too long": False}
    for url, may_pass in asked.items():
        failed = Outcome(url, WIRE, Fetch.FAILED, now(), error=url, may_pass=may_pass)
        writer.add_image(failed)
        assert writer.ask(IMAGE, [url]).repeated, "within one walk nothing is asked for twice"
    assert writer.retries() == {1: 1}
    writer.begin_walk()
    assert {url: writer.ask(IMAGE, [url]).is_known for url in asked} == {
        "timeout": False,
        "too long": True,
    }
    writer.abandon()


def test_an_answer_to_any_size_of_an_image_is_the_answer(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "paintings" / DESCRIPTION.as_of)
    large, original = f"{WWW}/a.jpg!Large.jpg", f"{WWW}/a.jpg"
    assert not writer.ask(IMAGE, [large, original]).is_known
    came = Outcome(original, WIRE, Fetch.FETCHED, now(), body=image_body(3))
    writer.record_image(came, asked_as=large)
    assert writer.ask(IMAGE, [large, original]).repeated
    writer.begin_walk()
    assert writer.ask(IMAGE, [large, original]).is_known
    writer.finish({})
    rows = Capture(writer.folder).manifest().to_pylist()
    assert [(row["url"], row["fetch"]) for row in rows] == [(original, "fetched")]


def test_images_that_were_too_long_are_asked_for_once_more_is_allowed(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "paintings" / DESCRIPTION.as_of)
    error = f"{WWW}/a.jpg: longer than the 4,000,000 bytes allowed"
    writer.add_image(Outcome("a", WIRE, Fetch.FAILED, now(), error=error))
    for allowed, is_known in ((4_000_000, True), (5_000_000, False)):
        writer.allow(allowed)
        writer.begin_walk()
        assert writer.ask(IMAGE, ["a"]).is_known == is_known
    writer.abandon()


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"site": 3}', '{"site": "elsewhere"}', None],
    ids=["torn", "a list", "another type", "an unknown site", "a folder"],
)
def test_a_damaged_description_is_named(whole: Path, tmp_path: Path, content: str | None) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "paintings" / DESCRIPTION.as_of))
    path = folder / "capture.json"
    described = json.loads(path.read_text())
    path.unlink()
    if content is None:
        path.mkdir()
    elif content.startswith('{"site"'):
        path.write_text(json.dumps(described | json.loads(content)))
    else:
        path.write_text(content)
    with pytest.raises(CaptureError, match=r"capture\.json: .*(dvc checkout)"):
        Capture(folder)


@pytest.mark.parametrize("name", ["manifest.parquet", "images-00001.tar", "pages-00000.warc.gz"])
def test_a_finished_capture_that_lost_a_file_is_not_whole(
    whole: Path, tmp_path: Path, name: str
) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "paintings" / DESCRIPTION.as_of))
    check_files(Capture(folder))
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(CaptureError, match=rf"{name}: has .* bytes where .* were kept"):
        check_files(Capture(folder))
    path.unlink()
    with pytest.raises(CaptureError, match=rf"{name}: missing, although the capture is finished"):
        check_files(Capture(folder))


def test_what_killed_processes_leave_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 5).abandon()
    (folder / ".manifest.parquet.4711.partial").write_bytes(b"half")
    go_on(folder).finish({})
    names = {path.name for path in folder.iterdir()}
    shards = {name for name in names if name.startswith(("images-0", "pages-0"))}
    assert names == {"capture.json", "manifest.parquet"} | shards


def test_a_full_disk_is_a_sentence_and_the_next_run_goes_on(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "paintings" / DESCRIPTION.as_of
    go_on(folder, 3).abandon()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for limit in (20_000, 30_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            with pytest.raises(StorageError, match=r"make room.* and run the same command again"):
                go_on(folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    go_on(folder).finish({})
    assert tars(folder) == tars(whole)
