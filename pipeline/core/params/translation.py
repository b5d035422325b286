"""Params of `translate`: pictures from pictures."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pipeline.core.params.train import LoopParams

Task = Literal["edges", "grey", "holes", "border", "small"]


class _Translation(LoopParams):
    collection: Annotated[str, Field(min_length=1)]
    """Of whose curated images inputs are made: those of its split `train`."""
    target: Annotated[str, Field(min_length=1)]
    """The collection that outputs are to be like."""
    resolution: Literal[32, 64, 128, 256] = 64
    """Side of inputs and outputs in pixels."""
    kimg: Annotated[float, Field(gt=0)] = 100.0
    """Thousands of inputs shown in all."""
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    """Step size of Adam, for all networks: larger than the papers' 0.0002, because weights begin
    at 1 and are scaled where they are used."""
    channels: Annotated[int, Field(ge=4, le=256)] = 32
    """Channels of the largest feature maps; each halving of the side doubles them."""
    channels_max: Annotated[int, Field(ge=4, le=1024)] = 256
    """Most channels of any feature maps."""
    patch_halvings: Annotated[int, Field(ge=0, le=5)] = 2
    """How often a discriminator halves its maps before it judges: 0, 1, 2, 3 and 4 halvings judge
    patches of 5, 10, 20, 40 and 80 pixels each by itself."""
    warm_start: str | None = None
    """Where the first weights come from: the path, from the project's root, of a checkpoint of an
    earlier translation of the same sizes. null: from scratch."""

    @model_validator(mode="after")
    def _is_possible(self) -> _Translation:
        if self.resolution >> self.patch_halvings < self.least_map:
            raise ValueError(
                f"patch_halvings: {self.patch_halvings} leave maps of less than {self.least_map} "
                f"pixels at resolution {self.resolution}; write a smaller number"
            )
        if self.warm_start is not None and self.warm_start.startswith("base:"):
            raise ValueError(
                "warm_start: there are no bases for translations; name a checkpoint, or null"
            )
        return self

    @property
    def least_map(self) -> int:
        """Side of the smallest map of a discriminator."""
        return 4


class PairedTranslation(_Translation):
    """Pictures from what is left of them, learnt from pairs (Isola et al. 2017)."""

    title: ClassVar[str] = "U-Net"

    kind: Literal["paired"]
    """Input and picture are of one image, so each output has a truth; `target` is `collection`."""
    task: Task
    """What is made of what. edges: a picture of a drawing; grey: colours of a grey picture; holes:
    what is missing inside; border: what is missing around the middle half; small: four times the
    side."""
    batch: Annotated[int, Field(ge=1)] = 16
    """Pairs in one step."""
    l1_weight: Annotated[float, Field(ge=0)] = 100.0
    """Weight of the mean distance from the truth (section 3.1, equation 4)."""
    adversarial_weight: Annotated[float, Field(ge=0)] = 1.0
    """Weight of what the discriminator says; 0: there is none to ask, and outputs are soft."""

    @model_validator(mode="after")
    def _is_of_one_collection(self) -> PairedTranslation:
        if self.target != self.collection:
            raise ValueError(
                f"target is {self.target!r}, and pairs are made of one collection's images; write "
                f"target: {self.collection}, or kind: unpaired"
            )
        if not self.l1_weight and not self.adversarial_weight:
            raise ValueError(
                "l1_weight and adversarial_weight are both 0, so nothing would be learnt; raise one"
            )
        return self


class UnpairedTranslation(_Translation):
    """Pictures of one collection as if they were of another, and back (Zhu et al. 2017)."""

    title: ClassVar[str] = "pair of U-Nets"

    kind: Literal["unpaired"]
    """Nobody says which picture belongs to which; `target` is another collection."""
    batch: Annotated[int, Field(ge=1)] = 4
    """Pictures of each collection in one step."""
    cycle_weight: Annotated[float, Field(ge=0)] = 3.0
    """Weight of the distance of a picture from what becomes of it there and back again (section
    3.2); 0: outputs need not show what their inputs do. Smaller than the paper's 10: generators
    begin by changing nothing, which this likes best (`tests/benches/translations.py`)."""
    identity_weight: Annotated[float, Field(ge=0)] = 0.5
    """Weight of the change of a picture that is of the other collection already (section 5.2);
    0: it may change. Smaller than the paper's 5 for the same reason."""
    pool: Annotated[int, Field(ge=0, le=1000)] = 50
    """Outputs that are kept to be shown to the discriminators later (Shrivastava et al. 2017,
    section 2.3); 0: they see the latest only."""
    truth: Literal["listing_id"] | None = None
    """How `evaluate-translation` knows which pictures of the two collections show the same:
    listing_id: their listings have one id (of own files: their path, or the id in their table).
    They are measured, never learnt from as pairs. null: nobody knows."""

    @model_validator(mode="after")
    def _is_of_two_collections(self) -> UnpairedTranslation:
        if self.target == self.collection:
            raise ValueError(
                f"target: {self.target} is the collection itself; name another one, or write "
                f"kind: paired"
            )
        return self


Translation = Annotated[PairedTranslation | UnpairedTranslation, Field(discriminator="kind")]
