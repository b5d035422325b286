"""Reading params.yaml: every problem at once, each with its path and a suggestion."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.core.errors import ParamsError
from pipeline.core.params.augment import Augment
from pipeline.core.params.base import Section
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.enhance import Enhance
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.params.file import check_collection, content
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.parse import Parse
from pipeline.core.params.problems import sentence
from pipeline.core.params.report import Report
from pipeline.core.params.scrape import Scrape
from pipeline.core.params.select import Select
from pipeline.core.params.train import Train
from pipeline.core.params.watermark import Watermark


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


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Params(BaseModel):
    """The whole of params.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    collections: Annotated[dict[Name, Collection], Field(min_length=1)]

    def collection(self, name: str) -> Collection:
        """The collection of that name.

        Raises:
            UsageError: there is none; the sentence names those that exist.
        """
        check_collection(name, self.collections)
        return self.collections[name]


def load(path: Path, instead: Mapping[tuple[str, ...], Any] | None = None) -> Params:
    """Read and check ``path``, with values that stand ``instead`` of those at some keys.

    Raises:
        ParamsError: the file is missing or not YAML, or at least one value is wrong; all that is
            wrong is named.
    """
    try:
        found = content(path)
        for place, value in (instead or {}).items():
            found = _with(found, place, value)
        return Params.model_validate(_tuples(found))
    except ValidationError as error:
        problems = [sentence(Params, detail) for detail in error.errors()]
        raise ParamsError("\n".join(f"{path}: {problem}" for problem in problems)) from error


def _with(found: Any, place: tuple[str, ...], value: Any) -> Any:
    """``found`` with ``value`` at ``place``, where the sections on the way are there."""
    if not place:
        return value
    inner = found.get(place[0]) if isinstance(found, dict) else None
    return {**found, place[0]: _with(inner, place[1:], value)} if isinstance(found, dict) else found


def _tuples(value: Any) -> Any:
    """YAML has lists where the frozen sections have tuples."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
