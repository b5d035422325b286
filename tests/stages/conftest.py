"""What several tests of the stages begin with; none of them changes it."""

from __future__ import annotations

import pytest

from pipeline.core.paths import Paths
from pipeline.stages import scrape
from tests.stages.paintings import PAINTINGS


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A capture of the gallery that nothing interrupted."""
    paths = Paths(tmp_path_factory.mktemp("undisturbed"), "paintings")
    scrape.run(paths, PAINTINGS)
    return paths
