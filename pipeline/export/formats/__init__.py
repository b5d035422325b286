"""The formats by name, each where it is defined: adding one is a module here and a line below.

A module is imported when its format is asked for: a help page should not wait for pyarrow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pipeline.export.formats.format import Format

FORMATS: Final = {
    "folder": "pipeline.export.formats.folder:Folder",
    "webdataset": "pipeline.export.formats.webdataset:WebDataset",
    "stylegan": "pipeline.export.formats.stylegan:StyleGan",
    "parquet": "pipeline.export.formats.parquet:Parquet",
}
SIZES: Final = ("original", "256", "64")
"""What can be exported: images as they were fetched, or squares of so many pixels."""


def format_of(name: str) -> Format:
    """The format of that name."""
    module, attribute = FORMATS[name].split(":")
    made: Format = getattr(importlib.import_module(module), attribute)()
    return made
