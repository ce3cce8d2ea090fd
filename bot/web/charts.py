"""Bars over days as inline SVG, drawn on the server: axes, dates, and a table's worth of titles. Pure.

Colours and sizes of letters belong to the style sheet; nothing here comes from a feed unescaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 200
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 10, 28
LABEL_PX = 64
"""Room for one date below the axis."""
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Day:
    """One bar: what is certain at the bottom, what is only possible on top of it."""

    day: date
    certain: int
    possible: int = 0

    @property
    def total(self) -> int:
        return self.certain + self.possible


def bars(
    days: Sequence[Day],
    *,
    label: str,
    dated: Callable[[date], str],
    told: Callable[[Day], str],
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Markup:
    """The chart.

    Args:
        label: what it shows, for those who hear it.
        dated: a day, as short as below an axis.
        told: a day with its figures, as it is shown over its bar.
    """
    top = nice_top(max((each.total for each in days), default=0))
    plot_w, plot_h = width - LEFT - RIGHT, height - TOP - BOTTOM
    parts = [
        Markup('<svg class="chart" role="img" aria-label="{}" viewBox="0 0 {} {}" direction="ltr">').format(
            label, width, height
        ),
        *_grid(top, width, plot_h),
        *_bars(days, top, plot_w, plot_h, told),
        *_dates(days, plot_w, height, dated),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def nice_top(most: int) -> int:
    """The end of the axis: 1, 2 or 5 times a power of ten that holds `most`, or an even number below ten."""
    if most <= 4:
        return max(2, most + most % 2)
    power = int("1" + "0" * (len(str(most)) - 1))
    return next(step * scale for scale in (power, power * 10) for step in STEPS if step * scale >= most)


def _grid(top: int, width: int, plot_h: int) -> Iterator[Markup]:
    for value in dict.fromkeys((0, top // 2, top)):
        y = TOP + plot_h - plot_h * value / top
        yield Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, width - RIGHT, y, y)
        yield Markup('<text class="y" x="{}" y="{:.1f}">{}</text>').format(LEFT - 6, y + 4, value)


def _bars(days: Sequence[Day], top: int, plot_w: int, plot_h: int, told: Callable[[Day], str]) -> Iterator[Markup]:
    slot = plot_w / max(1, len(days))
    bar = max(1.0, min(slot * 0.72, 40.0))
    for number, each in enumerate(days):
        x = LEFT + slot * number + (slot - bar) / 2
        yield Markup("<g><title>{}</title>").format(told(each))
        below = 0
        for kind, value in (("certain", each.certain), ("possible", each.possible)):
            if value:
                high = plot_h * value / top
                y = TOP + plot_h - plot_h * below / top - high
                yield Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    kind, x, y, bar, high
                )
            below += value
        yield Markup('<rect class="hover" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/></g>').format(
            LEFT + slot * number, TOP, slot, plot_h
        )


def _dates(days: Sequence[Day], plot_w: int, height: int, dated: Callable[[date], str]) -> Iterator[Markup]:
    slot = plot_w / max(1, len(days))
    every = max(1, -(-LABEL_PX // max(1, int(slot))))
    for number in range(len(days) - 1, -1, -every):  # today always has its date
        x = LEFT + slot * (number + 0.5)
        yield Markup('<text class="x" x="{:.1f}" y="{}">{}</text>').format(
            x, height - 8, escape(dated(days[number].day))
        )
