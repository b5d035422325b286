"""Figures as inline SVG whose colours are the page's own, so that they follow light and dark.

A figure is drawn with placeholder colours; in the finished SVG each is replaced by the CSS
variable of the page. Text stays text: it takes the page's typeface, and can be selected.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

INK, MUTED, RULE = "#000001", "#000002", "#000003"
KEEP, REJECT, THIRD = "#000004", "#000005", "#000006"
_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    KEEP: "var(--keep)",
    REJECT: "var(--reject)",
    THIRD: "var(--third)",
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 3.0,
    "ytick.major.size": 0.0,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Threshold:
    """A number that a rule compares with."""

    value: float


@dataclass(frozen=True)
class Measure:
    """One number an image, over kept and rejected ones, with the threshold of its rule."""

    title: str
    unit: str
    kept: Numbers
    rejected: Numbers
    threshold: Threshold | None
    logarithmic: bool = False


_BINS = 36
PANELS_A_ROW = 3


def distributions(name: str, measures: Sequence[Measure]) -> Markup:
    """Histograms side by side, kept stacked on rejected, each with its threshold."""

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1, len(measures), squeeze=False)[0]
        for panel, measure in zip(panels, measures, strict=True):
            _histogram(panel, measure)
        panels[0].set_ylabel("images")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles[:2], labels[:2], loc="outside lower left", ncols=2)

    return _svg(name, (9.6, 2.9), draw)


def _histogram(axes: Axes, measure: Measure) -> None:
    edges = bin_edges(measure)
    axes.hist(
        [measure.kept, measure.rejected],
        bins=edges.tolist(),
        stacked=True,
        color=[KEEP, REJECT],
        label=["kept", "left out"],
        rwidth=0.86,
    )
    if measure.logarithmic:
        axes.set_xscale("log")
        ticks = logarithmic_ticks(float(edges[0]), float(edges[-1]))
        axes.set_xticks(ticks, [f"{tick:.10g}" for tick in ticks])
        axes.minorticks_off()
    axes.set_title(measure.title)
    axes.set_xlabel(measure.unit)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    if measure.threshold is not None:
        _mark(axes, measure.threshold)


def _mark(axes: Axes, threshold: Threshold) -> None:
    axes.axvline(threshold.value, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
    _label(axes, threshold.value, f"{threshold.value:g}", INK)


def _label(axes: Axes, place: float, words: str, colour: str) -> None:
    """Words at the upper end of a vertical line."""
    axes.annotate(
        words,
        (place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, -1),
        textcoords="offset points",
        va="top",
        color=colour,
        fontsize=8.0,
    )


def bin_edges(measure: Measure) -> Numbers:
    """Bin edges over all values; a threshold is always one of them, so no bar straddles it."""
    marks = [] if measure.threshold is None else [measure.threshold.value]
    values = np.concatenate([measure.kept, measure.rejected, marks])
    if values.size == 0:
        return np.array([0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    if measure.logarithmic:
        low, high = max(low, 1e-3), max(high, 1e-3)
        edges = np.geomspace(low, max(high, low * 1.01), _BINS + 1)
    else:
        edges = np.linspace(low, max(high, low + 1e-6), _BINS + 1)
    if marks:
        inner = edges[1:-1]
        inner[np.argmin(np.abs(inner - marks[0]))] = marks[0]
    return np.unique(edges)


_FEWEST_TICKS, _MOST_TICKS = 3, 6
"""Six labels are what a panel has room for, side by side."""


def logarithmic_ticks(low: float, high: float) -> list[float]:
    """Two to seven round ticks of a logarithmic axis from ``low`` to ``high``, both above 0.

    They are 1, 2 and 5 times the powers of ten; where these are too many, 1 and 3 times or some
    of the powers; where they are too few, as from 236 to 392, round steps of the same length.
    """
    lowest, highest = math.floor(math.log10(low)), math.ceil(math.log10(high))
    powers = [10.0**decade for decade in range(lowest, highest + 1)]
    for factors in ((1, 2, 5), (1, 3), (1,)):
        ticks = _between(low, high, [factor * power for power in powers for factor in factors])
        if len(ticks) <= _MOST_TICKS:
            break
    if len(ticks) >= _FEWEST_TICKS:
        return ticks[:: math.ceil(len(ticks) / _MOST_TICKS)]
    same_length = MaxNLocator(nbins=_MOST_TICKS, steps=[1, 2, 2.5, 5, 10])
    return _between(low, high, same_length.tick_values(low, high))


def _between(low: float, high: float, ticks: Iterable[float]) -> list[float]:
    return [float(tick) for tick in ticks if low <= tick <= high]


def curves(
    name: str, kimg: Numbers, series: Mapping[str, Numbers], steps: Mapping[float, str]
) -> Markup:
    """A panel a line over the thousands of images shown, with a labelled mark at each step."""
    rows = math.ceil(len(series) / PANELS_A_ROW)
    columns = math.ceil(len(series) / rows)

    def draw(figure: Figure) -> None:
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
        for panel, (label, values) in zip(panels, series.items(), strict=False):
            panel.plot(kimg, values, color=KEEP, linewidth=1.3)
            panel.set_title(label)
            panel.margins(x=0.01, y=0.12)
            panel.yaxis.set_major_locator(MaxNLocator(nbins=5))
            for place, words in steps.items():
                panel.axvline(place, color=MUTED, linewidth=0.5, linestyle=(0, (1, 2)))
                _label(panel, place, words, MUTED)
        for unused in panels[len(series) :]:
            unused.set_axis_off()
        figure.supxlabel("thousands of real images shown", color=MUTED, fontsize=9)

    return _svg(name, (9.6, 2.6 * rows), draw)


def _svg(name: str, size_in: tuple[float, float], draw: Callable[[Figure], None]) -> Markup:
    """What ``draw`` draws, as SVG for the middle of a page; ``name`` keeps its ids apart."""
    buffer = io.BytesIO()
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=size_in, layout="constrained")
        draw(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return Markup(_inline(buffer.getvalue().decode()))  # noqa: S704 - our own words and numbers


_GROUP_ID = re.compile(r'<g id="[^"]*"')
_TYPEFACE = re.compile(r" font-family: [^;]+;")


def _inline(svg: str) -> str:
    """Only the <svg> element, without ids that two figures would share, without a typeface."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<defs>\s*<style type="text/css">.*?</style>\s*</defs>', "", svg, flags=re.DOTALL)
    svg = _GROUP_ID.sub("<g", svg)
    svg = _TYPEFACE.sub("", svg)
    for placeholder, variable in _VARIABLES.items():
        svg = svg.replace(placeholder, variable)
    return svg
