"""Params of `translate`: pictures from pictures."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pipeline.core.params.train import LoopParams

Task = Literal["edges", "grey", "holes", "border", "small"]


class Translation(LoopParams):
    """Pictures from what is left of them, learnt from pairs (Isola et al. 2017)."""

    title: ClassVar[str] = "U-Net"

    collection: Annotated[str, Field(min_length=1)]
    """Whose curated images are learnt from: those of its split `train`."""
    kind: Literal["paired"]
    """paired: input and picture are of one image, so each output has a truth."""
    task: Task
    """What is made of what. edges: a picture of a drawing; grey: colours of a grey picture; holes:
    what is missing inside; border: what is missing around the middle half; small: four times the
    side."""
    resolution: Literal[32, 64, 128, 256] = 64
    """Side of inputs and outputs in pixels."""
    kimg: Annotated[float, Field(gt=0)] = 100.0
    """Thousands of pairs shown in all."""
    batch: Annotated[int, Field(ge=1)] = 16
    """Pairs in one step."""
    learning_rate: Annotated[float, Field(gt=0)] = 2e-3
    """Step size of Adam, for both networks: larger than the paper's 0.0002, because weights begin
    at 1 and are scaled where they are used."""
    channels: Annotated[int, Field(ge=4, le=256)] = 32
    """Channels of the largest feature maps; each halving of the side doubles them."""
    channels_max: Annotated[int, Field(ge=4, le=1024)] = 256
    """Most channels of any feature maps."""
    patch_halvings: Annotated[int, Field(ge=0, le=5)] = 2
    """How often the discriminator halves its maps before it judges: 0, 1, 2, 3 and 4 halvings judge
    patches of 5, 10, 20, 40 and 80 pixels each by itself (section 3.2.2)."""
    l1_weight: Annotated[float, Field(ge=0)] = 100.0
    """Weight of the mean distance from the truth (section 3.1, equation 4)."""
    adversarial_weight: Annotated[float, Field(ge=0)] = 1.0
    """Weight of what the discriminator says; 0: there is none to ask, and outputs are soft."""
    warm_start: str | None = None
    """Where the first weights come from: the path, from the project's root, of a checkpoint of an
    earlier translation of the same sizes. null: from scratch."""

    @model_validator(mode="after")
    def _is_possible(self) -> Translation:
        if not self.l1_weight and not self.adversarial_weight:
            raise ValueError(
                "l1_weight and adversarial_weight are both 0, so nothing would be learnt; raise one"
            )
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
        """Side of the smallest map of the discriminator."""
        return 4
