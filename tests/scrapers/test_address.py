"""A URL goes out to where it is answered and comes back under the site's own name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scrapers.address import AddressBook, origin_of

ORIGINS = ["https://www.example.org", "https://img.example.org", "https://cdn2.example.org"]
BOOK = AddressBook({origin: f"http://127.0.0.1:{4000 + n}" for n, origin in enumerate(ORIGINS)})
REST = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/?#[]@:\\"))


@given(origin=st.sampled_from(ORIGINS), path=REST, query=REST)
def test_there_and_back_again(origin: str, path: str, query: str) -> None:
    url = f"{origin}/{path}?{query}"
    wire = BOOK.to_wire(url)
    assert wire == f"{BOOK.wire_of[origin]}/{path}?{query}"
    assert BOOK.to_canonical(wire) == url


@given(path=REST)
def test_other_addresses_stay_as_they_are(path: str) -> None:
    for url in (f"https://elsewhere.org/{path}", f"http://127.0.0.1:40000/{path}"):
        assert BOOK.to_wire(url) == BOOK.to_canonical(url) == url


def test_a_live_book_changes_nothing() -> None:
    live = AddressBook()
    assert live.is_live
    assert live.to_wire(f"{ORIGINS[0]}/a") == f"{ORIGINS[0]}/a"
    assert not BOOK.is_live


def test_the_port_belongs_to_the_origin() -> None:
    assert origin_of("http://127.0.0.1:4000/a:b@c?d#e") == "http://127.0.0.1:4000"


def test_one_port_for_two_sites_is_a_contradiction() -> None:
    assert not BOOK.contradicts(AddressBook({ORIGINS[0]: "http://127.0.0.1:5000"}))
    assert BOOK.contradicts(AddressBook({ORIGINS[0]: BOOK.wire_of[ORIGINS[1]]}))
