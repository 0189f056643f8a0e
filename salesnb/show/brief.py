"""What a finding and a case show of themselves at the end of a cell: a sentence and a short table, an overview."""

from typing import Any

from salesnb import words
from salesnb.data.case import Case
from salesnb.findings.finding import Finding, text_of
from salesnb.schema import tables
from salesnb.show.mime import PAGE
from salesnb.show.numbers import day, period_text
from salesnb.show.render import masthead_html, needs_text, sentence_html
from salesnb.show.rows import aligned, rows_text
from salesnb.show.sentence import sentence_text, team_text
from salesnb.show.table import table_html
from salesnb.show.text import escaped

_FEW = 10


def finding_brief(finding: Finding) -> dict[str, Any]:
    """Return a finding's sentence and the first of its rows, as text and as HTML."""
    lang, pages = finding.scope.langs[0], {}
    for other in finding.scope.langs:
        said = sentence_text(finding, finding.headline, other)
        table = table_html(finding, other, words.text("show", "table_of", other, title=said), _FEW)
        shown = f'<div class="snb snb-evidence" lang="{other}">{table}</div>' if table else ""
        pages[other] = sentence_html(finding, other) + shown
    rows = needs_text(finding, lang) if finding.missing else rows_text(finding, _FEW)
    text = f"{sentence_text(finding, finding.headline, lang)}\n\n{rows}"
    return {"text/plain": text, "text/html": pages[lang], PAGE: pages | {"kind": "brief"}}


def case_brief(case: Case) -> dict[str, Any]:
    """Return a case's team, period and day, and each table that is there: its rows, its first and its last day."""
    langs, scope = case.scope.langs, case.scope
    pages = {lang: masthead_html(case, lang) + _case_table(case, lang) for lang in langs}
    as_of = words.text("show", "masthead.as_of", langs[0], day=day(scope.as_of, langs[0]))
    head = f"{team_text(scope.team, langs[0])} {period_text(scope.period.name, langs[0])}, {as_of}"
    lines = [_case_heads(langs[0]), *_case_rows(case)]
    text = f"{head}\n\n{aligned(list(zip(*lines, strict=True)))}"
    return {"text/plain": text, "text/html": pages[langs[0]], PAGE: pages | {"kind": "brief"}}


def _case_heads(lang: str) -> list[str]:
    return [words.text("show", f"case.{head}", lang) for head in ("table", "rows", "first", "last")]


def _case_rows(case: Case) -> list[list[str]]:
    made = []
    for name, table in tables().items():
        frame = getattr(case, name)
        if frame.empty:
            continue
        days = frame[table.date].dropna() if table.date else frame.iloc[:0, 0]
        ends = [text_of(days.min())[:10], text_of(days.max())[:10]] if len(days) else ["", ""]
        made.append([name, f"{len(frame):,}", *ends])
    return made


def _case_table(case: Case, lang: str) -> str:
    heads = "".join(f'<th scope="col">{escaped(head)}</th>' for head in _case_heads(lang))
    lines = "".join(
        f'<tr><th scope="row">{escaped(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, *cells in _case_rows(case)
    )
    body = f'<table class="snb-table"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'
    return f'<div class="snb snb-evidence" lang="{lang}">{body}</div>'
