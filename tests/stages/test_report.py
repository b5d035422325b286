"""The data card, read back from the page that the stage wrote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from curation.selection.rules.declarations import REASONS
from pipeline.core.errors import TableError
from pipeline.core.params.report import Report
from pipeline.core.paths import Paths
from pipeline.stages.report import run
from tests.small_project import HOSTILE_TITLE, KEPT, REJECTED, REMOVAL_NOTE, build

PARAMS = Report(examples=3, groups=2)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A collection with every flaw, and its card."""
    built = build(tmp_path_factory.mktemp("flawed"))
    run(built, PARAMS)
    return built


@pytest.fixture(scope="module")
def page(paths: Paths) -> BeautifulSoup:
    return _read(paths)


@pytest.fixture(scope="module")
def flawless(tmp_path_factory: pytest.TempPathFactory) -> BeautifulSoup:
    """The card of a collection from which nothing was left out."""
    built = build(tmp_path_factory.mktemp("flawless"), flawless=True)
    run(built, PARAMS)
    return _read(built)


def _read(paths: Paths) -> BeautifulSoup:
    return BeautifulSoup(paths.report.read_text(encoding="utf-8"), "lxml")


def _only(page: Tag, selector: str) -> Tag:
    (tag,) = page.select(selector)
    return tag


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def _number(text: str) -> int:
    return int(text.replace("−", "-").replace("\u2009", ""))


def _counts(table: Tag) -> list[tuple[bool, int]]:
    """For each row of a funnel whether it is a total, and its count (losses are negative)."""
    return [
        ("total" in row["class"], _number(_text(row.select("td")[0])))
        for row in table.select("tbody tr")
    ]


def test_the_funnel_adds_up_from_listings_to_kept_variants(page: BeautifulSoup) -> None:
    images, variants = page.select("#funnel table")
    for table in (images, variants):
        there = 0
        for is_total, count in _counts(table):
            assert not (is_total and there) or count == there
            there = count if is_total else there + count
    assert _counts(images)[0] == (True, 46)
    assert _counts(images)[-1] == (True, KEPT)
    assert _counts(variants) == [(True, 2 * KEPT), (False, -1), (True, 2 * KEPT - 1)]


def test_the_bars_of_the_funnel_are_as_long_as_its_numbers(page: BeautifulSoup) -> None:
    for row in page.select("#funnel table")[0].select("tbody tr"):
        cells = row.select("td")
        lengths = [
            float(re.findall(r"[\d.]+", str(span["style"]))[0]) for span in cells[-1].select("span")
        ]
        count = abs(_number(_text(cells[0])))
        assert lengths[-1] == pytest.approx(100 * count / 46, abs=0.001)


@pytest.mark.parametrize(("reason", "count", "value", "threshold"), REJECTED)
def test_each_reason_has_its_count_and_examples(
    page: BeautifulSoup, reason: str, count: int, value: float | None, threshold: float | None
) -> None:
    heading = _only(page, f"#reason-{reason}")
    assert _text(heading) == f"{REASONS[reason].label} {count}"
    sheet = heading.find_next("ul")
    assert sheet is not None
    assert len(sheet.select("li")) == min(count, PARAMS.examples)
    decodes = reason not in ("unreadable", "not_an_image")
    assert len(sheet.select("img")) == (min(count, PARAMS.examples) if decodes else 0)


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("unreadable", "image file is truncated (<12 bytes>)"),
        ("curator_removed", f"by mira: not a painting & framed ({REMOVAL_NOTE})"),
        ("placeholder", "served for 6 listings; 5 make a placeholder"),
        ("too_small", "shorter side 90 px; at least 128"),
        ("aspect_ratio", "sides as 3.25 to 1, of which a square crop loses 69 %; at most 2"),
        ("blank", "luminance and hue vary by 1.50; at least 3"),
        ("watermark", "score 9.5; at most 6"),
        ("near_duplicate", "colours differ by 1.2 in Lab"),
    ],
)
def test_an_example_says_what_was_compared(page: BeautifulSoup, reason: str, note: str) -> None:
    sheet = _only(page, f"#reason-{reason}").find_next("ul")
    assert sheet is not None
    assert note in _text(sheet)


def test_what_a_small_change_would_bring_back_comes_first(page: BeautifulSoup) -> None:
    sheet = _only(page, "#reason-watermark").find_next("ul")
    assert sheet is not None
    assert re.findall(r"score ([\d.]+);", _text(sheet)) == ["9.5", "10.0", "10.5"]


def test_duplicate_groups_mark_the_preferred_member(page: BeautifulSoup) -> None:
    section = _only(page, "#duplicates")
    assert "3 groups of images show the same picture" in _text(section)
    assert "The 2 largest groups are shown." in _text(section)
    sheets = section.select("ul.sheet")
    assert [len(sheet.select("figure")) for sheet in sheets] == [3, 3]
    for sheet in sheets:
        assert len(sheet.select("figure.preferred")) == 1
        assert "preferred" in _text(sheet.select("figure")[0])
    assert (
        "mirrored left to right, hash 4, Lab 1.2, colours at worst 1.4, edges at worst 0.96"
        in _text(section)
    )
    assert "Preferred: more pixels." in _text(section)


def test_doubtful_pairs_are_shown_with_their_numbers(page: BeautifulSoup) -> None:
    pair = _only(page, "ul.pairs li")
    assert len(pair.select("img")) == 2
    numbers = "hash 9, Lab 6.5, colours at worst 6.0, edges at worst 0.70, chance 1 %"
    assert f"perhaps cropped, tilted or bordered, {numbers}" in _text(pair)
    assert "cropped" not in _text(_only(page, "#duplicates")).replace(_text(pair), "")


def test_thresholds_are_written_into_the_figures(page: BeautifulSoup) -> None:
    words = {text.get_text() for text in _only(page, "#shapes").select("svg text")}
    assert {"128", "2", "3", "kept", "left out"} <= words


def test_what_a_curator_kept_against_a_rule_is_shown(page: BeautifulSoup) -> None:
    assert "not too tall or too wide, says mira" in _text(_only(page, "#decided"))


def test_the_evaluation_stands_in_its_frame(page: BeautifulSoup) -> None:
    rows = _only(page, "#evaluation table.bars").select("tbody tr")
    assert [_text(row.select("td")[0]) for row in rows] == [
        "−0.0004 ± 0.0010", "0.0421 ± 0.0030", "0.0502 ± 0.0060", "0.3312 ± 0.0050",
    ]  # fmt: skip
    others = [[_text(cell) for cell in row.select("td")[2:4]] for row in rows]
    assert others == [
        ["0.0015", "0.0625"], ["0.0875", "0.1375"], ["0.0925", ""], ["0.4125", "0.8125"],
    ]  # fmt: skip
    by_inception = [[_text(cell) for cell in row.select("td")[4:6]] for row in rows]
    assert by_inception == [["", ""], ["0.0625", "41.25"], ["", ""], ["", ""]]
    nearness = page.select("#evaluation table")[1].select("tbody tr")
    assert [_text(row) for row in nearness] == [
        "Samples 21.25 3.1 % 21.25 3.1 %",
        "Images held out 17.75 6.2 % 17.75 6.2 %",
        "Training images, to each other 19.50 19.50",
        "Near copy below 8.50 8.50",
    ]
    section = _text(_only(page, "#evaluation"))
    assert "By features −3.5, by pixels −3.5, as a z value" in section
    assert "in the features of inception<b>.pt" in section
    assert "0.81 in the brightest hundredth of the map of the samples, 0.44 in that" in section


def test_the_film_strip_has_the_first_and_the_last_samples(page: BeautifulSoup) -> None:
    moments = [_text(moment) for moment in page.select("#training .film li")]
    assert len(moments) == 12
    assert (moments[0], moments[-1]) == ("0", "1.65")
    assert _only(page, "#training .film img")["src"]


def test_text_from_the_web_stays_text(page: BeautifulSoup) -> None:
    assert page.select("script") == []
    assert HOSTILE_TITLE in {cite.get_text() for cite in page.select("cite")}
    linked = {str(a["href"]) for a in page.select("cite a")}
    assert all(link.startswith("https://www.wikiart.org/en/") for link in linked)
    assert "Field no. 1" in {cite.get_text() for cite in page.select("cite") if not cite.a}


def test_the_page_asks_nobody_for_anything(page: BeautifulSoup, paths: Paths) -> None:
    for tag in page.select("[src], [srcset], link, object, iframe, form"):
        assert str(tag.get("src") or tag.get("href")).startswith("data:")
    style = _only(page, "style").get_text()
    assert "@import" not in style
    assert "url(" not in style
    policy = _only(page, 'meta[http-equiv="Content-Security-Policy"]')
    assert str(policy["content"]).startswith("default-src 'none'; img-src data:;")
    assert paths.report.stat().st_size < 6_000_000


def test_pictures_say_what_they_show(page: BeautifulSoup) -> None:
    assert [image for image in page.select("img") if not image.get("alt")] == []
    assert [plot for plot in page.select(".plot > div") if not plot.get("aria-label")] == []


def test_ids_are_unique_across_all_figures(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page.select("[id]")]
    assert len(set(ids)) == len(ids)


def test_every_entry_of_the_contents_leads_somewhere(page: BeautifulSoup) -> None:
    targets = [str(a["href"]) for a in page.select('a[href^="#"]')]
    assert len(targets) > 12
    assert [target for target in targets if not page.select(target)] == []


def test_a_second_process_writes_the_same_bytes(paths: Paths) -> None:
    before = paths.report.read_bytes()
    script = (
        "import sys; from pathlib import Path\n"
        "from pipeline.core.params.report import Report\n"
        "from pipeline.core.paths import Paths\n"
        "from pipeline.stages.report import run\n"
        "run(Paths(Path(sys.argv[1]), 'paintings'), Report(examples=3, groups=2))\n"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(paths.root)],
        env={**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"},
        check=True,
    )
    assert paths.report.read_bytes() == before


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("left-out", "No image was left out."),
        ("duplicates", "No two images were found to show the same picture."),
        ("overlay", "No overlay was found: nowhere do the gradients of the 58 images agree"),
        ("decided", "every decision is a rule’s"),
    ],
)
def test_what_is_not_there_is_said(flawless: BeautifulSoup, section: str, sentence: str) -> None:
    assert sentence in _text(_only(flawless, f"#{section}"))


def test_a_flawless_collection_has_a_short_summary(flawless: BeautifulSoup) -> None:
    words = _text(_only(flawless, ".lead"))
    assert "all of which came, as 18 distinct files. 18 images (100 %) stay. Turned" in words


def _empty(path: Path) -> None:
    path.write_text("{}")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-55])


# What a torn JSON file says is one function's; what it must hold differs from file to file.
SPOILT: list[tuple[str, Callable[[Path], None]]] = [
    ("data/tables/paintings/selection.parquet", _cut),
    ("data/tables/paintings/funnel.json", _cut),
    ("data/tables/paintings/funnel.json", Path.unlink),
    ("data/tables/paintings/funnel.json", _empty),
    ("data/overlay/paintings/square.png", Path.unlink),
    ("models/paintings/model.json", _empty),
    ("metrics/paintings/evaluation.json", _empty),
    ("data/overlay/paintings/overlay.json", _empty),
    ("models/paintings/history.csv", _cut),
    ("models/paintings/history.csv", Path.unlink),
    ("metrics/paintings/film_strip.png", _cut),
    ("metrics/paintings/enhanced.png", _cut),
]


@pytest.mark.parametrize(("file", "spoil"), SPOILT)
def test_a_spoilt_input_is_named(
    paths: Paths, tmp_path: Path, file: str, spoil: Callable[[Path], None]
) -> None:
    copy = Paths(tmp_path / "copy", paths.collection)
    shutil.copytree(paths.root, copy.root, ignore=shutil.ignore_patterns("reports"))
    spoil(copy.root / file)
    with pytest.raises(TableError, match=re.escape(file)):
        run(copy, PARAMS)
    assert not copy.report.exists()
