"""Condition ``text``: an image's caption, as the vector that MiniLM makes of it.

Vectors of captions by one template lie close together (cosines of .5 to .9), so their mean is taken
off and what is left is scaled to numbers about 1: networks would see little but what all share. A
text that a user asks for goes the same way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.core import log
from pipeline.core.caption_template import template_of
from pipeline.core.errors import TrainingError, UsageError
from pipeline.core.params.train import ResidualTrain
from pipeline.core.schema import Split
from train.conditions.vectors import Conditioned, Floats
from train.text import minilm
from train.text.captions import captions_of
from train.text.embeddings import embeddings_of, path_in

_DIMENSIONS: Final = minilm.DIMENSIONS


class Words(BaseModel):
    """How texts become what a model is drawn of."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    caption: str
    """The template by which the captions were made that it was shown."""
    encoder: str
    mean: Annotated[tuple[float, ...], Field(min_length=_DIMENSIONS, max_length=_DIMENSIONS)]
    """Of the embeddings of the images that it was shown."""
    scale: Annotated[float, Field(gt=0)]

    def vectors(self, embeddings: Floats) -> Floats:
        """What networks are given for ``embeddings`` (n, 384): (n, 384)."""
        scaled: Floats = (embeddings - np.array(self.mean, np.float32)) * np.float32(self.scale)
        return scaled

    def asked(self, texts: Sequence[str]) -> Floats:
        """What is drawn for ``texts`` (n,) in a user's words: (n, 384).

        Raises:
            UsageError: one says nothing.
            TrainingError: the text encoder is not installed, or another one was used.
        """
        if not all(text.strip() for text in texts):
            raise UsageError(
                f"--text: says nothing; the model was shown captions by {self.caption!r}"
            )
        if self.encoder != minilm.NAME:
            raise TrainingError(
                f"this model was shown texts by {self.encoder}, which this Salon does not have; "
                f"train it anew"
            )
        return self.vectors(minilm.embed([" ".join(text.split()) for text in texts]))


def read_words(description: dict[str, Any]) -> Words:
    """What a description of kind ``text`` says of texts.

    Raises:
        TrainingError: it does not.
    """
    try:
        return Words.model_validate_json(json.dumps(description))
    except ValidationError as error:
        raise TrainingError(
            "what the model is drawn of cannot be read from its file; train it anew"
        ) from error


def text_vectors(facts: pa.Table, params: ResidualTrain, work: Path) -> Conditioned:
    """The vectors of the captions of all ``facts``; the mean is that of the images trained on.

    Raises:
        ParamsError: the template asks for what no listing says.
        TrainingError: all images to train on have one caption, or the text encoder is missing.
    """
    captions = captions_of(facts, template_of(params.caption or ""))
    is_shown = np.asarray(facts["split"].to_pylist()) == Split.TRAIN
    shown = [caption for caption, shows in zip(captions, is_shown, strict=True) if shows]
    different = sorted(set(shown))
    if len(different) < 2:
        one = (different or [""])[0]
        raise TrainingError(
            f"train.caption: all {len(shown):,} images to train on have one caption, {one!r}, so "
            f"that nothing can be learnt of it; name more fields"
        )
    log.say(f"condition: {len(different):,} different captions to train on: {_some(different)}")
    embeddings = embeddings_of(captions, path_in(work))
    mean = embeddings[is_shown].mean(axis=0, dtype=np.float64)
    spread = np.square(embeddings[is_shown] - mean).mean()
    words = Words(
        caption=params.caption or "",
        encoder=minilm.NAME,
        mean=tuple(mean.tolist()),
        scale=float(1 / np.sqrt(spread)),
    )
    return Conditioned(words.vectors(embeddings), words.model_dump(mode="json"))


def _some(captions: Sequence[str]) -> str:
    """The first, the middle and the last of them."""
    return "; ".join(repr(captions[place]) for place in (0, len(captions) // 2, -1))
