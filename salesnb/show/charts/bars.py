"""Ranked horizontal bars from zero, signed."""

from __future__ import annotations

import seaborn as sns

from salesnb.findings.finding import Finding
from salesnb.show.canvas import Sheet, sheet, svg, value_axis
from salesnb.show.charts.marks import (
    Mark,
    axis_title,
    chart_of,
    label_room,
    marks,
    nice_ticks,
    put_label,
    row_height,
    span,
    tick,
)
from salesnb.show.palette import BARS, INK, MUTED
from salesnb.show.text import width as text_width

_TOP, _BOTTOM, _BAR = 24, 24, 0.58


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    column = chart_of(finding).columns["value"]
    found = marks(finding, lang)
    left = label_room(found, width)
    height = _TOP + _BOTTOM + row_height(found) * len(found)
    with sheet(width, height, left=left, right=2, top=_TOP, bottom=_BOTTOM) as on:
        low, high = _limits(on, found, width - left - 2)
        ticks = nice_ticks(*span([m.value for m in found]), 3 if on.narrow else 5)
        bars(on, found)
        on.axes.set(xlim=(low, high), ylim=(len(found) - 0.5, -0.5), xlabel="", ylabel="")
        unit = finding.unit(column, found[0].position) if found else ""
        value_axis(on, ticks, lambda t: tick(t, unit, lang))
        on.axes.axvline(0, color=INK, linewidth=1)
        for y, mark in enumerate(found):
            put_label(on, y, mark, left, bold=mark.accent)
            behind = (mark.value or 0) < 0
            on.put(
                mark.value or 0,
                y,
                mark.text,
                bold=mark.accent,
                ha="right" if behind else "left",
                dx=-6 if behind else 6,
            )
        on.put(0, -0.5, axis_title(finding, column, lang), size=on.small, colour=MUTED, dy=10, va="baseline")
        return svg(on, label, "narrow" if on.narrow else "wide")


def bars(on: Sheet, found: list[Mark]) -> None:
    """Draw the bars; the accent is the mark that the title names."""
    rows = [str(i) for i in range(len(found))]
    values = [m.value or 0.0 for m in found]
    sns.barplot(
        x=values,
        y=rows,
        ax=on.axes,
        orient="y",
        width=_BAR,
        errorbar=None,
        saturation=1,
        color=BARS,
        linewidth=0,
    )
    for bar, mark in zip(on.axes.patches, found, strict=True):
        bar.set_facecolor(mark.colour)


def _limits(on: Sheet, found: list[Mark], pixels: float) -> tuple[float, float]:
    """Return the limits of the axis that leave room for what is written at the ends of the bars."""
    low, high = span([m.value for m in found])
    before = max((text_width(m.text) * on.size + 10 for m in found if (m.value or 0) < 0), default=0.0)
    after = max((text_width(m.text) * on.size + 10 for m in found if (m.value or 0) >= 0), default=0.0)
    scale = (high - low) / max(pixels - before - after, 40)
    return low - before * scale, high + after * scale
