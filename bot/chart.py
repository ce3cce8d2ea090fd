"""Draws mentions per day as a picture. Runs in a worker process: matplotlib is imported inside, and nowhere else.

Words, dates and numbers come ready in the reader's language; in right-to-left languages time runs to the left.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # it weighs 60 MB, which only the worker is to carry
    from matplotlib.axes import Axes

CERTAIN, TO_CHECK, GRID = "#1f5fa8", "#a9c6e8", "#d9d9d9"
WIDTH, PANEL, HEAD, DOTS = 8.0, 1.9, 1.3, 140
"""Inches, and dots an inch: readable on a phone."""
DATES = 6
"""Labels on the axis of days."""


@dataclass(frozen=True, slots=True)
class Series:
    """One name: articles a day, the oldest day first."""

    name: str
    certain: tuple[int, ...]
    to_check: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that is drawn, in words already."""

    title: str
    axis: str
    """What the vertical axis counts."""
    certain: str
    """The words of the legend."""
    to_check: str
    days: tuple[str, ...]
    """A label for each day."""
    series: tuple[Series, ...]
    right_to_left: bool = False


def draw(chart: Chart) -> bytes:
    """A PNG."""
    _have_a_cache()
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib.figure import Figure

    mpl.rcParams["font.family"] = "DejaVu Sans"  # comes with matplotlib, and has Arabic
    mpl.rcParams["text.usetex"] = False
    mpl.rcParams["text.parse_math"] = False  # a $ in a name is a dollar
    number = len(chart.series)
    single = number == 1
    figure = Figure(figsize=(WIDTH, HEAD + PANEL * (2 if single else number)), dpi=DOTS, layout="constrained")
    panels: list[Axes] = list(figure.subplots(number, 1, sharex=True, squeeze=False)[:, 0])
    side: Literal["left", "right"] = "right" if chart.right_to_left else "left"
    figure.suptitle(chart.title, fontsize=14, fontweight="bold")
    most = max((sum(each) for one in chart.series for each in zip(one.certain, one.to_check, strict=True)), default=0)
    for panel, series in zip(panels, chart.series, strict=True):
        _panel(panel, series, chart, top=max(most, 1))
        panel.set_title(series.name, loc=side, fontsize=11)
    if chart.right_to_left:
        panels[0].invert_xaxis()  # and so every other one, which share it
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False, fontsize=10)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _panel(panel: Axes, series: Series, chart: Chart, *, top: int) -> None:
    from matplotlib.ticker import MaxNLocator

    places = range(len(chart.days))
    panel.bar(places, series.certain, color=CERTAIN, width=0.85, label=chart.certain)
    panel.bar(places, series.to_check, bottom=series.certain, color=TO_CHECK, width=0.85, label=chart.to_check)
    panel.set_ylim(0, top * 1.15)
    panel.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    panel.grid(axis="y", color=GRID, linewidth=0.6)
    panel.set_axisbelow(True)
    shown = _spread(len(chart.days))
    panel.set_xticks(shown, [chart.days[place] for place in shown], fontsize=9)
    for edge in ("top", "left" if chart.right_to_left else "right"):
        panel.spines[edge].set_visible(False)
    panel.set_xlim(-0.7, len(chart.days) - 0.3)
    panel.set_ylabel(chart.axis, fontsize=9)
    if chart.right_to_left:
        panel.yaxis.tick_right()
        panel.yaxis.set_label_position("right")


def _spread(days: int) -> Sequence[int]:
    """The days that have a label: the last one, and some before at equal distances."""
    step = max(1, -(-days // DATES))
    return range((days - 1) % step, days, step)


def _have_a_cache() -> None:
    """matplotlib keeps a list of fonts; where the home folder is read-only (a container), beside temporary files."""
    folder = Path(tempfile.gettempdir()) / f"guetteur-matplotlib-{os.getuid()}"
    os.environ.setdefault("MPLCONFIGDIR", str(folder))
