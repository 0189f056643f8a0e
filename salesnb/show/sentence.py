"""Sentences: a template of the words files, its slots filled from the rows that the finding picked."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from salesnb import words
from salesnb.findings.columns import DAYS, PERIODS, PLACES
from salesnb.findings.finding import RECORDED, WITHHELD, Finding, Say, number_of, text_of
from salesnb.metrics.covered import ALL
from salesnb.metrics.registry import metrics
from salesnb.schema import table
from salesnb.scope import WHOLE_COMPANY
from salesnb.show.numbers import NOT_AVAILABLE, day_text, figure, period_text
from salesnb.show.text import plain, shortened

_SLOT = re.compile(r"\{([a-z_]+)(?:\.([a-z_]+))?(?::([a-z-]+))?\}")
_TWICE = re.compile(r"(?<!\.)\.\.(?=\s|$)")
Picks = Mapping[str, int | tuple[int, ...]]
_NAME_STYLE, _SHORT_STYLE, _DURING_STYLE = "name", "short", "during"
_MEMBER = 33.5
"""Ems that a member in the style ``short`` may take: a long name must not push a verdict onto a third line."""

_OPEN, _CLOSE, _SINGLE = "\ue000", "\ue001", "\ue002"
_AFTER_ONE = re.compile(
    rf"{_SINGLE}({_CLOSE}?)"
    r"( (?:open |closed |new |working )?(?!(?:was|this|stays|less|has|miss)\b)[a-z]{2,}s\b)?"
    r"(?:((?: [a-z]+){0,4}?)( were| are| have| carry)\b)?"
)
_OF_ONE = {" were": " was", " are": " is", " have": " has", " carry": " carries"}


def sentence_text(finding: Finding, say: Say, lang: str) -> str:
    """Return a finding's sentence in one language, as plain text on one line.

    Slots: ``{row.column}`` or ``{row.column:style}`` with a row named in ``say.picks`` (styles of `figure`, and
    ``during`` for a period); ``{row.member}`` is whatever identifies the row, ``{row.matter}`` its problem and where
    that is; ``{team}`` and ``{period}`` are those of the scope. A slot whose row or column is absent raises KeyError.
    """
    template = _template(finding, say, lang)
    said = _SLOT.sub(lambda slot: _fill_in_place(finding, say.picks, slot, lang), template)
    return _TWICE.sub(".", _singular(said))  # a name may end with the stop that the sentence brings along: Co., Ltd.


def _template(finding: Finding, say: Say, lang: str) -> str:
    if say.key.startswith(WITHHELD):
        return str(words.entry("audience", say.key.removeprefix(WITHHELD))[lang])
    if say.key.startswith(RECORDED):
        return str(words.entry("recorded", say.key.removeprefix(RECORDED))[lang])
    parts = (str(words.entry(finding.stage, f"{finding.word}.{key}")[lang]) for key in say.key.split("+"))
    template = (" " if lang == "en" else "").join(parts)
    for name, position in say.picks.items():
        if isinstance(position, int) and _in_part(finding, position):
            template = _of_part(template, name, lang)
    return template


def _in_part(finding: Finding, position: int) -> bool:
    share = number_of(finding.rows["covered"].iloc[position]) if "covered" in finding.rows else None
    return share is not None and share < ALL


def _of_part(template: str, row: str, lang: str) -> str:
    """Say beside a row's gap, target or attainment which share of its sales they speak of, in the same sentence."""
    slots = [s for s in _SLOT.finditer(template) if s[1] == row]
    held = [s for s in slots if s[2] in _HELD]
    if not held:
        return template
    sold = next((s for s in slots if s[2] == "sales"), None)
    at = sold.end() if sold else _clause_end(template, held[-1].end())
    clause = words.entry("show", "covered.of_sales" if sold else "covered.beside")[lang]
    return template[:at] + str(clause).replace("{share}", f"{{{row}.covered}}") + template[at:]


_HELD = frozenset({"target", "gap", "gap_left", "attainment"})


def _clause_end(template: str, start: int) -> int:
    """Return where the clause ends that a place lies in; stops within slots end none."""
    outside = _SLOT.sub(lambda slot: "x" * len(slot[0]), template)
    return next((i for i in range(start, len(outside)) if outside[i] in ".;。；"), len(outside))


def kept_text(audience: str, kept: Sequence[str], lang: str) -> str:
    """Say for whom a page is and what it does not show them; empty where nothing is kept from them."""
    if not kept:
        return ""
    parts = ("；" if lang == "zh" else "; ").join(words.text("audience", f"kept.{code}", lang) for code in kept)
    return words.text("audience", "page.told", lang, name=_audience(audience, lang), kept=parts)


def edition_text(audience: str, lang: str) -> str:
    """Return what pages for an audience are called, e.g. ``Public edition``."""
    return words.text("audience", "page.edition", lang, name=_audience(audience, lang))


def as_of_text(scope: Mapping[str, Any], lang: str) -> str:
    """Say as of when the figures of a page are, and whose edition it is where its readers do not see all."""
    said = words.text("show", "masthead.as_of", lang, day=day_text(scope["as_of"], lang))
    return f"{said} · {edition_text(scope['audience'], lang)}" if scope.get("kept") else said


def _audience(audience: str, lang: str) -> str:
    known = words.has("audience", f"names.{audience}")
    return words.text("audience", f"names.{audience}", lang) if known else plain(audience)


def cited_text(finding: Finding, say: Say, lang: str) -> tuple[str, list[str]]:
    """Return a sentence with a mark before and after every figure of one row, and the facts these are, in order.

    The marks are private characters, which text from data is stripped of; `cited_html` turns them into links.
    """
    names: list[str] = []

    def filled(slot: re.Match[str]) -> str:
        name, column, _ = slot.groups(default="")
        text = _fill_in_place(finding, say.picks, slot, lang).replace(_OPEN, "").replace(_CLOSE, "")
        position = say.picks.get(name)
        if column not in metrics() or not isinstance(position, int) or text == NOT_AVAILABLE:
            return text
        names.append(finding.fact_name(column, position))
        return f"{_OPEN}{text}{_CLOSE}"

    template = _template(finding, say, lang)
    return _TWICE.sub(".", _singular(_SLOT.sub(filled, template))), names


def _singular(said: str) -> str:
    """Write what follows a single one as English does: 1 deal was lost; the marks after such figures go."""

    def one(match: re.Match[str]) -> str:
        close, noun, between, verb = match.groups(default="")
        return close + noun.removesuffix("s") + between + _OF_ONE.get(verb, "")

    return _AFTER_ONE.sub(one, said)


def cited_html(html: str, links: list[str]) -> str:
    """Return escaped text in which every marked figure stands in its link, whose opening tags are given in order."""
    opening = iter(links)
    return re.sub(_OPEN, lambda _: next(opening), html).replace(_CLOSE, "</a>")


def _fill_in_place(finding: Finding, picks: Picks, slot: re.Match[str], lang: str) -> str:
    """Fill a slot; what begins a sentence begins with a capital."""
    before = slot.string[: slot.start()].rstrip()
    filled = _fill(finding, picks, slot, lang)
    return capitalised(filled) if not before or before.endswith((".", "?", "!")) else filled


def _fill(finding: Finding, picks: Picks, slot: re.Match[str], lang: str) -> str:
    name, column, style = slot.groups(default="")
    if not column:
        scope = finding.scope
        return {"team": team_text(scope.team, lang), "period": period_text(scope.period.name, lang)}[name]
    position = picks[name]
    if isinstance(position, tuple):
        return listed([_value(finding, column, p, style, lang) for p in position], lang)
    return _value(finding, column, position, style, lang)


def _value(finding: Finding, column: str, position: int, style: str, lang: str) -> str:
    if column == "member":
        said = member_text(finding, position, lang, mid_sentence=True)
        return _cut(said) if style == _SHORT_STYLE else said
    if column == MATTER:
        return matter_text(finding, position, lang)
    value = finding.rows[column].iloc[position]
    if column in metrics():
        written = figure(number_of(value), finding.unit(column, position), lang, style)
        return written + _SINGLE if written == "1" and lang == "en" else written
    said = member(column, text_of(value), lang, mid_sentence=style != _NAME_STYLE)
    return _during(text_of(value), said, lang) if style == _DURING_STYLE else said


def _during(period: str, said: str, lang: str) -> str:
    """Write a period as the time in which something happened: in May 2025, from March to May 2025; 2025年5月."""
    if lang == "zh":
        return said
    return f"from {said}" if ".." in period else f"in {said}"


def _cut(said: str) -> str:
    """Cut a long member; what was closed by a bracket still is."""
    cut = shortened(said, _MEMBER)
    return cut + said[-1] if cut != said and said[-1] in ")）" else cut


def member_text(finding: Finding, position: int, lang: str, *, mid_sentence: bool = False) -> str:
    """Return what identifies a row: its filled dimensions in words, e.g. ``Wu Min × Pumps``.

    What is wrong comes before where: ``smaller orders (North × Pumps)``.
    """
    row = finding.rows.iloc[position]
    return members_text({d: text_of(row[d]) for d in finding.dimensions}, lang, mid_sentence=mid_sentence)


MATTER = "matter"
"""Stands for a column: the problem and the place of a row, without what else identifies it."""


def matter_text(finding: Finding, position: int, lang: str) -> str:
    """Return a row's problem and where in the business it is, without what else identifies the row."""
    row = finding.rows.iloc[position]
    named = {d: text_of(row[d]) for d in finding.dimensions if d == "problem" or d in PLACES}
    return members_text(named, lang, mid_sentence=True)


def members_text(dimensions: Mapping[str, str], lang: str, *, mid_sentence: bool = False) -> str:
    """Return what a row's dimensions say in words; blank ones say nothing."""
    said = {
        d: member(d, value, lang, mid_sentence=mid_sentence)
        for d, value in dimensions.items()
        if value and d != _COMPARED and not said_twice(dimensions, d)
    }
    what = said.pop("problem", "")
    where = " × ".join(said.values())
    if not what or not where:
        return what or where
    return f"{what}（{where}）" if lang == "zh" else f"{what} ({where})"


def said_twice(row: Mapping[str, Any], dimension: str) -> bool:
    """Tell whether a row's problem says already what a dimension would say again: too few new customers, new ones."""
    return bool(words.catalogue("dimensions")["says"].get(text_of(row.get("problem", ""))) == dimension)


_COMPARED = "against"
"""What a row is held against: it tells rows apart, but is no part of whom they speak of."""


def member(column: str, value: str, lang: str, *, mid_sentence: bool = False) -> str:
    """Return a member in words: codes by the catalogue, figures by their names, other text as it is.

    ``mid_sentence`` writes the name of a figure in lower case where English does.
    """
    if column == "kpi" and words.has("metrics", f"{value}.name"):
        name = words.text("metrics", f"{value}.name", lang)
        return lowered(name) if mid_sentence and lang == "en" else name
    for place in (column, "any"):
        node = words.catalogue("dimensions").get("members", {}).get(place, {})
        if value in node:
            return str(node[value][lang])
    if column == "team":
        return team_text(value, lang)
    if column in PERIODS:
        return period_text(value, lang)
    if column in DAYS:
        return day_text(value, lang)
    if column == "fault" and words.has("reasons", value):
        return words.text("reasons", value, lang)
    if column == "field" and words.has("dimensions", f"names.{value}"):
        return words.text("dimensions", f"names.{value}", lang)
    return plain(words.choose(value, lang))


def team_text(team: str, lang: str) -> str:
    """Return a team's name; the whole company has a name of its own in each language."""
    return words.text("show", "whole_company", lang) if team == WHOLE_COMPANY else plain(team)


def lowered(name: str) -> str:
    """Return a name as it is written within an English sentence: small initial, but for acronyms such as KPI."""
    first = name.split(" ")[0]
    return name if any(c.isupper() for c in first[1:]) else name[:1].lower() + name[1:]


def capitalised(text: str) -> str:
    """Return text with a capital first letter."""
    return text[:1].upper() + text[1:]


def column_name(column: str, lang: str) -> str:
    """Return the heading of a column: a figure's, a dimension's or a label's name."""
    if words.has("metrics", f"{column}.name"):
        name = words.text("metrics", f"{column}.name", lang)
        return capitalised(name)
    return words.text("dimensions", f"names.{column}", lang)


def table_name(name: str, lang: str) -> str:
    """Return what readers call a canonical table."""
    return table(name).zh[0] if lang == "zh" else name


def listed(items: list[str], lang: str) -> str:
    """Join items as a reader lists them: A, B and C; A、B和C."""
    if len(items) < 2:
        return "".join(items)
    comma, last = ("、", "和") if lang == "zh" else (", ", " and ")
    return comma.join(items[:-1]) + last + items[-1]
