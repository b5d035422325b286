"""README.md and DATASHEET.md of an export, as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import jinja2
import yaml

from pipeline.card.funnel_bars import Funnel, Level
from pipeline.export import wording
from pipeline.export.contents import Contents
from pipeline.export.exported_items import FACTS
from pipeline.export.formats.format import Format

HUMAN_SECTIONS: Final = {
    "Motivation": "For what purpose was the dataset made, by whom, and who paid for it?",
    "Uses": "What is it meant for, what has it been used for, and for what should it not be used?",
}
_OPEN: Final = "> **To be written by a person.** "
_LARGEST_CLASSES: Final = 20
_SECTIONS: Final = ("scrape", "ingest", "dedupe", "watermark", "select", "augment")
_PRIVATE: Final = {"contact", "permission", "folder", "gallery"}
"""Params that name people or places on a disk, or the toy that stands in for a site."""
_SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("pipeline.export"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - Markdown; `_table_cell` quotes what comes from the web
)


def readme(contents: Contents, chosen: Format) -> str:
    """The card: a head for the Hugging Face hub, and what a person asks first."""
    head = yaml.safe_dump(
        _front_matter(contents, chosen),
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
    )
    return _TEMPLATES.get_template("README.md.j2").render(
        **_template_values(contents),
        head=head,
        reading=chosen.reading(contents),
        layout=chosen.layout,
        facts=FACTS,
    )


def datasheet(contents: Contents, funnel: Funnel, written: Mapping[str, str]) -> str:
    """The datasheet; ``written`` has what people wrote into the one that lies there."""
    ranked = sorted(contents.per_class.items(), key=lambda item: (-item[1], item[0]))
    return _TEMPLATES.get_template("DATASHEET.md.j2").render(
        **_template_values(contents),
        motivation=_human("Motivation", written),
        uses=_human("Uses", written),
        kinds=", ".join(contents.kinds),
        largest=[(_table_cell(name), count) for name, count in ranked[:_LARGEST_CLASSES]],
        others=max(0, len(ranked) - _LARGEST_CLASSES),
        collection_process=wording.collection_process(contents),
        funnel=[_step(row) for row in funnel.rows],
        params=_params_yaml(contents.origin.params),
        maintenance=wording.maintenance(contents),
    )


def written_by_people(text: str) -> dict[str, str]:
    """What stands in the two human sections of a datasheet, where it was filled in.

    >>> written_by_people("## Motivation\\n\\nFor Ana's thesis.\\n\\n## Uses\\n\\n")
    {'Motivation': "For Ana's thesis."}
    """
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    bodies = dict(zip(parts[1::2], (body.strip() for body in parts[2::2]), strict=True))
    return {
        name: bodies[name]
        for name in HUMAN_SECTIONS
        if bodies.get(name) and not bodies[name].startswith(_OPEN)
    }


def _human(name: str, written: Mapping[str, str]) -> str:
    return f"## {name}\n\n{written.get(name, _OPEN + HUMAN_SECTIONS[name])}\n"


def _template_values(contents: Contents) -> dict[str, Any]:
    return {
        "contents": contents,
        "title": wording.export_title(contents),
        "warning": wording.any_rights_warning(contents),
        "summary": wording.export_summary(contents),
        "version": wording.version_words(contents),
        "preprocessing": wording.preprocessing(contents),
        "rights": wording.rights_words(contents, _table_cell),
        "refused": wording.labels_words(contents.refused, _table_cell),
    }


def _front_matter(contents: Contents, chosen: Format) -> dict[str, Any]:
    """The YAML block by which the hub and `datasets` know the files, splits and features."""
    return {
        "pretty_name": wording.export_title(contents),
        "license": "other",
        "license_name": "one-label-an-image",
        "license_link": "LICENSES.csv",
        "annotations_creators": ["found"],
        "source_datasets": ["original"],
        "size_categories": [_size_category(contents.pictures)],
        "task_categories": ["unconditional-image-generation"],
        **chosen.hugging_face(contents),
    }


def _size_category(pictures: int) -> str:
    return next((name for limit, name in _SIZES if pictures < limit), "n>1M")


def _step(row: Any) -> tuple[str, str]:
    if isinstance(row, Level):
        return f"**{row.label}**", f"**{row.count:,}**"
    return row.label, f"−{row.count:,}"


def _params_yaml(params: Mapping[str, Any]) -> str:
    shown = {
        section: {key: value for key, value in params[section].items() if key not in _PRIVATE}
        for section in _SECTIONS
        if section in params
    }
    return yaml.safe_dump(shown, sort_keys=True, allow_unicode=True)


def _table_cell(text: str) -> str:
    r"""Text from the web as the cell of a table: it makes no markup.

    >>> print(_table_cell("a|b <i>"))
    a\|b &lt;i>
    """
    return re.sub(r"([\\|`*_\[\]])", r"\\\1", " ".join(text.split())).replace("<", "&lt;")
