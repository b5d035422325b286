"""Lists whose items are made when they are asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar, overload

T = TypeVar("T")
U = TypeVar("U")


class Lazy(Sequence[T]):
    """A list whose items are made when they are asked for and not kept."""

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self._make(i) for i in range(*index.indices(self._length))]
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError(f"item {index} of {self._length}")
        return self._make(place)

    def map(self, change: Callable[[T], U]) -> Lazy[U]:
        """The same list with every item changed on its way out."""
        return Lazy(self._length, lambda n: change(self._make(n)))

    def __iter__(self) -> Iterator[T]:
        return (self._make(i) for i in range(self._length))


def without(items: Sequence[T], places: Iterable[int]) -> Lazy[T]:
    """``items`` but for those at ``places``; the others move up.

    >>> list(without("abcdef", [2, 3]))
    ['a', 'b', 'e', 'f']
    """
    # The n-th gap opens behind so many items that stay; all gaps up to it are stepped over.
    gaps = [place - n for n, place in enumerate(sorted(places))]
    return Lazy(len(items) - len(gaps), lambda n: items[n + bisect_right(gaps, n)])
