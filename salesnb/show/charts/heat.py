"""A crossing of two dimensions as a table: behind is blue, ahead is grey, with the totals of rows and columns."""

from collections.abc import Iterable

from salesnb import words
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.charts.marks import chart_of, drawn, style_of
from salesnb.show.numbers import Scale, currency_unit, figure, money_scale
from salesnb.show.sentence import column_name, member
from salesnb.show.text import escaped, width

Cells = dict[tuple[str, str], tuple[int, float | None]]
"""Row and column -> where the cell stands among the finding's rows, and its value."""

_SHADES = 4

_LONG = 10
"""Ems above which a name may wrap."""


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the table; rows and columns stand in the order of the finding's rows."""
    columns = chart_of(finding).columns
    rows, across = columns["row"], columns["column"]
    cells = _cells(finding)
    downs = _ordered(r for r, _ in cells)
    overs = _ordered(c for _, c in cells)
    scale = _scale(finding, cells, lang)
    head = f'<th scope="col">{escaped(column_name(rows, lang))}</th>' + "".join(
        f'<th scope="col">{_name(across, c, lang)}</th>' for c in overs
    )
    inner = [v for (row, column), (_, v) in cells.items() if row and column and v is not None]
    largest = max((-v for v in inner if v < 0), default=0.0), max((v for v in inner if v > 0), default=0.0)
    body = "".join(
        _row(_name(rows, r, lang), [_cell(finding, cells, (r, c), largest, scale, lang) for c in overs], total=not r)
        for r in downs
    )
    return (
        f'<div class="snb-scroll" tabindex="0" role="group" aria-label="{escaped(label)}">'
        f'<table class="snb-heat"><caption>{escaped(_caption(finding, scale, lang))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(finding: Finding) -> Cells:
    columns, frame = chart_of(finding).columns, finding.rows
    rows, across, values = (frame[columns[role]].tolist() for role in ("row", "column", "value"))
    return {(text_of(rows[p]), text_of(across[p])): (p, number_of(values[p])) for p in drawn(finding)}


def _ordered(members: Iterable[str]) -> list[str]:
    """Return members once each, in order, the total (blank) last."""
    found = dict.fromkeys(members)
    return [m for m in found if m] + [m for m in found if not m]


def _name(column: str, value: str, lang: str) -> str:
    name = member(column, value, lang) if value else words.text("show", "total", lang)
    return f'<span class="snb-long">{escaped(name)}</span>' if width(name) > _LONG else escaped(name)


def _row(name: str, cells: list[str], *, total: bool) -> str:
    kind = ' class="snb-total"' if total else ""
    return f'<tr{kind}><th scope="row">{name}</th>{"".join(cells)}</tr>'


def _cell(
    finding: Finding, cells: Cells, place: tuple[str, str], largest: tuple[float, float], scale: Scale | None, lang: str
) -> str:
    position, value = cells.get(place, (None, None))
    shade = "" if value is None else _shade(value, largest)
    written = "" if position is None else _written(finding, position, value, scale, lang)
    return f'<td class="{shade if all(place) else "snb-sum"}">{written}</td>'


def _written(finding: Finding, position: int, value: float | None, scale: Scale | None, lang: str) -> str:
    column = chart_of(finding).columns["value"]
    if scale:
        return scale.write_apart(value, signed=bool(style_of(column)))
    return figure(value, finding.unit(column, position), lang, style_of(column))


def _shade(value: float, largest: tuple[float, float]) -> str:
    """Return one of four blues for what is behind, one of two greys for what is ahead, each against its own most."""
    most = largest[value > 0]
    share = abs(value) / most if most else 0.0
    if value < 0:
        return f"snb-b{min(_SHADES, 1 + int(share * _SHADES))}"
    return f"snb-g{1 + int(share >= 0.5)}" if value > 0 else ""


def _largest(values: Iterable[float | None]) -> float:
    return max((abs(v) for v in values if v is not None), default=0.0)


def _scale(finding: Finding, cells: Cells, lang: str) -> Scale | None:
    units = {finding.unit(chart_of(finding).columns["value"], p) for p, _ in cells.values()}
    return money_scale(_largest(v for _, v in cells.values()), lang) if units == {"money"} else None


def _caption(finding: Finding, scale: Scale | None, lang: str) -> str:
    column = chart_of(finding).columns["value"]
    name = column_name(column, lang)
    if scale:
        unit = currency_unit(finding.scope.settings.company.currency, scale.letter, lang)
        name = words.text("show", "unit_in_head", lang, name=name, unit=unit)
    return f"{name}{words.text('show', 'stop', lang)}{words.text('show', 'shades', lang)}"
