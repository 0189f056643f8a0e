"""What a notebook cell displays: text for checks, HTML for the notebook, both languages for pages."""

from collections.abc import Mapping
from typing import Any

from salesnb import words
from salesnb.data.tables.roster import on_day
from salesnb.findings.finding import Finding
from salesnb.show.mime import FACTS, PAGE, ROWS, SCOPE
from salesnb.show.numbers import day
from salesnb.show.render import (
    Scoped,
    evidence_html,
    evidence_width,
    front_html,
    masthead_html,
    needs_text,
    sentence_html,
)
from salesnb.show.rows import rows_of, rows_text
from salesnb.show.sentence import sentence_text
from salesnb.show.style import style
from salesnb.show.text import plain

Output = dict[str, Any]


def sentence_output(finding: Finding) -> Output:
    """Return the headline with the finding's facts; the text alone is what a notebook keeps and checks."""
    langs = finding.scope.langs
    said = {lang: [sentence_text(finding, s, lang) for s in (finding.headline, *finding.notes)] for lang in langs}
    pages = {lang: sentence_html(finding, lang) for lang in langs}
    about = {"kind": "sentence", "said": {lang: [plain(text) for text in texts] for lang, texts in said.items()}}
    return {
        "text/plain": said[langs[0]][0],
        **_shown(finding, pages[langs[0]], pages, {**about, "front": finding.front}),
        FACTS: {"finding": finding.id, "facts": finding.facts()},
    }


def evidence_output(finding: Finding) -> Output:
    """Return chart and table, the rows as text.

    Of a finding for the first screen a page takes the drawing there, the table below.
    """
    first, *_ = langs = finding.scope.langs
    text = needs_text(finding, first) if finding.missing else rows_text(finding)
    shown, drawings = evidence_html(finding, first), dict[str, str]()
    if finding.front and not finding.missing:
        parts = {lang: front_html(finding, lang) for lang in langs}
        drawings, pages = ({lang: part[i] for lang, part in parts.items()} for i in (0, 1))
    else:
        pages = {lang: shown if lang == first else evidence_html(finding, lang) for lang in langs}
    about = {"kind": "evidence", "front": drawings, "width": evidence_width(finding)}
    return {"text/plain": text, **_shown(finding, shown, pages, about), ROWS: rows_of(finding)}


def _shown(finding: Finding, shown: str, pages: Mapping[str, str], about: Mapping[str, Any]) -> Output:
    """Return what a notebook shows, and for a page what that is in its language where it is anything else."""
    others = {lang: page for lang, page in pages.items() if page != shown}
    return {"text/html": shown, PAGE: {**others, **about, "finding": finding.id, "quiet": _quiet(finding)}}


def _quiet(finding: Finding) -> dict[str, str]:
    """Return what a page says instead of showing the section, by language; empty where the section is shown."""
    if not (finding.quiet or finding.missing):
        return {}
    return {
        lang: f"{sentence_text(finding, finding.headline, lang)} {needs_text(finding, lang)}".strip()
        for lang in finding.scope.langs
    }


def masthead_output(case: Scoped) -> Output:
    """Return the head of a notebook with the style of all that follows, and the scope for the page's own head."""
    scope = case.scope
    first = scope.langs[0]
    said = "".join(masthead_html(case, lang) for lang in scope.langs)
    as_of = words.text("show", "masthead.as_of", first, day=day(scope.as_of, first))
    return {
        "text/plain": f"{scope.team} {scope.period.name} ({as_of})",
        "text/html": f"<style>{style(notebook=True)}</style>{said}",
        PAGE: {"kind": "masthead"},
        SCOPE: scope_of(case),
    }


def scope_of(case: Scoped) -> dict[str, Any]:
    """Return what a page must know of the scope, as plain values."""
    scope = case.scope
    return {
        "team": scope.team,
        "period": scope.period.name,
        "as_of": scope.as_of.isoformat(),
        "history_start": scope.history_start.isoformat(),
        "complete": scope.complete,
        "audience": scope.audience,
        "kept": list(scope.rights.kept),
        "languages": list(scope.langs),
        "company": scope.settings.company.name,
        "currency": scope.settings.company.currency,
        "basis": scope.settings.sales.basis,
        "absent": sorted(getattr(case, "absent", ())),
        "covered": scope.settings.lights.covered,
        "message_bytes": scope.settings.push.message_bytes,
        "managed": _managed(case),
    }


def _managed(case: Scoped) -> list[list[str]]:
    """Return who of the team answers to whom on the as-of day, as pairs of manager and rep, by the roster."""
    roster = getattr(case, "reps", None)
    if roster is None or roster.empty or case.scope.rights.persons != "shown":
        return []
    people = on_day(roster, case.scope.as_of)
    return sorted([manager, rep] for manager, rep in zip(people["manager"], people["rep"], strict=True))
