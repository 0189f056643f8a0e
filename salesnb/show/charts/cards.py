"""Key figures, at most seven: value, target, gap, light, and the trend where rows by month are given."""

from __future__ import annotations

from salesnb import words
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.charts.marks import drawn
from salesnb.show.light import rated
from salesnb.show.numbers import figure
from salesnb.show.sentence import column_name, member
from salesnb.show.text import escaped

_MOST = 7
_WIDTH, _HEIGHT, _EDGE = 96, 28, 4


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the cards as a list."""
    frame = finding.rows
    monthly = "month" in frame.columns
    positions = [p for p in drawn(finding) if not monthly or not text_of(frame["month"].iloc[p])]
    cards = "".join(_card(finding, p, lang) for p in positions[:_MOST])
    return f'<ul class="snb-cards" aria-label="{escaped(label)}">{cards}</ul>'


def _card(finding: Finding, position: int, lang: str) -> str:
    row = finding.rows.iloc[position]
    kpi = text_of(row["kpi"])

    few = finding.too_few("actual", position)

    def written(column: str, style: str = "") -> str:
        if few is not None and column != "target":
            return ""
        value = number_of(row[column]) if column in finding.rows.columns else None
        return "" if value is None else figure(value, finding.unit(column, position), lang, style)

    target = written("target")
    aim = words.text("show", "target_of" if target else "no_target", lang, value=target)
    rating = rated(text_of(row["light"]), lang) if "light" in finding.rows.columns else ""
    attained = written("attainment")
    cases = _cases(finding, position, lang)
    trend = _trend(finding, kpi, lang) if few is None else ""
    return (
        f'<li><span class="snb-name">{escaped(member("kpi", kpi, lang))}</span>'
        f'<span class="snb-value">{written("actual") or figure(None, "", lang)}</span>'
        f'<span class="snb-aim">{aim}{cases}</span><span class="snb-gap">{written("gap", "signed")}</span>'
        f'<span class="snb-rating">{rating}{_attained(attained, lang)}</span>{trend}</li>'
    )


def _cases(finding: Finding, position: int, lang: str) -> str:
    """Return how many cases a rate rests on; blank for other figures."""
    cases = number_of(finding.rows["cases"].iloc[position]) if "cases" in finding.rows.columns else None
    return "" if cases is None else " · " + words.text("show", "cases", lang, count=f"{cases:,.0f}")


def _attained(attained: str, lang: str) -> str:
    name = column_name("attainment", lang)
    return (
        f'<span class="snb-attained"><span class="snb-hide">{name} </span>{attained}</span>'
        if attained
        else ""
    )


def _trend(finding: Finding, kpi: str, lang: str) -> str:
    """Return the small line of a figure's months, with the last one marked; months of too few cases are left out."""
    frame = finding.rows
    if "month" not in frame.columns:
        return ""
    rows = zip(frame["kpi"].tolist(), frame["month"].tolist(), frame["actual"].tolist(), strict=True)
    own = [
        (i, number_of(actual)) for i, (of, month, actual) in enumerate(rows) if of == kpi and text_of(month)
    ]
    values = [v for i, v in own if v is not None and finding.too_few("actual", i) is None]
    if len(values) < 3:
        return ""
    low, high = min(values), max(values)
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)
    tall = (_HEIGHT - 2 * _EDGE) / (high - low or 1)
    points = [(_EDGE + i * step, _HEIGHT - _EDGE - (v - low) * tall) for i, v in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg class="snb-trend" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{words.text("show", "trend_of", lang)}"><polyline points="{line}" fill="none"'
        f' stroke="var(--bars,#868d95)" stroke-width="1.3"/><circle cx="{x:.1f}" cy="{y:.1f}" r="3"'
        ' fill="var(--accent,#1d5a96)"/></svg>'
    )
