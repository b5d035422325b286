from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from pydantic import ValidationError

from pipeline.core.errors import ParamsError, UsageError
from pipeline.core.params.load import load
from pipeline.core.params.scrape import Scrape
from pipeline.core.params.train import ProganTrain
from pipeline.core.sites import SITES

ROOT = Path(__file__).parents[2]

WRONG = [
    # what the file says instead of a right line, and what the user is told
    ("max_aspect_ratio: 2.0", "max_aspekt_ratio: 2.0", "(did you mean 'max_aspect_ratio'?)"),
    ("max_aspect_ratio: 2.0", "max_aspect_ratio: 0.5", "greater than or equal to 1, not 0.5"),
    ("sizes: [64]", "sizes: [64, 128]", "paintings.ingest.sizes.1: Input should be 64 or 256"),
    ('as_of: "2026-11-22"', "as_of: 2026-11-22", 'write a date as "YYYY-MM-DD", in quotes'),
    ('as_of: "2026-11-22"', "as_of: 2026-13-22", "not YAML: month must be in 1..12"),
    ("model: residual", "model: gan", "paintings.train.model: name one of dcgan, progan"),
    ("site: wikiart", "site: chrono24", "image_size Large does not exist on chrono24"),
    ("gallery: {seed: 1,", "gallery: {sead: 1,", "(did you mean 'seed'?)"),
    ("    ingest:\n", "    ingst:\n", "paintings.ingest: missing"),
    ("origin: gallery", "origin: live", "a live site needs a contact"),
    ("collections:", "collections: [", "not YAML"),
    ("\n      latent:", "\n      latend:", "(did you mean 'latent'?)"),
    ("transforms: [rot90,", "transforms: [rot45,", "augment.transforms.0"),
]


def test_sites_may_share_a_list_of_where_their_listings_start() -> None:
    wikiart = SITES["wikiart"]
    museum = replace(wikiart, start_lists=("artists",), gallery_kinds=())
    with mock.patch.dict(SITES, {"museum": museum}):
        asked = {"as_of": "2026-11-22", "artists": ("ada-vorn",), "image_size": "Large"}
        Scrape.model_validate(asked | {"site": "wikiart"})
        live = {"origin": "live", "contact": "ana@example.org"}
        Scrape.model_validate(asked | live | {"site": "museum"})
        with pytest.raises(ValidationError, match="styles: belong to wikiart"):
            Scrape.model_validate(asked | live | {"site": "museum", "styles": ("cubism",)})
        with pytest.raises(ValidationError, match="museum has no embedded gallery; set origin"):
            Scrape.model_validate(asked | {"site": "museum"})


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_a_mistake_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = (ROOT / "params.yaml").read_text()
    assert right in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(ParamsError) as caught:
        load(path)
    assert said in str(caught.value)
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text()
    path = tmp_path / "params.yaml"
    path.write_text(
        text.replace("square: crop", "square: cut").replace("examples: 12", "examples: 0")
    )
    with pytest.raises(ParamsError) as caught:
        load(path)
    assert len(str(caught.value).splitlines()) == 4


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="missing; start from one of recipes/"):
        load(tmp_path / "params.yaml")


def test_an_unknown_collection_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'paintings'"):
        load(ROOT / "params.yaml").collection("painting")


def test_sections_are_frozen() -> None:
    section = load(ROOT / "params.yaml").collection("paintings").select
    with pytest.raises(ValueError, match="frozen"):
        section.max_aspect_ratio = 3.0  # type: ignore[misc]


def test_watchgan_grows_at_the_rate_of_its_paper() -> None:
    """Karras et al. (2018), appendix A.1; what the recipe names is the default as well."""
    watches = load(ROOT / "recipes/watchgan.yaml").collection("watches").train
    assert isinstance(watches, ProganTrain)
    assert watches.learning_rate == ProganTrain(model="progan").learning_rate == 1e-3
