"""The pictures of README and docs: all there, all shown, and light enough to wait for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from tests.docs.blocks import PAGES, ROOT
from tests.screenshots import MOST_BYTES, PICTURES

_SHOWN = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<path>[^)]+)\)")


def _shown() -> dict[str, list[tuple[Path, str]]]:
    """The pictures on each page, with the words that stand for them."""
    return {
        page: [
            ((ROOT / page).parent.joinpath(match["path"]).resolve(), match["words"])
            for match in _SHOWN.finditer((ROOT / page).read_text(encoding="utf-8"))
        ]
        for page in PAGES
    }


def test_every_picture_is_there_and_every_one_is_shown() -> None:
    shown = {path for pictures in _shown().values() for path, _ in pictures}
    assert shown == set(PICTURES.iterdir())


@pytest.mark.parametrize("page", [page for page, pictures in _shown().items() if pictures])
def test_a_picture_has_words_for_who_cannot_see_it(page: str) -> None:
    assert all(len(words.split()) > 5 for _, words in _shown()[page])


def test_all_of_them_together_are_light() -> None:
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < MOST_BYTES


def test_the_film_lasts_twenty_seconds() -> None:
    with Image.open(PICTURES / "review-film.webp") as film:
        # A frame of WebP knows its length once it was read.
        lengths = [
            (frame.load(), frame.info["duration"])[1] for frame in ImageSequence.Iterator(film)
        ]
    assert sum(lengths) == pytest.approx(20_000, abs=500)
