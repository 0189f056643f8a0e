"""The kit's look for charts that an analyst draws: a white sheet with a quiet grid, the kit's colours, Chinese letters.

matplotlib's settings alone: every notebook puts it on, and few draw, so that seaborn need not be imported for it.
"""

import warnings
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib.rcsetup import cycler

from salesnb.errors import problem
from salesnb.show.letters import chinese_family
from salesnb.show.palette import ACCENT, AMBER, BARS, GREEN, GRID, INK, MUTED, RED

COLOURS = (ACCENT, BARS, AMBER, GREEN, RED, INK)


def look() -> Any:  # matplotlib types each setting by its name
    """Return matplotlib's settings for the kit's look, with a font that has Chinese letters where there is one."""
    family = chinese_family()
    latin = ["DejaVu Sans"]
    return {
        "axes.axisbelow": True,
        "axes.edgecolor": GRID,
        "axes.facecolor": "white",
        "axes.grid": True,
        "axes.labelcolor": MUTED,
        "axes.prop_cycle": cycler(color=COLOURS),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": INK,
        "axes.titlelocation": "left",
        "axes.unicode_minus": False,
        "figure.facecolor": "white",
        "font.family": [family, *latin] if family else latin,
        "grid.color": GRID,
        "grid.linestyle": "-",
        "lines.solid_capstyle": "round",
        "patch.edgecolor": "white",
        "patch.force_edgecolor": True,
        "text.color": INK,
        "xtick.bottom": False,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "ytick.left": False,
    }


def put_on(*, chinese: bool = True) -> None:
    """Put the kit's look on all charts that follow.

    Where no font has Chinese letters and they are wanted, it is said, once: such letters would be boxes.
    """
    mpl.rcParams.update(look())
    if chinese and not chinese_family():
        _say()


@cache
def _say() -> None:
    warnings.warn(problem("chart_font").text(), stacklevel=3)
