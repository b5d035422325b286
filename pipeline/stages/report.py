"""Stage `report`: tables, samples and results to the data card, one self-contained page."""

from __future__ import annotations

from pipeline.card import data_card
from pipeline.core.files import write_bytes
from pipeline.core.log import say
from pipeline.core.params.report import Report
from pipeline.core.paths import Paths


def run(paths: Paths, params: Report) -> None:
    """Write the data card of one collection.

    Raises:
        TableError: a table or a file of results is missing or torn.
        StorageError: the disk is full or the page cannot be written.
    """
    card = data_card.write_card(paths, params)
    html = data_card.render(card).encode()
    write_bytes(paths.report, html)
    say(
        f"report {paths.collection}: {paths.report}, {len(html) / 1e6:.1f} MB; "
        f"{card.kept_count:,} images kept of {card.summary.image_count:,}"
    )
