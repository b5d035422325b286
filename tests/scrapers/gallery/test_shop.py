from __future__ import annotations

import io
from itertools import islice

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from pipeline.core.params.scrape import Gallery, Scrape
from scrapers.gallery.catalogue.shop import Shop
from scrapers.gallery.defects.copy_defects import COPIES
from scrapers.gallery.items import Defect, Watch
from scrapers.gallery.painters.watch import assortment
from scrapers.gallery.replica_registry import REPLICAS, truth_rows

SEED, SIZE = 3, 960


def shop(size: int = SIZE) -> Shop:
    return Shop(SEED, size, 12)


def picture_of(catalogue: Shop, item: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    data = catalogue.image(catalogue.watches[item].pictures[0], "ExtraLarge")
    assert data is not None
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def with_defect(defect: Defect) -> list[int]:
    return [i for i, w in enumerate(shop().watches) if w.pictures[0].defects == (defect,)]


def test_the_same_seed_is_the_same_shop_in_any_order_of_asking() -> None:
    first, second = shop(), shop()
    backwards = [picture_of(second, item) for item in (900, 40, 7)]
    for item, shown in zip((7, 40, 900), reversed(backwards), strict=True):
        assert (picture_of(first, item) == shown).all()
    size = Gallery(seed=SEED, kind="shop")
    assert isinstance(REPLICAS["chrono24"].catalogue(size), Shop)


def test_no_two_listings_show_one_combination() -> None:
    catalogue = shop()
    own = [i for i in range(SIZE) if not catalogue.watches[i].pictures[0].original]
    articles = [catalogue.article(item) for item in own]
    assert len(set(articles)) == len(articles)
    assert len({article.model for article in articles}) > 280
    assert {article.pose for article in articles} == set(range(assortment.POSES))


def test_a_colourway_differs_from_its_watch_in_the_dial_alone() -> None:
    catalogue = shop()
    items = with_defect(Defect.COLOURWAY)
    assert len(items) >= 20
    for item in items:
        source = catalogue._plan.of(item)[1]
        assert source is not None
        this, other = catalogue.article(item), catalogue.article(source)
        assert this.dial != other.dial
        assert this._replace(dial=other.dial) == other
        assert catalogue.watches[item].pictures[0].original is None


def test_every_picture_but_a_copy_has_white_ground_and_no_mark() -> None:
    catalogue = shop()
    plain = (i for i in range(SIZE) if not catalogue.watches[i].pictures[0].defects)
    for item in islice(plain, 12):
        shown = picture_of(catalogue, item)
        border = np.concatenate([shown[0], shown[-1], shown[:, 0], shown[:, -1]])
        assert (border.min(axis=1) > 225).mean() > 0.4, "the strap alone leaves the picture"


def test_the_truth_names_copies_and_colourways() -> None:
    size = Gallery(seed=SEED, works=SIZE, creators=12, kind="shop")
    rows = truth_rows("chrono24", size)
    assert len(rows) == SIZE
    by_key = {row["key"]: row for row in rows}
    copies = [row for row in rows if row["defects"] in set(COPIES)]
    assert len(copies) >= 40
    assert all(by_key[row["original"]]["defects"] == "" for row in copies)
    assert {row["defects"] for row in rows} == {"", "blank", "colourway", *COPIES}


def test_a_few_listings_are_no_watches() -> None:
    catalogue = shop()
    strays = [item for item in range(SIZE) if catalogue.is_stray(item)]
    assert 8 <= len(strays) <= 40
    assert (picture_of(catalogue, strays[0]) > 240).all(axis=2).mean() > 0.3


def test_a_million_listings_cost_no_more_than_a_few() -> None:
    large = shop(1_000_000)
    last: Watch = large.watches[999_999]
    assert large.watch(last.id) == last
    assert large.article(999_998) != large.article(999_999)
    assert assortment.COMBINATIONS >= 1_000_000


def test_the_shop_is_a_param_of_chrono24_and_told_only_where_it_is_chosen() -> None:
    assert "kind" not in Gallery().model_dump()
    assert Gallery(kind="shop").model_dump()["kind"] == "shop"
    with pytest.raises(ValidationError, match=r"gallery\.kind: shop does not exist on wikiart"):
        Scrape.model_validate(
            {"site": "wikiart", "as_of": "2026-11-22", "styles": ("cubism",),
             "image_size": "Large", "gallery": {"kind": "shop"}}
        )  # fmt: skip
