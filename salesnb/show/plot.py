"""A sheet to draw on, measured in CSS pixels, and its way to an SVG that stands in a page.

The text of a chart stays text, in the page's font; colours are names that a page may change. The bytes depend on
nothing but what is drawn.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from salesnb.show.canvas import NARROW
from salesnb.show.font import families, stand_ins
from salesnb.show.palette import GRID, INK, MUTED, named
from salesnb.show.text import escaped

# The font to measure with has no bold, and matplotlib would say so on every chart: the page makes marked text bold.
_BOLD = "bold"

_RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "salesnb",
    "text.parse_math": False,
    "axes.unicode_minus": False,
    "figure.dpi": 72,
    "savefig.dpi": 72,
    "patch.linewidth": 0,
    "lines.linewidth": 1.5,
}


@dataclass
class Plot:
    """One drawing: a figure of ``width`` by ``height`` pixels with one pair of axes, whose text goes through `put`."""

    width: int
    height: int
    figure: Figure
    axes: Axes
    texts: list[str] = field(default_factory=list)

    @property
    def narrow(self) -> bool:
        """Whether it is drawn for a phone."""
        return self.width == NARROW

    @property
    def small(self) -> int:
        """Size of axis text in pixels."""
        return 12 if self.narrow else 13

    @property
    def size(self) -> int:
        """Size of labels in pixels."""
        return 13 if self.narrow else 14

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = INK,
        bold: bool = False,
        ha: str = "left",
        va: str = "center_baseline",
        size: int | None = None,
        across: bool = False,
        dx: float = 0.0,
        dy: float = 0.0,
    ) -> None:
        """Write text at data coordinates, moved by pixels; ``across`` takes ``x`` in pixels from the sheet's left."""
        self.texts.append(text)
        transform = self.axes.transData
        if across:
            transform = mpl.transforms.blended_transform_factory(
                mpl.transforms.IdentityTransform(), transform
            )
        moved = transform + mpl.transforms.Affine2D().translate(dx, dy)
        self.axes.text(
            x, y, text, transform=moved, color=colour, ha=ha, va=va, fontsize=size or self.size, clip_on=False,
            gid=_BOLD if bold else None,
        )  # fmt: skip


@contextmanager
def plot(width: int, height: int, *, left: float, right: float, top: float, bottom: float) -> Iterator[Plot]:
    """Give a sheet whose axes lie within margins in pixels; seaborn's theme holds inside, and only there."""
    with mpl.rc_context():
        sns.set_theme(style="white", font=families(), rc=_RC)
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        box = (
            left / width,
            bottom / height,
            (width - left - right) / width,
            (height - top - bottom) / height,
        )
        axes = figure.add_axes(box)
        axes.patch.set_visible(False)
        figure.patch.set_visible(False)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0, colors=MUTED)
        yield Plot(width, height, figure, axes)


def value_axis(
    on: Plot, ticks: list[float], write: Callable[[float], str], *, vertical: bool = False
) -> None:
    """Draw the grid and tick labels of the axis of values."""
    axis = on.axes.yaxis if vertical else on.axes.xaxis
    other = on.axes.xaxis if vertical else on.axes.yaxis
    labels = [write(t) for t in ticks]
    on.texts.extend(labels)
    axis.set_ticks(ticks, labels=labels, fontsize=on.small)
    if not vertical:
        other.set_ticks([])
    on.axes.set_axisbelow(True)
    axis.grid(True, color=GRID, linewidth=1)
    other.grid(False)


def svg(on: Plot, label: str, kind: str) -> str:
    """Return the drawing as an ``<svg>`` element for a page, with ``label`` as its text for those who cannot see it."""
    swap = stand_ins(on.texts)
    for text in on.figure.findobj(mpl.text.Text):
        text.set_text("".join(swap.get(c, c) for c in text.get_text()))
    out = io.StringIO()
    on.figure.savefig(
        out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    body = out.getvalue()
    body = body[body.index(">", body.index("<svg")) + 1 :]
    for missing, stand_in in swap.items():
        body = body.replace(stand_in, missing)
    head = (
        f'<svg class="snb-{kind}" role="img" aria-label="{escaped(label)}" width="{on.width}" height="{on.height}"'
        f' viewBox="0 0 {on.width} {on.height}" xmlns="http://www.w3.org/2000/svg">'
    )
    return head + _tidy(body)


def _tidy(body: str) -> str:
    """Make a drawing part of a page: the page's font, colours by name, ids of its own, no more digits than show."""
    body = re.sub(
        r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>|<defs>\s*</defs>", "", body, flags=re.S
    )
    body = re.sub(rf'(<g id="{_BOLD}">\s*<text) ', r'\1 font-weight="600" ', body)
    wanted = frozenset(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", body))
    own = "s" + hashlib.sha256(body.encode()).hexdigest()[:8]
    # Within tags only: the text of a label may look like any of this.
    body = re.sub(r"<[^>]+>", lambda tag: _tag(tag[0], wanted, own), body)
    return re.sub(r"\n\s*", "\n", body).strip()


def _tag(tag: str, wanted: frozenset[str], own: str) -> str:
    tag = re.sub(r"(?<=[:; ])#[0-9a-f]{6}(?=[;\"])", lambda m: named(m[0]), tag)
    tag = re.sub(r"(font-size: [\d.]+px); font-family: [^;\"]*|font: ([\d.]+px) [^;\"]*", _size, tag)
    tag = re.sub(r' transform="rotate\(-?0 [^"]*"', "", tag)
    tag = re.sub(r"\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}", tag)
    tag = re.sub(r' id="([^"]*)"', lambda m: f' id="{own}{m[1]}"' if m[1] in wanted else "", tag)
    return re.sub(r'(url\(#|href="#)', rf"\1{own}", tag).replace("xlink:href", "href")


def _size(found: re.Match[str]) -> str:
    return found[1] or f"font-size: {found[2]}"
