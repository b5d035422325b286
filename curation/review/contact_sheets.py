"""What is culled, item by item: the images of a collection, or the variants of those that stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.decisions.list_syntax import TargetKind
from curation.review.collection import NONE, FacetColumn, Integers, ReviewCollection
from curation.review.decision_status import DecisionStatus
from curation.review.scores import RuleScore
from pipeline.core.transforms import SYMMETRIES

_OF_IMAGES = frozenset({TargetKind.IMAGE, TargetKind.LISTING, TargetKind.CREATOR, TargetKind.GROUP})


class ContactSheet:
    """Items with their facets, numbers and statuses; here every item is an image."""

    kinds = _OF_IMAGES

    def __init__(self, collection: ReviewCollection) -> None:
        """Take the items of ``collection``; nothing is decided yet."""
        self.collection = collection
        self.statuses = DecisionStatus(self, collection.index, self.kinds)

    def __len__(self) -> int:
        return len(self.collection)

    @cached_property
    def owner(self) -> Integers:
        """The row of each item's image."""
        return np.arange(len(self.collection))

    @cached_property
    def table(self) -> pa.Table:
        """The decisions of the stages: status and reason of each item."""
        return self.collection.selection

    @cached_property
    def fixed_facets(self) -> dict[str, FacetColumn]:
        """Facets that no decision changes."""
        listings, images = self.collection.listings, self.collection.images
        return {
            "status": FacetColumn.of(self.table["status"]),
            "reason": FacetColumn.of(self.table["reason"]),
            "source": FacetColumn.of(listings["source"]).take(self.owner),
            "creator": FacetColumn.of(listings["creator"]).take(self.owner),
            "capture": FacetColumn.of(images["capture"]).take(self.owner),
        }

    @property
    def facets(self) -> dict[str, FacetColumn]:
        """All facets, as of now."""
        return {"decided": self.statuses.decided(), "by": self.statuses.by()} | self.fixed_facets

    @cached_property
    def scores(self) -> dict[str, RuleScore]:
        """The numbers of the rules, item by item."""
        return {
            name: RuleScore(score.value[self.owner], score.threshold, score.low_is_worse)
            for name, score in self.collection.scores.items()
        }

    @cached_property
    def doubt(self) -> npt.NDArray[np.float64]:
        """How near each item is to the threshold that decides about it; infinite where none does.

        For an item that a rule rejects that is this rule's, else the nearest of all.
        """
        doubts = {name: doubt.doubt for name, doubt in self.scores.items()}
        nearest = np.full(len(self), np.inf)
        for doubt in doubts.values():
            nearest = np.minimum(nearest, doubt)
        reason = self.fixed_facets["reason"]
        for code, name in enumerate(reason.names):
            mine = reason.codes == code
            nearest[mine] = doubts[name][mine] if name in doubts else np.inf
        return nearest

    def matches(self, words: str) -> npt.NDArray[np.bool_]:
        """Items whose title, creator or id holds ``words``."""
        has_words = pc.match_substring(self.collection.searched, words, ignore_case=True)
        mask: npt.NDArray[np.bool_] = has_words.to_numpy(zero_copy_only=False)
        return mask[self.owner]

    def key(self, place: int) -> str:
        """What a list calls the item."""
        return self.collection.image_id(place)

    def find(self, keys: Sequence[str]) -> Integers:
        """The place of each key, -1 where there is none."""
        return self.collection.rows(keys)

    def of_group(self, image_id: str) -> Iterable[str]:
        """The members of an image's duplicate group, or the image alone."""
        row = self.collection.row(image_id)
        group = None if row is None else self.collection.selection["group"][row].as_py()
        if group is None:
            return [] if row is None else [image_id]
        mask = pc.equal(self.collection.selection["group"], group)
        members: list[str] = self.collection.id_column.filter(mask.combine_chunks()).to_pylist()
        return members


class VariantContactSheet(ContactSheet):
    """The variants of the images that stay, for the second round."""

    kinds = frozenset({TargetKind.VARIANT})

    def __len__(self) -> int:
        return int(self.collection.variants.num_rows)

    @cached_property
    def owner(self) -> Integers:
        """The row of each variant's image."""
        return self.collection.variant_rows

    @cached_property
    def table(self) -> pa.Table:
        """The decisions of `augment`."""
        return self.collection.variants

    @cached_property
    def fixed_facets(self) -> dict[str, FacetColumn]:
        """Facets that no decision changes."""
        return {
            "transform": FacetColumn.of(self.table["transform"]),
            "split": FacetColumn.of(self.table["split"]),
        } | super().fixed_facets

    @cached_property
    def _variant_codes(self) -> Integers:
        """Row of the image and symmetry as one number, which identifies a variant."""
        facet = self.fixed_facets["transform"]
        symmetry = np.array([SYMMETRIES.index(name) for name in facet.names], np.int64)
        return self.owner * len(SYMMETRIES) + (symmetry[facet.codes] if len(symmetry) else 0)

    @cached_property
    def _by_code(self) -> Integers:
        return np.argsort(self._variant_codes, kind="stable")

    def key(self, place: int) -> str:
        """What a list calls the variant."""
        facet = self.fixed_facets["transform"]
        image_id = self.collection.image_id(int(self.owner[place]))
        return f"{image_id}/{facet.names[facet.codes[place]]}"

    def find(self, keys: Sequence[str]) -> Integers:
        """The place of each key, -1 where there is none."""
        parts = [key.partition("/") for key in keys]
        rows = self.collection.rows([image_id for image_id, _, _ in parts])
        symmetries = [
            SYMMETRIES.index(symmetry) if symmetry in SYMMETRIES else NONE for *_, symmetry in parts
        ]
        asked_codes = np.where(
            rows == NONE, NONE, rows * len(SYMMETRIES) + np.array(symmetries, int)
        )
        ordered = self._variant_codes[self._by_code]
        if not len(ordered):
            return np.full(len(keys), NONE)
        place = np.searchsorted(ordered, asked_codes).clip(max=len(ordered) - 1)
        return np.where(ordered[place] == asked_codes, self._by_code[place], NONE)

    def of_group(self, image_id: str) -> Iterable[str]:  # noqa: ARG002 - part of the protocol
        """Nothing: no list names a group of variants."""
        return []
