from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scrapers.gallery.catalogue.seeded_catalogue import Ownership
from scrapers.gallery.lazy import Lazy
from scrapers.gallery.seeded import Code, Shuffle, generator


@given(size=st.integers(1, 3000), seed=st.integers(0, 2**64 - 1))
def test_a_shuffle_holds_every_item_once_and_knows_where(size: int, seed: int) -> None:
    shuffle = Shuffle(size, seed, "test")
    order = [shuffle.at(place) for place in range(size)]
    assert sorted(order) == list(range(size))
    assert [shuffle.place(item) for item in order] == list(range(size))


def test_a_shuffle_depends_on_its_seed_and_its_name() -> None:
    orders = {
        tuple(Shuffle(50, seed, name).at(i) for i in range(50))
        for seed in (1, 2)
        for name in ("one", "two")
    }
    assert len(orders) == 4


def test_a_shuffle_leaves_few_neighbours_together() -> None:
    shuffle = Shuffle(1000, 3, "test")
    order = [shuffle.at(i) for i in range(1000)]
    assert sum(abs(a - b) == 1 for a, b in pairwise(order)) < 20


@given(number=st.integers(0, 10**7), seed=st.integers(0, 2**32))
def test_a_code_tells_its_number(number: int, seed: int) -> None:
    code = Code(seed, "test", "abcdef0123", 24, 9)
    text = code.encode(number)
    assert len(text) == 24
    assert code.decode(text) == number


@given(text=st.text("abcdef0123", min_size=24, max_size=24))
def test_a_code_that_nobody_gave_has_no_number(text: str) -> None:
    code = Code(7, "test", "abcdef0123", 24, 9)
    number = code.decode(text)
    assert number is None or code.encode(number) == text


def test_generators_of_different_paths_differ() -> None:
    draws = [generator(1, *path).random() for path in ((1,), (2,), ("a",), ("a", 1), ("b", 1))]
    assert len(set(draws)) == len(draws)
    assert generator(1, "a", 1).random() == draws[3]


def test_a_lazy_list_makes_only_what_is_asked_for() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number * number

    squares = Lazy(1_000_000, make)
    assert squares[10:13] == [100, 121, 144]
    assert squares[-1] == 999_999**2
    assert squares.map(str)[3] == "9"
    assert made == [10, 11, 12, 999_999, 3]


@given(size=st.integers(1, 400), creators=st.integers(1, 60), seed=st.integers(0, 1000))
def test_every_item_has_one_creator_who_has_it(size: int, creators: int, seed: int) -> None:
    ownership = Ownership(size, creators, seed)
    owned = [list(ownership.items(creator)) for creator in range(creators)]
    assert sorted(item for items in owned for item in items) == list(range(size))
    assert all(ownership.creator(item) == n for n, items in enumerate(owned) for item in items)
    if size >= creators:
        assert all(owned)


def test_an_items_neighbours_are_all_others_of_its_creator() -> None:
    ownership = Ownership(100, 4, 9)
    neighbours = list(ownership.after(17))
    assert sorted([*neighbours, 17]) == sorted(ownership.items(ownership.creator(17)))
