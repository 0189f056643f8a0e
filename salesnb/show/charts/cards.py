"""Key figures, at most seven: value, target, gap, light, and the trend where rows by month are given."""

from collections.abc import Callable, Sequence
from typing import Any

from salesnb import words
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.metrics.covered import ALL
from salesnb.show.charts.marks import drawn, style_of
from salesnb.show.light import rated
from salesnb.show.numbers import figure
from salesnb.show.sentence import column_name, member
from salesnb.show.text import escaped, fact_link

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

    def written(column: str) -> str:
        if few is not None and column != "target":
            return ""
        value = number_of(row[column]) if column in finding.rows.columns else None
        return "" if value is None else figure(value, finding.unit(column, position), lang, style_of(column))

    target = written("target")
    aim = words.text("show", "target_of" if target else "no_target", lang, value=target) + _of_part(row, lang)
    rating = rated(text_of(row["light"]), lang) if "light" in finding.rows.columns else ""
    cases = _cases(finding, position, lang)
    trend = _trend(finding, kpi, lang) if few is None else ""
    value = written("actual")
    opened, closed = (fact_link(finding.fact_name("actual", position)), "</a>") if finding.front and value else ("", "")
    return (
        f'<li>{opened}<span class="snb-name">{escaped(member("kpi", kpi, lang))}</span>'
        f'<span class="snb-value">{value or figure(None, "", lang)}</span><span class="snb-aim">{aim}{cases}</span>'
        f'<span class="snb-gap">{written("gap")}</span>{closed}'
        f'<span class="snb-rating">{rating}{_attained(written, kpi, lang)}</span>{trend}</li>'
    )


def _of_part(row: Any, lang: str) -> str:
    """Say which share of a figure its target is for, where it is not all."""
    share = number_of(row["covered"]) if "covered" in row else None
    if share is None or share >= ALL:
        return ""
    key = "of_all_sales" if text_of(row["kpi"]) in {"sales", "attainment"} else "of_figure"
    clause = escaped(words.text("show", f"covered.{key}", lang, share=figure(share, "rate", lang)))
    return f" {clause}" if lang == "en" else clause


def _cases(finding: Finding, position: int, lang: str) -> str:
    """Return how many cases a rate rests on; blank for other figures."""
    cases = number_of(finding.rows["cases"].iloc[position]) if "cases" in finding.rows.columns else None
    return "" if cases is None else " · " + words.text("show", "cases", lang, count=f"{cases:,.0f}")


def _attained(written: Callable[[str], str], kpi: str, lang: str) -> str:
    """Return how much of the target is reached; of attainment itself that would be said twice."""
    attained = written("attainment") if kpi != "attainment" else ""
    name = column_name("attainment", lang)
    return f'<span class="snb-attained"><span class="snb-hide">{name} </span>{attained}</span>' if attained else ""


def _trend(finding: Finding, kpi: str, lang: str) -> str:
    """Return the small line of a figure's months, the last one marked, over the dashed line of its targets.

    Months of too few cases are left out.
    """
    frame = finding.rows
    if "month" not in frame.columns:
        return ""
    rows = zip(frame["kpi"].tolist(), frame["month"].tolist(), strict=True)
    own = [i for i, (of, month) in enumerate(rows) if of == kpi and text_of(month)]
    shown = [i for i in own if finding.too_few("actual", i) is None]
    actual = [(i, v) for i in shown if (v := number_of(frame["actual"].iloc[i])) is not None]
    if len(actual) < 3:
        return ""
    aims = [number_of(frame["target"].iloc[i]) for i, _ in actual]
    target = [a for a in aims if a is not None] if None not in aims else []
    values = [v for _, v in actual]
    place = _scaled([*values, *target], len(values))
    dashed = f'<polyline points="{_points(place, target)}" {_DASHED}/>' if target else ""
    x, y = place(len(values) - 1, values[-1])
    return (
        f'<svg class="snb-trend" width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        f' aria-label="{words.text("show", "trend_of", lang)}">{dashed}<polyline points="{_points(place, values)}"'
        f' {_LINE}/><circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="var(--accent,#1d5a96)"/></svg>'
    )


_LINE = 'fill="none" stroke="var(--bars,#868d95)" stroke-width="1.3"'
_DASHED = 'fill="none" stroke="var(--muted,#5a6068)" stroke-width="1" stroke-dasharray="2 3"'

Place = Callable[[int, float], tuple[float, float]]


def _scaled(all_of_them: Sequence[float], count: int) -> Place:
    """Return where the nth value lies in the drawing, which holds the lowest and the highest."""
    low, high = min(all_of_them), max(all_of_them)
    step = (_WIDTH - 2 * _EDGE) / (count - 1)
    tall = (_HEIGHT - 2 * _EDGE) / (high - low or 1)
    return lambda n, value: (_EDGE + n * step, _HEIGHT - _EDGE - (value - low) * tall)


def _points(place: Place, values: Sequence[float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(n, v) for n, v in enumerate(values)))
