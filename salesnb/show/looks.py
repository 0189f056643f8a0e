"""The kit's look for charts that an analyst draws: seaborn's white grid, the kit's colours, Chinese letters."""

import warnings
from functools import cache
from typing import Any

import matplotlib as mpl
import seaborn as sns
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
        **sns.axes_style("whitegrid"),
        "axes.prop_cycle": cycler(color=COLOURS),
        "axes.edgecolor": GRID,
        "axes.labelcolor": MUTED,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": INK,
        "axes.titlelocation": "left",
        "axes.unicode_minus": False,
        "font.family": [family, *latin] if family else latin,
        "grid.color": GRID,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
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
