"""What a description may ask of a page, so that every answer comes in bounded time.

A description is a file from somewhere, and a page is other people's text. Regexes are RE2's, which
take time in proportion to the text. XPath (and CSS, which becomes XPath) is held to a subset whose
steps look at no more than all pairs of elements; JSON paths are JMESPath without what multiplies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import jmespath
import re2
from jmespath.exceptions import JMESPathError
from lxml import etree
from parsel.csstranslator import HTMLTranslator

LONGEST: Final = 400
"""Characters of a selector, a regex or a path."""
_MOST_WIDE: Final = 8
"""Steps of an expression that look below every element so far; `tests.benches.descriptions`."""
_MOST_WIDE_INSIDE: Final = 2
"""The same within one condition."""
_TOKEN: Final = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<wide>//|(?:descendant|ancestor)(?:-or-self)?::)"""
    r"""|(?P<sibling>(?:following|preceding)(?:-sibling)?::)|(?P<call>[\w:-]+)\s*\("""
    r"""|(?P<open>\[)|(?P<close>\])|(?P<root>(?<![\w\].)*@:/])/(?!/))"""
)
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


def template(to: str) -> str:
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
def select(expression: str) -> Callable[[Any], list[Any]]:
    """What a checked XPath finds from an element on: elements, texts, or one number."""
    find = etree.XPath(expression, smart_strings=False)

    def found(element: Any) -> list[Any]:
        result = find(element)
        return result if isinstance(result, list) else [result]

    return found


@cache
def is_linear(expression: str) -> bool:
    """Whether a checked XPath looks at every element of a page once at most."""
    wide = [
        token for token in _TOKEN.finditer(expression) if token.lastgroup in {"wide", "sibling"}
    ]
    return len(wide) <= 1


def _check_length(text: str) -> None:
    if not 0 < len(text) <= LONGEST:
        raise ValueError(f"{len(text):,} characters; write 1 to {LONGEST}")


def _check_cost(expression: str, written: str) -> None:
    """Refuse what may look at more than all pairs of elements.

    Raises:
        ValueError: it names what is refused.
    """
    depth, wide, wide_inside = 0, 0, 0
    for token in _TOKEN.finditer(expression):
        match token.lastgroup:
            case "open":
                depth += 1
                wide_inside = wide_inside if depth > 1 else 0
            case "close":
                depth -= 1
            case "call" if token["call"] not in _FUNCTIONS:
                raise ValueError(f"{written}: the function {token['call']}() is not allowed")
            case "sibling" if depth == 0 or "preceding-sibling" not in token[0]:
                raise ValueError(
                    f"{written}: siblings (+, ~, following::) are not allowed, they take too long "
                    f"on a hostile page; read labelled values with sheet"
                )
            case "root" if depth:
                raise ValueError(f"{written}: a condition may not start at the root")
            case "wide" | "sibling":
                wide += 1
                wide_inside += depth > 0
                if depth > 1 or wide_inside > _MOST_WIDE_INSIDE or wide > _MOST_WIDE:
                    raise ValueError(
                        f"{written}: looks below (or before) every element too often; name the "
                        f"way to it by child (>), class or id"
                    )
