from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.export.contents import ExportOptions
from pipeline.export.export import ExportResult, export_version
from tests.export.exhibition import NAME, Exhibit, build, exhibits


@dataclass(frozen=True)
class Collection:
    """A finished collection, and what is in it."""

    root: Path
    shown: list[Exhibit]

    def export(
        self, out: Path, form: str, size: str = "64", *rights: str, variants: bool = False
    ) -> ExportResult:
        return export_version(
            self.root, ExportOptions(NAME, form, size, variants, tuple(sorted(rights))), out
        )


@pytest.fixture(autouse=True, scope="session")
def one_process() -> Iterator[None]:
    """Workers take longer to start than these exports take, and outlive a test's limits."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SALON_WORKERS", "1")
        yield


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Thirty images; no test may change it."""
    root = tmp_path_factory.mktemp("exhibition")
    shown = exhibits()
    build(root, shown)
    return Collection(root, shown)


@pytest.fixture(scope="session")
def exported(
    collection: Collection, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Exports by format, size and variants, each made once; no test may change one."""
    folder = tmp_path_factory.mktemp("exported")

    def export(form: str, size: str = "64", *rights: str, variants: bool = False) -> Path:
        out = folder / f"{form}-{size}-{variants}-{'-'.join(rights)}"
        if not out.exists():
            collection.export(out, form, size, *rights, variants=variants)
        return out

    return export
