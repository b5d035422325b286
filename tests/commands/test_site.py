"""`salon site`: a description drafted, tried and checked by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from pipeline.cli import cli
from pipeline.core.errors import DescriptionError, LayoutChangedError, UsageError
from pipeline.core.sites import DESCRIPTIONS, described_in, own_folder

FASHION = DESCRIPTIONS / "fashion.yaml"
PAGES = DESCRIPTIONS / "fashion.pages"
NAMES = ["carlogos", "fashion", "museum"]


def salon(*words: object) -> Result:
    return CliRunner().invoke(cli, ["site", *map(str, words)])


def copied(tmp_path: Path, right: str = "", wrong: str = "") -> Path:
    """The description of the shop and its recorded pages, changed in one place."""
    text = FASHION.read_text(encoding="utf-8")
    assert right in text
    file = tmp_path / "fashion.yaml"
    file.write_text(text.replace(right, wrong, 1) if right else text, encoding="utf-8")
    folder = tmp_path / "fashion.pages"
    folder.mkdir()
    for page in PAGES.iterdir():
        (folder / page.name).write_bytes(page.read_bytes())
    return file


def test_try_shows_rows_rules_and_silence(tmp_path: Path) -> None:
    said = salon("try", copied(tmp_path, "title: h2", "title: h4"), PAGES / "listing.html")
    assert said.exit_code == 0
    lines = [" ".join(line.split()) for line in said.output.splitlines()]
    assert "fields.title 0 of 24 css: h4" in lines
    assert "fields.price 24 of 24 css: p.price" in lines
    assert "matches nothing: fields.title: css: h4" in lines
    assert "id: 40000 [xpath: ./@data-sku]" in lines
    assert any(line.startswith("large: https://cdn.fashion.example/p/") for line in lines)
    assert "... and 22 more (--rows 24 shows them)" in lines


def test_try_names_what_a_changed_page_lacks() -> None:
    said = salon("try", FASHION, PAGES / "detail-changed.html")
    assert isinstance(said.exception, LayoutChangedError)
    assert "nothing is matched by `json_ld: Product.sku`" in str(said.exception)


def test_try_names_the_hosts_that_nobody_would_ask(tmp_path: Path) -> None:
    file = copied(tmp_path, "hosts: [fashion.example]", "hosts: [www.fashion.example]")
    said = salon("try", file, PAGES / "listing.html", "--rows", 0)
    assert "none of hosts: cdn.fashion.example (24 links); add it" in said.output
    assert "none of hosts" not in salon("try", FASHION, PAGES / "listing.html").output


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("file:///etc/passwd", "only https:// is asked for"),
        ("http://www.fashion.example/", "only https:// is asked for"),
        ("https://www.fashion.example/", "needs a contact"),
        ("nowhere.html", "no such file"),
    ],
)
def test_try_refuses_what_is_no_page(page: str, says: str) -> None:
    said = salon("try", FASHION, page)
    assert isinstance(said.exception, UsageError)
    assert says in str(said.exception)


def test_a_kept_page_is_replayed_and_an_edit_that_breaks_it_is_named(tmp_path: Path) -> None:
    file = copied(tmp_path)
    kept = salon("try", file, PAGES / "listing.html", "--keep", "again", "--json")
    assert kept.exit_code == 0
    assert json.loads((tmp_path / "fashion.pages" / "again.expected.json").read_text())["rows"]
    assert "fashion.yaml: 5 of 5 recorded pages" in salon("check", file).output
    file.write_text(file.read_text().replace("{sheet: Season}", "{sheet: Year}"))
    said = salon("check", file)
    assert isinstance(said.exception, DescriptionError)
    said_of_it = 'detail.html: rows 1.year_text: "Autumn 1947" expected, nothing read'
    assert said_of_it in str(said.exception)
    assert "fashion.yaml: 1 of 5 expectations" in salon("check", file, "--update").output
    assert salon("check", file).exit_code == 0


def test_check_reads_all_that_come_along() -> None:
    said = salon("check")
    assert said.exit_code == 0
    assert [line.partition(".")[0] for line in said.output.splitlines()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_is_a_description_that_reads_every_item(name: str, tmp_path: Path) -> None:
    pages = [DESCRIPTIONS / f"{name}.pages" / f"{kind}.html" for kind in ("listing", "detail")]
    drafted = salon("draft", *pages)
    assert drafted.exit_code == 0
    file = tmp_path / f"{name}.yaml"
    file.write_text(drafted.output, encoding="utf-8")
    expected = json.loads(pages[0].with_name("listing.expected.json").read_text())
    read = json.loads(salon("try", file, pages[0], "--json").output)
    assert [row["page_url"].partition("?")[0] for row in read["rows"]] == [
        row["page_url"] for row in expected["rows"]
    ]
    assert [row["title"] for row in read["rows"]] == [row["title"] for row in expected["rows"]]
    (own,) = json.loads(salon("try", file, pages[1], "--json").output)["rows"][:1]
    assert own["image_url"].startswith("https://")
    assert yaml.safe_load(drafted.output)["listing"]["fields"]["link"]


def test_pages_that_do_not_tell_where_they_stand_are_given_their_addresses(tmp_path: Path) -> None:
    for name in ("listing", "detail"):
        body = (PAGES / f"{name}.html").read_bytes()
        (tmp_path / f"{name}.html").write_bytes(body.replace(b"canonical", b"none"))
    pages = [tmp_path / "listing.html", tmp_path / "detail.html"]
    urls = ["https://www.fashion.example/c/coats/", "https://www.fashion.example/p/1"]
    said = salon("draft", *pages, "--url", urls[0])
    assert isinstance(said.exception, UsageError)
    assert "detail.html: does not tell where it stands on the site; add --url" in str(
        said.exception
    )
    drafted = salon("draft", *pages, "--url", urls[0], "--url", urls[1])
    assert yaml.safe_load(drafted.output)["detail"]["fields"]["title"]


def test_a_page_on_which_nothing_repeats_makes_no_draft() -> None:
    said = salon("draft", PAGES / "detail.html")
    assert isinstance(said.exception, LayoutChangedError)
    assert "nothing repeats on it with links in it" in str(said.exception)


SAVED = """\
Content-Type: multipart/related; boundary="part"
Snapshot-Content-Location: https://www.shop.example/i/x-40009

--part
Content-Type: text/html; charset=utf-8
Content-Location: https://www.shop.example/i/x-40009

HTML
--part
Content-Type: image/jpeg
Content-Location: https://cdn.shop.example/p/grisaille-6-40009-0_600x800.jpg

picture
--part--
"""


@pytest.fixture(scope="module")
def with_own_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose params name a folder of descriptions, with a shop and one page of it."""
    root = tmp_path_factory.mktemp("own")
    (root / "params.yaml").write_text("descriptions: mine\ncollections: {}\n")
    page = (PAGES / "detail.html").read_text(encoding="utf-8")
    description = FASHION.read_text(encoding="utf-8").replace("replicated: true", "")
    for name, text in {"mine/shop.yaml": description, "kept/x.mhtml": SAVED}.items():
        path = root / name
        path.parent.mkdir()
        whole = text.replace("HTML", page).replace("fashion.example", "shop.example")
        path.write_text(whole, encoding="utf-8")
    return root


def run_in(root: Path, *words: str, expect: int = 0) -> str:
    """What the command says there; a process of its own, since sites are known from the start."""
    command = [str(Path(sys.executable).with_name("salon")), *words]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    return done.stdout + done.stderr


def test_a_site_of_ones_own_is_captured_and_read(with_own_site: Path) -> None:
    run_in(with_own_site, "new", "kept", "--saved", "kept", "--site", "shop", "--only")
    assert "descriptions: mine" in (with_own_site / "params.yaml").read_text()
    said = run_in(with_own_site, "scrape", "kept")
    assert "1 page = 1 fetched; 1 image = 1 fetched" in said
    assert "1 image of 1 listing from 1 capture: 1 fetched" in run_in(
        with_own_site, "parse", "kept"
    )
    assert "shop.yaml: 0 of 0 recorded pages" in run_in(with_own_site, "site", "check")


def test_a_file_with_the_name_of_a_site_that_comes_along(tmp_path: Path) -> None:
    file = copied(tmp_path)
    sites, unreadable = described_in(DESCRIPTIONS, tmp_path)
    assert sites["fashion"].description == FASHION
    assert unreadable == {
        "fashion.yaml": f"{file}: {FASHION} describes a fashion; name it otherwise"
    }


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("descriptions: mine # of sites\n", "mine"),
        ('descriptions: "my sites"\n', "my sites"),
        ("collections: {}\n", "sites"),
        ("a: {\n  descriptions: x}\n", "sites"),
    ],
)
def test_params_name_the_folder_of_ones_own(tmp_path: Path, text: str, folder: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    assert own_folder(tmp_path / "params.yaml") == tmp_path / folder
