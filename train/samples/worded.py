"""Pictures of what a user says in words, by models that were shown captions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.core.errors import UsageError
from train.conditions.caption_vectors import read_words
from train.export.model_file import Model

KIND: Final = "text"
"""Of the condition of such a model."""


def of_texts(model: Model, texts: Sequence[str], count: int) -> Model:
    """The same generator, drawing ``count`` pictures of each of ``texts``, text by text.

    Raises:
        UsageError: it draws of no texts, or one says nothing.
        TrainingError: the text encoder is not installed.
    """
    if model.condition.get("kind") != KIND:
        raise UsageError(
            "--text: this model was shown no captions; train one with train.condition: text"
        )
    vectors = read_words(model.condition).asked(texts)
    return model.of_vectors(vectors.repeat(count, axis=0))
