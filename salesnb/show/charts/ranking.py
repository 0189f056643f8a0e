"""A ranked list: what, how much, a bar for it, and beneath it who, until when, on what evidence."""

from salesnb import words
from salesnb.findings.columns import DAYS, LABELS, PLACES
from salesnb.findings.finding import Finding, number_of, text_of
from salesnb.show.charts.marks import amount, chart_of, drawn
from salesnb.show.numbers import NOT_AVAILABLE, day_text
from salesnb.show.sentence import MATTER, capitalised, column_name, matter_text, member, said_twice
from salesnb.show.text import escaped, shortened

_WHERE = 40.0
"""Ems that a place may take on a first screen; whole it stands in the table."""

_TO_FILL_IN = "fill_in"
"""A remark that people add in the table."""

_UNSAID = frozenset({"rank"})
"""Labels that the order of the list tells."""

_STRONG = frozenset({"owner", "evidence"})
_PLAIN = _STRONG | {"action", "problem_text", "remark", "note", "verdict"}


def draw(finding: Finding, lang: str, label: str) -> str:
    """Return the list; the first rank is the accent."""
    positions = drawn(finding)
    if not positions:
        return f'<p class="snb-none">{words.text("show", "no_rows", lang)}</p>'
    column = chart_of(finding).columns.get("value", "")
    sizes = [abs(number_of(finding.rows[column].iloc[p]) or 0.0) if column else 0.0 for p in positions]
    largest = max(sizes) or 1.0
    items = "".join(_item(finding, p, size / largest * 100, lang) for p, size in zip(positions, sizes, strict=True))
    return f'<ol class="snb-list" aria-label="{escaped(label)}">{items}</ol>'


def _item(finding: Finding, position: int, share: float, lang: str) -> str:
    columns = chart_of(finding).columns
    value = columns.get("value", "")
    size = (amount(finding, value, position, lang) or NOT_AVAILABLE) if value else ""
    colour = "accent" if position in chart_of(finding).accent else "bars"
    bar = f'<span class="snb-bar snb-of-{colour}" style="width:{share:.1f}%"></span>' if share else ""
    name, note = _titled(finding, position, lang), _note(finding, position, lang)
    return (
        f'<li><span class="snb-name">{name}</span><span class="snb-value">{size}</span>'
        f'{bar}<span class="snb-note">{note}</span></li>'
    )


def _titled(finding: Finding, position: int, lang: str) -> str:
    """Return what the row is about, then where: the members of its other dimensions."""
    row, title = finding.rows.iloc[position], chart_of(finding).columns["title"]
    if title == MATTER:
        return _placed(finding, position, lang)
    where = where_of(finding, position, lang)
    name = escaped(capitalised(member(title, text_of(row[title]), lang)))
    return f'{name} <span class="snb-where">{escaped(where)}</span>' if where else name


def _placed(finding: Finding, position: int, lang: str) -> str:
    """Return where in the business the row is, and what it is held against where the chart names that."""
    beside = chart_of(finding).columns.get("beside", "")
    said = member(beside, text_of(finding.rows[beside].iloc[position]), lang) if beside else ""
    name = escaped(capitalised(matter_text(finding, position, lang)))
    if not said:
        return name
    return f'{name} <span class="snb-where">{escaped(words.text("show", "against", lang, what=said))}</span>'


def where_of(finding: Finding, position: int, lang: str) -> str:
    """Return where in the business a row is, blank for all of it."""
    row, title = finding.rows.iloc[position], chart_of(finding).columns["title"]
    own = [d for d in finding.dimensions if d in PLACES and d != title and text_of(row[d])]
    places = [d for d in own if not said_twice(dict(row), d)]
    where = " × ".join(member(d, text_of(row[d]), lang) for d in places)
    return shortened(where, _WHERE) if finding.front else where


def _note(finding: Finding, position: int, lang: str) -> str:
    """Return the labels of a row; a hypothesis never looks like something measured."""
    row, title, parts = finding.rows.iloc[position], chart_of(finding).columns["title"], []
    for column in finding.rows.columns:
        code = text_of(row[column]) if column in LABELS and column != title else ""
        if not code or code == _TO_FILL_IN or column in _UNSAID:
            continue
        dated = column in DAYS and words.has("show", column)
        if dated:
            written = escaped(words.text("show", column, lang, day=day_text(code, lang)))
        else:
            written = escaped(capitalised(member(column, code, lang)))
        if not dated and column not in _PLAIN:
            written = words.text("show", "labelled", lang, name=escaped(column_name(column, lang)), value=written)
        kind = "snb-guess" if code == "hypothesis" else "snb-strong" if column in _STRONG else "snb-quiet"
        parts.append(f'<span class="{kind}">{written}</span>')
    return " ".join(parts)
