"""Stage `select`: which images stay, and why each other one does not."""

from __future__ import annotations

from typing import Any

from curation.selection.decide import select
from curation.selection.funnel import funnel
from curation.selection.inputs import read_inputs
from curation.selection.labels import unmatched_names
from pipeline.core import tables
from pipeline.core.files import write_json
from pipeline.core.log import say
from pipeline.core.params.select import Select
from pipeline.core.paths import Paths
from pipeline.core.schema import SELECTION


def run(paths: Paths, params: Select) -> None:
    """Write SELECTION and funnel.json.

    Raises:
        ParamsError: no listing has any of the rights labels that may pass.
        ListsError: entries about one duplicate group contradict each other.
        TableError: a table is missing or torn, or the tables do not fit together.
    """
    inputs = read_inputs(paths)
    for sentence in unmatched_names(inputs, params):
        say(f"warning: {sentence}")
    selection = select(inputs, params)
    counted = funnel(inputs.listed, selection)
    tables.write(paths.table("selection"), SELECTION, selection)
    write_json(paths.funnel, counted)
    say(f"select {paths.collection}: {_sentence(counted)}")


def _sentence(counted: dict[str, Any]) -> str:
    rejected = ", ".join(f"{count} {reason}" for reason, count in counted["rejected"].items())
    return f"{counted['images']} images = {counted['kept']} kept" + (
        f" + {sum(counted['rejected'].values())} rejected ({rejected})" if rejected else ""
    )
