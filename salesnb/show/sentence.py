"""Sentences: a template of the words files, its slots filled from the rows that the finding picked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from salesnb import words
from salesnb.findings.finding import Finding, Say, number_of, text_of
from salesnb.metrics.registry import metrics
from salesnb.show.numbers import figure

_SLOT = re.compile(r"\{([a-z_]+)(?:\.([a-z_]+))?(?::([a-z]+))?\}")


def sentence_text(finding: Finding, say: Say, lang: str) -> str:
    """Return a finding's sentence in one language, as plain text.

    Slots: ``{row.column}`` or ``{row.column:style}`` with a row named in ``say.picks``; ``{row.member}`` is
    whatever identifies the row; ``{team}`` and ``{period}`` are those of the scope. A slot whose row or column is absent raises KeyError.
    """
    template = words.entry(finding.stage, f"{finding.word}.{say.key}")[lang]
    return _SLOT.sub(lambda slot: _fill(finding, say.picks, slot, lang), template)


def _fill(
    finding: Finding, picks: Mapping[str, int | tuple[int, ...]], slot: re.Match[str], lang: str
) -> str:
    name, column, style = slot.groups(default="")
    if not column:
        return {"team": finding.scope.team, "period": finding.scope.period.name}[name]
    position = picks[name]
    if isinstance(position, tuple):
        return listed([member(column, text_of(finding.rows[column].iloc[p]), lang) for p in position], lang)
    if column == "member":
        return member_text(finding, position, lang)
    value = finding.rows[column].iloc[position]
    if column in metrics():
        return figure(number_of(value), finding.unit(column, position), lang, style)
    return member(column, text_of(value), lang)


def member_text(finding: Finding, position: int, lang: str) -> str:
    """Return what identifies a row: its filled dimensions in words, e.g. ``Wu Min × Pumps``."""
    row = finding.rows.iloc[position]
    filled = ((d, text_of(row[d])) for d in finding.dimensions)
    return " × ".join(member(d, value, lang) for d, value in filled if value)


def member(column: str, value: str, lang: str) -> str:
    """Return a dimension's member in words: codes by the catalogue, figures by their names, other text as it is."""
    if column == "kpi" and words.has("metrics", f"{value}.name"):
        return words.text("metrics", f"{value}.name", lang)
    for place in (f"members.{column}", "members.any"):
        node = words.catalogue("dimensions")
        for part in place.split("."):
            node = node.get(part, {})
        if value in node:
            return str(node[value][lang])
    return words.choose(value, lang)


def listed(items: list[str], lang: str) -> str:
    """Join items as a reader lists them: A, B and C; A、B和C."""
    if len(items) < 2:
        return "".join(items)
    comma, last = ("、", "和") if lang == "zh" else (", ", " and ")
    return comma.join(items[:-1]) + last + items[-1]
