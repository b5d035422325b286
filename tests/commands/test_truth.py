from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from curation.images.facts import examine
from pipeline.cli import cli
from pipeline.core import tables
from pipeline.core.errors import TableError, UsageError
from pipeline.core.ids import image_id_of, sha256_hex
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.scrape import Gallery
from pipeline.core.paths import Paths
from pipeline.core.schema import IMAGES, LISTINGS, PAIRS, SELECTION
from scrapers.gallery.defects.copy_defects import COPIES as ALL_COPIES
from scrapers.gallery.items import Defect
from scrapers.gallery.replica_registry import truth_rows
from tests.decision_tables import Row, id_of, image, listing, pair, table
from tests.project import small_params
from tests.stages.captured import capture, jpeg

COPIES = set(ALL_COPIES) - {Defect.EXACT_COPY}
REASONS = {
    Defect.TRUNCATED: "unreadable",
    Defect.HTML_PAGE: "not_an_image",
    Defect.TINY: "too_small",
    Defect.TALL_STRIP: "aspect_ratio",
    Defect.BLANK: "blank",
    Defect.WATERMARK: "watermark",
}
FETCH = {Defect.MISSING: "gone", Defect.PLACEHOLDER: "placeholder"}
Truth = Callable[[], dict[str, dict[str, Any]]]


def planted() -> list[Row]:
    return truth_rows("wikiart", Gallery(seed=1, works=240, creators=30))


def pictures_with(defect: Defect) -> list[str]:
    return [row["key"] for row in planted() if row["defects"] == defect]


def selection_row(name: str, reason: str | None, **facts: Any) -> Row:
    row: Row = dict.fromkeys(SELECTION.arrow.names)
    row |= {"image_id": id_of(name), "status": "reject" if reason else "keep", "reason": reason}
    return row | {"decided_by": "rule"} | facts


class Faultless:
    """Tables as a pipeline without a fault would make them."""

    def __init__(self) -> None:
        self.shown: dict[str, str | None] = {}
        self.fetch: dict[str, str] = {}
        self.reason: dict[str, str | None] = {}
        self.overruled: dict[str, str] = {}
        self.pairs: list[Row] = []
        self.first_hash: int | None = None
        """Instead of the one that is right."""
        for row in planted():
            key, defect = row["key"], row["defects"]
            self.fetch[key] = FETCH.get(defect, "fetched")
            self.shown[key] = None if defect in FETCH else key
            if defect == Defect.EXACT_COPY:
                self.shown[key] = row["original"]
            elif defect in COPIES:
                self.pairs.append(pair(key, row["original"]))
            if self.shown[key] == key:
                self.reason[key] = REASONS.get(defect)

    def write(self, root: Path) -> None:
        paths = Paths(root, "paintings")
        rows = [
            listing(row["listing_id"], self.shown[row["key"]], fetch=self.fetch[row["key"]])
            for row in planted()
            if row["key"] in self.shown
        ]
        chosen = [
            selection_row(name, reason, overruled=self.overruled.get(name))
            for name, reason in self.reason.items()
        ]
        files = [jpeg(seed) for seed in range(3)]
        capture(paths, "2026-05-04", files)
        ids = [image_id_of(sha256_hex(data)) for data in files]
        hashes = [examine(data, Ingest())[0].phashes for data in files]
        if self.first_hash is not None:
            hashes[0] = [self.first_hash] * 8
        images = [
            image(id_) | {"image_id": id_, "phashes": phashes}
            for id_, phashes in zip(ids, hashes, strict=True)
        ]
        for schema, made in (
            (LISTINGS, rows), (SELECTION, chosen), (PAIRS, self.pairs), (IMAGES, images),
        ):  # fmt: skip
            tables.write(paths.table(schema.name), schema, table(schema, made))


@pytest.fixture
def faultless() -> Faultless:
    return Faultless()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    params = small_params()
    params["collections"]["paintings"]["scrape"]["gallery"] = {
        "seed": 1,
        "works": 240,
        "creators": 30,
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def salon(*words: str) -> str:
    done = CliRunner().invoke(cli, words, standalone_mode=False, catch_exceptions=False)
    return done.stdout


def scores() -> dict[str, dict[str, Any]]:
    told = json.loads(salon("truth", "paintings", "--json"))
    return {score["name"]: score for score in told["scores"]}


def counts(score: dict[str, Any]) -> tuple[int, int | None, int, int]:
    return score["found"], score["wrong"], score["missed"], score["not_judged"]


def test_a_pipeline_without_fault_scores_one_everywhere(root: Path, faultless: Faultless) -> None:
    faultless.write(root)
    told = scores()
    assert set(told) == {str(defect) for defect in Defect} | {"near copies", "queue"}
    for defect in Defect:
        seen, wrong, missed, not_judged = counts(told[defect])
        assert seen == len(pictures_with(defect))
        assert (wrong or 0, missed, not_judged) == (0, 0, 0)
    assert told["near copies"]["recall"] == told["near copies"]["precision"] == 1.0
    assert sum(told[kind]["found"] for kind in COPIES) == told["near copies"]["found"] > 10


def test_misses_and_false_alarms_are_counted(root: Path, faultless: Faultless) -> None:
    strips, blanks = pictures_with(Defect.TALL_STRIP), pictures_with(Defect.BLANK)
    faultless.reason[strips[0]] = None
    faultless.reason[blanks[0]] = "aspect_ratio"
    faultless.write(root)
    told = scores()
    assert counts(told["tall_strip"]) == (len(strips) - 1, 1, 1, 0)
    assert counts(told["blank"]) == (len(blanks) - 1, 0, 0, 1), "another rule came first"
    assert told["tall_strip"]["precision"] == pytest.approx(1 - 1 / len(strips))


def test_what_a_curator_decided_is_not_held_against_a_rule(
    root: Path, faultless: Faultless
) -> None:
    strips = pictures_with(Defect.TALL_STRIP)
    faultless.reason[strips[0]] = "curator_removed"
    faultless.reason[strips[1]], faultless.overruled[strips[1]] = None, "aspect_ratio"
    faultless.write(root)
    assert counts(scores()["tall_strip"]) == (len(strips) - 1, 0, 0, 1)


def test_copies_missed_and_strangers_paired(root: Path, faultless: Faultless) -> None:
    mirrored = pictures_with(Defect.MIRRORED)
    strangers = [row["key"] for row in planted() if not row["defects"]][:2]
    lost = id_of(mirrored[0])
    faultless.pairs = [row for row in faultless.pairs if lost not in (row["a"], row["b"])]
    faultless.pairs += [pair(*strangers), pair(strangers[0], mirrored[0], "doubtful")]
    faultless.write(root)
    told = scores()
    assert counts(told["mirrored"]) == (len(mirrored) - 1, None, 1, 0)
    assert told["mirrored"]["precision"] is None
    near = told["near copies"]
    assert (near["wrong"], near["missed"], near["doubtful"]) == (1, 1, 0)


def test_a_missed_copy_may_be_in_doubt(root: Path, faultless: Faultless) -> None:
    blurred = {id_of(key) for key in pictures_with(Defect.BLURRED)}
    for row in faultless.pairs:
        if {row["a"], row["b"]} & blurred:
            row["kind"] = "doubtful"
    faultless.write(root)
    told = scores()["blurred"]
    assert (told["found"], told["missed"], told["doubtful"]) == (0, len(blurred), len(blurred))


def test_a_colourway_taken_for_another_work_is_lost(root: Path, faultless: Faultless) -> None:
    colourways = pictures_with(Defect.COLOURWAY)
    [stranger, *_] = [row["key"] for row in planted() if not row["defects"]]
    faultless.pairs.append(pair(colourways[0], stranger))
    faultless.write(root)
    assert counts(scores()["colourway"]) == (len(colourways) - 1, None, 1, 0)


def test_exact_copies_are_those_of_the_same_bytes(root: Path, faultless: Faultless) -> None:
    copies = pictures_with(Defect.EXACT_COPY)
    faultless.shown[copies[0]] = copies[0]
    faultless.reason[copies[0]] = None
    strangers = [row["key"] for row in planted() if not row["defects"]]
    faultless.shown[strangers[0]] = strangers[1]
    faultless.write(root)
    assert counts(scores()["exact_copy"])[:3] == (len(copies) - 1, 1, 1)


def test_what_was_not_captured_is_not_judged(root: Path, faultless: Faultless) -> None:
    [first, *_] = pictures_with(Defect.TINY)
    del faultless.shown[first]
    faultless.write(root)
    assert scores()["tiny"]["missed"] == 0
    assert "1 picture of the gallery was not captured" in salon("truth", "paintings")


def test_the_table_for_people(root: Path, faultless: Faultless) -> None:
    faultless.write(root)
    head, *lines, hashes = salon("truth", "paintings").splitlines()
    assert head.split() == [
        "planted",
        "found",
        "wrong",
        "missed",
        "doubtful",
        "not",
        "judged",
        "precision",
        "recall",
    ]
    assert {len(line) for line in lines} == {len(head)}
    assert hashes == "3 of 3 pHashes are those of imagehash"


def test_a_hash_of_another_definition_is_told(root: Path, faultless: Faultless) -> None:
    faultless.first_hash = 0x0F0F0F0F0F0F0F0F
    faultless.write(root)
    assert "2 of 3 pHashes are those of imagehash" in salon("truth", "paintings")


def test_of_a_live_site_nobody_knows_the_truth(root: Path) -> None:
    params = yaml.safe_load((root / "params.yaml").read_text())
    params["collections"]["paintings"]["scrape"] |= {"origin": "live", "contact": "ana@example.org"}
    (root / "params.yaml").write_text(yaml.safe_dump(params))
    with pytest.raises(UsageError, match="live site, of which nobody knows the truth"):
        salon("truth", "paintings")


def test_before_anything_was_run(root: Path) -> None:
    with pytest.raises(TableError, match=r"listings\.parquet: missing; run `dvc repro`"):
        salon("truth", "paintings")
