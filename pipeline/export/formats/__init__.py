"""The formats by name: adding one is a module here and a line below."""

from __future__ import annotations

from typing import Final

from pipeline.export.formats.folder import Folder
from pipeline.export.formats.format import Format
from pipeline.export.formats.parquet import Parquet
from pipeline.export.formats.stylegan import StyleGan
from pipeline.export.formats.webdataset import WebDataset

FORMATS: Final[dict[str, Format]] = {
    each.name: each for each in (Folder(), WebDataset(), StyleGan(), Parquet())
}
