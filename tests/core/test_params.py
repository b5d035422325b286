from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from pydantic import ValidationError

from pipeline.core.errors import ParamsError, UsageError
from pipeline.core.params.file import collection_names
from pipeline.core.params.load import load_params, load_usable
from pipeline.core.params.scrape import Scrape
from pipeline.core.params.train import ProganTrain
from pipeline.core.sites import SITES

ROOT = Path(__file__).parents[2]
PARAMS = Path(__file__).parents[1] / "default_params.yaml"
"""As the project brings it; a user's own params.yaml may say anything."""

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
    text = PARAMS.read_text()
    assert right in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace(right, wrong, 1))
    with pytest.raises(ParamsError) as caught:
        load_params(path)
    assert said in str(caught.value)
    assert all(line.startswith(f"{path}: ") for line in str(caught.value).splitlines())


AS_PEOPLE_WRITE = [
    # what the file says instead of a right line, and all that the user is told
    (
        "learning_rate: 5.0e-3",
        "learning_rate: 5e-3",
        "collections.paintings.train.learning_rate: write 5.0e-3: YAML takes 5e-3 for a text",
    ),
    (
        "sample: 3000",
        "sample: 3e3",
        "collections.paintings.watermark.sample: write 3000: YAML takes 3e3 for a text",
    ),
    (
        "styles: [color-field-painting]",
        "styles: color-field-painting",
        "collections.paintings.scrape.styles: write a list: [color-field-painting]",
    ),
    (
        "rights: null",
        "rights: Public domain",
        "collections.paintings.select.rights: write a list: [Public domain]",
    ),
    (
        "styles: [color-field-painting]",
        "styles: [Color field painting]",
        (
            "collections.paintings.scrape.styles.0: 'Color field painting' has spaces; write it as "
            "in the site's addresses, such as color-field-painting"
        ),
    ),
    (
        "max_aspect_ratio: 2.0",
        "max aspect ratio: 2.0",
        (
            "collections.paintings.select.max aspect ratio: there is no such key "
            "(did you mean 'max_aspect_ratio'?)"
        ),
    ),
    (
        "  paintings:\n",
        "  My Paintings:\n",
        (
            "collections: 'My Paintings' cannot name a collection: a small letter, then small "
            "letters, digits and _; write my_paintings"
        ),
    ),
]


@pytest.mark.parametrize(("right", "wrong", "message"), AS_PEOPLE_WRITE)
def test_what_people_write_is_answered_with_what_to_write(
    tmp_path: Path, right: str, wrong: str, message: str
) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS.read_text().replace(right, wrong, 1))
    with pytest.raises(ParamsError) as caught:
        load_params(path)
    assert f"{path}: {message}" in str(caught.value).splitlines()


@pytest.mark.parametrize("text", ["collections: {}", "collections:", "collections: []"])
def test_a_file_without_a_collection_is_told_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    says = f"{path}: collections: none is named; copy the block of one from recipes/"
    for read in (load_params, collection_names, lambda file: load_params(file, only="paintings")):
        with pytest.raises(ParamsError) as caught:
            read(path)
        assert str(caught.value) == says


def test_a_mistake_in_one_collection_does_not_stop_another(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS.read_text().replace("max_aspect_ratio", "max_aspekt_ratio", 1))
    assert load_params(path, only="watches").collection("watches").scrape.site == "chrono24"
    with pytest.raises(ParamsError, match="did you mean 'max_aspect_ratio'"):
        load_params(path, only="paintings")
    usable, problems = load_usable(path)
    assert list(usable) == ["watches"]
    assert [problem.split(": ")[1] for problem in problems] == [
        "collections.paintings.select.max_aspekt_ratio"
    ]
    with pytest.raises(UsageError, match=r"no collection 'watch'.*did you mean 'watches'"):
        load_params(path, only="watch")


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = PARAMS.read_text()
    path = tmp_path / "params.yaml"
    path.write_text(
        text.replace("square: crop", "square: cut").replace("examples: 12", "examples: 0")
    )
    with pytest.raises(ParamsError) as caught:
        load_params(path)
    assert len(str(caught.value).splitlines()) == 4


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="missing; start from one of recipes/"):
        load_params(tmp_path / "params.yaml")


def test_an_unknown_collection_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'paintings'"):
        load_params(PARAMS).collection("painting")


def test_sections_are_frozen() -> None:
    section = load_params(PARAMS).collection("paintings").select
    with pytest.raises(ValueError, match="frozen"):
        section.max_aspect_ratio = 3.0  # type: ignore[misc]


def test_watchgan_grows_at_the_rate_of_its_paper() -> None:
    """Karras et al. (2018), appendix A.1; what the recipe names is the default as well."""
    watches = load_params(ROOT / "recipes/watchgan.yaml").collection("watches").train
    assert isinstance(watches, ProganTrain)
    assert watches.learning_rate == ProganTrain(model="progan").learning_rate == 1e-3
