"""Pages saved from a real Chromium, read as a folder: the rows of the same pages scraped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from encodings.aliases import aliases
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from pipeline.collection_status import collection_status
from pipeline.core import tables
from pipeline.core.errors import LayoutChangedError, SavedPagesError
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.parse import Parse
from pipeline.core.params.scrape import Scrape
from pipeline.core.paths import Paths
from pipeline.core.schema import LISTINGS, MANIFEST, Fetch
from pipeline.stages import parse, scrape
from scrapers import job
from scrapers.address import AddressBook
from scrapers.browser import page_scripts
from scrapers.capture.capture_writer import CaptureWriter
from scrapers.capture.outcome import Outcome
from scrapers.gallery.catalogue.paintings import Paintings
from scrapers.gallery.catalogue.watches import Watches
from scrapers.gallery.replicas.chrono24 import addresses as chrono24
from scrapers.gallery.replicas.chrono24.app import Chrono24
from scrapers.gallery.replicas.wikiart import addresses as wikiart
from scrapers.gallery.replicas.wikiart.app import WikiArt
from scrapers.gallery.server import HostServer
from scrapers.gallery.web.messages import App
from scrapers.parsing.charset import as_utf8
from scrapers.politeness.retry import RetryPolicy

WORKS = Paintings(3, 60, 6)
WATCHES = Watches(3, 60, 2)
PAGES = Path(__file__).parent.parent / "pages" / "wikiart"
LOAD_ALL = """
const done = arguments[0];
Promise.all(Array.from(document.images, (image) => {
  image.loading = 'eager';
  return image.decode().catch(() => null);
})).then(() => done());
"""
"""What scrolling through a page does to its lazy images."""
LAYERS = {"layer", "sources"}
"""MHTML leaves scripts out, so that the same facts come from another layer."""

SITES: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "wikiart": (
        wikiart.HOSTS,
        [
            wikiart.WWW + wikiart.page_path(work)
            for work in WORKS.works[:12]
            if not work.picture.defects
        ][:3],
    ),
    "chrono24": (
        chrono24.HOSTS,
        [
            chrono24.WWW + chrono24.page_path(watch)
            for watch in WATCHES.watches[:12]
            if not any(picture.defects for picture in watch.pictures)
        ][:2],
    ),
}


def replica(site: str, origins: Mapping[str, str]) -> App:
    if site == "wikiart":
        return WikiArt(WORKS, origins)
    return Chrono24(WATCHES, origins)


@contextmanager
def serving(site: str) -> Iterator[dict[str, str]]:
    """The replica under the site's own names: host -> address that answers for it."""
    hosts = SITES[site][0]
    servers = {host: HostServer(0) for host in hosts}
    made = replica(site, {host: host.replace("https", "http") for host in hosts})
    for host, server in servers.items():
        server.serve(made, host)
    try:
        yield {host: server.address for host, server in servers.items()}
    finally:
        for server in servers.values():
            server.shutdown()
            server.server_close()


@contextmanager
def chromium(origins: Mapping[str, str]) -> Iterator[Chrome]:
    rules = ", ".join(
        f"MAP {host.removeprefix('https://')}:80 {address.removeprefix('http://')}"
        for host, address in origins.items()
    )
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.add_argument(f"--host-resolver-rules={rules}")
    options.add_argument("--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable")
    driver = Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        yield driver
    finally:
        driver.quit()


def images_shown(driver: Chrome) -> list[str]:
    sources: list[str] = driver.execute_script(
        "return Array.from(document.images).map(image => image.currentSrc)"
    )
    return [source for source in dict.fromkeys(sources) if source.startswith("http")]


def bytes_of(url: str, origins: Mapping[str, str]) -> bytes:
    answer = requests.get(AddressBook(origins).to_wire(url.replace("http:", "https:")), timeout=20)
    assert answer.status_code == 200
    return answer.content


def save_complete(driver: Chrome, url: str, path: Path, origins: Mapping[str, str]) -> None:
    """As Chromium's "Webpage, Complete" does: files beside the page, addresses changed to them."""
    text: str = driver.page_source
    files = path.with_name(f"{path.stem}_files")
    files.mkdir()
    for source in images_shown(driver):
        name = source.rpartition("/")[2]
        (files / name).write_bytes(bytes_of(source, origins))
        text = text.replace(f'src="{source}"', f'src="./{files.name}/{name}"')
    note = f"<!-- saved from url=({len(url):04}){url} -->\n"
    path.write_text(f"<!DOCTYPE html>\n{note}{text}", encoding="utf-8")


@pytest.fixture(scope="module", params=["wikiart", "chrono24"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Pages of one site, saved in both forms and scraped, with the site's name."""
    site: str = request.param
    root = tmp_path_factory.mktemp(site)
    paths = Paths(root, "scraped")
    made = params(site, "")
    book = AddressBook({host: host.replace("https", "http") for host in SITES[site][0]})
    writer = CaptureWriter(paths.capture(made.as_of), job.description_of(made), book, 1_000_000)
    (root / "mhtml").mkdir()
    (root / "complete").mkdir()
    with serving(site) as origins, chromium(origins) as driver:
        for number, url in enumerate(SITES[site][1]):
            driver.get(url.replace("https:", "http:"))
            driver.execute_async_script(LOAD_ALL)
            page = driver.execute_script(f"return ({page_scripts.READ})(1e9)")
            writer.add_page(outcome(url, page["body"].encode()))
            shown = [source for source in images_shown(driver) if "/images/" in source]
            large = [s for s in shown if s.endswith(("!Large.jpg", "-ExtraLarge.jpg"))]
            for source in large or shown:
                canonical = source.replace("http:", "https:")
                writer.add_image(outcome(canonical, bytes_of(source, origins)))
            snapshot = driver.execute_cdp_cmd("Page.captureSnapshot", {"format": "mhtml"})["data"]
            (root / "mhtml" / f"{number}.mhtml").write_bytes(snapshot.encode())
            save_complete(driver, page["url"], root / "complete" / f"page {number}.html", origins)
    writer.finish({})
    return site, root, rows_of(paths)


def outcome(url: str, body: bytes) -> Outcome:
    return Outcome(url, "https://127.0.0.1", Fetch.FETCHED, "2026-01-01T00:00:00Z", body=body)


def params(site: str, folder: str) -> Scrape:
    size = {"wikiart": "Large", "chrono24": "ExtraLarge"}[site]
    return Scrape(
        site=site,
        origin="folder",
        folder=folder or ".",
        as_of="2026-05-04",
        image_size=size,
        images_per_listing=20,
    )


def rows_of(paths: Paths) -> list[dict[str, Any]]:
    parse.run(paths, Parse())
    rows: list[dict[str, Any]] = tables.read(paths.table("listings"), LISTINGS).to_pylist()
    return [{name: value for name, value in row.items() if name not in LAYERS} for row in rows]


def run(root: Path, site: str, folder: Path) -> Paths:
    paths, asked = Paths(root, folder.name), params(site, str(folder))
    job.capture(paths.capture(asked.as_of), asked, work=root / "work", retry_policy=RetryPolicy(0))
    return paths


@pytest.mark.parametrize("form", ["mhtml", "complete"])
def test_saved_pages_give_the_rows_of_the_same_pages_scraped(
    saved: tuple[str, Path, list[dict[str, Any]]], form: str
) -> None:
    site, root, scraped = saved
    assert len(scraped) >= len(SITES[site][1])
    assert all(row["image_id"] and row["title"] and row["creator_name"] for row in scraped)
    assert rows_of(run(root, site, root / form)) == scraped


def write(folder: Path, name: str, body: str, url: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"<!-- saved from url=(0010){url} -->\n{body}", encoding="utf-8")


DETAIL = """<div itemtype="https://schema.org/Painting"><article><h1 itemprop="name">Mill</h1>
</article></div>
<meta property="og:image" content="https://uploads5.wikiart.org/images/orla/mill.jpg!Large.jpg">"""
URL = "https://www.wikiart.org/en/orla-venn/mill"


def test_images_that_were_not_saved_are_recorded(tmp_path: Path) -> None:
    folder = tmp_path / "some"
    write(folder, "one.html", DETAIL, URL)
    write(folder, "two.html", DETAIL.replace("mill", "barn"), URL.replace("mill", "barn"))
    (folder / "one_files").mkdir()
    (folder / "one_files" / "mill.jpg!Large(1).jpg").write_bytes(b"\xff\xd8\xff")
    rows = rows_of(run(tmp_path, "wikiart", folder))
    assert [(row["listing_id"], row["fetch"]) for row in rows] == [
        ("orla-venn/barn", "gone"),
        ("orla-venn/mill", "fetched"),
    ]


def test_a_dry_run_names_the_pages_and_asks_no_host(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "some", "one.html", DETAIL, URL)
    paths, told = Paths(tmp_path, "some"), list[tuple[str, str]]()
    scrape.dry_run(paths, params("wikiart", str(tmp_path / "some")), lambda *ask: told.append(ask))
    assert told == [("page", URL)]
    assert (
        "1 page and the images saved with them would be read; no host is asked"
        in capsys.readouterr().err
    )


def test_a_size_on_another_host_is_the_picture_of_its_page(tmp_path: Path) -> None:
    folder, base = tmp_path / "some", ".wikiart.org/images/orla-venn/mill-at-ebb.png"
    folder.mkdir()
    page = (PAGES / "detail-hosts.html").read_text(encoding="utf-8")
    (folder / "one.mhtml").write_text(
        'Content-Type: multipart/related; boundary="part"\n'
        "Snapshot-Content-Location: https://www.wikiart.org/en/orla-venn/mill-at-ebb\n\n"
        f"--part\nContent-Type: text/html\n\n{page}\n"
        f"--part\nContent-Type: image/png\nContent-Location:\n https://uploads1{base}!Large.png\n\n"
        "pixels\n--part--\n",
        encoding="utf-8",
    )
    (row,) = rows_of(run(tmp_path, "wikiart", folder))
    assert row["image_url"] == f"https://uploads1{base}!Large.png"
    assert (row["fetch"], row["title"]) == ("fetched", "Mill at Ebb")


@pytest.mark.parametrize(
    ("body", "url", "error", "says"),
    [
        (DETAIL, "https://shop.example/x", SavedPagesError, "not wikiart"),
        (DETAIL, "about:blank", SavedPagesError, "does not tell where it was saved from"),
        (DETAIL, URL, SavedPagesError, "none of the images"),
        ("<p>sold</p>", URL, LayoutChangedError, "one.html"),
        (DETAIL, f"{URL}/in/a/frame", LayoutChangedError, r"one\.html: .*: no kind of page"),
    ],
)
def test_a_folder_that_cannot_be_used_is_named(
    tmp_path: Path, body: str, url: str, error: type[Exception], says: str
) -> None:
    folder = tmp_path / "some"
    write(folder, "one.html", body, url)
    with pytest.raises(error, match=says):
        run(tmp_path, "wikiart", folder)


def test_a_folder_without_pages_is_named(tmp_path: Path) -> None:
    with pytest.raises(SavedPagesError, match="no such folder"):
        run(tmp_path, "wikiart", tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SavedPagesError, match="holds no saved page"):
        run(tmp_path, "wikiart", tmp_path / "empty")


def fetches(paths: Paths) -> dict[str, str]:
    """What became of each image, by the end of its address."""
    path = paths.capture("2026-05-04") / "manifest.parquet"
    rows = tables.read(path, MANIFEST).to_pylist()
    return {row["url"].rpartition("/")[2]: row["fetch"] for row in rows if row["kind"] == "image"}


def complete(folder: Path, stem: str, slug: str, files: str, markup: str = "") -> None:
    """A page with a folder beside it, as browsers write it."""
    body = DETAIL.replace("mill", slug) + f'<img src="./{quote(files)}/x.js">{markup}'
    write(folder, f"{stem}.html", body, URL.replace("mill", slug))
    (folder / files).mkdir()
    (folder / files / f"{slug}.jpg!Large.jpg").write_bytes(b"\xff\xd8\xff" + slug.encode())


MILL = "mill.jpg!Large.jpg"


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="robots" content="noai">',
        '<meta name="googlebot" content="noimageai">',
        '<meta name="tdm-reservation" content="1">',
    ],
)
def test_a_saved_page_that_opts_out_takes_its_images_along(tmp_path: Path, meta: str) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    complete(folder, "one", "mill", "one_files")
    complete(folder, "two", "barn", "two_files", meta)
    complete(folder, "three", "lake", "three_files")
    write(folder, "z.html", DETAIL + meta, URL)  # the same page again, with its word of today
    paths = run(tmp_path, "wikiart", folder)
    assert fetches(paths) == {
        MILL: "opted_out",
        "barn.jpg!Large.jpg": "opted_out",
        "lake.jpg!Large.jpg": "fetched",
    }
    assert {row["listing_id"]: row["image_id"] is None for row in rows_of(paths)} == {
        "orla-venn/mill": True,
        "orla-venn/barn": True,
        "orla-venn/lake": False,
    }


@pytest.mark.parametrize(
    "files", ["a b_files", "a b-Dateien", "a b_pliki", "a b.soubory", "a b のファイル", "elsewhere"]
)
def test_files_are_found_whatever_the_language_of_the_browser(tmp_path: Path, files: str) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    complete(folder, "a b", "mill", files)
    frame = folder / files / "frame.html"
    frame.write_text("<!-- saved from url=(0010)https://ads.example/x -->")
    (folder / files / "blank.html").write_text("<p>no address at all")
    assert fetches(run(tmp_path, "wikiart", folder)) == {MILL: "fetched"}


def test_a_folder_that_no_page_names_is_found_by_its_own_name(tmp_path: Path) -> None:
    folder = tmp_path / "some"
    write(folder, "mill.html", DETAIL, URL)
    (folder / "mill_bestanden").mkdir()
    (folder / "mill_bestanden" / MILL).write_bytes(b"\xff\xd8\xff")
    write(folder / "mill_bestanden", "ad.html", "", "https://ads.example/x")
    write(folder / "mill-works", "barn.html", DETAIL.replace("mill", "barn"), f"{URL}-barn")
    assert fetches(run(tmp_path, "wikiart", folder)) == {
        MILL: "fetched",
        "barn.jpg!Large.jpg": "gone",
    }


def test_of_a_page_saved_twice_the_one_with_pictures_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "some"
    write(folder, "a.html", DETAIL.replace(">Mill<", ">Without<"), URL)
    complete(folder, "b", "mill", "b_files")
    write(folder, "c.html", DETAIL.replace(">Mill<", ">Without<"), URL)
    (row,) = rows_of(run(tmp_path, "wikiart", folder))
    assert (row["title"], row["fetch"]) == ("Mill", "fetched")
    assert "b.html: the same page as" in capsys.readouterr().err


def test_pages_saved_in_place_of_others_are_named_and_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "some"
    challenge = "<title>Just a moment...</title><script>window._cf_chl_opt = {}</script>"
    for name in ("x1", "x2"):
        write(folder, f"{name}.html", challenge, f"{URL}-{name}")
    with pytest.raises(SavedPagesError, match="no page but those named above"):
        run(tmp_path, "wikiart", folder)
    complete(folder, "one", "mill", "one_files")
    capsys.readouterr()
    assert fetches(run(tmp_path, "wikiart", folder)) == {MILL: "fetched"}
    told = capsys.readouterr().err
    for name in ("x1", "x2"):
        assert f"{name}.html: left out, the browser was being checked when it was saved" in told


JPEG = b"\xff\xd8\xff" + bytes(range(256))


@pytest.mark.parametrize(
    "data",
    [
        f"data:image/jpeg;base64,{b64encode(JPEG).decode()}",
        f"data:image/jpeg,{quote(JPEG)}",
        f"data:image/webp;name=x;base64,{b64encode(JPEG).decode()}",
    ],
)
def test_pictures_that_stand_in_the_page_as_data_are_taken(tmp_path: Path, data: str) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    original = f"https://uploads5.wikiart.org/images/orla/{MILL}"
    note = f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: Sat Nov 22 2026\n-->"
    picture = f'<img src="{data}" data-sf-original-src="{original}">'
    blank = '<img src="data:image/svg+xml,<svg/>" data-sf-original-src="https://a.org/b.svg">'
    (folder / "mill (1.2.2026).html").write_text(f"<html>{note}{DETAIL}{blank}{picture}")
    paths = run(tmp_path, "wikiart", folder)
    (row,) = rows_of(paths)
    assert (row["fetch"], row["image_id"]) == ("fetched", image_id_of(sha256_hex(JPEG)))


@pytest.mark.parametrize(
    ("declared", "encoding", "mark"),
    [
        ('<meta charset="windows-1251">', "cp1251", b""),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">', "koi8-r", b""),
        ('<meta charset="koi8-r">', "utf-8", b"\xef\xbb\xbf"),
        ('<meta charset="utf-16">', "utf-16-le", b"\xff\xfe"),
        ('<meta charset="utf-16">', "utf-8", b""),
        ("", "utf-8", b""),
    ],
)
def test_a_declared_charset_is_believed(
    tmp_path: Path, declared: str, encoding: str, mark: bytes
) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    note = f"<!-- saved from url=(0010){URL} -->"
    page = f"<!doctype html>{note}{declared}{DETAIL.replace('>Mill<', '>Мельница<')}"
    (folder / "one.html").write_bytes(mark + page.encode(encoding))
    (folder / "one_files").mkdir()
    (folder / "one_files" / MILL).write_bytes(b"\xff\xd8\xff")
    (row,) = rows_of(run(tmp_path, "wikiart", folder))
    assert row["title"] == "Мельница"


def test_files_that_came_after_the_capture_are_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "some"
    folder.mkdir()
    complete(folder, "one", "mill", "one_files")
    paths, asked = Paths(tmp_path, "some"), params("wikiart", str(folder))
    for _ in range(2):
        scrape.run(paths, asked)
    assert collection_status(paths).folder_changes is None
    assert "have changed" not in capsys.readouterr().err
    complete(folder, "two", "barn", "two_files")
    says = (
        f"the files of {folder} have changed since this capture was made (2 files then, 4 files "
        f"now); set a new scrape.as_of in params.yaml to capture them, too"
    )
    assert collection_status(paths).folder_changes == says
    scrape.run(paths, asked)
    said = capsys.readouterr().err
    assert f"finished before, and stays as it is; {says}" in said
    assert "nothing to do" not in said


@given(st.binary(max_size=300), st.sampled_from([*aliases, *aliases.values(), "\0", "no such"]))
def test_any_bytes_are_read_as_some_text(body: bytes, announced: str) -> None:
    as_utf8(body, announced).decode("utf-8")
