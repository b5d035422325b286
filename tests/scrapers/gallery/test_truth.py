from scrapers.gallery.catalogue.paintings import COUNTS
from scrapers.gallery.defects.copy_defects import COPIES
from scrapers.gallery.replica_registry import truth_rows
from tests.scrapers.gallery.pictures import PAINTING_GALLERY, PAINTINGS, WATCH_GALLERY, WATCHES

COLUMNS = ["source", "listing_id", "position", "key", "defects", "original"]


def test_the_truth_has_a_row_for_every_painting() -> None:
    rows = truth_rows("wikiart", PAINTING_GALLERY)
    assert all(list(row) == COLUMNS for row in rows)
    assert [row["listing_id"] for row in rows] == [w.id for w in PAINTINGS.works]
    assert {row["source"] for row in rows} == {"wikiart"}
    assert sum(row["defects"] == "mirrored" for row in rows) == 8
    keys = {row["key"] for row in rows}
    originals = [row["original"] for row in rows if row["original"]]
    assert len(originals) == sum(COUNTS[defect] for defect in COPIES)
    assert set(originals) <= keys


def test_the_truth_has_a_row_for_every_picture_of_every_watch() -> None:
    rows = truth_rows("chrono24", WATCH_GALLERY)
    assert len(rows) == sum(len(w.pictures) for w in WATCHES.watches)
    first = [row for row in rows if row["position"] == 0]
    assert [row["listing_id"] for row in first] == [w.id for w in WATCHES.watches]
    assert "exact_copy,watermark" in {row["defects"] for row in rows}
    assert {row["source"] for row in rows} == {"chrono24"}
