"""Which words keep a work out, and which only look like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.politeness.opt_out import ContentSignals, header_opts_out, page_opts_out, signals

OUT = (
    "<meta name=robots content=noai>",
    '<META CONTENT="noindex, NoImageAI" NAME="Robots">',
    '<meta name="robots" content="noml">',
    '<meta name="googlebot" content="noimageai">',
    '<meta name="robots" content="googlebot: noimageai">',
    '<meta name="my-crawler" content="max-snippet:20, noml">',
    '<meta name="mojeek" content="index, noml">',
    '<meta http-equiv="X-Robots-Tag" content="noai">',
    '<meta name="tdm-reservation" content="1">',
    "<meta name='tdm-reservation' content=' 1 '>",
    '<meta name="content-signal" content="search=yes, ai-train=no">',
    '<meta data-x="a > b" name="robots" content="no&#97;i">',
)
IN = (
    "<p>noai</p>",
    '<meta name="description" content="noai">',
    '<meta name="keywords" content="art, noai">',
    '<meta property="og:title" content="noai">',
    '<meta name="twitter:title" content="noai">',
    '<meta name="note" content="what does noai mean, and who obeys it?">',
    '<meta name="robots" content="noindex, nofollow, noarchive, noaim, some-noai-word">',
    '<meta name="tdm-reservation" content="0">',
    '<meta name="tdm-policy" content="https://example.org/1">',
    '<meta name="content-signal" content="search=no, ai-input=no, ai-train=yes">',
)


@pytest.mark.parametrize("meta", OUT)
def test_a_page_opts_out(meta: str) -> None:
    assert page_opts_out(f"<html><head><title>a</title>{meta}</head>")


@pytest.mark.parametrize("meta", IN)
def test_a_page_does_not_opt_out(meta: str) -> None:
    assert not page_opts_out(f"<html><head><title>a</title>{meta}</head>")


@pytest.mark.parametrize(
    ("name", "value", "out"),
    [
        ("x-robots-tag", "otherbot: noindex, noai", True),
        ("x-robots-tag", "noml", True),
        ("x-robots-tag", "noindex, noarchive", False),
        ("tdm-reservation", "1", True),
        ("tdm-reservation", "0", False),
        ("tdm-reservation", "10", False),
        ("content-signal", "search=yes,ai-train=no", True),
        ("content-signal", "ai-train = no", True),
        ("content-signal", "ai-train=yes, search=no", False),
        ("content-usage", "train-ai=n", True),
        ("content-usage", "train-ai=y, train-genai=n", True),
        ("content-usage", "bots=n, train-ai=y", False),
    ],
)
def test_the_head_of_an_answer(name: str, value: str, out: bool) -> None:
    assert header_opts_out({name: value}) is out


NO = "Content-Signal: search=yes, ai-train=no"


@pytest.mark.parametrize(
    ("rules", "out"),
    [
        (f"User-agent: *\n{NO}\nAllow: /", True),
        (f"user-agent: GPTBot\nuser-agent: *\ndisallow:\n{NO.lower()}  # why not", True),
        (f"{NO}\nUser-agent: *\nDisallow: /x", True),
        (f"User-agent: GPTBot\n{NO}\n\nUser-agent: *\nAllow: /", False),
        (f"User-agent: *\nAllow: /\n\nUser-agent: salon\nCrawl-delay: 1\n{NO}", True),
        (f"User-agent: *\n{NO}\n\nUser-agent: Salon\nContent-Signal: ai-train=yes", False),
        ("User-agent: *\nContent-Signal: search=no, ai-input=no", False),
        ("User-agent: *\nContent-Usage: /works train-ai=n", True),
        ("User-agent: *\nContent-Usage: /other train-ai=n", False),
        ("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /works/ train-ai=y", False),
        (f"# {NO}\nUser-agent: *\nDisallow:", False),
        ("", False),
    ],
)
def test_signals_in_robots_txt(rules: str, out: bool) -> None:
    assert ContentSignals(rules, "Salon").opts_out("/works/1.jpg") is out


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    page_opts_out(text)
    header_opts_out({"content-signal": text, "x-robots-tag": text, "tdm-reservation": text})
    signals(text)
    assert not ContentSignals(text.replace("=", ""), "Salon").opts_out("/")


@given(st.sampled_from(OUT), st.text(max_size=200), st.text(max_size=200))
def test_what_stands_around_it_hides_no_opt_out(meta: str, before: str, after: str) -> None:
    around = before.replace("<", "").replace("-", "")
    assert page_opts_out(f"{around}{meta}{after}")
