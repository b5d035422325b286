"""params.yaml as it stands in the file: its content, and which collections it names.

Stages that no param changes need no more than this, and start twice as fast for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.core.errors import ParamsError, UsageError, nearest

NO_COLLECTION = "collections: none is named; copy the block of one from recipes/"


def content(path: Path) -> Any:
    """What ``path`` holds, unchecked.

    Raises:
        ParamsError: the file is missing or not YAML.
    """
    try:
        return yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except FileNotFoundError as error:
        raise ParamsError(f"{path}: missing; start from one of recipes/") from error
    except (yaml.YAMLError, ValueError) as error:  # such as 2026-13-01, or bytes that are no text
        raise ParamsError(f"{path}: not YAML: {' '.join(str(error).split())}") from error


def collection_names(path: Path) -> list[str]:
    """The collections that ``path`` names, in its order.

    Raises:
        ParamsError: the file is missing, not YAML, or has no block of collections.
    """
    params = content(path)
    collections = params.get("collections") if isinstance(params, dict) else None
    if not isinstance(collections, dict) or not collections:
        raise ParamsError(f"{path}: {NO_COLLECTION}")
    return [str(name) for name in collections]


def translations_in(params: Any) -> dict[str, Any]:
    """The translations among the ``content`` of a file, by name; most files have none."""
    translations = params.get("translations") if isinstance(params, dict) else None
    return translations if isinstance(translations, dict) else {}


def check_translation(name: str, known: Iterable[str]) -> None:
    """Refuse a translation that is not among those ``known``.

    Raises:
        UsageError: there is none of that name; the sentence names those that exist.
    """
    known = list(map(str, known))
    if name not in known:
        there_are = f"there are: {', '.join(known)}" if known else "there is none"
        raise UsageError(
            f"no translation {name!r} in params.yaml{nearest(name, known)}; {there_are}"
        )


def check_collection(name: str, known: Iterable[str]) -> None:
    """Refuse a collection that is not among those ``known``.

    Raises:
        UsageError: there is none of that name; the sentence names those that exist.
    """
    known = list(known)
    if name not in known:
        raise UsageError(
            f"no collection {name!r} in params.yaml{nearest(name, known)}; "
            f"there are: {', '.join(known)}"
        )


def leaves(tree: Any, name: str) -> dict[str, Any]:
    """The values of a section by dotted name.

    >>> leaves({"sizes": [64], "gallery": {"size": 60}}, "scrape")
    {'scrape.sizes': [64], 'scrape.gallery.size': 60}
    """
    if not isinstance(tree, Mapping):
        return {name: tree}
    return {
        place: value
        for key, inner in tree.items()
        for place, value in leaves(inner, f"{name}.{key}").items()
    }
