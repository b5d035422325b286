"""What bytes mean, and what of a page people see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.parsing.markup import any_of, decoded, first, text_of, text_outside, tree

RUSSIAN = "<p>Мельница у моря</p>"


@given(st.text())
def test_text_in_utf_8_is_read_as_that_whatever_the_page_declares(text: str) -> None:
    page = f'<meta charset="windows-1251">{text}'
    assert decoded(page.encode("utf-8", "replace")).endswith(
        text.encode("utf-8", "replace").decode()
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f'<meta charset="koi8-r">{RUSSIAN}'.encode("koi8-r"), "Мельница у моря"),
        (
            f'<meta content="text/html; charset=cp1251">{RUSSIAN}'.encode("cp1251"),
            "Мельница у моря",
        ),
        (RUSSIAN.encode("utf-16"), "Мельница у моря"),
        (RUSSIAN.encode("utf-8-sig"), "Мельница у моря"),
        ("<p>Café — £5</p>".encode("windows-1252"), "Café — £5"),
        ('<meta charset="no-such"><p>Café</p>'.encode("latin-1"), "Café"),
        (b"<p>\xff\xfe\x81</p>", "ÿþ\N{REPLACEMENT CHARACTER}"),
        (b"", None),
    ],
)
def test_other_bytes_are_read_as_they_declare_or_as_browsers_guess(
    html: bytes, text: str | None
) -> None:
    assert text_of(first(tree(html), "p")) == text


@given(st.binary())
def test_any_bytes_are_a_tree(html: bytes) -> None:
    assert tree(html).css("html")


def test_only_what_people_see_is_text() -> None:
    page = tree(b"<div> a <script>b</script><style>c</style><!-- d --><b>e</b>f</div>")
    assert text_of(first(page, "div")) == "a e f"
    assert text_of(first(page, "div"), between="") == "a ef"


def test_text_outside_a_class() -> None:
    page = tree(b'<div>a <i class="x by">b <b>c</b></i> d <i class="bye">e</i></div>')
    assert text_outside(first(page, "div"), "by") == "a d e"


def test_selectors_are_tried_in_turn() -> None:
    page = tree(b'<p class="old">a</p><p class="new">b</p>')
    assert [text_of(node) for node in any_of(page, ".newest", ".new", ".old")] == ["b"]
    assert first(page, ".none", ".nothing") is None
