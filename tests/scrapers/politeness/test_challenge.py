"""What is a challenge, and what only looks like one."""

from __future__ import annotations

import pytest

from pipeline.core.errors import ChallengedError
from scrapers.politeness.challenge import check_refusal, check_signs

URL = "https://www.example.org/a"
LONG = "<p>a real page says much</p>" * 1000


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, ""),
        (200, {"cf-mitigated": "challenge"}, LONG),
        (503, {}, "<title>Just a moment...</title>"),
        (403, {}, "<TITLE>Attention Required! | Cloudflare</TITLE>"),
        (200, {}, "<title>Checking your browser before accessing</title>"),
        (None, {}, "<title>\n Verifying you are human</title>"),
        (429, {}, "<form id='challenge-form'>" + LONG),
        (200, {}, '<iframe src="https://challenges.cloudflare.com/turnstile/v0"></iframe>'),
        (200, {}, "<script>window._cf_chl_opt = {}</script>"),
    ],
)
def test_a_challenge_is_recognised(status: int | None, headers: dict[str, str], body: str) -> None:
    with pytest.raises(ChallengedError, match=r"/a: the site does not want"):
        check_signs(URL, status, headers, body)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "<title>Just a moment in June</title>" + LONG),
        (200, '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'),
        (200, '<script>window.metaData = {"blocked": true}</script>'),
        (200, '<script>cloudflareTurnstileSiteKey = "0x4"</script>'),
        (503, "<title>Maintenance</title>"),
        (404, "<title>Not found</title>"),
    ],
)
def test_an_ordinary_page_is_none(status: int, body: str) -> None:
    check_signs(URL, status, {"server": "cloudflare"}, body)
    check_refusal(URL, status, URL)


@pytest.mark.parametrize(
    ("status", "final"), [(401, URL), (403, URL), (200, "https://www.example.org/en/login?back=a")]
)
def test_a_refusal_stops_the_walk(status: int, final: str) -> None:
    with pytest.raises(ChallengedError):
        check_refusal(URL, status, final)
