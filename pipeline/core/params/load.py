"""Reading params.yaml: every problem at once, each with its path and a suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.core.errors import ParamsError, nearest
from pipeline.core.params.augment import Augment
from pipeline.core.params.base import Section, as_tuples
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.enhance import Enhance
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.params.file import (
    check_collection,
    check_translation,
    collection_names,
    content,
    translations_in,
)
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.parse import Parse
from pipeline.core.params.problems import problem_sentence
from pipeline.core.params.report import Report
from pipeline.core.params.scrape import Scrape
from pipeline.core.params.select import Select
from pipeline.core.params.train import Train
from pipeline.core.params.translation import Translation
from pipeline.core.params.watermark_estimation import Watermark
from pipeline.core.sites import OWN_FOLDER


class Collection(Section):
    """All sections of one collection, none left out: DVC tracks only what the file names."""

    scrape: Scrape
    parse: Parse
    ingest: Ingest
    dedupe: Dedupe
    watermark: Watermark
    select: Select
    augment: Augment
    train: Train
    evaluate: Evaluate
    enhance: Enhance
    report: Report

    @model_validator(mode="after")
    def _pixels_are_stored(self) -> Collection:
        largest = max(self.ingest.sizes)
        if self.train.resolution > largest:
            raise ValueError(
                f"train.resolution is {self.train.resolution}, and the largest of ingest.sizes is "
                f"{largest}; lower the one or add to the other (64 and 256 can be stored)"
            )
        return self


ENDS: Final = ("collection", "target")
"""The keys of a translation that name the collections of its inputs and of its outputs."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Params(BaseModel):
    """The whole of params.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    descriptions: Annotated[str, Field(min_length=1)] = OWN_FOLDER
    """The folder of your own descriptions of sites, below the project's; dvc.yaml names it, too."""
    collections: Annotated[dict[Name, Collection], Field(min_length=1)]
    translations: dict[Name, Translation] = {}
    """Networks that make pictures of a collection from others."""

    def collection(self, name: str) -> Collection:
        """The collection of that name.

        Raises:
            UsageError: there is none; the sentence names those that exist.
        """
        check_collection(name, self.collections)
        return self.collections[name]


def load_params(
    path: Path,
    instead: Mapping[tuple[str, ...], Any] | None = None,
    *,
    only: str | None = None,
) -> Params:
    """Read and check ``path``, with values that stand ``instead`` of those at some keys.

    With ``only`` the name of a collection, the others are left unread: a mistake in one does not
    stop the work on another.

    Raises:
        UsageError: there is no collection ``only``.
        ParamsError: the file is missing or not YAML, or at least one value is wrong; all that is
            wrong is named.
    """
    try:
        params = content(path)
        for place, value in (instead or {}).items():
            params = _with(params, place, value)
        checked = Params.model_validate(as_tuples(params if only is None else _part(params, only)))
    except ValidationError as error:
        problems = [problem_sentence(Params, detail) for detail in error.errors()]
        raise ParamsError("\n".join(f"{path}: {problem}" for problem in problems)) from error
    problems = [each for name in checked.translations for each in _misfits(checked, name)]
    if problems:
        raise ParamsError("\n".join(f"{path}: {problem}" for problem in problems))
    return checked


def load_translation(path: Path, name: str) -> Translation:
    """Read and check one translation and its collections; all else is left unread.

    Raises:
        UsageError: there is none of that name.
        ParamsError: the file is missing or not YAML, or a value is wrong.
    """
    params = content(path)
    translations = translations_in(params)
    check_translation(name, translations)
    section = translations[name]
    ends = [section.get(key) for key in ENDS] if isinstance(section, dict) else []
    collections = params.get("collections")
    known = collections if isinstance(collections, dict) else {}
    are_known = bool(ends) and all(end in known for end in ends if isinstance(end, str))
    kept = {each: known[each] for each in known if each in (*ends, name)} if are_known else known
    part = {**params, "translations": {name: section}, "collections": kept}
    try:
        checked = Params.model_validate(as_tuples(part))
    except ValidationError as error:
        problems = [problem_sentence(Params, detail) for detail in error.errors()]
        raise ParamsError("\n".join(f"{path}: {problem}" for problem in problems)) from error
    problems = list(_misfits(checked, name))
    if problems:
        raise ParamsError("\n".join(f"{path}: {problem}" for problem in problems))
    return checked.translations[name]


def check_translations(path: Path, collection: str) -> None:
    """Check the translations of ``collection``, and those of collections that there are not.

    One between two collections is checked with the one that its inputs are of.

    Raises:
        ParamsError: a value is wrong; all that is wrong is named.
    """
    params = content(path)
    collections = params.get("collections") if isinstance(params, dict) else None
    others = set(map(str, collections or ())) - {collection}
    problems: list[str] = []
    for name, section in translations_in(params).items():
        if isinstance(section, dict) and section.get("collection") in others:
            continue
        try:
            load_translation(path, str(name))
        except ParamsError as error:
            problems += str(error).splitlines()
    if problems:
        raise ParamsError("\n".join(problems))


def load_usable_translations(path: Path) -> tuple[dict[str, Translation], list[str]]:
    """The translations whose block is right, by name, and what is wrong with the others.

    Raises:
        ParamsError: the file is missing or not YAML.
    """
    usable: dict[str, Translation] = {}
    problems: list[str] = []
    for name in translations_in(content(path)):
        try:
            usable[str(name)] = load_translation(path, str(name))
        except ParamsError as error:
            problems += str(error).splitlines()
    return usable, problems


def _misfits(params: Params, name: str) -> Iterator[str]:
    """What is wrong between a translation and the collections."""
    translation, place = params.translations[name], f"translations.{name}"
    if name in params.collections:
        yield f"{place}: a collection has this name, too; give the translation another one"
    for collection, end in {getattr(translation, end): end for end in ENDS[::-1]}.items():
        if collection not in params.collections:
            known = ", ".join(params.collections)
            yield (
                f"{place}.{end}: there is no collection {collection!r}"
                f"{nearest(collection, params.collections)}; there are: {known}"
            )
            continue
        largest = max(params.collections[collection].ingest.sizes)
        if translation.resolution > largest:
            yield (
                f"{place}.resolution is {translation.resolution}, and the largest of ingest.sizes "
                f"of {collection} is {largest}; lower the one or add to the other (64 and 256 can "
                f"be stored)"
            )


def load_usable(path: Path) -> tuple[dict[str, Collection], list[str]]:
    """The collections whose block is right, by name, and what is wrong with the others.

    Raises:
        ParamsError: the file is missing, not YAML, or names no collection.
    """
    usable: dict[str, Collection] = {}
    problems: list[str] = []
    for name in collection_names(path):
        try:
            usable[name] = load_params(path, only=name).collection(name)
        except ParamsError as error:
            problems += str(error).splitlines()
    return usable, problems


def _part(params: Any, name: str) -> Any:
    """``params`` with no other collection than that of ``name``, where they have collections."""
    collections = params.get("collections") if isinstance(params, dict) else None
    if not isinstance(collections, dict) or not collections:
        return params
    check_collection(name, map(str, collections))
    return {**params, "collections": {name: collections[name]}, "translations": {}}


def _with(section: Any, place: tuple[str, ...], value: Any) -> Any:
    """``section`` with ``value`` at ``place``, where the sections on the way are there."""
    if not place:
        return value
    inner = section.get(place[0]) if isinstance(section, dict) else None
    return (
        {**section, place[0]: _with(inner, place[1:], value)}
        if isinstance(section, dict)
        else section
    )
