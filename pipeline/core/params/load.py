"""Reading params.yaml: every problem at once, each with its path and a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from pipeline.core.errors import ParamsError, UsageError
from pipeline.core.params.augment import Augment
from pipeline.core.params.base import Section
from pipeline.core.params.dedupe import Dedupe
from pipeline.core.params.enhance import Enhance
from pipeline.core.params.evaluate import Evaluate
from pipeline.core.params.ingest import Ingest
from pipeline.core.params.report import Report
from pipeline.core.params.scrape import Scrape
from pipeline.core.params.select import Select
from pipeline.core.params.train import DcganTrain, ProganTrain, Train
from pipeline.core.params.watermark import Watermark


class Collection(Section):
    """All sections of one collection; a stage without settings has none."""

    scrape: Scrape
    ingest: Ingest = Ingest()
    dedupe: Dedupe = Dedupe()
    watermark: Watermark = Watermark()
    select: Select = Select()
    augment: Augment = Augment()
    train: Train
    evaluate: Evaluate = Evaluate()
    enhance: Enhance = Enhance()
    report: Report = Report()


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
        if name not in self.collections:
            nearest = _nearest(name, self.collections)
            raise UsageError(
                f"no collection {name!r} in params.yaml{nearest}; "
                f"there are: {', '.join(self.collections)}"
            )
        return self.collections[name]


def load(path: Path) -> Params:
    """Read and check ``path``.

    Raises:
        ParamsError: the file is missing or not YAML, or at least one value is wrong; all that is
            wrong is named.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe loader
    except FileNotFoundError as error:
        raise ParamsError(f"{path}: missing; start from one of recipes/") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    try:
        return Params.model_validate(_tuples(content))
    except ValidationError as error:
        problems = [_sentence(content, detail) for detail in error.errors()]
        raise ParamsError("\n".join(f"{path}: {problem}" for problem in problems)) from error


class _Loader(yaml.CSafeLoader):
    """YAML as plain values: a bare date stays text, as DVC wants it."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _tuples(value: Any) -> Any:
    """YAML has lists where the frozen sections have tuples."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


_TAGS = {"dcgan": DcganTrain, "progan": ProganTrain}


def _sentence(content: Any, detail: ErrorDetails) -> str:
    place = [part for part in detail["loc"] if part != "[key]"]
    if "train" in place[:-1]:  # pydantic names the variant of a union; the file does not
        place = [
            part for i, part in enumerate(place) if not (part in _TAGS and place[i - 1] == "train")
        ]
    dotted = ".".join(str(part) for part in place)
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        return f"{dotted}: there is no such key{_nearest(str(place[-1]), _known_keys(content, place[:-1]))}"
    if detail["type"] == "missing":
        return f"{dotted}: missing"
    if detail["type"] == "union_tag_not_found":
        return f"{dotted}.model: missing; one of {', '.join(_TAGS)}"
    shown = detail["input"]
    is_small = isinstance(shown, str | int | float | bool) or shown is None
    return f"{dotted}: {message}" + (f", not {shown!r}" if is_small else "")


def _known_keys(content: Any, place: list[Any]) -> list[str]:
    model: Any = Params
    for depth, part in enumerate(place):
        if depth == 0 and part == "collections":
            continue
        if model is Params:
            model = Collection
        elif part == "train":
            model = _TAGS.get(_value_at(content, [*place[: depth + 1], "model"]), DcganTrain)
        elif part == "gallery":
            model = type(Scrape.model_fields["gallery"].default)
        else:
            model = Collection.model_fields[str(part)].annotation
    return list(model.model_fields)


def _value_at(content: Any, place: list[Any]) -> Any:
    for part in place:
        content = content.get(part) if isinstance(content, Mapping) else None
    return content


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""
