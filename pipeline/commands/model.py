"""`salon model`: what a model file says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from train.export.model_description import Description

_SUFFIX = ".safetensors"
_ID_DIGITS = 16
_WHEN = frozenset({"images", "step", "steps", "resolution", "fade"})
"""Columns of the history that say when, not what was measured."""


@click.command("model")
@click.argument("model")
@click.option("--json", "as_json", is_flag=True, help="Print all that the file says as JSON.")
def model(model: str, as_json: bool) -> None:
    """Tell what a trained model is: data, params, results, and the rights of what it saw.

    MODEL is a collection, a translation, or a file *.safetensors that somebody gave you.

    \b
    Example:
      salon model paintings
      salon model downloads/generator.safetensors --json
    """
    # Imported here: a help page should not wait for pyarrow.
    from pipeline.commands.captures import printable
    from train.export.model_description import read_model_description

    path = file_of(model)
    description = read_model_description(path)
    if as_json:
        click.echo(description.model_dump_json(indent=2))
        return
    click.echo(printable(f"{description.collection}: {path}"))
    for name, words in facts(description).items():
        click.echo(printable(f"  {name:<12}{words}"))


def file_of(model: str) -> Path:
    """The model file that ``model`` names: itself a file, the collection's or the translation's.

    Raises:
        UsageError: it is neither a file of models nor named in params.yaml.
    """
    from pipeline.core.params.file import (
        check_collection,
        collection_names,
        content,
        translations_in,
    )
    from pipeline.core.paths import Paths, TranslationPaths
    from train.export.model_description import WEIGHTS

    if model.endswith(_SUFFIX):
        return Path(model)
    root = Path.cwd()
    params = root / "params.yaml"
    if model in translations_in(content(params)):
        return (TranslationPaths(root, model, "", "").model / WEIGHTS).relative_to(root)
    check_collection(model, collection_names(params))
    return (Paths(root, model).model / WEIGHTS).relative_to(root)


def facts(description: Description) -> dict[str, str]:
    """What a description says, in words, by what it is about."""
    params, data, compute, results = (
        description.params,
        description.data,
        description.compute,
        description.results,
    )
    rights = (f"{label} ({count:,} images)" for label, count in data.rights.items())
    classes = (f"{name} ({count:,} variants)" for name, count in description.classes.items())
    return {
        "made by": f"salon {description.salon}, torch {compute.get('torch')} "
        f"on {compute.get('device')}",
        "network": _network(params, description.parameters.get("generator", 0)),
        "training": f"{description.fingerprint}: {description.images_seen:,} images shown in "
        f"{description.steps:,} steps, seed {params.get('seed')}",
        "data": f"{data.sha256[:_ID_DIGITS]}: {data.variants:,} variants of {data.images:,} "
        f"images, captured {', '.join(data.captures)}",
        "rights": f"{', '.join(rights)}; the sites' labels, to be checked before you share this "
        "model or what it draws",
        **({"classes": ", ".join(classes)} if description.classes else {}),
        **({"drawn of": _condition_words(description.condition)} if description.condition else {}),
        "losses": _measured(results.losses),
        "samples": _measured(results.sample_metrics),
        "health": f"{results.findings or 'no'} findings of the monitor",
        "evaluation": f"{results.evaluation} in its project",
    }


def _network(params: Mapping[str, Any], parameters: int) -> str:
    at = f"at {params.get('resolution')} px"
    if "kind" in params:
        of = params.get("task", "there and back")
        return f"{params['kind']} translation, {of} {at}, {parameters:,} parameters"
    return (
        f"{params.get('model')} {at}, latents of {params.get('latent')}, {parameters:,} parameters"
    )


def _condition_words(condition: Mapping[str, Any]) -> str:
    """What `salon generate` takes by `--set` or `--text`, or the kind of another condition."""
    from train.conditions.data_sheet import Numbers, read_sheet

    if condition.get("kind") == "text":
        return f"captions by {condition.get('caption')!r}; `make text` installs what --text needs"
    if condition.get("kind") != "sheet":
        return str(condition.get("kind"))
    return "; ".join(
        f"{each.column}: {each.least:g} to {each.most:g} {each.unit}".strip()
        if isinstance(each, Numbers)
        else f"{each.column}: {', '.join(label for label in each.labels if label)}"
        for each in read_sheet(dict(condition)).columns
    )


def _measured(numbers: Mapping[str, float]) -> str:
    kept = {name: value for name, value in numbers.items() if name not in _WHEN}
    return ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in kept.items())
