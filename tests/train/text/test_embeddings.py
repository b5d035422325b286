from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import TrainingError
from train.text import embeddings, minilm
from train.text.embeddings import embeddings_of
from train.text.minilm import Embeddings

CAPTIONS = ("steel, 1998", "gold", "", "steel, 1998", "leather", "rubber strap", "Café")


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that went through the network."""
    made: list[str] = []
    embed = minilm.embed

    def noted(texts: Sequence[str]) -> Embeddings:
        made.extend(texts)
        return embed(texts)

    monkeypatch.setattr(minilm, "embed", noted)
    monkeypatch.setenv("SALON_WORKERS", "1")
    return made


def test_each_caption_is_embedded_once_in_all_runs(tmp_path: Path, embedded: list[str]) -> None:
    path = embeddings.path_in(tmp_path)
    some = embeddings_of(CAPTIONS[:4], path)
    assert sorted(embedded) == ["", "gold", "steel, 1998"]
    assert some[0].tobytes() == some[3].tobytes() != some[1].tobytes()
    every = embeddings_of(CAPTIONS[::-1], path)
    assert sorted(embedded) == sorted(set(CAPTIONS))
    assert every[::-1][:4].tobytes() == some.tobytes()


def test_the_table_is_the_same_in_any_order_and_by_any_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "_CHUNK", 2)
    tables = []
    for workers, order in (("1", 1), ("2", -1)):
        monkeypatch.setenv("SALON_WORKERS", workers)
        path = tmp_path / workers / "captions.parquet"
        vectors = embeddings_of(CAPTIONS[::order], path)[::order]
        tables.append((path.read_bytes(), vectors.tobytes()))
    monkeypatch.setenv("SALON_WORKERS", "1")
    path = tmp_path / "bit by bit.parquet"
    for caption in CAPTIONS:
        embeddings_of([caption], path)
    tables.append((path.read_bytes(), embeddings_of(CAPTIONS, path).tobytes()))
    assert tables[0] == tables[1] == tables[2]
    assert np.allclose(
        np.linalg.norm(np.frombuffer(tables[0][1], np.float32).reshape(7, -1), axis=1), 1
    )


def test_without_the_package_no_process_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "_PACKAGES", ("salon_has_no_such_package",))
    with pytest.raises(TrainingError, match="run `make text`"):
        embeddings_of(CAPTIONS, tmp_path / "captions.parquet")
    assert not list(tmp_path.iterdir())
