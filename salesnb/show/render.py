"""A finding as HTML in one language: its sentence, its evidence; and the head of a notebook."""

from __future__ import annotations

from typing import Protocol

from salesnb import words
from salesnb.data.schema import table
from salesnb.findings.finding import Finding
from salesnb.scope import Scope
from salesnb.show.canvas import NARROW, WIDE
from salesnb.show.charts import DRAWN, FORMS
from salesnb.show.numbers import day, period_text
from salesnb.show.sentence import listed, sentence_text, table_name, team_text
from salesnb.show.table import table_html
from salesnb.show.text import escaped, whole_clauses


class Scoped(Protocol):
    """Anything that knows its scope, such as a loaded case."""

    @property
    def scope(self) -> Scope:
        """What is spoken about."""
        ...


def sentence_html(finding: Finding, lang: str) -> str:
    """Return the headline and the notes of a finding."""
    said = whole_clauses(sentence_text(finding, finding.headline, lang))
    notes = "".join(
        f'<p class="snb-remark">{escaped(sentence_text(finding, note, lang))}</p>' for note in finding.notes
    )
    return f'<div class="snb snb-sentence" lang="{lang}"><p class="snb-said">{said}</p>{notes}</div>'


def evidence_html(finding: Finding, lang: str, widths: tuple[int, ...] = (WIDE, NARROW)) -> str:
    """Return chart and table, or what a finding would need to have some.

    ``widths`` are those that drawn charts are drawn in; a page shows the one that fits.
    """
    if finding.missing:
        return _box(f'<p class="snb-needs">{escaped(needs_text(finding, lang))}</p>', lang)
    chart = finding.chart
    title = sentence_text(finding, chart.title if chart and chart.title else finding.headline, lang)
    drawing = FORMS[chart.form](finding, lang, title, widths=widths) if chart else ""
    table = table_html(finding, lang, words.text("show", "table_of", lang, title=title))
    opened = words.text("show", "table_open", lang)
    below = f"<details><summary>{opened}</summary>{table}</details>" if table else ""
    if not drawing:
        return _box(below if chart and chart.form == "folded" else table, lang)
    own = " snb-own" if chart and chart.title else ""
    kind = "snb-drawn" if chart and chart.form in DRAWN else "snb-built"
    caption = f'<figcaption class="snb-title{own}">{escaped(title)}</figcaption>'
    figure = f'<figure class="{kind}">{caption}{drawing}</figure>'
    return _box(figure + below, lang)


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
    note = (
        f'<p class="snb-absent">{words.text("show", "masthead.absent", lang, tables=names)}</p>'
        if absent
        else ""
    )
    return _box(f'<p class="snb-head">{spans}</p>{note}', lang)


def data_cut(scope: Scope, lang: str) -> str:
    """Say which days the data reach."""
    first, last = day(scope.history_start, lang), day(scope.as_of, lang)
    return words.text("show", "masthead.data_cut", lang, first=first, last=last)


def _column_name(name: str, column: str, lang: str) -> str:
    return table(name).columns[column].zh[0] if lang == "zh" else column


def _box(inner: str, lang: str) -> str:
    return f'<div class="snb snb-evidence" lang="{lang}">{inner}</div>'
