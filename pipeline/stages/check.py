"""Stage `check`: every param of a collection is right, before any other stage starts.

DVC removes a stage's outputs before it runs the stage. So a misspelt param has to be told before:
`parse` and `ingest`, and with them all that follows, depend on what this stage writes, and it
always writes the same.
"""

from __future__ import annotations

from pipeline.core.files import write_bytes
from pipeline.core.params.load import check_translations, load_params
from pipeline.core.paths import Paths
from train.bases.base_catalogue import base_of


def run(paths: Paths) -> None:
    """Read every section of the collection and of its translations, and write one line.

    Raises:
        ParamsError: a value is wrong; all that is wrong is named.
    """
    params = load_params(paths.root / "params.yaml", only=paths.collection)
    base_of(params.collections[paths.collection].train)
    check_translations(paths.root / "params.yaml", paths.collection)
    write_bytes(paths.checked, f"{paths.collection}: every param is right\n".encode())
