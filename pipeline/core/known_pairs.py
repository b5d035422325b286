"""Which images of two collections show the same, as far as their listings tell."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.core import tables
from pipeline.core.errors import ParamsError
from pipeline.core.params.translation import PairedTranslation, Translation
from pipeline.core.paths import Paths, TranslationPaths
from pipeline.core.schema import LISTINGS

_PLACE = ["listing_id", "position"]


def known_pairs(paths: TranslationPaths, params: Translation) -> dict[str, str]:
    """Images of the target by images of the collection, where the params say how to tell.

    Raises:
        TableError: a table of listings is missing or torn.
        ParamsError: no image of the one collection has the id of one of the other.
    """
    if isinstance(params, PairedTranslation) or params.truth is None:
        return {}
    listed, targets = _listed(paths.source), _listed(paths.aim)
    known = by_listing(listed, targets)
    if not known:
        raise ParamsError(
            f"{paths.root / 'params.yaml'}: translations.{paths.name}.truth: no image of "
            f"{params.collection} has the {params.truth} of one of {params.target}"
            f"{_examples(listed, targets)}; give both of a pair one id, or leave truth out "
            f"(nothing is trained anew)"
        )
    return known


def by_listing(a: pa.Table, b: pa.Table) -> dict[str, str]:
    """Image ids of ``b`` by those of ``a`` that stand at the same place of one listing.

    Each table has ``listing_id``, ``position`` and ``image_id``. Where an image stands at several
    places, the one first by listing and position counts.
    """
    beside = a.join(b, _PLACE, join_type="inner", right_suffix="_b")
    ordered = beside.sort_by([(column, "ascending") for column in (*_PLACE, "image_id_b")])
    pairs = zip(ordered["image_id"].to_pylist(), ordered["image_id_b"].to_pylist(), strict=True)
    known: dict[str, str] = {}
    for image, other in pairs:
        known.setdefault(image, other)
    return known


def _examples(*listed: pa.Table) -> str:
    """An id of each, if each has any."""
    ids = [pc.min(each["listing_id"]).as_py() for each in listed]
    return f" (such as {ids[0]!r} and {ids[1]!r})" if None not in ids else ""


def _listed(paths: Paths) -> pa.Table:
    table = tables.read(paths.table("listings"), LISTINGS, [*_PLACE, "image_id"])
    return table.filter(pc.is_valid(table["image_id"]))
