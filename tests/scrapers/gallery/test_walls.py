"""Paintings photographed on walls: of each photograph it is known what hangs there."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pipeline.core.params.scrape import Gallery
from scrapers.gallery.catalogue.walls import Walls
from scrapers.gallery.items import Defect
from scrapers.gallery.painters.wall import photographed
from scrapers.gallery.replica_registry import REPLICAS, truth_rows
from scrapers.gallery.seeded import generator
from tests.scrapers.gallery.pictures import PAINTING_GALLERY, PAINTINGS, apart, decoded, small

GALLERY = PAINTING_GALLERY.model_copy(update={"kind": "walls"})
WALLS = REPLICAS["wikiart"].catalogue(GALLERY)


def test_a_photograph_has_the_id_and_the_defects_of_its_painting() -> None:
    assert isinstance(WALLS, Walls)
    assert truth_rows("wikiart", GALLERY) == truth_rows("wikiart", PAINTING_GALLERY)
    assert GALLERY.model_dump()["kind"] == "walls"
    assert Gallery().model_dump().get("kind") is None


@pytest.mark.parametrize("place", [0, 3, 7])
def test_it_shows_the_painting_smaller_by_a_warm_lamp(place: int) -> None:
    faultless = [work.picture for work in PAINTINGS.works if not work.picture.defects]
    picture = faultless[place]
    painting, seen = (decoded(each.image(picture, None)) for each in (PAINTINGS, WALLS))
    assert seen.size == painting.size
    there, here = (small(each)[8:40, 8:40] for each in (painting, seen))
    assert here[..., 2].sum() / here[..., 0].sum() < there[..., 2].sum() / there[..., 0].sum()
    assert here.mean() < there.mean() + 20
    spread = [each.mean(axis=2).std() for each in (there, here)]
    assert spread[1] > 0.5 * spread[0], "what is painted is seen"
    assert WALLS.version(picture, None) != PAINTINGS.version(picture, None)


def test_a_photograph_follows_from_pixels_and_seed() -> None:
    painting = Image.new("RGB", (300, 200), (0, 0, 255))
    first, again = (photographed(painting, generator(1, "x")) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert apart(first, photographed(painting, generator(2, "x"))) > 1
    other = photographed(Image.new("RGB", (300, 200), (255, 0, 0)), generator(1, "x"))
    differs = np.abs(np.asarray(first).astype(int) - np.asarray(other)).max(axis=2) > 60
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    # The painting takes the middle; a frame and a strip of wall are around it on all sides.
    assert 0 < rows[0] < 40 > 199 - rows[-1] > 0
    assert 0 < columns[0] < 60 > 299 - columns[-1] > 0
    assert 0.6 < differs.mean() < 0.9


def test_a_copy_is_one_of_the_photograph() -> None:
    copies = [work.picture for work in WALLS.works if work.picture.defects == (Defect.EXACT_COPY,)]
    original = WALLS.picture(copies[0].original or "")
    assert original is not None
    assert WALLS.image(copies[0], None) == WALLS.image(original, None)
    assert WALLS.image(original, None) != PAINTINGS.image(original, None)
