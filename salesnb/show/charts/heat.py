"""A crossing of two dimensions as a table: behind is blue, ahead is grey, with the totals of rows and columns."""

from __future__ import annotations

from salesnb import words
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.charts.marks import SIGNED, chart_of, drawn
from salesnb.show.numbers import Scale, currency_unit, figure, money_scale
from salesnb.show.sentence import column_name, member
from salesnb.show.text import escaped

Cells = dict[tuple[str, str], int]

_SHADES = 4


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the table; rows and columns stand in the order of the finding's rows."""
    columns = chart_of(finding).columns
    rows, across = columns["row"], columns["column"]
    frame = finding.rows
    cells: Cells = {(text_of(frame[rows].iloc[p]), text_of(frame[across].iloc[p])): p for p in drawn(finding)}
    downs = _ordered(r for r, _ in cells)
    overs = _ordered(c for _, c in cells)
    scale = _scale(finding, cells, lang)
    head = f'<th scope="col">{escaped(column_name(rows, lang))}</th>' + "".join(
        f'<th scope="col">{_name(across, c, lang)}</th>' for c in overs
    )
    body = "".join(_row(finding, cells, (rows, r), overs, scale, lang) for r in downs)
    return (
        f'<div class="snb-scroll" tabindex="0" role="group" aria-label="{escaped(label)}">'
        f'<table class="snb-heat"><caption>{escaped(_caption(finding, scale, lang))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _ordered(members: object) -> list[str]:
    """Return members once each, in order, the total (blank) last."""
    found = dict.fromkeys(members)  # type: ignore[call-overload]
    return [m for m in found if m] + [m for m in found if not m]


def _name(column: str, value: str, lang: str) -> str:
    return escaped(member(column, value, lang) if value else words.text("show", "total", lang))


def _row(
    finding: Finding, cells: Cells, row: tuple[str, str], overs: list[str], scale: Scale | None, lang: str
) -> str:
    column, name = row
    parts = [f'<th scope="row">{_name(column, name, lang)}</th>']
    largest = _largest(finding, cells, inner=True)
    for over in overs:
        position = cells.get((name, over))
        value = (
            None
            if position is None
            else number_of(finding.rows[chart_of(finding).columns["value"]].iloc[position])
        )
        shade = (
            _shade(value, largest)
            if name and over and value is not None
            else "snb-sum"
            if not (name and over)
            else ""
        )
        parts.append(f'<td class="{shade}">{_written(finding, position, value, scale, lang)}</td>')
    kind = "" if name else ' class="snb-total"'
    return f"<tr{kind}>{''.join(parts)}</tr>"


def _written(
    finding: Finding, position: int | None, value: float | None, scale: Scale | None, lang: str
) -> str:
    if position is None:
        return ""
    column = chart_of(finding).columns["value"]
    signed = column in SIGNED
    if scale:
        return scale.write(value, signed=signed)
    return figure(value, finding.unit(column, position), lang, "signed" if signed else "")


def _shade(value: float, largest: float) -> str:
    """Return one of four blues for what is behind, one of two greys for what is ahead."""
    share = abs(value) / largest if largest else 0.0
    if value < 0:
        return f"snb-b{min(_SHADES, 1 + int(share * _SHADES))}"
    return f"snb-g{1 + int(share >= 0.5)}" if value > 0 else ""


def _largest(finding: Finding, cells: Cells, *, inner: bool) -> float:
    column = chart_of(finding).columns["value"]
    wanted = (p for (r, c), p in cells.items() if not inner or (r and c))
    return max(
        (abs(v) for p in wanted if (v := number_of(finding.rows[column].iloc[p])) is not None), default=0.0
    )


def _scale(finding: Finding, cells: Cells, lang: str) -> Scale | None:
    units = {finding.unit(chart_of(finding).columns["value"], p) for p in cells.values()}
    return money_scale(_largest(finding, cells, inner=False), lang) if units == {"money"} else None


def _caption(finding: Finding, scale: Scale | None, lang: str) -> str:
    column = chart_of(finding).columns["value"]
    name = column_name(column, lang)
    if scale:
        unit = currency_unit(finding.scope.settings.company.currency, scale.letter, lang)
        name = words.text("show", "unit_in_head", lang, name=name, unit=unit)
    return f"{name}{words.text('show', 'stop', lang)}{words.text('show', 'shades', lang)}"
