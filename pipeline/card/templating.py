"""How pages in the style of the card are put together: templates, filters, one style sheet."""

from __future__ import annotations

from importlib.resources import files

import jinja2
from markupsafe import Markup

from pipeline.card import formatting

STYLES = (("pipeline.core.styles", "palette.css"), ("pipeline.card.templates", "card.css"))


def environment(*packages: str) -> jinja2.Environment:
    """Templates of ``packages`` and of the card; every text is escaped, a missing one an error."""
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([*map(jinja2.PackageLoader, (*packages, "pipeline.card"))]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = formatting.number
    environment.filters["setting"] = formatting.setting
    environment.filters["signed"] = formatting.signed
    environment.filters["share"] = formatting.share
    environment.filters["counted"] = formatting.counted
    return environment


def stylesheet(*more: tuple[str, str]) -> Markup:
    """The card's styles and ``more`` of them, each as the package and name of its file."""
    sheets = (*STYLES, *more)
    css = "\n".join(files(package).joinpath(name).read_text("utf-8") for package, name in sheets)
    return Markup(css)  # noqa: S704 - files of this project
