"""A figure over time, beside it what it was last year or was expected to be, and the target it is held against."""

from salesnb import words
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.canvas import Sheet
from salesnb.show.charts.marks import axis_title, chart_of, drawn, nice_ticks, span, tick
from salesnb.show.numbers import figure, short_period
from salesnb.show.palette import ACCENT, BARS, INK, MUTED
from salesnb.show.sentence import column_name
from salesnb.show.text import width as text_width

_WIDE_HEIGHT, _NARROW_HEIGHT = 240, 210
_TOP, _BOTTOM, _LEFT = 28, 40, 52
_APART = 16


def draw(finding: Finding, lang: str, width: int, label: str) -> str:
    """Return the drawing for one width."""
    series = _series(finding)
    ends = _ends(finding, series, lang)
    right = min(max(text_width(text) for _, text, _ in ends) * 14 + 14, width * 0.34) if ends else 8
    height = _NARROW_HEIGHT if width < 400 else _WIDE_HEIGHT
    count = len(drawn(finding))
    low, high = span([v for _, values in series for v in values])
    highest = high * 1.05 or 1.0
    on = Sheet(width, height, _LEFT, right, top=_TOP, bottom=_BOTTOM, down=(highest, low))
    on.across = (-0.2, max(count - 0.8, 0.2))
    column = chart_of(finding).columns["value"]
    unit = finding.unit(column, drawn(finding)[-1]) if drawn(finding) else ""
    _months(on, finding, lang)
    on.value_axis(nice_ticks(low, highest, 4, unit), lambda t: tick(t, unit, lang), vertical=True)
    _lines(on, series)
    _end_labels(on, ends, count - 1, (highest - low) / (height - _TOP - _BOTTOM))
    on.head(0, axis_title(finding, column, lang), absolute=True, above=14)
    _events(on, finding, lang)
    return on.svg(label)


def _series(finding: Finding) -> list[tuple[str, list[float | None]]]:
    columns = chart_of(finding).columns
    roles = [r for r in ("compare", "expected", "target", "value") if r in columns]
    return [(r, [number_of(finding.rows[columns[r]].iloc[p]) for p in drawn(finding)]) for r in roles]


_STYLE = {"value": (ACCENT, 2.0, ""), "compare": (BARS, 1.5, ""), "target": (INK, 1.2, "5 3.5"),
          "expected": (BARS, 1.5, "6 4.5")}  # fmt: skip


def _lines(on: Sheet, series: list[tuple[str, list[float | None]]]) -> None:
    """Draw the lines, across months that are not known too, and a dot where the figure stands now."""
    for role, values in series:
        known = [(x, v) for x, v in enumerate(values) if v is not None]
        if known:
            on.run(known, *_STYLE[role])
        if role == "value" and known:
            on.dot(*known[-1], ACCENT, radius=3)


def _events(on: Sheet, finding: Finding, lang: str) -> None:
    """Put a dot on the line wherever something was noted, and say above what the dots are."""
    column = chart_of(finding).columns.get("event")
    if not column:
        return
    value = chart_of(finding).columns["value"]
    for x, place in enumerate(drawn(finding)):
        at, count = (number_of(finding.rows[c].iloc[place]) for c in (value, column))
        if at is not None and count:
            on.dot(x, at, INK, radius=4.5)
    said = words.text("show", "dots", lang, name=column_name(column, lang))
    on.head(on.width, said, anchor="end", absolute=True, above=14)


def _months(on: Sheet, finding: Finding, lang: str) -> None:
    """Name months below the axis, as many as there is room for, the last one always."""
    column = chart_of(finding).columns["x"]
    months = [text_of(finding.rows[column].iloc[p]) for p in drawn(finding)]
    step = max(1, -(-len(months) // (6 if on.narrow else 12)))
    shown = [i for i in range(len(months)) if (len(months) - 1 - i) % step == 0]
    year = ""
    for i in shown:
        # A year is told where it begins, on a line of its own: thirteen months would else have two of one name.
        on.foot(i, short_period(months[i], lang), below=7)
        if (own := months[i][:4]) != year and short_period(months[i], lang) != months[i]:
            on.foot(i, own, below=22)
            year = own


def _ends(finding: Finding, series: list[tuple[str, list[float | None]]], lang: str) -> list[tuple[float, str, str]]:
    """Return where the lines end, with what is written there: value, text, role."""
    found = []
    for role, values in series:
        last = next((v for v in reversed(values) if v is not None), None)
        if last is None:
            continue
        column = chart_of(finding).columns[role]
        text = figure(last, finding.unit(column, drawn(finding)[-1]), lang)
        word = {"compare": "last_year", "target": "target", "expected": "expected"}.get(role)
        found.append((last, f"{text} {words.text('show', word, lang).lower()}" if word else text, role))
    return sorted(found)


def _end_labels(on: Sheet, ends: list[tuple[float, str, str]], x: float, per_pixel: float) -> None:
    """Write what stands at the ends of the lines, one above the other where they end close together."""
    lowest = float("-inf")
    for value, text, role in ends:
        y = max(value, lowest)
        lowest = y + _APART * per_pixel
        colour = {"value": ACCENT, "compare": MUTED, "expected": MUTED}.get(role, INK)
        on.put(x, y, text, colour=colour, bold=role == "value", dx=9)
