from __future__ import annotations

import numpy as np
import pytest

from train.metrics.retrieval import CANDIDATES, Captioned, CaptionReader, share_right

RNG = np.random.default_rng(1)
WORDS = RNG.normal(size=(30, 6))
"""Vectors of thirty captions."""
MIX = RNG.normal(size=(6, 40))


def _pictures(words: np.ndarray[tuple[int, ...], np.dtype[np.float64]], noise: float) -> Captioned:
    """Features that show those words, and something else as loud as ``noise``."""
    return Captioned(words @ MIX + noise * RNG.normal(size=(len(words), 40)), words)


@pytest.fixture(scope="module")
def reader() -> CaptionReader:
    reals = _pictures(WORDS[RNG.integers(0, 30, 300)], noise=0.5)
    return CaptionReader(reals.seen, reals.vectors)


def test_pictures_that_show_their_words_are_found(reader: CaptionReader) -> None:
    assert share_right(reader, _pictures(WORDS, noise=0.5), WORDS) == pytest.approx(1, abs=0.05)


def test_pictures_of_other_words_are_found_by_chance(reader: CaptionReader) -> None:
    shown = _pictures(np.repeat(WORDS, 40, axis=0), noise=0.5)
    shuffled = Captioned(shown.seen, RNG.permutation(shown.vectors))
    share = share_right(reader, shuffled, WORDS)
    assert share == pytest.approx(1 / CANDIDATES, abs=0.02)


def test_pictures_that_are_all_the_same_are_found_by_chance(reader: CaptionReader) -> None:
    same = Captioned(np.tile(WORDS[:1] @ MIX, (30, 1)), WORDS)
    assert share_right(reader, same, WORDS) == pytest.approx(1 / CANDIDATES, abs=1e-9)


def test_pictures_unlike_all_real_ones_are_not_found(reader: CaptionReader) -> None:
    nothing = Captioned(np.full((30, 40), 1e6), WORDS)
    assert not reader(nothing.seen).any()
    assert share_right(reader, nothing, WORDS) == 0


def test_the_share_is_that_of_drawing_nine_others_again_and_again(reader: CaptionReader) -> None:
    judged = _pictures(WORDS, noise=6.0)
    read = reader(judged.seen)
    right = []
    for place in RNG.integers(0, 30, 20_000):
        others = RNG.permutation(np.delete(np.arange(30), place))[: CANDIDATES - 1]
        nearness = [_cosine(read[place], WORDS[each] - reader.middle) for each in (place, *others)]
        right.append(int(np.argmax(nearness)) == 0)
    share = share_right(reader, judged, WORDS)
    assert share == pytest.approx(np.mean(right), abs=0.015)
    assert share is not None
    assert 0.2 < share < 0.9


def _cosine(a: np.ndarray[tuple[int, ...], np.dtype[np.float64]], b: object) -> float:
    other = np.asarray(b)
    return float(a @ other / np.linalg.norm(a) / np.linalg.norm(other))


def test_nine_different_captions_are_too_few(reader: CaptionReader) -> None:
    few = WORDS[: CANDIDATES - 1]
    assert share_right(reader, _pictures(few, noise=0.1), few) is None
    assert share_right(reader, Captioned(np.empty((0, 40)), np.empty((0, 6))), WORDS) is None
