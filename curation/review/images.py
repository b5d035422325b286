"""Which picture an address means: by known ids and names only, never by a path."""

from __future__ import annotations

from curation.review.desk import Desk, Opened
from curation.review.pictures import Picture, as_png, overlays, sizes, square, stencil
from curation.review.training import samples, training
from pipeline.core.ids import IMAGE_ID
from pipeline.core.symmetries import SYMMETRIES, Symmetry


def picture(
    desk: Desk, collection: str, kind: str, name: str, symmetry: str = "identity"
) -> tuple[Picture | None, bool]:
    """The picture, and whether it can never change; None where there is none.

    ``kind`` is ``thumbnail``, ``original``, a size in pixels, ``overlay`` or ``sample``.
    """
    opened = desk.open(collection)
    if kind == "overlay":
        path = overlays(opened.collection.paths).get(name)
        return (stencil(path) if path else None), False
    if kind == "sample":
        return _sample(opened, name), False
    row = opened.collection.row(name) if IMAGE_ID.fullmatch(name) else None
    if row is None or symmetry not in SYMMETRIES:
        return None, False
    if kind == "thumbnail":
        return desk.pictures.thumbnail(opened.collection, row), True
    if kind == "original":
        return desk.pictures.original(opened.collection, row), True
    known = {str(size): size for size in sizes(opened.collection.paths)}
    if kind not in known:
        return None, False
    return square(opened.collection, row, known[kind], Symmetry(symmetry)), False


def _sample(opened: Opened, name: str) -> Picture | None:
    drawn = samples(training(opened.collection.paths))
    return as_png(drawn[int(name)]) if name.isdecimal() and int(name) < len(drawn) else None
