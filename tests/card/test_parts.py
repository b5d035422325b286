"""Parts of the data card that stand by themselves: words, figures, the choice of examples."""

from __future__ import annotations

import doctest
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.card import templating
from pipeline.card.charts import (
    Measure,
    Threshold,
    bin_edges,
    curves,
    distributions,
    logarithmic_ticks,
)
from pipeline.card.composition import Breakdown
from pipeline.card.dataset import load_dataset, records
from pipeline.card.example_images import spread_over_creators
from pipeline.card.provenance import Moved, moved
from pipeline.card.summary import summary
from pipeline.card.templating import environment
from tests.small_project import build

finite = st.floats(0.01, 1e4)
unhurried = settings(deadline=None)
"""The first example pays for imports."""


def test_the_examples_in_the_docstrings_hold() -> None:
    result = doctest.testmod(templating)
    assert result.attempted >= 6
    assert result.failed == 0


@unhurried
@given(st.lists(finite), st.lists(finite), st.none() | finite, st.booleans())
def test_bins_hold_every_value_and_none_straddles_the_threshold(
    kept: list[float], rejected: list[float], threshold: float | None, logarithmic: bool
) -> None:
    mark = None if threshold is None else Threshold(threshold)
    measure = Measure("", "", np.array(kept), np.array(rejected), mark, logarithmic)
    edges = bin_edges(measure)
    assert np.all(np.diff(edges) > 0)
    values = np.array(kept + rejected)
    slack = 1e-9 * np.abs(edges).max()
    assert np.all((values >= edges[0] - slack) & (values <= edges[-1] + slack))
    if threshold is not None:
        assert threshold in edges


@unhurried
@given(st.floats(1e-3, 1e6), st.floats(1.01, 1e12))
def test_a_logarithmic_axis_has_round_ticks_over_any_range(low: float, ratio: float) -> None:
    ticks = logarithmic_ticks(low, low * ratio)
    assert 2 <= len(ticks) <= 7
    assert len({f"{tick:.10g}" for tick in ticks}) == len(ticks), "no two labels are the same"
    assert all(low <= tick <= low * ratio for tick in ticks)


def test_sides_that_differ_little_have_labelled_ticks() -> None:
    sides = np.linspace(236, 392, 64)
    svg = distributions("sides", [Measure("Shorter side", "pixels", sides, sides, None, True)])
    axis = svg[: svg.index(">pixels<")]
    labels = re.findall(r"<text[^>]*>(\d+)</text>", axis)
    assert labels == ["250", "300", "350"]


@unhurried
@given(st.lists(st.sampled_from(["ana", "bo", None]), max_size=40), st.integers(0, 40))
def test_creators_take_turns(creators: list[str | None], count: int) -> None:
    ids = [f"{number:03d}" for number in range(len(creators))]
    columns = pa.table({"image_id": ids, "creator": pa.array(creators, pa.string())})
    table = columns.to_pandas(types_mapper=pd.ArrowDtype)
    chosen = [row["creator"] for row in records(spread_over_creators(table, count))]
    assert len(chosen) == min(count, len(creators))
    for creator in {*creators}:
        taken = chosen.count(creator)
        if taken < creators.count(creator):
            assert all(chosen.count(other) <= taken + 1 for other in {*creators})


def test_figures_take_the_colours_of_the_page() -> None:
    line = np.arange(5.0)
    measure = Measure("a", "b", line, line + 1, Threshold(2.0))
    for svg in (
        distributions("one", [measure]),
        curves("two", line, {"loss": line}, {2.0: "8 px"}),
    ):
        colours = set(re.findall(r"(?:fill|stroke): ([^;\"]+)", svg))
        assert {"var(--keep)", "var(--muted)"} <= colours
        assert {colour for colour in colours if colour.startswith("#")} == set()
        assert "font-family" not in svg


def test_the_card_says_what_came_went_and_changed() -> None:
    def rows(*spans: tuple[str, str, str]) -> pd.DataFrame:
        names = ("listing_id", "first_capture", "last_capture")
        text = pd.ArrowDtype(pa.string())
        return pd.DataFrame(spans, columns=names, dtype=text).assign(source="wikiart", position=0)

    old, new, newer = "2026-05-04", "2026-06-01", "2026-07-01"
    assert moved(rows(("a", old, old))) is None
    listings = rows(
        ("same", old, newer),
        ("changed", old, new),
        ("changed", newer, newer),
        ("came before", new, newer),
        ("came", newer, newer),
        ("left", new, new),
        ("left as well", old, new),
        ("left before", old, old),
    )
    assert moved(listings) == Moved(came=1, went=2, changed=1, same=2)


def test_the_card_of_own_files_speaks_of_no_site(tmp_path: Path) -> None:
    dataset = load_dataset(build(tmp_path))
    assert not summary(dataset).is_of_own_files
    listings = dataset.listings.assign(source="files")
    images = dataset.images.assign(creator="ada")
    told = summary(replace(dataset, listings=listings, images=images))
    assert told.words.startswith("Own files, captured on ")
    assert told.figures["creator kept"] == "1"
    rights = environment().get_template("rights.html.j2")
    card = {"summary": told, "rights": Breakdown([], 0)}
    assert "site" not in rights.render(card=card).replace("beside", "")
