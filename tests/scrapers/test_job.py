from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import NotPermittedError
from pipeline.core.params.load import load
from scrapers.job import capture, refuse_blanks
from scrapers.politeness.retry import RetryPolicy

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_as_it_comes_never_reaches_the_site(recipe: Path, tmp_path: Path) -> None:
    for collection in load(recipe).collections.values():
        with pytest.raises(NotPermittedError, match=r"scrape.contact is still '<your address>'"):
            capture(tmp_path / "c", collection.scrape, work=tmp_path, retry_policy=RetryPolicy(0))
    assert not (tmp_path / "c").exists()


def test_a_contact_is_not_enough_for_chrono24() -> None:
    watches = load(RECIPES[-1]).collections["watches"].scrape
    named = watches.model_copy(update={"contact": "ana@example.org"})
    with pytest.raises(NotPermittedError, match=r"scrape.permission is still"):
        refuse_blanks(named)
    refuse_blanks(named.model_copy(update={"permission": "the shop, 2026-11-02"}))
