"""The first page of a manager's folder: his teams, how each stands, and what lies in the folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from salesnb import words
from salesnb.formats.memo import all_said, records, sentences
from salesnb.formats.team_report import TeamReport, file_name
from salesnb.report.facts import FACTS_FILE
from salesnb.report.page import page_name
from salesnb.report.style import HTML_LANG, page_style
from salesnb.show.numbers import currency_unit, day_text, figure, period_text
from salesnb.show.sentence import column_name, team_text
from salesnb.show.text import escaped, whole_clauses
from salesnb.stages import MEMO, stage_text

_COLUMNS = ("target", "sales", "gap", "attainment")


@cache
def _style() -> str:
    return resources.files("salesnb.formats").joinpath("bundle.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Part:
    """A team in a manager's folder: its people that are his, whether all of it is, and the files that are there."""

    report: TeamReport
    people: tuple[str, ...]
    whole: bool
    files: frozenset[str]


def front_page(manager: str, parts: Sequence[Part], lang: str, langs: Sequence[str]) -> str:
    """Return the page in one language, with links to it in the others."""
    scope = parts[0].report.scope
    others = "".join(
        f'<a href="{page_name("index", other)}" lang="{HTML_LANG[other]}" hreflang="{HTML_LANG[other]}">'
        f"{words.text('report', 'other_language', lang)}</a>"
        for other in langs
        if other != lang
    )
    as_of = words.text("show", "masthead.as_of", lang, day=day_text(scope["as_of"], lang))
    company = f"<b>{escaped(scope['company'])}</b>" if scope["company"] else ""
    period = escaped(period_text(scope["period"], lang))
    return (
        f'<!DOCTYPE html>\n<html lang="{HTML_LANG[lang]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<title>{escaped(manager)} · {period}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>\n{page_style()}{_style()}\n</style>\n</head>\n<body>\n<header>"
        f'<p class="issue">{company}<span>{as_of}</span><span class="ways">{others}</span></p>'
        f"<h1><b>{escaped(manager)}</b> <span>{period}</span></h1></header>\n<main>\n"
        + "".join(_section(part, lang) for part in parts)
        + "</main>\n</body>\n</html>\n"
    )


def _section(part: Part, lang: str) -> str:
    team = escaped(team_text(part.report.team, lang))
    said = _verdict(part, lang) if part.whole else _word("part", lang)
    table = "" if part.whole else _people(part, lang)
    start = page_name("index", lang)
    if start in part.files:
        team = f'<a href="{_place(part, start)}">{team}</a>'
    return (
        f'<section class="bundle"><h2>{team}</h2><p>{whole_clauses(said)}</p>{table}'
        f"<ul>{''.join(_links(part, lang))}</ul></section>\n"
    )


def _verdict(part: Part, lang: str) -> str:
    """Return the memo's verdict with what it rests on, where that could change it."""
    if MEMO not in part.report.stages or lang not in part.report.langs:
        return _word("no_memo", lang)
    spoken = sentences(part.report.notebook(MEMO), lang)
    return ("" if lang == "zh" else " ").join([spoken["verdict"][0], *all_said(spoken.get("stands_on"))])


def _links(part: Part, lang: str) -> Iterator[str]:
    """Yield links to the team's pages in the order of a reader, then to its other files."""
    pages = [(page_name(stage, lang), stage_text(stage, "name", lang)) for stage in part.report.stages]
    tables = [
        (file_name(stage, lang, "xlsx"), _word("tables", lang, stage=stage_text(stage, "name", lang)))
        for stage in part.report.stages
    ]
    other = [
        (file_name("message", lang, "txt"), _word("message", lang)),
        (file_name("email", lang, "html"), _word("email", lang)),
        (file_name("actions", lang, "ics"), _word("actions", lang)),
        (FACTS_FILE, _word("facts", lang)),
    ]
    for name, text in [*reversed(pages), *reversed(tables), *other]:
        if name in part.files:
            yield f'<li><a href="{_place(part, name)}">{escaped(text)}</a></li>'


def _place(part: Part, name: str) -> str:
    return escaped(quote(f"{part.report.folder}/{name}"))


def _people(part: Part, lang: str) -> str:
    """Return a table of a manager's own people in a team that others lead too."""
    found = list(_rows(part))
    if not found:
        return ""
    unit = currency_unit(part.report.scope["currency"], "", lang).strip()
    heads = "".join(f'<th scope="col">{escaped(column_name(c, lang))}</th>' for c in ("rep", *_COLUMNS))
    body = "".join(
        f'<tr><th scope="row">{escaped(row["rep"])}</th>'
        + "".join(f"<td>{figure(row[c], row['units'][c], lang, 'signed' if c == 'gap' else '')}</td>" for c in _COLUMNS)
        + "</tr>"
        for row in found
    )
    label = escaped(_word("people", lang, currency=unit))
    return (
        f'<div class="box" role="region" tabindex="0" aria-label="{label}"><table><caption>{label}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _rows(part: Part) -> Iterator[dict[str, Any]]:
    if MEMO not in part.report.stages:
        return
    for row in records(part.report.rows(MEMO).get("tracking")):
        if set(row["where"]) == {"rep"} and row["rep"] in part.people:
            yield row


def _word(key: str, lang: str, **fields: object) -> str:
    return words.text("push", f"bundle.{key}", lang, **fields)
