import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.gallery.catalogue.work_files import VARIANTS, derived_size, exists, listing_map

SIZES = st.tuples(st.integers(40, 4000), st.integers(40, 4000))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((634, 750), "0123**67*"),
        ((300, 300), "**2***67*"),
        ((749, 599), "0*23**67*"),
        ((750, 400), "0123**67*"),
        ((1300, 700), "01234*67*"),
        ((1900, 1200), "01234567*"),
    ],
)
def test_the_map_tells_which_derivatives_exist(size: tuple[int, int], expected: str) -> None:
    assert listing_map(size) == expected


@given(size=SIZES, variant=st.sampled_from(sorted(VARIANTS)))
def test_a_derivative_fits_its_box_in_proportion_and_never_grows(
    size: tuple[int, int], variant: str
) -> None:
    width, height = derived_size(size, variant)
    assert width <= min(size[0], VARIANTS[variant].box[0])
    assert height <= min(size[1], VARIANTS[variant].box[1])
    assert abs(width / size[0] - height / size[1]) <= 1 / min(size)


def test_a_size_that_the_site_does_not_know_never_exists() -> None:
    assert not exists((5000, 5000), "Square")
