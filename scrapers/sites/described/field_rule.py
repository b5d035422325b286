"""A rule of a description: where one value of a page stands, and what is made of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.core.params.base import Section
from scrapers.sites.described import bounded

IMAGE: Final = "::image"
"""The pseudo-element of our own: the best address that an image element names."""


def checked_text(check: Callable[[str], object]) -> AfterValidator:
    """A text that ``check`` passes; what it raises is said of the key."""

    def validate(text: str) -> str:
        check(text)
        return text

    return AfterValidator(validate)


def _check_css(selector: str) -> None:
    bounded.css(selector.removesuffix(IMAGE))


def as_tuple(value: Any) -> Any:
    """What may be written without being put into a list."""
    return value if isinstance(value, tuple) else (value,)


Css = Annotated[str, checked_text(_check_css)]
XPath = Annotated[str, checked_text(bounded.xpath)]
Path = Annotated[str, checked_text(bounded.path)]


def _check_linked(written: str) -> None:
    bounded.path(written)
    if not re.match(r"\w+(?:\.|$)", written):
        raise ValueError(f"json_ld: {written}: begin with a type, as Product.name does")


LinkedPath = Annotated[str, checked_text(_check_linked)]
Regex = Annotated[str, checked_text(bounded.regex)]


class Rewriting(Section):
    """What becomes of a text in which a regex (RE2) matches."""

    re: Regex
    """What is looked for, anywhere in the text."""
    to: str = r"\1"
    """What takes its place; `\\1` is the first group."""

    @model_validator(mode="after")
    def _groups(self) -> Rewriting:
        _check_groups(self.re, self.to)
        return self


class FieldRule(Section):
    """Where one value stands: one of the first nine keys, then what is made of it."""

    css: Css | None = None
    """CSS selector; `::text` and `::attr(name)` as in Scrapy, `::image` for the best address that
    an image names, and without any of them all text below the element. A plain text in place of a
    rule is this, or `path` in JSON."""
    xpath: XPath | None = None
    """XPath 1.0, from the item or the page: begin it with `.//`."""
    path: Path | None = None
    """JSON: JMESPath from the item or the document, such as `images[].url`."""
    json_ld: LinkedPath | None = None
    """JSON-LD: a type, then a JMESPath, such as `Product.brand.name`."""
    meta: str | None = None
    """The `content` of the `<meta>` with this `property`, `name` or `itemprop`."""
    sheet: str | None = None
    """The value with this label in the tables that `sheet` of the part names."""
    field: str | None = None
    """What another field of this part says."""
    address: bool = False
    """true: the address of the page."""
    value: str | None = None
    """This text itself, such as a rights label that holds for the whole site."""
    re: Regex | None = None
    """Then only what this regex (RE2) matches: its first group where it has one. What it does not
    match says nothing, and the next rule is asked."""
    to: str | None = None
    """Then this text, with `\\1` for the first group of `re` and `\\0` for all it matched."""
    split: str | None = None
    """Then several values, parted at this text."""

    @model_validator(mode="after")
    def _one_source(self) -> FieldRule:
        named = [name for name in SOURCES if getattr(self, name) not in (None, False)]
        if len(named) != 1:
            raise ValueError(
                f"a rule has one source, not {' and '.join(named) or 'none'}; write one of "
                f"{', '.join(SOURCES)}"
            )
        if self.to is not None:
            _check_groups(self.re or "", self.to)
        if self.split == "":
            raise ValueError("split: write the text at which values are parted, such as a comma")
        return self

    @cached_property
    def source(self) -> str:
        """Which of the sources it names."""
        return next(name for name in SOURCES if getattr(self, name) not in (None, False))

    def __str__(self) -> str:
        """As people recognise it in the file."""
        source = self.source
        said = "address" if source == "address" else f"{source}: {getattr(self, source)}"
        return said if self.re is None else f"{said}, re: {self.re}"


SOURCES: Final = (
    "css", "xpath", "path", "json_ld", "meta", "sheet", "field", "address", "value",
)  # fmt: skip


def _check_groups(pattern: str, to: str) -> None:
    groups = bounded.regex(pattern).groups if pattern else 0
    if re.search(r"\\(?![0-9])", to):
        raise ValueError("to: a backslash stands before the number of a group, as in \\1")
    named = [int(number) for number in re.findall(r"\\([0-9])", to)]
    if max(named, default=0) > groups:
        raise ValueError(f"to: \\{max(named)} names a group that re does not have")
    if len(to) > bounded.LONGEST:
        raise ValueError(f"to: longer than {bounded.LONGEST} characters")


Rules = Annotated[tuple[FieldRule, ...], BeforeValidator(as_tuple), Field(min_length=1)]
"""The first that answers is believed."""

FieldName = Literal[
    "link", "id", "images",
    "title", "original_title", "creator", "creator_name", "model", "reference", "year_text",
    "style", "genre", "media", "tags", "period", "series", "location", "gallery", "dimensions",
    "width_px", "height_px", "price", "currency", "condition", "seller", "rights", "description",
]  # fmt: skip


class SheetRule(Section):
    """Tables of labels and values."""

    rows: Css | None = None
    """CSS of one row; with `label` and `value` below it."""
    label: Css = "th"
    """CSS of the label in a row."""
    value: Css = "td"
    """CSS of the value in a row."""
    list: Css | None = None
    """CSS of lists (`dl`) whose terms (`dt`) are the labels of what follows (`dd`)."""
    path: Path | None = None
    """JSON: JMESPath of an object whose keys are the labels."""

    @model_validator(mode="after")
    def _one_kind(self) -> SheetRule:
        if sum(each is not None for each in (self.rows, self.list, self.path)) != 1:
            raise ValueError("name one of rows, list and path")
        return self
