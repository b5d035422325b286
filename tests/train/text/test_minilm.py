"""What `make setup-dev` installs is needed here: without it these tests are skipped, and say so."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from pipeline.core.errors import TrainingError
from train.text import minilm

WEATHER = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
PUBLISHED = ((1.0, 0.6660, 0.1046), (0.6660, 1.0, 0.1411), (0.1046, 0.1411, 1.0))
"""Their similarities by this model, as the documentation of sentence-transformers prints them."""
TEXTS = (*WEATHER, "", "steel", "Kestrane Pelagos, Green dial, 1998", "x" * 300, "Café № 7 🙂")


def test_similarities_are_those_that_others_print() -> None:
    vectors = minilm.embed(WEATHER)
    assert np.abs(vectors @ vectors.T - np.array(PUBLISHED)).max() < 1e-4


def test_a_vector_has_length_one_and_depends_on_its_text_alone() -> None:
    vectors = minilm.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), minilm.DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert minilm.embed(TEXTS[::-1])[::-1].tobytes() == vectors.tobytes()
    assert np.concatenate([minilm.embed([text]) for text in TEXTS]).tobytes() == vectors.tobytes()
    assert len({vector.tobytes() for vector in vectors}) == len(TEXTS)


def test_capitals_make_no_difference_and_what_is_too_long_is_not_read() -> None:
    lower, upper = minilm.embed(["green dial", "GREEN Dial"])
    assert lower.tobytes() == upper.tobytes()
    long = "watch " * minilm.MOST_TOKENS
    whole, longer = minilm.embed([long, long + "green"])
    assert whole.tobytes() == longer.tobytes()


@torch.no_grad()
def test_torch_s_own_layers_with_the_same_weights_say_the_same() -> None:
    network, tokenizer = minilm._loaded()
    features = network.norm(
        network.words(ids := torch.tensor(tokenizer.encode(TEXTS[5]).ids))
        + network.positions.weight[: len(ids)]
        + network.kinds.weight[0]
    )[None]
    for layer in network.layers:
        theirs = nn.TransformerEncoderLayer(
            minilm.DIMENSIONS, 12, 1536, 0.0, "gelu", 1e-12, batch_first=True
        ).eval()
        theirs.load_state_dict(_named_as_torch(layer))
        features = theirs(features)
    mean = features[0].mean(dim=0)
    assert torch.allclose(
        mean / mean.norm(), torch.from_numpy(minilm.embed(TEXTS[5:6])[0]), atol=1e-6
    )


def _named_as_torch(layer: nn.Module) -> dict[str, torch.Tensor]:
    ours = layer.state_dict()
    named = {
        f"self_attn.in_proj_{kind}": torch.cat(
            [ours[f"{n}.{kind}"] for n in ("query", "key", "value")]
        )
        for kind in ("weight", "bias")
    }
    places = {
        "attended": "self_attn.out_proj", "widen": "linear1", "narrow": "linear2",
        "attention_norm": "norm1", "norm": "norm2",
    }  # fmt: skip
    for name, theirs in places.items():
        named |= {f"{theirs}.{kind}": ours[f"{name}.{kind}"] for kind in ("weight", "bias")}
    return named


def test_without_the_package_a_sentence_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(minilm, "_PACKAGES", ("salon_has_no_such_package", "tokenizers"))
    minilm._loaded.cache_clear()
    with pytest.raises(TrainingError, match=r"run `make text`, which installs it \(84 MB\)"):
        minilm.embed(["steel"])


def test_other_weights_than_those_expected_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "other_weights"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"torn")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(minilm, "_PACKAGES", ("other_weights", "tokenizers"))
    minilm._loaded.cache_clear()
    with pytest.raises(
        TrainingError, match=r"model\.safetensors: not the file expected; run `make"
    ):
        minilm.embed(["steel"])
    assert "other_weights" not in sys.modules, "its code was run"
