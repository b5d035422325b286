"""What a description may ask of a page, so that every answer comes in bounded time.

A description is a file from somewhere, and a page is other people's text. Regexes are RE2's, which
take time in proportion to the text. XPath (and CSS, which becomes XPath) is held to a subset whose
steps look at no more than all pairs of elements; JSON paths are JMESPath without what multiplies.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import jmespath
import re2
from jmespath.exceptions import JMESPathError
from lxml import etree
from parsel.csstranslator import HTMLTranslator

LONGEST: Final = 400
"""Characters of a selector, a regex or a path."""
_MOST_INSIDE: Final = {"wide": 1, "sibling": 2}
"""Looks below an element, and at its siblings, within one condition or function."""
_TOKEN: Final = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<wide>/?/?(?:descendant(?:-or-self)?::|(?<=/)/|//))"""
    r"""|(?P<sibling>(?:following|preceding)-sibling::)"""
    r"""|(?P<far>(?:following|preceding|ancestor|ancestor-or-self)::)"""
    r"""|(?P<up>\.\.|parent::)|(?P<call>[\w:-]+)\s*\(|(?P<group>\()|(?P<ungroup>\))"""
    r"""|(?P<open>\[)|(?P<close>\])|(?P<or>\|)|(?P<root>(?<![\w\].)*@:/])/(?!/))"""
    r"""|(?P<self>(?<![\w./])\.(?![./\d]))"""
)
_CHAINED: Final = re.compile(r"[\w*:-]*\s*[/\[]")
"""What goes on from a step over siblings."""
_FUNCTIONS: Final = frozenset(
    {
        "and", "boolean", "comment", "concat", "contains", "count", "div", "false", "has-class",
        "last", "local-name", "mod", "name", "node", "normalize-space", "not", "number", "or",
        "position", "starts-with", "string", "string-length", "substring", "substring-after",
        "substring-before", "text", "translate", "true",
    }
)  # fmt: skip
_PATH_NODES: Final = frozenset(
    {
        "comparator", "current", "field", "filter_projection", "flatten", "identity", "index",
        "index_expression", "literal", "or_expression", "pipe", "projection", "slice",
        "subexpression", "value_projection",
    }
)  # fmt: skip
"""Parts of JMESPath that only go down a document: no lists of copies, no functions."""
_QUIET: Final = re2.Options()
_QUIET.log_errors = False


@cache
def regex(pattern: str) -> Any:
    """The compiled pattern.

    Raises:
        ValueError: it is none that RE2 takes.
    """
    _check_length(pattern)
    try:
        return re2.compile(pattern, _QUIET)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise ValueError(
            f"not a regex of RE2: {said} (look-arounds and back-references do not exist there)"
        ) from None


def replacement(to: str) -> str:
    """What is put in a match's place, as RE2 takes it: there ``\\0`` is a character."""
    return to.replace("\\0", "\\g<0>")


@cache
def path(expression: str) -> Any:
    """The compiled JMESPath.

    Raises:
        ValueError: it is none, or uses what multiplies.
    """
    _check_length(expression)
    try:
        compiled = jmespath.compile(expression)
    except JMESPathError as error:
        said = " ".join(str(error).partition("\n")[0].split())
        raise ValueError(f"not a JMESPath: {said}") from None
    # By what is allowed, not by what is forbidden: a later JMESPath may have more that loops.
    foreign = _types(compiled.parsed) - _PATH_NODES
    if foreign:
        raise ValueError(
            f"{', '.join(sorted(foreign))}: not allowed in a path; write names, [], [0], [?a=='b'] "
            f"and || only"
        )
    return compiled


def _types(node: Any) -> set[str]:
    return {node["type"]}.union(*map(_types, node["children"]))


@cache
def css(selector: str) -> str:
    """The XPath of a CSS selector, ``::text`` and ``::attr(name)`` included.

    Raises:
        ValueError: it is none, or takes too long.
    """
    _check_length(selector)
    try:
        expression: str = HTMLTranslator().css_to_xpath(selector)
    except Exception as error:
        raise ValueError(f"not a CSS selector: {error}") from None
    _check_cost(expression, selector)
    return expression


@cache
def xpath(expression: str) -> str:
    """``expression``, checked.

    Raises:
        ValueError: it is no XPath 1.0, or takes too long.
    """
    _check_length(expression)
    try:
        etree.XPath(expression)
    except etree.XPathError as error:
        raise ValueError(f"not an XPath 1.0: {error}") from None
    _check_cost(expression, expression)
    return expression


@cache
def select_xpath(expression: str) -> Callable[[Any], list[Any]]:
    """What a checked XPath finds from an element on: elements, texts, or one number.

    libxml2 takes quadratic time where nested elements lead to the same ones below them, as in
    ``div div div``. So each way is gone in stages, and each stage starts from the outermost
    elements alone: what lies below the others lies below these.
    """
    ways = [[etree.XPath(stage, smart_strings=False) for stage in way] for way in _ways(expression)]

    def selected(element: Any) -> list[Any]:
        results = [_went(way, element) for way in ways]
        return results[0] if len(results) == 1 else _in_order(results, element)

    return selected


def _went(way: Sequence[Callable[[Any], Any]], element: Any) -> list[Any]:
    """What the stages of one way lead to."""
    here: list[Any] = [element]
    for number, stage in enumerate(way):
        reached: list[Any] = []
        for start in here if number == 0 else _outermost(here):
            # An XPath may end in a text or a number, which only the last stage of a way gives.
            result = stage(start)
            reached += result if isinstance(result, list) else [result]
        here = reached
    return here


def _outermost(elements: Sequence[Any]) -> list[Any]:
    """Those of ``elements``, which are in document order, that lie in none of the others."""
    kept: list[Any] = []
    inside = set[Any]()
    for element in elements:
        if element not in inside:
            kept.append(element)
            inside.update(element.iter())
    return kept


def _in_order(results: Sequence[list[Any]], element: Any) -> list[Any]:
    """Elements of several ways, each once, in document order; texts way after way."""
    together = [node for result in results for node in result]
    if not all(hasattr(selected, "tag") for selected in together):
        return together
    places = {each: place for place, each in enumerate(element.getroottree().iter())}
    return sorted(dict.fromkeys(together), key=places.__getitem__)


@cache
def _ways(expression: str) -> list[list[str]]:
    """The alternatives of an expression, each cut before every step that looks below all."""
    ways, stages, start, depth = [], list[str](), 0, 0
    for token in _TOKEN.finditer(expression):
        kind = token.lastgroup
        depth += (kind in {"open", "group", "call"}) - (kind in {"close", "ungroup"})
        part = expression[start : token.start()].strip()
        if depth or kind not in {"wide", "or"} or not part:
            continue
        if kind == "or":
            ways.append([*stages, part])
            stages, start = [], token.end()
        elif part != ".":
            stages.append(part)
            start = token.start()
    ways.append([*stages, expression[start:].strip()])
    return [[stages[0], *map(_from_here, stages[1:])] for stages in ways]


def _from_here(stage: str) -> str:
    """A later stage, which starts from the elements before it."""
    if stage.startswith("//"):
        return f".{stage}"
    return stage.removeprefix("/")


@cache
def is_linear(expression: str) -> bool:
    """Whether a checked XPath looks at every element of a page a few times at most."""
    depth = 0
    for token in _TOKEN.finditer(expression):
        kind = token.lastgroup
        depth += (kind in {"open", "group", "call"}) - (kind in {"close", "ungroup"})
        if kind in {"sibling", "up", "self"} or (kind == "wide" and depth):
            return False
    return True


def _check_length(text: str) -> None:
    if not 0 < len(text) <= LONGEST:
        raise ValueError(f"{len(text):,} characters; write 1 to {LONGEST}")


def _check_cost(expression: str, written: str) -> None:
    """Refuse what may look at more than all pairs of elements.

    Raises:
        ValueError: it names what is refused.
    """
    brackets, groups, inside = 0, 0, Counter[str]()
    for token in _TOKEN.finditer(expression):
        kind = token.lastgroup
        brackets += (kind == "open") - (kind == "close")
        groups += (kind in {"group", "call"}) - (kind == "ungroup")
        if not (brackets or groups):
            inside.clear()
        if kind == "call" and token["call"] not in _FUNCTIONS:
            raise ValueError(f"{written}: the function {token['call']}() is not allowed")
        if kind == "far" or (kind == "sibling" and not brackets):
            raise ValueError(
                f"{written}: siblings (+, ~, following::) and ancestors are not allowed, they take "
                f"too long on a hostile page; read labelled values with sheet"
            )
        if brackets and (kind in {"root", "up"} or _is_absolute(token)):
            raise ValueError(f"{written}: a condition may look below its element only")
        inside[str(kind)] += brackets > 0 or groups > 0
        is_chained = kind == "sibling" and _CHAINED.match(expression, token.end())
        is_deep = brackets > 1 and (kind in {"wide", "sibling", "self"})
        if is_chained or is_deep or any(inside[k] > most for k, most in _MOST_INSIDE.items()):
            raise ValueError(
                f"{written}: looks below every element (or at its siblings) too often; name the "
                f"way to it by child (>), class or id"
            )


def _is_absolute(token: re.Match[str]) -> bool:
    """Whether a ``//`` starts at the root of the page."""
    before = token.string[: token.start()].rstrip()
    return token[0] == "//" and not (before[-1:].isalnum() or before[-1:] in {".", "*", "]", ")"})
