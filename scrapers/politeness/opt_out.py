"""The words by which a site keeps its works out of training sets, wherever it may write them.

- ``noai``, ``noimageai`` and ``noml`` among the words for robots: X-Robots-Tag with an answer, or
  ``<meta name="robots">`` in a page. Either may be addressed to one robot (``googlebot: noai``,
  ``<meta name="googlebot">``), and Salon takes everything as addressed to itself.
- ``tdm-reservation: 1`` with an answer or as a meta element (TDMRep).
- ``Content-Signal: ai-train=no`` with an answer or in robots.txt, and ``Content-Usage:
  train-ai=n``, as the IETF's draft has it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"(?<![\w-])no(?:(?:image)?ai|ml)(?![\w-])", re.IGNORECASE)
_SIGNAL: Final = re.compile(
    r"(?<![\w-])(?:ai-train|train-ai|train-genai)\s*=\s*(no?|y(?:es)?)(?![\w-])", re.IGNORECASE
)
_SIGNALS: Final = ("content-signal", "content-usage")
_RESERVATION: Final = "tdm-reservation"
_META: Final = re.compile(r"""<meta\b((?:[^>"']|"[^"]*"|'[^']*'){0,2000})>""", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([\w:-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_HEAD: Final = 200_000
"""Characters of a page in which its meta elements are looked for."""
_PROSE: Final = frozenset(
    {
        "description",
        "keywords",
        "title",
        "author",
        "subject",
        "abstract",
        "summary",
        "news_keywords",
    }
)
"""Names of meta elements that speak of the page to people, and of no robot."""
_ROBOT: Final = re.compile(r"robots|salon|ai|[a-z0-9_-]*(?:bot|crawl|spider|slurp)[a-z0-9_-]*")
_LIST: Final = re.compile(r"\s*[\w-]+(?:\s*:\s*[\w.-]+)?(?:\s*,\s*[\w-]+(?:\s*:\s*[\w.-]+)?)*\s*")
"""Words for robots, as ``noindex, max-snippet: 20``; no sentence."""
_ADDRESSEE: Final = re.compile(r"[a-z0-9_-]+")
"""What a robot may be called (RFC 9309)."""


def header_opts_out(headers: Mapping[str, str]) -> bool:
    """Whether the answer with these ``headers`` (names in lower case) is opted out.

    >>> header_opts_out({"x-robots-tag": "noindex, noimageai"})
    True
    >>> header_opts_out({"content-signal": "search=yes, ai-train=no"})
    True
    """
    return (
        _WORD.search(headers.get("x-robots-tag", "")) is not None
        or headers.get(_RESERVATION, "").strip() == "1"
        or any(signals(headers.get(name, "")) is False for name in _SIGNALS)
    )


def page_opts_out(page: str) -> bool:
    """Whether a page opts out what it shows.

    >>> page_opts_out('<head><meta content="noai" name="googlebot">')
    True
    >>> page_opts_out('<p>noai</p><meta name="description" content="noai">')
    False
    """
    return any(_meta_opts_out(*meta) for meta in _metas(page[:_HEAD]))


def signals(text: str) -> bool | None:
    """Whether a list such as ``search=yes, ai-train=no`` lets one train; None: it does not say."""
    values = [value.lower() for value in _SIGNAL.findall(text)]
    return all(value.startswith("y") for value in values) if values else None


class _Signal(NamedTuple):
    path: str
    may_train: bool


class ContentSignals:
    """What a robots.txt says of training, for the paths of its host."""

    def __init__(self, text: str, robot: str) -> None:
        """Read ``text`` as ``robot``: its own group counts, else that for all (RFC 9309)."""
        self._signals = _signals_for(text, robot.lower())

    def opts_out(self, path: str) -> bool:
        """Whether ``path`` may not be trained on; the longest rule that fits it decides."""
        fitting = [signal for signal in self._signals if path.startswith(signal.path)]
        longest = max((len(signal.path) for signal in fitting), default=0)
        return any(not s.may_train for s in fitting if len(s.path) == longest)


def _signals_for(text: str, robot: str) -> list[_Signal]:
    """The signals of all groups for ``robot``, and of what stands outside of any group."""
    of_agent: dict[str, list[_Signal]] = {}
    agents, is_open = [""], True
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            agents = [*(agents if is_open and agents != [""] else ()), value.lower()]
            is_open = True
            continue
        is_open = False
        for agent in agents:
            rules = of_agent.setdefault(agent, [])
            may_train = signals(value) if name in _SIGNALS else None
            if may_train is not None:
                path = value.split(maxsplit=1)[0] if value.startswith("/") else "/"
                rules.append(_Signal(path, may_train))
    return [*of_agent.get("", []), *of_agent.get(robot, of_agent.get("*", []))]


def _metas(page: str) -> Iterator[tuple[str, str]]:
    """Name and content of the meta elements."""
    for meta in _META.finditer(page):
        attributes = {
            name.lower(): html.unescape(value.strip("\"'"))
            for name, value in _ATTRIBUTE.findall(meta[1])
        }
        name = attributes.get("name") or attributes.get("http-equiv") or ""
        yield name.strip().lower(), attributes.get("content", "")


def _meta_opts_out(name: str, content: str) -> bool:
    if header_opts_out({name: content}):
        return True
    if _WORD.search(content) is None or _ADDRESSEE.fullmatch(name) is None:
        return False
    return _ROBOT.fullmatch(name) is not None or (
        name not in _PROSE and _LIST.fullmatch(content) is not None
    )
