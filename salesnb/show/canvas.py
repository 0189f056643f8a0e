"""A sheet to draw on, measured in CSS pixels, and its way to an SVG that stands in a page.

Bars, straight lines and text stand at places known beforehand, so they are written as they are: a plotting library
takes a hundred times as long, most of it to measure text that the reader's browser sets anyway. The text of a chart
stays text, in the page's font; colours are names that a page may change. The bytes depend on nothing but what is
drawn.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from salesnb.show.palette import GRID, INK, MUTED, named
from salesnb.show.text import escaped
from salesnb.show.text import width as text_width

WIDE, NARROW = 680, 358

_MIDDLE = 0.44
"""From the middle of a line of text down to its baseline, as a share of its size."""

_ASCENT = 0.88
"""From the top of a line of text down to its baseline, as a share of its size."""

_ROOMY = 1.15
"""Times what text takes by `salesnb.show.text.width`: in the widest fonts, with a gap to the next."""

_ABOVE, _BELOW = 10, 3.5
"""Pixels between the axes and the text above them, and beneath or beside them."""


@dataclass
class Sheet:
    """One drawing of ``width`` by ``height`` pixels; what is drawn at data coordinates lies within its margins.

    ``across`` are the values at the left and right edge of the axes, ``down`` those at their top and bottom.
    """

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    across: tuple[float, float] = (0.0, 1.0)
    down: tuple[float, float] = (0.0, 1.0)
    parts: list[str] = field(default_factory=list)

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

    def x(self, value: float) -> float:
        """Return the pixels from the left at which a value lies."""
        first, last = self.across
        return self.left + (value - first) / (last - first) * (self.width - self.left - self.right)

    def value_at(self, x: float) -> float:
        """Return the value that lies at a place given in pixels from the left."""
        first, last = self.across
        return first + (x - self.left) / (self.width - self.left - self.right) * (last - first)

    def y(self, value: float) -> float:
        """Return the pixels from the top at which a value lies."""
        first, last = self.down
        return self.top + (value - first) / (last - first) * (self.height - self.top - self.bottom)

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        colour: str = INK,
        bold: bool = False,
        anchor: str = "start",
        size: int | None = None,
        absolute: bool = False,
        dx: float = 0.0,
        dy: float = 0.0,
    ) -> None:
        """Write text whose middle is at data coordinates, moved by pixels to the right and down.

        ``absolute`` takes ``x`` in pixels from the sheet's left.
        """
        size = size or self.size
        at = x if absolute else self.x(x)
        self._write(at + dx, self.y(y) + dy + _MIDDLE * size, text, colour, size, anchor, bold)

    def head(
        self, x: float, text: str, *, anchor: str = "start", absolute: bool = False, above: float = _ABOVE
    ) -> None:
        """Write above the axes what stands beneath."""
        self._write(x if absolute else self.x(x), self.top - above, text, MUTED, self.small, anchor)

    def foot(self, x: float, text: str, *, below: float = _BELOW) -> None:
        """Write beneath the axes what a place on them is."""
        at = self.height - self.bottom + below + _ASCENT * self.small
        self._write(self.x(x), at, text, MUTED, self.small, "middle")

    def foot_at(self, x: float, text: str) -> None:
        """Write beneath the axes what a place is that is given in pixels from the sheet's left."""
        at = self.height - self.bottom + _BELOW + _ASCENT * self.small
        self._write(x, at, text, MUTED, self.small, "middle")

    def put_at(
        self, x: float, y: float, text: str, *, colour: str = INK, bold: bool = False, anchor: str = "start"
    ) -> None:
        """Write text whose middle is at a place in pixels."""
        self._write(x, y + _MIDDLE * self.size, text, colour, self.size, anchor, bold)

    def bar(
        self, start: float, end: float, row: float, tall: float, fill: str, *, edge: str = "", thick: float = 0
    ) -> None:
        """Draw a bar from one value to another, ``tall`` rows tall, with an edge where one is given."""
        x, y = self.x(min(start, end)), self.y(row - tall / 2)
        # A theme rounds the corners of all lines; a bar's edge keeps them.
        stroke = f' style="stroke-linejoin:miter" stroke="{named(edge)}" stroke-width="{_short(thick)}"' if edge else ""
        self._rectangle(x, y, self.x(max(start, end)), self.y(row + tall / 2), fill, stroke)

    def upright(self, value: float, colour: str, thick: float = 1.0) -> None:
        """Draw a line at a value from top to bottom, the part of it that lies within the axes."""
        at, edge = self.x(value), self.width - self.right
        start, end = max(at - thick / 2, self.left), min(at + thick / 2, edge)
        self._rectangle(start, self.top, end, self.height - self.bottom, colour)

    def stroke(self, value: float, start: float, end: float, colour: str, thick: float) -> None:
        """Draw an upright line at a value from one row to another."""
        at = self.x(value)
        self._rectangle(at - thick / 2, self.y(start), at + thick / 2, self.y(end), colour)

    def level(self, value: float, colour: str) -> None:
        """Draw a line at a value from left to right, the part of it that lies within the axes."""
        at, edge = self.y(value), self.height - self.bottom
        upper, lower = max(at - 0.5, self.top), min(at + 0.5, edge)
        self._rectangle(self.left, upper, self.width - self.right, lower, colour)

    def dot(self, x: float, y: float, colour: str, radius: float) -> None:
        """Draw a filled circle."""
        place = f'cx="{_short(self.x(x))}" cy="{_short(self.y(y))}" r="{_short(radius)}"'
        self.parts.append(f'<circle {place} fill="{named(colour)}"/>')

    def slant(self, start: tuple[float, float], end: tuple[float, float], colour: str, thick: float) -> None:
        """Draw a straight line between two points of the axes."""
        (x, y), (right, lower) = start, end
        first = f'x1="{_short(self.x(x))}" y1="{_short(self.y(y))}"'
        last = f'x2="{_short(self.x(right))}" y2="{_short(self.y(lower))}"'
        self.parts.append(f'<line {first} {last} stroke="{named(colour)}" stroke-width="{_short(thick)}"/>')

    def run(self, points: Iterable[tuple[float, float]], colour: str, thick: float, dashes: str = "") -> None:
        """Draw one line through points of the axes; ``dashes`` are lengths of strokes and gaps in pixels."""
        places = " ".join(f"{_short(self.x(x))},{_short(self.y(y))}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        drawn = f'stroke="{named(colour)}" stroke-width="{_short(thick)}"{dashed}'
        self.parts.append(f'<polyline points="{places}" fill="none" {drawn}/>')

    def box(self, x: float, y: float, wide: float, tall: float, colour: str) -> None:
        """Draw a rectangle in pixels from the sheet's corner."""
        self._rectangle(x, y, x + wide, y + tall, colour)

    def shape(self, x: float, y: float, shape: str, colour: str) -> None:
        """Draw a shape of twelve pixels, as the lights have, from its left edge around a row's middle."""
        moved = f'<g transform="translate({_short(x)} {_short(self.y(y) - 6)})"'
        self.parts.append(f'{moved} fill="{named(colour)}">{shape}</g>')

    def value_axis(self, ticks: Sequence[float], write: Callable[[float], str], *, vertical: bool = False) -> None:
        """Draw the grid of the values and what they are, beneath it or, on a vertical axis, at its left."""
        every = 1 if vertical else self._apart(ticks, write)
        zero = ticks.index(0) if 0 in ticks else 0
        for number, tick in enumerate(ticks):
            if vertical:
                self.level(tick, GRID)
                at = self.y(tick) + _MIDDLE * self.small
                self._write(self.left - _BELOW, at, write(tick), MUTED, self.small, "end")
            else:
                self.upright(tick, GRID)
                if (number - zero) % every == 0:
                    self.foot(tick, write(tick))

    def _apart(self, ticks: Sequence[float], write: Callable[[float], str]) -> int:
        """Return which of the values on a horizontal axis are written so that none runs into the next: every n-th."""
        if len(ticks) < 2:
            return 1
        widest = max(text_width(write(tick)) for tick in ticks) * self.small * _ROOMY
        step = min(abs(self.x(b) - self.x(a)) for a, b in pairwise(ticks))
        return max(1, math.ceil(widest / step)) if step > 0 else 1

    def svg(self, label: str) -> str:
        """Return the drawing as an ``<svg>`` for a page, with ``label`` as its text for those who cannot see it."""
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        # Hidden where there is no style sheet that chooses; any rule of one is stronger than the attribute.
        kind = 'snb-narrow" display="none' if self.narrow else "snb-wide"
        head = f'<svg class="{kind}" role="img" aria-label="{escaped(label)}"'
        return "\n".join([f'{head} {size} xmlns="http://www.w3.org/2000/svg">', *self.parts, "</svg>"])

    def _rectangle(self, x: float, y: float, right: float, lower: float, fill: str, more: str = "") -> None:
        place = f'x="{_short(x)}" y="{_short(y)}" width="{_short(right - x)}" height="{_short(lower - y)}"'
        self.parts.append(f'<rect {place} fill="{named(fill)}"{more}/>')

    def _write(self, x: float, y: float, text: str, colour: str, size: int, anchor: str, bold: bool = False) -> None:
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        weight = ' font-weight="600"' if bold else ""
        place = f'x="{_short(x)}" y="{_short(y)}" font-size="{size}"'
        self.parts.append(f'<text {place} fill="{named(colour)}"{side}{weight}>{escaped(text)}</text>')


def _short(pixels: float) -> str:
    """Write pixels with no more digits than show."""
    return f"{pixels:.2f}".rstrip("0").rstrip(".")
