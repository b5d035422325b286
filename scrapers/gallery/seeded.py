"""Seeded random numbers: generators, permutations and codes made from a seed alone.

Nothing here keeps state, so the millionth item of a gallery costs as much as the first, and no
item depends on which others were made before it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from pipeline.core.splitmix import mixed

T = TypeVar("T")

# Of a Feistel network: with fewer, neighbours stay neighbours; the test of them goes red at two.
_ROUNDS = 4


def generator(seed: int, *path: int | str) -> np.random.Generator:
    """A generator of its own for the thing that ``path`` names; words count as their CRC-32."""
    words = [zlib.crc32(p.encode()) if isinstance(p, str) else p for p in path]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of ``choices``, each as likely as any other."""
    return choices[int(rng.integers(len(choices)))]


class Shuffle:
    """A random order of ``range(size)`` that can be read in both directions without a table.

    A Feistel network over the next even power of two, walked until it lands inside the range
    (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
    """

    def __init__(self, size: int, seed: int, name: str) -> None:
        self._size = size
        self._half = max(1, ((size - 1).bit_length() + 1) // 2)
        root = mixed(seed) ^ zlib.crc32(name.encode())
        self._keys = [mixed(root + turn) for turn in range(_ROUNDS)]

    def at(self, place: int) -> int:
        """The item that stands at ``place``."""
        return self._walk(place, self._keys, forwards=True)

    def place(self, item: int) -> int:
        """Where ``item`` stands."""
        return self._walk(item, self._keys[::-1], forwards=False)

    def _walk(self, value: int, keys: list[int], *, forwards: bool) -> int:
        if not 0 <= value < self._size:
            raise IndexError(f"{value} is not in a range of {self._size}")
        value = self._turn(value, keys, forwards=forwards)
        while value >= self._size:
            value = self._turn(value, keys, forwards=forwards)
        return value

    def _turn(self, value: int, keys: list[int], *, forwards: bool) -> int:
        mask = (1 << self._half) - 1
        left, right = value >> self._half, value & mask
        if not forwards:
            left, right = right, left
        for key in keys:
            left, right = right, left ^ (mixed(right ^ key) & mask)
        if not forwards:
            left, right = right, left
        return (left << self._half) | right


class Code:
    """Strings of ``length`` characters that look random and still say which number they stand for.

    The first part is noise, the rest the number shifted by a hash of that noise.
    """

    def __init__(self, seed: int, name: str, alphabet: str, length: int, payload: int) -> None:
        self._root = mixed(seed) ^ zlib.crc32(name.encode())
        self._alphabet = alphabet
        self._noise = length - payload
        self._payload = payload

    def encode(self, number: int) -> str:
        """The code of ``number``."""
        noise = mixed(self._root ^ number) << 64 | mixed(self._root + number)
        head = self._spell(noise, self._noise)
        room = int(len(self._alphabet) ** self._payload)
        return head + self._spell((number + self._shift(head)) % room, self._payload)

    def decode(self, text: str) -> int | None:
        """The number whose code ``text`` is, or None where it is nobody's."""
        if len(text) != self._noise + self._payload or not set(text) <= set(self._alphabet):
            return None
        head, tail = text[: self._noise], text[self._noise :]
        value = 0
        for letter in tail:
            value = value * len(self._alphabet) + self._alphabet.index(letter)
        number = (value - self._shift(head)) % int(len(self._alphabet) ** self._payload)
        return number if self.encode(number) == text else None

    def _shift(self, head: str) -> int:
        return mixed(self._root ^ zlib.crc32(head.encode()))

    def _spell(self, value: int, length: int) -> str:
        letters = []
        for _ in range(length):
            value, digit = divmod(value, len(self._alphabet))
            letters.append(self._alphabet[digit])
        return "".join(reversed(letters))
