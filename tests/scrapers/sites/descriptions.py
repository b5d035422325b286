"""Descriptions for tests: the three that come along, changed in one place, or small ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipeline.core.sites import DESCRIPTIONS
from scrapers.sites.described.load_description import described
from scrapers.sites.described.records import Described


@cache
def named(name: str, right: str = "", wrong: str = "") -> Described:
    """A description that comes along, with one text of its file replaced."""
    text = (DESCRIPTIONS / f"{name}.yaml").read_text(encoding="utf-8")
    assert right in text
    return made(yaml.safe_load(text.replace(right, wrong) if right else text), name)


def made(written: Any, name: str = "shop") -> Described:
    file = f"{name}.yaml"
    return Described(name, file, described(written, Path(file)))


def small(**listing: Any) -> dict[str, Any]:
    """As much as a description must say."""
    fields = {"link": "a::attr(href)", "images": "img::image"}
    start = "https://www.shop.example/all"
    return {
        "title": "Shop",
        "hosts": ["shop.example"],
        "listing": {"start": start, "item": "li", "fields": fields, **listing},
    }
