from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from train.data.sampler import BalancedSampler, Sampler, ShuffledSampler

CLASSES = st.lists(st.integers(0, 5), min_size=1, max_size=40).map(np.array)


def _samplers(seed: int, of_class: np.ndarray) -> list[Sampler]:
    return [ShuffledSampler(seed, len(of_class)), BalancedSampler(seed, of_class)]


@given(CLASSES, st.integers(0, 300), st.integers(1, 80))
def test_an_order_depends_on_the_position_alone(
    of_class: np.ndarray, position: int, length: int
) -> None:
    for walked, entered in zip(_samplers(3, of_class), _samplers(3, of_class), strict=True):
        whole = walked.take(0, position + length)
        assert np.array_equal(entered.take(position, length), whole[position:])


@given(st.integers(1, 50), st.integers(0, 5))
def test_each_pass_shows_everything_once(count: int, number: int) -> None:
    shown = ShuffledSampler(7, count).take(number * count, count)
    assert sorted(shown) == list(range(count))


@given(CLASSES, st.integers(1, 30))
def test_balanced_rounds_show_each_class_once_and_its_items_in_turn(
    of_class: np.ndarray, rounds: int
) -> None:
    shown = BalancedSampler(5, of_class).take(0, rounds * len(np.unique(of_class)))
    classes = np.unique(of_class)
    assert (np.sort(of_class[shown].reshape(rounds, -1), axis=1) == classes).all()
    for name in classes:
        members = np.flatnonzero(of_class == name)
        times = Counter(shown[of_class[shown] == name].tolist())
        counts = [times[member] for member in members.tolist()]
        assert max(counts) - min(counts) <= 1


def test_passes_and_seeds_differ() -> None:
    of_class = np.arange(40) % 2
    for order, other in zip(_samplers(1, of_class), _samplers(2, of_class), strict=True):
        first, second = order.take(0, 80).reshape(2, 40)
        assert not np.array_equal(first, second)
        assert not np.array_equal(first, other.take(0, 40))
