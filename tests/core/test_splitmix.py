import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.splitmix import mixed

GOLDEN = 0x9E3779B97F4A7C15


def test_it_is_the_published_generator() -> None:
    # The outputs of Vigna's splitmix64.c for the seed 1234567.
    outputs = [mixed((1234567 + turn * GOLDEN) % 2**64) for turn in range(3)]
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_arrays_are_mixed_as_integers_are(numbers: list[int]) -> None:
    assert mixed(np.array(numbers, np.uint64)).tolist() == [mixed(number) for number in numbers]
