"""What seaborn draws, put on a sheet: lines, without axes and text, which the sheet writes itself."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from salesnb.show.canvas import Sheet
from salesnb.show.palette import named

_DPI = 72
"""Points are pixels."""


@contextmanager
def plot(on: Sheet) -> Iterator[Axes]:
    """Give axes that lie on those of a sheet, with its limits; lines drawn on them stand on the sheet afterwards.

    They have no ticks and no text, which take most of the time of a drawing. Seaborn's style holds inside, and only
    there, whatever the settings outside are.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(sns.axes_style("white"))
        figure = Figure(figsize=(on.width / _DPI, on.height / _DPI), dpi=_DPI)
        figure.patch.set_visible(False)
        across, tall = on.width - on.left - on.right, on.height - on.top - on.bottom
        place = (on.left / on.width, on.bottom / on.height, across / on.width, tall / on.height)
        axes = figure.add_axes(place, xlim=on.across, ylim=on.down[::-1])
        axes.set_axis_off()
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(NullLocator())
        axes.autoscale(False)
        yield axes
        on.parts += _lines(figure)


def _lines(figure: Figure) -> list[str]:
    """Return the lines of a figure as elements of a page: colours by name, no more digits than show."""
    out = io.StringIO()
    figure.savefig(out, format="svg", dpi=_DPI)
    found = re.findall(r"<path d=[^>]*/>", out.getvalue())
    return [_lean(path) for path in found]


def _lean(path: str) -> str:
    path = re.sub(r"#[0-9a-f]{6}", lambda m: named(m[0]), path)
    path = re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}", path)
    return re.sub(r"\s*\n\s*", " ", path).replace(' "', '"')
