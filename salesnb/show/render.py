"""A finding as HTML in one language: its sentence, its evidence; and the head of a notebook."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from salesnb import words
from salesnb.findings.finding import Finding, Say, text_of
from salesnb.schema import table
from salesnb.scope import Scope
from salesnb.show.canvas import NARROW, WIDE
from salesnb.show.charts import DRAWN, FORMS
from salesnb.show.charts.marks import drawn, left_over
from salesnb.show.light import rated
from salesnb.show.numbers import day, period_text
from salesnb.show.sentence import cited_html, cited_text, kept_text, listed, sentence_text, table_name, team_text
from salesnb.show.table import table_html, table_of
from salesnb.show.text import escaped, fact_link, whole_clauses


class Scoped(Protocol):
    """Anything that knows its scope, such as a loaded case."""

    @property
    def scope(self) -> Scope:
        """What is spoken about."""
        ...


def sentence_html(finding: Finding, lang: str) -> str:
    """Return the headline and the notes of a finding."""
    said = _said(finding, finding.headline, lang, whole_clauses)
    notes = [f'<p class="snb-remark">{_said(finding, note, lang, escaped)}</p>' for note in finding.notes]
    light = f'<p class="snb-stands">{rated(finding.light, lang)}</p>' if finding.light else ""
    remarks = "\n".join(([light] if light else []) + notes)  # on a line of their own: they may run on as one paragraph
    return f'<div class="snb snb-sentence" lang="{lang}"><p class="snb-said">{said}</p>\n{remarks}</div>'


def _said(finding: Finding, say: Say, lang: str, safe: Callable[[str], str]) -> str:
    """Return a sentence as HTML; on a first screen each of its figures can be led to what proves it."""
    if not finding.front:
        return safe(sentence_text(finding, say, lang))
    text, names = cited_text(finding, say, lang)
    return cited_html(safe(text), [fact_link(name) for name in names])


def evidence_html(finding: Finding, lang: str, widths: tuple[int, ...] = (WIDE, NARROW)) -> str:
    """Return chart and table, or what a finding would need to have some.

    ``widths`` are those that drawn charts are drawn in; a page shows the one that fits.
    """
    if finding.missing:
        return _box(f'<p class="snb-needs">{escaped(needs_text(finding, lang))}</p>', lang)
    chart = finding.chart
    drawing, table = _drawing(finding, lang, widths), _table(finding, lang)
    if not drawing and not (chart and chart.form == "folded"):
        return _box(table, lang)
    opened = words.text("show", "table_open", lang)
    below = f"<details><summary>{opened}</summary>{table}</details>" if table else ""
    return _box(drawing + below, lang)


_MANY_COLUMNS = 6


def evidence_width(finding: Finding) -> str:
    """Tell how wide a page sets it: ``cards`` and ``wide`` tables take the whole width, ``plain`` leaves a margin."""
    form = finding.chart.form if finding.chart and not finding.front and len(finding.rows) else "table"
    if form in {"table", "folded"}:
        shown = table_of(finding, finding.scope.langs[0]).columns
        columns = [c for c in shown if not (finding.front and c.name == "month")]
        return "wide" if len(columns) > _MANY_COLUMNS else "plain"
    return "cards" if form == "cards" else "plain"


def front_html(finding: Finding, lang: str) -> tuple[str, str]:
    """Return the drawing for the first screen, blank without one, and the table for further down, open."""
    drawing = _drawing(finding, lang, (WIDE, NARROW)) if finding.chart and drawn(finding) else ""
    table = _table(finding, lang)
    if "month" in finding.rows.columns:
        now = finding.rows["month"].map(text_of) == ""
        opened = words.text("show", "months_open", lang)
        first = _table(replace(finding, rows=finding.rows[now], table=_all_but_month(finding)), lang)
        table = f"{first}<details><summary>{opened}</summary>{table}</details>"
    return (_box(drawing, lang) if drawing else ""), _box(table, lang)


def _all_but_month(finding: Finding) -> tuple[str, ...]:
    return tuple(c for c in finding.table or tuple(finding.rows.columns) if c != "month")


def _title(finding: Finding, lang: str) -> str:
    chart = finding.chart
    return sentence_text(finding, chart.title if chart and chart.title else finding.headline, lang)


def _table(finding: Finding, lang: str) -> str:
    return table_html(finding, lang, words.text("show", "table_of", lang, title=_title(finding, lang)))


def _drawing(finding: Finding, lang: str, widths: tuple[int, ...]) -> str:
    """Return the drawing with its title, blank where the table speaks alone."""
    chart, title = finding.chart, _title(finding, lang)
    drawing = FORMS[chart.form](finding, lang, title, widths=widths) if chart else ""
    if not chart or not drawing:
        return ""
    own = " snb-own" if chart.title else ""
    kind = "snb-drawn" if chart.form in DRAWN else "snb-built"
    caption = f'<figcaption class="snb-title{own}">{escaped(title)}</figcaption>'
    more = left_over(finding) if chart.form in DRAWN else 0
    note = words.text("show", "more_marks", lang, count=f"{more:,}") if more else ""
    rest = f'<p class="snb-more">{note}</p>' if note else ""
    return f'<figure class="{kind}">{caption}{drawing}{rest}</figure>'


def needs_text(finding: Finding, lang: str) -> str:
    """Say in one line a table what a finding needs, with its columns."""
    return " ".join(
        words.text(
            "show",
            "needs",
            lang,
            table=table_name(m.table, lang),
            columns=listed([_column_name(m.table, c, lang) for c in m.columns], lang),
        )
        for m in finding.missing
    )


def masthead_html(case: Scoped, lang: str) -> str:
    """Return the line above a notebook: team, period, as of which day, and which tables are not there."""
    scope = case.scope
    parts = [
        f"<strong>{escaped(team_text(scope.team, lang))}</strong> {escaped(period_text(scope.period.name, lang))}",
        words.text("show", "masthead.as_of", lang, day=day(scope.as_of, lang)),
        data_cut(scope, lang),
    ]
    if not scope.complete:
        parts.append(f"<b>{words.text('show', 'masthead.provisional', lang)}</b>")
    absent = sorted(getattr(case, "absent", ()))
    names = escaped(listed([table_name(t, lang) for t in absent], lang))
    spans = "".join(f"<span>{part}</span>" for part in parts)
    note = f'<p class="snb-absent">{words.text("show", "masthead.absent", lang, tables=names)}</p>' if absent else ""
    kept = escaped(kept_text(scope.audience, scope.rights.kept, lang))
    note += f'<p class="snb-absent">{kept}</p>' if kept else ""
    return _box(f'<p class="snb-head">{spans}</p>{note}', lang)


def data_cut(scope: Scope, lang: str) -> str:
    """Say which days the data reach."""
    first, last = day(scope.history_start, lang), day(scope.as_of, lang)
    return words.text("show", "masthead.data_cut", lang, first=first, last=last)


def _column_name(name: str, column: str, lang: str) -> str:
    return table(name).columns[column].zh[0] if lang == "zh" else column


def _box(inner: str, lang: str) -> str:
    return f'<div class="snb snb-evidence" lang="{lang}">{inner}</div>'
